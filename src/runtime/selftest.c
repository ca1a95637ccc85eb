/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/sys.h"
#include "linux/landlock.h"

#define OUTPUT_MAX  65536
#define RACE_STARTS 20
#define TIMEOUT_S   30

struct test {
	char *dir; /* everything is in here */
	int dir_fd;
	const char *mode;
	const struct selftest_case *c;
	char *said; /* of the last command */
};

/* ---- commands ---- */

/* As on a kernel that has neither openat2 nor the mount API. */
static void hide_new_calls(void)
{
#define REFUSE(nr)                                                      \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int) (nr), 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)
	static struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), /* the number */
		REFUSE(SYS_openat2),
		REFUSE(SYS_fsopen),
		REFUSE(SYS_fsconfig),
		REFUSE(SYS_fsmount),
		REFUSE(SYS_open_tree),
		REFUSE(SYS_move_mount),
		REFUSE(SYS_mount_setattr),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { ARRAY_SIZE(insns), insns };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
		return;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(125);
}

__attribute__((noreturn)) static void child(const struct test *t, const char **argv)
{
	autofd int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	autofd int out = openat(t->dir_fd, "said", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (null < 0 || out < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(125);
	/* A container that hangs is a failure. */
	alarm(TIMEOUT_S);
	if (str_eq(t->mode, "fallback"))
		hide_new_calls();
	execv("/proc/self/exe", (char **) argv);
	_exit(125);
}

/* Runs ourselves; 0 when that succeeds, and what was said is in t->said. */
static int command(struct test *t, const char *verb, const char *option, const char *value)
{
	autofree char *root = xasprintf("%s/state", t->dir);
	/* what goes to the log goes to stderr as well, and there without time and level */
	const char *argv[] = { "hako",
			       "--root",
			       root,
			       "--log",
			       "/dev/null",
			       "--cgroup-manager",
			       "disabled",
			       verb,
			       option,
			       value ? value : "selftest",
			       value ? "selftest" : NULL,
			       NULL };
	int status = 255;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		child(t, argv);
	if (pid > 0)
		(void) proc_reap(pid, &status);
	free(take_ptr(&t->said));
	if (file_read_at(t->dir_fd, "said", OUTPUT_MAX, &t->said, NULL) < 0)
		t->said = xstrdup("");
	return pid < 0 ? -1 : status;
}

/* ---- the bundle ---- */

static char *substitute(const struct test *t, const char *text)
{
	struct strbuf out = STRBUF_INIT;

	for (; *text; text++) {
		if (*text == '@')
			strbuf_addf(&out, "%s/host", t->dir);
		else
			strbuf_add_c(&out, *text);
	}
	strbuf_add(&out, "");
	return strbuf_take(&out);
}

static char *make_config(const struct test *t)
{
	static const char proc[] =
		"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"}";
	static const char dev[] =
		",{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
		"\"options\":[\"nosuid\",\"mode=755\"]}";
	const struct selftest_case *c = t->c;
	struct strbuf b = STRBUF_INIT;

	strbuf_addf(&b,
		    "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},\"process\":{"
		    "\"cwd\":\"%s\",\"args\":[\"/init\"],\"user\":{\"uid\":0,\"gid\":0},"
		    "\"noNewPrivileges\":true},\"mounts\":[%s%s%s%s],\"linux\":{"
		    "\"maskedPaths\":[\"/proc/keys\",\"/proc/timer_list\",\"/etc/secret\"],"
		    "\"readonlyPaths\":[\"/proc/sys\"],\"namespaces\":[{\"type\":\"pid\"},"
		    "{\"type\":\"ipc\"},{\"type\":\"uts\"},{\"type\":\"mount\"},"
		    "{\"type\":\"network\"}",
		    c->cwd ? c->cwd : "/", proc, c->image_dev ? "" : dev, c->mounts ? "," : "",
		    c->mounts ? c->mounts : "");
	if (geteuid() != 0)
		strbuf_addf(&b,
			    ",{\"type\":\"user\"}],\"uidMappings\":[{\"containerID\":0,"
			    "\"hostID\":%u,\"size\":1}],\"gidMappings\":[{\"containerID\":0,"
			    "\"hostID\":%u,\"size\":1}]",
			    geteuid(), getegid());
	else
		strbuf_add(&b, "]");
	strbuf_addf(&b, "%s}}", c->members ? c->members : "");
	return strbuf_take(&b);
}

static int write_file(int dir_fd, const char *name, const char *text, mode_t mode)
{
	return file_replace_at(dir_fd, name, text, strlen(text), mode, 0);
}

static int plant(const struct test *t, int rootfs, const struct selftest_plant *p)
{
	autofree char *target = p->target ? substitute(t, p->target) : NULL;
	int r = file_remove_tree_at(rootfs, p->path);

	if (r < 0)
		return r;
	switch (p->kind) {
	case 'l':
		r = symlinkat(target, rootfs, p->path);
		break;
	case 'f':
		return write_file(rootfs, p->path, "own\n", 0666);
	case 'p':
		r = mknodat(rootfs, p->path, S_IFIFO | 0666, 0);
		break;
	default:
		r = mkdirat(rootfs, p->path, 0777);
	}
	return r < 0 ? -errno : 0;
}

static int make_dirs(const struct test *t)
{
	static const char *const dirs[] = {
		"state",
		"host",
		"host/empty",
		"bundle",
		"bundle/rootfs",
		"bundle/rootfs/dev",
		"bundle/rootfs/etc",
		"bundle/rootfs/proc",
	};
	static const char *const stale[] = { "state", "host", "bundle" };

	for (size_t i = 0; i < ARRAY_SIZE(stale); i++) {
		int r = file_remove_tree_at(t->dir_fd, stale[i]);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (mkdirat(t->dir_fd, dirs[i], i ? 0755 : 0700) < 0)
			return -errno;
	}
	return 0;
}

static int prepare(const struct test *t)
{
	autofree char *plain = make_config(t), *config = substitute(t, plain);
	autofd int rootfs = FD_NONE;
	int r = make_dirs(t);

	if (r == 0)
		r = write_file(t->dir_fd, "host/file", "marker\n", 0666);
	if (r == 0)
		r = write_file(t->dir_fd, "bundle/config.json", config, 0644);
	if (r == 0)
		r = write_file(t->dir_fd, "bundle/source", "source\n", 0644);
	if (r == 0)
		r = write_file(t->dir_fd, "bundle/rootfs/init", "never executed\n", 0755);
	if (r == 0)
		r = write_file(t->dir_fd, "bundle/rootfs/etc/secret", "secret\n", 0644);
	rootfs = openat(t->dir_fd, "bundle/rootfs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(t->c->plants) && t->c->plants[i].kind; i++)
		r = plant(t, rootfs, &t->c->plants[i]);
	return r;
}

/* ---- what must not have changed ---- */

static int count_entry(void *arg, int dirfd, const char *name)
{
	(void) dirfd;
	(void) name;
	++*(size_t *) arg;
	return 0;
}

static size_t count(const struct test *t, const char *dir)
{
	size_t n = 0;

	return file_each_at(t->dir_fd, dir, count_entry, &n) == 0 ? n : SIZE_MAX;
}

/* NULL, or what is wrong. */
static const char *look_outside(const struct test *t)
{
	autofree char *text = NULL, *mounts = NULL;
	struct stat st;

	if (count(t, "host") != 2 || count(t, "host/empty") != 0)
		return "something was made outside of the root";
	if (file_read_at(t->dir_fd, "host/file", 64, &text, NULL) < 0 ||
	    !str_eq(text, "marker\n") || fstatat(t->dir_fd, "host/file", &st, 0) < 0 ||
	    st.st_uid != geteuid() || (st.st_mode & 07777) != 0666)
		return "a file outside of the root was changed";
	if (count(t, "state") != 0)
		return "state was left";
	if (file_read_at(AT_FDCWD, "/proc/self/mountinfo", 64u << 20, &mounts, NULL) == 0 &&
	    strstr(mounts, t->dir))
		return "a mount was left";
	return NULL;
}

/* ---- one scenario ---- */

static pid_t start_swapper(const struct test *t)
{
	autofree char *a = NULL, *b = NULL;
	pid_t pid;

	if (!t->c->swap[0])
		return 0;
	a = xasprintf("bundle/rootfs/%s", t->c->swap[0]);
	b = xasprintf("bundle/rootfs/%s", t->c->swap[1]);
	pid = fork();
	if (pid != 0)
		return pid;
	(void) prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		(void) renameat2(t->dir_fd, a, t->dir_fd, b, RENAME_EXCHANGE);
}

static void end_swapper(pid_t pid)
{
	int status;

	if (pid <= 0)
		return;
	(void) kill(pid, SIGKILL); /* ours and not reaped */
	(void) proc_reap(pid, &status);
}

static pid_t read_pid(const struct test *t)
{
	autofree char *text = NULL;
	int pid = 0;

	if (file_read_at(t->dir_fd, "pid", 32, &text, NULL) == 0)
		(void) str_to_int(text, &pid);
	return pid;
}

static const char *judge(const struct test *t, int status)
{
	if (status == 0 && t->c->expect == SELFTEST_REFUSED)
		return "was not refused";
	if (status != 0 && t->c->expect == SELFTEST_CREATED)
		return "was refused";
	if (status > 1)
		return "ended in disorder";
	if (status == 1 && str_empty(t->said))
		return "was refused without a word";
	if (status == 1 && t->c->says && !strstr(t->said, t->c->says))
		return "was refused for another reason";
	return NULL;
}

static const char *create_and_delete(struct test *t, char **ret_said)
{
	autofree char *bundle = xasprintf("--bundle=%s/bundle", t->dir);
	autofree char *pid_file = xasprintf("--pid-file=%s/pid", t->dir);
	int status = command(t, "create", bundle, pid_file);
	const char *problem = judge(t, status);
	pid_t init = status == 0 ? read_pid(t) : 0;

	free(*ret_said);
	*ret_said = take_ptr(&t->said);
	if (!problem && init > 0 && t->c->inspect)
		problem = t->c->inspect(init);
	if (command(t, "delete", "--force", NULL) != 0 && !problem)
		problem = "cannot be deleted";
	return problem ? problem : look_outside(t);
}

static void tell(const struct selftest_report *report)
{
	if (report->progress)
		report->progress(report);
}

static void add_result(struct selftest_report *report, const struct test *t, const char *problem,
		       char *said)
{
	struct selftest_result *r;

	report->v = xreallocarray(report->v, report->len + 1, sizeof(*report->v));
	r = &report->v[report->len++];
	said[strcspn(said, "\n")] = '\0';
	*r = (struct selftest_result){ .name = t->c->name, .mode = t->mode, .failed = problem };
	if (problem)
		r->detail = xasprintf("%s%s%s", problem, *said ? ": " : "", said);
	else
		r->detail = xstrdup(said);
	report->failed += r->failed;
	tell(report);
}

static int run_case(struct selftest_report *report, struct test *t)
{
	size_t starts = t->c->swap[0] ? RACE_STARTS : 1;
	const char *problem = NULL;
	char *said = xstrdup("");
	pid_t swapper;
	int r = prepare(t);

	if (r < 0) {
		free(said);
		return err_sys_r(r, "selftest: prepare '%s'", t->c->name);
	}
	swapper = start_swapper(t);
	for (size_t i = 0; i < starts && !problem; i++)
		problem = create_and_delete(t, &said);
	end_swapper(swapper);
	add_result(report, t, problem, said);
	free(said);
	return 0;
}

/* ---- all of it ---- */

static int open_scratch(struct test *t)
{
	const char *tmp = getenv("TMPDIR");

	t->dir = xasprintf("%s/hako-selftest-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");
	if (!mkdtemp(t->dir))
		return err_sys("make a directory '%s'", t->dir);
	t->dir_fd = open(t->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->dir_fd < 0)
		return err_sys("open '%s'", t->dir);
	return 0;
}

static void close_scratch(struct test *t)
{
	fd_close(&t->dir_fd);
	if (t->dir && file_remove_tree_at(AT_FDCWD, t->dir) < 0)
		fprintf(stderr, "'%s' could not be removed\n", t->dir);
	free(t->dir);
	free(t->said);
}

static void ask_kernel(struct selftest_report *report)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	autofd int fd = sys_openat2(AT_FDCWD, ".", &how);
	struct utsname u;

	report->kernel = xstrdup(uname(&u) == 0 ? u.release : "");
	report->landlock = landlock_abi();
	report->openat2 = fd >= 0;
	report->mount_api = sys_fsopen(NULL, 0) != -ENOSYS &&
			    sys_mount_setattr(-1, "", 0, &(struct mount_attr){ 0 }) != -ENOSYS;
}

/* Signals that end a program wait until a scenario has cleaned up. */
static int check_interrupted(const sigset_t *held)
{
	static const struct timespec now = { 0 };
	int sig = sigtimedwait(held, NULL, &now);

	return sig > 0 ? err_code(EINTR, "interrupted by a signal (%s)", strsignal(sig)) : 0;
}

static int run_cases(struct selftest_report *ret, struct test *t)
{
	static const char *const modes[] = { "native", "fallback" };
	sigset_t held, before;
	int r = 0;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGPIPE);
	sigprocmask(SIG_BLOCK, &held, &before);
	for (size_t m = 0; r == 0 && m < ARRAY_SIZE(modes); m++) {
		t->mode = modes[m];
		for (size_t i = 0; r == 0 && i < selftest_n_cases; i++) {
			t->c = &selftest_cases[i];
			r = run_case(ret, t);
			if (r == 0)
				r = check_interrupted(&held);
		}
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

int selftest_run(struct selftest_report *ret)
{
	struct test t = { .dir_fd = FD_NONE };
	mode_t mask = umask(0);
	int r;

	ask_kernel(ret);
	tell(ret);
	r = open_scratch(&t);
	if (r == 0)
		r = run_cases(ret, &t);
	umask(mask);
	if (t.dir)
		close_scratch(&t);
	return r;
}

void selftest_report_clear(struct selftest_report *report)
{
	for (size_t i = 0; i < report->len; i++)
		free(report->v[i].detail);
	free(report->v);
	free(report->kernel);
}

void selftest_format_line(const struct selftest_report *report, struct strbuf *out)
{
	const struct selftest_result *r;

	if (!report->len) {
		strbuf_addf(out, "kernel %s: openat2 %s, mount API %s, Landlock %d\n",
			    report->kernel, report->openat2 ? "yes" : "no",
			    report->mount_api ? "yes" : "no", report->landlock);
		return;
	}
	r = &report->v[report->len - 1];
	strbuf_addf(out, "%-4s %-8s %s%s%s\n", r->failed ? "FAIL" : "ok", r->mode, r->name,
		    *r->detail ? ": " : "", r->detail);
}

void selftest_format_sum(const struct selftest_report *report, struct strbuf *out)
{
	strbuf_addf(out, "%zu scenarios, %zu failed\n", report->len, report->failed);
}

void selftest_format_json(const struct selftest_report *report, struct strbuf *out)
{
	strbuf_add(out, "{\"kernel\":");
	strbuf_add_json(out, report->kernel);
	strbuf_addf(out, ",\"openat2\":%s,\"mountApi\":%s,\"landlock\":%d,\"results\":[",
		    report->openat2 ? "true" : "false", report->mount_api ? "true" : "false",
		    report->landlock);
	for (size_t i = 0; i < report->len; i++) {
		strbuf_addf(out, "%s{\"name\":", i ? "," : "");
		strbuf_add_json(out, report->v[i].name);
		strbuf_addf(out,
			    ",\"mode\":\"%s\",\"result\":\"%s\",\"detail\":", report->v[i].mode,
			    report->v[i].failed ? "fail" : "ok");
		strbuf_add_json(out, report->v[i].detail);
		strbuf_add_c(out, '}');
	}
	strbuf_addf(out, "],\"failed\":%zu}\n", report->failed);
}
