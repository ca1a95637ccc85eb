# SPDX-License-Identifier: Apache-2.0
# Input, expected output, one runner each.
dist_check_SCRIPTS += tests/golden/lxc.sh
TESTS += tests/golden/lxc.sh
EXTRA_DIST += tests/golden/lxc

# make's own rule for .sh would write the directory from the script.
tests/golden/lxc:
	@:
