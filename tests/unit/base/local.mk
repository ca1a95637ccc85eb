# SPDX-License-Identifier: Apache-2.0
# Unit tests of src/base: add the program to UNIT_TESTS and name its source and libraries:
#   UNIT_TESTS += tests/unit/base/test_foo
#   tests_unit_base_test_foo_SOURCES = tests/unit/base/test_foo.c
#   tests_unit_base_test_foo_LDADD = $(BASE_LIBS)
