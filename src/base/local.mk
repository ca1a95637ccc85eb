# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/alloc.c \
	src/base/alloc.h \
	src/base/bitlist.c \
	src/base/bitlist.h \
	src/base/err.c \
	src/base/err.h \
	src/base/fd.c \
	src/base/fd.h \
	src/base/file.c \
	src/base/file.h \
	src/base/file_remove.c \
	src/base/log.c \
	src/base/log.h \
	src/base/log_journald.c \
	src/base/log_journald.h \
	src/base/mountinfo.c \
	src/base/mountinfo.h \
	src/base/path.c \
	src/base/path.h \
	src/base/proc.c \
	src/base/proc.h \
	src/base/resolve.c \
	src/base/resolve.h \
	src/base/rlimit.c \
	src/base/rlimit.h \
	src/base/sha256.c \
	src/base/sha256.h \
	src/base/signal.c \
	src/base/sock.c \
	src/base/sock.h \
	src/base/str.c \
	src/base/str.h \
	src/base/suggest.c \
	src/base/suggest.h \
	src/base/sys.c \
	src/base/sys.h \
	src/base/table.h
