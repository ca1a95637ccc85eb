# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/cgroup/libcgroup.a
src_cgroup_libcgroup_a_SOURCES = \
	src/cgroup/at.h \
	src/cgroup/below.c \
	src/cgroup/below.h \
	src/cgroup/cgpath.c \
	src/cgroup/cgpath.h \
	src/cgroup/cgroup.c \
	src/cgroup/cgroup.h \
	src/cgroup/dev_read.c \
	src/cgroup/dev_read.h \
	src/cgroup/dev_trace.c \
	src/cgroup/dev_trace.h \
	src/cgroup/dev_v1.c \
	src/cgroup/dev_v2.c \
	src/cgroup/entry.c \
	src/cgroup/freeze.c \
	src/cgroup/host.c \
	src/cgroup/host.h \
	src/cgroup/mgr_fs1.c \
	src/cgroup/mgr_fs2.c \
	src/cgroup/mgr_systemd.h \
	src/cgroup/names.c \
	src/cgroup/oom.c \
	src/cgroup/oom_watch.c \
	src/cgroup/plan.c \
	src/cgroup/plan_json.c \
	src/cgroup/procs.c \
	src/cgroup/remove.c \
	src/cgroup/res.c \
	src/cgroup/res.h \
	src/cgroup/res_v1.c \
	src/cgroup/res_v2.c \
	src/cgroup/res_write.c \
	src/cgroup/stat.c \
	src/cgroup/stat.h \
	src/cgroup/systemd_bus.c \
	src/cgroup/systemd_bus.h \
	src/cgroup/systemd_parse.c \
	src/cgroup/systemd_props.c \
	src/cgroup/systemd_props.h \
	src/cgroup/tree.c \
	src/cgroup/tree.h

if HAVE_SYSTEMD
src_cgroup_libcgroup_a_SOURCES += src/cgroup/mgr_systemd.c
else
src_cgroup_libcgroup_a_SOURCES += src/cgroup/mgr_systemd_stub.c
endif
