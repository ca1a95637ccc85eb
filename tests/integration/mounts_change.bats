#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hako mounts add and remove: mounts of a container that runs.

load helpers

setup() {
	bundle_new
	requires hako busybox
	config '.root.readonly = false'
	mkdir "$TESTDIR/data"
	echo from the host >"$TESTDIR/data/file"
}
teardown() { clean_up; }

# mounts VERB JSON
mounts() { hako mounts "$1" "$ID" - <<<"$2"; }

inside() { hako exec "$ID" "$@" </dev/null; }

bind_data() { echo "{\"type\":\"bind\",\"source\":\"$TESTDIR/data\",\"destination\":\"$1\"}"; }

@test "a bind mount, a file, a tmpfs: added, seen, removed" {
	hako_detached pause
	before=$(inside cat /proc/self/mountinfo | wc -l)
	mounts add "[$(bind_data /new/data), {\"type\":\"bind\",\"source\":\"$TESTDIR/data/file\",
		\"destination\":\"/etc/file\",\"options\":[\"ro\"]},
		{\"type\":\"tmpfs\",\"destination\":\"/scratch\",
		\"options\":[\"size=1m\",\"noexec\"]}]"
	[ "$(inside cat /new/data/file /etc/file)" = "from the host
from the host" ]
	run inside sh -c 'echo x >/etc/file'
	fails
	inside sh -c 'echo x >/scratch/x'
	run inside cat /proc/self/mountinfo
	says "/scratch rw,noexec"
	mounts remove '[{"destination": "/new/data"}, {"destination": "/etc/file"},
		{"destination": "/scratch"}]'
	[ "$(inside cat /proc/self/mountinfo | wc -l)" -eq "$before" ]
	run inside cat /new/data/file
	fails
	hako delete --force "$ID"
	nothing_left
}

@test "the host's mounts are as they were" {
	hako_detached pause
	before=$(cat /proc/self/mountinfo)
	mounts add "[$(bind_data /data)]"
	[ "$(cat /proc/self/mountinfo)" = "$before" ]
	mounts remove '[{"destination": "/data"}]'
	[ "$(cat /proc/self/mountinfo)" = "$before" ]
}

@test "one that fails takes the others with it" {
	hako_detached pause
	before=$(inside cat /proc/self/mountinfo | wc -l)
	run mounts add "[$(bind_data /a), {\"type\":\"nosuchfs\",\"destination\":\"/b\"}]"
	fails
	says "nosuchfs"
	[ "$(inside cat /proc/self/mountinfo | wc -l)" -eq "$before" ]
	run mounts add "[$(bind_data /a), {\"type\":\"bind\",\"source\":\"/does/not/exist\",
		\"destination\":\"/b\"}]"
	fails
	says "/does/not/exist"
	[ "$(inside cat /proc/self/mountinfo | wc -l)" -eq "$before" ]
}

@test "a link in the container leads nowhere else" {
	mkdir "$TESTDIR/canary"
	ln -s "$TESTDIR/canary" "$ROOTFS/link"
	hako_detached pause
	mounts add "[$(bind_data /link/sub)]"
	[ -z "$(ls -A "$TESTDIR/canary")" ]
	[ "$(inside cat "$TESTDIR/canary/sub/file")" = "from the host" ]
}

@test "a source that is a path of the container's is the host's all the same" {
	mkdir "$ROOTFS/only-inside"
	hako_detached pause
	run mounts add '[{"type":"bind","source":"/only-inside","destination":"/x"}]'
	fails
	says "/only-inside"
}

@test "with a user namespace: file systems belong to it, idmapped binds work" {
	requires userns
	with_userns
	hako_detached pause
	mounts add '[{"type":"tmpfs","destination":"/scratch"}]'
	run inside ls -ldn /scratch
	says " 0 "
	run mounts add "[{\"type\":\"bind\",\"source\":\"$TESTDIR/data\",
		\"destination\":\"/data\",\"options\":[\"idmap\"]}]"
	if [ "$status" -ne 0 ]; then
		says "its file system cannot"
	else
		run inside ls -ln /data/file
		says " 0 "
	fi
	mounts remove '[{"destination": "/scratch"}]'
}

@test "a procfs is of the container's pid namespace" {
	hako_detached pause
	mkdir -p "$ROOTFS/p"
	mounts add '[{"type":"proc","destination":"/p"}]'
	run inside cat /p/1/comm
	succeeds
	is_output init
}

@test "a paused container, too; not a stopped one" {
	requires cgroup2
	hako_detached pause
	hako pause "$ID" || skip "cannot pause here"
	mounts add "[$(bind_data /data)]"
	hako resume "$ID"
	[ "$(inside cat /data/file)" = "from the host" ]
	hako kill "$ID" KILL
	eventually is_state "$ID" stopped
	run mounts add "[$(bind_data /other)]"
	fails
	says "container not running"
}

@test "refused: what is no array, what is on /proc, cgroups, nothing to remove" {
	hako_detached pause
	run mounts add '{"destination": "/x"}'
	fails
	says "not a JSON array"
	run mounts add '[], "hooks": {}'
	fails
	says "not a JSON array"
	run mounts add '[{"type": "tmpfs"}]'
	fails
	says "mounts[0]" "destination"
	run mounts add '[{"type": "tmpfs", "destination": "/proc/sys"}]'
	fails
	says "mounts[0]" "/proc"
	run mounts add '[{"type": "cgroup", "destination": "/cg"}]'
	fails
	says "mounts[0]" "cgroup"
	run mounts remove '[{"destination": "/etc"}]'
	fails
	says "nothing of the container's is mounted there"
	run hako mounts add "$ID-none" - <<<'[]'
	fails
	says "does not exist"
}

# In the container the same names lead elsewhere; a node for a device, to another device.
@test "the layers of an overlay, and devices, are the host's" {
	requires mkfs.ext4 losetup
	mkdir "$TESTDIR/tmpfs"
	hako_detached pause
	mkdir -p "$ROOTFS$TESTDIR/data"
	echo from the container >"$ROOTFS$TESTDIR/data/file"
	mounts add "[{\"type\":\"overlay\",\"destination\":\"/over\",\"options\":
		[\"lowerdir=$TESTDIR/data:$TESTDIR/tmpfs\",\"ro\",\"nosuid\"]}]"
	[ "$(inside cat /over/file)" = "from the host" ]
	run inside cat /proc/self/mountinfo
	matches ' /over ro,nosuid'
	truncate -s 4M "$TESTDIR/image"
	mkfs.ext4 -q -d "$TESTDIR/data" "$TESTDIR/image"
	device=$(losetup --show -f "$TESTDIR/image") || skip "no loop devices"
	status=0
	mounts add "[{\"type\":\"ext4\",\"source\":\"$device\",\"destination\":\"/disk\",
		\"options\":[\"ro\"]}]" >"$TESTDIR/out" 2>&1 || status=$?
	losetup -d "$device"
	[ "$status" -eq 0 ] || { cat "$TESTDIR/out"; false; }
	[ "$(inside cat /disk/file)" = "from the host" ]
	run inside ls "$device"
	fails
	mounts remove '[{"destination": "/disk"}, {"destination": "/over"}]'
	hako delete --force "$ID"
	nothing_left
}

@test "a user namespace is not given what it could not mount" {
	with_userns
	chown -R 100000 "$BUNDLE"
	hako_detached pause
	run mounts add "[{\"type\":\"overlay\",\"destination\":\"/over\",\"options\":
		[\"lowerdir=$TESTDIR/data:$TESTDIR\",\"ro\"]}]"
	fails
	says "user namespace could not mount it"
	hako delete --force "$ID"
}
