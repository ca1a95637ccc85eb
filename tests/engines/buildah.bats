#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# buildah run and bud, which call a runtime by themselves.

# shellcheck disable=SC2016,SC2034 # shell for the containers; ENGINE_NEEDS is for engines.bash

load engines
ENGINE_NEEDS="buildah"

setup_file() {
	engine_dir || return 0
	podman_config cgroupfs
	export BUILDAH_ARGS="--root $TESTDIR/storage --runroot $TESTDIR/run --storage-driver vfs"
	oci_archive "$TESTDIR/oci.tar" "$IMAGE" sh
	buildah_ pull "oci-archive:$TESTDIR/oci.tar" >/dev/null
}

setup() { engine_test; }
teardown_file() {
	[ -n "${TESTDIR:-}" ] || return 0
	buildah_ rm --all >/dev/null 2>&1 || true
	clean_up
}

buildah_() {
	# shellcheck disable=SC2086 # words
	timeout -k 5 60 buildah $BUILDAH_ARGS "$@" </dev/null
}
buildah_run() {
	buildah_ run --isolation oci --runtime "$HAKO" --network none "$@"
}

@test "buildah run: output, status, user, a volume, a program that is not there" {
	from=$(buildah_ from "$(buildah_ images -q | head -1)")
	run buildah_run "$from" -- sh -c 'echo hello >/made; cat /made'
	has_line hello
	run buildah_run "$from" -- sh -c 'cat /made; exit 6'
	[ "$status" -ne 0 ]
	says hello 6
	mkdir -p "$TESTDIR/vol"
	echo data >"$TESTDIR/vol/f"
	run buildah_run --user 33 --volume "$TESTDIR/vol:/vol:ro" "$from" -- \
		sh -c 'id -u; cat /vol/f'
	has_line 33 data
	run buildah_run "$from" -- no-such-program
	fails
	says "executable file not found in \$PATH"
	run buildah_run --terminal "$from" -- sh -c 'test -t 1 && echo terminal'
	says terminal
	engine_left_nothing
}

@test "buildah bud" {
	printf 'FROM %s\nRUN echo built >/made && id -u\nRUN cat /made\n' \
		"$(buildah_ images -q | head -1)" >"$TESTDIR/Containerfile"
	run buildah_ bud --isolation oci --runtime "$HAKO" --network none \
		-f "$TESTDIR/Containerfile" "$TESTDIR/image"
	succeeds
	has_line built
	engine_left_nothing
}
