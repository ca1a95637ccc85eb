#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec: another program in a container, what it inherits, what flags and --process change, and that
# a container cannot make use of a process that joins it.

load helpers
setup() { bundle_new; }
teardown() {
	[ -z "${receiver:-}" ] || kill "$receiver" 2>/dev/null || true
	clean_up
}

# hako_exec [OPTION…] VERB…: the probe in the running container.
in_container() { hako exec "$ID" /init "$@" </dev/null; }

# process FILTER: $TESTDIR/process.json, what engines write.
process() {
	jq -n --arg m "$MARK" '{user: {uid: 0, gid: 0}, args: ["/init", "true"], cwd: "/",
		env: ["PATH=/bin", "HAKO_TEST=" + $m]} | '"$1" >"$TESTDIR/process.json"
}

# --- starting and ending ------------------------------------------------------------------------

@test "the status of the program, its output, nothing of our own" {
	hako_detached pause
	run in_container echo here
	succeeds
	is_output here
	run in_container exit 7
	exits 7
	is_output ""
	run in_container kill KILL self
	[ "$status" -ne 0 ]
	run in_container true
	exits 0
}

@test "standard streams are the caller's" {
	hako_detached pause
	run bash -c 'echo words |
		timeout 20 "$0" --root "$1" exec "$2" /init copy \; warn bad 2>"$3"' \
		"$HAKO" "$ROOT" "$ID" "$TESTDIR/err"
	succeeds
	is_output words
	[ "$(cat "$TESTDIR/err")" = bad ]
}

@test "in the namespaces of the container, in its cgroup, and a child of nobody there" {
	hako_detached pause
	init=$(init_pid)
	run in_container ns
	succeeds
	for ns in ipc mnt net pid uts; do
		has_line "$ns:[$(readlink "/proc/$init/ns/$ns" | tr -dc 0-9)]"
	done
	run in_container cat /proc/self/cgroup
	if [ "$(cgroup_mode)" != none ]; then
		is_output "$(in_container cat /proc/1/cgroup)"
	fi
	run in_container pid
	says_not "pid 1"
}

@test "it cannot start: 255, and the words engines look for" {
	hako_detached pause
	run hako exec "$ID" nosuch
	exits 255
	says 'exec: \"nosuch\": executable file not found in $PATH'
	run hako exec "$ID" /nosuch
	exits 255
	says "no such file or directory"
	run hako exec "$ID" /etc/passwd
	exits 255
	says "permission denied"
	run hako exec "$ID" /etc
	exits 255
	says "is a directory"
	run hako exec --cwd /nowhere "$ID" /init true
	exits 255
	says "chdir to cwd '/nowhere'" "no such file or directory"
	printf '#!/nowhere\n' >"$ROOTFS/script"
	chmod 755 "$ROOTFS/script"
	run hako exec "$ID" /script
	exits 255
	says "exec /script: no such file or directory"
	[ "${#lines[@]}" -eq 1 ] || { show; false; }
	is_state "$ID" running
}

@test "refused: unknown, created by nobody, stopped, paused" {
	run hako exec "$ID" /init true
	exits 255
	says "does not exist"
	hako_detached pause
	run hako exec "$ID"
	exits 255
	says "command"
	hako pause "$ID"
	run hako exec "$ID" /init true
	exits 255
	says "cannot exec in a paused container"
	hako resume "$ID"
	kill_init
	eventually is_state "$ID" stopped
	run hako exec "$ID" /init true
	exits 255
	says "container not running" stopped
}

@test "--ignore-paused: runs when the container is resumed" {
	hako_detached pause
	hako pause "$ID"
	hako exec --ignore-paused "$ID" /init echo at-last </dev/null >"$TESTDIR/exec" 2>&1 3>&- &
	exec_pid=$!
	sleep 0.3
	[ ! -s "$TESTDIR/exec" ]
	hako resume "$ID"
	eventually grep -q at-last "$TESTDIR/exec"
	wait "$exec_pid"
}

@test "in a created container" {
	hako_create pause
	run in_container cwd
	succeeds
	is_output /
	is_state "$ID" created
	hako start "$ID"
}

@test "a state file of another process of the same number: nothing is executed" {
	requires hako
	hako_detached pause
	jq '.pidStart += 1' "$ROOT/$ID/status.json" >"$TESTDIR/status"
	cat "$TESTDIR/status" >"$ROOT/$ID/status.json"
	run in_container echo here
	exits 255
	says_not here
}

@test "detached: returns at once, quietly; pid file; ends with the container" {
	hako_detached pause
	run hako_apart exec -d --pid-file "$TESTDIR/pid" "$ID" /init echo up \; pause
	succeeds
	is_output ""
	eventually grep -q up "$TESTDIR/out"
	pid=$(cat "$TESTDIR/pid")
	[[ $pid =~ ^[0-9]+$ ]]
	[ "$(tr '\0' ' ' <"/proc/$pid/cmdline")" = "/init echo up ; pause " ]
	kill_init
	eventually is_state "$ID" stopped
	hako delete "$ID"
	nothing_left
}

@test "--pid-file that cannot be written: 255, and no program" {
	hako_detached pause
	run hako exec --pid-file "$TESTDIR/no/pid" "$ID" /init write /tmp/ran x
	exits 255
	says "$TESTDIR/no/pid"
	[ ! -e "$ROOTFS/tmp/ran" ]
}

@test "signals are passed on" {
	hako_detached pause
	hako exec "$ID" /init trap TERM 9 \; echo up \; pause </dev/null \
		>"$TESTDIR/exec" 2>&1 3>&- &
	exec_pid=$!
	eventually grep -q up "$TESTDIR/exec"
	pkill -TERM -P "$exec_pid" || kill -TERM "$exec_pid"
	code=0
	wait "$exec_pid" || code=$?
	[ "$code" -eq 9 ]
	grep -q "got signal 15" "$TESTDIR/exec"
}

@test "many at once" {
	hako_detached pause
	pids=()
	for i in {1..20}; do
		hako exec "$ID" /init echo "number $i" </dev/null >"$TESTDIR/exec.$i" 2>&1 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	[ "$(sort -u "$TESTDIR"/exec.* | wc -l)" -eq 20 ]
	[ "$(cat "$TESTDIR"/exec.* | grep -c '^number ')" -eq 20 ]
}

# --- what it inherits, and flags ----------------------------------------------------------------

@test "as the container's process: user, groups, umask, limits, capabilities, no_new_privs" {
	config '.process.user = {uid: 33, gid: 50, additionalGids: [5, 100], umask: 54}
		| .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 77, hard: 99}]
		| .process.oomScoreAdj = 123
		| .process.cwd = "/tmp"'
	hako_detached pause
	run in_container ids \; umask \; rlimit NOFILE \; cwd \; caps \; oom \; status NoNewPrivs
	succeeds
	has_line "uid=33,33,33 gid=50,50,50 groups=5,100" 0066 /tmp "NoNewPrivs: 1"
	matches 'NOFILE.*77.*99'
	matches '^(oom )?123$'
	has_line "bounding: KILL NET_BIND_SERVICE AUDIT_WRITE" "permitted:" "inheritable:"
}

@test "--user: exact numbers, or refused" {
	hako_detached pause
	for user in 0:0=0:0 1=1:0 1:2=1:2 4294967294:4294967294=4294967294:4294967294; do
		want=${user#*=}
		run hako exec --user "${user%=*}" "$ID" /init ids
		succeeds
		u=${want%:*} g=${want#*:}
		has_line "uid=$u,$u,$u gid=$g,$g,$g groups="
	done
	for user in :2 1: : root 4294967295 1:4294967295 4294967296 -1 +1 0x1 "1 " " 1" 1a 1:2:3 \
		010x ""; do
		run hako exec --user "$user" "$ID" /init ids
		exits 255
		says_not uid=
		run hako exec --additional-gids "${user:-x}" "$ID" /init ids
		exits 255
		says_not uid=
	done
}

@test "--user keeps the container's group unless one is given" {
	config '.process.user = {uid: 33, gid: 50, additionalGids: [5]}'
	hako_detached pause
	run hako exec -u 7 "$ID" /init ids
	has_line "uid=7,7,7 gid=50,50,50 groups=5"
	run hako exec -u 7:8 -g 100 -g 101 "$ID" /init ids
	has_line "uid=7,7,7 gid=8,8,8 groups=5,100,101"
}

@test "--env adds and replaces; HOME is the user's; the rest is the container's" {
	config '.process.env += ["A=1", "B=2"]'
	hako_detached pause
	run hako exec -e B=3 --env C=4 "$ID" /init env A B C HOME
	has_line A=1 B=3 C=4 HOME=/root
	run hako exec -u 33 "$ID" /init env HOME
	has_line HOME=/home/www
	run hako exec -e HOME=/x "$ID" /init env HOME
	has_line HOME=/x
	run hako exec -e "E= =" "$ID" /init env E
	has_line "E= ="
	for bad in NAME =x ""; do
		run hako exec -e "$bad" "$ID" /init true
		exits 255
	done
}

@test "--cap: bounding, permitted and effective only" {
	config '.process.capabilities = {}'
	hako_detached pause
	run in_container caps
	has_line bounding: effective: permitted: inheritable: ambient:
	run hako exec --cap CAP_KILL -c CAP_CHOWN "$ID" /init caps
	has_line "bounding: CHOWN KILL" "effective: CHOWN KILL" "permitted: CHOWN KILL" \
		inheritable: ambient:
}

@test "--cap adds to the container's; inheritable and ambient stay" {
	config '.process.capabilities = {inheritable: ["CAP_CHOWN"], ambient: ["CAP_CHOWN"],
		permitted: ["CAP_KILL", "CAP_CHOWN"], effective: ["CAP_KILL", "CAP_CHOWN"],
		bounding: ["CAP_KILL", "CAP_CHOWN"]}'
	hako_detached pause
	run hako exec --cap CAP_NET_RAW "$ID" /init caps
	has_line "bounding: CHOWN KILL NET_RAW" "inheritable: CHOWN" "ambient: CHOWN"
	run hako exec --cap CAP_NET_RAW -u 5 "$ID" /init caps
	has_line "bounding: CHOWN KILL NET_RAW" "inheritable: CHOWN" "ambient: CHOWN" \
		"permitted: CHOWN" "effective: CHOWN"
}

@test "--no-new-privs, --cwd" {
	config '.process.noNewPrivileges = false'
	hako_detached pause
	run in_container status NoNewPrivs
	has_line "NoNewPrivs: 0"
	run hako exec --no-new-privs --cwd /etc "$ID" /init status NoNewPrivs \; cwd
	has_line "NoNewPrivs: 1" /etc
	run hako exec --cwd etc "$ID" /init cwd
	exits 255
	says process.cwd
}

@test "the container's seccomp filter holds, with and without no_new_privs" {
	requires seccomp
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 95}]}'
	for nnp in true false; do
		config ".process.noNewPrivileges = $nnp"
		hako_detached pause
		run in_container status Seccomp \; mkdir /tmp/d
		has_line "Seccomp: 2"
		says "not supported"
		run in_container caps
		has_line "bounding: KILL NET_BIND_SERVICE AUDIT_WRITE" \
			"effective: KILL NET_BIND_SERVICE AUDIT_WRITE"
		hako delete --force "$ID"
	done
}

@test "ioPriority, scheduler, personality and affinity of the container" {
	requires hako
	config '.process.scheduler = {policy: "SCHED_BATCH", nice: 5}
		| .linux.personality = {domain: "LINUX32"}
		| .process.execCPUAffinity = {initial: "0", final: "0"}'
	hako_detached pause
	run in_container personality \; status Cpus_allowed_list
	succeeds
	matches '(LINUX32|0008|8)'
	has_line "Cpus_allowed_list: 0"
	run hako_apart exec -d --pid-file "$TESTDIR/pid" "$ID" /init pause
	succeeds
	[ "$(awk '{ print $41, $19 }' "/proc/$(cat "$TESTDIR/pid")/stat")" = "3 5" ]
}

@test "whatever the caller's affinity, it is not the program's" {
	requires taskset
	[ "$(nproc)" -gt 1 ] || skip "needs two processors"
	hako_detached pause
	run taskset -c 0 timeout 20 "$HAKO" --root "$ROOT" exec "$ID" /init status Cpus_allowed_list
	succeeds
	[ "$output" != "Cpus_allowed_list: 0" ] || { show; false; }
}

# --- --process ----------------------------------------------------------------------------------

@test "--process: the file's environment, user, directory and nothing of the container's" {
	config '.process.env += ["A=1"] | .process.user = {uid: 33, gid: 33}
		| .process.cwd = "/tmp"'
	hako_detached pause
	process '.args = ["/init", "env", "A", "X", ";", "ids", ";", "cwd"]
		| .env += ["X=2"] | .cwd = "/etc"'
	run hako exec --process "$TESTDIR/process.json" "$ID"
	succeeds
	has_line "A=(unset)" X=2 "uid=0,0,0 gid=0,0,0 groups=" /etc
	file=$TESTDIR/process.json
	run bash -c '"$0" --root "$1" exec -p - "$2" <"$3"' "$HAKO" "$ROOT" "$ID" "$file"
	has_line X=2
	run bash -c '"$0" --root "$1" exec -p /dev/fd/9 "$2" 9< <(cat "$3")' \
		"$HAKO" "$ROOT" "$ID" "$file"
	has_line X=2
}

@test "--process: what confines and is not in the file is the container's" {
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 77, hard: 99}]'
	hako_detached pause
	process '.args = ["/init", "caps", ";", "status", "NoNewPrivs", ";", "rlimit", "NOFILE"]'
	run hako exec -p "$TESTDIR/process.json" "$ID"
	has_line "bounding: KILL NET_BIND_SERVICE AUDIT_WRITE" "NoNewPrivs: 1"
	matches 'NOFILE.*77.*99'
	process '.args = ["/init", "caps"]
		| .capabilities = {bounding: ["CAP_CHOWN"], permitted: ["CAP_CHOWN"],
		effective: ["CAP_CHOWN"]}'
	run hako exec -p "$TESTDIR/process.json" "$ID"
	has_line "bounding: CHOWN" "effective: CHOWN" "permitted: CHOWN" inheritable: ambient:
}

@test "--process: refused when it is missing, damaged, or a command is given too" {
	hako_detached pause
	run hako exec -p "$TESTDIR/none" "$ID"
	exits 255
	says "$TESTDIR/none"
	process '.args = []'
	run hako exec -p "$TESTDIR/process.json" "$ID"
	exits 255
	says process.args
	process '.user.uid = 4294967295'
	run hako exec -p "$TESTDIR/process.json" "$ID"
	exits 255
	process '.'
	run hako exec -p "$TESTDIR/process.json" "$ID" /init true
	exits 255
	says "--process"
}

@test "SCHED_DEADLINE: its rules in words" {
	hako_detached pause
	process '.scheduler = {policy: "SCHED_DEADLINE", deadline: 10000000}'
	run hako exec -p "$TESTDIR/process.json" "$ID"
	exits 255
	says runtime
}

# --- terminals ----------------------------------------------------------------------------------

@test "-t: a terminal of the container's devpts, relayed; no carriage returns added" {
	hako_detached pause
	run hako exec -t "$ID" /init tty \; echo out \; exit 3 </dev/null
	exits 3
	says "fd 0 is /dev/pts/0" "fd 2 is /dev/pts/0" "foreground group ours" out
	[[ $output != *$'\r'* ]]
	run in_container tty
	has_line "fd 0 is no terminal"
}

@test "the container's terminal is not the command's" {
	config '.process.terminal = true'
	SOCKET=$TESTDIR/socket
	"$RECVTTY" "$SOCKET" </dev/null >"$TESTDIR/tty" 2>&1 3>&- &
	receiver=$!
	eventually test -S "$SOCKET"
	probe pause
	hako_apart create --console-socket "$SOCKET" --bundle "$BUNDLE" "$ID"
	hako start "$ID"
	run in_container tty
	has_line "fd 0 is no terminal"
}

@test "-d -t: only with a console socket, which gets the terminal" {
	hako_detached pause
	run hako_apart exec -d -t "$ID" /init true
	exits 255
	says "use --console-socket"
	run hako_apart exec --console-socket "$TESTDIR/none" "$ID" /init true
	exits 255
	SOCKET=$TESTDIR/socket
	"$RECVTTY" "$SOCKET" </dev/null >"$TESTDIR/tty" 2>&1 3>&- &
	receiver=$!
	eventually test -S "$SOCKET"
	process '.args = ["/init", "tty", ";", "echo", "ready", ";", "pause"] | .terminal = true
		| .consoleSize = {width: 71, height: 23}'
	run hako_apart exec -d --tty --console-socket "$SOCKET" \
		--process "$TESTDIR/process.json" "$ID"
	succeeds
	eventually grep -q ready "$TESTDIR/tty"
	grep -q "fd 0 is /dev/pts/" "$TESTDIR/tty"
	grep -q "size 71x23" "$TESTDIR/tty"
}

# --- descriptors, and what a container could do with us -----------------------------------------

@test "nothing but stdio is open, whatever the caller had; --preserve-fds, LISTEN_FDS" {
	hako_detached pause
	run bash -c 'for i in {10..60}; do eval "exec $i</"; done
		exec timeout 20 "$0" --root "$1" exec "$2" /init fds </dev/null 7</etc' \
		"$HAKO" "$ROOT" "$ID"
	succeeds
	[ "${#lines[@]}" -eq 3 ] || { show; false; }
	echo three >"$TESTDIR/3"
	run bash -c 'exec timeout 20 "$0" --root "$1" exec --preserve-fds 1 "$2" \
		/init fds \; cat /proc/self/fd/3 \
		</dev/null 3<"$3" 4</' "$HAKO" "$ROOT" "$ID" "$TESTDIR/3"
	has_line three
	says_not "fd 4 "
	run bash -c 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" --root "$1" exec "$2" \
		/init env LISTEN_FDS \; cat /proc/self/fd/3 \
		</dev/null 3<"$3"' "$HAKO" "$ROOT" "$ID" "$TESTDIR/3"
	has_line LISTEN_FDS=1 three
}

@test "a working directory outside of the container is refused" {
	requires hako
	config '.root.readonly = false'
	hako_detached pause
	ln -s /proc/self/fd "$ROOTFS/fd"
	for i in {3..24}; do
		for cwd in /proc/self/fd/$i /fd/$i /proc/self/fd/$i/../..; do
			run bash -c 'exec timeout 20 "$0" --root "$1" exec --cwd "$3" "$2" \
				/init cwd \; write /tmp/ran x </dev/null 9</' \
				"$HAKO" "$ROOT" "$ID" "$cwd"
			[ ! -e "$ROOTFS/tmp/ran" ] ||
				[[ $output == /* && ! $output == *"$TESTDIR"* ]] || { show; false; }
			rm -f "$ROOTFS/tmp/ran"
		done
	done
}

@test "a container that looks at all processes sees nothing of ours" {
	requires hako
	config '.process.capabilities[] += ["CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"]'
	requires busybox
	shell 'while :; do
		for p in /proc/[0-9]*; do
			case "$p" in /proc/1|/proc/$$) continue;; esac
			exe=$(busybox readlink "$p/exe" 2>/dev/null)
			case "$exe" in ""|/bin/busybox|/init) ;; *) echo "exe $exe" ;; esac
		done
	done'
	hako_create
	hako start "$ID"
	for i in {1..60}; do
		in_container true
	done
	# Kernel rule: who may ptrace everything sees a link of the copy; never a path of the host.
	run ! grep -F "$HAKO" "$TESTDIR/out"
}

@test "our own executable cannot be written from inside" {
	requires hako
	hako_detached pause
	sum=$(sha256sum <"$HAKO")
	run hako exec "$ID" /proc/self/exe --version
	[ "$(sha256sum <"$HAKO")" = "$sum" ]
	ln -s /proc/self/exe "$ROOTFS/tmp/me"
	printf '#!/proc/self/exe\n' >"$ROOTFS/tmp/script"
	chmod 755 "$ROOTFS/tmp/script"
	run hako exec "$ID" /tmp/me --version
	run hako exec "$ID" /tmp/script
	[ "$(sha256sum <"$HAKO")" = "$sum" ]
}

# --- namespaces and cgroups ---------------------------------------------------------------------

@test "in a user namespace" {
	requires userns
	with_userns
	hako_detached pause
	run in_container ids \; caps
	succeeds
	has_line "uid=0,0,0 gid=0,0,0 groups=" "bounding: KILL NET_BIND_SERVICE AUDIT_WRITE"
	run hako exec -u 33:50 "$ID" /init ids
	has_line "uid=33,33,33 gid=50,50,50 groups="
	run hako exec -t "$ID" /init tty </dev/null
	says "fd 0 is /dev/pts/0"
	run hako_apart exec -d --pid-file "$TESTDIR/pid" "$ID" /init pause
	succeeds
	[ "$(awk '/^Uid:/ { print $2 }' "/proc/$(cat "$TESTDIR/pid")/status")" = 100000 ]
}

@test "in a container with the host's pid namespace, and without a mount namespace" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	hako_detached pause
	run in_container pid \; cwd
	succeeds
	hako delete --force "$ID"
	requires hako
	config '.linux.namespaces |= map(select(.type != "mount")) | .mounts = []
		| .root.readonly = false
		| del(.linux.maskedPaths, .linux.readonlyPaths)'
	run hako_detached pause
	[ "$status" -eq 0 ] || skip "cannot be without a mount namespace here: $output"
	run hako exec "$ID" /init ls /
	succeeds
	has_line init
	says_not boot
}

@test "in a time namespace" {
	requires timens hako
	config '.linux.namespaces += [{type: "time"}]
		| .linux.timeOffsets = {boottime: {secs: 1000000}}'
	hako_detached pause
	init=$(init_pid)
	run in_container ns
	has_line "time:[$(readlink "/proc/$init/ns/time" | tr -dc 0-9)]"
	run -0 in_container cat /proc/uptime
	[ "${output%%.*}" -gt 1000000 ]
}

@test "--cgroup: a directory below, of one controller or of all" {
	requires hybrid
	hako_detached pause
	init=$(init_pid)
	memory=$(cgroup_of memory "$init")
	mkdir "$memory/sub"
	run hako exec --cgroup memory:sub "$ID" /init cat /proc/self/cgroup
	succeeds
	matches "memory:.*/sub$"
	[ "$(grep -c '/sub$' <<<"$output")" -eq 1 ] || { show; false; }
	run hako exec --cgroup memory:/ --cgroup pids:/ "$ID" /init true
	succeeds
	run hako exec --cgroup / "$ID" /init true
	succeeds
	run hako exec --cgroup nosuch "$ID" /init true
	exits 255
	says "adding pid " "o such file or directory"
	run hako exec --cgroup memory:nosuch "$ID" /init true
	exits 255
	says "adding pid " "o such file or directory"
	run hako exec --cgroup whaaat:/ "$ID" /init true
	exits 255
	says "unknown controller "
	for bad in .. memory:../x sub/../..; do
		run hako exec --cgroup "$bad" "$ID" /init true
		exits 255
		says "bad sub cgroup path"
	done
	run hako exec --cgroup :/ "$ID" /init true
	exits 255
	run hako exec --cgroup memory:/ --cgroup memory:sub "$ID" /init true
	exits 255
	says twice
	run hako exec --cgroup memory:/ --cgroup / "$ID" /init true
	exits 255
	rmdir "$memory/sub"
}

@test "no process, no cgroup and no file is left by exec" {
	hako_detached pause
	before=$(ls "$ROOT/$ID")
	in_container true
	run hako exec "$ID" nosuch
	run hako exec --cgroup .. "$ID" /init true
	[ "$(ls "$ROOT/$ID")" = "$before" ]
	[ "$(hako ps -f json "$ID")" = "[$(init_pid)]" ]
	hako delete --force "$ID"
	nothing_left
}
