#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.netDevices: devices of the host's network namespace move into the container's and back. The
# "host" is a network namespace of this test's own.

load helpers

setup() {
	bundle_new
	requires ip nsenter
	HAKO_TEST=$MARK unshare --net sleep 300 &
	HOST=$!
	eventually other_namespace
	BEFORE=$(snapshot)
	host ip link set lo up
	host ip link add va type veth peer name vb 2>/dev/null || skip "needs veth devices"
	host ip link set vb up
	config '.linux.netDevices = {"va": {}}'
}

teardown() {
	clean_up
}

other_namespace() { [ "$(readlink "/proc/$HOST/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }

host() { nsenter --net="/proc/$HOST/ns/net" "$@"; }

hako() { HAKO_TEST=$MARK host timeout -k 5 "$HAKO_TIMEOUT" "$HAKO" --root "$ROOT" "$@"; }

# inside COMMAND…: in the container's network namespace, with the host's programs.
inside() { nsenter --net="/proc/$(init_pid)/ns/net" "$@"; }

# addresses host|inside DEVICE: those of global scope, sorted.
addresses() {
	"$1" ip -j addr show dev "$2" |
		jq -r '.[].addr_info[]? | select(.scope == "global") | "\(.local)/\(.prefixlen)"' |
		sort
}

nothing_left_at_all() {
	nothing_left
	[ ! -e "$ROOT/$ID" ] || fail "the state directory is there"
}

@test "a wireless device is refused: it moves with its phy alone" {
	run host unshare --mount sh -c 'mount -t tmpfs none /sys/class/net &&
		mkdir -p /sys/class/net/va/phy80211 && exec "$@"' - \
		"$HAKO" --root "$ROOT" create --bundle "$BUNDLE" "$ID"
	fails
	says linux.netDevices "'va' is wireless"
	run host ip link show dev va
	succeeds
	nothing_left_at_all
}

@test "a device is moved, is up, and comes back at delete" {
	host ip link set va up mtu 1400 address 02:00:00:00:00:07
	hako_detached pause
	run host ip link show dev va
	fails
	run inside ip -j link show dev va
	succeeds
	says '"mtu":1400' '02:00:00:00:00:07' '"UP"'
	hako kill "$ID" KILL
	eventually is_state "$ID" stopped
	hako delete "$ID"
	run host ip -j link show dev va
	succeeds
	says '"mtu":1400' '02:00:00:00:00:07' '"UP"'
	nothing_left_at_all
}

@test "renamed in the container only" {
	config '.linux.netDevices = {"va": {"name": "eth7"}}'
	hako_detached pause
	run inside ip link show dev va
	fails
	inside ip link show dev eth7
	hako delete --force "$ID"
	host ip link show dev va
	run host ip link show dev eth7
	fails
	nothing_left_at_all
}

@test "run in the foreground gives it back, too" {
	run hako run --bundle "$BUNDLE" "$ID"
	succeeds
	host ip link show dev va
	nothing_left_at_all
}

@test "a device that was down is down again" {
	hako_detached pause
	hako delete --force "$ID"
	run host ip -j link show dev va
	succeeds
	says_not '"UP"'
}

@test "addresses of global scope go along and come back" {
	host ip addr add 192.0.2.7/24 brd + dev va
	host ip addr add 192.0.2.8/24 dev va label va:web
	host ip addr add 169.254.9.9/16 scope link dev va
	host ip -6 addr add 2001:db8::7/64 dev va
	host ip link set va up
	before=$(addresses host va)
	config '.linux.netDevices = {"va": {"name": "eth0"}}'
	hako_detached pause
	[ "$(addresses inside eth0)" = "$before" ] || fail "inside: $(inside ip addr show)"
	run inside ip addr show dev eth0
	says "192.0.2.255" "eth0:web"
	says_not "169.254.9.9" "va:web" "tentative 2001"
	# What the container does with it is not the host's business.
	inside ip addr add 198.51.100.1/24 dev eth0
	inside ip addr del 192.0.2.8/24 dev eth0
	hako delete --force "$ID"
	[ "$(addresses host va)" = "$before" ] || fail "host: $(host ip addr show)"
	run host ip addr show dev va
	says "va:web"
}

@test "routes over it go along and come back" {
	host ip addr add 192.0.2.7/24 dev va
	host ip link set va up
	host ip route add 198.51.100.0/24 via 192.0.2.1 dev va metric 77
	host ip route add 203.0.113.0/24 dev va
	host ip route add default via 192.0.2.1 dev va table 99
	before=$(host ip route show table all dev va | grep -v 'table local' | sort)
	hako_detached pause
	run inside ip route show table all
	says "198.51.100.0/24 via 192.0.2.1 dev va" "metric 77" "203.0.113.0/24 dev va" \
		"default via 192.0.2.1 dev va table 99"
	inside ip route add 198.18.0.0/15 dev va
	hako delete --force "$ID"
	after=$(host ip route show table all dev va | grep -v 'table local' | sort)
	[ "$after" = "$before" ] || fail "routes: $after"
}

@test "several devices; one that is missing leaves all where they are" {
	config '.linux.netDevices = {"va": {"name": "vb"}, "vb": {"name": "va"}}'
	hako_detached pause
	inside ip link show dev va
	inside ip link show dev vb
	hako delete --force "$ID"
	host ip link show dev va
	config '.linux.netDevices = {"va": {}, "none0": {}}'
	run hako run --bundle "$BUNDLE" "$ID"
	fails
	says "linux.netDevices" "none0" "no such device"
	host ip link show dev va
	nothing_left_at_all
}

@test "a container that cannot be created gives them back" {
	command_line /does/not/exist
	run hako run --bundle "$BUNDLE" "$ID"
	fails
	host ip link show dev va
	nothing_left_at_all
}

@test "into a namespace that is joined; a taken name is refused before" {
	HAKO_TEST=$MARK unshare --net sleep 300 &
	other=$!
	HOST_NS=$(readlink "/proc/$HOST/ns/net")
	eventually eval '[ "$(readlink /proc/'$other'/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
	[ "$(readlink /proc/$other/ns/net)" != "$HOST_NS" ]
	config '.linux.namespaces |= map(select(.type != "network"))
		| .linux.namespaces += [{type: "network", path: $p}]' --arg p "/proc/$other/ns/net"
	hako_detached pause
	nsenter --net=/proc/$other/ns/net ip link show dev va
	hako delete --force "$ID"
	host ip link show dev va
	config '.linux.netDevices = {"va": {"name": "lo"}}'
	run hako run --bundle "$BUNDLE" "$ID"
	fails
	says "'va' cannot be 'lo'"
	host ip link show dev va
	kill $other
	nothing_left_at_all
}

@test "with a user namespace" {
	requires userns
	with_userns
	hako_detached pause
	inside ip link show dev va
	hako delete --force "$ID"
	host ip link show dev va
	nothing_left_at_all
}

@test "killed in the middle of create: delete --force still gives it back" {
	config '.hooks.createRuntime = [{path: "/bin/sh",
		args: ["sh", "-c", "kill -KILL $PPID; sleep 5"]}]'
	run hako create --bundle "$BUNDLE" "$ID"
	[ "$status" -ne 0 ]
	run host ip link show dev va
	fails
	hako delete --force "$ID"
	host ip link show dev va
}

@test "refused: bad and equal names, no network namespace, rootless" {
	for names in '{"va": {"name": "a/b"}}' '{"va": {"name": "sixteen-letters-"}}' \
		'{"va": {"name": "e%d"}}' '{"..": {}}'; do
		config '.linux.netDevices = $n' --argjson n "$names"
		run hako run --bundle "$BUNDLE" "$ID"
		fails
		says "linux.netDevices" "not a name"
	done
	config '.linux.netDevices = {"va": {"name": "x"}, "vb": {"name": "x"}}'
	run hako run --bundle "$BUNDLE" "$ID"
	fails
	says "is the name of linux.netDevices"
	config '.linux.netDevices = {"va": {}}'
	run hako --rootless true run --bundle "$BUNDLE" "$ID"
	fails
	says "linux.netDevices" "rootless"
	config '.linux.namespaces |= map(select(.type != "network"))'
	run hako run --bundle "$BUNDLE" "$ID"
	fails
	says "linux.netDevices" "no network namespace"
	nothing_left_at_all
}

@test "lo cannot be moved, in the kernel's words" {
	config '.linux.netDevices = {"lo": {"name": "lo1"}}'
	run hako run --bundle "$BUNDLE" "$ID"
	fails
	says "move network device 'lo'"
	nothing_left_at_all
}

@test "the plan and features know them" {
	run hako run --dry-run --bundle "$BUNDLE" "$ID"
	succeeds
	[ "$(jq -c .netDevices <<<"$output")" = '[{"name":"va","inside":"va"}]' ] || show
	[ "$(hako features | jq .linux.netDevices.enabled)" = true ]
}
