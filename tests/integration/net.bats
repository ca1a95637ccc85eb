#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Interfaces of converted containers: configuration, conversion, hook, what the container has, what
# the host has, and that nothing stays. All in a network namespace of the test's own.

load helpers
setup() {
	requires hako ip nsenter unshare busybox
	bundle_new
	NETNS=$TESTDIR/netns
	touch "$NETNS"
	unshare --net="$NETNS" ip link set lo up
	LXC=$TESTDIR/lxc/config
	OUT=$TESTDIR/converted
	mkdir "$TESTDIR/lxc"
	cat >"$LXC" <<-EOT
		lxc.rootfs.path = dir:$ROOTFS
		lxc.init.cmd = /init pause
		lxc.console.path = none
		lxc.environment = HAKO_TEST=$MARK
	EOT
	# The runtime in that namespace; the file's name is what requires looks at.
	REAL=$HAKO
	mkdir "$TESTDIR/bin"
	printf '#!/bin/sh\nexec nsenter --net=%s %s "$@"\n' "$NETNS" "$REAL" >"$TESTDIR/bin/hako"
	chmod +x "$TESTDIR/bin/hako"
	# not in the environment: our own helpers would carry the mark
	export -n HAKO
	HAKO=$TESTDIR/bin/hako
	BEFORE=$(snapshot)
}
teardown() {
	local dir
	switch_down
	clean_up
	for dir in /run/hako-net/"${MARK:-none}"*; do
		[ ! -d "$dir" ] || umount -l "$dir/ns" || true
		rm -rf "$dir"
	done
}

host() { nsenter --net="$NETNS" "$@"; }

# requires_link TYPE [OPTION…]: skips unless the kernel has it.
requires_link() {
	host ip link add tried0 type veth peer name tried1
	if ! host ip link add link tried0 name tried2 type "$@" 2>/dev/null; then
		host ip link del tried0
		skip "the kernel has no $*"
	fi
	host ip link del tried2
	host ip link del tried0
}

# A bridge br0 with an address, and an uplink up0 that leads to up1.
bridge() {
	host ip link add br0 type bridge
	host ip addr add 10.8.0.1/24 dev br0
	host ip link set br0 up
}
uplink() {
	host ip link add up0 type veth peer name up1
	host ip link set up0 up
	host ip link set up1 up
}

# nics LINE…: lxc.net lines of the configuration.
nics() { printf 'lxc.net.%s\n' "$@" >>"$LXC"; }

convert() {
	"$REAL" lxc convert --report none -n "$ID" -o "$OUT" "$LXC"
}

# started: the container runs, PID is its init.
started() {
	convert && hako_apart run -d --bundle "$OUT" "$ID" && PID=$(init_pid)
}

inside() { nsenter --net="/proc/$PID/ns/net" "$@"; }
# link_in NAME FILTER [JQ-OPTION…], link_out: about one interface.
link_in() { inside ip -d -j addr show dev "$1" | jq -r ".[0] | $2"; }
link_out() { host ip -d -j addr show dev "$1" | jq -r ".[0] | $2"; }
links() { host ip -j link | jq -r '.[].ifname' | sort; }

is() { [ "$1" = "$2" ] || fail "it is '$1', expected '$2'"; }

ended() { [ "$(state_of "$ID" 2>/dev/null)" != running ]; }

# gone WHAT-THERE-WAS: the host is as before.
gone() {
	eventually same_links "$1"
	[ -z "$(ls -d /run/hako-net/"$MARK"* 2>/dev/null)" ] || fail "a kept namespace"
	nothing_left
}
same_links() { [ "$(links)" = "$1" ]; }

@test "veth: on a bridge, with everything that it can have" {
	bridge
	nics "0.type = veth" "0.link = br0" "0.name = lan" "0.flags = up" \
		"0.hwaddr = 10:66:6a:00:00:07" "0.mtu = 1400" \
		"0.ipv4.address = 10.8.0.7/24" "0.ipv4.address = 10.9.0.7/16 10.9.0.99" \
		"0.ipv4.gateway = auto" "0.ipv6.address = fd00::7/64" "0.ipv6.gateway = fd00::1" \
		"0.veth.pair = box7" "0.veth.n_txqueues = 2" "0.veth.n_rxqueues = 3" \
		"0.veth.ipv4.route = 192.0.2.0/24" "0.veth.ipv6.route = 2001:db8::/32"
	before=$(links)
	started
	is "$(link_in lan .address)" 10:66:6a:00:00:07
	is "$(link_in lan .mtu)" 1400
	is "$(link_in lan '.num_rx_queues, .num_tx_queues' | xargs)" "3 2"
	is "$(link_in lan '.addr_info[] | select(.family == "inet")
		| "\(.local)/\(.prefixlen) \(.broadcast)"' | xargs)" \
		"10.8.0.7/24 10.8.0.255 10.9.0.7/16 10.9.0.99"
	is "$(link_in lan '.addr_info[] | select(.local == "fd00::7") | .prefixlen')" 64
	is "$(inside ip route show default)" "default via 10.8.0.1 dev lan "
	inside ip -6 route show default | grep -q 'via fd00::1 dev lan'
	link_in lo '.flags[]' | grep -qx UP
	is "$(link_out box7 '.master, .mtu, (.flags | index("UP") != null)' | xargs)" \
		"br0 1400 true"
	[[ $(link_out box7 .address) == fe:* ]]
	link_out box7 .ifalias | grep -q "^hako $ID"
	host ip route show 192.0.2.0/24 | grep -q 'dev box7'
	host ip -6 route show 2001:db8::/32 | grep -q 'dev box7'
	host busybox ping -c 1 -W 5 10.8.0.7
	kill_init
	hako delete --force "$ID"
	gone "$before"
}

@test "veth: the bridge decides the MTU, names are numbered after those that have one" {
	bridge
	host ip link set br0 mtu 1280
	nics "0.type = veth" "0.link = br0" "1.type = veth" "1.name = eth0" \
		"2.type = veth" "2.name = wan%d" "3.type = veth"
	before=$(links)
	started
	is "$(inside ip -j link | jq -r '.[].ifname' | sort | xargs)" "eth0 eth1 eth2 lo wan0"
	is "$(link_in eth1 .mtu)" 1280
	is "$(link_in eth0 .mtu)" 1500
	port=$(host ip -j link show master br0 | jq -r '.[0].ifname')
	is "$(host cat "/proc/sys/net/ipv6/conf/$port/disable_ipv6")" 1
	# nobody asked for these to be up
	is "$(link_in eth1 '.flags | index("UP")')" null
	hako delete --force "$ID"
	gone "$before"
}

@test "veth: router mode" {
	uplink
	host ip addr add 198.51.100.1/24 dev up0
	host ip route add default dev up0
	host sysctl -qw net.ipv6.conf.all.forwarding=1
	nics "0.type = veth" "0.veth.mode = router" "0.veth.pair = rt7" "0.flags = up" \
		"0.ipv4.address = 203.0.113.9/32" "0.ipv4.gateway = 169.254.1.1" \
		"0.ipv6.address = 2001:db8::9/128" "0.ipv6.gateway = fe80::1"
	before=$(links)
	started
	is "$(host ip route show 203.0.113.9 | awk '{ print $3 }')" rt7
	host ip -6 route show 2001:db8::9 | grep -q 'dev rt7'
	host ip neigh show proxy | grep -q '169.254.1.1 dev rt7'
	host ip -6 neigh show proxy | grep -q 'fe80::1 dev rt7'
	is "$(host cat /proc/sys/net/ipv4/conf/rt7/forwarding)" 1
	is "$(link_out rt7 .master)" null
	inside ip route | grep -q '^169.254.1.1 dev eth0 scope link'
	# the host answers for the gateway, and routes
	inside busybox ping -c 1 -W 5 198.51.100.1
	hako delete --force "$ID"
	gone "$before"
}

@test "gateway dev, and one beyond the network" {
	bridge
	nics "0.type = veth" "0.link = br0" "0.flags = up" "0.ipv4.address = 10.8.0.7/24" \
		"0.ipv4.gateway = 172.31.0.1" "0.ipv6.address = fd00::7/64" "0.ipv6.gateway = dev"
	started
	inside ip route | grep -q '^172.31.0.1 dev eth0 scope link'
	is "$(inside ip route show default)" "default via 172.31.0.1 dev eth0 "
	inside ip -6 route show default | grep -q '^default dev eth0'
}

@test "macvlan: all modes" {
	requires_link macvlan
	uplink
	local mode
	for mode in private vepa bridge passthru; do
		sed -i '/^lxc\.net/d' "$LXC"
		nics "0.type = macvlan" "0.link = up0" "0.macvlan.mode = $mode" "0.flags = up" \
			"0.ipv4.address = 10.8.1.7/24"
		rm -rf "$OUT"
		before=$(links)
		started
		is "$(link_in eth0 .linkinfo.info_data.mode)" "$mode"
		is "$(link_in eth0 '.addr_info[0].local')" 10.8.1.7
		hako delete --force "$ID"
		gone "$before"
	done
}

@test "macvlan: MAC address, MTU, gateway auto, and proxy entries on the link" {
	requires_link macvlan
	uplink
	host ip addr add 10.8.1.1/24 dev up0
	host sysctl -qw net.ipv4.conf.up0.forwarding=1
	nics "0.type = macvlan" "0.link = up0" "0.flags = up" "0.mtu = 1300" \
		"0.hwaddr = 10:66:6a:00:00:08" "0.ipv4.address = 10.8.1.7/24" \
		"0.ipv4.gateway = auto" "0.l2proxy = 1"
	started
	is "$(link_in eth0 '.address, .mtu' | xargs)" "10:66:6a:00:00:08 1300"
	is "$(inside ip route show default)" "default via 10.8.1.1 dev eth0 "
	host ip neigh show proxy | grep -q '10.8.1.7 dev up0'
	hako kill "$ID" KILL
	hako delete --force "$ID"
	is "$(host ip neigh show proxy)" ""
}

@test "l2proxy needs the host to forward, and says so" {
	requires_link macvlan
	uplink
	nics "0.type = macvlan" "0.link = up0" "0.flags = up" "0.ipv4.address = 10.8.1.7/24" \
		"0.l2proxy = 1"
	host sysctl -qw net.ipv4.conf.up0.forwarding=0
	before=$(links)
	convert
	run hako_apart create --bundle "$OUT" "$ID"
	fails
	says "net.ipv4.conf.up0.forwarding=1"
	gone "$before"
}

@test "ipvlan: all modes and isolations" {
	requires_link ipvlan
	uplink
	local mode isolation
	for mode in l2 l3 l3s; do
		isolation=$(cut -d ' ' -f ${#mode} <<<"- private vepa")
		[ "$mode" != l2 ] || isolation=bridge
		sed -i '/^lxc\.net/d' "$LXC"
		nics "0.type = ipvlan" "0.link = up0" "0.ipvlan.mode = $mode" \
			"0.ipvlan.isolation = $isolation" "0.flags = up" \
			"0.ipv4.address = 10.8.1.7/24" "0.ipv4.gateway = dev"
		rm -rf "$OUT"
		before=$(links)
		started
		is "$(link_in eth0 '.linkinfo.info_data | "\(.mode)"')" "$mode"
		inside ip -d link show eth0 | grep -qw "$isolation"
		inside ip route | grep -q '^default dev eth0'
		hako delete --force "$ID"
		gone "$before"
	done
}

@test "ipvlan: l2proxy in mode l3s" {
	requires_link ipvlan
	uplink
	host sysctl -qw net.ipv4.conf.up0.forwarding=1
	nics "0.type = ipvlan" "0.link = up0" "0.ipvlan.mode = l3s" "0.flags = up" \
		"0.ipv4.address = 10.8.1.7/24" "0.l2proxy = 1"
	started
	host ip neigh show proxy | grep -q '10.8.1.7 dev up0'
	host ip route | grep -q '^10.8.1.7 dev lo'
	hako delete --force "$ID"
	is "$(host ip neigh show proxy)" ""
	run host ip route
	says_not 10.8.1.7
}

@test "vlan: an id of an interface of the host" {
	requires_link vlan id 5
	uplink
	nics "0.type = vlan" "0.link = up0" "0.vlan.id = 42" "0.flags = up" \
		"0.ipv4.address = 10.8.2.7/24"
	before=$(links)
	started
	is "$(link_in eth0 .linkinfo.info_data.id)" 42
	is "$(link_in eth0 '.addr_info[0].local')" 10.8.2.7
	hako delete --force "$ID"
	gone "$before"
}

@test "veth: VLANs of a bridge's port" {
	host ip link add br0 type bridge vlan_filtering 1 2>/dev/null ||
		skip "the kernel's bridges look at no VLAN ids"
	nics "0.type = veth" "0.link = br0" "0.veth.pair = vp0" "0.veth.vlan.id = 10" \
		"0.veth.vlan.tagged.id = 20" "0.veth.vlan.tagged.id = 30" \
		"1.type = veth" "1.link = br0" "1.veth.pair = vp1" "1.veth.vlan.id = none"
	started
	is "$(host bridge -j vlan show dev vp0 | jq -c '.[0].vlans | map([.vlan, .flags])')" \
		'[[10,["PVID","Egress Untagged"]],[20,null],[30,null]]'
	is "$(host bridge -j vlan show dev vp1 | jq -c '.[0].vlans // []')" '[]'
}

@test "veth: VLANs on a bridge that does not look at them are an error" {
	bridge
	nics "0.type = veth" "0.link = br0" "0.veth.vlan.id = 10"
	before=$(links)
	convert
	run hako_apart create --bundle "$OUT" "$ID"
	fails
	says vlan_filtering
	gone "$before"
}

@test "phys: lent, and given back with its name and MTU, after a kill -9, too" {
	uplink
	host ip link set up0 mtu 1450
	nics "0.type = phys" "0.link = up0" "0.name = wan" "0.flags = up" "0.mtu = 1300" \
		"0.hwaddr = 10:66:6a:00:00:09" "0.ipv4.address = 10.8.3.7/24"
	before=$(links)
	started
	is "$(link_in wan '.address, .mtu, .addr_info[0].local' | xargs)" \
		"10:66:6a:00:00:09 1300 10.8.3.7"
	[ "$(links)" != "$before" ]
	kill_init
	# its supervisor may have removed it already
	eventually ended
	hako delete --force "$ID"
	gone "$before"
	is "$(link_out up0 '.mtu, (.flags | index("UP"))' | xargs)" "1450 null"
}

@test "phys: a wireless interface is refused: it moves with its phy alone" {
	uplink
	nics "0.type = phys" "0.link = up0"
	before=$(links)
	convert
	run host unshare --mount sh -c 'mount -t tmpfs none /sys/class/net &&
		mkdir -p /sys/class/net/up0/phy80211 && exec "$@"' - \
		"$REAL" --root "$ROOT" create --bundle "$OUT" "$ID"
	fails
	says "'up0' is wireless"
	gone "$before"
}

@test "phys: the last interface with a prefix" {
	uplink
	nics "0.type = phys" "0.link = up+" "0.ipv4.address = 10.8.3.7/24"
	before=$(links)
	started
	last=$(comm -3 <(echo "$before") <(links))
	is "$(link_in "$last" '.addr_info[0].local')" 10.8.3.7
	hako delete --force "$ID"
	gone "$before"
}

@test "none and empty" {
	nics "0.type = none"
	started
	is "$(readlink "/proc/$PID/ns/net")" "$(host readlink /proc/self/ns/net)"
	hako delete --force "$ID"
	rm -rf "$OUT"
	sed -i 's/type = none/type = empty/' "$LXC"
	started
	is "$(inside ip -j link | jq -r '.[].ifname')" lo
	[ "$(readlink "/proc/$PID/ns/net")" != "$(host readlink /proc/self/ns/net)" ]
}

@test "a container with ids of its own" {
	bridge
	printf 'lxc.idmap = %s\n' "u 0 100000 65536" "g 0 100000 65536" >>"$LXC"
	chown -R 100000:100000 "$ROOTFS"
	nics "0.type = veth" "0.link = br0" "0.flags = up" "0.ipv4.address = 10.8.0.7/24" \
		"0.ipv4.gateway = auto"
	before=$(links)
	started
	is "$(link_in eth0 '.addr_info[0].local')" 10.8.0.7
	hako delete --force "$ID"
	gone "$before"
}

# --- scripts --------------------------------------------------------------------------------------

script() {
	cat >"$TESTDIR/script" <<-EOT
		#!/bin/sh
		echo "\$* | \$LXC_NAME \$LXC_HOOK_VERSION \$LXC_HOOK_TYPE \$LXC_HOOK_SECTION" \
			"\$LXC_NET_TYPE \$LXC_NET_PARENT \$LXC_NET_PEER" >>$TESTDIR/told
		$1
	EOT
	chmod +x "$TESTDIR/script"
}

@test "script.up and script.down: told as LXC tells them" {
	bridge
	script
	nics "0.type = veth" "0.link = br0" "0.veth.pair = sc7" \
		"0.script.up = $TESTDIR/script a 'b c'" "0.script.down = $TESTDIR/script"
	started
	is "$(cat "$TESTDIR/told")" \
		"a b c $ID net up veth br0 sc7 | $ID 0 up net veth br0 sc7"
	hako delete --force "$ID"
	is "$(tail -n 1 "$TESTDIR/told")" "$ID net down veth br0 sc7 | $ID 0 down net veth br0 sc7"
	rm -rf "$OUT" "$TESTDIR/told"
	echo "lxc.hook.version = 1" >>"$LXC"
	started
	is "$(cat "$TESTDIR/told")" "a b c veth br0 sc7 | $ID 1 up net veth br0 sc7"
}

@test "script.up: its failure keeps the container from being made, and nothing is left" {
	bridge
	script 'exit 3'
	nics "0.type = veth" "0.link = br0" "0.script.up = $TESTDIR/script" \
		"0.script.down = $TESTDIR/script"
	before=$(links)
	convert
	run hako_apart create --bundle "$OUT" "$ID"
	fails
	says "interface 0 (veth)" "status 3"
	grep -q ' net down ' "$TESTDIR/told"
	gone "$before"
}

# --- again, and gone ------------------------------------------------------------------------------

@test "the hook run twice changes nothing, and taking down what is gone is no error" {
	bridge
	requires_link macvlan
	uplink
	nics "0.type = veth" "0.link = br0" "0.flags = up" "0.ipv4.address = 10.8.0.7/24" \
		"0.ipv4.gateway = auto" "1.type = macvlan" "1.link = up0" \
		"2.type = phys" "2.link = up1" "2.mtu = 1300"
	before=$(links)
	started
	inside_before=$(inside ip -j addr | jq -c 'map([.ifindex, .ifname, .address, .mtu])')
	hako state "$ID" >"$TESTDIR/state.json"
	hako hook net <"$TESTDIR/state.json"
	hako hook net up <"$TESTDIR/state.json"
	is "$(inside ip -j addr | jq -c 'map([.ifindex, .ifname, .address, .mtu])')" \
		"$inside_before"
	is "$(inside ip route | grep -c '^default')" 1
	kill_init
	hako delete --force "$ID"
	gone "$before"
	hako hook net down <"$TESTDIR/state.json"
	gone "$before"
}

@test "a create that fails after the hook takes the interfaces down again" {
	uplink
	nics "0.type = phys" "0.link = up0" "0.mtu = 1300"
	before=$(links)
	convert
	CONFIG=$OUT/config.json
	config '.hooks.createContainer = [{"path": "/bin/false"}]'
	run hako_apart create --bundle "$OUT" "$ID"
	fails
	gone "$before"
}

@test "a name that somebody else has stays his" {
	bridge
	host ip link add taken type veth peer name other
	nics "0.type = veth" "0.link = br0" "0.veth.pair = taken"
	before=$(links)
	convert
	run hako_apart create --bundle "$OUT" "$ID"
	fails
	says "'taken'"
	gone "$before"
}

@test "a bridge that is none, or is not there, is an error that names it" {
	uplink
	nics "0.type = veth" "0.link = br7"
	before=$(links)
	convert
	run hako_apart create --bundle "$OUT" "$ID"
	fails
	says "no interface 'br7'"
	rm -rf "$OUT"
	sed -i 's/br7/up0/' "$LXC"
	convert
	run hako_apart create --bundle "$OUT" "$ID"
	fails
	says "'up0' is no bridge"
	gone "$before"
}

@test "a plan that cannot be is refused by the hook, too" {
	bridge
	nics "0.type = veth" "0.link = br0"
	before=$(links)
	convert
	CONFIG=$OUT/config.json
	config '.annotations["org.hako.net"] = "[{\"index\":0,\"type\":\"veth\",\"mtu\":1}]"'
	run hako_apart create --bundle "$OUT" "$ID"
	fails
	says "[0].mtu"
	gone "$before"
}

# --- without privilege ----------------------------------------------------------------------------

# as_user SETUP: the container of an ordinary user (nobody, with the one id he has), after SETUP in
# a mount namespace of its own: his quota is a file of the host.
as_user() {
	local dir=$TESTDIR/user
	[ -u /usr/libexec/lxc/lxc-user-nic ] || skip "needs lxc-user-nic"
	mkdir -p "$dir/bundle" "$dir/root"
	cp -a "$ROOTFS" "$dir/bundle/rootfs"
	cp "$REAL" "$dir/hako"
	chown 65534:65534 "$dir"
	jq --arg h "$dir/hako" --arg m "$MARK" '.process.terminal = false
		| .process.args = ["/bin/busybox", "ip", "addr"]
		| .process.env += ["HAKO_TEST=" + $m]
		| .linux.namespaces |= map(select(.type != "network")) + [{"type": "network"}]
		| .hooks = {"createRuntime": [{"path": $h, "args": ["hako", "hook", "net"]}],
			"poststop": [{"path": $h, "args": ["hako", "hook", "net", "down"]}]}
		| .annotations = {"org.hako.net": ([{"index": 0, "type": "veth", "link": "br0",
			"name": "lan", "up": true, "hwaddr": "10:66:6a:00:00:0a",
			"ipv4": [{"addr": "10.8.0.7", "prefix": 24}],
			"gw4": "10.8.0.1"}] | tojson)}' \
		<(cd "$dir" && setpriv --reuid 65534 --regid 65534 --clear-groups \
			sh -c 'mkdir s && cd s && "$0" spec --rootless && cat config.json' \
			"$dir/hako") \
		>"$dir/bundle/config.json" || return
	chown -R 65534:65534 "$dir"
	# sysfs shows the network namespace that it is mounted in
	nsenter --net="$NETNS" unshare --mount sh -c "mount -t sysfs sysfs /sys
		mount -t cgroup2 cgroup2 /sys/fs/cgroup
		$1
		HOME=$dir XDG_RUNTIME_DIR=$dir/root exec setpriv --reuid 65534 --regid 65534 \
			--clear-groups timeout $HAKO_TIMEOUT $dir/hako --root $dir/root \
			--cgroup-manager disabled run -b $dir/bundle $ID"
}
quota() {
	echo "nobody veth br0 $1" >"$TESTDIR/usernet"
	echo "mount -t tmpfs tmpfs /etc/lxc && cp $TESTDIR/usernet /etc/lxc/lxc-usernet"
}

@test "a user: by lxc-user-nic, within his quota" {
	bridge
	before=$(links)
	run as_user "$(quota 1)"
	succeeds
	says "10:66:6a:00:00:0a" "inet 10.8.0.7/24"
	matches 'lan@'
	eventually same_links "$before"
}

@test "a user: beyond his quota it is refused, and nothing is left" {
	bridge
	before=$(links)
	run as_user "$(quota 0)"
	fails
	says "interface 0 (veth)" "/etc/lxc/lxc-usernet"
	eventually same_links "$before"
}

@test "a user: without lxc-user-nic there is a word about what else there is" {
	bridge
	run as_user "mount -t tmpfs tmpfs /usr/libexec/lxc"
	fails
	says "lxc-user-nic is not installed" "pasta --config-net" "slirp4netns --configure"
}

# --- other runtimes -------------------------------------------------------------------------------

# foreign RUNTIME: the bundle as it is, but for what these refuse on any host like this one.
foreign() {
	requires "$1"
	bridge
	echo "lxc.mount.auto = proc:rw" >>"$LXC"
	nics "0.type = veth" "0.link = br0" "0.flags = up" "0.ipv4.address = 10.8.0.7/24" \
		"0.ipv4.gateway = auto" "0.veth.pair = fr7"
	before=$(links)
	convert
	CONFIG=$OUT/config.json
	config '.process.capabilities |= map_values(map(select(. != "CAP_SYS_RESOURCE")))
		| .ociVersion = "1.0.2"'
	printf '#!/bin/sh\nexec nsenter --net=%s %s "$@"\n' "$NETNS" "$1" >"$TESTDIR/bin/$1"
	chmod +x "$TESTDIR/bin/$1"
	HAKO=$TESTDIR/bin/$1
	hako_apart create --bundle "$OUT" "$ID" ||
		skip "$1 does not run here: $(cat "$TESTDIR/out")"
	PID=$(init_pid)
	is "$(link_in eth0 '.addr_info[0].local')" 10.8.0.7
	is "$(link_out fr7 .master)" br0
	kill_init
	hako delete --force "$ID"
	eventually same_links "$before"
}

@test "under runc" { foreign runc; }
@test "under crun" { foreign crun; }

# --- Open vSwitch: a real one in user space, and a fake that writes down what it was told ---------

# switch_up: a switch with a bridge sw0, and the environment that its programs find it by.
switch_up() {
	export OVS_RUNDIR=$TESTDIR/ovs
	mkdir "$OVS_RUNDIR"
	ovsdb-tool create "$OVS_RUNDIR/conf.db" /usr/share/openvswitch/vswitch.ovsschema
	host ovsdb-server "$OVS_RUNDIR/conf.db" --remote="punix:$OVS_RUNDIR/db.sock" --detach \
		--no-chdir --pidfile="$OVS_RUNDIR/db.pid" --log-file="$OVS_RUNDIR/db.log" \
		</dev/null >/dev/null 2>&1 3>&-
	host ovs-vsctl --no-wait init
	host ovs-vswitchd "unix:$OVS_RUNDIR/db.sock" --detach --no-chdir \
		--pidfile="$OVS_RUNDIR/switch.pid" --log-file="$OVS_RUNDIR/switch.log" \
		</dev/null >/dev/null 2>&1 3>&-
	host ovs-vsctl --timeout=30 add-br sw0 -- set bridge sw0 datapath_type=netdev
}
switch_down() {
	local pid
	for pid in $(cat "$TESTDIR"/ovs/switch.pid "$TESTDIR"/ovs/db.pid 2>/dev/null); do
		kill "$pid"
		eventually process_gone "$pid"
	done
}
process_gone() { [ ! -d "/proc/$1" ]; }

# switch_port NAME ADDRESS TAG: a neighbour, in one of the switch's VLANs.
switch_port() {
	host ip link add "$1" type veth peer name "$1-port"
	host ovs-vsctl --timeout=30 add-port sw0 "$1-port" "tag=$3"
	host ip addr add "$2" dev "$1"
	host ip link set "$1" up
	host ip link set "$1-port" up
}
answers() { host timeout 5 "$(busybox_path)" ping -q -c 1 -W 1 -I "$1" "$2"; }

@test "veth: a bridge of a real Open vSwitch gets a port, in the VLAN asked for" {
	requires ovs-vswitchd ovs-vsctl ovsdb-tool
	[ -c /dev/net/tun ] || skip "a switch in user space needs /dev/net/tun"
	switch_up
	switch_port seven 10.8.0.1/24 7
	switch_port eight 10.8.1.1/24 8
	BEFORE=$(snapshot)
	nics "0.type = veth" "0.link = sw0" "0.veth.pair = p0" "0.veth.vlan.id = 7" \
		"0.flags = up" "0.ipv4.address = 10.8.0.2/24" \
		"1.type = veth" "1.link = sw0" "1.veth.pair = p1" "1.veth.vlan.id = 9" \
		"1.flags = up" "1.ipv4.address = 10.8.1.2/24"
	before=$(links)
	convert
	CONFIG=$OUT/config.json
	config '.hooks |= map_values(map(.env += ["OVS_RUNDIR=" + $dir,
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin"]))' --arg dir "$OVS_RUNDIR"
	hako_apart run -d --bundle "$OUT" "$ID"
	is "$(host ovs-vsctl get port p0 tag vlan_mode)" "7
access"
	eventually answers seven 10.8.0.2
	run ! answers eight 10.8.1.2
	hako delete --force "$ID"
	is "$(host ovs-vsctl list-ports sw0)" "eight-port
seven-port"
	gone "$before"
	switch_down
}

@test "veth: a link that ovs-vsctl knows gets a port, with its VLANs, and loses it again" {
	mkdir "$TESTDIR/fake"
	# shellcheck disable=SC2016 # expanded there
	printf '%s\n' '#!/bin/sh' '[ "$1" = --timeout=10 ] && shift || exit 9' \
		'[ "$1" != br-exists ] || { [ "$2" = sw0 ]; exit; }' \
		"echo \"\$*\" >>$TESTDIR/told" >"$TESTDIR/fake/ovs-vsctl"
	chmod 755 "$TESTDIR/fake/ovs-vsctl"
	host ip link add sw0 type veth peer name sw1
	nics "0.type = veth" "0.link = sw0" "0.veth.pair = p0" "0.veth.vlan.id = 7" \
		"1.type = veth" "1.link = sw0" "1.veth.pair = p1" \
		"1.veth.vlan.tagged.id = 8" "1.veth.vlan.tagged.id = 9" \
		"2.type = veth" "2.link = sw0" "2.veth.pair = p2"
	before=$(links)
	convert
	CONFIG=$OUT/config.json
	config '.hooks |= map_values(map(.env += ["PATH=" + $dir + ":/usr/sbin:/usr/bin:/bin"]))' \
		--arg dir "$TESTDIR/fake"
	hako_apart run -d --bundle "$OUT" "$ID"
	is "$(cat "$TESTDIR/told")" "--may-exist add-port sw0 p0 tag=7 vlan_mode=access
--may-exist add-port sw0 p1 trunks=8,9 vlan_mode=trunk
--may-exist add-port sw0 p2"
	: >"$TESTDIR/told"
	hako delete --force "$ID"
	is "$(sort "$TESTDIR/told")" "--if-exists del-port sw0 p0
--if-exists del-port sw0 p1
--if-exists del-port sw0 p2"
	gone "$before"
}

@test "veth: a link that is no bridge is refused" {
	host ip link add sw0 type veth peer name sw1
	nics "0.type = veth" "0.link = sw0"
	before=$(links)
	convert
	run hako_apart create --bundle "$OUT" "$ID"
	fails
	says "'sw0' is no bridge"
	gone "$before"
}
