# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/lxc/liblxc.a
src_lxc_liblxc_a_SOURCES = \
	src/lxc/access.c \
	src/lxc/access.h \
	src/lxc/apparmor.c \
	src/lxc/apparmor.h \
	src/lxc/audit.c \
	src/lxc/audit.h \
	src/lxc/audit_confine.c \
	src/lxc/audit_devices.c \
	src/lxc/audit_host.c \
	src/lxc/audit_internal.h \
	src/lxc/audit_limits.c \
	src/lxc/audit_lines.c \
	src/lxc/audit_mounts.c \
	src/lxc/audit_words.c \
	src/lxc/check.c \
	src/lxc/check.h \
	src/lxc/convert.c \
	src/lxc/convert.h \
	src/lxc/devices.c \
	src/lxc/devices.h \
	src/lxc/devices_emit.c \
	src/lxc/devices_emit.h \
	src/lxc/diag.c \
	src/lxc/diag_words.c \
	src/lxc/diag.h \
	src/lxc/effects.c \
	src/lxc/effects.h \
	src/lxc/idmap_pick.c \
	src/lxc/idmap_pick.h \
	src/lxc/keys.c \
	src/lxc/keys.h \
	src/lxc/keys_print.c \
	src/lxc/keys_table.c \
	src/lxc/legacy.c \
	src/lxc/legacy.h \
	src/lxc/lexer.c \
	src/lxc/lexer.h \
	src/lxc/lxc.h \
	src/lxc/map.c \
	src/lxc/map.h \
	src/lxc/map_apparmor.c \
	src/lxc/map_cgroup.c \
	src/lxc/map_cgroup1.c \
	src/lxc/map_entry.c \
	src/lxc/map_hooks.c \
	src/lxc/map_host.c \
	src/lxc/map_internal.h \
	src/lxc/map_manage.c \
	src/lxc/map_mounts.c \
	src/lxc/map_net.c \
	src/lxc/map_ns.c \
	src/lxc/map_owner.c \
	src/lxc/map_process.c \
	src/lxc/map_pve.c \
	src/lxc/map_root.c \
	src/lxc/map_seccomp.c \
	src/lxc/map_security.c \
	src/lxc/model.c \
	src/lxc/model.h \
	src/lxc/netplan.c \
	src/lxc/netplan.h \
	src/lxc/notes.c \
	src/lxc/notes.h \
	src/lxc/parse.c \
	src/lxc/parse.h \
	src/lxc/parse_mount.c \
	src/lxc/parse_mount.h \
	src/lxc/parse_net.c \
	src/lxc/parse_net.h \
	src/lxc/place.c \
	src/lxc/place.h \
	src/lxc/pve.c \
	src/lxc/pve.h \
	src/lxc/pve_internal.h \
	src/lxc/pve_keys.c \
	src/lxc/pve_net.c \
	src/lxc/pve_storage.c \
	src/lxc/report.c \
	src/lxc/report.h \
	src/lxc/report_internal.h \
	src/lxc/report_trace.c \
	src/lxc/reverse.c \
	src/lxc/reverse.h \
	src/lxc/reverse_cgroup.c \
	src/lxc/reverse_hooks.c \
	src/lxc/reverse_internal.h \
	src/lxc/reverse_linux.c \
	src/lxc/reverse_mounts.c \
	src/lxc/reverse_net.c \
	src/lxc/reverse_process.c \
	src/lxc/reverse_seccomp.c \
	src/lxc/seccomp_profile.c \
	src/lxc/seccomp_profile.h \
	src/lxc/seccomp_rules.c \
	src/lxc/seccomp_rules.h \
	src/lxc/source.c \
	src/lxc/source.h \
	src/lxc/store.c \
	src/lxc/store.h \
	src/lxc/store_kernel.c \
	src/lxc/syscalls.c \
	src/lxc/value.c \
	src/lxc/value.h \
	src/lxc/writer.c \
	src/lxc/writer.h
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
