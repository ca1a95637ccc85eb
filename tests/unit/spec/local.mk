# SPDX-License-Identifier: Apache-2.0
# Unit tests of src/spec: add the program to UNIT_TESTS and name its source and libraries:
#   UNIT_TESTS += tests/unit/spec/test_foo
#   tests_unit_spec_test_foo_SOURCES = tests/unit/spec/test_foo.c
#   tests_unit_spec_test_foo_LDADD = $(SPEC_LIBS)
