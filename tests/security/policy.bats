#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What confines a container really does, and input that is meant to break its readers.

load security
setup() { security_new; }
teardown() { clean_up; }

# The container tries to make a cgroup in every hierarchy that it sees.
s41() {
	local bind=$1
	writable_root
	config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
	if [ "$bind" = bind ]; then
		config '.mounts |= map(select(.destination == "/sys/fs/cgroup" | not)
			| if .destination == "/sys" then {destination: "/sys", type: "none",
				source: "/sys", options: ["rbind", "ro"]} else . end)'
	fi
	shell 'for d in /sys/fs/cgroup /sys/fs/cgroup/*; do
			mkdir $d/hako-x 2>/dev/null && { echo "made $d"; rmdir $d/hako-x; }
			{ echo $$ >$d/cgroup.procs; } 2>/dev/null && echo "moved $d"
		done; echo tried'
	start
	# (without the mount API a tree cannot be made read-only, and is refused)
	[ "$KERNEL" != new ] || says tried
	says_not made moved
}
@test "S41: the host's cgroups are not writable, with its cgroup namespace" {
	requires busybox
	each_cell s41 mount
}
@test "S41: nor below a bind of /sys" {
	requires busybox
	each_cell s41 bind
}

s42() {
	start mounts /sys \; mounts /dev \; mounts /proc/sys
	if grep -q '^/sys ' <<<"$output"; then matches '^/sys [a-z]* ro,'; fi
	if grep -q '^/dev ' <<<"$output"; then matches '^/dev tmpfs [^ ]*nosuid'; fi
	matches '^/proc/sys [a-z]* ro,'
	config '(.mounts[] | select(.destination == "/proc")).options = ["nosuid", "noexec",
		"nodev"]'
	start mounts /proc/sys
	matches '^/proc/sys [a-z]* ro,nosuid,nodev,noexec'
}
@test "S42: read-only and its companions stay, with fallbacks, too" { each_cell s42; }

s43() {
	[ "$WHO" != root ] || return 0
	mount -t tmpfs -o nosuid,nodev,noexec locked "$HOST/empty"
	cp "$PROBE" "$HOST/empty/init"
	MARKERS=$(markers)
	BEFORE=$(snapshot)
	add_mount "$(jq -n --arg s "$HOST/empty" '{destination: "/tmp", type: "bind", source: $s,
		options: ["bind", "exec", "suid", "dev"]}')"
	start exec /tmp/init true \; mounts /tmp
	[ "$status" -ne 0 ] || matches '^/tmp [a-z]* rw,nosuid,nodev,noexec'
	unharmed
	umount "$HOST/empty"
	BEFORE=$(snapshot)
	MARKERS=$(markers)
}
@test "S43: flags that are locked in a user namespace are not lost in silence" {
	local HAKO_CELLS=${HAKO_CELLS/some/userns:new userns:ENOSYS rootless:new}
	[ "$HAKO_CELLS" != all ] || HAKO_CELLS="userns:new userns:ENOSYS userns:EPERM rootless:new"
	each_cell s43
}

s44() {
	local profile
	for profile in no-such-profile unconfined_foo 'x y' ../x; do
		config '.process.apparmorProfile = $p' --arg p "$profile"
		start echo RAN
		fails
		says_not RAN
	done
	config 'del(.process.apparmorProfile)
		| .process.selinuxLabel = "system_u:system_r:none_t:s0"'
	start echo RAN
	fails
	says_not RAN
}
@test "S44: a label that cannot be set is fatal" { each_cell s44; }

s46() {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 77}]}'
	writable_root
	start mkdir /tmp/d \; status Seccomp
	says_not "mkdir /tmp/d: ok"
	matches 'Seccomp.*2'
	hako_detached pause
	run hako exec "$ID" /init mkdir /tmp/d \; status Seccomp
	says_not "mkdir /tmp/d: ok"
	matches 'Seccomp.*2'
	hako delete --force "$ID"
}
@test "S45, S46: filters hold for run and exec; see the unit tests for operators" {
	requires seccomp
	each_cell s46
}

s47() {
	[ "$WHO" = root ] || return 0
	config '.linux.resources.devices = [{allow: false, access: "rwm"}]
		| .process.capabilities[] += ["CAP_MKNOD"]'
	writable_root
	hako_detached pause
	run hako exec "$ID" /init mknod /tmp/kmsg c 1 11 \; open /tmp/kmsg r
	says "open /tmp/kmsg r: Operation not permitted"
	hako update --pids-limit 100 "$ID" || true
	run hako exec "$ID" /init open /tmp/kmsg r
	says "Operation not permitted"
	hako delete --force "$ID"
}
@test "S47: devices are denied, after an update, too" { each_cell s47; }

bomb() {
	local name=$1 limit=4000000
	# The shadow of a sanitizer is larger than any limit.
	! grep -q __asan_init "$HAKO" || limit=unlimited
	run bash -c 'ulimit -v "$1"; shift; exec "$@"' - $limit env HAKO_TEST="$MARK" \
		timeout -k 5 "$HAKO_TIMEOUT" "$HAKO" --root "$ROOT" run --bundle "$BUNDLE" "$ID" \
		</dev/null
	[ "$status" -gt 0 ] && [ "$status" -lt 124 ] || { show; fail "bomb '$name'"; }
	unharmed
}
s48() {
	cp "$CONFIG" "$TESTDIR/good.json"
	head -c 64M /dev/zero | tr '\0' ' ' >"$CONFIG"
	bomb blanks
	head -c 100000 /dev/zero | tr '\0' '[' >"$CONFIG"
	bomb depth
	jq -c '.x = 1' "$TESTDIR/good.json" | sed 's/^{/{"ociVersion":"1.3.0",/' >"$CONFIG"
	bomb duplicate
	jq -c . "$TESTDIR/good.json" | sed 's/"uid":0/"uid":1e400/' >"$CONFIG"
	bomb number
	jq -c . "$TESTDIR/good.json" | sed 's/"uid":0/"uid":99999999999999999999999/' >"$CONFIG"
	bomb large
	jq -c . "$TESTDIR/good.json" | sed 's/"hostname":"[^"]*"/"hostname":"a\\u0000b"/' >"$CONFIG"
	bomb NUL
	jq -c . "$TESTDIR/good.json" | sed 's/"hostname":"[^"]*"/"hostname":"\xff\xfe"/' >"$CONFIG"
	bomb UTF-8
	jq -c . "$TESTDIR/good.json" | sed 's/"hostname":"[^"]*"/"hostname":"\\ud800"/' >"$CONFIG"
	bomb surrogate
	jq -c '.mounts = [range(200000) | {destination: "/x", type: "nosuch", source: "y"}]' \
		"$TESTDIR/good.json" >"$CONFIG"
	bomb mounts
	rm "$TESTDIR/good.json"
}
@test "S48: JSON that is large, deep, doubled, damaged" {
	patience 60
	s48
}

s49() {
	local filter
	while read -r filter; do
		cp "$BUNDLE/config.json" "$TESTDIR/good.json"
		config "$filter"
		run hako run --bundle "$BUNDLE" "$ID" </dev/null
		fails
		unharmed
		mv "$TESTDIR/good.json" "$BUNDLE/config.json"
	done <<-'END'
		.linux.resources.hugepageLimits = [{pageSize: "../x", limit: 1}]
		.linux.resources.hugepageLimits = [{pageSize: "2MB/../../x", limit: 1}]
		.linux.sysctl = {"kernel/../../x": "1"}
		.linux.resources.rdma = {"../x": {hcaHandles: 1}}
		.linux.resources.network.priorities = [{name: "../x", priority: 1}]
		.linux.resources.unified = {"../cgroup.procs": "1"}
		.linux.resources.unified = {"memory.max/../x": "1"}
		.annotations["run.oci.delegate-cgroup"] = "../x"
		.annotations["run.oci.systemd.subgroup"] = "a/../../x"
		.linux.netDevices = {"../x": {}}
		.linux.netDevices = {"eth0": {name: "a/b"}}
		.linux.netDevices = {"eth0": {name: "aaaaaaaaaaaaaaaaaaaa"}}
		.linux.netDevices = {"eth0": {name: "x%d"}}
	END
	for filter in .. . a/b "$(printf 'x%.0s' {1..2000})" $'a\nb' ../../x 'a b'; do
		run hako run --bundle "$BUNDLE" "$filter" </dev/null
		fails
		says invalid
		run hako delete --force "$filter"
		[ "$status" -lt 124 ]
	done
	unharmed
}
@test "S49: names that are paths" { s49; }

s50() {
	local filter
	while read -r filter; do
		cp "$BUNDLE/config.json" "$TESTDIR/good.json"
		config "$filter"
		start true
		fails
		mv "$TESTDIR/good.json" "$BUNDLE/config.json"
	done <<-'END'
		.linux.uidMappings = [{containerID: 0, hostID: 4294967295, size: 2}]
		.linux.uidMappings = [{containerID: 4294967295, hostID: 5, size: 2}]
		.linux.uidMappings += [{containerID: 65535, hostID: 5, size: 1}]
		.linux.uidMappings += [{containerID: 70000, hostID: 100005, size: 1}]
		.linux.uidMappings = [range(400) | {containerID: ., hostID: (. + 100000), size: 1}]
		.linux.uidMappings = [{containerID: 0, hostID: 5, size: 0}]
		.linux.gidMappings = [{containerID: 0, hostID: 5, size: 4294967296}]
	END
}
@test "S50: id mappings that overflow or overlap" {
	HAKO_CELLS=userns:new
	each_cell s50
}

s51() {
	LD_PRELOAD=/none.so LD_LIBRARY_PATH="$ROOTFS" LISTEN_PID=1 LISTEN_FDS=4294967297 \
		NOTIFY_SOCKET="$(printf 'x%.0s' {1..300})" XDG_RUNTIME_DIR="$HOST" TMPDIR="$HOST" \
		HOME="$HOST" _HAKO_SEALED=1 LISTEN_FDNAMES=../../x \
		run hako_run fds
	[ "$status" -lt 124 ]
	! grep -qE '^fd ([3-9]|[0-9]{2,})' <<<"$output" || { show; fail "more than stdio"; }
	unharmed
}
@test "S51: a hostile environment of the caller" { each_cell s51; }

# A criu that keeps what it is asked, and does nothing.
criu_stub() {
	cat >"$TESTDIR/criu" <<-E
		#!/bin/bash
		dd bs=1M count=1 <&"\${@: -1}" 2>/dev/null | tr '\\0' '\\n' >>"$TESTDIR/asked"
	E
	chmod 755 "$TESTDIR/criu"
}
s52_config() {
	jq --arg f "$1" '.annotations["org.criu.config"] = $f' "$ROOT/$ID/config.json" \
		>"$TESTDIR/new.json"
	cat "$TESTDIR/new.json" >"$ROOT/$ID/config.json"
	run hako --criu "$TESTDIR/criu" checkpoint --image-path "$TESTDIR/images" "$ID"
	fails
	is_state "$ID" running
}
@test "S52: a configuration of criu that the container could exchange" {
	criu_stub
	mkdir "$HOST/conf" "$TESTDIR/volume" "$ROOTFS/in"
	echo 'log-file host.log' >"$HOST/conf/criu.conf"
	mkfifo "$HOST/conf/fifo"
	ln -s "$ROOTFS/in/planted" "$HOST/conf/inwards"
	echo 'log-file evil.log' >"$ROOTFS/in/planted"
	echo 'log-file evil.log' >"$TESTDIR/volume/criu.conf"
	ln -s "$HOST/conf/criu.conf" "$ROOTFS/in/link"
	MARKERS=$(markers)
	add_mount "$(jq -n --arg s "$TESTDIR/volume" \
		'{destination: "/tmp", type: "bind", source: $s, options: ["rbind"]}')"
	hako_detached pause
	for file in "$ROOTFS/in/planted" "$TESTDIR/volume/criu.conf" "$HOST/conf/fifo" \
		"$HOST/conf/inwards"; do
		s52_config "$file"
		says "org.criu.config"
		[ ! -e "$TESTDIR/asked" ] || fail "criu was asked"
	done
	# What is given is where the file is, not a link that could lead elsewhere by then.
	s52_config "$ROOTFS/in/link"
	grep -qaF "$HOST/conf/criu.conf" "$TESTDIR/asked"
	! grep -aF in/link "$TESTDIR/asked" || fail "criu is given the link"
	hako delete --force "$ID"
	rm -r "$TESTDIR/images"
	unharmed
}

s53() {
	local call
	requires strace
	for call in move_mount:error=EIO mknodat:error=EIO capset:error=EIO setsid:signal=KILL; do
		run env HAKO_TEST="$MARK" "${AS[@]}" strace -f -q -o /dev/null \
			-e trace="${call%%:*}" -e inject="$call:when=1+" \
			"$HAKO" --root "$ROOT" "${GLOBAL[@]}" run --bundle "$BUNDLE" "$ID" \
			</dev/null
		[ "$status" -ne 0 ] || [ "$KERNEL" != new ]
		unharmed
	done
}
@test "S53: zero residue of failures" { each_cell s53; }
