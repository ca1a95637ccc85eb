#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# lxc check: names, whole hosts, statuses. What it finds has unit tests and golden files.

load helpers
setup() {
	requires hako jq
	TESTDIR=$(mktemp -d "${TMPDIR:-/tmp}/hako-it-XXXXXX")
	LXCPATH=$TESTDIR/lxc
	mkdir "$LXCPATH"
	export HOME=$TESTDIR/home
	mkdir "$HOME"
}
teardown() { rm -rf "$TESTDIR"; }

# container NAME FIRST-ID [LINE…]: one that is safe as far as a configuration goes.
container() {
	mkdir -p "$LXCPATH/$1/rootfs"
	printf '2\ndenylist\nkexec_load errno 1\n' >"$LXCPATH/$1/seccomp"
	{
		echo "lxc.rootfs.path = dir:$LXCPATH/$1/rootfs"
		echo "lxc.rootfs.options = idmap=container"
		echo "lxc.apparmor.profile = generated"
		echo "lxc.seccomp.profile = $LXCPATH/$1/seccomp"
		echo "lxc.cgroup2.memory.max = 256M"
		echo "lxc.cgroup2.pids.max = 100"
		echo "lxc.cgroup2.cpu.weight = 50"
		echo "lxc.idmap = u 0 $2 65536"
		echo "lxc.idmap = g 0 $2 65536"
		printf '%s\n' "${@:3}"
	} >"$LXCPATH/$1/config"
}

check() { "$HAKO" lxc check --cgroup 2 "$@"; }

ids() { jq -r '.findings[] | "\(.container) \(.id)"' <<<"$output"; }

@test "status 0: nothing to complain about; by path, by directory, by name" {
	container web 1000000
	run -0 check --fail medium "$LXCPATH/web/config"
	run -0 check --fail medium "$LXCPATH/web"
	run -0 check --fail medium -P "$LXCPATH" web
	run -0 "$HAKO" lxc convert -P "$LXCPATH" -o "$TESTDIR/one" --report none web
	run -0 "$HAKO" lxc convert -o "$TESTDIR/two" --report none "$LXCPATH/web"
	cmp "$TESTDIR/one/config.json" "$TESTDIR/two/config.json"
}

@test "limits that the host's kind of cgroups does not know" {
	container web 1000000
	run -1 "$HAKO" lxc check --cgroup 1 --json -P "$LXCPATH" web
	[ "$(ids | grep -v idmap)" = "web cgroup2-on-v1
web no-memory-limit
web no-pids-limit
web no-cpu-limit" ]
	jq -e '.findings[] | select(.id == "no-memory-limit") |
		.fix == "lxc.cgroup.memory.limit_in_bytes = 1G"' <<<"$output"
	run -2 "$HAKO" lxc check --cgroup 3 -P "$LXCPATH" web
	says "unknown version '3'"
}

@test "explain knows every finding" {
	run -0 sh -c 'cat "$SRCDIR"/src/lxc/audit_[cdhlm]*.c | tr -d "\n" |
		grep -oE \
		"(audit_add|group)\([^\"]*\"[a-z0-9-]+\"|id = \"[a-z0-9-]+\"|, \"devices-[a-z-]+" |
		grep -oE "[a-z0-9-]+\"?$" | tr -d \" | sort -u'
	[ "${#lines[@]}" -gt 20 ]
	for id in "${lines[@]}"; do
		run -0 "$HAKO" lxc explain "$id"
		[[ $output == "$id: "* ]]
	done
}

@test "explain knows every code, and none that is never said" {
	local said known
	said=$(cat "$SRCDIR"/src/lxc/*.c "$SRCDIR"/src/cli/*.c |
		grep -oE '"LXC-[EWI][0-9]{3}"' | grep -oE '[0-9]{3}' | grep -v 000 | sort -u)
	known=$(grep -oE '\{ "[EWI][0-9]{3}"' "$SRCDIR/src/lxc/diag_words.c" |
		grep -oE '[0-9]{3}' | sort -u)
	diff <(echo "$said") <(echo "$known")
	[ "$(wc -l <<<"$known")" -gt 70 ]
	for code in $known; do
		run -0 "$HAKO" lxc explain "LXC-E$code"
		matches '^  why       .' '^  do        .'
		says_not "not called"
	done
}

@test "status 1: as grave as --fail says" {
	container web 1000000 "lxc.apparmor.profile = unconfined"
	run -1 check -P "$LXCPATH" web
	says lsm-unconfined "config:10: medium"
	run -0 check --fail high -P "$LXCPATH" web
}

@test "status 2: not a configuration, no such container, not an option" {
	container web 1000000 "lxc.no.such = 1"
	run -2 check -P "$LXCPATH" web
	says "config:10: high: unknown key" lxc.no.such
	run -2 check -P "$LXCPATH" db
	says db "$LXCPATH"
	run -2 check -P "$LXCPATH" ../web
	run -2 check --fail grave -P "$LXCPATH" web
	says grave
	run -2 check
	run -2 check --all web
	run -2 check --all -P "$TESTDIR/none"
	says "$TESTDIR/none"
}

@test "--all: ranges that overlap, and only those" {
	container web 1000000
	container db 1065535
	container mail 2000000
	run -1 check --all -P "$LXCPATH" --json --show medium
	[ "$(ids)" = "db idmap-shared
db idmap-shared
web idmap-shared
web idmap-shared" ]
	jq -e '.summary.containers == 3' <<<"$output"
}

@test "--all: a bridge in common" {
	container web 1000000 "lxc.net.0.type = veth" "lxc.net.0.link = lxcbr0"
	container db 2000000 "lxc.net.0.type = veth" "lxc.net.0.link = lxcbr0"
	container mail 3000000 "lxc.net.0.type = veth" "lxc.net.0.link = lxcbr1"
	run check --all -P "$LXCPATH" --json
	[ "$(ids | grep bridge)" = "db bridge-shared
web bridge-shared" ]
}

@test "--all: one that cannot be read does not hide the others" {
	container web 1000000 "lxc.apparmor.profile = unconfined"
	container bad 2000000 "lxc.cap.drop = nosuch"
	run -2 check --all -P "$LXCPATH"
	says nosuch lsm-unconfined
}

@test "a user's containers are found below the home directory" {
	[ ! -e /etc/lxc/lxc.conf ] || skip "this host has settings of its own"
	mkdir -p "$HOME/.local/share"
	container mine 1000000
	mv "$LXCPATH" "$HOME/.local/share/lxc"
	run check --all --json --show note
	jq -e 'any(.findings[]; .container == "mine")' <<<"$output"
}

@test "Proxmox: raw lines that open what its defaults close" {
	printf '%s\n' 'arch: amd64' 'memory: 512' 'rootfs: local:100/vm.raw,size=1G' \
		>"$TESTDIR/100.conf"
	run --separate-stderr check --json "$TESTDIR/100.conf"
	[[ $(ids) != *devices-open* && $(ids) != *no-seccomp* ]]
	cp "$TESTDIR/100.conf" "$TESTDIR/101.conf"
	printf '%s\n' 'lxc.cgroup2.devices.allow: a' 'lxc.seccomp.profile:' >>"$TESTDIR/101.conf"
	run -1 --separate-stderr check --json "$TESTDIR/101.conf"
	[[ $(ids) == *devices-open* ]]
	[[ $(ids) == *no-seccomp* ]]
}

@test "colours are for terminals" {
	requires tty
	container web 1000000 "lxc.keyring.session = 1"
	run -0 check -P "$LXCPATH" web
	[[ "$output" != *$'\e['* ]]
	run -0 script -qec "'$HAKO' lxc check --cgroup 2 -P '$LXCPATH' web" /dev/null
	[[ "$output" == *$'\e[36mlow\e[0m'* ]]
}

@test "Debian's own includes: what LXC 7 refuses is named" {
	[ -f /usr/share/lxc/config/common.conf ] ||
		skip_or_fail "needs the lxc package's configuration files"
	container web 1000000 "lxc.include = /usr/share/lxc/config/common.conf"
	run check -P "$LXCPATH" web
	[ "$status" -lt 2 ]
	if grep -q '^lxc.cgroup.devices' /usr/share/lxc/config/common.conf; then
		says lxc7-cgroup1
	fi
}
