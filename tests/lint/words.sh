#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Words that have no place here.

# shellcheck disable=SC2317 # functions are called by check
# shellcheck source=tests/lint/lib.sh
. "${SRCDIR:?is not set}/tests/lint/lib.sh"

none() {
	pattern=$1
	shift
	# shellcheck disable=SC2068
	! grep -nE "$pattern" $@ /dev/null
}

unfinished='(^|[^[:alnum:]_])(TO[D]O|FIX[M]E|XX[X])([^[:alnum:]_]|$)'
unbounded='strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|tmpnam|mktemp'
unbounded="(^|[^[:alnum:]_])($unbounded)\\("

rootfs() {
	# shellcheck disable=SC2046
	"$AWK" -f tests/lint/rootfs.awk -v list=tests/lint/rootfs.allow $(c_files src)
}

self_test() {
	file=$(mktemp) || return 1
	cat >"$file" <<-'EOF'
		f = open(rootfs, O_PATH);
		/* rootfs itself: this is how the descriptor is made */
		f = open(rootfs, O_PATH);
		r = mount("x",
			  root_path, NULL,
			  0, NULL);
		p = path_join(c->rootfs, name);
		f = openat(AT_FDCWD, rootfs, 0);
		f = openat(rootfs_fd, name, 0);
		err_sys("open the rootfs '%s'", rootfs); /* open(rootfs) */
		r = resolve_open(rootfs_fd, "a");
		r = renameat2(AT_FDCWD, rootfs, fd, name, 0);
		r = lsetxattr(rootfs, name, value, len, 0);
	EOF
	found=$("$AWK" -f tests/lint/rootfs.awk "$file" | cut -d: -f2 | tr '\n' ' ')
	rm "$file"
	[ "$found" = '1 4 7 8 12 13 ' ] || { echo "found lines: $found" && false; }
}

# In a file that works below the root.
self_test_workers() {
	dir=$(mktemp -d) || return 1
	mkdir -p "$dir/src/linux"
	cat >"$dir/src/linux/mask.c" <<-'EOF'
		f = open(path, O_PATH);
		f = open("/dev/null", O_PATH);
		/* host path: a source */
		f = open(path, O_PATH);
		r = mount(NULL, "/", NULL, 0, NULL);
		r = mount("tmpfs", m->point, "tmpfs", 0, NULL);
		r = chdir(cwd);
		f = sys_open_tree(AT_FDCWD, source, 0);
		f = sys_open_tree(AT_FDCWD, "/dev/null", 0);
		r = mkdirat(dir_fd, name, 0755);
		/* in the root: it is "/" */
		r = chdir(cwd);
	EOF
	found=$(cd "$dir" && "$AWK" -f "$SRCDIR/tests/lint/rootfs.awk" src/linux/mask.c |
		cut -d: -f2 | tr '\n' ' ')
	rm -r "$dir"
	[ "$found" = '1 6 7 8 ' ] || { echo "found lines: $found" && false; }
}

# Where the host's files are listed: what is, what is not, and what is no more.
self_test_list() {
	dir=$(mktemp -d) || return 1
	mkdir -p "$dir/src/lxc"
	cat >"$dir/src/lxc/map.c" <<-'EOF'
		f = open(path, O_PATH);
		if (stat(config, &st) < 0)
			return;
		f = open(m->rootfs, O_PATH);
	EOF
	printf 'src/lxc/map.c\t%s\ta configuration\n' 'if (stat(config, &st) < 0)' \
		'if (stat(gone, &st) < 0)' >"$dir/list"
	found=$(cd "$dir" && "$AWK" -f "$SRCDIR/tests/lint/rootfs.awk" -v list=list \
		src/lxc/map.c | sed 's/^src[^:]*:\([0-9]*\):.*/\1/; s/^list:.*/list/' |
		sort -u | tr '\n' ' ')
	rm -r "$dir"
	[ "$found" = '1 4 list ' ] || { echo "found: $found" && false; }
}

plan 7
# shellcheck disable=SC2046
{
	check 'nothing unfinished' none "$unfinished" $(text_files)
	check 'no unbounded libc calls' none "$unbounded" $(c_files src libocispec)
	check 'bpf/ is a pure compiler' none 'sys_bpf|SYS_bpf|__NR_bpf' $(c_files src/bpf)
}
check 'paths: finds what is wrong' self_test
check 'paths: finds what is wrong below the root' self_test_workers
check 'paths: finds what is not listed' self_test_list
check 'no paths into the rootfs' rootfs
finish
