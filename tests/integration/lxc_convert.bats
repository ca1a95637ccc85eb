#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Converted containers, run: what LXC's lines ask for is there. Under hako, and with --target
# generic under the other runtimes of this machine.

load helpers
setup() {
	requires hako
	bundle_new
	mkdir "$TESTDIR/lxc"
	LXC=$TESTDIR/lxc/config
	OUT=$TESTDIR/out
	cat >"$LXC" <<-EOT
		lxc.rootfs.path = dir:$ROOTFS
		lxc.uts.name = boxed
		lxc.console.path = none
		lxc.apparmor.profile = unchanged
		lxc.environment = HAKO_TEST=$MARK
		lxc.mount.auto = proc:mixed
		lxc.cap.drop = sys_resource
		lxc.cgroup.dir.container = $MARK
		lxc.cgroup.dir.monitor = $MARK-monitor
	EOT
}
teardown() { clean_up; }

lxc() { cat >>"$LXC"; }
convert() { rm -rf "$OUT"; "$HAKO" lxc convert -n boxed -o "$OUT" "$@" "$LXC"; }
# inside VERB…: the converted container with this program.
inside() {
	CONFIG=$OUT/config.json
	command_line /init "$@"
	hako run --bundle "$OUT" "$ID" </dev/null
}
# under RUNTIME VERB…: the same by another one.
under() {
	local runtime=$1
	shift
	CONFIG=$OUT/config.json
	command_line /init "$@"
	HAKO_TEST=$MARK timeout "$HAKO_TIMEOUT" "$runtime" --root "$TESTDIR/$runtime" run \
		--bundle "$OUT" "$ID" </dev/null
}
others() {
	local r
	for r in crun runc; do
		# crun wants one version of cgroups
		[ $r = crun ] && [ "$(cgroup_mode)" = hybrid ] && continue
		! have $r || echo $r
	done
}

@test "chrony: clear, then a shorter list: this one holds CAP_SYS_TIME, its neighbour does not" {
	cat >"$TESTDIR/lxc/common.conf" <<-EOT
		lxc.cap.drop = mac_admin mac_override
		lxc.cap.drop = sys_time sys_module sys_rawio
	EOT
	echo "lxc.include = $TESTDIR/lxc/common.conf" | lxc
	convert >/dev/null
	run -0 inside caps
	says_not SYS_TIME SYS_MODULE
	lxc <<-EOT
		lxc.cap.drop =
		lxc.cap.drop = mac_admin mac_override sys_module sys_rawio
	EOT
	convert >/dev/null
	run -0 inside caps
	for set in bounding effective permitted; do
		matches "^$set: .*SYS_TIME"
	done
	matches '^inheritable:$|^inheritable: $|^inheritable: -'
	says_not SYS_MODULE SYS_RAWIO
	nothing_left
}

@test "hooks: order, arguments and environment of version 0" {
	cat >"$TESTDIR/h" <<-EOT
		#!/bin/sh
		read -r line
		echo "\$* stdin=\$line name=\$LXC_NAME pid=\${LXC_PID:+yes} target=\$LXC_TARGET" \
			"own=\$OWN type=\$LXC_HOOK_TYPE root=\$LXC_ROOTFS_MOUNT" >>$TESTDIR/log
	EOT
	chmod 755 "$TESTDIR/h"
	lxc <<-EOT
		lxc.environment.hooks = OWN=1
		lxc.hook.post-stop = $TESTDIR/h post "a b"
		lxc.hook.stop = $TESTDIR/h stop
		lxc.hook.start-host = $TESTDIR/h host
		lxc.hook.start = /bin/sh -c 'echo \$* \$OWN > /tmp/start' x
		lxc.hook.autodev = $TESTDIR/h autodev
		lxc.hook.mount = $TESTDIR/h mount
		lxc.hook.pre-mount = $TESTDIR/h pre-mount
		lxc.hook.pre-start = $TESTDIR/h pre-start
	EOT
	convert >/dev/null
	run -0 inside cat /tmp/start
	sed -i "s|^\(.*\) stdin= name=boxed \(.*\) type= root=$ROOTFS\$|\1: \2|" "$TESTDIR/log"
	[ "$(cat "$TESTDIR/log")" = "pre-start boxed lxc pre-start: pid= target= own=
pre-mount boxed lxc pre-mount: pid= target= own=1
mount boxed lxc mount: pid= target= own=1
autodev boxed lxc autodev: pid= target= own=1
host boxed lxc start-host: pid=yes target= own=
stop boxed lxc stop: pid= target=stop own=
post a b boxed lxc post-stop: pid= target=stop own=" ] || fail "$(cat "$TESTDIR/log")"
	has_line "boxed lxc start 1"
	nothing_left
}

@test "hooks: version 1 has variables instead of arguments" {
	cat >"$TESTDIR/h" <<-EOT
		#!/bin/sh
		echo "[\$*] \$LXC_HOOK_TYPE \$LXC_HOOK_SECTION \$LXC_HOOK_VERSION" >>$TESTDIR/log
	EOT
	chmod 755 "$TESTDIR/h"
	lxc <<-EOT
		lxc.hook.version = 1
		lxc.hook.mount = $TESTDIR/h
		lxc.hook.start = /bin/env.sh
		lxc.hook.post-stop = $TESTDIR/h x
	EOT
	printf '#!/bin/sh\necho "[$*] $LXC_HOOK_TYPE" > /tmp/start\n' >"$ROOTFS/bin/env.sh"
	chmod 755 "$ROOTFS/bin/env.sh"
	convert >/dev/null
	run -0 inside cat /tmp/start
	has_line "[] start"
	[ "$(cat "$TESTDIR/log")" = $'[] mount lxc 1\n[x] post-stop lxc 1' ] ||
		fail "$(cat "$TESTDIR/log")"
}

@test "hooks: under other runtimes too" {
	[ -n "$(others)" ] || skip_or_fail "needs crun or runc"
	lxc <<-EOT
		lxc.hook.mount = /bin/sh -c 'echo mount \$LXC_NAME >> $TESTDIR/log'
		lxc.hook.start-host = /bin/sh -c 'echo host \${LXC_PID:+pid} >> $TESTDIR/log'
		lxc.hook.post-stop = /bin/sh -c 'echo end \$LXC_TARGET >> $TESTDIR/log'
		lxc.proc.oom_score_adj = 77
		lxc.proc.coredump_filter = 0x11
	EOT
	convert --target generic >/dev/null
	for runtime in $(others); do
		rm -f "$TESTDIR/log"
		run under "$runtime" cat /proc/self/oom_score_adj /proc/self/coredump_filter
		succeeds
		has_line 77 00000011
		[ "$(sort "$TESTDIR/log")" = $'end stop\nhost pid\nmount boxed' ] ||
			fail "$runtime: $(cat "$TESTDIR/log")"
	done
}

@test "lxc.proc: written before the program runs" {
	lxc <<<"lxc.proc.coredump_filter = 0x11"
	convert >/dev/null
	run -0 inside cat /proc/self/coredump_filter
	has_line 00000011
}

# islands RUN…: what proc:mixed and sys:mixed leave writable.
islands() {
	run "$@" write /proc/sys/net/ipv4/ip_forward 1 \; write /proc/sys/kernel/sem x \; \
		write /proc/sysrq-trigger x \; cat /proc/sys/kernel/random/boot_id
	says_not "ip_forward: read-only" "ip_forward: Read-only"
	matches '/proc/sys/kernel/sem.*[Rr]ead-only'
	[ ! -e /proc/sysrq-trigger ] || matches '/proc/sysrq-trigger.*[Rr]ead-only'
	says_not "$(cat /proc/sys/kernel/random/boot_id)"
}

@test "proc:mixed: read-only but for the network, and a boot id of its own" {
	convert >/dev/null
	islands inside
	convert --target generic >/dev/null
	islands inside
	for runtime in $(others); do
		islands under "$runtime"
	done
}

@test "a root file system that nobody has shifted is shown by an idmapped mount" {
	lxc <<-EOT
		lxc.idmap = u 0 100000 65536
		lxc.idmap = g 0 100000 65536
	EOT
	run -0 convert
	says "idmapped mount"
	run inside ids \; stat /etc/passwd
	[[ $output != *"map the ids"* ]] || skip "the file system has no idmapped mounts"
	succeeds
	matches '/etc/passwd.*0:0'
	chown -R 100000:100000 "$ROOTFS"
	run -0 convert
	says_not "idmapped mount"
	run -0 inside stat /etc/passwd
	matches '/etc/passwd.*0:0'
	chown -R 1000:1000 "$ROOTFS"
	run convert
	exits 2
	says "find '$ROOTFS' -xdev" "+99000"
	[ ! -e "$OUT" ]
	# the command does what it says
	cmd=$(sed -n "s/^.*shift its files: \(find .*{} +\)).*/\1/p" <<<"$output" | head -1)
	chmod 4755 "$ROOTFS/init"
	sh -c "$cmd"
	[ "$(stat -c '%u:%g %a' "$ROOTFS/init")" = "100000:100000 4755" ]
	run -0 convert
}

@test "--idmap auto: ids of its own for each" {
	requires unshare
	mkdir -p "$TESTDIR/path/other"
	printf 'lxc.idmap = %c 0 2000000 65536\n' u g >"$TESTDIR/path/other/config"
	echo "root:2000000:262144" >"$TESTDIR/subid"
	auto() {
		rm -rf "$OUT"
		unshare -m sh -c '
			mount --bind "$1" /etc/subuid && mount --bind "$1" /etc/subgid || exit 77
			shift; exec "$@"' sh "$TESTDIR/subid" \
			"$HAKO" lxc convert -n "$1" -o "$OUT" -P "$TESTDIR/path" --idmap auto \
			--idmap-file "$TESTDIR/idmaps" "$LXC"
	}
	touch /etc/subuid /etc/subgid
	first() { jq .linux.uidMappings[0].hostID "$OUT/config.json"; }
	run -0 auto one
	[ "$(first)" = 2065536 ]
	run -0 auto two
	[ "$(first)" = 2131072 ]
	run -0 auto one
	[ "$(first)" = 2065536 ]
	jq -e '.linux.gidMappings == [{containerID: 0, hostID: 2065536, size: 65536}]' \
		"$OUT/config.json"
	# nothing is kept for what was not converted
	cp "$LXC" "$TESTDIR/good" && echo "lxc.no.such = 1" >>"$LXC"
	cp "$TESTDIR/idmaps" "$TESTDIR/before"
	run auto three
	fails
	cp "$TESTDIR/good" "$LXC"
	run auto "th/ree"
	fails
	says "cannot be a container's name"
	cmp "$TESTDIR/idmaps" "$TESTDIR/before"
	run -0 auto three
	run auto four
	fails
	says "--idmap auto: no 65536 ids"
}

@test "--idmap auto: not what a container of Proxmox has" {
	requires unshare
	echo "root:100000:131072" >"$TESTDIR/subid"
	mkdir -p "$TESTDIR/pve/lxc"
	printf '%s\n' "unprivileged: 1" "rootfs: local:vm-7-disk-0" "mp0: local:vm-7-disk-1,mp=/x" \
		>"$TESTDIR/pve/lxc/7.conf"
	touch /etc/subuid /etc/subgid
	mkdir -p /etc/pve
	run -0 unshare -m sh -c '
		mount --bind "$1" /etc/subuid && mount --bind "$1" /etc/subgid &&
		mount --bind "$2" /etc/pve || exit 77
		shift 2; exec "$@"' sh "$TESTDIR/subid" "$TESTDIR/pve" \
		"$HAKO" lxc convert -n mine -o "$OUT" -P "$TESTDIR/lxc" --idmap auto \
		--idmap-file "$TESTDIR/idmaps" "$LXC"
	rmdir /etc/pve 2>/dev/null || :
	[ "$(jq .linux.uidMappings[0].hostID "$OUT/config.json")" = 165536 ]
}

@test "--allow: what cannot be carried and matters stops the conversion" {
	lxc <<<"lxc.sched.core = 1"
	run convert --target generic
	exits 2
	says "--allow lxc.sched.core"
	[ ! -e "$OUT" ]
	run -0 convert --target generic --allow lxc.sched.core
	says "allowed to be lost"
	run -0 convert --target generic --allow lxc.sched
}

@test "seccomp: calls fail as the profile says" {
	requires seccomp
	cat >"$TESTDIR/lxc/profile" <<-EOT
		2
		denylist
		[all]
		mkdirat errno 38
		mkdir errno 38
		personality errno 5 [0,8,==]
	EOT
	lxc <<<"lxc.seccomp.profile = $TESTDIR/lxc/profile"
	convert >/dev/null
	run inside mkdir /tmp/x \; true
	matches 'not implemented'
	[ ! -e "$ROOTFS/tmp/x" ]
}

@test "every configuration that LXC ships converts, on top of a minimal one" {
	[ -d /usr/share/lxc/config ] || skip_or_fail "needs liblxc-common"
	n=0
	for file in /usr/share/lxc/config/*.conf; do
		for ids in no yes; do
			{
				echo "lxc.include = $file"
				echo "lxc.rootfs.path = dir:/no/such/rootfs"
				[ $ids = no ] || printf 'lxc.idmap = %c 0 100000 65536\n' u g
			} >"$LXC"
			rm -rf "$OUT"
			run "$HAKO" lxc convert -n c1 --report json -o "$OUT" "$LXC"
			[ "$status" -eq 0 ] || { show; fail "$file (ids: $ids)"; }
			jq -e '.summary["not mapped"] == 0 and .summary.refused == 0
				and ([.lines[] | select(.verdict == "open")] | length) == 0' \
				<<<"$output" >/dev/null || fail "$file: a line is not accounted for"
			run "$HAKO" check --bundle "$OUT"
			says_not "invalid"
			n=$((n + 1))
		done
	done
	[ $n -ge 4 ]
}

@test "a generated AppArmor profile: without AppArmor it is left out, or refused at start" {
	[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" != Y ] ||
		skip "needs a host without AppArmor"
	echo "lxc.apparmor.profile = generated" | lxc
	run -0 convert
	says LXC-W281 "this host has no AppArmor"
	[ ! -e "$OUT/apparmor.profile" ]
	run -0 inside echo RAN
	run -0 convert --apparmor
	says_not LXC-W281
	name=$(jq -r '.process.apparmorProfile | split("//")[0]' "$OUT/config.json")
	grep -q "^profile \"$name\" " "$OUT/apparmor.profile"
	run inside echo RAN
	fails
	says "AppArmor is not enabled on this host"
	says_not RAN
	nothing_left
	# the hook by itself, and what it is told
	state='{"ociVersion":"1.3.0","id":"x","status":"creating","pid":1,"bundle":"/"}'
	run "$HAKO" hook apparmor load "$name" <<<"$state"
	fails
	says "AppArmor is not enabled"
	"$HAKO" hook apparmor unload "$name" <<<"$state"
	run "$HAKO" hook apparmor unload ../x <<<"$state"
	fails
	says "no name of a profile"
	# the annotation alone confines nobody
	jq 'del(.process.apparmorProfile)' "$OUT/config.json" >"$OUT/new"
	mv "$OUT/new" "$OUT/config.json"
	run inside echo RAN
	fails
	says "org.hako.apparmor.generate" "does not name the profile"
	nothing_left
}

@test "Proxmox VE: a device of an unprivileged container has the owner that devN gives it" {
	requires userns
	chown -R 100000:100000 "$ROOTFS"
	cat >"$TESTDIR/100.conf" <<-EOT
		arch: amd64
		dev0: /dev/full,gid=44,mode=0640,uid=7
		dev1: path=/dev/urandom,deny-write=1
		memory: 256
		rootfs: $ROOTFS
		unprivileged: 1
		lxc.apparmor.profile: unchanged
		lxc.cgroup.dir.container: $MARK
		lxc.cgroup.dir.monitor: $MARK-monitor
		lxc.console.path: none
		lxc.environment: HAKO_TEST=$MARK
	EOT
	run -0 "$HAKO" lxc convert -n boxed -o "$OUT" "$TESTDIR/100.conf"
	# this is not about limits, which this host may not have
	CONFIG=$OUT/config.json
	config 'del(.linux.resources | .memory, .unified, .cpu)'
	run inside stat /dev/full /dev/urandom \; open /dev/full r \; open /dev/null rw
	has_line "/dev/full: char 0640 7:44 1:7"
	has_line "/dev/urandom: char 0660 0:0 1:9"
	says "open /dev/full r: ok" "open /dev/null rw: ok"
}
