#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `check`: everything that is wrong with a bundle, and whether this host can run it.

load helpers
setup() {
	requires hako
	bundle_new
}
teardown() { clean_up; }

# checked STATUS TEXT…: what check says of the bundle.
checked() {
	run hako check -b "$BUNDLE"
	[ "$status" -eq "$1" ] || { show; fail "exit status is not $1"; return 1; }
	shift
	says "$@"
}

# finding LEVEL ABOUT PATH: there is exactly one such finding.
finding() {
	hako check --json -b "$BUNDLE" | jq -e --arg l "$1" --arg a "$2" --arg p "$3" \
		'[.findings[] | select(.level == $l and .about == $a and .path == $p)]
			| length == 1' ||
		{ hako check -b "$BUNDLE"; fail "no $1 about the $2 at '$3'"; return 1; }
}

@test "a good bundle: no errors, and it runs" {
	checked 0 "0 errors, 0 warnings"
	run hako_run true
	succeeds
}

@test "every mistake is named, with its path" {
	config '.process.cwd = "relative" | .linux.namespaces += [{"type": "pid"}]
		| .hostname = ("x" * 65) | .process.capabilities.bounding = ["CAP_NONE"] | .foo = 1'
	checked 1 "process.cwd" "linux.namespaces" "hostname"
	finding error config process.cwd
	finding warning config "process.capabilities.bounding[0]"
	finding note config foo
	finding note host ""
}

@test "a document that cannot be read" {
	config '.process.cwd = 5'
	checked 1 "process.cwd: expected a string"
	finding error config process.cwd
	echo '{' >"$CONFIG"
	checked 1 "1 error"
	rm "$CONFIG"
	checked 1 "no such file"
}

@test "annotations that are refused, and those without effect" {
	config '.annotations = {"run.oci.handler": "krun", "run.oci.hooks.stdout": "relative",
		"org.hako.nothing": "1", "com.example": "x"}'
	checked 1
	finding error config 'annotations["run.oci.handler"]'
	finding error config 'annotations["run.oci.hooks.stdout"]'
	finding warning config 'annotations["org.hako.nothing"]'
	! hako check -b "$BUNDLE" | grep -q com.example
}

@test "what the host lacks" {
	config '.mounts += [
			{"destination": "/data", "source": "/nowhere/at/all", "options": ["bind"]},
			{"destination": "/x", "type": "nosuchfs", "source": "x"}]
		| .hooks = {"poststop": [{"path": "/no/hook"}]}
		| .process.args = ["/no/program"]
		| .linux.sysctl = {"net.nosuch.thing": "1"}
		| .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/no/agent",
			"syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}'
	checked 1
	finding error host "mounts[$(jq '.mounts | length - 2' "$CONFIG")].source"
	finding warning host "mounts[$(jq '.mounts | length - 1' "$CONFIG")].type"
	finding error host "hooks.poststop[0].path"
	finding warning host "process.args[0]"
	finding warning host 'linux.sysctl["net.nosuch.thing"]'
	finding error host linux.seccomp.listenerPath
}

@test "ids of a user namespace" {
	with_userns
	checked 0
	config '.process.user.uid = 70000 | .process.user.gid = 70001'
	checked 1 "70000 is not mapped"
	finding error host process.user.uid
	finding error host process.user.gid
}

@test "a missing root filesystem does not hide the rest" {
	rm -r "$ROOTFS"
	config '.hooks = {"prestart": [{"path": "/no/hook"}]}'
	checked 1
	finding error host root.path
	finding error host "hooks.prestart[0].path"
}

@test "a cgroup that cannot be had does not hide the rest" {
	config '.linux.resources.unified = {"nosuch.max": "1"}
		| .hooks = {"prestart": [{"path": "/no/hook"}]}'
	checked 1 nosuch
	finding error host "hooks.prestart[0].path"
}

@test "nothing is touched" {
	local before
	with_userns
	config '.linux.resources.memory = {"limit": 100000000}'
	before=$(find "$BUNDLE" "$ROOT" -printf '%p %T@ %m\n' | sort)
	checked 0
	[ "$before" = "$(find "$BUNDLE" "$ROOT" -printf '%p %T@ %m\n' | sort)" ]
	nothing_left
}
