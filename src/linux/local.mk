# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/linux/liblinux.a
src_linux_liblinux_a_SOURCES = \
	src/linux/bootid.c \
	src/linux/bootid.h \
	src/linux/caps.c \
	src/linux/caps.h \
	src/linux/creds.c \
	src/linux/creds.h \
	src/linux/dev.c \
	src/linux/dev.h \
	src/linux/dev_outside.c \
	src/linux/dev_outside.h \
	src/linux/execpath.c \
	src/linux/execpath.h \
	src/linux/host.c \
	src/linux/host.h \
	src/linux/idmap.c \
	src/linux/idmap.h \
	src/linux/intelrdt.c \
	src/linux/intelrdt.h \
	src/linux/intelrdt_plan.c \
	src/linux/intelrdt_stat.c \
	src/linux/ioprio.c \
	src/linux/ioprio.h \
	src/linux/kernfs.c \
	src/linux/kernfs.h \
	src/linux/landlock.c \
	src/linux/landlock.h \
	src/linux/lo.c \
	src/linux/lo.h \
	src/linux/loop.c \
	src/linux/loop.h \
	src/linux/lsm.c \
	src/linux/lsm.h \
	src/linux/lsm_apparmor.c \
	src/linux/lsm_apparmor.h \
	src/linux/lsm_apparmor_policy.c \
	src/linux/lsm_apparmor_policy.h \
	src/linux/lsm_selinux.h \
	src/linux/mask.c \
	src/linux/mask.h \
	src/linux/mempolicy.c \
	src/linux/mempolicy.h \
	src/linux/mount_api.c \
	src/linux/mount_api.h \
	src/linux/mount_apply.c \
	src/linux/mount_apply.h \
	src/linux/mount_cgroup.c \
	src/linux/mount_cgroup.h \
	src/linux/mount_format.c \
	src/linux/mount_old.c \
	src/linux/mount_old.h \
	src/linux/mount_opts.c \
	src/linux/mount_opts.h \
	src/linux/mount_plan.c \
	src/linux/mount_plan.h \
	src/linux/mount_special.c \
	src/linux/mount_special.h \
	src/linux/netcfg.c \
	src/linux/netcfg.h \
	src/linux/netcfg_addr.c \
	src/linux/netdev.c \
	src/linux/netdev.h \
	src/linux/netdev_config.c \
	src/linux/netlink.c \
	src/linux/netlink.h \
	src/linux/ns_enter.c \
	src/linux/ns_enter.h \
	src/linux/ns_plan.c \
	src/linux/ns_plan.h \
	src/linux/oom.c \
	src/linux/oom.h \
	src/linux/personality.c \
	src/linux/personality.h \
	src/linux/procfs.c \
	src/linux/procfs.h \
	src/linux/rlimit.c \
	src/linux/rlimit.h \
	src/linux/rootfs.c \
	src/linux/rootfs.h \
	src/linux/rootfs_tree.c \
	src/linux/rootfs_tree.h \
	src/linux/sched.c \
	src/linux/sched.h \
	src/linux/seal.c \
	src/linux/seal.h \
	src/linux/seccomp_bound.c \
	src/linux/seccomp_bound.h \
	src/linux/seccomp_cache.c \
	src/linux/seccomp_cache.h \
	src/linux/seccomp_check.c \
	src/linux/seccomp_check.h \
	src/linux/seccomp_enosys.c \
	src/linux/seccomp_enosys.h \
	src/linux/seccomp_filter.h \
	src/linux/seccomp_listener.c \
	src/linux/seccomp_listener.h \
	src/linux/seccomp_names.c \
	src/linux/seccomp_names.h \
	src/linux/seccomp_order.h \
	src/linux/sysctl.c \
	src/linux/sysctl.h \
	src/linux/timens.c \
	src/linux/timens.h \
	src/linux/tty.c \
	src/linux/tty.h \
	src/linux/userns_fd.c \
	src/linux/userns_fd.h \
	src/linux/uts.c \
	src/linux/uts.h

if HAVE_SECCOMP
src_linux_liblinux_a_SOURCES += src/linux/seccomp_filter.c src/linux/seccomp_order.c
else
src_linux_liblinux_a_SOURCES += src/linux/seccomp_filter_stub.c
endif

if HAVE_SELINUX
src_linux_liblinux_a_SOURCES += src/linux/lsm_selinux.c
else
src_linux_liblinux_a_SOURCES += src/linux/lsm_selinux_stub.c
endif
