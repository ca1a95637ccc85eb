/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bare ROOTFS NAME: starts /bin/true of ROOTFS in the container that `hako spec` describes, waits
 * for it and removes the cgroups. It asks the kernel for the same things as a runtime does (cgroups
 * in every hierarchy, device program, namespaces, mounts, nodes, masks, read-only paths,
 * capabilities) by the same calls, but knows everything beforehand: no JSON, no state, no checks,
 * no second process to talk to, no protection of itself. What it takes is the floor under any
 * runtime; `make bench` measures against it.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* The C library's headers for these clash with the kernel's. */
int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data);
int umount2(const char *target, int flags);
#define MOUNT_SLAVE   (1UL << 19)
#define MOUNT_REC     16384UL
#define UMOUNT_DETACH 2

#define N_ELEMENTS(a) (sizeof(a) / sizeof((a)[0]))
#define MAX_CGROUPS   16
#define RO	      MOUNT_ATTR_RDONLY
#define SAFE	      (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

struct cgroup {
	char path[512]; /* of the container's group in this hierarchy */
	char name[64];	/* of the hierarchy's directory; "" for cgroup2 alone */
	bool v2;
	int tasks; /* v1: open for writing */
};

static struct cgroup cgroups[MAX_CGROUPS];
static size_t n_cgroups;

/* Says what failed; a benchmark of half the work would mislead. */
static long check(long r, const char *what)
{
	if (r < 0) {
		fprintf(stderr, "bare: %s: %s\n", what, strerror(errno));
		exit(1);
	}
	return r;
}
#define CHECK(call) check((long) (call), #call)

/* --- cgroups
 * --------------------------------------------------------------------------------------- */

static void copy_value(const char *dir, const char *parent, const char *file)
{
	char path[1024], value[256];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "%s/%s", parent, file);
	fd = (int) CHECK(open(path, O_RDONLY | O_CLOEXEC));
	n = read(fd, value, sizeof value);
	close(fd);
	snprintf(path, sizeof path, "%s/%s", dir, file);
	fd = (int) CHECK(open(path, O_WRONLY | O_CLOEXEC));
	if (n > 0)
		CHECK(write(fd, value, (size_t) n));
	close(fd);
}

/* One line of /proc/self/cgroup, "8:pids:/path" or "0::/path": makes NAME there. */
static void make_cgroup(char *line, const char *name, bool hybrid)
{
	struct cgroup *c = &cgroups[n_cgroups++];
	char *controllers = strchr(line, ':') + 1, *path = strchr(controllers, ':'), parent[256],
	     file[1024];

	*path++ = '\0';
	path[strcspn(path, "\n")] = '\0';
	c->v2 = !*controllers;
	if (strncmp(controllers, "name=", 5) == 0)
		controllers += 5;
	snprintf(c->name, sizeof c->name, "%s", !c->v2 ? controllers : hybrid ? "unified" : "");
	/* Only where a process cannot leave its part of the hierarchy does the path of our own
	 * matter. */
	snprintf(parent, sizeof parent, "/sys/fs/cgroup/%s%s", c->name,
		 strcmp(path, "/") ? path : "");
	if (c->v2)
		snprintf(parent, sizeof parent, "/sys/fs/cgroup/%s", c->name);
	snprintf(c->path, sizeof c->path, "%s/%s", parent, name);
	CHECK(mkdir(c->path, 0755));
	if (c->v2)
		return;
	if (strcmp(c->name, "cpuset") == 0) {
		copy_value(c->path, parent, "cpuset.cpus");
		copy_value(c->path, parent, "cpuset.mems");
	}
	snprintf(file, sizeof file, "%s/tasks", c->path);
	c->tasks = (int) CHECK(open(file, O_WRONLY | O_CLOEXEC));
}

static int make_cgroups(const char *name)
{
	bool hybrid = access("/sys/fs/cgroup/unified", F_OK) == 0;
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[512];
	int dir = -1;

	while (f && fgets(line, sizeof line, f) && n_cgroups < MAX_CGROUPS)
		make_cgroup(line, name, hybrid);
	if (f)
		fclose(f);
	for (size_t i = 0; i < n_cgroups; i++)
		if (cgroups[i].v2)
			dir = (int) CHECK(
				open(cgroups[i].path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	return dir;
}

static void remove_cgroups(void)
{
	for (size_t i = 0; i < n_cgroups; i++)
		CHECK(rmdir(cgroups[i].path));
}

/*
 * Allows mknod of anything, and the nodes of a container: type and access are in the first word of
 * the context, major and minor behind it. Written as a chain of pairs "if the major is M and the
 * minor is N".
 */
static size_t device_program(struct bpf_insn *p)
{
	static const struct {
		int major, minor;
	} allowed[] = {
		{ 1, 3 }, { 1, 5 }, { 1, 7 }, { 1, 8 }, { 1, 9 }, { 5, 0 }, { 5, 2 }, { 136, -1 },
	};
	size_t n = 0;

	for (int i = 0; i < 3; i++)
		p[n++] = (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W,
					    .dst_reg = (uint8_t) (2 + i) & 0xf,
					    .src_reg = 1,
					    .off = (int16_t) (4 * i) };
	for (size_t i = 0; i < N_ELEMENTS(allowed); i++) {
		bool any = allowed[i].minor < 0;

		p[n++] = (struct bpf_insn){ .code = BPF_JMP | BPF_JNE | BPF_K,
					    .dst_reg = 3,
					    .off = any ? 2 : 3,
					    .imm = allowed[i].major };
		if (!any)
			p[n++] = (struct bpf_insn){ .code = BPF_JMP | BPF_JNE | BPF_K,
						    .dst_reg = 4,
						    .off = 2,
						    .imm = allowed[i].minor };
		p[n++] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K,
					    .dst_reg = 0,
					    .imm = 1 };
		p[n++] = (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
	}
	/* The upper half is the access asked for: 1 = mknod and nothing else. */
	p[n++] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_RSH | BPF_K, .dst_reg = 2, .imm = 16 };
	p[n++] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 1 };
	p[n++] = (struct bpf_insn){
		.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 2, .off = 1, .imm = 1
	};
	p[n++] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 };
	p[n++] = (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
	return n;
}

static void attach_device_program(int cgroup)
{
	struct bpf_insn insns[64];
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE }, attach = { 0 };
	int prog;

	load.insn_cnt = (uint32_t) device_program(insns);
	load.insns = (uintptr_t) insns;
	load.license = (uintptr_t) "Apache-2.0";
	prog = (int) CHECK(syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load));
	attach.target_fd = (uint32_t) cgroup;
	attach.attach_bpf_fd = (uint32_t) prog;
	attach.attach_type = BPF_CGROUP_DEVICE;
	attach.attach_flags = BPF_F_ALLOW_MULTI;
	CHECK(syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach));
	close(prog);
}

/* --- mounts
 * ---------------------------------------------------------------------------------------- */

static int root_fd;

static void attach_tree(int tree, const char *target)
{
	int at = (int) CHECK(openat(root_fd, target, O_PATH | O_CLOEXEC));

	CHECK(syscall(SYS_move_mount, tree, "", at, "",
		      MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
	close(at);
}

/* New file system; options are "key", "value" pairs, NULL value = flag. Returns the mount,
 * detached. */
static int new_filesystem(const char *type, const char *const options[][2], unsigned attrs)
{
	int fs = (int) CHECK(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC)), tree;

	CHECK(syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "source", type, 0));
	for (size_t i = 0; options && options[i][0]; i++)
		CHECK(syscall(SYS_fsconfig, fs,
			      options[i][1] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG,
			      options[i][0], options[i][1], 0));
	CHECK(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	tree = (int) CHECK(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attrs));
	close(fs);
	return tree;
}

static int clone_tree(int dir, const char *path, uint64_t attrs)
{
	struct mount_attr attr = { .attr_set = attrs };
	int tree = (int) syscall(SYS_open_tree, dir, path,
				 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (tree >= 0 && attrs)
		CHECK(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof attr));
	return tree;
}

static void mount_new(const char *target, const char *type, const char *const options[][2],
		      unsigned attrs)
{
	int tree = new_filesystem(type, options, attrs);

	attach_tree(tree, target);
	close(tree);
}

static void mount_cgroups(void)
{
	static const char *const options[][2] = { { "mode", "755" }, { NULL, NULL } };
	bool alone = n_cgroups == 1;

	if (!alone)
		mount_new("sys/fs/cgroup", "tmpfs", options, SAFE);
	for (size_t i = 0; i < n_cgroups; i++) {
		char target[128] = "sys/fs/cgroup";
		int tree = (int) CHECK(clone_tree(AT_FDCWD, cgroups[i].path, SAFE | RO));

		if (!alone) {
			snprintf(target, sizeof target, "sys/fs/cgroup/%s", cgroups[i].name);
			CHECK(mkdirat(root_fd, target, 0755));
		}
		attach_tree(tree, target);
		close(tree);
	}
}

static void mount_all(void)
{
	static const char *const dev[][2] = { { "mode", "755" },
					      { "size", "65536k" },
					      { NULL, NULL } };
	static const char *const pts[][2] = { { "newinstance", NULL },
					      { "ptmxmode", "0666" },
					      { "mode", "0620" },
					      { "gid", "5" },
					      { NULL, NULL } };
	static const char *const shm[][2] = { { "mode", "1777" },
					      { "size", "65536k" },
					      { NULL, NULL } };
	static const char *const dirs[] = { "dev/pts", "dev/shm", "dev/mqueue" };

	mount_new("proc", "proc", NULL, 0);
	mount_new("dev", "tmpfs", dev, MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME);
	for (size_t i = 0; i < N_ELEMENTS(dirs); i++)
		CHECK(mkdirat(root_fd, dirs[i], 0755));
	mount_new("dev/pts", "devpts", pts, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	mount_new("dev/shm", "tmpfs", shm, SAFE);
	mount_new("dev/mqueue", "mqueue", NULL, SAFE);
	mount_new("sys", "sysfs", NULL, SAFE | RO);
	mount_cgroups();
}

static void make_nodes(void)
{
	static const struct {
		const char *path;
		int major, minor;
	} nodes[] = {
		{ "dev/null", 1, 3 },	{ "dev/zero", 1, 5 },	 { "dev/full", 1, 7 },
		{ "dev/random", 1, 8 }, { "dev/urandom", 1, 9 }, { "dev/tty", 5, 0 },
	};
	static const char *const links[][2] = {
		{ "/proc/self/fd", "dev/fd" },	     { "/proc/self/fd/0", "dev/stdin" },
		{ "/proc/self/fd/1", "dev/stdout" }, { "/proc/self/fd/2", "dev/stderr" },
		{ "pts/ptmx", "dev/ptmx" },
	};

	for (size_t i = 0; i < N_ELEMENTS(nodes); i++)
		CHECK(mknodat(root_fd, nodes[i].path, S_IFCHR | 0666,
			      makedev((unsigned) nodes[i].major, (unsigned) nodes[i].minor)));
	for (size_t i = 0; i < N_ELEMENTS(links); i++)
		CHECK(symlinkat(links[i][0], root_fd, links[i][1]));
}

/* After the pivot: the paths are the container's. */
static void mask_paths(int null_tree)
{
	static const char *const masked[] = {
		"/proc/acpi",	       "/proc/asound",
		"/proc/kcore",	       "/proc/keys",
		"/proc/latency_stats", "/proc/sched_debug",
		"/proc/scsi",	       "/proc/timer_list",
		"/proc/timer_stats",   "/sys/devices/virtual/powercap",
		"/sys/firmware",
	};
	static const char *const options[][2] = { { "nr_inodes", "2" }, { NULL, NULL } };
	int empty = -1;

	for (size_t i = 0; i < N_ELEMENTS(masked); i++) {
		int at = open(masked[i], O_PATH | O_CLOEXEC), tree;
		struct stat st;

		if (at < 0)
			continue;
		CHECK(fstat(at, &st));
		if (S_ISDIR(st.st_mode) && empty < 0)
			empty = new_filesystem("tmpfs", options, RO);
		tree = (int) CHECK(syscall(SYS_open_tree, S_ISDIR(st.st_mode) ? empty : null_tree,
					   "",
					   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
		CHECK(syscall(SYS_move_mount, tree, "", at, "",
			      MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
		close(tree);
		close(at);
	}
}

static void protect_paths(void)
{
	static const char *const paths[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
					     "/proc/sysrq-trigger" };

	for (size_t i = 0; i < N_ELEMENTS(paths); i++) {
		int tree = clone_tree(AT_FDCWD, paths[i], RO);

		if (tree < 0)
			continue;
		attach_tree(tree, paths[i]);
		close(tree);
	}
}

static void enter_root(void)
{
	struct mount_attr ro = { .attr_set = RO };
	int old = (int) CHECK(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));

	CHECK(fchdir(root_fd));
	CHECK(syscall(SYS_pivot_root, ".", "."));
	CHECK(fchdir(old));
	CHECK(mount(NULL, ".", NULL, MOUNT_SLAVE | MOUNT_REC, NULL));
	CHECK(umount2(".", UMOUNT_DETACH));
	CHECK(chdir("/"));
	CHECK(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &ro, sizeof ro));
	close(old);
}

/* --- the process
 * ----------------------------------------------------------------------------------- */

static void bring_up_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int s = (int) CHECK(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	CHECK(ioctl(s, SIOCSIFFLAGS, &request));
	close(s);
}

static void drop_privileges(void)
{
	static const uint32_t keep =
		1u << CAP_AUDIT_WRITE | 1u << CAP_KILL | 1u << CAP_NET_BIND_SERVICE;
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { keep, keep, 0 }, { 0, 0, 0 } };

	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (cap > 31 || !(keep >> cap & 1))
			CHECK(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0));
	CHECK(syscall(SYS_setgroups, 0, NULL));
	CHECK(syscall(SYS_setresgid, 0, 0, 0));
	CHECK(syscall(SYS_setresuid, 0, 0, 0));
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CHECK(syscall(SYS_capset, &header, data));
}

__attribute__((noreturn)) static void child(const char *rootfs, const char *name)
{
	static char *const argv[] = { (char *) "/bin/true", (char *) "true", NULL };
	static char *const env[] = {
		(char *) "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		(char *) "TERM=xterm", (char *) "HOME=/", NULL
	};
	struct rlimit files = { 1024, 1024 };
	int null_tree;

	for (size_t i = 0; i < n_cgroups; i++)
		if (!cgroups[i].v2)
			CHECK(write(cgroups[i].tasks, "0", 1));
	CHECK(setrlimit(RLIMIT_NOFILE, &files));
	CHECK(setsid());
	CHECK(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name));
	bring_up_loopback();
	null_tree = (int) CHECK(clone_tree(AT_FDCWD, "/dev/null", 0));
	CHECK(mount(NULL, "/", NULL, MOUNT_SLAVE | MOUNT_REC, NULL));
	root_fd = (int) CHECK(clone_tree(AT_FDCWD, rootfs, 0));
	CHECK(syscall(SYS_move_mount, root_fd, "", AT_FDCWD, rootfs, MOVE_MOUNT_F_EMPTY_PATH));
	umask(0);
	mount_all();
	make_nodes();
	enter_root();
	mask_paths(null_tree);
	protect_paths();
	CHECK(sethostname("bare", 4));
	umask(022);
	drop_privileges();
	CHECK(syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC));
	execve(argv[0], argv, env);
	check(-1, "exec /bin/true");
	_exit(1);
}

int main(int argc, char **argv)
{
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS,
		.exit_signal = SIGCHLD,
	};
	int cgroup, status;
	pid_t pid;

	if (argc != 3) {
		fprintf(stderr, "usage: bare ROOTFS NAME\n");
		return 2;
	}
	cgroup = make_cgroups(argv[2]);
	if (cgroup >= 0) {
		attach_device_program(cgroup);
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t) cgroup;
	}
	pid = (pid_t) CHECK(syscall(SYS_clone3, &args, sizeof args));
	if (pid == 0)
		child(argv[1], argv[2]);
	CHECK(waitpid(pid, &status, 0));
	if (cgroup >= 0)
		close(cgroup);
	remove_cgroups();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
