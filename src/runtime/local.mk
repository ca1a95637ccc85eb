# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/runtime/libruntime.a
src_runtime_libruntime_a_SOURCES = \
	src/runtime/child.c \
	src/runtime/child.h \
	src/runtime/console.c \
	src/runtime/console.h \
	src/runtime/container.c \
	src/runtime/container.h \
	src/runtime/create.c \
	src/runtime/create.h \
	src/runtime/delete.c \
	src/runtime/delete.h \
	src/runtime/foreground.c \
	src/runtime/foreground.h \
	src/runtime/freeze.c \
	src/runtime/freeze.h \
	src/runtime/hooks.c \
	src/runtime/hooks.h \
	src/runtime/init.c \
	src/runtime/init.h \
	src/runtime/init_env.c \
	src/runtime/init_env.h \
	src/runtime/init_start.c \
	src/runtime/kill.c \
	src/runtime/kill.h \
	src/runtime/launch.c \
	src/runtime/launch.h \
	src/runtime/mount_serve.c \
	src/runtime/mount_serve.h \
	src/runtime/plan.c \
	src/runtime/plan.h \
	src/runtime/ps.c \
	src/runtime/ps.h \
	src/runtime/serve.c \
	src/runtime/serve.h \
	src/runtime/spawn.c \
	src/runtime/spawn.h \
	src/runtime/start.c \
	src/runtime/start.h \
	src/runtime/store.c \
	src/runtime/store.h \
	src/runtime/sync.c \
	src/runtime/sync.h \
	src/runtime/undo.c \
	src/runtime/undo.h
