# SPDX-License-Identifier: Apache-2.0
# Known escapes and their kin, as defensive regression tests: see security.bash.
SECURITY_TESTS = \
	tests/security/honest.bats \
	tests/security/host.bats \
	tests/security/landlock.bats \
	tests/security/policy.bats \
	tests/security/process.bats \
	tests/security/races.bats \
	tests/security/rootfs.bats

EXTRA_DIST += tests/security/security.bash $(SECURITY_TESTS)
TESTS += $(SECURITY_TESTS)
