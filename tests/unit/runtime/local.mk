# SPDX-License-Identifier: Apache-2.0
# Unit tests of src/runtime: add the program to UNIT_TESTS and name its source and libraries:
#   UNIT_TESTS += tests/unit/runtime/test_foo
#   tests_unit_runtime_test_foo_SOURCES = tests/unit/runtime/test_foo.c
#   tests_unit_runtime_test_foo_LDADD = $(RUNTIME_LIBS)
