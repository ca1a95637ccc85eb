#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the configure script from a checkout.
set -e
cd "$(dirname "$0")"
exec autoreconf --force --install --warnings=all,no-obsolete
