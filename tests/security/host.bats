#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What root reads, writes and removes on the host where somebody else has been first.

load security
setup() { security_new; }
teardown() {
	exec 7>&- 8>&- 2>/dev/null || true
	clean_up
}

OTHER=12345

# quickly COMMAND…: as run, and it does not wait for anybody.
quickly() {
	run timeout 10 "$@"
	[ "$status" -ne 124 ] || { show; fail "it waits"; }
}

# ---- the state directory ----

@test "delete --force removes no directory that is not a container's" {
	mkdir -p "$ROOT/bundle/rootfs"
	echo '{}' >"$ROOT/bundle/config.json"
	before=$(find "$ROOT" | sort)
	run hako delete --force bundle
	fails
	says "'rootfs' in it is none of ours"
	[ "$(find "$ROOT" | sort)" = "$before" ]
	rm -r "$ROOT/bundle"
	# what a crash leaves
	mkdir "$ROOT/empty" "$ROOT/broken"
	echo '{' >"$ROOT/broken/status.json"
	echo x >"$ROOT/broken/.tmp-1-2-3"
	hako delete --force empty
	hako delete --force broken
	[ -z "$(ls "$ROOT")" ]
}

@test "a state directory that another user could replace" {
	mkdir -m 755 "$TESTDIR/theirs" "$TESTDIR/open" "$TESTDIR/sticky"
	mkdir -m 700 "$TESTDIR/theirs/state"
	chown $OTHER "$TESTDIR/theirs"
	chmod 777 "$TESTDIR/open"
	chmod 1777 "$TESTDIR/sticky"
	for ROOT in "$TESTDIR/theirs/state" "$TESTDIR/theirs/new" "$TESTDIR/open/new"; do
		run hako_run true
		fails
		says "state directory '$ROOT' is in a directory"
		[ -z "$(ls -A "$ROOT")" ]
	done
	ROOT=$TESTDIR/sticky/new
	hako_run true
	ln -s "$ROOT" "$TESTDIR/link"
	ROOT=$TESTDIR/link
	hako_run true
	chown -h $OTHER "$ROOT"
	run hako_run true
	fails
	says "open state directory '$ROOT'"
}

# ---- what is written to by name ----

@test "logs where somebody has put a fifo or a link" {
	mkfifo "$TESTDIR/fifo"
	ln -s "$HOST/file" "$TESTDIR/link"
	quickly "$HAKO" --root "$ROOT" --log "$TESTDIR/fifo" state none
	fails
	quickly "$HAKO" --root "$ROOT" --log "$TESTDIR/link" state none
	fails
	# one that is read is a log like others
	exec 7<>"$TESTDIR/fifo"
	quickly "$HAKO" --root "$ROOT" --log "$TESTDIR/fifo" state none
	says "container 'none' does not exist"
	read -r -t 5 line <&7
	[[ $line == *"container 'none' does not exist"* ]]
	exec 7>&-
	for name in fifo link; do
		config '.annotations = {"run.oci.hooks.stdout": $f}
			| .hooks = {prestart: [{path: "/bin/echo", args: ["echo", "hook"]}]}' \
			--arg f "$TESTDIR/$name"
		probe true
		quickly "$HAKO" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
		fails
		says "open '$TESTDIR/$name' for the output of hooks"
	done
	unharmed
}

@test "org.hako.console.path: a link to a file is not followed" {
	config '.process.terminal = true | .annotations = {"org.hako.console.path": $f}' \
		--arg f "$TESTDIR/console"
	for target in "$HOST/file" "$HOST/new"; do
		ln -sfn "$target" "$TESTDIR/console"
		probe echo from the container
		quickly env HAKO_TEST="$MARK" "$HAKO" --root "$ROOT" run --detach \
			--bundle "$BUNDLE" "$ID"
		fails
		says "open console '$TESTDIR/console'"
		unharmed
	done
	# devices have links that are meant
	ln -sfn /dev/null "$TESTDIR/console"
	hako_apart run --detach --bundle "$BUNDLE" "$ID"
	eventually gone || nothing_left
}

# ---- the container's /etc/passwd ----

# A line of /proc/self/mounts that looks like one of root's.
@test "HOME: no user is looked up in a file of procfs" {
	ln -sf /proc/self/mounts "$ROOTFS/etc/passwd"
	add_mount '{type: "tmpfs", source: "x:x:0:0::/evil:", destination: "/tmp"}'
	config '.process.env |= map(select(startswith("HOME=") | not))'
	run hako_run env HOME
	says "HOME=/"
	says_not evil
	hako_detached pause
	run hako exec "$ID" /init env HOME
	says "HOME=/"
	says_not evil
	hako delete --force "$ID"
	unharmed
}
