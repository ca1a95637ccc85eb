# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the security tests use beside the helpers of tests/integration.
#
# A scenario plants markers: files and directories beside the bundle that anybody may write (HOST).
# Whatever the container's root directory, image or neighbour does, they stay as they are, and
# nothing is left; a start may be refused in an orderly way, or have its effect inside.
#
# Scenarios run in cells, who starts the container and what the kernel can:
#   root, userns (root with a user namespace), rootless (an ordinary user, no cgroups)
#   new (all system calls), ENOSYS, EPERM (openat2 and the mount API refused)
# HAKO_CELLS names those to run, "all", or (by default) "some": root:new and two others, which
# differ from test to test so that each is in use. HAKO_RACE_STARTS is how often each race is
# tried, within HAKO_RACE_SECONDS.

load ../integration/helpers

: "${HAKO_CELLS:=some}"
: "${NOSYS:=$BUILDDIR/tests/fault/nosys}"
: "${SWAPPER:=$BUILDDIR/tests/fault/swapper}"
: "${HAKO_RACE_STARTS:=25}"
: "${HAKO_RACE_SECONDS:=3}"
ROOTLESS_ID=23456
MISSING=openat2,fsopen,fsconfig,fsmount,open_tree,move_mount,mount_setattr
export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-180}

hako() {
	HAKO_TEST=$MARK timeout -k 5 "$HAKO_TIMEOUT" "${AS[@]}" "${WITHOUT[@]}" \
		"$HAKO" --root "$ROOT" "${GLOBAL[@]}" "$@"
}

# security_new: a bundle, and templates that each cell is made from.
security_new() {
	AS=() WITHOUT=() GLOBAL=()
	bundle_new
	requires hako setpriv
	# A copy that everybody reaches, and whose damage costs nothing.
	cp "$HAKO" "$TESTDIR/hako"
	# (not in the environment: every child of ours would have the mark)
	export -n HAKO
	HAKO=$TESTDIR/hako
	HOST=$TESTDIR/host
	mv "$BUNDLE" "$TESTDIR/template"
	cell_begin root:new
}

# cell_begin WHO:KERNEL: a fresh bundle, state directory and markers.
cell_begin() {
	WHO=${1%:*} KERNEL=${1#*:}
	AS=() WITHOUT=() GLOBAL=()
	rm -rf --one-file-system "$BUNDLE" "$HOST" "$TESTDIR/state"
	cp -a "$TESTDIR/template" "$BUNDLE"
	ROOT=$TESTDIR/state
	mkdir -m 700 "$ROOT"
	if [ "$WHO" = userns ]; then
		with_userns
		chown 100000 "$BUNDLE"
	elif [ "$WHO" = rootless ]; then
		AS=(setpriv --reuid=$ROOTLESS_ID --regid=$ROOTLESS_ID --clear-groups --)
		GLOBAL=(--cgroup-manager disabled)
		chown -R $ROOTLESS_ID:$ROOTLESS_ID "$BUNDLE" "$ROOT"
		config '.linux.namespaces = [{type: "pid"}, {type: "ipc"}, {type: "uts"},
				{type: "mount"}, {type: "network"}, {type: "user"}]
			| .linux.uidMappings = [{containerID: 0, hostID: $id, size: 1}]
			| .linux.gidMappings = [{containerID: 0, hostID: $id, size: 1}]
			| del(.linux.resources) | del(.linux.cgroupsPath)
			| .mounts |= (map(select(.type != "cgroup"))
				| map(.options = ((.options // []) | map(select(. != "gid=5")))))' \
			--argjson id $ROOTLESS_ID
	fi
	[ "$KERNEL" = new ] || WITHOUT=("$NOSYS" "$MISSING" "$KERNEL" --)
	markers_new
	for _ in {1..40}; do
		[ -n "$(marked_pids)" ] || break
		sleep 0.05
	done
	BEFORE=$(snapshot)
}

markers_new() {
	mkdir "$HOST" "$HOST/dir" "$HOST/dev" "$HOST/empty"
	echo host >"$HOST/file"
	echo ptmx >"$HOST/dev/ptmx"
	echo deep >"$HOST/dir/file"
	chmod 777 "$HOST" "$HOST"/*/
	chmod 666 "$HOST/file" "$HOST"/*/*
	MARKERS=$(markers)
}

markers() {
	find "$HOST" -printf '%p %y %i %U:%G %m %s %T@ %l\n' | sort
	find "$HOST" -type f -exec sha256sum {} + | sort
}

# unharmed: the markers are as they were, and nothing is left.
unharmed() {
	local now
	now=$(markers)
	[ "$now" = "$MARKERS" ] || {
		show
		diff <(echo "$MARKERS") <(echo "$now") | sed 's/^/#   /'
		fail "something outside of the root has changed ($WHO:$KERNEL)"
	}
	nothing_left
}

cells() {
	local others=(root:ENOSYS userns:new rootless:new root:EPERM userns:ENOSYS rootless:EPERM
		userns:EPERM rootless:ENOSYS) n=$BATS_TEST_NUMBER
	case "$HAKO_CELLS" in
	all) echo root:new "${others[@]}" ;;
	some) echo root:new "${others[n % 8]}" "${others[(n + 3) % 8]}" ;;
	*) echo "$HAKO_CELLS" ;;
	esac
}

# each_cell SCENARIO [ARG…]: called as it is: behind || the shell would not stop at a failure.
each_cell() {
	local cell
	for cell in $(cells); do
		echo "# in $cell:"
		cell_begin "$cell"
		"$@"
		unharmed
	done
}

# start [VERB ARG…]: runs the container; it works, or is refused in an orderly way.
start() {
	run hako_run "$@"
	[ "$status" -lt 124 ] || { show; fail "hung or killed ($WHO:$KERNEL)"; }
	[ "$status" -eq 0 ] || [ -n "$output" ] || fail "refused without a word"
	# one line, but for what is logged before
	! grep -qE 'Segmentation|Assertion|AddressSanitizer|runtime error' <<<"$output" ||
		{ show; fail "not orderly"; }
}

starts() { start "$@" && succeeds; }

refused() {
	start true
	fails
	says "$@"
}

# Nothing but the root's own is mounted on /dev: only the terminal file system, if "pts" is given.
no_dev_mount() {
	config '.mounts |= map(select((.destination | startswith("/dev") | not)
		or ($pts == "pts" and .destination == "/dev/pts")))' --arg pts "${1:-}"
	# the directory is the image's then
	[ -e "$ROOTFS/dev/pts" ] || [ -L "$ROOTFS/dev" ] || mkdir "$ROOTFS/dev/pts"
}

writable_root() { config '.root.readonly = false'; }

socket_at() {
	perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die' \
		"$1"
}
