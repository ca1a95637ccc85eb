#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.intelRdt from config.json to the resctrl file system. Few machines have one, so there is a
# stand-in: in a mount namespace of its own, /sys/fs is a tmpfs with the files that matter. What the
# kernel does there by itself (it fills a new directory) is in tests/unit/linux/test_intelrdt.c.

load helpers

setup() {
	bundle_new
	requires hako unshare
	[ ! -e /sys/fs/resctrl ] || skip "has a real resctrl, which is not to be played with"
	TREE=$TESTDIR/resctrl
	mkdir -p "$TREE"/{info,mon_groups} "$TREE"/gold/mon_groups
	: >"$TREE/tasks"
	: >"$TREE/gold/tasks"
	printf '    MB:0=100;1=100\n' >"$TREE/schemata"
	printf '    L3:0=7ff;1=7ff\n    MB:0= 20;1= 70\n' >"$TREE/gold/schemata"
	echo ok >"$TREE/info/last_cmd_status"
	BEFORE=$(snapshot)
}
teardown() { clean_up; }

# The cgroups are moved to where /sys/fs was covered.
hako() {
	HAKO_TEST=$MARK timeout -k 5 "$HAKO_TIMEOUT" unshare --mount --propagation slave sh -ec '
		mkdir "$1/cgroup"
		mount --rbind /sys/fs/cgroup "$1/cgroup"
		mount -t tmpfs none /sys/fs
		mkdir /sys/fs/cgroup /sys/fs/resctrl
		mount --rbind "$1/cgroup" /sys/fs/cgroup
		mount --bind "$2" /sys/fs/resctrl
		umount -l "$1/cgroup"
		rmdir "$1/cgroup"
		shift 2
		exec "$@"' sh "$TESTDIR" "$TREE" "$HAKO" --root "$ROOT" "$@"
}

@test "an existing class: its tasks get init, and what is executed later" {
	config '.linux.intelRdt = {closID: "gold"}'
	hako_detached pause
	[ "$(cat "$TREE/gold/tasks")" = "$(init_pid)" ]
	: >"$TREE/gold/tasks"
	hako exec -d --pid-file "$TESTDIR/pid" "$ID" /init pause </dev/null >/dev/null 2>&1
	[ "$(cat "$TREE/gold/tasks")" = "$(cat "$TESTDIR/pid")" ]
	hako delete --force "$ID"
	[ -d "$TREE/gold" ]
	nothing_left
}

@test "a class whose schema is another one is refused" {
	config '.linux.intelRdt = {closID: "gold"}
		| .linux.intelRdt += {l3CacheSchema: "L3:0=7ff", memBwSchema: "MB:0=20"}'
	run hako_run true
	succeeds
	config '.linux.intelRdt.memBwSchema = "MB:0=30"'
	run hako_run true
	fails
	says "class 'gold' exists, and its schema is not 'MB:0=30'"
	nothing_left
}

@test "a class that does not exist, without a schema to make it" {
	config '.linux.intelRdt = {closID: "silver"}'
	run hako_run true
	fails
	says "there is no class 'silver'"
	nothing_left
}

@test "update of the schema, and not of a container without a class" {
	config '.linux.intelRdt = {closID: "gold", memBwSchema: "MB:0=20;1=70"}'
	hako_detached pause
	hako update --mem-bw-schema "MB:0=30;1=40" "$ID"
	grep -q '^MB:0=30;1=40$' "$TREE/gold/schemata"
	hako update --l3-cache-schema "L3:0=f" "$ID"
	[ "$(head -n 2 "$TREE/gold/schemata")" = "L3:0=f
MB:0=30;1=40" ] || fail "$(cat "$TREE/gold/schemata")"
	hako delete --force "$ID"
	config 'del(.linux.intelRdt)'
	hako_detached pause
	run hako update --mem-bw-schema "MB:0=30" "$ID"
	fails
	says "without a class of service"
}

@test "an update that fails elsewhere leaves the schema as it was" {
	config '.linux.intelRdt = {closID: "gold"}'
	hako_detached pause
	cp "$TREE/gold/schemata" "$TESTDIR/before"
	run hako update --mem-bw-schema "MB:0=1;1=2" --cpuset-cpus 4000 "$ID"
	fails
	run head -n 2 "$TREE/gold/schemata"
	is_output "$(sed 's/^ *//' "$TESTDIR/before")"
}

@test "events: what the machine has, what the class gets, what was measured" {
	mkdir -p "$TREE"/info/{L3,MB,L3_MON} "$TREE"/gold/mon_data/mon_L3_0{0,1}
	echo 7ff >"$TREE/info/L3/cbm_mask"
	echo 1 >"$TREE/info/L3/min_cbm_bits"
	echo 16 | tee "$TREE/info/L3/num_closids" >"$TREE/info/MB/num_closids"
	echo 10 | tee "$TREE"/info/MB/{bandwidth_gran,min_bandwidth} >/dev/null
	echo 1 >"$TREE/info/MB/delay_linear"
	for i in 0 1; do
		for file in mbm_total_bytes mbm_local_bytes llc_occupancy; do
			echo "${i}7" >"$TREE/gold/mon_data/mon_L3_0$i/$file"
		done
	done
	echo Unavailable >"$TREE/gold/mon_data/mon_L3_01/llc_occupancy"
	config '.linux.intelRdt = {closID: "gold"}'
	hako_detached pause
	run -0 hako events --stats "$ID"
	[ "$(jq -cS .data.intel_rdt <<<"$output")" = "$(jq -ncS '{
		l3_cache_info: {cbm_mask: "7ff", min_cbm_bits: 1, num_closids: 16},
		l3_cache_schema: "L3:0=7ff;1=7ff",
		mem_bw_info: {bandwidth_gran: 10, delay_linear: 1, min_bandwidth: 10,
			num_closids: 16},
		mem_bw_schema_root: "MB:0=100;1=100", mem_bw_schema: "MB:0= 20;1= 70",
		mbm_stats: [{mbm_total_bytes: 7, mbm_local_bytes: 7},
			{mbm_total_bytes: 17, mbm_local_bytes: 17}],
		cmt_stats: [{llc_occupancy: 7}, {}]}')" ] || show
	[ "$(jq '.data | length > 1' <<<"$output")" = true ] || show
	# without the file system it still has the rest
	run -0 "$HAKO" --root "$ROOT" events --stats "$ID"
	[ "$(jq 'has("data") and (.data | has("intel_rdt") | not)' <<<"$output")" = true ] || show
	hako delete --force "$ID"
	config 'del(.linux.intelRdt)'
	hako_detached pause
	run -0 hako events --stats "$ID"
	[ "$(jq '.data | has("intel_rdt")' <<<"$output")" = false ] || show
}

@test "no class without resctrl; check and the plan say so before" {
	config '.linux.intelRdt = {schemata: ["L3:0=f"], enableMonitoring: true}'
	run "$HAKO" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	fails
	says "resctrl is not mounted"
	nothing_left
	run "$HAKO" --root "$ROOT" check --bundle "$BUNDLE"
	says "resctrl is not mounted"
	run hako create --dry-run --bundle "$BUNDLE" "$ID"
	succeeds
	[ "$(jq -c '.intelRdt' <<<"$output")" = "$(jq -nc --arg id "$ID" '{class: $id, own: true,
		schemata: "L3:0=f\n", monitoring: "\($id)/mon_groups/\($id)"}')" ] || show
}

@test "refused: names that are none, rootless" {
	for name in a/b .. info; do
		config '.linux.intelRdt = {closID: $n}' --arg n "$name"
		run hako_run true
		fails
		says "linux.intelRdt"
	done
	config '.linux.intelRdt = {closID: "gold"}'
	run hako --rootless true run --bundle "$BUNDLE" "$ID"
	fails
	says "linux.intelRdt" "rootless"
}
