# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/runtime/libruntime.a
src_runtime_libruntime_a_SOURCES = \
	src/runtime/container.c \
	src/runtime/container.h \
	src/runtime/delete.c \
	src/runtime/delete.h \
	src/runtime/foreground.c \
	src/runtime/foreground.h \
	src/runtime/hooks.c \
	src/runtime/hooks.h \
	src/runtime/kill.c \
	src/runtime/kill.h \
	src/runtime/start.c \
	src/runtime/start.h \
	src/runtime/store.c \
	src/runtime/store.h \
	src/runtime/sync.c \
	src/runtime/sync.h \
	src/runtime/undo.c \
	src/runtime/undo.h
