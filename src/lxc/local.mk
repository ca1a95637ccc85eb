# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/lxc/liblxc.a
src_lxc_liblxc_a_SOURCES = \
	src/lxc/devices.c \
	src/lxc/devices.h \
	src/lxc/devices_emit.c \
	src/lxc/devices_emit.h \
	src/lxc/notes.c \
	src/lxc/notes.h
