# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the engine tests share: an image of busybox made here, without any registry.

load ../integration/helpers

IMAGE=localhost/hako-test:latest

# engine_dir: TESTDIR for an engine's private storage, and the mark to find what it leaves.
engine_dir() {
	requires root busybox jq "$@"
	[ -x "$HAKO" ] || skip "needs $HAKO"
	TESTDIR=$(mktemp -d "${TMPDIR:-/tmp}/hako-it-XXXXXX")
	chmod 755 "$TESTDIR"
	MARK=${TESTDIR##*/}
	# shellcheck disable=SC2034 # for clean_up
	ROOT=$TESTDIR/none
	mkdir "$TESTDIR/image" "$TESTDIR/image"/{bin,dev,etc,proc,sys,tmp,root}
	cp "$(busybox_path)" "$TESTDIR/image/bin/busybox"
	for applet in sh true false cat echo id sleep env hostname mount stat dd ls wc; do
		ln -s busybox "$TESTDIR/image/bin/$applet"
	done
	printf 'root:x:0:0:root:/root:/bin/sh\nwww:x:33:33:www:/:/bin/sh\n' \
		>"$TESTDIR/image/etc/passwd"
	printf 'root:x:0:\nwww:x:33:\n' >"$TESTDIR/image/etc/group"
}

# blob FILE: moves it into the archive; prints "DIGEST SIZE".
blob() {
	local sum
	sum=$(sha256sum "$1" | cut -d' ' -f1)
	stat -c "sha256:$sum %s" "$1"
	mv "$1" "$TESTDIR/oci/blobs/sha256/$sum"
}

# oci_archive FILE: the image as an OCI archive, written by hand.
oci_archive() {
	local t=$TESTDIR layer config manifest arch
	mkdir -p "$t/oci/blobs/sha256"
	tar -C "$t/image" -cf "$t/layer" .
	layer=$(blob "$t/layer")
	arch=$(dpkg --print-architecture 2>/dev/null || echo amd64)
	jq -nc --arg d "${layer% *}" --arg a "$arch" \
		'{architecture: $a, os: "linux", config: {Env: ["PATH=/bin"], Cmd: ["sh"]},
		rootfs: {type: "layers", diff_ids: [$d]}}' >"$t/json"
	config=$(blob "$t/json")
	# shellcheck disable=SC2016 # jq
	jq -nc --arg c "$config" --arg l "$layer" 'def d($t; $s): ($s / " ") as $p
			| {mediaType: ("application/vnd.oci.image." + $t), digest: $p[0],
				size: ($p[1] | tonumber)};
		{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
		config: d("config.v1+json"; $c), layers: [d("layer.v1.tar"; $l)]}' >"$t/json"
	manifest=$(blob "$t/json")
	# shellcheck disable=SC2016 # jq
	jq -nc --arg m "$manifest" --arg n "$IMAGE" '($m / " ") as $p |
		{schemaVersion: 2, manifests: [{
		mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $p[0],
		size: ($p[1] | tonumber), annotations: {"io.containerd.image.name": $n,
			"org.opencontainers.image.ref.name": $n}}]}' >"$t/oci/index.json"
	echo '{"imageLayoutVersion":"1.0.0"}' >"$t/oci/oci-layout"
	tar -C "$t/oci" -cf "$1" .
}

# Neither a mount below our directory nor a cgroup of a container with our mark as its id. (The
# directory of containerd's name space stays, as with every runtime: it is not the container's.)
engine_left_nothing() {
	! grep -F "$TESTDIR" /proc/self/mountinfo || return 1
	[ -z "$(cgroup_dirs | grep -E "/$MARK/$MARK|libpod")" ]
}
