/* SPDX-License-Identifier: Apache-2.0 */

/*
 * nosys CALL[,CALL...] ENOSYS|EPERM -- COMMAND...
 *
 * Runs the command with system calls that fail, as on an old kernel (ENOSYS) or below a filter that
 * does not know them (EPERM). "all" stands for every name in the table.
 */

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define N_CALLS (sizeof(calls) / sizeof(calls[0]))

static const struct {
	const char *name;
	unsigned int number;
} calls[] = {
	{ "bpf", SYS_bpf },
	{ "clone3", SYS_clone3 },
	{ "close_range", SYS_close_range },
	{ "execveat", SYS_execveat },
	{ "fsconfig", SYS_fsconfig },
	{ "fsmount", SYS_fsmount },
	{ "fsopen", SYS_fsopen },
	{ "keyctl", SYS_keyctl },
	{ "memfd_create", SYS_memfd_create },
	{ "mount_setattr", SYS_mount_setattr },
	{ "move_mount", SYS_move_mount },
	{ "open_tree", SYS_open_tree },
	{ "openat2", SYS_openat2 },
	{ "pidfd_open", SYS_pidfd_open },
	{ "pidfd_send_signal", SYS_pidfd_send_signal },
	{ "seccomp", SYS_seccomp },
	{ "statx", SYS_statx },
};

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define ARCH AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define ARCH AUDIT_ARCH_S390X
#elif defined(__loongarch64)
#define ARCH AUDIT_ARCH_LOONGARCH64
#else
#error "name the audit architecture here"
#endif

/* Two instructions for each call between a head that lets other architectures pass and an end. */
static struct sock_filter filter[5 + 2 * N_CALLS];
static unsigned short filter_len;

static void add(struct sock_filter insn)
{
	filter[filter_len++] = insn;
}

static void usage(void)
{
	fprintf(stderr, "usage: nosys CALL[,CALL...] ENOSYS|EPERM -- COMMAND...\ncalls: all");
	for (size_t i = 0; i < N_CALLS; i++)
		fprintf(stderr, ",%s", calls[i].name);
	fprintf(stderr, "\n");
	exit(125);
}

/* Is name one of the comma-separated list? */
static int is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		if (strncmp(list, name, len) == 0 && (!list[len] || list[len] == ','))
			return 1;
	}
	return 0;
}

static size_t count_names(const char *list)
{
	size_t n = 1;

	for (; *list; list++)
		n += *list == ',';
	return n;
}

static void build(const char *list, unsigned int error)
{
	int all = strcmp(list, "all") == 0;
	size_t n = 0;

	add((struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					  offsetof(struct seccomp_data, arch)));
	add((struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0));
	add((struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	add((struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					  offsetof(struct seccomp_data, nr)));
	for (size_t i = 0; i < N_CALLS; i++) {
		if (!all && !is_listed(list, calls[i].name))
			continue;
		n++;
		add((struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0,
						  1));
		add((struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error));
	}
	add((struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	/* A name that is not in the table would make a test pass for nothing. */
	if (!all && n != count_names(list))
		usage();
}

static void install(void)
{
	struct sock_fprog program = { filter_len, filter };

	/* prctl and not seccomp(2), which may be one of them (or be refused around us). The
	 * command keeps its chance of new privileges where we have the right to let it. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
		return;
	if (errno == EACCES && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
		return;
	perror("nosys: install filter");
	exit(125);
}

int main(int argc, char **argv)
{
	unsigned int error = 0;

	if (argc < 5 || strcmp(argv[3], "--") != 0)
		usage();
	if (strcmp(argv[2], "ENOSYS") == 0)
		error = ENOSYS;
	else if (strcmp(argv[2], "EPERM") == 0)
		error = EPERM;
	else
		usage();
	build(argv[1], error);
	install();
	execvp(argv[4], argv + 4);
	fprintf(stderr, "nosys: %s: %s\n", argv[4], strerror(errno));
	return errno == ENOENT ? 127 : 126;
}
