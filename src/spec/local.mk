# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/spec/libspec.a
src_spec_libspec_a_SOURCES =
