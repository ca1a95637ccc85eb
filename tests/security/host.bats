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
	# what is known to be a container's goes whole
	hako_create true
	touch "$ROOT/$ID/file"
	hako delete "$ID"
	[ ! -e "$ROOT/$ID" ]
}

@test "a state directory that another user could replace" {
	mkdir -m 755 "$TESTDIR/theirs" "$TESTDIR/open" "$TESTDIR/sticky"
	mkdir -m 700 "$TESTDIR/theirs/state"
	chown $OTHER "$TESTDIR/theirs"
	chmod 777 "$TESTDIR/open"
	chmod 1777 "$TESTDIR/sticky"
	ROOT=$TESTDIR/open/new
	run hako_run true
	fails
	says "state directory '$ROOT' is in a directory where anybody"
	[ -z "$(ls -A "$ROOT")" ]
	# who is told so may know why
	ROOT=$TESTDIR/theirs/state
	run hako_run true
	succeeds
	says "state directory '$ROOT' is in one of uid $OTHER"
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
	chown -h $OTHER "$TESTDIR/link"
	for name in fifo link; do
		quickly "$HAKO" --root "$ROOT" --log "$TESTDIR/$name" state none
		fails
		says "open log '$TESTDIR/$name'"
	done
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
		says "console '$TESTDIR/console'"
		unharmed
	done
	# devices have links that are meant
	ln -sfn /dev/null "$TESTDIR/console"
	hako_apart run --detach --bundle "$BUNDLE" "$ID"
	eventually gone || nothing_left
}

@test "logs behind links that are ours, or the system's" {
	ln -s "$TESTDIR/elsewhere" "$TESTDIR/link"
	hako --log "$TESTDIR/link" state none || true
	grep -q "container 'none' does not exist" "$TESTDIR/elsewhere"
	for name in /dev/stdout /dev/fd/1 /proc/self/fd/1; do
		"$HAKO" --root "$ROOT" --log "$name" state none 2>/dev/null |
			grep -q "container 'none' does not exist"
	done
	# anybody could exchange the link
	chmod 777 "$TESTDIR"
	quickly "$HAKO" --root "$ROOT" --log "$TESTDIR/link" state none
	fails
	says "open log '$TESTDIR/link'"
	chmod 755 "$TESTDIR"
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

@test "HOME: what is no file is not opened" {
	mkfifo -m 666 "$TESTDIR/fifo"
	rm "$ROOTFS/etc/passwd"
	ln "$TESTDIR/fifo" "$ROOTFS/etc/passwd"
	config '.process.env |= map(select(startswith("HOME=") | not))'
	HAKO_TEST=$MARK bash -c 'echo >"$1"' - "$TESTDIR/fifo" 3>&- &
	run hako_run env HOME
	says "HOME=/"
	# nobody has let the writer go before
	[ "$(timeout 20 cat "$TESTDIR/fifo" | wc -c)" -eq 1 ]
	wait $!
	rm "$ROOTFS/etc/passwd"
	mknod -m 666 "$ROOTFS/etc/passwd" c 1 5
	run hako_run env HOME
	says "HOME=/"
}

# Whoever opens the fifo to read lets the container's writer go on.
@test "lxc attach: the shell is looked up in a file, and in nothing else" {
	requires busybox
	writable_root
	mkfifo "$ROOTFS/etc/fifo"
	ln -sf fifo "$ROOTFS/etc/passwd"
	shell ': >/tmp/waits; echo root:x:0:0::/:/bin/nosuch >/etc/fifo; : >/tmp/opened
		while :; do sleep 1000; done'
	hako_apart run --detach --bundle "$BUNDLE" "$ID"
	eventually test -e "$ROOTFS/tmp/waits"
	run hako lxc attach -n "$ID" </dev/null
	succeeds
	# a device, which the container may not open itself
	[ ! -e "$ROOTFS/tmp/opened" ]
	rm "$ROOTFS/etc/passwd"
	mknod "$ROOTFS/etc/passwd" c 1 5
	run hako lxc attach -n "$ID" </dev/null
	succeeds
	rm "$ROOTFS/etc/passwd"
	echo root:x:0:0::/:/bin/nosuch >"$ROOTFS/etc/passwd"
	run -127 hako lxc attach -n "$ID" </dev/null
	hako delete --force "$ID"
	unharmed
}

# ---- configurations of others, read by root ----

# theirs LINE…: a configuration of another user, in a directory of his.
theirs() {
	mkdir -p "$TESTDIR/lxc/c1" "$TESTDIR/lxc/c1/rootfs"
	printf '%s\n' "$@" >"$TESTDIR/lxc/c1/config"
	chown -R $OTHER:$OTHER "$TESTDIR/lxc"
	chmod 711 "$TESTDIR"
}

@test "a configuration of another user names files that he cannot read" {
	for what in "lxc.include = $TESTDIR/secret" "lxc.include = $TESTDIR/secrets/" \
		"lxc.mount.fstab = $TESTDIR/secret" "lxc.seccomp.profile = $TESTDIR/secret"; do
		rm -rf "$TESTDIR"/{lxc,out,secret,secrets}
		mkdir -m 700 "$TESTDIR/secrets"
		echo "root:SECRET:1" | tee "$TESTDIR/secret" >"$TESTDIR/secrets/a.conf"
		chmod 600 "$TESTDIR/secret"
		theirs "$what" "lxc.rootfs.path = dir:$TESTDIR/lxc/c1/rootfs"
		run "$HAKO" lxc convert -o "$TESTDIR/out" --allow LXC-W331 "$TESTDIR/lxc/c1/config"
		fails
		says "ermission denied"
		says_not SECRET
		[ ! -e "$TESTDIR/out" ]
		run "$HAKO" lxc check "$TESTDIR/lxc/c1/config"
		says_not SECRET
		# what he can read is read, and so is everything when it is ours
		chmod 644 "$TESTDIR/secret"
		chmod 755 "$TESTDIR/secrets"
		run "$HAKO" lxc check "$TESTDIR/lxc/c1/config"
		says_not "ermission denied"
		chmod -R go= "$TESTDIR/secret" "$TESTDIR/secrets"
		chown -R 0:0 "$TESTDIR/lxc"
		run "$HAKO" lxc check "$TESTDIR/lxc/c1/config"
		says_not "ermission denied"
	done
}

@test "a configuration of another user imports nothing of our environment" {
	theirs "lxc.environment = HAKO_SECRET" "lxc.rootfs.path = dir:$TESTDIR/lxc/c1/rootfs"
	HAKO_SECRET=SECRET run "$HAKO" lxc convert -o "$TESTDIR/out" "$TESTDIR/lxc/c1/config"
	fails
	says "'HAKO_SECRET' is not set where it should be imported from"
	says_not =SECRET
	chown -R 0:0 "$TESTDIR/lxc"
	HAKO_SECRET=SECRET run "$HAKO" lxc convert -o "$TESTDIR/out" "$TESTDIR/lxc/c1/config"
	succeeds
	rm -r "$TESTDIR/out"
	theirs "lxc.environment = TERM" "lxc.rootfs.path = dir:$TESTDIR/lxc/c1/rootfs"
	TERM=xterm run "$HAKO" lxc convert -o "$TESTDIR/out" "$TESTDIR/lxc/c1/config"
	succeeds
}

@test "a configuration that is a link of another user" {
	echo "root:SECRET:1" >"$TESTDIR/secret"
	chmod 600 "$TESTDIR/secret"
	theirs
	ln -sf "$TESTDIR/secret" "$TESTDIR/lxc/c1/config"
	chown -h $OTHER "$TESTDIR/lxc/c1/config"
	run "$HAKO" lxc check "$TESTDIR/lxc/c1/config"
	says "ermission denied"
	says_not SECRET
	run "$HAKO" lxc check --all --lxcpath "$TESTDIR/lxc"
	says_not SECRET
}

@test "a configuration that is a fifo, and names fifos and devices" {
	theirs "lxc.uts.name = x"
	for name in config config.d profile; do
		rm -f "$TESTDIR/lxc/c1/$name"
		mkfifo -m 666 "$TESTDIR/lxc/c1/$name"
	done
	# held open, so that whoever reads waits
	exec 7<>"$TESTDIR/lxc/c1/config" 8<>"$TESTDIR/lxc/c1/profile"
	quickly "$HAKO" lxc check --all --lxcpath "$TESTDIR/lxc"
	quickly "$HAKO" lxc ls -P "$TESTDIR/lxc" --fancy
	rm "$TESTDIR/lxc/c1/config"
	mknod "$TESTDIR/lxc/c1/node" c 10 130
	chmod 666 "$TESTDIR/lxc/c1/node"
	for what in "lxc.include = $TESTDIR/lxc/c1/config.d" "lxc.include = $TESTDIR/lxc/c1/node" \
		"lxc.mount.fstab = $TESTDIR/lxc/c1/profile" \
		"lxc.seccomp.profile = $TESTDIR/lxc/c1/node" \
		"lxc.seccomp.profile = $TESTDIR/lxc/c1/profile"; do
		rm -f "$TESTDIR/lxc/c1/config"
		theirs "$what"
		quickly "$HAKO" lxc check "$TESTDIR/lxc/c1/config"
		matches "not a regular file|nvalid argument"
	done
}

@test "--include-root is for seccomp profiles as well" {
	theirs "lxc.seccomp.profile = /etc/passwd" "lxc.rootfs.path = dir:$TESTDIR/lxc/c1/rootfs"
	mkdir "$TESTDIR/below"
	run "$HAKO" lxc check --include-root "$TESTDIR/below" "$TESTDIR/lxc/c1/config"
	says "read profile '/etc/passwd': No such file or directory"
}

# Deeper than a tmpcopyup goes.
@test "names of files in an error do not steer the terminal" {
	local deep=$ROOTFS/up
	for _ in {1..70}; do deep+=/$'\e[31m'; done
	mkdir -p "$deep"
	add_mount '{type: "tmpfs", source: "tmpfs", destination: "/up", options: ["tmpcopyup"]}'
	for log in "" "--log=$TESTDIR/log"; do
		run hako ${log:+"$log"} run --bundle "$BUNDLE" "$ID"
		fails
		says 'copy '"'/up" '\x1b[31m'
		! grep -q $'\e' <<<"$output" || fail "as it is"
	done
	unharmed
}

@test "names of containers do not steer the terminal" {
	theirs "lxc.uts.name = x"
	mv "$TESTDIR/lxc/c1" "$TESTDIR/lxc/"$'a\e[31m\nb'
	for how in -1 --fancy; do
		run "$HAKO" lxc ls -P "$TESTDIR/lxc" $how
		says 'a\x1b[31m\x0ab'
	done
}

@test "names of containers are no commands of the shell" {
	theirs "lxc.uts.name = x"
	cp -a "$TESTDIR/lxc/c1" "$TESTDIR/lxc/"'$(touch x)'
	run "$HAKO" complete -- lxc start -P "$TESTDIR/lxc" -n ''
	says c1
	says_not touch
}

@test "names of containers add nothing to the units of systemd" {
	theirs "lxc.start.auto = 1" "lxc.rootfs.path = dir:$TESTDIR/lxc/c1/rootfs"
	run "$HAKO" lxc units -P "$TESTDIR/lxc"
	says "ExecStart="
	mv "$TESTDIR/lxc/c1" "$TESTDIR/lxc/"$'a\nExecStartPre=evil'
	mkdir "$TESTDIR/units"
	run "$HAKO" lxc units -P "$TESTDIR/lxc" --output "$TESTDIR/units"
	fails
	says "cannot be a container's name"
	[ -z "$(ls "$TESTDIR/units")" ]
}

# The report is read by nobody, so the bundle goes again; meanwhile its name leads elsewhere.
@test "a bundle is not taken back through a directory that has been replaced" {
	mkdir -p "$TESTDIR/theirs" "$TESTDIR/victim/out" "$TESTDIR/elsewhere"
	echo kept >"$TESTDIR/victim/out/file"
	mkfifo "$TESTDIR/report"
	{
		echo "lxc.rootfs.path = dir:/"
		for n in {1..2000}; do echo "lxc.environment = A_LONG_VARIABLE_NAME_$n=value"; done
	} >"$TESTDIR/config"
	(
		trap '' PIPE
		HAKO_TEST=$MARK exec "$HAKO" lxc convert --name x -o "$TESTDIR/theirs/out" \
			"$TESTDIR/config" >"$TESTDIR/report" 2>"$TESTDIR/err" 3>&- 7>&- 8>&-
	) &
	# what fits into the pipe is not all of it
	exec 8<"$TESTDIR/report"
	eventually test -e "$TESTDIR/theirs/out/config.json"
	mv "$TESTDIR/theirs" "$TESTDIR/elsewhere/theirs"
	ln -s victim "$TESTDIR/theirs"
	exec 8<&-
	! wait $! || fail "written to nobody"
	[ "$(cat "$TESTDIR/victim/out/file")" = kept ]
}
