#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# LXC's own commands, by container name.

load helpers
setup() {
	requires hako busybox
	bundle_new
	LXCPATH=$TESTDIR/lxc
	mkdir -p "$LXCPATH/$ID" "$ROOTFS"/{sbin,run}
	ln -s ../bin/busybox "$ROOTFS/sbin/init"
	ln -s ../bin/busybox "$ROOTFS/bin/poweroff"
	ln -s ../bin/busybox "$ROOTFS/bin/reboot"
	ln -s ../bin/busybox "$ROOTFS/bin/env"
	printf '%s\n' '::sysinit:/bin/sh -c "echo booted"' 'tty1::respawn:/bin/sh' \
		'::shutdown:/bin/echo goodbye' >"$ROOTFS/etc/inittab"
	lxc_config "$ID"
}
teardown() { clean_up; }

# lxc_config NAME [LINE…]
lxc_config() {
	local name=$1
	shift
	mkdir -p "$LXCPATH/$name"
	printf '%s\n' "lxc.rootfs.path = dir:$ROOTFS" "lxc.uts.name = boxed" \
		"lxc.mount.auto = proc:mixed sys:ro" "lxc.pty.max = 64" "lxc.tty.max = 2" \
		"lxc.tty.dir = lxc" "lxc.net.0.type = empty" \
		"lxc.environment = HAKO_TEST=$MARK" "$@" >"$LXCPATH/$name/config"
}

lxc() {
	local verb=$1
	shift
	hako lxc "$verb" -P "$LXCPATH" "$@"
}

# started [OPTION…]: detached, its output away from bats' pipe; booted when attach works.
started() {
	lxc start -n "$ID" -L "$TESTDIR/console" "$@" </dev/null >"$TESTDIR/out" 2>&1 3>&- ||
		{ cat "$TESTDIR/out"; return 1; }
	eventually grep -q booted "$TESTDIR/console"
}

supervisor() {
	local parent
	parent=$(awk '{ print $4 }' "/proc/$(init_pid)/stat")
	[ "$(cat "/proc/$parent/comm")" = hako:monitor ] || fail "init has no supervisor"
	echo "$parent"
}

@test "lxc start: runs in the background, stop asks it to end, nothing is left" {
	started
	run -0 lxc info -n "$ID" -sH
	is_output RUNNING
	supervisor
	run ! lxc start "$ID"
	says "already running"
	run -0 lxc stop "$ID"
	grep goodbye "$TESTDIR/console"
	nothing_left
	run -2 lxc stop "$ID"
	says "'$ID' is not running"
}

@test "lxc stop --kill: also when its supervisor was killed, or cannot act" {
	started
	run -0 lxc stop -n "$ID" -k
	nothing_left
	started
	kill -STOP "$(supervisor)"
	pid=$(supervisor)
	run -0 lxc stop -n "$ID" -k
	kill -KILL "$pid"
	nothing_left
}

@test "a killed supervisor takes init with it; start cleans up and starts anew" {
	started
	pid=$(supervisor)
	kill -KILL "$pid"
	eventually is_state "$ID" stopped
	: >"$TESTDIR/console"
	started
	run -0 hako delete --force "$ID"
	nothing_left
}

@test "lxc stop --reboot: the same supervisor starts it again" {
	started
	pid=$(init_pid)
	boss=$(supervisor)
	run -0 lxc stop -n "$ID" -r
	eventually [ "$(grep -c booted "$TESTDIR/console")" -eq 2 ]
	[ "$(init_pid)" != "$pid" ]
	[ "$(supervisor)" = "$boss" ]
	run -0 lxc stop -n "$ID" -k
	nothing_left
}

@test "lxc attach: environment, user, namespaces, privileges, exit status" {
	started
	FOO=kept run -0 lxc attach -n "$ID" -v BAR=set -- env
	has_line FOO=kept BAR=set container=lxc
	FOO=lost run -0 lxc attach -n "$ID" --clear-env -- env
	has_line container=lxc
	says_not FOO=
	run -0 lxc attach "$ID" -u 33 -g 33 -- id -u
	has_line 33
	run -0 lxc attach -n "$ID" -- sh -c 'echo $(hostname 2>/dev/null || cat /etc/hostname) $$'
	run -0 lxc attach -n "$ID" -e -s "UTSNAME|NETWORK" -- sh -c 'hostname; ls -d /sys/fs/cgroup'
	has_line boxed /sys/fs/cgroup
	run -7 lxc attach -n "$ID" -- sh -c 'exit 7'
	run ! lxc attach -n "$ID" -s NOSUCH -- true
	says "no kind of namespace"
	run -0 lxc stop -n "$ID" -k
}

@test "lxc attach: architecture, a file of its own, and no word of failures" {
	started -q # a capability that the runtime lacks, say, is not told of either
	[ ! -s "$TESTDIR/out" ] || { cat "$TESTDIR/out"; false; }
	run -0 lxc attach -n "$ID" -- busybox uname -m
	native=$output
	run -0 lxc attach -n "$ID" -a linux32 -- busybox uname -m
	[ "$output" != "$native" ] || skip "no 32 bits of this machine"
	run ! lxc attach -n "$ID" --arch=z80 -- true
	says "--arch: unknown architecture 'z80'"
	echo 'lxc.environment = COLOUR=blue' >"$TESTDIR/rc"
	run -0 lxc attach -n "$ID" -f "$TESTDIR/rc" -- env
	has_line COLOUR=blue
	run -0 lxc attach -n "$ID" -f "$TESTDIR/rc" -v COLOUR=red -- env
	has_line COLOUR=red
	echo lxc.nosuch = 1 >"$TESTDIR/rc"
	run ! lxc attach -n "$ID" -f "$TESTDIR/rc" -- true
	says "--rcfile"
	run ! lxc freeze -n "$ID" --rcfile "$TESTDIR/rc"
	says "--rcfile"
	run -127 lxc attach -n "$ID" -q -- /nosuch
	is_output ""
	run -127 lxc attach -n "$ID" -q -o "$TESTDIR/log" -- /nosuch
	is_output ""
	grep nosuch "$TESTDIR/log"
	run -0 lxc stop -n "$ID" -k
	nothing_left
}

@test "lxc attach -R: /proc and /sys of the namespaces, without the container's files" {
	lxc_config "$ID" "lxc.net.0.type = veth" "lxc.net.0.name = inside0"
	started
	run -0 lxc attach -n "$ID" -s "NETWORK|PID" -- ls /sys/class/net
	says_not inside0
	run -0 lxc attach -n "$ID" -s "NETWORK|PID" -R -- ls /sys/class/net
	has_line inside0
	run -0 lxc attach -n "$ID" -s "NETWORK|PID" --remount-sys-proc -- \
		sh -c "tr '\\0' '\\n' </proc/1/environ"
	has_line container=lxc
	# and these two are nobody else's
	[ ! -e /sys/class/net/inside0 ]
	run -0 lxc stop -n "$ID" -k
	nothing_left
}

@test "lxc attach -L: what the terminal shows" {
	requires tty
	started
	run -0 timeout 60 script -qefc "'$HAKO' --root '$ROOT' lxc attach -n '$ID' \
		-L '$TESTDIR/ptylog' -- echo said" /dev/null </dev/null
	says said
	grep said "$TESTDIR/ptylog"
	run -0 lxc attach -n "$ID" -L "$TESTDIR/none" -- echo said
	says said "--pty-log: there is no terminal"
	[ ! -e "$TESTDIR/none" ]
	run -0 lxc stop -n "$ID" -k
	nothing_left
}

@test "lxc console: a tty by its number, one client a tty" {
	started
	run -0 bash -c "(echo 'echo sum \$((20+3))'; sleep 1) |
		timeout 20 '$HAKO' --root '$ROOT' lxc console -n '$ID' -t 1"
	says "sum 23"
	run ! hako lxc console -n "$ID" -t 9 </dev/null
	says "no such tty"
	run -0 lxc attach -n "$ID" -- ls -l /dev/tty1 /dev/lxc/
	says "/dev/tty1 -> lxc/tty1"
	run -0 lxc attach -n "$ID" -- cat /proc/1/environ
	[[ $output == *"container_ttys=pts/1 pts/2"* ]]
	run -0 lxc stop -n "$ID" -k
	nothing_left
}

@test "lxc console: the escape sequence leaves, the console answers" {
	requires tty
	started
	(
		eventually grep -q "Connected to the console" "$TESTDIR/typed"
		printf 'x\001q'
	) | timeout 30 script -qefc "'$HAKO' --root '$ROOT' lxc console -n '$ID' -t 0" \
		"$TESTDIR/typed" >/dev/null 2>&1
	grep -q "Ctrl+a q" "$TESTDIR/typed"
	run -0 lxc info -n "$ID" -sH
	is_output RUNNING
	run -0 lxc stop -n "$ID" -k
}

@test "lxc freeze, unfreeze, wait" {
	started
	run -0 lxc freeze -n "$ID"
	run -0 lxc wait -n "$ID" -s "FROZEN|STOPPED" -t 5
	run ! lxc wait -n "$ID" -s RUNNING -t 0
	says FROZEN
	run -0 lxc unfreeze -n "$ID"
	run -0 lxc wait -n "$ID" -s RUNNING -t 5
	run -0 lxc freeze -n "$ID"
	run -0 lxc stop -n "$ID"
	run -0 lxc wait -n "$ID" -s STOPPED -t 5
	nothing_left
}

@test "lxc ls and info: names, states, columns, keys" {
	lxc_config "$ID-b" "lxc.start.auto = 1" "lxc.group = onboot" "lxc.group = web"
	lxc_config "$ID-c" "lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536"
	started
	run -0 lxc ls -1
	is_output "$(printf '%s\n' "$ID" "$ID-b" "$ID-c")"
	run -0 lxc ls -1 --running
	is_output "$ID"
	run -0 lxc ls --stopped
	is_output "$(printf '%s\n' "$ID-b" "$ID-c")"
	run -0 lxc ls -1 -g web
	is_output "$ID-b"
	run -0 lxc ls -f -F NAME,STATE,AUTOSTART,GROUPS,UNPRIVILEGED
	matches "^$ID-b +STOPPED +1 +onboot, web +false"
	matches "^$ID-c +STOPPED +0 +- +true"
	run -0 lxc ls -1 -g web,nosuch
	is_output ""
	run -0 lxc ls -f -F name,ram,swap,interface
	matches "^NAME +RAM +SWAP +INTERFACE $"
	matches "^$ID +[0-9]+\.[0-9][0-9]MB +([0-9]+\.[0-9][0-9]MB|-) +lo +$"
	matches "^$ID-b +- +- +- +$"
	run -0 lxc info -n "$ID" -p -H
	is_output "$(init_pid)"
	run -0 lxc info -n "$ID"
	matches "^Name: +$ID$"
	matches "^State: +RUNNING$"
	matches "^Memory use: "
	matches "^BlkIO use: +[0-9.]+ (bytes|[KMG]iB)$"
	matches "^KMem use: "
	run -0 lxc info -n "$ID" -H -c lxc.uts.name
	is_output boxed
	run -0 lxc info -n "$ID" -c lxc.uts.name -c lxc.net
	has_line "lxc.uts.name = boxed" "lxc.net.0.type = empty"
	run ! lxc info -n nobody
	says "not defined"
	run -0 lxc stop -n "$ID" -k
}

@test "lxc units: order, delay, groups" {
	lxc_config a1 "lxc.start.auto = 1" "lxc.start.order = 5"
	lxc_config a2 "lxc.start.auto = 1" "lxc.start.delay = 7"
	lxc_config a3 "lxc.start.auto = 1" "lxc.group = onboot" "lxc.start.order = 9"
	lxc_config a4 "lxc.start.auto = 1" "lxc.group = web"
	mkdir "$TESTDIR/units"
	run -0 lxc units --output "$TESTDIR/units"
	cd "$TESTDIR/units"
	[ "$(echo ./*)" = "$(printf './hako-lxc-%s ' a1.service a2.service a3.service a4.service \
		web.target | sed 's/ $//')" ]
	! grep -q hako-lxc-a hako-lxc-a3.service || ! grep "^After=hako" hako-lxc-a3.service
	grep -qx "After=hako-lxc-a3.service" hako-lxc-a2.service
	grep -qx "After=hako-lxc-a2.service" hako-lxc-a1.service
	grep -qx "ExecStartPost=/bin/sleep 7" hako-lxc-a2.service
	grep -qx "WantedBy=multi-user.target" hako-lxc-a1.service
	grep -qx "WantedBy=hako-lxc-web.target" hako-lxc-a4.service
	! grep -q multi-user hako-lxc-a4.service
	if have systemd-analyze; then
		run systemd-analyze verify --man=no "$PWD/hako-lxc-a1.service"
		says_not "Unknown" "Invalid" "ignoring"
	fi
}

@test "lxc run: by name in the foreground; -- COMMAND replaces init" {
	run -0 hako lxc run -P "$LXCPATH" "$ID" -- /bin/sh -c 'echo in $container' </dev/null
	says "in lxc"
	run ! hako lxc run -P "$LXCPATH" nobody
	says "not defined"
	nothing_left
}

@test "lxc start: what is wrong is said by the command, and nothing is left" {
	lxc_config "$ID" "lxc.init.cmd = /no/such"
	run ! lxc start -n "$ID"
	says "/no/such"
	nothing_left
	lxc_config "$ID" "lxc.nosuch = 1"
	run ! lxc start -n "$ID"
	says "lxc.nosuch"
	run ! lxc start -n "../x"
	says "invalid container name"
	nothing_left
}

@test "verbs of what does not run, or is not defined, say so; with LXC's statuses" {
	local verb
	for verb in attach console freeze unfreeze; do
		run -1 lxc "$verb" -n "$ID"
		says "'$ID' is not running"
		run -1 lxc "$verb" -n nobody
		says "'nobody' is not defined (looked in $LXCPATH)"
	done
	run -2 lxc stop -n "$ID" -k
	says "'$ID' is not running"
	run -2 lxc stop -n nobody
	says "'nobody' is not defined (looked in $LXCPATH)"
	run -0 lxc info -n "$ID" -s
	matches "^State: +STOPPED$"
	run -1 lxc info -n nobody
	says "'nobody' is not defined (looked in $LXCPATH)"
	run -0 lxc wait -n "$ID" -s STOPPED
	run -0 lxc wait -n nobody -s STOPPED
	run -1 lxc wait -n "$ID" -s RUNNING -t 0
	says "'$ID' is not running"
	run -1 lxc wait -n nobody -s RUNNING -t 0
	says "not defined"
	run -1 lxc start -n nobody
	says "'nobody' is not defined"
	started
	run -127 lxc attach -n "$ID" -- /no/such
	says "/no/such"
	run -126 lxc attach -n "$ID" -- /etc
	run -0 lxc stop -n "$ID" -k
	nothing_left
}

# attached OPTION…: the effective capabilities and the cgroup of an attached process.
attached() { lxc attach -n "$ID" "$@" -- cat /proc/self/status /proc/self/cgroup; }

@test "lxc attach: -e takes privileges by name, -s all of them" {
	requires cgroup2
	lxc_config "$ID" "lxc.cap.drop = net_raw"
	started
	ours=$(awk '/^CapEff/ { print $2 }' /proc/self/status)
	run -0 attached
	theirs=$(awk '/^CapEff/ { print $2 }' <<<"$output")
	[ "$theirs" != "$ours" ]
	has_line 0::/
	run -0 attached -eCAP
	matches "^CapEff:.$ours$"
	has_line 0::/
	run -0 attached --elevated-privileges='CGROUP|LSM'
	matches "^CapEff:.$theirs$"
	matches '^0::/\.\.'
	run -0 attached -e
	matches "^CapEff:.$ours$"
	matches '^0::/\.\.'
	run -0 attached -s 'NETWORK|UTSNAME|MOUNT|PID'
	matches "^CapEff:.$ours$"
	run ! attached -eNOSUCH
	says "'NOSUCH' is none of CAP, CGROUP and LSM"
	run -0 lxc stop -n "$ID" -k
	nothing_left
}

@test "lxc start --share-net, -C; lxc info counts what its devices sent" {
	lxc_config "$ID" "lxc.net.0.type = veth" "lxc.net.0.flags = up"
	lxc_config "$ID-b"
	started -C
	run -0 lxc info -n "$ID" -S
	matches "^Link: +eth0$"
	matches "^ TX bytes: +[0-9.]+ "
	matches "^ Total bytes: "
	run -0 lxc info -n "$ID" -S -H
	matches "^Link: +eth0$"
	! grep -vqE '^[A-Z ][A-Za-z ]+: +([0-9]+|eth0)$' <<<"$output" || { show; false; }
	lxc start -n "$ID-b" --share-net "$ID" </dev/null >"$TESTDIR/out" 2>&1 3>&-
	[ "$(readlink "/proc/$(init_pid "$ID-b")/ns/net")" = \
		"$(readlink "/proc/$(init_pid)/ns/net")" ]
	run -0 lxc stop -n "$ID-b" -k
	run -0 lxc stop -n "$ID" -k
	nothing_left
}
