# SPDX-License-Identifier: Apache-2.0
bin_PROGRAMS += hako
hako_SOURCES = \
	src/cli/main.c
hako_LDADD = src/lxc/liblxc.a $(RUNTIME_LIBS)
