#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# OpenRC as Debian packages it boots to its default runlevel, says so to who attaches, and ends its
# services when it is stopped: with its own init, and with sysvinit from an LXC configuration.

load helpers

# Small: its packages and the libraries they want, busybox for the rest.
setup_file() {
	local packages="openrc librc1 libeinfo1 sysvinit-core sysvinit-utils initscripts insserv"
	export TEMPLATE=$BATS_FILE_TMPDIR/root
	requires root hako busybox dash agetty dpkg-deb
	cd "$BATS_FILE_TMPDIR" || return
	# shellcheck disable=SC2086 # a list
	timeout 100 apt-get -qo Acquire::Retries=2 download $packages >download.log 2>&1 3>&- ||
		return 0
	make_template >template.log 2>&1 || { cat template.log; return 1; }
}

setup() {
	requires hako busybox
	[ -d "$TEMPLATE" ] || skip "no packages: $(tail -1 "$BATS_FILE_TMPDIR/download.log")"
	bundle_new
	rm -rf "$ROOTFS" "$CONFIG"
	cp -a "$TEMPLATE" "$ROOTFS"
}
teardown() { clean_up; }

make_template() {
	local deb applet
	mkdir -p root/{bin,sbin,dev,etc,proc,sys,tmp,root,run,lib,lib64,var/log,var/lib/misc}
	for deb in ./*.deb; do
		dpkg-deb -x "$deb" root
	done
	ln -s ../run root/var/run
	cp "$(busybox_path)" root/bin/busybox
	for applet in $(root/bin/busybox --list); do
		[ -e "root/bin/$applet" ] || [ -e "root/sbin/$applet" ] ||
			ln -s busybox "root/bin/$applet"
	done
	cp -L --remove-destination "$(command -v dash)" root/bin/sh
	cp -L --remove-destination "$(command -v agetty)" root/sbin/getty
	for deb in bin/sh sbin/{getty,init,openrc,openrc-init,openrc-run} lib/rc/bin/checkpath; do
		libraries "$deb"
	done
	printf 'root::0:0:root:/root:/bin/sh\n' >root/etc/passwd
	printf 'root:x:0:\nuucp:x:10:\ntty:x:5:\nutmp:x:43:\n' >root/etc/group
	: >root/etc/fstab
	printf '%s\n' '#!/sbin/openrc-run' 'command=/bin/sleep' 'command_args=100000' \
		'command_background=yes' 'pidfile=/run/sleeper.pid' >root/etc/init.d/sleeper
	chmod 755 root/etc/init.d/sleeper
	ln -s /etc/init.d/sleeper root/etc/runlevels/default
	ln -s /etc/init.d/savecache root/etc/runlevels/off
	printf '%s\n' id:2:initdefault: si::sysinit:/etc/init.d/rcS \
		'l0:0:wait:/etc/init.d/rc 0' 'l2:2:wait:/etc/init.d/rc 2' \
		'l6:6:wait:/etc/init.d/rc 6' 'pf::powerwait:/sbin/shutdown -h now' \
		'ca:12345:ctrlaltdel:/sbin/shutdown -r now' \
		'1:2345:respawn:/sbin/getty --noclear tty1 38400 linux' >root/etc/inittab
}

# libraries PROGRAM: those of the host that it wants and has not brought along.
libraries() {
	local lib
	for lib in $(ldd "root/$1" | grep -o '/[^ ]*'); do
		[ -e "root$lib" ] || install -D "$lib" "root$lib"
	done
	for lib in $(LD_LIBRARY_PATH=$(echo "$PWD"/root/lib/*-linux-gnu) ldd "root/$1" |
		grep -o '=> /[^ ]*' | cut -c 4-); do
		case $lib in "$PWD"/*) continue ;; esac
		[ -e "root$lib" ] || install -D "$lib" "root$lib"
	done
}

lxc() {
	local verb=$1
	shift
	hako lxc "$verb" -P "$TESTDIR/lxc" "$@"
}

is_up() {
	lxc attach -n "$ID" -- rc-status default >"$TESTDIR/status" 2>&1 &&
		grep -q 'sleeper.*started' "$TESTDIR/status"
}
# up: it is given its time.
up() {
	eventually is_up || eventually is_up && return
	cat "$TESTDIR/status" "$TESTDIR/console"
	return 1
}

@test "openrc-init: run --system boots it, exec sees its services, SIGTERM stops them" {
	ln -sf openrc-init "$ROOTFS/sbin/init"
	HAKO_TEST=$MARK timeout -k 5 100 "$HAKO" --root "$ROOT" run --system \
		--bundle "$BUNDLE" "$ID" \
		</dev/null >"$TESTDIR/console" 2>&1 3>&- &
	up
	run -0 hako exec "$ID" rc-service sleeper status
	says "status: started"
	kill -TERM "$(pgrep -P $! -x hako)"
	wait $!
	grep -q 'Stopping sleeper' "$TESTDIR/console"
	nothing_left
}

@test "openrc-init: lxc stop -r starts it again, lxc stop ends it" {
	ln -sf openrc-init "$ROOTFS/sbin/init"
	hako_apart run -d --system --bundle "$BUNDLE" "$ID"
	up
	pid=$(init_pid)
	run -0 lxc stop -n "$ID" -r
	up
	[ "$(init_pid)" != "$pid" ]
	run -0 lxc stop -n "$ID" --nokill -t 60
	nothing_left
}

@test "openrc with sysvinit: lxc start boots it, a getty asks who it is, lxc stop halts it" {
	mkdir -p "$TESTDIR/lxc/$ID"
	printf '%s\n' "lxc.rootfs.path = dir:$ROOTFS" "lxc.uts.name = boxed" \
		"lxc.mount.auto = proc:mixed sys:ro" "lxc.pty.max = 64" "lxc.tty.max = 1" \
		"lxc.tty.dir = lxc" "lxc.net.0.type = empty" \
		"lxc.environment = HAKO_TEST=$MARK" >"$TESTDIR/lxc/$ID/config"
	lxc start -n "$ID" -L "$TESTDIR/console" </dev/null >"$TESTDIR/out" 2>&1 3>&-
	up
	mkfifo "$TESTDIR/keys"
	lxc console -n "$ID" -t 1 <>"$TESTDIR/keys" >"$TESTDIR/tty1" 2>&1 3>&- &
	eventually typed '\n' 'boxed login:'
	eventually typed 'root\n' '# '
	# shellcheck disable=SC2016 # expanded by the shell behind the getty
	eventually typed 'echo on $(tty)\n' 'on /dev/lxc/tty1'
	run -0 lxc stop -n "$ID" --nokill -t 60
	wait $!
	grep -q 'Stopping sleeper' "$TESTDIR/console"
	grep -q 'Will now halt' "$TESTDIR/console"
	nothing_left
}

# typed KEYS ANSWER: whoever reads slowly, or throws away what came too early, is told again.
typed() {
	grep -qF -- "$2" "$TESTDIR/tty1" && return
	printf '%b' "$1" >"$TESTDIR/keys"
	sleep 0.5
	grep -qF -- "$2" "$TESTDIR/tty1"
}
