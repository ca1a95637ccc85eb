/* SPDX-License-Identifier: Apache-2.0 */

/* The probe's eyes: verbs that print what a container sees of itself. */

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "init.h"

/* Calls fn for each line of a file; the newline is cut off. */
static int each_line(const char *path, void (*fn)(char *line, void *arg), void *arg)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (!f)
		return -errno;
	while (getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		fn(line, arg);
	}
	free(line);
	fclose(f);
	return 0;
}

int verb_ids(int argc, char **argv)
{
	uid_t ru, eu, su;
	gid_t rg, eg, sg, *groups;
	int n;

	(void) argc, (void) argv;
	if (getresuid(&ru, &eu, &su) < 0 || getresgid(&rg, &eg, &sg) < 0)
		return -errno;
	n = getgroups(0, NULL);
	groups = calloc((size_t) n + 1, sizeof *groups);
	n = getgroups(n, groups);
	if (n < 0)
		return -errno;
	printf("uid=%u,%u,%u gid=%u,%u,%u groups=", ru, eu, su, rg, eg, sg);
	for (int i = 0; i < n; i++)
		printf("%s%u", i ? "," : "", groups[i]);
	printf("\n");
	free(groups);
	return 0;
}

static const char *const cap_names[] = {
	"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID",
	"SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW",
	"IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT",
	"SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD",
	"LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG",
	"WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
};

static const struct {
	const char *line; /* as /proc/self/status calls it */
	const char *set;  /* as config.json does */
} cap_sets[] = {
	{ "CapBnd:", "bounding" },    { "CapEff:", "effective" }, { "CapPrm:", "permitted" },
	{ "CapInh:", "inheritable" }, { "CapAmb:", "ambient" },
};

static void show_cap_set(char *line, void *arg)
{
	(void) arg;
	for (size_t i = 0; i < N_ELEMENTS(cap_sets); i++) {
		uint64_t bits;

		if (strncmp(line, cap_sets[i].line, 7) != 0)
			continue;
		bits = strtoull(line + 7, NULL, 16);
		printf("%s:", cap_sets[i].set);
		for (size_t c = 0; c < N_ELEMENTS(cap_names); c++)
			if (bits >> c & 1)
				printf(" %s", cap_names[c]);
		printf("\n");
	}
}

int verb_caps(int argc, char **argv)
{
	(void) argc, (void) argv;
	return each_line("/proc/self/status", show_cap_set, NULL);
}

static void show_status_line(char *line, void *arg)
{
	const char *field = arg;
	size_t n = strlen(field);

	if (strncmp(line, field, n) == 0 && line[n] == ':')
		printf("%s: %s\n", field, line + n + 1 + strspn(line + n + 1, " \t"));
}

int verb_status(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		int r = each_line("/proc/self/status", show_status_line, argv[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

int verb_cwd(int argc, char **argv)
{
	char buf[PATH_MAX];

	(void) argc, (void) argv;
	/* The bare system call says "(unreachable)/…" where getcwd(3) would go and search. */
	if (syscall(SYS_getcwd, buf, sizeof buf) < 0)
		return -errno;
	printf("%s\n", buf);
	return 0;
}

int verb_fds(int argc, char **argv)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;

	(void) argc, (void) argv;
	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		char target[PATH_MAX];
		ssize_t n;

		if (e->d_name[0] == '.' || atoi(e->d_name) == dirfd(d))
			continue;
		n = readlinkat(dirfd(d), e->d_name, target, sizeof target - 1);
		if (n >= 0)
			printf("fd %s %.*s\n", e->d_name, (int) n, target);
	}
	closedir(d);
	return 0;
}

/* "TARGET FSTYPE PER-MOUNT-OPTIONS SUPER-OPTIONS ROOT PROPAGATION", one mount a line */
static void show_mount(char *line, void *arg)
{
	const char *wanted = arg;
	char root[512], target[512], opts[512], type[64], super[1024];
	char *sep = strstr(line, " - ");
	int tags;

	if (!sep ||
	    sscanf(line, "%*s %*s %*s %511s %511s %511s %n", root, target, opts, &tags) < 3 ||
	    sscanf(sep, " - %63s %*s %1023s", type, super) < 2)
		return;
	if (wanted && strcmp(wanted, target) != 0)
		return;
	printf("%s %s %s %s %s ", target, type, opts, super, root);
	if (line + tags < sep)
		printf("%.*s\n", (int) (sep - line - tags), line + tags);
	else
		printf("private\n");
}

int verb_mounts(int argc, char **argv)
{
	return each_line("/proc/self/mountinfo", show_mount, argc > 0 ? argv[0] : NULL);
}

int verb_ns(int argc, char **argv)
{
	static const char *const names[] = { "cgroup", "ipc",  "mnt",  "net",
					     "pid",    "time", "user", "uts" };

	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		char path[64], target[64];
		ssize_t n;

		if (argc > 0 && strcmp(argv[0], names[i]) != 0)
			continue;
		snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
		n = readlink(path, target, sizeof target);
		if (n >= 0)
			printf("%.*s\n", (int) n, target);
	}
	return 0;
}

int verb_hostname(int argc, char **argv)
{
	char name[HOST_NAME_MAX + 1];

	(void) argc, (void) argv;
	if (gethostname(name, sizeof name) < 0)
		return -errno;
	printf("%s\n", name);
	return 0;
}

int verb_domainname(int argc, char **argv)
{
	char name[HOST_NAME_MAX + 1];

	(void) argc, (void) argv;
	if (getdomainname(name, sizeof name) < 0)
		return -errno;
	printf("%s\n", name);
	return 0;
}

int verb_umask(int argc, char **argv)
{
	mode_t m = umask(0);

	(void) argc, (void) argv;
	umask(m);
	printf("%04o\n", m);
	return 0;
}

static const struct {
	const char *name;
	int resource;
} rlimits[] = {
	{ "AS", RLIMIT_AS }, { "CORE", RLIMIT_CORE },
	{ "CPU", RLIMIT_CPU }, { "DATA", RLIMIT_DATA },
	{ "FSIZE", RLIMIT_FSIZE }, { "LOCKS", RLIMIT_LOCKS }, { "MEMLOCK", RLIMIT_MEMLOCK },
	{ "MSGQUEUE", RLIMIT_MSGQUEUE }, { "NICE", RLIMIT_NICE }, { "NOFILE", RLIMIT_NOFILE },
	{ "NPROC", RLIMIT_NPROC }, { "RSS", RLIMIT_RSS }, { "RTPRIO", RLIMIT_RTPRIO },
	{ "RTTIME", RLIMIT_RTTIME }, { "SIGPENDING", RLIMIT_SIGPENDING }, { "STACK", RLIMIT_STACK },
};

int verb_rlimit(int argc, char **argv)
{
	for (size_t i = 0; i < N_ELEMENTS(rlimits); i++) {
		struct rlimit l;

		if (argc > 0 && strcmp(argv[0], rlimits[i].name) != 0)
			continue;
		if (getrlimit((__rlimit_resource_t) rlimits[i].resource, &l) < 0)
			return -errno;
		printf("%s %lld %lld\n", rlimits[i].name, (long long) l.rlim_cur,
		       (long long) l.rlim_max);
	}
	return 0;
}

int verb_env(int argc, char **argv)
{
	if (argc == 0)
		for (char **e = environ; *e; e++)
			printf("%s\n", *e);
	for (int i = 0; i < argc; i++)
		printf("%s=%s\n", argv[i], getenv(argv[i]) ?: "(unset)");
	return 0;
}

int verb_args(int argc, char **argv)
{
	(void) argc, (void) argv;
	for (char **a = whole_argv; *a; a++)
		printf("[%s]\n", *a);
	return 0;
}

int verb_sysctl(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		char path[PATH_MAX];
		int r;

		snprintf(path, sizeof path, "/proc/sys/%s", argv[i]);
		for (char *c = path + 10; *c; c++)
			if (*c == '.')
				*c = '/';
		r = copy_file(path);
		if (r < 0)
			return r;
	}
	return 0;
}

int verb_oom(int argc, char **argv)
{
	(void) argc, (void) argv;
	return copy_file("/proc/self/oom_score_adj");
}

int verb_pid(int argc, char **argv)
{
	(void) argc, (void) argv;
	printf("pid=%d ppid=%d sid=%d pgid=%d\n", getpid(), getppid(), getsid(0), getpgrp());
	return 0;
}

int verb_tty(int argc, char **argv)
{
	struct winsize ws = { 0 };

	(void) argc, (void) argv;
	for (int fd = 0; fd <= 2; fd++) {
		char name[64] = "";

		if (isatty(fd) && ttyname_r(fd, name, sizeof name) == 0)
			printf("fd %d is %s\n", fd, name);
		else
			printf("fd %d is no terminal\n", fd);
	}
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) == 0)
		printf("size %ux%u\n", ws.ws_col, ws.ws_row);
	printf("foreground group %s\n", tcgetpgrp(STDIN_FILENO) == getpgrp() ? "ours" : "not ours");
	return 0;
}

int verb_signals(int argc, char **argv)
{
	(void) argc, (void) argv;
	return verb_status(3,
			   (char *[]){ (char *) "SigBlk", (char *) "SigIgn", (char *) "SigCgt" });
}

int verb_personality(int argc, char **argv)
{
	(void) argc, (void) argv;
	printf("0x%x\n", (unsigned) personality(0xffffffff));
	return 0;
}
