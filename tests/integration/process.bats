#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the process gets: ids, groups, capabilities, limits, umask, cwd, environment, oom score.

load helpers
setup() { bundle_new; }
teardown() { clean_up; }

@test "user, group and additional groups" {
	config '.process.user = {uid: 33, gid: 50, additionalGids: [5, 33, 100]}'
	run hako_run ids \; caps
	succeeds
	has_line "uid=33,33,33 gid=50,50,50 groups=5,33,100"
	# No longer root: what was permitted is gone unless ambient.
	has_line "bounding: KILL NET_BIND_SERVICE AUDIT_WRITE" "effective:" "permitted:" \
		"inheritable:" "ambient:"
}

@test "the largest id; -1 is refused" {
	requires hako
	config '.process.user = {uid: 4294967294, gid: 4294967294}'
	run hako_run ids
	has_line "uid=4294967294,4294967294,4294967294 gid=4294967294,4294967294,4294967294 groups="
	config '.process.user = {uid: 4294967295, gid: 0}'
	run hako_run ids
	fails
	says process.user.uid
	nothing_left
}

@test "caller's groups do not leak" {
	probe ids
	run bash -c 'exec setpriv --groups 7,8,9 timeout 20 "$0" --root "$1" run \
		--bundle "$2" "$3" </dev/null' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID"
	succeeds
	has_line "uid=0,0,0 gid=0,0,0 groups="
}

@test "umask: 0022 by default whatever the caller's, or the configured one" {
	umask 0077
	run hako_run umask
	umask 0022
	is_output 0022
	config '.process.user.umask = 54'
	run hako_run umask \; write /dev/shm/f x \; stat /dev/shm/f
	has_line 0066 "/dev/shm/f: file 0600 0:0"
}

@test "five capability sets, each as asked" {
	config '.process.capabilities = {bounding: ["CAP_KILL", "CAP_CHOWN", "CAP_MKNOD"],
		permitted: ["CAP_KILL", "CAP_CHOWN"],
		effective: ["CAP_CHOWN"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]}'
	run hako_run caps
	succeeds
	has_line "bounding: CHOWN KILL MKNOD" "inheritable: KILL" "ambient: KILL"
}

@test "capabilities of a user that is not root come by the ambient set" {
	config '.process.user = {uid: 1000, gid: 1000}
		| .process.capabilities = {bounding: ["CAP_KILL", "CAP_CHOWN"],
		permitted: ["CAP_CHOWN"],
			effective: ["CAP_CHOWN"], inheritable: ["CAP_CHOWN"],
			ambient: ["CAP_CHOWN"]}'
	run hako_run caps \; ids
	succeeds
	has_line "bounding: CHOWN KILL" "effective: CHOWN" "permitted: CHOWN" "inheritable: CHOWN" \
		"ambient: CHOWN"
}

@test "no capabilities object: none at all" {
	requires hako
	config 'del(.process.capabilities)'
	run hako_run caps
	succeeds
	has_line "bounding:" "effective:" "permitted:" "inheritable:" "ambient:"
}

@test "nothing becomes inheritable or ambient by itself" {
	config '.process.capabilities = {bounding: ["CAP_CHOWN"], permitted: ["CAP_CHOWN"],
		effective: ["CAP_CHOWN"]}'
	run hako_run caps
	has_line "inheritable:" "ambient:" "bounding: CHOWN"
}

@test "capabilities really bind" {
	config '.root.readonly = false | .process.capabilities[] = ["CAP_CHOWN"]'
	run hako_run chown 5:5 /init \; mount tmpfs /tmp
	says "chown 5:5 /init: ok" "mount tmpfs /tmp: Operation not permitted"
}

@test "an unknown capability is a warning, the container runs" {
	config '.process.capabilities.bounding += ["CAP_FLY"]
		| .process.capabilities.effective += ["CAP_FLY"]'
	run --separate-stderr hako_run echo ran
	succeeds
	is_output ran
	[[ $stderr == *CAP_FLY* ]]
}

@test "what of the capabilities cannot be had is said at create, not at each exec" {
	requires hako
	config '.process.capabilities.bounding += ["CAP_FLY"]
		| .process.capabilities.effective += ["CAP_AUDIT_READ"]'
	hako_detached pause
	run cat "$TESTDIR/out"
	says CAP_FLY CAP_AUDIT_READ
	run hako exec "$ID" /init echo ran
	is_output ran
	# Of others than the container's it is news.
	run --separate-stderr hako exec --cap CAP_SWIM "$ID" /init echo ran
	is_output ran
	[[ $stderr == *CAP_SWIM* ]]
}

@test "an ambient capability that cannot be raised is a warning" {
	config '.process.capabilities = {bounding: ["CAP_CHOWN"], permitted: ["CAP_CHOWN"],
		effective: ["CAP_CHOWN"],
		ambient: ["CAP_CHOWN"]}'
	run --separate-stderr hako_run caps
	succeeds
	has_line "ambient:"
	[[ $stderr == *CAP_CHOWN* ]]
}

@test "noNewPrivileges on and off" {
	run hako_run status NoNewPrivs
	is_output "NoNewPrivs: 1"
	config '.process.noNewPrivileges = false'
	run hako_run status NoNewPrivs
	is_output "NoNewPrivs: 0"
	config 'del(.process.noNewPrivileges)'
	run hako_run status NoNewPrivs
	is_output "NoNewPrivs: 0"
}

@test "rlimits" {
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200},
		{type: "RLIMIT_CORE", soft: 0, hard: 0},
		{type: "RLIMIT_NPROC", soft: 300, hard: 300},
		{type: "RLIMIT_AS", soft: 1073741824, hard: 1073741824}]'
	run hako_run rlimit
	succeeds
	has_line "NOFILE 100 200" "CORE 0 0" "NPROC 300 300" "AS 1073741824 1073741824"
}

@test "rlimits: infinity, and what was not asked stays the caller's" {
	config '.process.rlimits = [{type: "RLIMIT_STACK", soft: 1, hard: 1}]'
	probe rlimit STACK \; rlimit FSIZE
	# jq 1.6 has no integers of this size.
	sed -i -E 's/"(soft|hard)": 1\b/"\1": 18446744073709551615/' "$CONFIG"
	run bash -c 'ulimit -f 5000; exec timeout 20 "$0" --root "$1" run --bundle "$2" "$3" \
		</dev/null' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID"
	succeeds
	has_line "STACK -1 -1" "FSIZE 5120000 5120000"
}

@test "rlimits: unknown type, twice the same, soft above hard" {
	requires hako
	config '.process.rlimits = [{type: "RLIMIT_FOO", soft: 1, hard: 1}]'
	run hako_run true
	fails
	says "process.rlimits[0]" RLIMIT_FOO
	config '.process.rlimits = [{type: "RLIMIT_CORE", soft: 1, hard: 1},
		{type: "RLIMIT_CORE", soft: 1, hard: 1}]'
	run hako_run true
	fails
	says "process.rlimits[1]"
	config '.process.rlimits = [{type: "RLIMIT_CORE", soft: 2, hard: 1}]'
	run hako_run true
	fails
	says "process.rlimits[0]"
	nothing_left
}

@test "cwd: set, and made when missing" {
	config '.root.readonly = false | .process.cwd = "/etc"'
	run hako_run cwd
	is_output /etc
	config '.process.cwd = "/new/work/dir"'
	run hako_run cwd \; stat .
	succeeds
	has_line /new/work/dir ".: directory 0755 0:0"
}

@test "cwd: relative is refused, a file is refused" {
	config '.process.cwd = "etc"'
	run hako_run cwd
	fails
	says cwd
	config '.process.cwd = "/etc/passwd"'
	run hako_run cwd
	fails
	says /etc/passwd
	nothing_left
}

@test "cwd outside of the container is refused, the program does not run" {
	for dir in /proc/self/fd/3 /proc/self/fd/4 /proc/self/fd/5 /proc/self/fd/6 /proc/self/fd/7 \
		/proc/self/fd/8 \
		/proc/self/fd/9 /proc/self/fd/10; do
		config '.process.cwd = $d' --arg d "$dir"
		run hako_run echo RAN \; cwd
		if [ "$status" -eq 0 ]; then
			says_not "(unreachable)" "$TESTDIR"
		else
			says_not RAN
		fi
	done
	nothing_left
}

@test "cwd: a link in the rootfs stays in the rootfs" {
	ln -s "$TESTDIR" "$ROOTFS/out"
	config '.root.readonly = false | .process.cwd = "/out"'
	run hako_run cwd
	if [ "$status" -eq 0 ]; then is_output "$TESTDIR"; else fails; fi
	[ ! -e "$TESTDIR/x" ]
	nothing_left
}

@test "env: exactly what is written; the last of duplicates wins" {
	config '.process.env = ["PATH=/bin", "A=1", "HOME=/h", "A=2", "EMPTY=", "EQ=a=b"]'
	export LEAK=leaked
	run hako_run env
	succeeds
	[ "$(sort <<<"$output")" = $'A=2\nEMPTY=\nEQ=a=b\nHOME=/h\nPATH=/bin' ]
}

@test "env: an entry without = is refused" {
	requires hako
	config '.process.env += ["NOVALUE"]'
	run hako_run env
	fails
	says "process.env["
}

@test "HOME comes from passwd, is / without an entry, is left alone when set" {
	run hako_run env HOME
	is_output "HOME=/root"
	config '.process.user = {uid: 33, gid: 33}'
	run hako_run env HOME
	is_output "HOME=/home/www"
	config '.process.user = {uid: 12345, gid: 33}'
	run hako_run env HOME
	is_output "HOME=/"
	config '.process.env += ["HOME="] | .process.user = {uid: 33, gid: 33}'
	run hako_run env HOME
	is_output "HOME=/home/www"
	config '.process.env += ["HOME=/mine"]'
	run hako_run env HOME
	is_output "HOME=/mine"
}

@test "hostile /etc/passwd: link out, fifo, huge, long lines, NUL, user named as a number" {
	echo "root:x:0:0::/stolen:/bin/sh" >"$TESTDIR/passwd"
	config '.process.user = {uid: 1000, gid: 0}'
	for kind in link fifo sparse long nul number dir; do
		rm -rf "${ROOTFS:?}/etc/passwd"
		case $kind in
		link) ln -s "$TESTDIR/passwd" "$ROOTFS/etc/passwd" ;;
		fifo) mkfifo "$ROOTFS/etc/passwd" ;;
		sparse) truncate -s 1G "$ROOTFS/etc/passwd" ;;
		long) { head -c 1000000 /dev/zero | tr '\0' x; echo; } >"$ROOTFS/etc/passwd" ;;
		nul) printf 'a:x:1000:0::/h\0ome:/bin/sh\n' >"$ROOTFS/etc/passwd" ;;
		number) printf '1000:x:5:5::/named:/bin/sh\n' >"$ROOTFS/etc/passwd" ;;
		dir) mkdir "$ROOTFS/etc/passwd" ;;
		esac
		run hako_run env HOME \; ids
		[ "$status" -lt 124 ]
		says_not stolen named
		if [ "$status" -eq 0 ]; then says "uid=1000,"; fi
	done
	nothing_left
}

@test "args are passed verbatim" {
	command_line /init args "two words" '$HOME' '*' '' $'tab\there' 'ü' -- --flag
	run hako_run
	succeeds
	has_line '[two words]' '[$HOME]' '[*]' '[]' $'[tab\there]' '[ü]' '[--]' '[--flag]'
}

@test "args empty or absent are refused" {
	config '.process.args = []'
	run hako_run
	fails
	says args
	config 'del(.process.args)'
	run hako_run
	fails
	says args
	nothing_left
}

@test "the program is looked up in the container's PATH" {
	cp "$ROOTFS/init" "$ROOTFS/bin/mytool"
	config '.process.env = ["PATH=/nowhere:/bin"]'
	command_line mytool echo found
	run hako_run
	is_output found
}

@test "oomScoreAdj" {
	config '.process.oomScoreAdj = 500'
	run hako_run oom
	is_output 500
}

@test "oomScoreAdj out of range is refused" {
	requires hako
	config '.process.oomScoreAdj = 1001'
	run hako_run oom
	fails
	says process.oomScoreAdj
}

@test "signals: nothing blocked, nothing ignored, whatever the caller's" {
	probe signals
	# shellcheck disable=SC2016 # for the inner shell
	run bash -c 'trap "" PIPE USR1 CHLD; exec timeout 20 "$0" --root "$1" run \
		--bundle "$2" "$3" </dev/null' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID"
	succeeds
	has_line "SigBlk: 0000000000000000" "SigIgn: 0000000000000000"
}

@test "caller's oddities do not reach the container: nice, affinity, personality" {
	requires hako
	probe status Cpus_allowed_list \; personality
	all=$(awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)
	run taskset -c 0 timeout 20 "$HAKO" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
	succeeds
	has_line "Cpus_allowed_list: $all" 0x0
}
