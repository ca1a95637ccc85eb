# SPDX-License-Identifier: Apache-2.0
# Unit tests of src/cgroup: add the program to UNIT_TESTS and name its source and libraries:
#   UNIT_TESTS += tests/unit/cgroup/test_foo
#   tests_unit_cgroup_test_foo_SOURCES = tests/unit/cgroup/test_foo.c
#   tests_unit_cgroup_test_foo_LDADD = $(CGROUP_LIBS)
