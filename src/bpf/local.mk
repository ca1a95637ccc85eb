# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/bpf/libbpf.a
src_bpf_libbpf_a_SOURCES =
