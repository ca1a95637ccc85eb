# SPDX-License-Identifier: Apache-2.0
# Input, expected output, one runner each.
LXC_GOLDEN = \
	tests/golden/lxc-corpus.sh \
	tests/golden/lxc-roundtrip.sh \
	tests/golden/lxc-tools.sh \
	tests/golden/lxc-trace.sh \
	tests/golden/lxc.sh
dist_check_SCRIPTS += $(LXC_GOLDEN)
TESTS += $(LXC_GOLDEN)
LXC_CASES = \
	tests/golden/cgroup \
	tests/golden/lxc \
	tests/golden/lxc-corpus \
	tests/golden/lxc-debian \
	tests/golden/lxc-roundtrip \
	tests/golden/lxc-snippets \
	tests/golden/lxc-tools
EXTRA_DIST += $(LXC_CASES) tests/golden/README.md tests/golden/flat.jq

# make's own rule for .sh would write the directory from the script.
$(LXC_CASES):
	@:
