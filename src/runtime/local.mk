# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/runtime/libruntime.a
src_runtime_libruntime_a_SOURCES =
