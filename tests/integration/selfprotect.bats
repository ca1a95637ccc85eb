#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The runtime's own binary cannot be changed from inside a container (CVE-2019-5736 and its family).

load helpers
setup() {
	bundle_new
	# A copy, so that a failure of this test costs nothing.
	cp "$HAKO" "$TESTDIR/${HAKO##*/}"
	HAKO=$TESTDIR/${HAKO##*/}
	before=$(sha256sum "$HAKO")
}
teardown() { clean_up; }

unchanged() { [ "$(sha256sum "$HAKO")" = "$before" ] || fail "the binary was changed"; }

@test "the waiting init's binary cannot be opened for writing" {
	requires hako
	hako_create pause
	pid=$(init_pid)
	# Either a copy, or the file in a mount that is read-only and nobody's.
	[ "$(stat -L -c %d:%i "/proc/$pid/exe")" != "$(stat -c %d:%i "$HAKO")" ] ||
		! (: >>"/proc/$pid/exe") 2>/dev/null
	unchanged
}

@test "a descriptor of init's binary kept over the exec cannot write to it" {
	hako_create pause
	pid=$(init_pid)
	exec 9<"/proc/$pid/exe"
	hako start "$ID"
	eventually is_state "$ID" running
	sleep 0.2
	(echo overwritten >/dev/fd/9) 2>/dev/null || true
	(echo overwritten >>/dev/fd/9) 2>/dev/null || true
	exec 9<&-
	unchanged
}

@test "the program is /proc/self/exe" {
	command_line /proc/self/exe --version
	run hako_run
	[ "$status" -lt 124 ]
	unchanged
	nothing_left
}

@test "the program is a script whose interpreter is /proc/self/exe" {
	printf '#!/proc/self/exe\n' >"$ROOTFS/script"
	chmod 755 "$ROOTFS/script"
	command_line /script
	run hako_run
	[ "$status" -lt 124 ]
	unchanged
	nothing_left
}

@test "a rootfs that fakes /proc, /dev and the loader" {
	mkdir -p "$ROOTFS/lib64"
	cp "$ROOTFS/init" "$ROOTFS/lib64/ld-linux-x86-64.so.2"
	rm -rf "${ROOTFS:?}/proc"
	mkdir -p "$ROOTFS/proc/self"
	echo fake >"$ROOTFS/proc/self/exe"
	run hako_run echo fine
	is_output fine
	unchanged
}

@test "start, state, kill and delete leave the caller's environment without effect" {
	requires hako
	hako_create pause
	LD_PRELOAD=/nonexistent.so LISTEN_PID=1 LISTEN_FDS=100000 NOTIFY_SOCKET=relative \
		_LIBCONTAINER_INITPIPE=3 \
		run hako start "$ID"
	[ "$status" -eq 0 ]
	unchanged
}
