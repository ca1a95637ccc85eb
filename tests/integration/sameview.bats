#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Same container, same view: the probe under Debian's lxc-start and under hako lxc start, from one
# configuration. Every difference is in the list below with its reason, or is a failure.

load "$BATS_TEST_DIRNAME/../integration/helpers"
setup() {
	requires root lxc-start ip nsenter unshare
	LXCPATH=$(mktemp -d /var/lib/hako-sv-XXXXXX)
	chmod 755 "$LXCPATH"
	N=${LXCPATH##*/}
	mkdir -p "$LXCPATH/$N/rootfs"
	R=$LXCPATH/$N/rootfs
	mkdir "$R"/{bin,dev,etc,proc,sys,tmp,data}
	cp "$PROBE" "$R/init"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$R/etc/passwd"
	echo "see: lxc-start $(lxc-start --version)" >&3
	# the "host" of both, with a bridge as lxc-net makes it
	touch "$LXCPATH/ns"
	mkdir "$LXCPATH/cgroup"
	echo root:100000:65536 >"$LXCPATH/subid"
	unshare --net="$LXCPATH/ns" ip link set lo up
	host ip link add hakosv0 type bridge
	host ip addr add 10.77.3.1/24 dev hakosv0
	host ip link set hakosv0 up
}
teardown() {
	[ -n "${LXCPATH:-}" ] || return 0
	umount -l "$LXCPATH/ns" || true
	rm -rf "$LXCPATH"
}
# host COMMAND…: there, where root has subordinate ids, which LXC wants of root, too, and where
# sysfs, in which LXC looks for the bridge, has the interfaces that are there.
host() {
	# shellcheck disable=SC2016 # expanded there
	nsenter --net="$LXCPATH/ns" timeout -k 5 60 unshare --mount sh -ec \
		'for f in /etc/subuid /etc/subgid; do mount --bind "$0/subid" $f; done
		mount --rbind /sys/fs/cgroup "$0/cgroup"
		mount -t sysfs sys /sys
		mount --rbind "$0/cgroup" /sys/fs/cgroup
		umount -l "$0/cgroup"
		exec "$@"' "$LXCPATH" "$@"
}

# What is looked at, in one run of the probe.
PROBE_VERBS='ids ; caps ; status NoNewPrivs Seccomp ; calls ; cwd ; hostname ; umask ;
	personality ; oom ; rlimit ; net ; env ; mounts ; open /dev/null rw ; open
	/dev/zero rw ; open /dev/full r ; open /dev/tty r ; open /dev/kmsg r ; open
	/dev/fuse rw ; open /dev/mem r ; mknod /tmp/a c 1 3 ; open /tmp/a r ; mknod
	/tmp/b c 1 1 ; open /tmp/b r ; mknod /tmp/d b 8 0 ; open /tmp/d r ; rm /tmp/a ;
	rm /tmp/b ; rm /tmp/d ; ls /dev ; ls /data ; write /proc/sys/kernel/panic 1 ;
	write /proc/sys/net/ipv4/ip_forward 1 ; mkdir /sys/x ; sysctl
	net.ipv4.ping_group_range'

lxc_config() {
	printf '%s\n' "lxc.include = /usr/share/lxc/config/common.conf" \
		"lxc.rootfs.path = dir:$R" "lxc.uts.name = sameview" "lxc.console.path = none" \
		"lxc.tty.max = 0" "lxc.tty.dir =" "lxc.environment = COLOUR=green" \
		"lxc.init.cwd = /tmp" \
		"lxc.prlimit.nofile = 700:900" "lxc.proc.oom_score_adj = 17" \
		"lxc.sysctl.net.ipv4.ping_group_range = 0 5" \
		"lxc.mount.entry = /usr/share/common-licenses data none bind,ro 0 0" \
		"lxc.net.0.type = veth" "lxc.net.0.link = hakosv0" "lxc.net.0.flags = up" \
		"lxc.net.0.name = eth7" "lxc.net.0.hwaddr = 02:00:00:00:00:07" \
		"lxc.net.0.ipv4.address = 10.77.3.9/24" "lxc.net.0.ipv4.gateway = auto" \
		"lxc.init.cmd = /init $(echo $PROBE_VERBS)" "$@" >"$LXCPATH/$N/config"
}

# Without what differs between any two starts (link-local addresses), and without the propagation
# of mounts: LXC makes the whole tree shared, linux.rootfsPropagation is about the root, which is
# shared in both (asserted by view). An init that wants more, such as systemd, does it itself.
plain() {
	sed -E 's/\r$//; s/^address (eth7|lo) fe80.*//; s/ (shared:[0-9]+|master:[0-9]+|private)$//;
		s/ shared:[0-9]+$//' | grep -v '^$' | LC_ALL=C sort
}

# What differs, and why: also in hako-lxc(8), DIFFERENCES FROM LXC.
JUSTIFIED=(
	# OCI sets HOME from the passwd file; LXC sets none
	'HOME=/root'
	# /dev/core and /dev/ptmx: OCI has links where LXC has nothing and a bind mount
	'core' '/dev/ptmx devpts .*'
	# LXC's read-only binds forget nosuid,nodev,noexec of the procfs they are made from
	'/proc/(sys|sysrq-trigger) proc ro,(nosuid,nodev,noexec,)?relatime rw /sys(rq-trigger)?'
	# the boot id is bound below /proc/sys, which is bound on itself with it
	'/proc/sys/kernel/random/boot_id tmpfs .*'
	# hierarchies of cgroup v1 are mounted, where LXC leaves that to an init that may do it
	'/sys/fs/cgroup tmpfs .*' '/sys/fs/cgroup/[a-z_,]+ cgroup2? .*'
)

view() {
	host lxc-start -F -P "$LXCPATH" -n "$N" </dev/null 2>"$LXCPATH/lxc.err" \
		>"$LXCPATH/lxc.out" || true # some verbs are to fail
	host "$HAKO" --root "$LXCPATH/state" lxc start -F -P "$LXCPATH" -n "$N" </dev/null \
		2>"$LXCPATH/hako.err" >"$LXCPATH/hako.out" || true
	if ! grep -qE '^/ .* shared:' "$LXCPATH/lxc.out"; then
		[ -d /run/systemd/system ] ||
			skip "lxc-start does not run here: $(tail -n 1 "$LXCPATH/lxc.err")"
		cat "$LXCPATH"/lxc.*
		return 1
	fi
	grep -qE '^/ .* shared:' "$LXCPATH/hako.out" || { cat "$LXCPATH"/hako.*; return 1; }
	plain <"$LXCPATH/lxc.out" >"$LXCPATH/lxc"
	plain <"$LXCPATH/hako.out" >"$LXCPATH/hako"
	[ "$(wc -l <"$LXCPATH/lxc")" -gt 60 ] || { cat "$LXCPATH"/lxc*; return 1; }
}

# same REGEX…: each line that only one of both has matches one of the justified ones.
same() {
	local line bad=0 pattern
	pattern=$(printf '|%s' "$@")
	while read -r line; do
		grep -qE "^[<>] (${pattern#|})\$" <<<"$line" && continue
		echo "# not the same: $line"
		bad=1
	done < <(diff "$LXCPATH/lxc" "$LXCPATH/hako" | grep '^[<>]')
	[ $bad -eq 0 ] || { sed 's/^/# stderr: /' "$LXCPATH"/*.err; return 1; }
}

@test "same view: privileged" {
	lxc_config
	view
	same "${JUSTIFIED[@]}"
}

@test "same view: unprivileged" {
	lxc_config "lxc.include = /usr/share/lxc/config/userns.conf" \
		"lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536"
	chown -R 100000:100000 "$R"
	view
	same "${JUSTIFIED[@]}"
}
