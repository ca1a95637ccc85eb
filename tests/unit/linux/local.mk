# SPDX-License-Identifier: Apache-2.0
# Unit tests of src/linux: add the program to UNIT_TESTS and name its source and libraries:
#   UNIT_TESTS += tests/unit/linux/test_foo
#   tests_unit_linux_test_foo_SOURCES = tests/unit/linux/test_foo.c
#   tests_unit_linux_test_foo_LDADD = $(LINUX_LIBS)
