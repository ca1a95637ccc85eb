#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Device lines of LXC, converted and run: the kernel decides as LXC does on cgroup2 (--exact), or as
# the lines say (the default). The rows are those of the unit test, which asks the model.

load helpers
setup() {
	requires hako root cgroup2
	bundle_new
	mkdir "$TESTDIR/lxc" "$ROOTFS/n"
	LXC=$TESTDIR/lxc/config
	OUT=$TESTDIR/out
	mknod "$ROOTFS/n/null" c 1 3
	mknod "$ROOTFS/n/zero" c 1 5
	mknod "$ROOTFS/n/disk" b 8 0
	mknod "$ROOTFS/n/tun" c 10 200
}
teardown() { clean_up; }

# write_lines "A c 1:3 rwm; D a": allow and deny lines, in order.
write_lines() {
	local rule
	{
		cat <<-EOT
			lxc.rootfs.path = dir:$ROOTFS
			lxc.uts.name = boxed
			lxc.console.path = none
			lxc.apparmor.profile = unchanged
			lxc.environment = HAKO_TEST=$MARK
			lxc.mount.entry = tmpfs made tmpfs create=dir
			lxc.cgroup.dir.container = $MARK
			lxc.cgroup.dir.monitor = $MARK-monitor
		EOT
		while read -r rule; do
			case $rule in
			"A "*) echo "lxc.cgroup2.devices.allow = ${rule#A }" ;;
			"D "*) echo "lxc.cgroup2.devices.deny = ${rule#D }" ;;
			esac
		done < <(tr ';' '\n' <<<"$1")
	} >"$LXC"
}

convert() { rm -rf "$OUT"; "$HAKO" lxc convert -n boxed --report none -o "$OUT" "$@" "$LXC"; }

# What the kernel says to the eight requests, a letter each: A allowed, D denied.
verdicts() {
	CONFIG=$OUT/config.json
	command_line /init open /n/null rw \; open /n/null r \; open /n/null w \
		\; mknod /made/null c 1 3 \; open /n/zero r \; mknod /made/disk b 8 0 \
		\; open /n/disk rw \; open /n/tun rw
	# there may be no such disk and no tun here: only a refusal of the policy is EPERM
	hako run --bundle "$OUT" "$ID" </dev/null |
		sed 's/.*: Operation not permitted$/D/; t; s/.*/A/' | tr -d '\n'
}

M2='A a; D c *:* m; D b *:* m; D c 1:3 rwm'
# name | lines | as LXC does | as the lines say, where that is something else
rows() {
	cat <<-EOT
		M1|D a; A c *:* m; A b *:* m; A c 1:3 rwm|AAAADADD
		M2|$M2|DDDDADAA
		M3|$M2; A a|AAAAAAAA
		M4|$M2; D a|AAAAAAAA|defaults
		M5|D a; A c 1:3 rw; A b 8:0 rw|AAADDDAD
		C1||AAAAAAAA
		C3|A c 1:3 rwm|AAAADDDD
		C5|D a; A c 1:3 rwm; D c 1:3 w|AAAADDDD|DADADDDD
		C7|D a; A c 1:3 r; A c 1:3 w|DAADDDDD
		C8|A a; D c 1:3 w|AADAAAAA|DADAAAAA
		C9|A a; D c 1:3 rwm; A c 1:3 r|DDDDAAAA|DADDAAAA
		C10|A a; D c 1:3 rwm; A c 1:3 rwm|AAAAAAAA
		C12|D a; A c 1:3 r; A a *:* rwm|refused|AAAAAAAA
		C14|D a; A a 1:3 rw|AAADDDDD
		C15|D a; A c  1:3 rwm; A c 1:5|AAAAAAAA|refused
		C17|D a; A c 1:3 rwm; D c 1:3 rwm|DDDDDDDD
		C20|D a; A c *:* rwm; D c 10:200 rwm|AAAAADDA|AAAAADDD
	EOT
}

# check_rows COLUMN OPTION…
check_rows() {
	local column=$1 name lines exact intent want got
	shift
	while IFS='|' read -r name lines exact intent; do
		want=$exact
		[ "$column" = exact ] || want=${intent:-$exact}
		write_lines "$lines"
		if [ "$want" = refused ]; then
			convert "$@" 2>/dev/null && fail "$name: converted"
			[ ! -e "$OUT" ] || fail "$name: left a bundle"
			continue
		fi
		convert "$@" || fail "$name: not converted"
		# a runtime's own devices stay: null, zero, making of nodes, tun
		[ "$want" != defaults ] || want=AAAAAADA
		got=$(verdicts)
		[ "$got" = "$want" ] || fail "$name ($lines): the kernel says $got, not $want"
		n=$((n + 1))
	done < <(rows)
}

@test "devices: the kernel decides as LXC does" {
	n=0
	check_rows exact --exact
	[ $n -eq 16 ]
}

@test "devices: the kernel decides as the lines say" {
	n=0
	check_rows intent
	[ $n -eq 16 ]
}
