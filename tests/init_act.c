/* SPDX-License-Identifier: Apache-2.0 */

/* The probe's hands: verbs that try something with files and processes. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

int result(long r)
{
	return r < 0 ? -errno : 0;
}

int copy_fd(int from, int to)
{
	char buf[65536];
	ssize_t n;

	while ((n = read(from, buf, sizeof buf)) != 0) {
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		for (ssize_t done = 0, w; done < n; done += w) {
			w = write(to, buf + done, (size_t) (n - done));
			if (w < 0)
				return -errno;
		}
	}
	return 0;
}

int copy_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), r;

	if (fd < 0)
		return -errno;
	fflush(stdout);
	r = copy_fd(fd, STDOUT_FILENO);
	close(fd);
	return r;
}

int verb_cat(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		int r = copy_file(argv[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

int verb_ls(int argc, char **argv)
{
	struct dirent **list;
	int n = scandir(argv[0], &list, NULL, alphasort);

	(void) argc;
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		if (strcmp(list[i]->d_name, ".") != 0 && strcmp(list[i]->d_name, "..") != 0)
			printf("%s\n", list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return 0;
}

static const char *file_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFCHR:
		return "char";
	case S_IFBLK:
		return "block";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "unknown";
	}
}

/* "PATH: TYPE MODE UID:GID [MAJOR:MINOR] [-> TARGET]" */
int verb_stat(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		char target[PATH_MAX];
		struct stat st;
		ssize_t n;

		if (lstat(argv[i], &st) < 0)
			return -errno;
		printf("%s: %s %04o %u:%u", argv[i], file_type(st.st_mode), st.st_mode & 07777,
		       st.st_uid, st.st_gid);
		if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
			printf(" %u:%u", major(st.st_rdev), minor(st.st_rdev));
		if (S_ISLNK(st.st_mode) && (n = readlink(argv[i], target, sizeof target)) >= 0)
			printf(" -> %.*s", (int) n, target);
		printf("\n");
	}
	return 0;
}

int verb_statfs(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		struct statfs s;
		struct stat st;

		if (statfs(argv[i], &s) < 0 || stat(argv[i], &st) < 0)
			return -errno;
		printf("%s: magic 0x%lx dev %u:%u bytes %llu\n", argv[i], (unsigned long) s.f_type,
		       major(st.st_dev), minor(st.st_dev),
		       (unsigned long long) (s.f_blocks * (uint64_t) s.f_bsize));
	}
	return 0;
}

int verb_open(int argc, char **argv)
{
	int flags = O_RDONLY, fd;

	if (argc > 1 && strcmp(argv[1], "w") == 0)
		flags = O_WRONLY;
	else if (argc > 1 && strcmp(argv[1], "rw") == 0)
		flags = O_RDWR;
	fd = open(argv[0], flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int verb_write(int argc, char **argv)
{
	int fd = open(argv[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	int r = 0;

	if (fd < 0)
		return -errno;
	for (int i = 1; i < argc && r == 0; i++)
		r = result(dprintf(fd, "%s%s", argv[i], i + 1 < argc ? " " : "\n"));
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

/* Appends standard input to a file: what a hook does with the state it gets. */
int verb_save(int argc, char **argv)
{
	int fd = open(argv[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	int r;

	(void) argc;
	if (fd < 0)
		return -errno;
	r = copy_fd(STDIN_FILENO, fd);
	close(fd);
	return r;
}

int verb_mkdir(int argc, char **argv)
{
	(void) argc;
	return result(mkdir(argv[0], 0777));
}

int verb_rm(int argc, char **argv)
{
	(void) argc;
	return result(remove(argv[0]));
}

int verb_chmod(int argc, char **argv)
{
	(void) argc;
	return result(chmod(argv[1], (mode_t) strtoul(argv[0], NULL, 8)));
}

int verb_chown(int argc, char **argv)
{
	unsigned uid, gid;

	(void) argc;
	if (sscanf(argv[0], "%u:%u", &uid, &gid) != 2)
		return -EINVAL;
	return result(chown(argv[1], uid, gid));
}

int verb_mknod(int argc, char **argv)
{
	mode_t type = argv[1][0] == 'c' ? S_IFCHR : argv[1][0] == 'b' ? S_IFBLK : S_IFIFO;
	dev_t dev = argc > 3 ? makedev((unsigned) atoi(argv[2]), (unsigned) atoi(argv[3])) : 0;

	return result(mknod(argv[0], type | 0666, dev));
}

int verb_mount(int argc, char **argv)
{
	(void) argc;
	return result(mount("none", argv[1], argv[0], 0, NULL));
}

int verb_chdir(int argc, char **argv)
{
	(void) argc;
	return result(chdir(argv[0]));
}

int verb_readlink(int argc, char **argv)
{
	char target[PATH_MAX];
	ssize_t n = readlink(argv[0], target, sizeof target);

	(void) argc;
	if (n < 0)
		return -errno;
	printf("%.*s\n", (int) n, target);
	return 0;
}

static const struct {
	const char *name;
	int number;
} signals[] = {
	{ "HUP", SIGHUP },     { "INT", SIGINT },   { "QUIT", SIGQUIT }, { "USR1", SIGUSR1 },
	{ "USR2", SIGUSR2 },   { "TERM", SIGTERM }, { "CHLD", SIGCHLD }, { "CONT", SIGCONT },
	{ "WINCH", SIGWINCH }, { "PIPE", SIGPIPE }, { "KILL", SIGKILL }, { "PWR", SIGPWR },
};

static int signal_number(const char *name)
{
	if (strncmp(name, "RTMIN+", 6) == 0)
		return SIGRTMIN + atoi(name + 6);
	for (size_t i = 0; i < N_ELEMENTS(signals); i++)
		if (strcmp(signals[i].name, name) == 0)
			return signals[i].number;
	return atoi(name);
}

int verb_true(int argc, char **argv)
{
	(void) argc, (void) argv;
	return 0;
}

int verb_exit(int argc, char **argv)
{
	fflush(stdout);
	_exit(argc > 0 ? atoi(argv[0]) : 0);
}

int verb_echo(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		printf("%s%s", argv[i], i + 1 < argc ? " " : "");
	printf("\n");
	return 0;
}

int verb_warn(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		fprintf(stderr, "%s%s", argv[i], i + 1 < argc ? " " : "");
	fprintf(stderr, "\n");
	return 0;
}

int verb_pause(int argc, char **argv)
{
	(void) argc, (void) argv;
	for (;;) {
		pause();
		/* Reaps what it was woken for, as an init should. */
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	return 0;
}

int verb_sleep(int argc, char **argv)
{
	double seconds = strtod(argv[0], NULL);
	struct timespec left = { (time_t) seconds,
				 (long) ((seconds - (double) (time_t) seconds) * 1e9) };

	(void) argc;
	while (nanosleep(&left, &left) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int trap_status[65];

static void trap_run(int sig)
{
	char text[] = "got signal   \n";

	text[11] = (char) ('0' + sig / 10);
	text[12] = (char) ('0' + sig % 10);
	(void) !write(STDOUT_FILENO, text, sizeof text - 1);
	if (trap_status[sig] >= 0)
		_exit(trap_status[sig]);
}

/* trap SIGNAL [STATUS]: says so when the signal comes, and with STATUS exits. */
int verb_trap(int argc, char **argv)
{
	int sig = signal_number(argv[0]);

	if (sig <= 0 || sig > 64)
		return -EINVAL;
	trap_status[sig] = argc > 1 ? atoi(argv[1]) : -1;
	return result(signal(sig, trap_run) == SIG_ERR ? -1 : 0);
}

int verb_kill(int argc, char **argv)
{
	(void) argc;
	return result(kill(atoi(argv[1]), signal_number(argv[0])));
}

/* notify TEXT…: each is a line of one message to $NOTIFY_SOCKET. */
int verb_notify(int argc, char **argv)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	char text[1024] = "";
	int sock;

	for (int i = 0; i < argc; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\n", argv[i]);
	if (!path)
		return -ENOENT;
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	sock = socket(AF_UNIX, SOCK_DGRAM, 0);
	return result(sendto(sock, text, strlen(text), 0, (struct sockaddr *) &to, sizeof(to)));
}

/* lock FILE: held until the end, with flock(2). */
int verb_lock(int argc, char **argv)
{
	int fd = open(argv[0], O_RDWR | O_CREAT, 0644);

	(void) argc;
	return result(fd < 0 ? -1 : flock(fd, LOCK_EX | LOCK_NB));
}

/* tell PATH TEXT…: over one connected datagram socket, again and again. */
int verb_tell(int argc, char **argv)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_DGRAM, 0), r = 0;

	(void) argc;
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", argv[0]);
	if (connect(sock, (struct sockaddr *) &to, sizeof(to)) < 0)
		return result(-1);
	for (;; usleep(50000)) {
		r = (int) send(sock, argv[1], strlen(argv[1]), 0);
		if (r < 0)
			return result(r);
	}
}

/* spawn VERB…: runs the verb in a child and goes on at once. */
int verb_spawn(int argc, char **argv)
{
	pid_t pid;

	(void) argc;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(run_sequence(argv));
	return result(pid);
}

/* fork N: how many of N children can be alive at a time. */
int verb_fork(int argc, char **argv)
{
	int wanted = atoi(argv[0]), n;
	pid_t *pids = calloc((size_t) wanted + 1, sizeof *pids);

	(void) argc;
	fflush(stdout);
	for (n = 0; n < wanted; n++) {
		pids[n] = fork();
		if (pids[n] == 0)
			verb_pause(0, NULL);
		if (pids[n] < 0)
			break;
	}
	printf("forked %d of %d\n", n, wanted);
	while (n-- > 0) {
		kill(pids[n], SIGKILL);
		waitpid(pids[n], NULL, 0);
	}
	free(pids);
	return 0;
}

/* alloc MIB: touches that much memory in a child, so that the killer of the cgroup spares the
 * probe. */
int verb_alloc(int argc, char **argv)
{
	size_t size = (size_t) atoi(argv[0]) << 20;
	int status;
	pid_t pid;

	(void) argc;
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			       0);

		for (size_t i = 0; p != MAP_FAILED && i < size; i += 4096)
			p[i] = 1;
		_exit(p == MAP_FAILED);
	}
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	if (WIFSIGNALED(status))
		printf("alloc %s: killed by signal %d\n", argv[0], WTERMSIG(status));
	else
		printf("alloc %s: %s\n", argv[0], WEXITSTATUS(status) ? "refused" : "ok");
	return 0;
}

int verb_exec(int argc, char **argv)
{
	(void) argc;
	fflush(stdout);
	return result(execv(argv[0], argv));
}

/* read: one line of standard input, shown in brackets */
int verb_read(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;

	(void) argc, (void) argv;
	if (getline(&line, &size, stdin) < 0)
		printf("(end of input)\n");
	else
		printf("[%.*s]\n", (int) strcspn(line, "\r\n"), line);
	free(line);
	return 0;
}

int verb_copy(int argc, char **argv)
{
	(void) argc, (void) argv;
	fflush(stdout);
	return copy_fd(STDIN_FILENO, STDOUT_FILENO);
}

int verb_lines(int argc, char **argv)
{
	(void) argc;
	for (int i = 1; i <= atoi(argv[0]); i++)
		printf("line %d\n", i);
	return 0;
}

/* wait-for PATH: until it exists, at most ten seconds */
int verb_wait_for(int argc, char **argv)
{
	(void) argc;
	for (int i = 0; i < 1000; i++) {
		if (access(argv[0], F_OK) == 0)
			return 0;
		usleep(10000);
	}
	return -ETIMEDOUT;
}
