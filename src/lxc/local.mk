# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/lxc/liblxc.a
src_lxc_liblxc_a_SOURCES =
