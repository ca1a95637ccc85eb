# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/lxc/liblxc.a
src_lxc_liblxc_a_SOURCES = \
	src/lxc/devices.c \
	src/lxc/devices.h \
	src/lxc/devices_emit.c \
	src/lxc/devices_emit.h \
	src/lxc/notes.c \
	src/lxc/notes.h \
	src/lxc/seccomp_profile.c \
	src/lxc/seccomp_profile.h \
	src/lxc/seccomp_rules.c \
	src/lxc/seccomp_rules.h \
	src/lxc/syscalls.c
nodist_src_lxc_liblxc_a_SOURCES = src/lxc/syscalls.inc

# The system calls of the machine we build for, one SYSCALL(name) a line.
BUILT_SOURCES += src/lxc/syscalls.inc
CLEANFILES += src/lxc/syscalls.inc
src/lxc/syscalls.inc: Makefile
	$(AM_V_GEN)$(MKDIR_P) src/lxc && echo '#include <asm/unistd.h>' | $(CC) -E -dM - | \
	LC_ALL=C sed -n '/__NR_syscalls /!s/^#define __NR_\([a-z0-9_]*\) .*/SYSCALL(\1)/p' | \
	LC_ALL=C sort >$@.tmp && test -s $@.tmp && mv $@.tmp $@
src/lxc/syscalls.$(OBJEXT): src/lxc/syscalls.inc
$(src_lxc_liblxc_a_OBJECTS): libocispec/oci_types.h
