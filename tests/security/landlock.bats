#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# org.hako.landlock, and what a waiting runtime may still do itself.

load security
setup() {
	security_new
	writable_root
}
teardown() { clean_up; }

has_landlock() { [ "$(landlock_version)" -ge "${1:-1}" ] || skip "needs Landlock $*"; }
landlock_version() {
	perl -e '$v = syscall(444, 0, 0, 1); print $v < 0 ? 0 : $v'
}

# landlock JSON-TEXT
landlock() { config '.annotations["org.hako.landlock"] = $v' --arg v "$1"; }

WRITES='{"handledAccessFS": ["write_file", "make_reg", "make_dir", "remove_file", "remove_dir"],
	"pathBeneath": [{"paths": ["/tmp"], "allowedAccess": ["write_file", "make_reg"]}]}'

s_writes() {
	writable_root
	landlock "$WRITES"
	start write /tmp/x y \; write /etc/x y \; mkdir /tmp/d \; cat /tmp/x
	says "write /tmp/x y: ok" "write /etc/x y: Permission denied" \
		"mkdir /tmp/d: Permission denied"
	[ ! -e "$ROOTFS/etc/x" ]
	# the same with rights that are only numbers, and without no_new_privs
	landlock '{"handledAccessFS": ["0x102", "128"],
		"pathBeneath": [{"paths": ["/tmp"], "allowedAccess": ["258"]}]}'
	config '.process.noNewPrivileges = false'
	start write /tmp/x2 y \; write /etc/x y \; mkdir /tmp/d \; caps
	says "write /tmp/x2 y: ok" "write /etc/x y: Permission denied" \
		"mkdir /tmp/d: Permission denied"
	! grep -q '^effective:.*SYS_ADMIN' <<<"$output" || fail "kept what was for the ruleset"
}
@test "what is handled is denied but below the paths named, for whomever" {
	has_landlock
	each_cell s_writes
}

@test "programs of exec have it, too" {
	has_landlock
	landlock "$WRITES"
	hako_detached pause
	run hako exec "$ID" /init write /etc/x y \; write /tmp/y y
	says "write /etc/x y: Permission denied" "write /tmp/y y: ok"
	run hako exec --user 33 --cap CAP_CHOWN "$ID" /init write /tmp/z y \; mkdir /tmp/d
	says "write /tmp/z y: ok" "mkdir /tmp/d: Permission denied"
	hako delete --force "$ID"
	unharmed
}

@test "the program needs execute where that is handled; hooks do not" {
	has_landlock
	landlock '{"handledAccessFS": ["execute"]}'
	start true
	fails
	says "ermission denied"
	landlock '{"handledAccessFS": ["execute"],
		"pathBeneath": [{"paths": ["/init"], "allowedAccess": ["execute"]}]}'
	printf '#!/bin/sh\ntouch /tmp/hooked\n' >"$ROOTFS/hook"
	chmod 755 "$ROOTFS/hook"
	config '.hooks.startContainer = [{path: "/hook", env: ["PATH=/bin"]}]'
	start echo ran \; exec /bin/true
	says ran "exec /bin/true: Permission denied"
	unharmed
}

@test "a link in the root is followed there, and never out" {
	has_landlock
	ln -s "$HOST" "$ROOTFS/out"
	ln -s /tmp "$ROOTFS/in"
	landlock "${WRITES/\/tmp/\/in}"
	start write /tmp/x y \; write /etc/x y
	says "write /tmp/x y: ok" "write /etc/x y: Permission denied"
	landlock "${WRITES/\/tmp/\/out}"
	refused "/out"
	unharmed
}

@test "TCP ports" {
	has_landlock 4
	landlock '{"handledAccessNet": ["bind_tcp", "connect_tcp"],
		"netPort": [{"ports": [80, 443], "allowedAccess": ["connect_tcp"]}]}'
	starts echo ran
	says ran
}

@test "strict: what is not there is an error; best effort: a warning" {
	has_landlock
	landlock '{"handledAccessFS": ["read_file"],
		"pathBeneath": [{"paths": ["/none", "/init"], "allowedAccess": ["read_file"]}]}'
	refused /none
	landlock '{"handledAccessFS": ["read_file"], "bestEffort": true,
		"pathBeneath": [{"paths": ["/none", "/init"], "allowedAccess": ["read_file"]}]}'
	start cat /etc/group
	says /none "Permission denied"
	landlock '{"handledAccessFS": ["0x4000000000000000"]}'
	refused landlock
	landlock '{"handledAccessFS": ["0x4000000000000000", "make_dir"], "bestEffort": true}'
	start mkdir /tmp/d
	says "left out" "Permission denied"
	unharmed
}

@test "documents that are none are refused by name" {
	landlock '{'
	refused org.hako.landlock
	landlock '{"handledAccessFS": ["read_file"], "typo": 1}'
	refused org.hako.landlock
	landlock '{"handledAccessFS": ["reed_file"]}'
	refused reed_file
	landlock '{"handledAccessFS": ["1x"]}'
	refused 1x
	landlock '{}'
	refused "nothing is handled"
	landlock '{"handledAccessFS": ["read_file"],
		"pathBeneath": [{"paths": ["/"], "allowedAccess": ["write_file"]}]}'
	refused "pathBeneath[0]"
	landlock '{"handledAccessFS": ["read_file"],
		"pathBeneath": [{"paths": ["tmp"], "allowedAccess": ["read_file"]}]}'
	refused absolute
	landlock '{"handledAccessNet": ["bind_tcp"],
		"netPort": [{"ports": [65536], "allowedAccess": ["bind_tcp"]}]}'
	refused 65536
	unharmed
}

@test "a waiting run and exec execute nothing and write nowhere" {
	has_landlock
	requires strace
	probe echo up \; pause
	strace -f -q -e trace=landlock_restrict_self,execve -o "$TESTDIR/trace" \
		env HAKO_TEST="$MARK" "$HAKO" --root "$ROOT" run --bundle "$BUNDLE" "$ID" \
		</dev/null >"$TESTDIR/out" 2>&1 3>&- &
	eventually grep -q up "$TESTDIR/out"
	eventually grep -qE 'landlock_restrict_self\([0-9]+, 0\) += 0' "$TESTDIR/trace"
	hako kill "$ID" KILL
	wait $! || true
	nothing_left
	# not where poststop hooks will be executed
	config '.hooks.poststop = [{path: "/bin/true"}]'
	rm "$TESTDIR/out"
	strace -f -q -e trace=landlock_restrict_self -o "$TESTDIR/trace" \
		env HAKO_TEST="$MARK" "$HAKO" --root "$ROOT" run --bundle "$BUNDLE" "$ID" \
		</dev/null >"$TESTDIR/out" 2>&1 3>&- &
	eventually grep -q up "$TESTDIR/out"
	hako kill "$ID" KILL
	wait $! || true
	! grep -q restrict "$TESTDIR/trace" || fail "its hooks would have been confined"
	unharmed
}
