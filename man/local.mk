# SPDX-License-Identifier: Apache-2.0
dist_man8_MANS = \
	man/hako-check.8 \
	man/hako-checkpoint.8 \
	man/hako-complete.8 \
	man/hako-create.8 \
	man/hako-delete.8 \
	man/hako-devices.8 \
	man/hako-events.8 \
	man/hako-exec.8 \
	man/hako-features.8 \
	man/hako-hook.8 \
	man/hako-kill.8 \
	man/hako-list.8 \
	man/hako-lxc.8 \
	man/hako-mounts.8 \
	man/hako-pause.8 \
	man/hako-ps.8 \
	man/hako-restore.8 \
	man/hako-resume.8 \
	man/hako-run.8 \
	man/hako-selftest.8 \
	man/hako-spec.8 \
	man/hako-start.8 \
	man/hako-state.8 \
	man/hako-update.8 \
	man/hako.8

# Written by the program from its key table, in the build tree, and shipped: a tarball installs it
# without running what it built.
dist_man7_MANS = man/hako-landlock.7 man/hako-lxc-mapping.7
man/hako-lxc-mapping.7: $(top_srcdir)/src/lxc/keys_table.c $(top_srcdir)/src/lxc/keys_print.c \
		$(top_srcdir)/src/lxc/legacy.c $(top_srcdir)/src/lxc/diag_words.c | hako$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && ./hako$(EXEEXT) lxc keys --mdoc >$@.tmp && mv $@.tmp $@
