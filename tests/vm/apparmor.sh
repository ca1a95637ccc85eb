#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# process.apparmorProfile and generated profiles where the kernel enforces them.

set -eu
# shellcheck source=tests/vm/lsm/lib.sh
. "${SRCDIR:?is not set}/tests/vm/lsm/lib.sh"

in_machine apparmor apparmor.bats generated.bats
