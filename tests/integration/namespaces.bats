#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Namespaces: new, the host's, joined by path, user with mappings, time with offsets.

load helpers
setup() { bundle_new; }
teardown() { clean_up; }

without_ns() { config "del(.linux.namespaces[] | select(.type == \"$1\"))"; }
host_ns() { readlink "/proc/self/ns/$1"; }

# another_container: ID-other runs; its pid in $other.
another_container() {
	probe pause
	hako_apart run -d --bundle "$BUNDLE" "$ID-other"
	other=$(init_pid "$ID-other")
}

join() {
	without_ns "$1"
	config '.linux.namespaces += [{type: $t, path: $p}]' --arg t "$1" --arg p "$2"
}

@test "listed ones are new, all others the host's" {
	run hako_run ns
	succeeds
	for ns in pid net ipc uts mnt; do
		says_not "$(host_ns $ns)"
	done
	has_line "$(host_ns user)" "$(host_ns time)"
}

@test "each kind can stay the host's" {
	for pair in pid:pid network:net ipc:ipc uts:uts; do
		cp "$CONFIG" "$TESTDIR/keep"
		without_ns ${pair%:*}
		config '.mounts |= map(select(.type != "mqueue")) | del(.hostname)'
		run hako_run ns ${pair#*:}
		succeeds
		is_output "$(host_ns ${pair#*:})"
		cp "$TESTDIR/keep" "$CONFIG"
	done
	nothing_left
}

@test "a cgroup namespace: the container sees itself at the root" {
	config '.linux.namespaces |= map(select(.type != "cgroup")) + [{type: "cgroup"}]'
	run hako_run ns cgroup \; cat /proc/self/cgroup
	succeeds
	says_not "$(host_ns cgroup)" "$MARK"
	# Every hierarchy, the controllers of v1 and cgroup2, says "/".
	run ! grep -vE ':/$' <(tail -n +2 <<<"$output")
	nothing_left
}

@test "joined by path: network, ipc, uts" {
	another_container
	for pair in network:net ipc:ipc uts:uts; do
		cp "$CONFIG" "$TESTDIR/keep"
		join ${pair%:*} "/proc/$other/ns/${pair#*:}"
		config 'del(.hostname)'
		run hako_run ns ${pair#*:}
		succeeds
		is_output "$(readlink "/proc/$other/ns/${pair#*:}")"
		cp "$TESTDIR/keep" "$CONFIG"
	done
}

@test "joined by path: pid; the other's processes are there, ours is not pid 1" {
	another_container
	join pid "/proc/$other/ns/pid"
	run hako_run ns pid \; pid \; stat /proc/1/ns
	succeeds
	has_line "$(readlink "/proc/$other/ns/pid")"
	says_not "pid=1 "
	is_state "$ID-other" running
}

@test "joined by path: mount; root is the other's" {
	requires hako
	another_container
	touch "$ROOTFS/marker"
	join mount "/proc/$other/ns/mnt"
	config '.mounts = [] | del(.linux.maskedPaths, .linux.readonlyPaths)
		| .root.readonly = false'
	run hako_run ns mnt
	# Either it works as told, or it is refused in words; never in some third way.
	if [ "$status" -eq 0 ]; then
		is_output "$(readlink "/proc/$other/ns/mnt")"
	else
		fails
		says mount
	fi
	nothing_left || [ -d "$ROOT/$ID-other" ]
}

@test "joined through a bind-mounted namespace file" {
	requires unshare
	touch "$TESTDIR/netns"
	unshare --net="$TESTDIR/netns" true
	inode=$(stat -L -c 'net:[%i]' "$TESTDIR/netns")
	join network "$TESTDIR/netns"
	run hako_run ns net
	umount "$TESTDIR/netns"
	succeeds
	is_output "$inode"
}

@test "a path of another type is refused by name" {
	requires hako
	for pair in network:uts ipc:net uts:ipc pid:mnt; do
		cp "$CONFIG" "$TESTDIR/keep"
		join ${pair%:*} "/proc/self/ns/${pair#*:}"
		run hako_run ns
		fails
		says "${pair%:*}" "/proc/self/ns/${pair#*:}"
		cp "$TESTDIR/keep" "$CONFIG"
	done
	nothing_left
}

@test "a path that is no namespace, or does not exist" {
	join network /etc/passwd
	run hako_run ns
	fails
	says /etc/passwd
	join network /no/such/ns
	run hako_run ns
	fails
	says /no/such/ns
	nothing_left
}

@test "the same kind twice is refused with its place" {
	requires hako
	config '.linux.namespaces += [{"type": "pid"}]'
	run hako_run ns
	fails
	says "linux.namespaces[" pid
	nothing_left
}

@test "hostname and domainname" {
	config '.hostname = "boxed"'
	run hako_run hostname
	is_output boxed
	run hostname
	says_not boxed
}

@test "domainname" {
	requires hako
	config '.domainname = "example.org"'
	run hako_run domainname \; sysctl kernel.domainname
	is_output $'example.org\nexample.org'
}

@test "a hostname without a uts namespace is refused" {
	without_ns uts
	config '.hostname = "boxed"'
	run hako_run hostname
	fails
	says hostname
	nothing_left
}

@test "user: mapped, root inside is another outside" {
	requires userns
	with_userns
	run hako_run ids \; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups \
		\; stat /etc/passwd
	succeeds
	has_line "uid=0,0,0 gid=0,0,0 groups=" allow "/etc/passwd: file 0644 0:0"
	matches '^ +0 +100000 +65536$'
	matches '^ +0 +200000 +65536$'
	nothing_left
}

@test "user: every mount of the document works, and belongs to the mapped root" {
	requires userns
	with_userns
	run hako_run mounts \; stat /dev/null /dev/mqueue /dev/shm /dev/pts \; write /dev/shm/f x
	succeeds
	matches '^/proc proc '
	matches '^/dev/mqueue mqueue '
	matches '^/sys sysfs ro,'
	matches '^/dev/null: char 0666 (0:0|65534:65534) 1:3$'
	says "write /dev/shm/f x: ok"
	nothing_left
}

@test "user: several ranges, another user than root" {
	requires userns
	config '.linux.namespaces += [{type: "user"}]
		| .process.user = {uid: 1000, gid: 1000, additionalGids: [5, 6]}
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000},
			{containerID: 1000, hostID: 50000, size: 1}]
		| .linux.gidMappings = [{containerID: 0, hostID: 100000, size: 1000},
			{containerID: 1000, hostID: 50000, size: 1}]'
	chown -R 100000:100000 "$ROOTFS"
	run hako_run ids \; cat /proc/self/uid_map
	succeeds
	has_line "uid=1000,1000,1000 gid=1000,1000,1000 groups=5,6"
	matches '^ +1000 +50000 +1$'
	hako_detached pause
	[ "$(stat -c %u "/proc/$(init_pid)")" = 50000 ]
}

@test "user: mappings without the namespace are refused" {
	config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 10}]'
	run hako_run ids
	fails
	says Mappings
	nothing_left
}

@test "user: overlapping and overflowing mappings are refused with their place" {
	requires hako userns
	with_userns
	config '.linux.uidMappings += [{containerID: 10, hostID: 300000, size: 5}]'
	run hako_run ids
	fails
	says "linux.uidMappings[1]"
	config '.linux.uidMappings = [{containerID: 0, hostID: 4294967290, size: 100}]'
	run hako_run ids
	fails
	says "linux.uidMappings[0]"
	nothing_left
}

@test "user: joined by path" {
	requires userns
	with_userns
	probe pause
	hako_apart run -d --bundle "$BUNDLE" "$ID-other"
	other=$(init_pid "$ID-other")
	config 'del(.linux.uidMappings, .linux.gidMappings)'
	join user "/proc/$other/ns/user"
	run hako_run ns user \; ids \; cat /proc/self/uid_map
	succeeds
	has_line "$(readlink "/proc/$other/ns/user")" "uid=0,0,0 gid=0,0,0 groups="
	matches '^ +0 +100000 +65536$'
}

@test "all of another container's but mount" {
	requires userns hako
	with_userns
	probe pause
	hako_apart run -d --bundle "$BUNDLE" "$ID-other"
	other=$(init_pid "$ID-other")
	config 'del(.linux.uidMappings, .linux.gidMappings, .hostname)'
	for pair in user:user pid:pid network:net ipc:ipc uts:uts cgroup:cgroup time:time; do
		join ${pair%:*} "/proc/$other/ns/${pair#*:}"
	done
	run hako_run ns
	succeeds
	for ns in user pid net ipc uts cgroup time; do
		has_line "$(readlink "/proc/$other/ns/$ns")"
	done
	says_not "$(readlink "/proc/$other/ns/mnt")"
	is_state "$ID-other" running
}

@test "time: offsets" {
	requires timens hako
	config '.linux.namespaces += [{type: "time"}]
		| .linux.timeOffsets = {monotonic: {secs: 86400, nanosecs: 5},
		boottime: {secs: 172800}}'
	run hako_run cat /proc/self/timens_offsets \; ns time
	succeeds
	matches '^monotonic +86400 +5$'
	matches '^boottime +172800 +0$'
	says_not "$(host_ns time)"
	nothing_left
}

@test "time: offsets with a user namespace" {
	requires timens userns hako
	with_userns
	config '.linux.namespaces += [{type: "time"}]
		| .linux.timeOffsets = {boottime: {secs: 1000}}'
	run hako_run cat /proc/self/timens_offsets
	succeeds
	matches '^boottime +1000 +0$'
}

@test "time: offsets without the namespace are refused; so are offsets for a joined one" {
	requires timens hako
	config '.linux.timeOffsets = {boottime: {secs: 1000}}'
	run hako_run true
	fails
	says timeOffsets
	config '.linux.namespaces += [{type: "time", path: "/proc/self/ns/time"}]'
	run hako_run true
	fails
	says timeOffsets
}

@test "a new network namespace has its loopback up" {
	run hako_run cat /sys/class/net/lo/operstate /proc/net/dev
	succeeds
	says "lo:"
	says_not "down"
}
