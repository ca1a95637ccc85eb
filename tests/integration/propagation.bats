#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Mount propagation: of the root and of single mounts, tried with real mounts in both directions.

load helpers
setup() {
	bundle_new
	config '.root.readonly = false'
	mkdir "$TESTDIR/vol"
	mount -t tmpfs tmpfs "$TESTDIR/vol"
	mount --make-shared "$TESTDIR/vol"
	mkdir "$TESTDIR/vol/host" "$TESTDIR/vol/cont"
	BEFORE=$(snapshot)
}
teardown() {
	umount -R "$TESTDIR/vol" 2>/dev/null || true
	clean_up
}

volume() {
	add_mount '{destination: "/vol",
		source: "'"$TESTDIR/vol"'", options: ["rbind"'"${1:+, \"$1\"}"']}'
	config '.process.capabilities[] += ["CAP_SYS_ADMIN"]'
}

# What the container then sees of a mount made on the host, and the host of one made inside.
exchange() {
	hako_detached wait-for /vol/go \; mounts /vol/host \; mount tmpfs /vol/cont \
		\; write /vol/done x \; pause
	mount -t tmpfs hosttmpfs "$TESTDIR/vol/host"
	touch "$TESTDIR/vol/go"
	eventually test -e "$TESTDIR/vol/done"
	host_reaches_container=no container_reaches_host=no
	if grep -q '^/vol/host tmpfs' "$TESTDIR/out"; then host_reaches_container=yes; fi
	if grep -q " $TESTDIR/vol/cont " /proc/self/mountinfo; then container_reaches_host=yes; fi
	umount "$TESTDIR/vol/cont" 2>/dev/null || true
	umount "$TESTDIR/vol/host"
	hako delete --force "$ID"
	echo "# host → container: $host_reaches_container," \
		"container → host: $container_reaches_host"
}

@test "by default nothing passes from the container to the host" {
	volume
	exchange
	[ $container_reaches_host = no ]
}

@test "rprivate: nothing passes" {
	volume rprivate
	exchange
	[ $host_reaches_container$container_reaches_host = nono ]
}

@test "rslave: from the host to the container only" {
	config '.linux.rootfsPropagation = "rslave"'
	volume rslave
	exchange
	[ $host_reaches_container$container_reaches_host = yesno ]
}

@test "rshared: both ways" {
	config '.linux.rootfsPropagation = "rshared"'
	volume rshared
	exchange
	[ $host_reaches_container$container_reaches_host = yesyes ]
}

@test "the options of a mount show in its mountinfo" {
	for pair in shared:shared: slave:master: private:private unbindable:unbindable; do
		cp "$CONFIG" "$TESTDIR/keep"
		config '.linux.rootfsPropagation = "rslave"'
		volume "${pair%%:*}"
		run hako_run mounts /vol
		succeeds
		matches " ${pair#*:}"
		cp "$TESTDIR/keep" "$CONFIG"
	done
}

@test "rootfsPropagation: shared, slave, private, unbindable really are" {
	for pair in shared:shared: rshared:shared: private:private rprivate:private \
		unbindable:unbindable; do
		config ".linux.rootfsPropagation = \"${pair%%:*}\""
		run hako_run mounts /
		succeeds
		matches " ${pair#*:}"
	done
	# A slave of the host's file system when that is shared, else private.
	config '.linux.rootfsPropagation = "rslave"'
	run hako_run mounts /
	succeeds
	matches ' (master:[0-9]+|private)$'
	nothing_left
}

@test "an unknown propagation is refused with its path" {
	requires hako
	config '.linux.rootfsPropagation = "sideways"'
	run hako_run true
	fails
	says linux.rootfsPropagation sideways
	nothing_left
}

@test "org.hako.rootfs.propagation: shared inside, a slave of the host's" {
	requires hako
	mkdir "$TESTDIR/volume"
	mount -t tmpfs hako-test "$TESTDIR/volume"
	mount --make-shared "$TESTDIR/volume"
	mkdir "$TESTDIR/volume/sub"
	config '.linux.rootfsPropagation = "rslave"
		| .annotations["org.hako.rootfs.propagation"] = "shared"
		| .mounts += [{destination: "/volume", source: $source, options: ["rbind"]}]' \
		--arg source "$TESTDIR/volume"
	run hako_run mounts / \; mounts /volume
	umount "$TESTDIR/volume"
	succeeds
	matches '^/ .* shared:[0-9]+'
	matches '^/volume .* shared:[0-9]+ master:[0-9]+$'
	config '.annotations["org.hako.rootfs.propagation"] = "private"'
	run hako_run true
	fails
	says org.hako.rootfs.propagation "expected shared"
	nothing_left
}
