#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.seccomp with libseccomp.

load helpers
setup() {
	requires seccomp
	bundle_new
}
teardown() { clean_up; }

# profile DEFAULT RULES: for this machine's architecture.
profile() {
	config '.linux.seccomp = {defaultAction: $d, syscalls: $s}' --arg d "$1" --argjson s "$2"
}

@test "an action for some calls: the errno is the one asked for" {
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO",
		"errnoRet": 89},
		{"names": ["chmod", "fchmodat"], "action": "SCMP_ACT_ERRNO"}]'
	run hako_run mkdir /dev/shm/x \; chmod 700 /dev/shm \; write /dev/shm/f x \
		\; status Seccomp NoNewPrivs
	says "mkdir /dev/shm/x: Destination address required" \
		"chmod 700 /dev/shm: Operation not permitted" \
		"write /dev/shm/f x: ok"
	has_line "Seccomp: 2" "NoNewPrivs: 1"
	nothing_left
}

@test "without noNewPrivileges too" {
	config '.process.noNewPrivileges = false'
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]'
	run hako_run mkdir /dev/shm/x \; status Seccomp NoNewPrivs \; caps
	says "mkdir /dev/shm/x: Operation not permitted"
	has_line "Seccomp: 2" "NoNewPrivs: 0" "bounding: KILL NET_BIND_SERVICE AUDIT_WRITE"
}

@test "a default of errno with a list of what is allowed" {
	profile SCMP_ACT_ERRNO '[{"names": ["execve", "brk", "arch_prctl", "set_tid_address",
		"set_robust_list", "rseq",
		"uname", "readlink", "readlinkat", "getrandom", "mprotect", "fstat", "newfstatat",
		"write", "writev",
		"exit_group", "prlimit64", "mmap", "munmap", "futex", "close", "openat", "read",
		"access", "faccessat",
		"ioctl", "getcwd", "rt_sigaction", "rt_sigreturn", "capget",
		"fstatfs", "statfs", "fcntl", "getdents64", "close_range", "lseek", "epoll_ctl",
		"nanosleep", "sigaltstack"], "action": "SCMP_ACT_ALLOW"}]'
	run hako_run cwd \; mkdir /dev/shm/x
	says / "mkdir /dev/shm/x: Operation not permitted"
	config '.linux.seccomp.defaultErrnoRet = 18'
	run hako_run mkdir /dev/shm/x
	says "mkdir /dev/shm/x: Invalid cross-device link"
}

@test "conditions on arguments" {
	# personality(0xffffffff) asks; the probe uses just that.
	profile SCMP_ACT_ALLOW '[{"names": ["personality"], "action": "SCMP_ACT_ERRNO",
		"errnoRet": 1,
		"args": [{"index": 0, "value": 4294967295, "op": "SCMP_CMP_NE"}]}]'
	run hako_run personality
	is_output 0x0
	profile SCMP_ACT_ALLOW '[{"names": ["personality"], "action": "SCMP_ACT_ERRNO",
		"errnoRet": 1,
		"args": [{"index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ"}]}]'
	run hako_run personality
	is_output 0xffffffff
}

@test "an action that kills" {
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir", "mkdirat"],
		"action": "SCMP_ACT_KILL_PROCESS"}]'
	run hako_run mkdir /dev/shm/x
	exits 159
	nothing_left
}

# agent SOCKET: writes what it is told to SOCKET.json, then has each call that it is asked about
# fail as if it were across devices.
agent() {
	requires python3
	HAKO_TEST=$MARK timeout "$((HAKO_TIMEOUT * 3))" python3 - "$1" \
		>"$1.log" 2>&1 3>&- <<-'EOF' &
		import fcntl, os, socket, struct, sys
		RECV, SEND = 0xC0502100, 0xC0182101
		s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		s.bind(sys.argv[1])
		s.listen(1)
		print("listening", flush=True)
		c = s.accept()[0]
		text, fds, _, _ = socket.recv_fds(c, 65536, 4)
		while True:
		    more = c.recv(65536)
		    if not more:
		        break
		    text += more
		with open(sys.argv[1] + ".new", "wb") as f:
		    f.write(text)
		os.rename(sys.argv[1] + ".new", sys.argv[1] + ".json")
		print("descriptors", len(fds), flush=True)
		while True:
		    asked = fcntl.ioctl(fds[0], RECV, bytes(80))
		    fcntl.ioctl(fds[0], SEND, asked[:8] + struct.pack("=qii", 0, -18, 0))
		    print("answered", flush=True)
	EOF
	eventually grep -q listening "$1.log"
}

# told FILTER: of what the agent was told.
told() { jq -r "$1" "$TESTDIR/agent.json"; }

@test "calls are put to an agent, which is told of the container" {
	agent "$TESTDIR/agent"
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_NOTIFY"}]'
	config '.linux.seccomp += {listenerPath: $p, listenerMetadata: "what \u00fc \"like\""}' \
		--arg p "$TESTDIR/agent"
	hako_create mkdir /dev/shm/x \; write /dev/shm/f x
	pid=$(init_pid)
	hako start "$ID"
	eventually is_state "$ID" stopped
	grep -F "mkdir /dev/shm/x: Invalid cross-device link" "$TESTDIR/out"
	grep -F "write /dev/shm/f x: ok" "$TESTDIR/out"
	grep -qx "descriptors 1" "$TESTDIR/agent.log"
	[ "$(told '.fds | join(" ")')" = seccompFd ]
	[ "$(told .metadata)" = 'what ü "like"' ]
	[ "$(told '.state | "\(.id) \(.status) \(.bundle)"')" = "$ID creating $BUNDLE" ]
	[ "$(told .ociVersion)" = "$(told .state.ociVersion)" ]
	[ "$(told '"\(.pid) \(.state.pid)"')" = "$pid $pid" ] || fail "$(told .)"
	hako delete "$ID"
}

@test "an agent that does not listen, and one that nothing tells of: refused" {
	requires hako
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_NOTIFY"}]'
	run hako_run true
	fails
	says linux.seccomp
	config '.linux.seccomp.listenerPath = $p' --arg p "$TESTDIR/nobody"
	run hako_run true
	fails
	says "$TESTDIR/nobody"
	profile SCMP_ACT_ALLOW '[]'
	config '.linux.seccomp.listenerMetadata = "x"'
	run hako_run true
	fails
	says listenerMetadata
	nothing_left
}

@test "calls this kernel or library does not know are ignored" {
	profile SCMP_ACT_ALLOW '[{"names": ["no_such_call", "mkdir", "mkdirat"],
		"action": "SCMP_ACT_ERRNO"}]'
	run hako_run mkdir /dev/shm/x
	says "mkdir /dev/shm/x: Operation not permitted"
}

@test "architectures and flags" {
	requires hako
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]'
	config '.linux.seccomp.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86",
		"SCMP_ARCH_X32", "SCMP_ARCH_AARCH64"]
		| .linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_LOG",
		"SECCOMP_FILTER_FLAG_SPEC_ALLOW"]'
	run hako_run mkdir /dev/shm/x
	says "mkdir /dev/shm/x: Operation not permitted"
	config '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_NONSENSE"]'
	run hako_run true
	fails
	says SECCOMP_FILTER_FLAG_NONSENSE
	nothing_left
}

@test "an unknown action or operator is refused with its path" {
	requires hako
	profile SCMP_ACT_NONSENSE '[]'
	run hako_run true
	fails
	says linux.seccomp.defaultAction
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO",
		"args": [{"index": 0, "value": 1, "op": "SCMP_CMP_XX"}]}]'
	run hako_run true
	fails
	says "linux.seccomp.syscalls[0].args[0].op"
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO",
		"args": [{"index": 0, "value": 1, "valueTwo": 3, "op": "SCMP_CMP_MASKED_EQ"}]}]'
	run hako_run true
	fails
	says "linux.seccomp.syscalls[0].args[0].valueTwo"
	profile SCMP_ACT_ALLOW '[{"names": [], "action": "SCMP_ACT_ERRNO"}]'
	run hako_run true
	fails
	says "linux.seccomp.syscalls[0].names"
	nothing_left
}

# The soft limit of the caller holds for the work, too: less to wait for.
with_little_time() {
	ulimit -S -t 3
	hako_run "$@"
}
@test "a profile that libseccomp never comes to an end with does not hang" {
	local conditions='{"index": 1, "value": 0, "op": "SCMP_CMP_NE"},
		{"index": 4, "op": "SCMP_CMP_LT"'
	requires hako
	profile SCMP_ACT_ALLOW '[{"names": ["getppid"], "action": "SCMP_ACT_ERRNO"},
		{"names": ["keyctl"], "action": "SCMP_ACT_ERRNO",
			"args": ['"$conditions"', "value": 34359738368}]},
		{"names": ["keyctl"], "action": "SCMP_ACT_LOG",
			"args": ['"$conditions"', "value": 34359738367}]}]'
	run with_little_time true
	# a libseccomp that does is welcome
	if [ "$status" -ne 0 ]; then
		says "linux.seccomp.syscalls[2]: libseccomp does not come to an end"
		says keyctl
	fi
	nothing_left
}

@test "a profile that denies what the runtime itself uses does not break start" {
	requires hako
	profile SCMP_ACT_ALLOW '[{"names": ["getcwd", "close_range", "openat2", "mount_setattr",
		"move_mount", "fsopen",
		"prctl", "capset", "setresuid", "setgroups", "unshare", "mount"],
		"action": "SCMP_ACT_ERRNO"}]'
	for nnp in true false; do
		config ".process.noNewPrivileges = $nnp"
		run hako_run echo fine
		[ $nnp = false ] || { succeeds; is_output fine; }
		[ "$status" -lt 124 ]
	done
	nothing_left
}

@test "memory limits do not break the filter" {
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]'
	config '.process.rlimits = [{type: "RLIMIT_AS", soft: 1073741824, hard: 1073741824}]'
	run hako_run mkdir /dev/shm/x
	says "mkdir /dev/shm/x: Operation not permitted"
}

@test "a profile is compiled once; the kept filter does the same" {
	requires hako
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["sethostname"], action: "SCMP_ACT_ERRNO", errnoRet: 95}]}'
	for i in first second; do
		hako --debug --log "$TESTDIR/$i" run --bundle "$BUNDLE" "$ID" </dev/null
	done
	run ! grep "seccomp: compiled before" "$TESTDIR/first"
	grep -q "seccomp: compiled before" "$TESTDIR/second"
	[ "$(stat -c %a "$ROOT/.seccomp")" = 700 ]
	[ "$(hako list -q)" = "" ]
	nothing_left
}
