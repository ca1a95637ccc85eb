#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# process.selinuxLabel and linux.mountLabel: what they are, and what the policy makes of them.

set -eu
# shellcheck source=tests/vm/lsm/lib.sh
. "${SRCDIR:?is not set}/tests/vm/lsm/lib.sh"

in_machine selinux selinux.bats enforcing.bats
