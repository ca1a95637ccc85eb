#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.apparmorProfile on a machine whose kernel enforces it.

load ../../integration/helpers

# load_profile NAME [RULE]: everything is allowed but for the rule.
load_profile() {
	apparmor_parser -r <<-EOF
		profile $1 flags=(attach_disconnected,mediate_deleted) {
		  file,
		  capability,
		  network,
		  mount,
		  umount,
		  signal,
		  ptrace,
		  unix,
		  ${2:-}
		}
	EOF
}

setup() {
	bundle_new
	requires hako apparmor_parser
	[ -d /sys/kernel/security/apparmor/policy ] || skip "needs AppArmor"
	load_profile hako-test "deny /etc/passwd r,"
}
teardown() { clean_up; }

@test "init is confined by the profile, and the profile counts" {
	config '.process.apparmorProfile = "hako-test"'
	run hako_run cat /proc/self/attr/current \; open /etc/passwd r \; open /etc/group r
	says "hako-test (enforce)" "open /etc/passwd r: Permission denied" "open /etc/group r: ok"
}

@test "the same without noNewPrivileges, and in a user namespace" {
	config '.process.apparmorProfile = "hako-test" | .process.noNewPrivileges = false'
	run hako_run cat /proc/self/attr/current
	says "hako-test (enforce)"
	with_userns
	run hako_run cat /proc/self/attr/current \; open /etc/passwd r
	says "hako-test" "open /etc/passwd r: Permission denied"
}

@test "exec: the container's profile, or another one" {
	config '.process.apparmorProfile = "hako-test"'
	hako_detached pause
	run hako exec "$ID" /init cat /proc/self/attr/current
	says "hako-test (enforce)"
	hako delete --force "$ID"
	config 'del(.process.apparmorProfile)'
	hako_detached pause
	run hako exec --apparmor hako-test "$ID" /init open /etc/passwd r
	says "Permission denied"
}

@test "a profile that is not loaded is refused; so is a name that only begins like unconfined" {
	for name in hako-none unconfined_foo; do
		config '.process.apparmorProfile = $n' --arg n "$name"
		run hako_run echo RAN
		fails
		says "$name"
		says_not RAN
		nothing_left
	done
}

@test "checkpoint and restore: the profile is there again, or --lsm-profile's" {
	requires criu
	criu check >/dev/null 2>&1 || skip "criu does not work with this kernel"
	load_profile hako-other
	config '.process.apparmorProfile = "hako-test"'
	probe pause
	hako run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	hako checkpoint --image-path "$TESTDIR/images" "$ID"
	hako restore --detach --bundle "$BUNDLE" --image-path "$TESTDIR/images" "$ID" \
		</dev/null >/dev/null 2>&1
	run cat "/proc/$(init_pid)/attr/current"
	is_output "hako-test (enforce)"
	hako checkpoint --image-path "$TESTDIR/images" "$ID"
	hako restore --detach --lsm-profile apparmor:hako-other --bundle "$BUNDLE" \
		--image-path "$TESTDIR/images" "$ID" </dev/null >/dev/null 2>"$TESTDIR/err"
	run cat "/proc/$(init_pid)/attr/current"
	is_output "hako-other (enforce)"
}
