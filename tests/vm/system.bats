#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A Debian with systemd, the machine's own root with a layer above it, boots to its target as a
# container, privileged and not; a command attaches, it stops and nothing is left.

load ../integration/helpers

setup() {
	requires root systemd
	TESTDIR=$(mktemp -d /run/hako-vm-XXXXXX)
	chmod 755 "$TESTDIR"
	ROOTFS=$TESTDIR/rootfs
	mkdir "$TESTDIR/layer" "$ROOTFS"
	mount -t tmpfs -o mode=755 layer "$TESTDIR/layer"
	mkdir "$TESTDIR/layer/"{upper,work,lower}
	HAKO_ROOT=$TESTDIR/state
	ID=${TESTDIR##*/}
}
teardown() {
	hako delete --force "$ID" || true
	umount -l "$ROOTFS" "$TESTDIR/layer/lower" "$TESTDIR/layer" 2>/dev/null || true
	rm -rf "$TESTDIR" "/var/lib/lxc/$ID"
}

hako() { timeout -k 5 120 "$HAKO" --root "$HAKO_ROOT" "$@" 3>&-; }

# root_of [UID]: mounts it, owned by UID and those above. The machine's own services are of no use
# in it, and what boots is short: journal, device nodes, temporary files, bus.
root_of() {
	local unit shift=${1:-0} lower=/ etc map
	map=b:0:$shift:65536
	# as a user has it who is root himself
	[ "$shift" -ge 100000 ] || map="b:0:$shift:1 b:1:100000:65535"
	if [ "$shift" -ne 0 ]; then
		lower=$TESTDIR/layer/lower
		mount --bind -o "X-mount.idmap=$map" / "$lower"
	fi
	chown "$shift:$shift" "$TESTDIR/layer/upper"
	mount -t overlay root "$ROOTFS" -o "lowerdir=$lower" \
		-o "upperdir=$TESTDIR/layer/upper,workdir=$TESTDIR/layer/work"
	etc=$ROOTFS/etc/systemd/system
	rm -f "$ROOTFS/etc/machine-id" "$etc/default.target"
	: >"$ROOTFS/etc/machine-id"
	for unit in $(grep -rls /usr/local/lib/lab /etc/systemd/system /usr/lib/systemd/system \
		/usr/local/lib/systemd | xargs -rn1 basename) \
		containerd.service lxc.service lxc-net.service; do
		ln -sfn /dev/null "$etc/$unit"
	done
	printf '%s\n' '[Unit]' 'Description=Booted' 'Requires=basic.target' 'After=basic.target' \
		>"$etc/booted.target"
	ln -s booted.target "$etc/default.target"
	chown -h "$shift:$shift" "$ROOTFS/etc/machine-id" "$etc/booted.target" "$etc/default.target"
}

booted() { [ "$(hako exec "$ID" systemctl is-active booted.target)" = active ]; }
wait_for_boot() {
	local i
	for ((i = 0; i < 60; i++)); do
		booted 2>/dev/null && return 0
		sleep 1
	done
	hako exec "$ID" systemctl --no-pager list-jobs
	return 1
}

# The same of every container that has booted.
check_booted() {
	wait_for_boot
	run -0 hako exec "$ID" systemctl is-system-running
	is_output running
	run -0 hako exec "$ID" systemd-detect-virt --container
	is_output lxc
	run -0 hako lxc attach -n "$ID" -- systemctl show -p NFailedUnits
	has_line NFailedUnits=0
	# its cgroups are its own
	run -0 cat "/proc/$(hako state "$ID" | jq .pid)/cgroup"
	[[ $output == *"$ID"*/init.scope ]]
	run -0 hako lxc stop -n "$ID" -t 60
	[ ! -e "$HAKO_ROOT/$ID" ]
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
}

# with_foreign_ids: a document whose user namespace has none of the host's own ids.
with_foreign_ids() {
	(cd "$TESTDIR" && hako spec)
	jq '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings | del(.linux.resources)' \
		"$TESTDIR/config.json" >"$TESTDIR/new"
	mv "$TESTDIR/new" "$TESTDIR/config.json"
}

@test "systemd boots in a plain root file system: run -d --system" {
	root_of
	run -0 hako run -d --system --bundle "$TESTDIR" "$ID"
	check_booted
}

@test "systemd boots without privilege: run -d --system with an id map" {
	root_of 100000
	with_foreign_ids
	run -0 hako run -d --system --bundle "$TESTDIR" "$ID"
	check_booted
}

@test "systemd boots from an LXC configuration without privilege: lxc start" {
	root_of 100000
	mkdir -p "/var/lib/lxc/$ID"
	printf '%s\n' 'lxc.include = /usr/share/lxc/config/common.conf' \
		'lxc.include = /usr/share/lxc/config/userns.conf' "lxc.rootfs.path = dir:$ROOTFS" \
		'lxc.idmap = u 0 100000 65536' 'lxc.idmap = g 0 100000 65536' \
		'lxc.net.0.type = empty' 'lxc.tty.max = 2' "lxc.uts.name = debian" \
		>"/var/lib/lxc/$ID/config"
	run -0 hako lxc start "$ID"
	run -0 hako lxc ls -1 --running
	has_line "$ID"
	wait_for_boot
	run -0 hako lxc attach -n "$ID" -- cat /proc/self/uid_map
	matches "^ *0 +100000 +65536"
	hako lxc stop -n "$ID" -r
	wait_for_boot
	run -0 hako lxc stop -n "$ID" -t 60
	[ ! -e "$HAKO_ROOT/$ID" ]
}

# user_hako ARG…: as an ordinary user, from a service of his: his manager moves none but its own.
user_hako() {
	timeout -k 5 120 runuser -u lab -- env XDG_RUNTIME_DIR=/run/user/1000 \
		systemd-run --user --quiet --wait --pipe \
		"$HAKO" --root "$HAKO_ROOT" --systemd-cgroup "$@" 3>&-
}

# user_boot: `run --system` in the foreground of such a service, until it has booted.
user_boot() {
	id lab >/dev/null 2>&1 || useradd -m lab
	systemctl start user@1000.service
	mkdir "$HAKO_ROOT"
	chown lab "$HAKO_ROOT" "$TESTDIR"
	hako() { user_hako "$@"; }
	timeout -k 5 550 runuser -u lab -- env XDG_RUNTIME_DIR=/run/user/1000 systemd-run --user \
		--quiet --wait --pipe "$HAKO" --root "$HAKO_ROOT" --systemd-cgroup run --system \
		--bundle "$TESTDIR" "$ID" </dev/null >"$TESTDIR/console" 2>&1 3>&- &
	wait_for_boot || { cat "$TESTDIR/console"; return 1; }
	run -0 hako exec "$ID" systemctl is-system-running
	is_output running
	run -0 hako exec "$ID" cat /proc/self/cgroup
	has_line 0::/init.scope
	PID=$(hako state "$ID" | jq .pid)
	run -0 cat "/proc/$PID/cgroup"
	[[ $output == */user@1000.service/*"$ID.scope/init.scope" ]]
	CGROUP=/sys/fs/cgroup${output#0::}
	CGROUP=${CGROUP%/init.scope}
}
user_stop() {
	run -0 hako lxc stop -n "$ID" -t 60
	[ ! -e "$HAKO_ROOT/$ID" ]
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
}

@test "systemd boots for an ordinary user: his ids, his service manager's scope" {
	root_of 1000
	user_boot
	run -0 hako exec "$ID" cat /proc/1/uid_map
	matches "^ *0 +1000 +1$"
	matches "^ *1 +100000 +65536$"
	user_stop
}

# His cgroup stays his and is shared with the container's root: what that makes is out of his reach
# but for a user namespace with the ids of both.
@test "systemd boots for an ordinary user whose ids the container does not have" {
	root_of 100000
	with_foreign_ids
	user_boot
	run -0 stat -c '%u %g %a' "$CGROUP" "$CGROUP/cgroup.procs" "$CGROUP/cgroup.freeze" \
		"$CGROUP/init.scope"
	is_output $'1000 100000 775\n1000 100000 664\n1000 1000 644\n100000 100000 755'
	run -0 hako update --memory 900M "$ID"
	run -0 cat "$CGROUP/memory.max"
	is_output 943718400
	run -0 hako pause "$ID"
	run -0 hako resume "$ID"
	user_stop
}
