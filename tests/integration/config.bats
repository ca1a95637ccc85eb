#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.json that is wrong: refused with the path and the reason, before anything is made.

load helpers
setup() {
	requires hako
	bundle_new
	cp "$CONFIG" "$TESTDIR/good"
}
teardown() { clean_up; }

# wrong FILTER TEXT…: config.json edited by FILTER is refused, and the message has every TEXT.
wrong() {
	local filter=$1
	shift
	cp "$TESTDIR/good" "$CONFIG"
	config "$filter"
	run hako_create
	if [ "$status" -ne 1 ]; then
		show
		fail "accepted: $filter"
		return 1
	fi
	[ "$(grep -c . <<<"$output")" -eq 1 ] ||
		{ show; fail "more than one line: $filter"; return 1; }
	says "$@" || { fail "for $filter"; return 1; }
}

# right FILTER: is no reason to refuse.
right() {
	cp "$TESTDIR/good" "$CONFIG"
	config "$1"
	run hako_run true
	succeeds || { fail "for $1"; return 1; }
}

@test "the wrong type, with its path" {
	wrong '.process.noNewPrivileges = "true"' "process.noNewPrivileges:"
	wrong '.process.args = "sh"' "process.args:"
	wrong '.process.args = ["sh", 1]' "process.args[1]:"
	wrong '.process.user.uid = "0"' "process.user.uid:"
	wrong '.process.terminal = 1' "process.terminal:"
	wrong '.process.cwd = []' "process.cwd:"
	wrong '.root = "rootfs"' "root:"
	wrong '.root.readonly = "yes"' "root.readonly:"
	wrong '.hostname = 5' "hostname:"
	wrong '.mounts = {}' "mounts:"
	wrong '.mounts[2] = "x"' "mounts[2]:"
	wrong '.mounts[1].options = "ro"' "mounts[1].options:"
	wrong '.linux = []' "linux:"
	wrong '.linux.namespaces[0].type = 1' "linux.namespaces[0].type:"
	wrong '.linux.resources.memory.limit = "1G"' "linux.resources.memory.limit:"
	wrong '.linux.resources.pids.limit = 1.5' "linux.resources.pids.limit:"
	wrong '.linux.maskedPaths = [1]' "linux.maskedPaths[0]:"
	wrong '.hooks = []' "hooks:"
	wrong '.hooks.prestart = {}' "hooks.prestart:"
	wrong '.annotations = []' "annotations:"
	wrong '.annotations.a = 1' "annotations"
	nothing_left
}

@test "numbers out of range" {
	wrong '.process.user.uid = -1' "process.user.uid:"
	wrong '.process.user.uid = 4294967296' "process.user.uid:"
	wrong '.process.umaskx = 0 | .process.user.umask = -1' "process.user.umask:"
	wrong '.linux.resources.cpu.shares = -1' "linux.resources.cpu.shares:"
	wrong '.process.oomScoreAdj = 99999999999' "process.oomScoreAdj:"
	nothing_left
}

@test "what is required" {
	wrong 'del(.ociVersion)' "ociVersion"
	wrong 'del(.root.path)' "root.path"
	wrong 'del(.process.cwd)' "process.cwd"
	wrong 'del(.mounts[0].destination)' "mounts[0].destination"
	wrong 'del(.linux.namespaces[0].type)' "linux.namespaces[0].type"
	wrong '.linux.devices = [{path: "/dev/x"}]' "linux.devices[0].type"
	wrong '.hooks.poststart = [{}]' "hooks.poststart[0].path"
	wrong '.process.rlimits = [{type: "RLIMIT_CORE"}]' "process.rlimits[0]"
	nothing_left
}

@test "versions" {
	wrong '.ociVersion = "invalid"' "ociVersion" invalid
	wrong '.ociVersion = ""' "ociVersion"
	wrong '.ociVersion = "2.0.0"' "ociVersion" 2.0.0
	for v in 1.0.0 1.0.2-dev 1.1.0 1.2.1 1.3.0; do
		right ".ociVersion = \"$v\""
	done
}

@test "unknown fields and annotations are ignored" {
	right '.frobnicate = {a: [1, 2]} | .process.unknown = true | .linux.unknown = "x"
		| .annotations["x.y"] = "z"'
}

@test "rules between fields" {
	wrong '.linux.namespaces[0].type = "nonsense"' "linux.namespaces[0].type" nonsense
	wrong '.process.cwd = "relative"' "process.cwd"
	wrong '.linux.namespaces += [{type: "mount"}]' "linux.namespaces["
	wrong 'del(.linux.namespaces[] | select(.type == "uts"))' hostname
	wrong '.linux.rootfsPropagation = "x"' linux.rootfsPropagation
	wrong '.linux.resources.cpu.cpus = "0-"' linux.resources.cpu.cpus
	wrong '.linux.devices = [{path: "dev/x", type: "c", major: 1, minor: 3}]' \
		"linux.devices[0].path"
	wrong '.linux.seccomp = {defaultAction: "SCMP_ACT_NO"}' linux.seccomp.defaultAction
	wrong '.linux.resources.devices += [{allow: true, type: "c", major: 1, minor: 1,
		access: "x"}]' "linux.resources.devices[1].access"
	nothing_left
}

# text FILE-CONTENT TEXT…: for what is not even JSON.
text() {
	local content=$1
	shift
	printf '%b' "$content" >"$CONFIG"
	run hako_create
	exits 1
	says config.json "$@"
}

@test "documents that are no JSON" {
	text '' config.json
	text '{' config.json
	text '[]' config.json
	text 'null' config.json
	text '{"ociVersion": "1.0.0",}' config.json
	text '{"ociVersion": "1.0.0"} x' config.json
	text '{"ociVersion": "1.0.0", "ociVersion": "1.0.0"}' ociVersion twice
	text '{"ociVersion": "1.0.\\u0000"}' ociVersion
	text '{"ociVersion": "\\ud800"}' config.json
	text '{"ociVersion": "\xff"}' config.json
	text '{"ociVersion": "1.0.0", "x": 1e400,
		"process": {"cwd": "/", "user": {"uid": 1e400, "gid": 0}}}' config.json
	nothing_left
}

@test "bombs: too deep, too large, bounded in time" {
	{ printf '{"ociVersion": "1.0.0", "x": '; printf '[%.0s' {1..100000}; } >"$CONFIG"
	HAKO_TIMEOUT=5 run hako_create
	exits 1
	says deeper
	head -c 70000000 /dev/zero | tr '\0' ' ' >"$CONFIG"
	HAKO_TIMEOUT=5 run hako_create
	exits 1
	says config.json
	mkfifo "$TESTDIR/fifo"
	HAKO_TIMEOUT=5 run hako create --bundle "$BUNDLE" --config "$TESTDIR/fifo" "$ID"
	exits 1
	nothing_left
}

@test "config.json that is a directory, or unreadable link" {
	rm "$CONFIG"
	mkdir "$CONFIG"
	run hako_create
	exits 1
	says config.json
	rmdir "$CONFIG"
	ln -s nowhere "$CONFIG"
	run hako_create
	exits 1
	says config.json
	nothing_left
}
