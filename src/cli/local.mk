# SPDX-License-Identifier: Apache-2.0
bin_PROGRAMS += hako
hako_SOURCES = \
	src/cli/cli.h \
	src/cli/cmd_check.c \
	src/cli/cmd_checkpoint.c \
	src/cli/cmd_create.c \
	src/cli/cmd_delete.c \
	src/cli/cmd_devices.c \
	src/cli/cmd_events.c \
	src/cli/cmd_exec.c \
	src/cli/cmd_features.c \
	src/cli/cmd_freeze.c \
	src/cli/cmd_hook.c \
	src/cli/cmd_kill.c \
	src/cli/cmd_list.c \
	src/cli/cmd_lxc.c \
	src/cli/cmd_mounts.c \
	src/cli/cmd_ps.c \
	src/cli/cmd_run.c \
	src/cli/cmd_spec.c \
	src/cli/cmd_start.c \
	src/cli/cmd_state.c \
	src/cli/cmd_update.c \
	src/cli/devices.h \
	src/cli/devices_running.c \
	src/cli/devices_running.h \
	src/cli/devices_trace.c \
	src/cli/devices_view.c \
	src/cli/dry_run.c \
	src/cli/hook.h \
	src/cli/hook_automount.c \
	src/cli/hook_lxc_env.c \
	src/cli/hook_net.c \
	src/cli/hook_proc.c \
	src/cli/lxc.h \
	src/cli/lxc_check.c \
	src/cli/lxc_convert.c \
	src/cli/lxc_diff.c \
	src/cli/lxc_from_oci.c \
	src/cli/lxc_keys.c \
	src/cli/lxc_run.c \
	src/cli/main.c \
	src/cli/net.h \
	src/cli/net_inside.c \
	src/cli/net_keep.c \
	src/cli/net_make.c \
	src/cli/net_names.c \
	src/cli/net_script.c \
	src/cli/net_user.c \
	src/cli/opt.c \
	src/cli/opt.h \
	src/cli/out.c \
	src/cli/self.c \
	src/cli/version.c \
	src/cli/version.h
hako_LDADD = src/lxc/liblxc.a $(RUNTIME_LIBS)
