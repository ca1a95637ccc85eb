# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the engine tests share: an image of busybox made here, without any registry.

load ../integration/helpers

IMAGE=localhost/hako-test:latest

# A file of tests says what it needs as ENGINE_NEEDS. setup_file begins with
#	engine_dir || return 0
# which makes TESTDIR for the engine's private storage, one for all tests of the file, and the mark
# to find what it leaves; and setup with engine_test, which skips with the reason.
engine_dir() {
	local name
	for name in busybox jq ${ENGINE_NEEDS:?}; do
		case $name in
		root) [ "$(id -u)" -eq 0 ] ;;
		userns) unshare --user true 2>/dev/null ;;
		python3-grpc) python_has_grpc ;;
		busybox) [ -n "$(busybox_path)" ] ;;
		*) have "$name" ;;
		esac || return 1
	done
	# Short: sockets are in there.
	TESTDIR=$(mktemp -d "${TMPDIR:-/tmp}/hako-it-XXXXXX")
	chmod 755 "$TESTDIR"
	MARK=${TESTDIR##*/}
	ROOT=$TESTDIR/none
	export TESTDIR MARK ROOT IMAGE HAKO
	mkdir "$TESTDIR/image" "$TESTDIR/image"/{bin,dev,etc,proc,sys,tmp,root}
	chmod 1777 "$TESTDIR/image/tmp"
	cp "$(busybox_path)" "$TESTDIR/image/bin/busybox"
	for applet in sh true false cat echo id sleep env hostname mount stat dd ls wc grep mkdir \
		mknod readlink ps; do
		ln -s busybox "$TESTDIR/image/bin/$applet"
	done
	printf 'root:x:0:0:root:/root:/bin/sh\nwww:x:33:33:www:/:/bin/sh\n' \
		>"$TESTDIR/image/etc/passwd"
	printf 'root:x:0:\nwww:x:33:\n' >"$TESTDIR/image/etc/group"
}

engine_test() {
	local name
	for name in busybox jq ${ENGINE_NEEDS:?}; do
		case $name in
		python3-grpc) python_has_grpc ||
			skip_or_fail "needs grpc and protobuf of python3" ;;
		*) requires "$name" ;;
		esac
	done
	[ -x "$HAKO" ] || skip "needs $HAKO"
}

# The distribution's python3 is the one whose modules are packages.
python_has_grpc() { /usr/bin/python3 -c 'import grpc, google.protobuf' 2>/dev/null; }

# podman_config MANAGER: sets CONTAINERS_CONF and PODMAN_ARGS.
podman_config() {
	# As much as this machine may give; podman's own default needs CAP_SYS_RESOURCE.
	cat >"$TESTDIR/containers.conf" <<-EOT
		[containers]
		default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=1000:1000"]
		[engine]
		cgroup_manager = "$1"
		events_logger = "none"
		runtime_supports_json = ["$(basename "$HAKO")"]
	EOT
	export CONTAINERS_CONF=$TESTDIR/containers.conf
	export PODMAN_ARGS="--root $TESTDIR/storage --runroot $TESTDIR/run --tmpdir $TESTDIR/tmp \
		--storage-driver vfs --runtime $HAKO"
}

# with_ranges UID COMMAND…: with a user of the name hako-lab, and ranges of ids for him and for
# podman's "containers", in a mount namespace that sees other files: the host's stay as they are.
with_ranges() {
	local uid=$1 file
	shift
	mkdir -p "$TESTDIR/etc"
	{ cat /etc/passwd; echo "hako-lab:x:$uid:$uid::/:/bin/sh"; } >"$TESTDIR/etc/passwd"
	for file in subuid subgid; do
		printf '%s\n' hako-lab:300000:65536 containers:400000:1000000 \
			>"$TESTDIR/etc/$file"
	done
	# shellcheck disable=SC2016 # for the other shell
	unshare --mount --propagation slave sh -ec 'dir=$1; shift
		for f in passwd subuid subgid; do
			[ -e "/etc/$f" ] || : >"/etc/$f"
			mount --bind "$dir/$f" "/etc/$f"
		done
		exec "$@"' - "$TESTDIR/etc" "$@"
}

podman_() {
	# shellcheck disable=SC2086 # words
	timeout -k 5 "${ENGINE_TIMEOUT:-60}" podman $PODMAN_ARGS "$@"
}

# blob FILE: moves it into the archive; prints "DIGEST SIZE".
blob() {
	local sum
	sum=$(sha256sum "$1" | cut -d' ' -f1)
	stat -c "sha256:$sum %s" "$1"
	mv "$1" "$TESTDIR/oci/blobs/sha256/$sum"
}

# oci_archive FILE NAME COMMAND…: the image as an OCI archive, written by hand.
oci_archive() {
	local t=$TESTDIR file=$1 name=$2 layer config manifest arch
	shift 2
	mkdir -p "$t/oci/blobs/sha256"
	tar -C "$t/image" -cf "$t/layer" .
	layer=$(blob "$t/layer")
	arch=$(dpkg --print-architecture 2>/dev/null || echo amd64)
	# shellcheck disable=SC2016 # jq
	jq -nc --arg d "${layer% *}" --arg a "$arch" '{architecture: $a, os: "linux",
		config: {Env: ["PATH=/bin"], Cmd: $ARGS.positional},
		rootfs: {type: "layers", diff_ids: [$d]}}' --args "$@" >"$t/json"
	config=$(blob "$t/json")
	# shellcheck disable=SC2016 # jq
	jq -nc --arg c "$config" --arg l "$layer" 'def d($t; $s): ($s / " ") as $p
			| {mediaType: ("application/vnd.oci.image." + $t), digest: $p[0],
				size: ($p[1] | tonumber)};
		{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
		config: d("config.v1+json"; $c), layers: [d("layer.v1.tar"; $l)]}' >"$t/json"
	manifest=$(blob "$t/json")
	# shellcheck disable=SC2016 # jq
	jq -nc --arg m "$manifest" --arg n "$name" '($m / " ") as $p |
		{schemaVersion: 2, manifests: [{
		mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $p[0],
		size: ($p[1] | tonumber), annotations: {"io.containerd.image.name": $n,
			"org.opencontainers.image.ref.name": $n}}]}' >"$t/oci/index.json"
	echo '{"imageLayoutVersion":"1.0.0"}' >"$t/oci/oci-layout"
	tar -C "$t/oci" -cf "$file" .
	rm -r "$t/oci"
}

# Neither a mount below our directory nor a cgroup of a container with our mark as its id. (The
# directory of containerd's name space stays, as with every runtime: it is not the container's.)
engine_left_nothing() {
	! grep -F "$TESTDIR" /proc/self/mountinfo || return 1
	[ -z "$(cgroup_dirs | grep -E "/$MARK/$MARK|libpod")" ]
}

# end_daemon: the one whose pid is in $TESTDIR/daemon.
end_daemon() {
	local pid
	pid=$(cat "${TESTDIR:-/nowhere}/daemon" 2>/dev/null) || return 0
	kill "$pid" 2>/dev/null || return 0
	eventually is_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
}
is_gone() { ! kill -0 "$1" 2>/dev/null || grep -qs '^State:.Z' "/proc/$1/status"; }
