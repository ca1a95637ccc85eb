# SPDX-License-Identifier: Apache-2.0
# What needs another machine: skipped unless HAKO_VM names a program that runs commands in one.

VM_TESTS = \
	tests/vm/apparmor.sh \
	tests/vm/checkpoint.sh \
	tests/vm/engines.sh \
	tests/vm/generated.sh \
	tests/vm/net.sh \
	tests/vm/selinux.sh \
	tests/vm/systemd.sh \
	tests/vm/unified.sh

EXTRA_DIST += \
	tests/vm/delegation.bats \
	tests/vm/lsm/apparmor.bats \
	tests/vm/lsm/enforcing.bats \
	tests/vm/lsm/generated.bats \
	tests/vm/lsm/lib.sh \
	tests/vm/lsm/selinux.bats \
	tests/vm/scopes.bats \
	$(VM_TESTS)
TESTS += $(VM_TESTS)
EXTRA_DIST += tests/vm/system.bats
