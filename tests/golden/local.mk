# SPDX-License-Identifier: Apache-2.0
# Input, expected output, one runner each.
dist_check_SCRIPTS += tests/golden/lxc.sh
TESTS += tests/golden/lxc.sh
EXTRA_DIST += tests/golden/lxc
