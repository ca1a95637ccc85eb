# SPDX-License-Identifier: Apache-2.0
#
# The dependency rule: one folder is one library, and includes point down. Reads C files by their
# names from the top of the source tree; prints "FILE:LINE: why" for each include that breaks it.

BEGIN {
	# folder: what it may include besides itself
	allow("libocispec", "")
	allow("base", "")
	allow("bpf", "base")
	allow("spec", "base libocispec")
	allow("linux", "base libocispec")
	allow("cgroup", "base libocispec bpf")
	allow("lxc", "base libocispec spec")
	allow("runtime", "base libocispec spec bpf linux cgroup")
	allow("cli", "base libocispec spec bpf linux cgroup lxc runtime")

	# One mechanism of linux/ knows nothing of another, but for these. Plain data first: the
	# facts about the host and the plans, which any mechanism may take as input.
	split("host mount_opts mount_plan ns_plan", list, " ")
	for (i in list)
		plain[list[i]] = 1
	edge("mount_apply", "mount_api mount_special")
	edge("mount_plan", "idmap mount_cgroup")
	# mount(2) behind the same verbs.
	edge("mount_api", "mount_old")
	edge("mount_old", "mount_api")
	edge("mount_special rootfs dev mask bootid", "mount_api")
	edge("userns_fd", "idmap")
	edge("rootfs_tree", "loop")
	edge("netdev netcfg netcfg_addr", "netlink")
	# A handle to a procfs that is known to be one.
	edge("sysctl lsm lsm_apparmor lsm_selinux", "procfs")
	# A family is one mechanism in several files.
	split("lsm seccomp netcfg netdev intelrdt", list, " ")
	for (i in list)
		family[list[i]] = 1

	# Only the JSON engine speaks to the parser.
	owner["yajl"] = "libocispec"
}

function allow(folder, others,    n, part, i) {
	known[folder] = 1
	may[folder, folder] = 1
	n = split(others, part, " ")
	for (i = 1; i <= n; i++)
		may[folder, part[i]] = 1
}

function edge(from, to,    n, m, f, t, i, j) {
	n = split(from, f, " ")
	m = split(to, t, " ")
	for (i = 1; i <= n; i++)
		for (j = 1; j <= m; j++)
			edges[f[i], t[j]] = 1
}

function complain(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why
	bad = 1
}

# mount_special of src/linux/mount_special.c
function stem(path) {
	sub(/.*\//, "", path)
	sub(/\.[a-z]+$/, "", path)
	return path
}

function first_word(name) {
	sub(/_.*/, "", name)
	return name
}

function linux_edge_ok(from, to) {
	if (from == to || to in plain || (from, to) in edges)
		return 1
	# x_stub and x_data stand for, or belong to, x.
	if (index(from, to "_") == 1 || index(to, from "_") == 1)
		return 1
	return first_word(from) == first_word(to) && first_word(from) in family
}

FNR == 1 {
	n = split(FILENAME, part, "/")
	folder = part[1] == "src" ? part[2] : part[1]
	self = stem(FILENAME)
	if (!(folder in known)) {
		complain("folder '" folder "' is not in the table of tests/lint/layers.awk")
		nextfile
	}
}

/^[ \t]*#[ \t]*include[ \t]*</ {
	name = $0
	sub(/^[^<]*</, "", name)
	sub(/>.*/, "", name)
	sub(/\/.*/, "", name)
	if (name in owner && owner[name] != folder)
		complain("<" name "/...> belongs to " owner[name] "/")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	name = $0
	sub(/^[^"]*"/, "", name)
	sub(/".*/, "", name)
	if (name ~ /\.\./) {
		complain("\"" name "\": includes are spelled from src/")
		next
	}
	# Generated files lie in the build tree and are spelled from its top.
	sub(/^src\//, "", name)
	if (name ~ /\//) {
		target = name
		sub(/\/.*/, "", target)
	} else if (folder == "libocispec" || name == "ocispec.h" || name == "desc.h") {
		target = "libocispec"
	} else {
		complain("\"" name "\": includes are spelled from src/")
		next
	}
	if (!((folder, target) in may))
		complain(folder "/ may not use " target "/ (\"" name "\")")
	else if (folder == "linux" && target == "linux" && !linux_edge_ok(self, stem(name)))
		complain("linux/" self " may not use another mechanism (\"" name "\")")
}

END {
	exit bad
}
