# SPDX-License-Identifier: Apache-2.0
#
# Inside a rootfs there are no paths, only descriptors (base/resolve.h): refuses calls that take a
# path where an argument names the rootfs, and text built from it. As far as text goes: statements
# are joined, comments and strings cut out. "/* rootfs itself: why */" in or above it allows one.
#
# In the files that work below a rootfs every path has to say whose it is, unless it is written out:
# "/* host path: why */" or "/* in the root: why */", the latter only when the root is "/" already.
# Where files of the host are everyday business (the converter, the commands) those are listed
# instead: -v list=FILE, lines of "FILE TAB LINE TAB WHY". What is listed and gone is wrong, too.

BEGIN {
	calls = "open|creat|fopen|opendir|mkdir|mknod|mkfifo|mount|umount|umount2|chown|lchown"
	calls = calls "|chmod|symlink|link|unlink|rmdir|rename|stat|lstat|statfs|access|readlink"
	calls = calls "|truncate|freopen|remove|scandir|nftw|utime|utimes|mkstemp|mkdtemp"
	calls = calls "|setxattr|lsetxattr|getxattr|lgetxattr|listxattr|llistxattr"
	calls = calls "|chdir|chroot|file_mkdir_p|realpath"
	builders = "path_join|path_resolve_text|xasprintf|strbuf_add|strbuf_addf|snprintf|asprintf"
	at_calls = "openat|mkdirat|mknodat|fchownat|fchmodat|unlinkat|symlinkat|linkat|renameat"
	at_calls = at_calls "|fstatat|faccessat|readlinkat|file_read_at|file_write_at"
	at_calls = at_calls "|file_replace_at"
	at_calls = at_calls "|file_remove_tree_at|renameat2|utimensat|statx|scandirat"
	at_calls = at_calls "|name_to_handle_at|sys_openat2|fchmodat2"
	rootfs = "(rootfs|root_path|rootfs_path|root->path)[^a-z0-9_]"
	before = "(^|[^A-Za-z0-9_>.])"
	workers = "src/(linux/(bootid|dev|landlock|mask|mount_[a-z]*|rootfs|tty)"
	workers = workers "|runtime/(exec_child|init[a-z_]*|process)|(cli|lxc|spec)/[a-z0-9_]*"
	workers = workers ")[.]c$"
	trees = "sys_open_tree|mount_api_source"
	while (list != "" && (getline entry < list) > 0) {
		if (entry ~ /^#/)
			continue
		if (split(entry, field, "\t") != 3) {
			printf "%s: not FILE, LINE, WHY: %s\n", list, entry
			bad = 1
		}
		listed[field[1], field[2]] = entry
	}
}

# What comes behind the name of a call, up to the argument that is a path; "" = it is written out.
function has_free_path(s) {
	gsub(/mount\([ \t]*(NULL|"")[ \t]*,[ \t]*"/, "written_out(\"", s)
	gsub(/AT_FDCWD[ \t]*,[ \t]*"/, "", s)
	return s ~ before "(" calls ")[ \t]*\\([ \t]*[A-Za-z_(]" ||
		s ~ before "mount[ \t]*\\([^,]*,[ \t]*[A-Za-z_]" ||
		s ~ before "(" at_calls "|" trees ")[ \t]*\\([^;]*AT_FDCWD"
}

function check(s) {
	if (allowed)
		return
	if (FILENAME ~ workers && has_free_path(s)) {
		printf "%s:%d: path that does not say whose it is%s\n", FILENAME, first,
		       list == "" ? "" : " (here, or in " list ")"
		bad = 1
	}
	if (s !~ rootfs)
		return
	if (s ~ before "(" calls ")[ \t]*\\([^;]*" rootfs)
		printf "%s:%d: call with a path into the rootfs\n", FILENAME, first
	else if (s ~ before "(" at_calls ")[ \t]*\\([ \t]*AT_FDCWD[^;]*" rootfs)
		printf "%s:%d: call with a path into the rootfs\n", FILENAME, first
	else if (s ~ before "(" builders ")[ \t]*\\([^;]*" rootfs)
		printf "%s:%d: path built from the rootfs\n", FILENAME, first
	else
		return
	bad = 1
}

FNR == 1 {
	statement = ""
	in_comment = 0
	allowed = 0
}

{
	line = $0
	if (line ~ /\/\* (rootfs itself|host path|in the root): /)
		allowed = 1
	text = line
	gsub(/^[ \t]+|[ \t]+$/, "", text)
	if ((FILENAME, text) in listed) {
		allowed = 1
		seen[FILENAME, text] = 1
	}
	if (in_comment) {
		if (!sub(/^.*\*\//, "", line))
			next
		in_comment = 0
	}
	gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
	gsub(/\/\*([^*]|\*[^\/])*\*\//, "", line)
	if (sub(/\/\*.*/, "", line))
		in_comment = 1
	if (line ~ /^[ \t]*#/ || line ~ /^[ \t]*$/)
		next
	if (statement == "")
		first = FNR
	statement = statement " " line
	if (line ~ /[;{}][ \t]*$/) {
		check(statement " ")
		statement = ""
		allowed = 0
	}
}

END {
	for (key in listed) {
		if (!(key in seen)) {
			printf "%s: is not there: %s\n", list, listed[key]
			bad = 1
		}
	}
	exit bad
}
