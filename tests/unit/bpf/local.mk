# SPDX-License-Identifier: Apache-2.0
# Unit tests of src/bpf: add the program to UNIT_TESTS and name its source and libraries:
#   UNIT_TESTS += tests/unit/bpf/test_foo
#   tests_unit_bpf_test_foo_SOURCES = tests/unit/bpf/test_foo.c
#   tests_unit_bpf_test_foo_LDADD = $(BPF_LIBS)
