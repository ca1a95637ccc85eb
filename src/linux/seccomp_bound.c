/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/seccomp_bound.h"

#include <linux/filter.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "linux/seccomp_filter.h"

/* what the kernel takes, and what is put before it (seccomp_enosys.c) */
#define INSNS_MAX (2 * BPF_MAXINSNS)

/* Between the two processes. */
struct shared {
	struct seccomp_step step;
	int code; /* of the error, or 0 */
	char text[512];
	struct seccomp_program program; /* but for its insns */
	struct sock_filter insns[INSNS_MAX];
};

/* ---- the child ---- */

static void lower(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit l;

	if (getrlimit(resource, &l) < 0)
		return;
	l.rlim_cur = l.rlim_cur < soft ? l.rlim_cur : soft;
	l.rlim_max = l.rlim_max < hard ? l.rlim_max : hard;
	(void) setrlimit(resource, &l);
}

/* The soft limit says why; the hard one kills whatever became of that signal. */
static void limit(unsigned int seconds)
{
	sigset_t set;

	(void) prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void) signal(SIGXCPU, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGXCPU);
	(void) sigprocmask(SIG_UNBLOCK, &set, NULL);
	lower(RLIMIT_CORE, 0, RLIM_INFINITY);
	lower(RLIMIT_CPU, seconds, seconds + 1);
}

static void report_error(struct shared *s)
{
	s->code = err_get_code() ? err_get_code() : EIO;
	strncpy(s->text, err_get_text(), sizeof(s->text) - 1);
}

_Noreturn static void work(seccomp_work_fn fn, void *arg, unsigned int seconds, struct shared *s)
{
	struct seccomp_program p = { 0 };
	int r;

	limit(seconds);
	r = fn(arg, &s->step, &p);
	if (r == 0 && p.len > INSNS_MAX)
		r = err_code(E2BIG, "seccomp: the filter has %zu instructions", p.len);
	if (r < 0) {
		report_error(s);
		_exit(0);
	}
	memcpy(s->insns, p.insns, p.len * sizeof(s->insns[0]));
	s->program = p;
	_exit(0);
}

/* ---- the parent ---- */

static int explain(const struct shared *s, int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	autofree char *how = NULL;

	if (sig == SIGXCPU)
		how = xstrdup("does not come to an end");
	else
		how = xasprintf("was killed by signal %d", sig);
	if (!s->step.name[0])
		return err_code(EINVAL, "seccomp: libseccomp %s", how);
	return err_code(EINVAL,
			"linux.seccomp.syscalls[%zu]: libseccomp %s with the conditions of '%s'",
			s->step.rule, how, s->step.name);
}

static int adopt(const struct shared *s, struct seccomp_program *ret)
{
	if (s->code)
		return err_adopt(s->code, s->text);
	*ret = s->program;
	ret->insns = xmemdup(s->insns, s->program.len * sizeof(s->insns[0]));
	return 0;
}

static int run(seccomp_work_fn fn, void *arg, unsigned int seconds, struct shared *s,
	       struct seccomp_program *ret)
{
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		return err_sys("fork to compile the seccomp profile");
	if (pid == 0)
		work(fn, arg, seconds, s);
	while (waitpid(pid, &status, __WALL) < 0) {
		if (errno != EINTR)
			return err_sys("wait for the seccomp profile");
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return explain(s, status);
	return adopt(s, ret);
}

int seccomp_bound_run(seccomp_work_fn fn, void *arg, unsigned int seconds,
		      struct seccomp_program *ret)
{
	struct shared *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int r;

	if (s == MAP_FAILED)
		return err_sys("share memory to compile the seccomp profile");
	r = run(fn, arg, seconds, s, ret);
	(void) munmap(s, sizeof(*s));
	return r;
}
