#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a start costs. `make bench` calls it with HAKO and BUILDDIR set; ROUNDS (100) is the number
# of runs.
set -eu
: "${HAKO:?}" "${BUILDDIR:?}" "${ROUNDS:=100}"
bench=$BUILDDIR/tests/bench/bench
bare=$BUILDDIR/tests/bench/bare

if [ "$(id -u)" -ne 0 ]; then
	echo "bench: needs root" >&2
	exit 1
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/hako-bench-XXXXXX")
id=${dir##*/}
cleanup() {
	for runtime in "$HAKO" crun runc; do
		"$runtime" --root "$dir/state" delete --force "$id" >/dev/null 2>&1 || true
	done
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# The bundle: what `hako spec` writes, with true instead of a shell in a terminal.
mkdir -p "$dir/rootfs/bin" "$dir/rootfs/proc" "$dir/rootfs/sys" "$dir/rootfs/dev"
cp "$BUILDDIR/tests/probe" "$dir/rootfs/bin/true"
"$HAKO" spec --bundle "$dir"
sed -i -e 's/"terminal": true/"terminal": false/' -e 's|^\( *\)"sh"$|\1"/bin/true", "true"|' \
	"$dir/config.json"

# call RUNTIME COMMAND [OPTION…]: its arguments, one set for all.
runtimes="$HAKO"
for runtime in crun runc; do
	command -v "$runtime" >/dev/null || continue
	if "$runtime" --root "$dir/state" run --bundle "$dir" "$id" </dev/null >/dev/null 2>&1; then
		runtimes="$runtimes $runtime"
	else
		echo "($runtime is installed but does not run this container here)"
	fi
done

echo
echo "run, $ROUNDS rounds in turn; ratio to the bare program"
set -- bare "$bare" "$dir/rootfs" "$id-bare"
for runtime in $runtimes; do
	set -- "$@" \; "${runtime##*/}" "$runtime" --root "$dir/state" run --bundle "$dir" "$id"
done
"$bench" -n "$ROUNDS" "$@"

echo
echo "create + start + delete --force"
set --
for runtime in $runtimes; do
	[ $# -eq 0 ] || set -- "$@" \;
	set -- "$@" "${runtime##*/}" "$runtime" --root "$dir/state" create --bundle "$dir" "$id" , \
		"$runtime" --root "$dir/state" start "$id" , \
		"$runtime" --root "$dir/state" delete --force "$id"
done
"$bench" -n "$ROUNDS" "$@"

echo
echo "state of a created container"
set --
for runtime in $runtimes; do
	"$runtime" --root "$dir/state" create --bundle "$dir" "$id-${runtime##*/}" </dev/null \
		>/dev/null 2>&1
	[ $# -eq 0 ] || set -- "$@" \;
	set -- "$@" "${runtime##*/}" "$runtime" --root "$dir/state" state "$id-${runtime##*/}"
done
"$bench" -n "$ROUNDS" "$@" || true
for runtime in $runtimes; do
	"$runtime" --root "$dir/state" delete --force "$id-${runtime##*/}"
done

# Both of run; the bare program too, for what can be had at all.
calls() {
	strace -f -c -o "$dir/calls" "$@" </dev/null >/dev/null 2>&1 || true
	awk '$NF == "total" { print $4 }' "$dir/calls"
}
echo
printf '%-28s %10s %12s\n' "" "binary KiB" "system calls"
for program in "$bare" $runtimes; do
	file=$(command -v "$program")
	strip -o "$dir/stripped" "$file" 2>/dev/null || cp "$file" "$dir/stripped"
	if ! command -v strace >/dev/null; then
		n=-
	elif [ "$program" = "$bare" ]; then
		n=$(calls "$bare" "$dir/rootfs" "$id-bare")
	else
		n=$(calls "$program" --root "$dir/state" run --bundle "$dir" "$id")
	fi
	printf '%-28s %10d %12s\n' "${program##*/}" $(($(stat -L -c %s "$dir/stripped") / 1024)) \
		"$n"
done
