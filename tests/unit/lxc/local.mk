# SPDX-License-Identifier: Apache-2.0
# Unit tests of src/lxc: add the program to UNIT_TESTS and name its source and libraries:
#   UNIT_TESTS += tests/unit/lxc/test_foo
#   tests_unit_lxc_test_foo_SOURCES = tests/unit/lxc/test_foo.c
#   tests_unit_lxc_test_foo_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_apparmor
tests_unit_lxc_test_apparmor_SOURCES = tests/unit/lxc/test_apparmor.c
tests_unit_lxc_test_apparmor_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_devices
tests_unit_lxc_test_devices_SOURCES = tests/unit/lxc/test_devices.c
tests_unit_lxc_test_devices_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_seccomp_profile
tests_unit_lxc_test_seccomp_profile_SOURCES = tests/unit/lxc/test_seccomp_profile.c
tests_unit_lxc_test_seccomp_profile_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_diag
tests_unit_lxc_test_diag_SOURCES = tests/unit/lxc/test_diag.c tests/unit/lxc/lxc_test.h
tests_unit_lxc_test_diag_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_keys
tests_unit_lxc_test_keys_SOURCES = tests/unit/lxc/test_keys.c tests/unit/lxc/lxc_test.h
tests_unit_lxc_test_keys_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_legacy
tests_unit_lxc_test_legacy_SOURCES = tests/unit/lxc/test_legacy.c tests/unit/lxc/lxc_test.h
tests_unit_lxc_test_legacy_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_lexer
tests_unit_lxc_test_lexer_SOURCES = tests/unit/lxc/test_lexer.c tests/unit/lxc/lxc_test.h
tests_unit_lxc_test_lexer_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_parse
tests_unit_lxc_test_parse_SOURCES = tests/unit/lxc/test_parse.c tests/unit/lxc/lxc_test.h
tests_unit_lxc_test_parse_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_parse_mount
tests_unit_lxc_test_parse_mount_SOURCES = tests/unit/lxc/test_parse_mount.c tests/unit/lxc/lxc_test.h
tests_unit_lxc_test_parse_mount_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_parse_net
tests_unit_lxc_test_parse_net_SOURCES = tests/unit/lxc/test_parse_net.c tests/unit/lxc/lxc_test.h
tests_unit_lxc_test_parse_net_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_report
tests_unit_lxc_test_report_SOURCES = tests/unit/lxc/test_report.c tests/unit/lxc/lxc_test.h
tests_unit_lxc_test_report_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_source
tests_unit_lxc_test_source_SOURCES = tests/unit/lxc/test_source.c tests/unit/lxc/lxc_test.h
tests_unit_lxc_test_source_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_value
tests_unit_lxc_test_value_SOURCES = tests/unit/lxc/test_value.c tests/unit/lxc/lxc_test.h
tests_unit_lxc_test_value_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_map_cgroup
tests_unit_lxc_test_map_cgroup_SOURCES = tests/unit/lxc/map_test.h tests/unit/lxc/test_map_cgroup.c
tests_unit_lxc_test_map_cgroup_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_map_mounts
tests_unit_lxc_test_map_mounts_SOURCES = tests/unit/lxc/map_test.h tests/unit/lxc/test_map_mounts.c
tests_unit_lxc_test_map_mounts_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_map_ns
tests_unit_lxc_test_map_ns_SOURCES = tests/unit/lxc/map_test.h tests/unit/lxc/test_map_ns.c
tests_unit_lxc_test_map_ns_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_map_process
tests_unit_lxc_test_map_process_SOURCES = tests/unit/lxc/map_test.h tests/unit/lxc/test_map_process.c
tests_unit_lxc_test_map_process_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_map_security
tests_unit_lxc_test_map_security_SOURCES = tests/unit/lxc/map_test.h tests/unit/lxc/test_map_security.c
tests_unit_lxc_test_map_security_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_convert
tests_unit_lxc_test_convert_SOURCES = tests/unit/lxc/test_convert.c
tests_unit_lxc_test_convert_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_audit
tests_unit_lxc_test_audit_SOURCES = tests/unit/lxc/lxc_test.h tests/unit/lxc/test_audit.c
tests_unit_lxc_test_audit_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_map_net
tests_unit_lxc_test_map_net_SOURCES = tests/unit/lxc/map_test.h tests/unit/lxc/test_map_net.c
tests_unit_lxc_test_map_net_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_netplan
tests_unit_lxc_test_netplan_SOURCES = tests/unit/lxc/test_netplan.c
tests_unit_lxc_test_netplan_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_map_hooks
tests_unit_lxc_test_map_hooks_SOURCES = tests/unit/lxc/map_test.h tests/unit/lxc/test_map_hooks.c
tests_unit_lxc_test_map_hooks_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_idmap_pick
tests_unit_lxc_test_idmap_pick_SOURCES = tests/unit/lxc/test_idmap_pick.c
tests_unit_lxc_test_idmap_pick_LDADD = $(LXC_LIBS)

UNIT_TESTS += tests/unit/lxc/test_snippets
tests_unit_lxc_test_snippets_SOURCES = tests/unit/lxc/map_test.h tests/unit/lxc/test_snippets.c
tests_unit_lxc_test_snippets_LDADD = $(LXC_LIBS)
