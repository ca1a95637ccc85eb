#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Containers as files, and back. CRIU names another program than criu on PATH.

load helpers

: "${CRIU:=criu}"

setup() {
	requires root hako busybox "$CRIU"
	"$CRIU" check >/dev/null 2>&1 || skip "$CRIU does not work with this kernel"
	bundle_new
	IMAGES=$TESTDIR/images
	config '.root.readonly = false'
	shell 'i=0; while :; do i=$((i + 1)); echo $i >/new; mv /new /count; sleep 0.1; done'
}

teardown() { clean_up; }

checkpoint() { hako --criu "$CRIU" checkpoint --image-path "$IMAGES" "$@" "$ID"; }
restore() {
	hako_apart --criu "$CRIU" restore --bundle "$BUNDLE" --image-path "$IMAGES" "$@" "$ID"
}
# With the mark by which clean_up finds it.
in_background() { exec env HAKO_TEST="$MARK" "$@"; }
count() { cat "$ROOTFS/count"; }
counts_beyond() { [ "$(count)" -gt "$1" ]; }
start_counting() {
	hako_apart run --detach --bundle "$BUNDLE" "$ID" && eventually counts_beyond 1
}
# Without a file for the output: criu wants it as long as it was.
run_quietly() { hako run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1; }
# What one sees of the mounts inside; ids and devices differ from one to the next.
mounts_inside() { cut -d' ' -f4-6 "/proc/$(init_pid)/mountinfo" | sort; }

@test "checkpoint: the container is gone; restore: it goes on where it was" {
	start_counting
	mounts_inside >"$TESTDIR/mounts"
	checkpoint
	run hako state "$ID"
	exits 1
	nothing_left
	before=$(count)
	restore --detach --pid-file "$TESTDIR/pid"
	is_state "$ID" running
	[ "$(cat "$TESTDIR/pid")" = "$(init_pid)" ]
	eventually counts_beyond "$before"
	diff "$TESTDIR/mounts" <(mounts_inside)
	run hako exec "$ID" echo ok
	is_output ok
	# A second time round.
	checkpoint
	before=$(count)
	restore --detach
	eventually counts_beyond "$before"
	hako delete --force "$ID"
	nothing_left
}

@test "restore: a read-only root stays read-only, masks and limits are there" {
	config '.root.readonly = true | .linux.resources = {pids: {limit: 55}}'
	shell 'while :; do sleep 0.1; done'
	hako_apart run --detach --bundle "$BUNDLE" "$ID"
	mounts_inside >"$TESTDIR/mounts"
	checkpoint
	restore --detach
	diff "$TESTDIR/mounts" <(mounts_inside)
	[ "$(cat "$(cgroup_of pids "$(init_pid)")/pids.max")" = 55 ]
	run hako exec "$ID" sh -c 'echo x >/x || echo ro; cat /proc/keys | wc -c'
	has_line ro 0
}

@test "checkpoint --leave-running" {
	start_counting
	checkpoint --leave-running
	is_state "$ID" running
	before=$(count)
	eventually counts_beyond "$before"
	hako delete --force "$ID"
	# From what was dumped; by a program that has no file open which it renames as it goes on.
	shell 'while :; do sleep 0.1; done'
	hako_apart run --detach --bundle "$BUNDLE" "$ID"
	checkpoint --leave-running
	hako delete --force "$ID"
	restore --detach
	is_state "$ID" running
}

@test "checkpoint --pre-dump, and one with --parent-path" {
	start_counting
	run hako --criu "$CRIU" checkpoint --pre-dump --image-path "$TESTDIR/pre" "$ID"
	if [[ $output == *[Tt]racking*not* ]]; then
		skip "the kernel has no soft-dirty memory tracking"
	fi
	succeeds
	is_state "$ID" running
	run checkpoint --parent-path "$TESTDIR/pre"
	fails
	says "--parent-path" relative
	run checkpoint --parent-path ../nowhere
	fails
	says "--parent-path"
	is_state "$ID" running
	checkpoint --parent-path ../pre
	before=$(count)
	restore --detach
	eventually counts_beyond "$before"
}

@test "restore in the foreground: exit status, and the container is removed" {
	shell 'echo up >/up; while [ ! -e /go ]; do sleep 0.1; done; exit 7'
	hako_apart run --detach --bundle "$BUNDLE" "$ID"
	eventually test -e "$ROOTFS/up"
	checkpoint
	touch "$ROOTFS/go"
	run restore
	exits 7
	nothing_left
}

@test "standard streams: pipes, a file" {
	shell 'while read -r x; do echo "got $x"; echo seen >/seen; done; echo end'
	mkfifo "$TESTDIR/in" "$TESTDIR/in2"
	in_background sleep 1000 >"$TESTDIR/in" 2>&1 3>&- &
	writer=$!
	hako run --detach --bundle "$BUNDLE" "$ID" <"$TESTDIR/in" >"$TESTDIR/first" 2>&1
	echo one >"$TESTDIR/in"
	eventually grep -qx "got one" "$TESTDIR/first"
	checkpoint
	kill $writer
	(sleep 0.1; echo two) >"$TESTDIR/in2" 2>&1 3>&- &
	hako --criu "$CRIU" restore --bundle "$BUNDLE" --image-path "$IMAGES" "$ID" \
		<"$TESTDIR/in2" >>"$TESTDIR/first" 2>"$TESTDIR/err"
	grep -qx "got two" "$TESTDIR/first"
	grep -qx "end" "$TESTDIR/first"
}

@test "a terminal goes to the console socket again" {
	config '.process.terminal = true'
	shell 'echo up; while read -r x; do echo "<$x>"; done'
	in_background sleep 1000 2>&1 3>&- |
		"$RECVTTY" "$TESTDIR/tty" >"$TESTDIR/screen1" 2>&1 3>&- &
	eventually test -S "$TESTDIR/tty"
	hako_apart run --detach --console-socket "$TESTDIR/tty" --bundle "$BUNDLE" "$ID"
	eventually grep -q up "$TESTDIR/screen1"
	checkpoint
	rm -f "$TESTDIR/tty"
	{ echo typed; in_background sleep 1000; } 2>&1 3>&- |
		"$RECVTTY" "$TESTDIR/tty" >"$TESTDIR/screen2" 2>&1 3>&- &
	eventually test -S "$TESTDIR/tty"
	restore --detach --console-socket "$TESTDIR/tty"
	eventually grep -q '<typed>' "$TESTDIR/screen2"
}

@test "bind mounts: the source of the new configuration takes the old one's place" {
	mkdir "$TESTDIR/v1" "$TESTDIR/v2"
	echo first >"$TESTDIR/v1/f"
	echo second >"$TESTDIR/v2/f"
	echo host >"$TESTDIR/file"
	mkdir "$ROOTFS/data"
	ln -s data "$ROOTFS/link"
	add_mount "{destination: \"/link/v\", source: \"$TESTDIR/v1\", type: \"bind\",
		options: [\"rbind\", \"rprivate\"]}"
	add_mount "{destination: \"/etc/file\", source: \"$TESTDIR/file\", type: \"bind\",
		options: [\"bind\", \"ro\"]}"
	start_counting
	mounts_inside >"$TESTDIR/mounts"
	checkpoint
	rmdir "$ROOTFS/data/v"
	rm "$ROOTFS/etc/file"
	sed -i "s|$TESTDIR/v1|$TESTDIR/v2|" "$CONFIG"
	restore --detach
	run hako exec "$ID" cat /data/v/f /etc/file
	has_line second host
	diff <(sed "s|/v1|/v2|" "$TESTDIR/mounts") <(mounts_inside)
}

@test "a network namespace that was joined is joined again" {
	requires ip
	ip netns add "$MARK"
	config ".linux.namespaces |= map(if .type == \"network\"
		then .path = \"/run/netns/$MARK\" else . end)"
	start_counting
	checkpoint
	restore --detach
	run stat -Lc %i "/proc/$(init_pid)/ns/net" "/run/netns/$MARK"
	[ "${lines[0]}" = "${lines[1]}" ]
	hako delete --force "$ID"
	ip netns delete "$MARK"
}

@test "a user namespace" {
	with_userns
	shell 'while :; do sleep 0.1; done'
	hako_apart run --detach --bundle "$BUNDLE" "$ID"
	checkpoint
	restore --detach
	run cat "/proc/$(init_pid)/uid_map"
	matches '^ +0 +100000 +65536$'
	run hako exec "$ID" id -u
	has_line 0
}

@test "a paused container; one that is only created is refused" {
	hako_create
	run checkpoint
	fails
	says "cannot checkpoint container '$ID': it is created"
	hako start "$ID"
	eventually counts_beyond 1
	hako pause "$ID"
	checkpoint
	run hako state "$ID"
	exits 1
	before=$(count)
	restore --detach
	is_state "$ID" running
	eventually counts_beyond "$before"
}

@test "hooks: prestart and createRuntime at restore, poststop at both ends" {
	cat >"$TESTDIR/hook" <<-EOT
		#!/bin/sh
		jq -r '"'\$1' " + .status + " " + (if .pid > 0 then "pid" else "none" end)' \\
			>>"$TESTDIR/said"
	EOT
	chmod +x "$TESTDIR/hook"
	for stage in prestart createRuntime poststop; do
		config ".hooks.$stage = [{path: \"$TESTDIR/hook\", args: [\"hook\", \"$stage\"]}]"
	done
	start_counting
	checkpoint
	restore --detach
	hako delete --force "$ID"
	diff - "$TESTDIR/said" <<-EOT
		prestart creating pid
		createRuntime creating pid
		poststop stopped none
		prestart creating pid
		createRuntime creating pid
		poststop stopped none
	EOT
}

# listen SOCKET HEARD: messages to a unix datagram socket, one a line.
listen() {
	requires python3
	HAKO_TEST=$MARK python3 - "$1" >"$2" 2>&1 3>&- <<-'EOF' &
		import socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind(sys.argv[1])
		print("listening", flush=True)
		while True:
		    print(s.recv(4096).decode(), flush=True)
	EOF
	eventually grep -q listening "$2"
}
heard() { grep -qxF -- "$2" "$TESTDIR/$1"; }

@test "NOTIFY_SOCKET: the container's place, whoever listens now" {
	listen "$TESTDIR/n1" "$TESTDIR/heard1"
	listen "$TESTDIR/n2" "$TESTDIR/heard2"
	BEFORE=$(snapshot)
	mkdir "$ROOTFS/x"
	probe notify READY=1 \; wait-for /x/go \; notify STATUS=again \; pause
	NOTIFY_SOCKET=$TESTDIR/n1 hako create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	hako start "$ID"
	eventually heard heard1 READY=1
	# What the environment of the command says is nobody's business.
	NOTIFY_SOCKET=$TESTDIR/other checkpoint
	run restore --detach
	fails
	says "the container was made with a notify socket, at '$TESTDIR/n1'"
	nothing_left
	NOTIFY_SOCKET=$TESTDIR/n2 hako --criu "$CRIU" restore --bundle "$BUNDLE" \
		--image-path "$IMAGES" "$ID" >/dev/null 2>&1 </dev/null 3>&- &
	eventually heard heard2 READY=1 || { tail "$IMAGES/restore.log"; false; }
	echo >"$ROOTFS/x/go"
	eventually heard heard2 STATUS=again
	# A second time, from the place it was restored to.
	checkpoint
	NOTIFY_SOCKET=$TESTDIR/n1 hako --criu "$CRIU" restore --detach --bundle "$BUNDLE" \
		--image-path "$IMAGES" "$ID" </dev/null >/dev/null 2>&1
	eventually heard heard1 "MAINPID=$(init_pid)"
}

@test "a namespace shared by annotation, whose container may be gone" {
	hako_apart run --detach --bundle "$BUNDLE" "$ID-1"
	eventually counts_beyond 1
	hako pause "$ID-1"
	config '.annotations["org.hako.ns.share.net"] = $id' --arg id "$ID-1"
	config '.linux.namespaces |= map(select(.type != "network"))'
	start_counting
	net=$(readlink "/proc/$(init_pid)/ns/net")
	checkpoint
	# It is another one's, and not in the images.
	[ ! -e "$IMAGES"/netdev-*.img ]
	restore --detach
	[ "$(readlink "/proc/$(init_pid)/ns/net")" = "$net" ]
	hako delete --force "$ID-1"
	checkpoint
	run restore --detach
	fails
	says "container '$ID-1' does not exist"
}

@test "org.hako.hooks: pre-start makes the root at restore, too" {
	cat >"$TESTDIR/hook" <<-EOT
		#!/bin/sh
		echo "\$1" >>"$TESTDIR/said"
		[ "\$1" != pre-start ] || [ -e "$ROOTFS" ] || mv "$TESTDIR/real" "$ROOTFS"
	EOT
	chmod +x "$TESTDIR/hook"
	for stage in pre-start start-host; do
		config ".annotations[\"org.hako.hooks.$stage\"] = ([{path: \$h,
			args: [\"hook\", \"$stage\"]}] | tojson)" --arg h "$TESTDIR/hook"
	done
	start_counting
	checkpoint
	before=$(count)
	mv "$ROOTFS" "$TESTDIR/real"
	: >"$TESTDIR/said"
	restore --detach
	eventually counts_beyond "$before"
	diff - "$TESTDIR/said" <<<$'pre-start\nstart-host'
	checkpoint
	config '.annotations["org.hako.reboot"] = "restart"'
	run restore --detach
	fails
	says org.hako.reboot "restore without --detach"
	nothing_left
}

@test "restore --lazy-pages: memory comes from a daemon" {
	"$CRIU" check --feature uffd-noncoop >/dev/null 2>&1 || skip "needs userfaultfd"
	config '.process.args = ["/bin/sh", "-c", $s]' --arg s 'x=$(cat /init | tr -d "\0")
		x=${#x} i=0
		while :; do i=$((i + 1)); echo $i >/new; mv /new /count; sleep 0.1; done'
	ln -sf busybox "$ROOTFS/bin/tr"
	ln -sf busybox "$ROOTFS/bin/mv"
	start_counting
	checkpoint
	before=$(count)
	mkdir "$TESTDIR/work"
	run restore --detach --lazy-pages --work-path "$TESTDIR/work"
	fails
	nothing_left
	in_background "$CRIU" lazy-pages --images-dir "$IMAGES" --work-dir "$TESTDIR/work" \
		-o daemon.log >"$TESTDIR/daemon" 2>&1 </dev/null 3>&- &
	eventually test -S "$TESTDIR/work/lazy-pages.socket"
	restore --detach --lazy-pages --work-path "$TESTDIR/work" ||
		{ tail "$TESTDIR/work/"*.log; false; }
	eventually counts_beyond "$before"
}

@test "--tcp-established: a connection goes on" {
	requires python3
	HAKO_TEST=$MARK python3 - "$TESTDIR/port" >"$TESTDIR/got" 2>&1 3>&- <<-'EOF' &
		import os, socket, sys
		s = socket.create_server(("127.0.0.1", 0))
		with open(sys.argv[1] + ".new", "w") as f:
		    print(s.getsockname()[1], file=f)
		os.rename(sys.argv[1] + ".new", sys.argv[1])
		for line in s.accept()[0].makefile():
		    print(line, end="", flush=True)
		print("the end", flush=True)
	EOF
	eventually test -e "$TESTDIR/port"
	ln -s busybox "$ROOTFS/bin/nc"
	config '.linux.namespaces |= map(select(.type != "network"))'
	shell "i=0; while :; do i=\$((i + 1)); echo \$i; sleep 0.1; done |
		nc 127.0.0.1 $(cat "$TESTDIR/port")"
	hako_apart run --detach --bundle "$BUNDLE" "$ID"
	arrived() { [ "$(tail -n 1 "$TESTDIR/got")" -gt "$1" ]; }
	eventually arrived 1 || { cat "$TESTDIR/got" "$TESTDIR/out"; false; }
	run checkpoint
	fails
	says "criu dump failed" onnected
	is_state "$ID" running
	checkpoint --tcp-established
	before=$(tail -n 1 "$TESTDIR/got")
	restore --detach --tcp-established
	eventually arrived $((before + 3))
	# Nothing was lost, and it is the same connection.
	cp "$TESTDIR/got" "$TESTDIR/got.now"
	seq "$(wc -l <"$TESTDIR/got.now")" | diff - "$TESTDIR/got.now"
}

@test "--ext-unix-sk: a socket whose peer is outside" {
	mkdir -p "$TESTDIR/v" "$ROOTFS$TESTDIR/v"
	listen "$TESTDIR/v/s" "$TESTDIR/heard"
	# Under one name inside and outside: criu connects to the one that the peer gave itself.
	add_mount "{destination: \"$TESTDIR/v\", source: \"$TESTDIR/v\", options: [\"bind\"]}"
	# The peer is looked for in the container's network namespace.
	config '.linux.namespaces |= map(select(.type != "network"))'
	probe tell "$TESTDIR/v/s" word
	run_quietly
	eventually heard heard word
	run checkpoint
	fails
	says "criu dump failed"
	is_state "$ID" running
	checkpoint --ext-unix-sk
	before=$(wc -l <"$TESTDIR/heard")
	restore --detach --ext-unix-sk
	more() { [ "$(wc -l <"$TESTDIR/heard")" -gt "$((before + 1))" ]; }
	eventually more
	is_state "$ID" running
}

@test "--file-locks: the lock is held again" {
	requires flock
	probe lock /lock \; write /locked yes \; pause
	run_quietly
	eventually test -e "$ROOTFS/locked"
	run flock -n "$ROOTFS/lock" true
	exits 1
	run checkpoint
	fails
	says "criu dump failed" "lock"
	is_state "$ID" running
	checkpoint --file-locks
	flock -n "$ROOTFS/lock" true
	restore --detach --file-locks
	run flock -n "$ROOTFS/lock" true
	exits 1
}

@test "--manage-cgroups-mode: each of them" {
	config '.linux.resources = {pids: {limit: 55}}'
	start_counting
	for mode in full ignore soft; do
		echo "# $mode"
		checkpoint --manage-cgroups-mode $mode
		before=$(count)
		restore --detach --manage-cgroups-mode $mode
		eventually counts_beyond "$before"
		[ "$(cat "$(cgroup_of pids "$(init_pid)")/pids.max")" = 55 ]
		run hako ps "$ID"
		says sleep
	done
	# "strict" is criu's word for: not into a cgroup that is there, as it is here.
	checkpoint --manage-cgroups-mode strict
	run restore --detach --manage-cgroups-mode strict
	fails
	says "criu restore failed" cgroup
	nothing_left
}

@test "a dump that criu refuses to begin with: the container goes on" {
	echo 'no-such-option-at-all 1' >"$TESTDIR/criu.conf"
	config ".annotations[\"org.criu.config\"] = \"$TESTDIR/criu.conf\""
	start_counting
	run checkpoint
	fails
	is_state "$ID" running
	before=$(count)
	eventually counts_beyond "$before"
}

@test "a dump that fails: reason and log are named, the container goes on" {
	# A deleted file that is too large for the images.
	ln -sf busybox "$ROOTFS/bin/dd"
	ln -sf busybox "$ROOTFS/bin/rm"
	shell 'exec 9>/big; dd if=/dev/zero of=/big bs=1M count=2; rm /big
		while :; do echo . >>/count; sleep 0.1; done'
	hako_apart run --detach --bundle "$BUNDLE" "$ID"
	eventually test -e "$ROOTFS/count"
	run checkpoint --work-path "$TESTDIR/work"
	fails
	says "checkpoint container '$ID': criu dump failed" "ghost file" "$TESTDIR/work/dump.log"
	is_state "$ID" running
	before=$(wc -c <"$ROOTFS/count")
	grown() { [ "$(wc -c <"$ROOTFS/count")" -gt "$before" ]; }
	eventually grown
}

@test "org.criu.config: read from the host, refused from inside of the root" {
	echo 'log-file other.log' >"$TESTDIR/criu.conf"
	config ".annotations[\"org.criu.config\"] = \"$TESTDIR/criu.conf\""
	start_counting
	checkpoint
	[ -e "$IMAGES/other.log" ]
	cp "$TESTDIR/criu.conf" "$ROOTFS/criu.conf"
	config ".annotations[\"org.criu.config\"] = \"$ROOTFS/criu.conf\""
	run restore --detach
	fails
	says "org.criu.config" "own root file system"
	nothing_left
}

@test "a restore that fails leaves nothing" {
	start_counting
	checkpoint
	rm "$IMAGES/pstree.img"
	run restore --detach
	fails
	says "restore container '$ID': criu"
	nothing_left
	run hako --criu /nowhere/criu restore --bundle "$BUNDLE" --image-path "$IMAGES" "$ID"
	fails
	says "/nowhere/criu: executable file not found in \$PATH"
	nothing_left
	run hako restore --bundle "$BUNDLE" --image-path "$TESTDIR/nowhere" "$ID"
	fails
	says "--image-path" "no such file or directory"
	nothing_left
}

@test "words that mean nothing are refused" {
	start_counting
	run checkpoint --manage-cgroups-mode some
	fails
	says "--manage-cgroups-mode: 'some'"
	run checkpoint --empty-ns pid
	fails
	says "namespace 'pid' is not supported"
	run checkpoint --page-server nowhere
	fails
	says "--page-server: 'nowhere' is not ADDRESS:PORT"
	run checkpoint --status-fd 1
	fails
	says "--status-fd is for --lazy-pages"
	is_state "$ID" running
}

@test "idmapped mounts are refused: criu would lose the map" {
	with_userns
	mkdir "$TESTDIR/v"
	add_mount "{destination: \"/v\", source: \"$TESTDIR/v\", type: \"bind\",
		options: [\"bind\", \"idmap\"]}"
	shell 'while :; do sleep 0.1; done'
	run hako_apart run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ] || skip "no idmapped mounts here"
	run checkpoint
	fails
	says "criu cannot save idmapped mounts"
	is_state "$ID" running
}

@test "checkpoint --lazy-pages: --status-fd says when pages are served" {
	"$CRIU" check --feature uffd-noncoop >/dev/null 2>&1 || skip "needs userfaultfd"
	config '.linux.namespaces |= map(select(.type != "network"))'
	mkfifo "$TESTDIR/ready"
	port=$((20000 + RANDOM % 20000))
	start_counting
	run hako --criu "$CRIU" checkpoint --lazy-pages --page-server "127.0.0.1:$port" \
		--status-fd 7 --image-path "$IMAGES" "$ID" 7</dev/null
	fails
	says "--status-fd: descriptor 7 is not writable"
	hako --criu "$CRIU" checkpoint --lazy-pages --page-server "127.0.0.1:$port" \
		--status-fd 7 --image-path "$IMAGES" "$ID" 7>"$TESTDIR/ready" \
		>"$TESTDIR/dump" 2>&1 </dev/null 3>&- &
	[ "$(timeout 60 head -c 1 "$TESTDIR/ready" | od -An -tx1)" = " 00" ] ||
		{ cat "$TESTDIR/dump"; false; }
	[ -e "$IMAGES/inventory.img" ]
	# Nobody fetches them here: clean_up ends criu, which lets go of the container.
}
