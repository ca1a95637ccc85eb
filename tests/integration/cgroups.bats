#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Cgroups: where the container is, limits, devices, frozen, removed. On cgroup2 and on both of a
# hybrid host.

load helpers
setup() {
	bundle_new
	[ "$(cgroup_mode)" != none ] || skip "needs cgroups"
}
teardown() { clean_up; }

# limit CONTROLLER V1FILE V2FILE: the value in the running container's cgroup.
limit() {
	local file=$2
	[ "$(cgroup_mode)" != unified ] || file=$3
	cat "$(cgroup_of "$1" "$(init_pid)")/$file"
}

resources() { config ".linux.resources += $1"; }

@test "cgroupsPath: absolute is from the root, in every hierarchy in use" {
	config '.linux.cgroupsPath = $p' --arg p "/$MARK/inner"
	hako_detached pause
	pid=$(init_pid)
	for controller in unified pids memory; do
		[ -n "$(cgroup_root $controller)" ] || continue
		[ "$(cgroup_of $controller "$pid")" = "$(cgroup_root $controller)/$MARK/inner" ]
	done
	hako delete --force "$ID"
	eventually test -z "$(find /sys/fs/cgroup -type d -path "*/$MARK/inner")"
	find /sys/fs/cgroup -depth -type d -name "$MARK" -exec rmdir {} \; 2>/dev/null || :
}

@test "cgroupsPath: relative appears in /proc/PID/cgroup" {
	config '.linux.cgroupsPath = $p' --arg p "$MARK/relative"
	hako_detached pause
	grep -q "$MARK/relative" "/proc/$(init_pid)/cgroup"
	hako delete --force "$ID"
	find /sys/fs/cgroup -depth -type d -name "$MARK" -exec rmdir {} \; 2>/dev/null || :
}

# as_user COMMAND…: as an ordinary user 64999 with subordinate ids, who has $TOP/own.
as_user() {
	# shellcheck disable=SC2016 # expanded there
	HAKO_TEST=$MARK timeout -k 5 "$HAKO_TIMEOUT" unshare --mount sh -ec \
		'echo 0 >"$0/own/cgroup.procs"
		mount --bind "$1/passwd" /etc/passwd
		mount --bind "$1/subid" /etc/subuid
		mount --bind "$1/subid" /etc/subgid
		export XDG_RUNTIME_DIR="$1"
		shift
		exec setpriv --reuid 64999 --regid 64999 --clear-groups "$@"' \
		"$TOP" "$TESTDIR" "$@" 3>&-
}
user_hako() { as_user "$HAKO" --root "$ROOT" "$@"; }

@test "a user whose ids the container does not have shares the cgroup with its root" {
	requires hako root cgroup2 newuidmap setpriv unshare
	TOP=$(cgroup_root unified)/$MARK
	mkdir "$TOP" "$TOP/own" || skip "no cgroups can be made here"
	chown 64999 "$TOP"{,/own}{,/cgroup.procs,/cgroup.subtree_control}
	{
		cat /etc/passwd
		echo 'hakouser:x:64999:64999::/:/bin/sh'
	} >"$TESTDIR/passwd"
	echo hakouser:100000:65536 >"$TESTDIR/subid"
	rm "$CONFIG"
	(cd "$BUNDLE" && "$HAKO" spec --rootless)
	config '.process.terminal = false | .process.args = ["/init", "pause"]
		| del(.linux.resources)
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings
		| .linux.namespaces |= map(select(.type != "cgroup")) + [{type: "cgroup"}]
		| .mounts |= map(select(.type != "cgroup" and .type != "sysfs"))
			+ [{destination: "/sys", type: "tmpfs", source: "sys"},
				{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
				options: ["rw", "nosuid", "nodev", "noexec"]}]'
	chown -R 100000:100000 "$ROOTFS"
	chown 64999 "$TESTDIR" "$BUNDLE" "$ROOT"
	user_hako run -d --bundle "$BUNDLE" "$ID" </dev/null >"$TESTDIR/out" 2>&1 ||
		{ cat "$TESTDIR/out"; return 1; }
	pid=$(user_hako state "$ID" | jq .pid)
	dir=$(cgroup_of unified "$pid")
	[[ $dir == "$TOP/"* ]]
	run -0 stat -c '%u %g %a' "$dir" "$dir/cgroup.procs" "$dir/cgroup.freeze"
	is_output $'64999 100000 775\n64999 100000 664\n64999 64999 644'
	# what its root makes there is out of the user's reach, whose container it still is
	mkdir -p "$dir/init" "$dir/deep/deeper"
	chown -R 100000:100000 "$dir/init" "$dir/deep"
	echo "$pid" >"$dir/init/cgroup.procs"
	echo +pids >"$dir/cgroup.subtree_control" || true # a hybrid host has none
	run -0 user_hako exec "$ID" /init cat /proc/self/cgroup
	says 0::/
	run -0 user_hako pause "$ID"
	run -0 user_hako resume "$ID"
	run -0 user_hako delete --force "$ID"
	[ ! -e "$dir" ]
	find "$TOP" -depth -type d -exec rmdir {} \;
}

@test "cgroupsPath with .. stays below, or is refused" {
	requires hako
	config '.linux.cgroupsPath = $p' --arg p "/$MARK/../../../../tmp/x-$MARK"
	run hako_run true
	fails
	says ".."
	[ ! -e "/tmp/x-$MARK" ]
	nothing_left
}

@test "delete removes the cgroups, also those the payload made, in every hierarchy" {
	hako_detached pause
	pid=$(init_pid)
	for controller in unified pids memory; do
		[ -n "$(cgroup_root $controller)" ] || continue
		mkdir -p "$(cgroup_of $controller "$pid")/sub/subsub"
	done
	hako delete --force "$ID"
	nothing_left
}

@test "a process that joined the cgroup from outside is killed with it" {
	requires controller:pids
	hako_detached pause
	sleep 1000 &
	stray=$!
	echo $stray >"$(cgroup_of unified "$(init_pid)")/cgroup.procs"
	hako kill "$ID" KILL
	eventually is_state "$ID" stopped
	run hako delete --force "$ID"
	succeeds
	kill -KILL $stray 2>/dev/null && fail "the stray process lived on"
	wait $stray || true
	nothing_left
}

@test "pids.limit" {
	requires controller:pids
	resources '{pids: {limit: 5}}'
	hako_detached fork 10 \; pause
	eventually grep -q forked "$TESTDIR/out"
	[ "$(limit pids pids.max pids.max)" = 5 ]
	grep -q "forked 4 of 10" "$TESTDIR/out"
}

@test "pids.limit: 1 works, -1 is unlimited" {
	requires controller:pids
	resources '{pids: {limit: 1}}'
	run hako_run fork 1
	has_line "forked 0 of 1"
	resources '{pids: {limit: -1}}'
	hako_detached pause
	[ "$(limit pids pids.max pids.max)" = max ]
}

@test "pids.limit 0 is a limit" {
	requires controller:pids hako
	resources '{pids: {limit: 0}}'
	run hako_run fork 1
	succeeds
	has_line "forked 0 of 1"
}

@test "memory.limit" {
	requires controller:memory
	resources '{memory: {limit: 33554432}}'
	hako_detached alloc 16 \; alloc 64 \; pause
	[ "$(limit memory memory.limit_in_bytes memory.max)" = 33554432 ]
	eventually grep -q "alloc 64: killed by signal 9" "$TESTDIR/out"
	grep -q "alloc 16: ok" "$TESTDIR/out"
	is_state "$ID" running
}

@test "memory.reservation" {
	requires controller:memory
	resources '{memory: {limit: 67108864, reservation: 33554432}}'
	hako_detached pause
	[ "$(limit memory memory.soft_limit_in_bytes memory.low)" = 33554432 ]
}

# The kernel's killer meets init at another step each time, and in the midst of a request of init's.
@test "a memory limit too small to start: said so" {
	local i
	requires controller:memory hako
	for i in 1 2 3 4 5 6 7 8; do
		resources "{memory: {limit: $((i * 4096))}}"
		run hako_run echo RAN
		fails
		says "$((i * 4096))" "usage: "
		matches "memory limit (of|to) $((i * 4096))"
		nothing_left
	done
}

@test "a memory limit too small for the program: said so" {
	requires controller:memory hako busybox
	resources '{memory: {limit: 8388608, swap: 8388608}}'
	shell 'x=0123456789; while :; do x=$x$x; done'
	run hako run --bundle "$BUNDLE" "$ID"
	exits 137
	says "container '$ID' was killed for exceeding the memory limit of 8388608 bytes" \
		"peak usage: "
	nothing_left
}

@test "a program of one page starts within 512 KiB" {
	requires controller:memory hako
	resources '{memory: {limit: 524288}}'
	run hako_run true
	succeeds
	nothing_left
}

@test "cpu.shares, quota and period" {
	requires controller:cpu
	resources '{cpu: {shares: 512, quota: 25000, period: 50000}}'
	hako_detached pause
	if [ "$(cgroup_mode)" = unified ]; then
		[ "$(limit cpu - cpu.max)" = "25000 50000" ]
	else
		[ "$(limit cpu cpu.shares -)" = 512 ]
		# Not every kernel has bandwidth control.
		if [ -e /sys/fs/cgroup/cpu/cpu.cfs_quota_us ]; then
			[ "$(limit cpu cpu.cfs_quota_us -)" = 25000 ]
			[ "$(limit cpu cpu.cfs_period_us -)" = 50000 ]
		fi
	fi
}

@test "cpuset.cpus and mems" {
	requires controller:cpuset
	resources '{cpu: {cpus: "0", mems: "0"}}'
	run hako_run status Cpus_allowed_list
	succeeds
	has_line "Cpus_allowed_list: 0"
	nothing_left
}

@test "a limit whose controller is missing is an error that names it" {
	requires hako
	resources '{hugepageLimits: [{pageSize: "2MB", limit: 1048576}],
		rdma: {mlx5: {hcaHandles: 3}}}'
	[ -z "$(cgroup_root rdma)" ] || skip "this host has the rdma controller"
	run hako_run true
	fails
	matches 'rdma|hugetlb'
	nothing_left
}

@test "names that become file names are checked" {
	requires hako
	for json in '{hugepageLimits: [{pageSize: "../x", limit: 1}]}' '{unified: {"../x": "1"}}' \
		'{unified: {"a/b.c": "1"}}'; do
		config 'del(.linux.resources.hugepageLimits, .linux.resources.unified)'
		resources "$json"
		run hako_run true
		fails
		says linux.resources
	done
	nothing_left
}

@test "unified: a key that is not CONTROLLER.VALUE" {
	requires hako
	resources '{unified: {"nodot": "1"}}'
	run hako_run true
	fails
	says "the specified key has not the form CONTROLLER.VALUE" nodot
}

@test "unified: an unavailable controller" {
	requires hako cgroup2
	resources '{unified: {"foo.bar": "1"}}'
	run hako_run true
	fails
	says foo "is not available"
	nothing_left
}

@test "unified: a controller that the host has in v1 only" {
	requires hako hybrid controller:memory
	resources '{unified: {"memory.high": "33554432"}}'
	run hako_run true
	fails
	says "'memory.high' needs controller \`memory\` in cgroup v2" \
		"not available under /sys/fs/cgroup/unified" "v1, at /sys/fs/cgroup/memory"
	nothing_left
}

@test "a cgroup in a threaded tree: said so" {
	requires hako cgroup2
	local dir
	dir=$(cgroup_root unified)/$MARK
	mkdir -p "$dir/threads"
	echo threaded >"$dir/threads/cgroup.type"
	config '.linux.cgroupsPath = $p' --arg p "/$MARK/below"
	run hako_run true
	rmdir "$dir/threads" "$dir"
	fails
	says "cgroup '$dir/below' is 'domain invalid': it is in a threaded tree"
	nothing_left
}

@test "a cgroup that hands controllers down: said so" {
	requires hako unified controller:memory
	local dir
	dir=$(cgroup_root unified)/$MARK
	mkdir "$dir"
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	echo +memory >"$dir/cgroup.subtree_control"
	config '.linux.cgroupsPath = $p' --arg p "/$MARK"
	run hako_run true
	fails
	says "cgroup '$dir' hands controllers down (memory)"
	# And processes in the way above.
	mkdir -p "$dir"
	sleep 100 &
	echo $! >"$dir/cgroup.procs"
	config '.linux.cgroupsPath = $p' --arg p "/$MARK/below"
	resources '{memory: {limit: 33554432}}'
	run hako_run true
	kill $!
	fails
	says "controller \`memory\` is not available under $dir: processes live in that cgroup"
	eventually rmdir "$dir"
	nothing_left
}

@test "1000 cgroups inside each other, made by the payload, are removed" {
	requires hako cgroup2
	local dir
	hako_detached pause
	dir=$(cgroup_of unified "$(init_pid)")
	mkdir -p "$dir/$(printf 'd/%.0s' {1..1000})"
	run hako delete --force "$ID"
	succeeds
	nothing_left
}

@test "unified: a file of the core is written" {
	requires hako unified
	resources '{unified: {"cgroup.max.depth": "7"}}'
	hako_detached pause
	[ "$(limit unified - cgroup.max.depth)" = 7 ]
}

# --- devices ---

@test "devices: what spec allows and denies" {
	config '.linux.devices = [{path: "/dev/kmsg0", type: "c", major: 1, minor: 11},
		{path: "/dev/loopy", type: "b", major: 7, minor: 0}]
		| .process.capabilities[] += ["CAP_MKNOD"]'
	run hako_run open /dev/null rw \; open /dev/zero \; open /dev/kmsg0 \; open /dev/loopy \
		\; mknod /dev/shm/mine c 1 3
	says "open /dev/null rw: ok" "open /dev/zero: ok" \
		"open /dev/kmsg0: Operation not permitted" \
		"open /dev/loopy: Operation not permitted" "mknod /dev/shm/mine c 1 3: ok"
}

@test "devices: a rule more, access by access" {
	config '.linux.devices = [{path: "/dev/kmsg0", type: "c", major: 1, minor: 11}]
		| .linux.resources.devices += [{allow: true, type: "c", major: 1, minor: 11,
		access: "r"}]
		| .process.capabilities[] += ["CAP_SYSLOG", "CAP_SYS_ADMIN"]'
	run hako_run open /dev/kmsg0 r \; open /dev/kmsg0 w
	says "open /dev/kmsg0 r: ok" "open /dev/kmsg0 w: Operation not permitted"
}

@test "devices: wildcards and a deny behind an allow" {
	config '.linux.devices = [{path: "/dev/kmsg0", type: "c", major: 1, minor: 11}]
		| .linux.resources.devices = [{allow: false, access: "rwm"},
		{allow: true, type: "c", major: 1, access: "rwm"},
			{allow: false, type: "c", major: 1, minor: 11, access: "rwm"}]'
	run hako_run open /dev/null \; open /dev/kmsg0
	says "open /dev/null: ok" "open /dev/kmsg0: Operation not permitted"
}

@test "devices: allow all" {
	config '.linux.devices = [{path: "/dev/kmsg0", type: "c", major: 1, minor: 11}]
		| .linux.resources.devices = [{allow: true, access: "rwm"}]
		| .process.capabilities[] += ["CAP_SYSLOG", "CAP_SYS_ADMIN"]'
	run hako_run open /dev/kmsg0
	says "open /dev/kmsg0: ok"
}

@test "devices: mknod is denied when no rule has m" {
	requires hako
	config '.linux.resources.devices = [{allow: false, access: "rwm"},
		{allow: false, type: "c", access: "m"},
			{allow: false, type: "b", access: "m"},
			{allow: false, type: "c", major: 7, minor: 7, access: "rwm"}]
		| .process.capabilities[] += ["CAP_MKNOD"]'
	# The runtime's own rules come last, and allow nodes to be made.
	run hako_run mknod /dev/shm/b b 7 7
	has_line "mknod /dev/shm/b b 7 7: ok"
	config '.annotations = {"org.hako.devices.defaults": "none"}'
	run hako_run mknod /dev/shm/b b 7 7
	has_line "mknod /dev/shm/b b 7 7: Operation not permitted"
}

# --- frozen ---

freeze() {
	local dir
	dir=$(cgroup_of unified "$1")
	if [ -e "$dir/cgroup.freeze" ]; then
		echo 1 >"$dir/cgroup.freeze"
	else
		echo FROZEN >"$(cgroup_of freezer "$1")/freezer.state"
	fi
}

@test "a frozen container is shown as paused; start is refused; kill and delete work" {
	hako_detached pause
	freeze "$(init_pid)"
	eventually is_state "$ID" paused
	run hako list
	matches "$ID +[0-9]+ +paused"
	run hako start "$ID"
	fails
	says paused
	run hako delete "$ID"
	fails
	run hako delete --force "$ID"
	succeeds
	nothing_left
}

@test "kill -9 of a frozen container ends it" {
	hako_detached pause
	freeze "$(init_pid)"
	hako kill "$ID" KILL
	eventually is_state "$ID" stopped
	hako delete "$ID"
	nothing_left
}

@test "a cgroup that vanished: stopped, deletable" {
	hako_detached exit 0
	eventually is_state "$ID" stopped
	cgroup_dirs | sort -r | xargs -r rmdir
	is_state "$ID" stopped
	run hako delete "$ID"
	succeeds
	nothing_left
}

@test "the cgroup is entered before the program runs" {
	config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
	run hako_run cat /proc/self/cgroup
	succeeds
	says "$MARK"
}
