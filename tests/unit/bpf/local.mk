# SPDX-License-Identifier: Apache-2.0
UNIT_TESTS += \
	tests/unit/bpf/test_check \
	tests/unit/bpf/test_dev_compile \
	tests/unit/bpf/test_dev_explain \
	tests/unit/bpf/test_dev_rule
tests_unit_bpf_test_check_SOURCES = tests/unit/bpf/test_check.c tests/unit/bpf/random_rules.h tests/unit/t.h
tests_unit_bpf_test_check_LDADD = $(BPF_LIBS)
tests_unit_bpf_test_dev_compile_SOURCES = tests/unit/bpf/test_dev_compile.c tests/unit/bpf/random_rules.h \
	tests/unit/t.h
tests_unit_bpf_test_dev_compile_LDADD = $(BPF_LIBS)
tests_unit_bpf_test_dev_explain_SOURCES = tests/unit/bpf/test_dev_explain.c tests/unit/bpf/random_rules.h \
	tests/unit/t.h
tests_unit_bpf_test_dev_explain_LDADD = $(BPF_LIBS)
tests_unit_bpf_test_dev_rule_SOURCES = tests/unit/bpf/test_dev_rule.c tests/unit/t.h
tests_unit_bpf_test_dev_rule_LDADD = $(BPF_LIBS)
