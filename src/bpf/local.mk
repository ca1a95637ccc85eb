# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/bpf/libbpf.a
src_bpf_libbpf_a_SOURCES = \
	src/bpf/check.c \
	src/bpf/check.h \
	src/bpf/dev_compile.c \
	src/bpf/dev_compile.h \
	src/bpf/dev_explain.c \
	src/bpf/dev_explain.h \
	src/bpf/dev_rule.c \
	src/bpf/dev_rule.h \
	src/bpf/dev_watch.c \
	src/bpf/dev_watch.h \
	src/bpf/disasm.c \
	src/bpf/disasm.h \
	src/bpf/insn.h \
	src/bpf/sim.c \
	src/bpf/sim.h
