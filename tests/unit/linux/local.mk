# SPDX-License-Identifier: Apache-2.0
# Unit tests of src/linux: add the program to UNIT_TESTS and name its source and libraries:
#   UNIT_TESTS += tests/unit/linux/test_foo
#   tests_unit_linux_test_foo_SOURCES = tests/unit/linux/test_foo.c
#   tests_unit_linux_test_foo_LDADD = $(LINUX_LIBS)

EXTRA_DIST += tests/unit/linux/child.h

UNIT_TESTS += tests/unit/linux/test_caps
tests_unit_linux_test_caps_SOURCES = tests/unit/linux/test_caps.c
tests_unit_linux_test_caps_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_creds
tests_unit_linux_test_creds_SOURCES = tests/unit/linux/test_creds.c
tests_unit_linux_test_creds_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_execpath
tests_unit_linux_test_execpath_SOURCES = tests/unit/linux/test_execpath.c
tests_unit_linux_test_execpath_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_userns_fd
tests_unit_linux_test_userns_fd_SOURCES = tests/unit/linux/test_userns_fd.c
tests_unit_linux_test_userns_fd_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_idmap
tests_unit_linux_test_idmap_SOURCES = tests/unit/linux/test_idmap.c
tests_unit_linux_test_idmap_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_intelrdt
tests_unit_linux_test_intelrdt_SOURCES = tests/unit/linux/test_intelrdt.c
tests_unit_linux_test_intelrdt_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_mount_apply
tests_unit_linux_test_mount_apply_SOURCES = tests/unit/linux/test_mount_apply.c
tests_unit_linux_test_mount_apply_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_mount_opts
tests_unit_linux_test_mount_opts_SOURCES = tests/unit/linux/test_mount_opts.c
tests_unit_linux_test_mount_opts_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_mount_plan
tests_unit_linux_test_mount_plan_SOURCES = tests/unit/linux/test_mount_plan.c
tests_unit_linux_test_mount_plan_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_netlink
tests_unit_linux_test_netlink_SOURCES = tests/unit/linux/test_netlink.c
tests_unit_linux_test_netlink_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_ns_enter
tests_unit_linux_test_ns_enter_SOURCES = tests/unit/linux/test_ns_enter.c
tests_unit_linux_test_ns_enter_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_ns_plan
tests_unit_linux_test_ns_plan_SOURCES = tests/unit/linux/test_ns_plan.c
tests_unit_linux_test_ns_plan_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_process
tests_unit_linux_test_process_SOURCES = tests/unit/linux/test_process.c
tests_unit_linux_test_process_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_procfs
tests_unit_linux_test_procfs_SOURCES = tests/unit/linux/test_procfs.c
tests_unit_linux_test_procfs_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_rlimit
tests_unit_linux_test_rlimit_SOURCES = tests/unit/linux/test_rlimit.c
tests_unit_linux_test_rlimit_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_sched
tests_unit_linux_test_sched_SOURCES = tests/unit/linux/test_sched.c
tests_unit_linux_test_sched_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_seal
tests_unit_linux_test_seal_SOURCES = tests/unit/linux/test_seal.c
tests_unit_linux_test_seal_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_seccomp
tests_unit_linux_test_seccomp_SOURCES = tests/unit/linux/test_seccomp.c
tests_unit_linux_test_seccomp_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_seccomp_bound
tests_unit_linux_test_seccomp_bound_SOURCES = tests/unit/linux/test_seccomp_bound.c
tests_unit_linux_test_seccomp_bound_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_seccomp_cache
tests_unit_linux_test_seccomp_cache_SOURCES = tests/unit/linux/test_seccomp_cache.c
tests_unit_linux_test_seccomp_cache_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_sysctl
tests_unit_linux_test_sysctl_SOURCES = tests/unit/linux/test_sysctl.c
tests_unit_linux_test_sysctl_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_tty
tests_unit_linux_test_tty_SOURCES = tests/unit/linux/test_tty.c
tests_unit_linux_test_tty_LDADD = $(LINUX_LIBS)

EXTRA_DIST += tests/unit/linux/box.h

UNIT_TESTS += tests/unit/linux/test_rootfs
tests_unit_linux_test_rootfs_SOURCES = tests/unit/linux/test_rootfs.c
tests_unit_linux_test_rootfs_LDADD = $(LINUX_LIBS)

UNIT_TESTS += tests/unit/linux/test_rootfs_tree
tests_unit_linux_test_rootfs_tree_SOURCES = tests/unit/linux/test_rootfs_tree.c
tests_unit_linux_test_rootfs_tree_LDADD = $(LINUX_LIBS)
