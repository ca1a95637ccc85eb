# SPDX-License-Identifier: Apache-2.0
# Input, expected output, one runner each.
dist_check_SCRIPTS += tests/golden/lxc.sh tests/golden/lxc-tools.sh
TESTS += tests/golden/lxc.sh tests/golden/lxc-tools.sh
EXTRA_DIST += tests/golden/lxc tests/golden/lxc-tools

# make's own rule for .sh would write the directory from the script.
tests/golden/lxc tests/golden/lxc-tools:
	@:
