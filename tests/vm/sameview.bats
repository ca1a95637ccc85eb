#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Same container, same view: the probe under Debian's lxc-start and under hako lxc start, from one
# configuration. Every difference is in the list below with its reason, or is a failure.

load ../integration/helpers
setup_file() {
	# a bridge for both, as lxc-net makes it
	ip link add hakosv0 type bridge && ip addr add 10.77.3.1/24 dev hakosv0 &&
		ip link set hakosv0 up
}
teardown_file() { ip link del hakosv0; }

setup() {
	requires root lxc-start
	LXCPATH=$(mktemp -d /var/lib/hako-sv-XXXXXX)
	chmod 755 "$LXCPATH"
	mkdir -p "$LXCPATH/c1/rootfs"
	R=$LXCPATH/c1/rootfs
	mkdir "$R"/{bin,dev,etc,proc,sys,tmp,data}
	cp "$PROBE" "$R/init"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$R/etc/passwd"
	echo "see: lxc-start $(lxc-start --version)" >&3
}
teardown() { rm -rf "$LXCPATH"; }

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
		"lxc.init.cmd = /init $(echo $PROBE_VERBS)" "$@" >"$LXCPATH/c1/config"
}

# Without what differs between any two starts (link-local addresses), and without the propagation
# of mounts: LXC makes the whole tree shared, linux.rootfsPropagation is about the root, which is
# shared in both (asserted by view). An init that wants more, such as systemd, does it itself.
plain() {
	sed -E 's/\r$//; s/^address (eth7|lo) fe80.*//; s/ (shared:[0-9]+|master:[0-9]+|private)$//;
		s/ shared:[0-9]+$//' | grep -v '^$' | LC_ALL=C sort
}

# What differs, and why.
JUSTIFIED=(
	# OCI sets HOME from the passwd file; LXC sets none
	'HOME=/root'
	# /dev/core and /dev/ptmx: OCI has links where LXC has nothing and a bind mount
	'core' '/dev/ptmx devpts .*'
	# LXC's read-only binds forget nosuid,nodev,noexec of the procfs they are made from
	'/proc/(sys|sysrq-trigger) proc ro,(nosuid,nodev,noexec,)?relatime rw /sys(rq-trigger)?'
	# the boot id is bound below /proc/sys, which is bound on itself with it
	'/proc/sys/kernel/random/boot_id tmpfs .*'
)

view() {
	lxc-start -F -P "$LXCPATH" -n c1 </dev/null 2>"$LXCPATH/lxc.err" \
		>"$LXCPATH/lxc.out" || true # some verbs are to fail
	"$HAKO" lxc start -F -P "$LXCPATH" -n c1 </dev/null 2>"$LXCPATH/hako.err" \
		>"$LXCPATH/hako.out" || true
	grep -qE '^/ .* shared:' "$LXCPATH/lxc.out" || { cat "$LXCPATH"/lxc.*; return 1; }
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
	for file in /etc/subuid /etc/subgid; do
		grep -q ^root:100000: $file || printf '\nroot:100000:65536\n' >>$file
	done
	view
	same "${JUSTIFIED[@]}"
}
