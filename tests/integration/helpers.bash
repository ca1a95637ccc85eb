# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What every integration test uses. A file begins with
#
#	load helpers
#	setup() { bundle_new; }
#	teardown() { clean_up; }
#
# HAKO names the runtime under test (crun or runc will do for most files: that is how the tests were
# checked before hako could run them). BUILDDIR and SRCDIR come from `make check`.

bats_require_minimum_version 1.5.0

: "${SRCDIR:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
: "${BUILDDIR:=$SRCDIR}"
: "${HAKO:=$BUILDDIR/hako}"
: "${PROBE:=$BUILDDIR/tests/probe}"
: "${RECVTTY:=$BUILDDIR/tests/recvtty}"
# No command may take longer; a test that hangs says 124.
: "${HAKO_TIMEOUT:=20}"
# No whole test either (bats ends it).
export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-120}
umask 022

# --- what a test needs ----------------------------------------------------------------------------

strict() { [ -n "${HAKO_STRICT:-}" ] || [ "${CI:-}" = true ]; }

# skip_or_fail REASON: what a CI machine can have, it must have.
skip_or_fail() {
	if strict; then
		echo "# cannot skip here (HAKO_STRICT): $1"
		return 1
	fi
	skip "$1"
}

have() { command -v "$1" >/dev/null 2>&1; }

cgroup_mode() {
	case "$(stat -f -c %T /sys/fs/cgroup 2>/dev/null)" in
	cgroup2fs) echo unified ;;
	tmpfs) if [ -d /sys/fs/cgroup/unified ]; then echo hybrid; else echo legacy; fi ;;
	*) echo none ;;
	esac
}

# requires NAME…: skips unless this machine and user have all of them. Names that no installation
# can bring (an LSM, systemd, a cgroup layout) skip even when strict.
requires() {
	local name
	for name in "$@"; do
		case "$name" in
		root) [ "$(id -u)" -eq 0 ] || skip_or_fail "needs root" ;;
		hako) [ "$(basename "$HAKO")" = hako ] || skip "asks for what only hako has" ;;
		cgroup2) [ "$(cgroup_mode)" = unified ] || [ "$(cgroup_mode)" = hybrid ] ||
			skip "needs a cgroup2 hierarchy" ;;
		unified) [ "$(cgroup_mode)" = unified ] || skip "needs a host with cgroup2 only" ;;
		hybrid) [ "$(cgroup_mode)" = hybrid ] ||
			skip "needs a host with both cgroup versions" ;;
		controller:*) [ -n "$(cgroup_root "${name#*:}")" ] ||
			skip "needs the ${name#*:} controller" ;;
		systemd) [ -d /run/systemd/system ] || skip "needs systemd" ;;
		userns) unshare --user true 2>/dev/null || skip_or_fail "needs user namespaces" ;;
		timens) [ -e /proc/self/ns/time ] || skip "needs time namespaces (Linux 5.6)" ;;
		seccomp) grep -q '^Seccomp:' /proc/self/status || skip "needs seccomp" ;;
		cap_sys_resource) capsh --has-p=cap_sys_resource 2>/dev/null ||
			skip "needs CAP_SYS_RESOURCE" ;;
		tty) have script || skip_or_fail "needs script(1)" ;;
		busybox) [ -n "$(busybox_path)" ] || skip_or_fail "needs busybox-static" ;;
		*) have "$name" || skip_or_fail "needs $name" ;;
		esac
	done
}

busybox_path() {
	local b
	for b in "$(command -v busybox)" /bin/busybox /usr/bin/busybox; do
		if [ -x "$b" ] && ! ldd "$b" >/dev/null 2>&1; then
			echo "$b"
			return
		fi
	done
}

# --- the bundle -----------------------------------------------------------------------------------

# bundle_new: a directory TESTDIR with bundle (BUNDLE, config.json as `spec` writes it but without
# terminal), state root (ROOT), an id (ID) and a mark carried by every process of this test.
bundle_new() {
	requires root jq
	# Not below bats' own directory: that one is closed to the users of other namespaces.
	TESTDIR=$(mktemp -d "${TMPDIR:-/tmp}/hako-it-XXXXXX")
	chmod 755 "$TESTDIR"
	MARK=${TESTDIR##*/}
	ID=$MARK
	ROOT=$TESTDIR/state
	BUNDLE=$TESTDIR/bundle
	CONFIG=$BUNDLE/config.json
	ROOTFS=$BUNDLE/rootfs
	mkdir -m 700 "$ROOT"
	mkdir "$BUNDLE"
	rootfs_new "$ROOTFS"
	(cd "$BUNDLE" && timeout "$HAKO_TIMEOUT" "$HAKO" spec)
	config '.process.terminal = false
		| .process.args = ["/init", "true"]
		| .process.env = ["PATH=/bin", "HAKO_TEST=" + $mark]' --arg mark "$MARK"
	BEFORE=$(snapshot)
}

# rootfs_new DIR: the probe, busybox if there is one, and the directories mounts want.
rootfs_new() {
	local applet
	mkdir "$1" "$1"/{bin,dev,etc,proc,sys,tmp,root,home}
	chmod 1777 "$1/tmp"
	cp "$PROBE" "$1/init"
	printf 'root:x:0:0:root:/root:/bin/sh\nwww:x:33:33:www:/home/www:/bin/sh\n' >"$1/etc/passwd"
	printf 'root:x:0:\nwww:x:33:\nstaff:x:50:www\n' >"$1/etc/group"
	if [ -n "$(busybox_path)" ]; then
		cp "$(busybox_path)" "$1/bin/busybox"
		for applet in sh cat echo id ls mkdir mount sleep true; do
			ln -s busybox "$1/bin/$applet"
		done
	fi
}

# config FILTER [JQ-OPTION…]: edits config.json.
config() {
	local filter=$1
	shift
	jq "$@" "$filter" "$CONFIG" >"$CONFIG.new" && mv "$CONFIG.new" "$CONFIG"
}

# Strings to a JSON array (jq 1.6 does not take `--args -- "$@"`).
json_array() { printf '%s\x1e' "$@" | jq -Rsc 'split("\u001e")[:-1]'; }

# command_line ARG…: what the container runs.
command_line() { config ".process.args = $(json_array "$@")"; }

# probe VERB [ARG…]: the same for the probe; see `tests/probe help`.
probe() { command_line /init "$@"; }

# shell SCRIPT: the same for busybox.
shell() { command_line /bin/sh -c "$1"; }

add_mount() { config ".mounts += [$1]"; }

with_userns() {
	config '.linux.namespaces += [{"type": "user"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
		| .linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'
	chown -R 100000:200000 "$ROOTFS"
}

# --- the runtime ----------------------------------------------------------------------------------

# hako ARG…: the runtime under test with this test's state directory. Its standard input is empty
# unless the caller gives one (bats' own may be anything).
hako() {
	HAKO_TEST=$MARK timeout -k 5 "$HAKO_TIMEOUT" "$HAKO" --root "$ROOT" "$@"
}

# hako_run [VERB ARG…]: sets what the probe does and runs the container in the foreground.
hako_run() {
	[ $# -eq 0 ] || probe "$@" || return
	hako run --bundle "$BUNDLE" "$ID" </dev/null
}

# hako_apart ARG…: for commands that leave a container behind. What it and the container say goes to
# $TESTDIR/out: a container would keep the pipe of bats' `run` open.
hako_apart() {
	local status=0
	hako "$@" </dev/null >"$TESTDIR/out" 2>&1 || status=$?
	[ $status -eq 0 ] || cat "$TESTDIR/out"
	return $status
}

# hako_create [VERB ARG…]: a created container.
hako_create() {
	[ $# -eq 0 ] || probe "$@" || return
	hako_apart create --bundle "$BUNDLE" "$ID"
}

# hako_detached VERB…: a running container.
hako_detached() {
	hako_create "$@" && hako start "$ID"
}

state_of() { hako state "$1" | jq -r "${2:-.status}"; }

is_state() { [ "$(state_of "$1")" = "$2" ]; }

# init_pid [ID]: fails when there is none: kill(1) of 0 would end this test's own process group.
init_pid() {
	local pid
	pid=$(state_of "${1:-$ID}" .pid)
	[ "${pid:-0}" -gt 1 ] || fail "no init: pid '$pid'" >&2 || return 1
	echo "$pid"
}

# kill_init [ID]: from outside, as the kernel's out-of-memory killer would.
kill_init() {
	local pid
	pid=$(init_pid "$@") && kill -KILL "$pid"
}

# patience SECONDS: this test's commands may take that long, where others have 20 (or, on a slow
# machine, in the same proportion).
patience() { HAKO_TIMEOUT=$((HAKO_TIMEOUT * $1 / 20)); }

# eventually COMMAND…: succeeds as soon as the command does, fails after half the time of a command.
eventually() {
	local i
	for ((i = 0; i < HAKO_TIMEOUT * 10; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	echo "# never came true: $*"
	return 1
}

# --- assertions (they say what they saw) ----------------------------------------------------------

fail() {
	echo "# $*"
	return 1
}

show() {
	echo "# status ${status:-?}, output:"
	# shellcheck disable=SC2001 # each line
	sed 's/^/#   /' <<<"${output:-}"
}

# succeeds / fails_with STATUS / fails: about the last `run`.
succeeds() { [ "$status" -eq 0 ] || { show; return 1; }; }
fails() {
	# 124 and 137: it hung. Signals are not an orderly failure either.
	[ "$status" -gt 0 ] && [ "$status" -lt 124 ] || { show; return 1; }
	[ -n "$output" ] || { fail "failed without a word"; return 1; }
}
exits() { [ "$status" -eq "$1" ] || { show; fail "expected status $1"; }; }
says() {
	local text
	for text in "$@"; do
		[[ $output == *"$text"* ]] || { show; fail "not said: $text"; return 1; }
	done
}
says_not() {
	local text
	for text in "$@"; do
		[[ $output != *"$text"* ]] || { show; fail "said: $text"; return 1; }
	done
}
# has_line TEXT…: a whole line.
has_line() {
	local text
	for text in "$@"; do
		grep -qxF -- "$text" <<<"$output" || { show; fail "no line: $text"; return 1; }
	done
}
is_output() { [ "$output" = "$1" ] || { show; fail "expected exactly: $1"; }; }
matches() { grep -qE -- "$1" <<<"$output" || { show; fail "no match: $1"; }; }

# --- nothing left ---------------------------------------------------------------------------------

cgroup_dirs() {
	[ -d /sys/fs/cgroup ] && find /sys/fs/cgroup -type d -path "*$MARK*" 2>/dev/null
	return 0
}

# A runtime, helper or payload of this test has the mark in its environment or is in a cgroup of it.
# Zombies await their parent, which is this shell. In a subshell, where no variable with the mark is
# exported: what is executed here is not to be found.
marked_pids() (
	for name in $(compgen -e); do
		[[ ${!name} != *"$MARK"* ]] || export -n "${name?}"
	done
	grep -lsaF "$MARK" /proc/[0-9]*/environ /proc/[0-9]*/cgroup | while read -r file; do
		pid=${file#/proc/}
		pid=${pid%%/*}
		# (one that is gone by now has no state at all)
		! grep -qs '^State:.[^ZX]' "/proc/$pid/status" || echo "$pid"
	done | sort -u
)

# What a container of this test could leave behind; equal before and after = nothing left.
snapshot() {
	echo "state:"
	# The cache of compiled filters outlives containers, as it shall.
	find "$ROOT" -mindepth 1 -not -path "$ROOT/.seccomp*" 2>/dev/null | sort
	echo "cgroups:"
	cgroup_dirs | sort
	echo "mounts:"
	grep -F "$MARK" /proc/self/mountinfo || true
	echo "processes:"
	marked_pids
}

nothing_left() {
	local i
	for ((i = 0; i < HAKO_TIMEOUT * 2; i++)); do
		[ "$(snapshot)" != "$BEFORE" ] || return 0
		sleep 0.05
	done
	echo "# left behind:"
	diff <(echo "$BEFORE") <(snapshot) | sed 's/^/#   /'
	for i in $(marked_pids); do
		echo "#   $i is $(tr '\0' ' ' <"/proc/$i/cmdline" 2>/dev/null)," \
			"$(sed -n 's/^State:.//p' "/proc/$i/status" 2>/dev/null)"
	done
	return 1
}

# For what ends by itself, some time after the command.
gone() { [ "$(snapshot)" = "$BEFORE" ]; }

# --- teardown: ends and removes this test's own things, whatever state they are in ----------------

clean_up() {
	local d pid i
	[ -n "${TESTDIR:-}" ] || return 0
	for d in "$ROOT"/*/; do
		[ ! -d "$d" ] || hako delete --force "$(basename "$d")" >/dev/null 2>&1 \
			</dev/null || true
	done
	for pid in $(marked_pids); do
		kill -KILL "$pid" 2>/dev/null || true
	done
	for d in $(awk -v m="$MARK" 'index($5, m) { print $5 }' /proc/self/mountinfo | sort -r); do
		umount -l "$d" 2>/dev/null || true
	done
	for ((i = 0; i < 20; i++)); do
		[ -n "$(cgroup_dirs)" ] || break
		cgroup_dirs | sort -r | xargs -r rmdir 2>/dev/null && break
		sleep 0.05
	done
	rm -rf --one-file-system "$TESTDIR"
}

# --- cgroups --------------------------------------------------------------------------------------

# cgroup_root CONTROLLER: where the hierarchy with this controller is mounted, "" if nowhere.
# "unified" names the cgroup2 hierarchy itself.
cgroup_root() {
	local dir=/sys/fs/cgroup
	if [ "$1" = unified ]; then
		[ "$(cgroup_mode)" != unified ] || echo $dir
		[ "$(cgroup_mode)" != hybrid ] || echo $dir/unified
	elif [ "$(cgroup_mode)" = unified ]; then
		grep -qw "$1" $dir/cgroup.controllers && echo $dir
	elif [ -d "$dir/$1" ]; then
		echo "$dir/$1"
	fi
	return 0
}

# cgroup_of CONTROLLER PID: the directory of a process.
cgroup_of() {
	local path
	if [ "$1" = unified ] || [ "$(cgroup_mode)" = unified ]; then
		path=$(sed -n 's/^0:://p' "/proc/$2/cgroup")
	else
		path=$(awk -F: -v c="$1" '("," $2 ",") ~ ("," c ",") { print $3 }' \
			"/proc/$2/cgroup")
	fi
	echo "$(cgroup_root "$1")$path"
}

# in_terminal COMMAND…: under script(1), with nobody at the keyboard. At the end of its input script
# types an end-of-file character, which shows up anywhere in the output: there is no end. The line
# is quoted as bash reads it, so bash must run it, where the environment names no SHELL too.
in_terminal() {
	local line
	printf -v line '%q ' "$@"
	[ -p "$TESTDIR/keyboard" ] || mkfifo "$TESTDIR/keyboard"
	SHELL=$BASH timeout "${HAKO_TIMEOUT:-20}" script -qec "$line" /dev/null \
		<>"$TESTDIR/keyboard"
}
