#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.selinuxLabel and linux.mountLabel on a machine with SELinux.

load ../../integration/helpers

LABEL=system_u:system_r:container_t:s0:c1,c2
FILES=system_u:object_r:container_file_t:s0:c1,c2

setup() {
	bundle_new
	requires hako
	[ -e /sys/fs/selinux/enforce ] || skip "needs SELinux"
}
teardown() { clean_up; }

@test "init has the label, and what it executes" {
	config '.process.selinuxLabel = $l' --arg l "$LABEL"
	run hako_run cat /proc/self/attr/current \; exec /init cat /proc/self/attr/current
	says "$LABEL"
	[ "$(grep -c container_t <<<"$output")" -eq 2 ] || show
}

@test "mounts have the label of the document" {
	config '.linux.mountLabel = $l' --arg l "$FILES"
	run hako_run cat /proc/self/mountinfo
	succeeds
	# tmpfs, devpts: by option; /dev is one of them
	[ "$(grep -c "$FILES" <<<"$output")" -ge 3 ] || show
	grep ' /dev ' <<<"$output" | grep -q "context=\"$FILES\""
}

@test "run.oci.mount_context_type names another option" {
	config '.linux.mountLabel = $l
		| .annotations["run.oci.mount_context_type"] = "rootcontext"' --arg l "$FILES"
	run hako_run cat /proc/self/mountinfo
	succeeds
	says_not " context=\"$FILES\""
}

@test "exec: the container's label, or another one" {
	config '.process.selinuxLabel = $l' --arg l "$LABEL"
	hako_detached pause
	run hako exec "$ID" /init cat /proc/self/attr/current
	says "$LABEL"
	run hako exec --process-label system_u:system_r:container_t:s0:c3,c4 "$ID" \
		/init cat /proc/self/attr/current
	says "s0:c3,c4"
}

@test "a label that the policy does not know is refused" {
	config '.process.selinuxLabel = "system_u:system_r:no_such_type_t:s0"'
	run hako_run echo RAN
	fails
	says_not RAN
	nothing_left
}
