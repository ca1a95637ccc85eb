# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libocispec/libocispec.a
libocispec_libocispec_a_SOURCES =
