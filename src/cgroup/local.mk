# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/cgroup/libcgroup.a
src_cgroup_libcgroup_a_SOURCES =
