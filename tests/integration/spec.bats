#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# spec: the document it writes, and that everything in it works.

load helpers
setup() { bundle_new; }
teardown() { clean_up; }

spec_in() {
	mkdir "$TESTDIR/$1"
	(cd "$TESTDIR/$1" && shift && "$HAKO" spec "$@")
}

@test "the document has the form that tests and tutorials edit" {
	run spec_in s
	succeeds
	is_output ""
	s=$TESTDIR/s/config.json
	jq -e '.process.terminal == true and .process.user == {uid: 0, gid: 0}
		and .process.args == ["sh"]
		and .process.cwd == "/" and .process.noNewPrivileges == true' "$s"
	jq -e '.process.env | length == 2 and (.[0] | startswith("PATH="))
		and .[1] == "TERM=xterm"' "$s"
	jq -e '.process.capabilities | [.bounding, .effective, .permitted] | map(sort) | unique
		== [["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]]' "$s"
	jq -e '.process.rlimits == [{type: "RLIMIT_NOFILE", hard: 1024, soft: 1024}]' "$s"
	jq -e '.root == {path: "rootfs", readonly: true} and (.hostname | length > 0)' "$s"
	jq -e '[.mounts[].destination] == ["/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue",
		"/sys",
		"/sys/fs/cgroup"]' "$s"
	jq -e '.linux.resources.devices == [{allow: false, access: "rwm"}]' "$s"
	jq -e '[.linux.namespaces[].type] - ["cgroup"] == ["pid", "network", "ipc", "uts",
		"mount"]' "$s"
	jq -e '.linux.maskedPaths | index("/proc/kcore") and index("/proc/keys")
		and index("/sys/firmware")' "$s"
	jq -e '.linux.readonlyPaths | index("/proc/sys") and index("/proc/sysrq-trigger")' "$s"
}

@test "hako's document states 1.3.0 and leaves inheritable and ambient alone" {
	requires hako
	spec_in s
	jq -e '.ociVersion == "1.3.0"' "$TESTDIR/s/config.json"
	jq -e '.process.capabilities | has("inheritable") or has("ambient") | not' \
		"$TESTDIR/s/config.json"
}

@test "an existing config.json is not overwritten" {
	spec_in s
	echo mine >"$TESTDIR/s/config.json"
	run "$HAKO" spec --bundle "$TESTDIR/s"
	fails
	says "config.json"
	[ "$(cat "$TESTDIR/s/config.json")" = mine ]
}

@test "--bundle and -b name the directory" {
	mkdir "$TESTDIR/a" "$TESTDIR/b"
	"$HAKO" spec --bundle "$TESTDIR/a"
	"$HAKO" spec -b "$TESTDIR/b"
	cmp "$TESTDIR/a/config.json" "$TESTDIR/b/config.json"
	run "$HAKO" spec -b "$TESTDIR/none"
	fails
	says "$TESTDIR/none"
}

@test "--rootless maps the caller and asks for no resources" {
	spec_in s --rootless
	s=$TESTDIR/s/config.json
	jq -e '[.linux.namespaces[].type] | index("user") != null and index("network") == null' "$s"
	jq -e '.linux.uidMappings == [{containerID: 0, hostID: 0, size: 1}]' "$s"
	jq -e '.linux.gidMappings == [{containerID: 0, hostID: 0, size: 1}]' "$s"
	jq -e '.linux | has("resources") | not' "$s"
}

@test "the document runs: terminal, shell, everything" {
	requires busybox tty
	cp "$CONFIG" "$TESTDIR/edited"
	rm "$CONFIG"
	"$HAKO" spec --bundle "$BUNDLE"
	run timeout 20 script -qec "'$HAKO' --root '$ROOT' run --bundle '$BUNDLE' '$ID'" /dev/null \
		<<<'echo "shell is $$"; exit 3'
	exits 3
	says "shell is 1"
	nothing_left
}

@test "the document of --rootless runs as root in its own user namespace" {
	requires userns
	rm "$CONFIG"
	"$HAKO" spec --rootless --bundle "$BUNDLE"
	config '.process.terminal = false'
	run hako_run ids \; cat /proc/self/uid_map \; caps
	succeeds
	says "uid=0,0,0 gid=0,0,0"
	matches '^ +0 +0 +1$'
	has_line "bounding: KILL NET_BIND_SERVICE AUDIT_WRITE"
	nothing_left
}

@test "what the container of the document sees" {
	run hako_run ids \; cwd \; hostname \; caps \; status NoNewPrivs Seccomp \; rlimit NOFILE \
		\; umask \; oom
	succeeds
	says "uid=0,0,0 gid=0,0,0 groups="
	has_line / "$(jq -r .hostname "$CONFIG")" "NoNewPrivs: 1" "Seccomp: 0" "NOFILE 1024 1024" \
		"0022"
	has_line "bounding: KILL NET_BIND_SERVICE AUDIT_WRITE" \
		"effective: KILL NET_BIND_SERVICE AUDIT_WRITE" \
		"permitted: KILL NET_BIND_SERVICE AUDIT_WRITE" "inheritable:"
}

@test "its mounts, in order" {
	run hako_run mounts
	succeeds
	matches '^/proc proc '
	matches '^/dev tmpfs rw,nosuid.* mode=755|^/dev tmpfs rw,nosuid.*size=65536k,mode=755'
	matches '^/dev/pts devpts rw,nosuid,noexec.*gid=5,mode=620,ptmxmode=666'
	matches '^/dev/shm tmpfs rw,nosuid,nodev,noexec.*size=65536k'
	matches '^/dev/mqueue mqueue rw,nosuid,nodev,noexec'
	matches '^/sys sysfs ro,nosuid,nodev,noexec'
	# /proc before what is above it, and nothing of the host.
	[ "$(grep -c "^/ " <<<"$output")" -eq 1 ]
	says_not "$TESTDIR/state"
}

@test "processes: init is pid 1 and leads its session" {
	run hako_run pid
	has_line "pid=1 ppid=0 sid=1 pgid=1"
}
