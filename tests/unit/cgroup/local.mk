# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += tests/unit/cgroup/scratch.h

UNIT_TESTS += \
	tests/unit/cgroup/test_cgroup \
	tests/unit/cgroup/test_dev_v2 \
	tests/unit/cgroup/test_files \
	tests/unit/cgroup/test_golden \
	tests/unit/cgroup/test_plan \
	tests/unit/cgroup/test_systemd
tests_unit_cgroup_test_cgroup_SOURCES = tests/unit/cgroup/test_cgroup.c
tests_unit_cgroup_test_cgroup_LDADD = $(CGROUP_LIBS)
tests_unit_cgroup_test_dev_v2_SOURCES = tests/unit/cgroup/test_dev_v2.c
tests_unit_cgroup_test_dev_v2_LDADD = $(CGROUP_LIBS)
tests_unit_cgroup_test_files_SOURCES = tests/unit/cgroup/test_files.c
tests_unit_cgroup_test_files_LDADD = $(CGROUP_LIBS)
tests_unit_cgroup_test_golden_SOURCES = tests/unit/cgroup/test_golden.c
tests_unit_cgroup_test_golden_LDADD = $(CGROUP_LIBS)
tests_unit_cgroup_test_plan_SOURCES = tests/unit/cgroup/test_plan.c
tests_unit_cgroup_test_plan_LDADD = $(CGROUP_LIBS) -lm
tests_unit_cgroup_test_systemd_SOURCES = tests/unit/cgroup/test_systemd.c
tests_unit_cgroup_test_systemd_LDADD = $(CGROUP_LIBS)
