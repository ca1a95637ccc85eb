# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/linux/liblinux.a
src_linux_liblinux_a_SOURCES =
