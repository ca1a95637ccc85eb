# SPDX-License-Identifier: Apache-2.0
# Fuzz targets. With --enable-fuzzing (clang) they are libFuzzer programs, run by hand:
#   tests/fuzz/fuzz_lxc CORPUS_OF_YOURS SOURCE/tests/fuzz/corpus/lxc
# Without, the same targets replay their corpora in `make check`.
FUZZ_TARGETS = \
	tests/fuzz/fuzz_answers \
	tests/fuzz/fuzz_cgroup \
	tests/fuzz/fuzz_config \
	tests/fuzz/fuzz_dev_rules \
	tests/fuzz/fuzz_documents \
	tests/fuzz/fuzz_lxc \
	tests/fuzz/fuzz_mount_opts \
	tests/fuzz/fuzz_mountinfo \
	tests/fuzz/fuzz_netplan \
	tests/fuzz/fuzz_process \
	tests/fuzz/fuzz_resolve \
	tests/fuzz/fuzz_seccomp \
	tests/fuzz/fuzz_seccomp_profile \
	tests/fuzz/fuzz_status \
	tests/fuzz/fuzz_subids \
	tests/fuzz/fuzz_sync \
	tests/fuzz/fuzz_words

if FUZZING
noinst_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_DRIVER =
else
check_PROGRAMS += $(FUZZ_TARGETS)
TESTS += $(FUZZ_TARGETS)
FUZZ_DRIVER = tests/fuzz/replay.c
endif

EXTRA_DIST += \
	tests/fuzz/corpus \
	tests/fuzz/fuzz.h \
	tests/fuzz/fuzz_json.h \
	tests/fuzz/replay.c

tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c
nodist_tests_fuzz_fuzz_config_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_config_LDADD = $(RUNTIME_LIBS)
tests_fuzz_fuzz_config_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_dev_rules_SOURCES = tests/fuzz/fuzz_dev_rules.c
nodist_tests_fuzz_fuzz_dev_rules_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_dev_rules_LDADD = $(BPF_LIBS)
tests_fuzz_fuzz_dev_rules_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_lxc_SOURCES = tests/fuzz/fuzz_lxc.c
nodist_tests_fuzz_fuzz_lxc_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_lxc_LDADD = $(LXC_LIBS)
tests_fuzz_fuzz_lxc_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_mount_opts_SOURCES = tests/fuzz/fuzz_mount_opts.c
nodist_tests_fuzz_fuzz_mount_opts_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_mount_opts_LDADD = $(LINUX_LIBS)
tests_fuzz_fuzz_mount_opts_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_mountinfo_SOURCES = tests/fuzz/fuzz_mountinfo.c
nodist_tests_fuzz_fuzz_mountinfo_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_mountinfo_LDADD = $(BASE_LIBS)
tests_fuzz_fuzz_mountinfo_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_process_SOURCES = tests/fuzz/fuzz_process.c
nodist_tests_fuzz_fuzz_process_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_process_LDADD = $(SPEC_LIBS)
tests_fuzz_fuzz_process_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_seccomp_profile_SOURCES = tests/fuzz/fuzz_seccomp_profile.c
nodist_tests_fuzz_fuzz_seccomp_profile_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_seccomp_profile_LDADD = $(LXC_LIBS)
tests_fuzz_fuzz_seccomp_profile_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_status_SOURCES = tests/fuzz/fuzz_status.c
nodist_tests_fuzz_fuzz_status_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_status_LDADD = $(CGROUP_LIBS)
tests_fuzz_fuzz_status_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_sync_SOURCES = tests/fuzz/fuzz_sync.c
nodist_tests_fuzz_fuzz_sync_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_sync_LDADD = $(RUNTIME_LIBS)
tests_fuzz_fuzz_sync_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_cgroup_SOURCES = tests/fuzz/fuzz_cgroup.c
nodist_tests_fuzz_fuzz_cgroup_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_cgroup_LDADD = $(CGROUP_LIBS)
tests_fuzz_fuzz_cgroup_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_documents_SOURCES = tests/fuzz/fuzz_documents.c
nodist_tests_fuzz_fuzz_documents_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_documents_LDADD = $(SPEC_LIBS)
tests_fuzz_fuzz_documents_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_resolve_SOURCES = tests/fuzz/fuzz_resolve.c
nodist_tests_fuzz_fuzz_resolve_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_resolve_LDADD = $(BASE_LIBS)
tests_fuzz_fuzz_resolve_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_seccomp_SOURCES = tests/fuzz/fuzz_seccomp.c
nodist_tests_fuzz_fuzz_seccomp_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_seccomp_LDADD = $(LINUX_LIBS)
tests_fuzz_fuzz_seccomp_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_words_SOURCES = tests/fuzz/fuzz_words.c
nodist_tests_fuzz_fuzz_words_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_words_LDADD = $(RUNTIME_LIBS)
tests_fuzz_fuzz_words_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_answers_SOURCES = tests/fuzz/fuzz_answers.c
nodist_tests_fuzz_fuzz_answers_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_answers_LDADD = $(RUNTIME_LIBS)
tests_fuzz_fuzz_answers_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_netplan_SOURCES = tests/fuzz/fuzz_netplan.c
nodist_tests_fuzz_fuzz_netplan_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_netplan_LDADD = $(LXC_LIBS)
tests_fuzz_fuzz_netplan_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_subids_SOURCES = tests/fuzz/fuzz_subids.c
nodist_tests_fuzz_fuzz_subids_SOURCES = $(FUZZ_DRIVER)
tests_fuzz_fuzz_subids_LDADD = $(LXC_LIBS)
tests_fuzz_fuzz_subids_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
