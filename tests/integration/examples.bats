#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# contrib/examples: each converts without a line refused or lost in silence, says what its page
# says, and goes back. LXC's own include files are replaced by those of contrib/lxc.

load helpers
setup() {
	requires hako
	bundle_new
	EXAMPLES=$SRCDIR/contrib/examples
	INCLUDES=$TESTDIR/include
	mkdir -p "$INCLUDES/usr/share/lxc/config"
	cp "$SRCDIR"/contrib/lxc/*.conf "$INCLUDES/usr/share/lxc/config"
	OUT=$TESTDIR/out
}
teardown() { clean_up; }

config_of() {
	[ "$1" = proxmox ] && echo "$EXAMPLES/proxmox/101.conf" || echo "$EXAMPLES/$1/config"
}

# convert NAME [OPTION…]
convert() {
	"$HAKO" lxc convert -n "$1" -o "$OUT" --include-root "$INCLUDES" "${@:2}" \
		"$(config_of "$1")"
}

# example NAME: converts it; its document is $CONFIG from then on.
example() {
	run -0 convert "$1"
	! grep -E ' (refused|open) ' <<<"$output"
	CONFIG=$OUT/config.json
}

# start NAME COMMAND: the example with the test's rootfs, without its network, and without limits,
# which not every cgroup layout can hold.
start() {
	hako lxc run -n "$ID" --include-root "$INCLUDES" -s "lxc.rootfs.path=dir:$ROOTFS" \
		-s lxc.net= -s lxc.console.path=none -s lxc.apparmor.profile= -s lxc.prlimit= \
		-s lxc.cgroup2.memory.max= -s lxc.cgroup2.memory.swap.max= \
		-s lxc.cgroup2.pids.max= -s lxc.cgroup2.cpu.weight= \
		-s "lxc.init.cmd=$2" "$(config_of "$1")" </dev/null
}

is() { jq -e "$@" "$CONFIG"; }

@test "every example has a page, is listed, and goes there and back" {
	local dir name
	for dir in "$EXAMPLES"/*/; do
		name=$(basename "$dir")
		[ -f "$(config_of "$name")" ] && [ -s "$dir/README.md" ]
		grep -q "^| .$name/. |" "$EXAMPLES/README.md"
		[ "$name" != proxmox ] || continue
		run -0 convert "$name"
		run -0 "$HAKO" lxc from-oci -o "$TESTDIR/back" "$OUT"
		run -0 "$HAKO" lxc diff "$OUT" "$TESTDIR/back"
		[ -z "$output" ]
		rm -r "$OUT" "$TESTDIR/back"
	done
}

@test "privileged: fewer capabilities, a device list, limits" {
	example privileged
	is '.process.capabilities.bounding
		| index("CAP_SYS_ADMIN") and (index("CAP_SYS_TIME") or index("CAP_SYSLOG") | not)'
	is '.linux.resources.devices[0].allow == false and .linux.uidMappings == null'
	is '.linux.resources.unified["memory.max"] == "1G"'
	run -1 "$HAKO" lxc check --include-root "$INCLUDES" "$(config_of privileged)"
	says "[privileged]"
}

@test "unprivileged: ids of its own, and nothing grave to say" {
	example unprivileged
	is '.linux.uidMappings == [{containerID: 0, hostID: 1000000, size: 65536}]'
	is '.process.capabilities.bounding | length == 41'
	run "$HAKO" lxc check --show high --include-root "$INCLUDES" "$(config_of unprivileged)"
	says " 0 high"
	requires userns
	chown -R 1000000:1000000 "$ROOTFS"
	run start unprivileged '/init ids ; cat /proc/self/uid_map'
	succeeds
	has_line "uid=0,0,0 gid=0,0,0 groups="
	matches '^ +0 +1000000 +65536$'
	nothing_left
}

@test "chrony: holds CAP_SYS_TIME, its neighbour does not" {
	example chrony
	is '.process.capabilities.effective
		| index("CAP_SYS_TIME") and (index("CAP_SYS_ADMIN") | not)'
	is '.process.rlimits | any(.type == "RLIMIT_RTPRIO" and .soft == 50)'
	run start chrony '/init caps'
	succeeds
	matches '^effective: .*SYS_TIME'
	run start privileged '/init caps'
	succeeds
	says_not SYS_TIME
	nothing_left
}

@test "chrony: the clock can be disciplined, by its neighbour not" {
	requires busybox
	local now
	now=$("$(busybox_path)" adjtimex |
		sed -n 's|^-f *freq[^:]*: *\(-\{0,1\}[0-9][0-9]*\).*|\1|p')
	[ -n "$now" ] && "$(busybox_path)" adjtimex -f "$now" >/dev/null 2>&1 ||
		skip "this user cannot set the clock of the host"
	run start chrony "/bin/busybox adjtimex -f $now"
	succeeds
	run start privileged "/bin/busybox adjtimex -f $now"
	fails
	nothing_left
}

@test "bridge-static: two interfaces, addresses, gateways, a VLAN" {
	example bridge-static
	is '.annotations["org.hako.net"] | fromjson
		| (.[0] | .type == "veth" and .link == "br0" and .gw4 == "192.0.2.1"
			and .ipv4[0].addr == "192.0.2.10" and .ipv4[0].prefix == 24
			and .ipv6[0].addr == "2001:db8::10" and .veth.pair == "vweb0")
		and (.[1] | .veth.vlan == 20 and .name == "eth1")'
	is '.hooks.createRuntime[0].args[1:3] == ["hook", "net"]'
}

@test "macvlan: in the mode that is written" {
	example macvlan
	is '.annotations["org.hako.net"] | fromjson | .[0]
		| .type == "macvlan" and .macvlan.mode == "bridge" and .link == "eth0"'
}

@test "overlay: layers, and data read-only" {
	example overlay
	is '.annotations["org.hako.rootfs.overlay"] | test("/srv/images/base.*/srv/job1/upper")'
	is '.mounts | any(.destination == "/srv/data" and (.options | index("ro")))'
}

@test "nesting: a second proc and sys, room for ids" {
	example nesting
	is '.mounts | any(.destination == "/dev/.lxc/proc" and .type == "proc")'
	is '.linux.uidMappings[0].size == 655360'
	run "$HAKO" lxc check --include-root "$INCLUDES" "$(config_of nesting)"
	says "low: lxc.apparmor.profile" "[nesting]"
}

@test "proxmox: the current configuration, not the snapshot" {
	# the firewall is left behind knowingly, or not at all
	run convert proxmox
	[ "$status" -eq 2 ]
	says "firewall=1" "--allow net0"
	[ ! -e "$OUT" ]
	run -0 convert proxmox --allow net0
	CONFIG=$OUT/config.json
	is '.hostname == "files" and .linux.uidMappings[0].hostID == 100000'
	is '.mounts | any(.destination == "/srv/share" and (.options | index("ro")))'
	run "$HAKO" lxc check --json --show note "$(config_of proxmox)"
	jq -e 'all(.findings[]; .id != "privileged" and .id != "no-memory-limit")' <<<"$output"
}
