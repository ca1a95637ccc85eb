#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What hako does for its own annotations, which LXC's keys become.

load helpers
setup() {
	requires hako
	bundle_new
	LOG=$TESTDIR/log
	cat >"$TESTDIR/hook" <<-EOT
		#!/bin/sh
		echo "\$1 \$(readlink /proc/self/ns/mnt)" >>$LOG
		cat >$TESTDIR/\$1.json
		exit \${2:-0}
	EOT
	chmod 755 "$TESTDIR/hook"
}
teardown() { clean_up; }

# annotate NAME VALUE
annotate() { config '.annotations["org.hako." + $n] = $v' --arg n "$1" --arg v "$2"; }
# lxc_hook NAME [STATUS]: a hook of ours at a moment of LXC's.
lxc_hook() {
	annotate "hooks.$1" "$(jq -nc --arg p "$TESTDIR/hook" --arg n "$1" --arg s "${2:-0}" \
		'[{path: $p, args: ["hook", $n, $s], env: ["PATH=/usr/bin:/bin"]}]')"
}
order() { cut -d' ' -f1 "$LOG" | tr '\n' ' '; }

@test "hooks of LXC: where and in what order they run" {
	for name in pre-start pre-mount start-host destroy; do
		lxc_hook $name
	done
	config '.hooks.createRuntime = [{path: $p, args: ["hook", "createRuntime"]}]
		| .hooks.poststart = [{path: $p, args: ["hook", "poststart"]}]' \
		--arg p "$TESTDIR/hook"
	hako_create pause
	[ "$(order)" = "pre-start pre-mount createRuntime " ]
	hako start "$ID"
	[ "$(order)" = "pre-start pre-mount createRuntime start-host poststart " ]
	ours=$(readlink /proc/self/ns/mnt)
	[ "$(grep -cF "$ours" "$LOG")" -eq 4 ]
	grep '^pre-mount' "$LOG" | grep -vF "$ours"
	jq -e '.status == "creating" and (.pid // 0) == 0' "$TESTDIR/pre-start.json"
	jq -e '.status == "created" and .pid > 1' "$TESTDIR/start-host.json"
	hako kill "$ID" KILL
	eventually is_state "$ID" stopped
	hako delete --destroy "$ID"
	[ "$(tail -1 "$LOG" | cut -d' ' -f1)" = destroy ]
	nothing_left
}

@test "hooks of LXC: destroy ones are for delete --destroy alone" {
	lxc_hook destroy
	run -0 hako_run true
	[ ! -e "$LOG" ]
}

@test "hooks of LXC: a failure stops the container, and nothing is left" {
	for name in pre-start pre-mount start-host; do
		config 'del(.annotations)'
		lxc_hook $name 7
		run hako_run write /dev/null x
		fails
		says "error running $name hook #0" "exit code 7"
		nothing_left
	done
}

@test "hooks of LXC: pre-start may make the root file system" {
	mv "$ROOTFS" "$TESTDIR/real"
	annotate hooks.pre-start "$(jq -nc --arg a "$TESTDIR/real" --arg b "$ROOTFS" \
		'[{path: "/bin/mv", args: ["mv", $a, $b]}]')"
	run -0 hako_run hostname
}

@test "hooks of LXC: what pre-mount mounts is the container's root, and its alone" {
	mv "$ROOTFS" "$TESTDIR/real"
	mkdir "$ROOTFS"
	annotate hooks.pre-mount "$(jq -nc --arg a "$TESTDIR/real" --arg b "$ROOTFS" \
		'[{path: "/bin/mount", args: ["mount", "--bind", $a, $b]}]')"
	run -0 hako_run hostname
	[ -z "$(ls "$ROOTFS")" ]
	nothing_left
}

@test "ns.share: the namespaces of a running container, by its name" {
	hako_create pause
	hako start "$ID"
	for ns in uts ipc; do
		annotate "ns.share.$ns" "$ID"
	done
	config 'del(.hostname)'
	probe ns
	run -0 hako run --bundle "$BUNDLE" "$ID-2"
	pid=$(init_pid)
	matches "$(readlink "/proc/$pid/ns/uts" | tr -d '[]' | cut -d: -f2)"
	matches "$(readlink "/proc/$pid/ns/ipc" | tr -d '[]' | cut -d: -f2)"
	hako delete --force "$ID"
	run hako run --bundle "$BUNDLE" "$ID-2"
	fails
	says "share the uts namespace: container '$ID' does not exist"
}

@test "cgroup.inner: limits outside, processes inside" {
	requires cgroup2
	annotate cgroup.inner payload
	config '.linux.cgroupsPath = "/" + $m' --arg m "$MARK"
	hako_create pause
	pid=$(init_pid)
	grep -q "/$MARK/payload$" "/proc/$pid/cgroup"
	hako start "$ID"
	hako_apart exec -d "$ID" /init pause
	hako delete --force "$ID"
	nothing_left
}

@test "ephemeral: nothing is kept, whatever --keep says" {
	annotate ephemeral 1
	lxc_hook destroy
	probe true
	run -0 hako run --keep --bundle "$BUNDLE" "$ID"
	[ "$(order)" = "destroy " ]
	nothing_left
}

@test "ephemeral: run -d removes it at its end" {
	annotate ephemeral 1
	lxc_hook destroy
	probe pause
	hako_apart run --detach --bundle "$BUNDLE" "$ID"
	kill_init
	eventually gone || nothing_left
	[ "$(order)" = "destroy " ]
}

@test "create: what only a process that stays can give is warned of, each" {
	while read -r name value; do
		config 'del(.annotations)'
		annotate "$name" "$value"
		hako_create true
		[ "$(wc -l <"$TESTDIR/out")" -eq 1 ]
		grep "org\.hako\.$name.*: no effect" "$TESTDIR/out"
		[ ! -e "$TESTDIR/console" ]
		hako delete "$ID"
	done <<-EOT
		console.buffer 4096
		console.logfile $TESTDIR/console
		console.path $TESTDIR/console
		ephemeral 1
		pdeath SIGKILL
		reboot restart
		tty.max 2
	EOT
	config 'del(.annotations)'
	for name in console.buffer ephemeral tty.max; do
		annotate "$name" 0
	done
	annotate reboot stop
	hako_create true
	[ ! -s "$TESTDIR/out" ]
}

@test "console.path and console.logfile: what is no file and no device is refused" {
	config '.process.terminal = true'
	open=$TESTDIR/open
	mkdir "$open" "$open/dir"
	chmod 777 "$open"
	echo mine >"$TESTDIR/victim"
	ln -s "$TESTDIR/victim" "$open/link"
	ln -s "$TESTDIR/nowhere" "$open/dangling"
	ln -s /dev/null "$open/to-device"
	mkfifo "$open/fifo"
	exec 8<>"$open/fifo" # with a reader, so that it could be opened
	probe echo hello \; pause
	while read -r kind reason; do
		for name in console.path console.logfile; do
			config 'del(.annotations)'
			annotate "$name" "$open/$kind"
			run hako_apart run --detach --bundle "$BUNDLE" "$ID"
			fails
			says "$open/$kind" "$reason"
			nothing_left
		done
	done <<-EOT
		link is a link, which is not followed
		dangling is a link, which is not followed
		to-device is a link, which is not followed
		fifo is neither a file nor a device
		dir is a directory
	EOT
	[ "$(cat "$TESTDIR/victim")" = mine ]
	[ ! -e "$TESTDIR/nowhere" ]
	# Where only root puts links, as udev does, one may lead to a device, and to nothing else.
	config 'del(.annotations)'
	annotate console.path "$TESTDIR/link"
	ln -s victim "$TESTDIR/link"
	run hako_apart run --detach --bundle "$BUNDLE" "$ID"
	fails
	says "is a link, which is not followed"
	ln -sf /dev/null "$TESTDIR/link"
	hako_apart run --detach --bundle "$BUNDLE" "$ID"
	hako kill "$ID" KILL
	eventually gone || nothing_left
}

@test "console.path: a file is made, or appended to" {
	config '.process.terminal = true'
	annotate console.path "$TESTDIR/file"
	for word in first second; do
		probe echo $word
		hako_apart run --detach --bundle "$BUNDLE" "$ID"
		eventually gone || nothing_left
		[ "$(tail -n 1 "$TESTDIR/file" | tr -d '\r')" = $word ]
	done
	[ "$(wc -l <"$TESTDIR/file")" -eq 2 ]
	[ "$(stat -c %a "$TESTDIR/file")" = 640 ]
}

@test "console.path: a terminal hears the container, and is heard by it" {
	requires python3
	config '.process.terminal = true'
	shell 'read -r word; echo "got $word"'
	export HAKO ROOT BUNDLE ID HAKO_TIMEOUT
	HAKO_TEST=$MARK run -0 timeout "$HAKO_TIMEOUT" python3 - "$CONFIG" <<-'EOT'
		import json, os, subprocess, sys, tty
		master, slave = os.openpty()
		tty.setraw(slave)
		config = json.load(open(sys.argv[1]))
		config["annotations"] = {"org.hako.console.path": os.ttyname(slave)}
		json.dump(config, open(sys.argv[1], "w"))
		e = os.environ
		subprocess.run([e["HAKO"], "--root", e["ROOT"], "run", "-d", "-b", e["BUNDLE"],
		                e["ID"]], stdin=subprocess.DEVNULL, check=True)
		os.write(master, b"hello\n")
		heard = b""
		while b"got hello" not in heard:
		    heard += os.read(master, 4096)
		print(heard.decode())
	EOT
	says "got hello"
	eventually gone || nothing_left
}

@test "pdeath: the program dies with the runtime that waits for it" {
	annotate pdeath SIGKILL
	probe pause
	HAKO_TEST=$MARK "$HAKO" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null \
		>/dev/null 2>&1 3>&- &
	eventually is_state "$ID" running
	pid=$(init_pid)
	kill -KILL $!
	wait $! || true
	eventually eval "! kill -0 $pid"
}

@test "a supervisor whose caller was killed ends the container" {
	annotate console.buffer 4096
	config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $s]}]' --arg s \
		"touch $TESTDIR/begun; until [ -e $TESTDIR/go ]; do sleep 0.05; done"
	probe pause
	HAKO_TEST=$MARK "$HAKO" --root "$ROOT" run --detach --bundle "$BUNDLE" "$ID" </dev/null \
		>/dev/null 2>&1 3>&- &
	eventually [ -e "$TESTDIR/begun" ]
	kill -KILL $!
	wait $! || true
	touch "$TESTDIR/go"
	eventually gone || nothing_left
}

@test "sched.core: a cookie of its own" {
	requires python3
	cookie='import ctypes, sys
c = ctypes.c_ulonglong()
r = ctypes.CDLL(None, use_errno=True).prctl(62, 0, int(sys.argv[1]), 0, ctypes.byref(c))
print("none" if r else c.value)'
	[ "$(python3 -c "$cookie" 0)" != none ] || skip "needs core scheduling and SMT"
	annotate sched.core 1
	hako_create pause
	[ "$(python3 -c "$cookie" "$(init_pid)")" != 0 ]
}

@test "devices.paths: numbers as they are when the container is made" {
	config '.linux.resources.devices = [{allow: false, access: "rwm"}]'
	annotate devices.defaults none
	annotate devices.paths '[{"path":"/dev/full","access":"rw"}]'
	run hako_run open /dev/full r \; open /dev/zero r
	has_line "open /dev/full r: ok"
	matches "^open /dev/zero r: .*not permitted"
	annotate devices.paths '[{"path":"/dev/no-such","access":"rw"}]'
	run hako_run true
	fails
	says "look at device '/dev/no-such'"
}

@test "values that make no sense are refused" {
	while read -r name value; do
		config 'del(.annotations)'
		annotate "$name" "$value"
		run hako_run true
		fails
		says "org.hako.$name"
	done <<-EOT
		hooks.pre-start [{"path":"relative"}]
		hooks.pre-mount nothing
		hooks.unknown []
		ns.share.mount x
		cgroup.inner a/b
		cgroup.inner ..
		pdeath SIGNOTHING
		sched.core maybe
		devices.paths [{"path":"dev","access":"r"}]
		devices.paths [{"path":"/dev","access":"x"}]
	EOT
}
