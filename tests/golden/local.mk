# SPDX-License-Identifier: Apache-2.0
# Input, expected output, one runner each.
LXC_GOLDEN = \
	tests/golden/lxc-roundtrip.sh \
	tests/golden/lxc-tools.sh \
	tests/golden/lxc-trace.sh \
	tests/golden/lxc.sh
dist_check_SCRIPTS += $(LXC_GOLDEN)
TESTS += $(LXC_GOLDEN)
EXTRA_DIST += tests/golden/cgroup tests/golden/lxc tests/golden/lxc-roundtrip tests/golden/lxc-tools

# make's own rule for .sh would write the directory from the script.
tests/golden/cgroup tests/golden/lxc tests/golden/lxc-roundtrip tests/golden/lxc-tools:
	@:
