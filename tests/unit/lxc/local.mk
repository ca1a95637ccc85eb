# SPDX-License-Identifier: Apache-2.0
# Unit tests of src/lxc: add the program to UNIT_TESTS and name its source and libraries:
#   UNIT_TESTS += tests/unit/lxc/test_foo
#   tests_unit_lxc_test_foo_SOURCES = tests/unit/lxc/test_foo.c
#   tests_unit_lxc_test_foo_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_devices
tests_unit_lxc_test_devices_SOURCES = tests/unit/lxc/test_devices.c
tests_unit_lxc_test_devices_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_seccomp_profile
tests_unit_lxc_test_seccomp_profile_SOURCES = tests/unit/lxc/test_seccomp_profile.c
tests_unit_lxc_test_seccomp_profile_LDADD = $(LXC_LIBS)
