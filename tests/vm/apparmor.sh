#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# process.apparmorProfile where the kernel enforces it.

set -eu
# shellcheck source=tests/vm/lsm/lib.sh
. "${SRCDIR:?is not set}/tests/vm/lsm/lib.sh"

in_machine apparmor apparmor.bats
