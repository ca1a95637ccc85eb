/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/hooks.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/sys.h"
#include "ocispec.h"
#include "spec/annotations.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif

/* Where a stage is in the document. */
static const struct stage {
	const char *name;
	size_t hooks, len; /* offsets in struct oci_hooks */
} stages[HOOK_STAGE_COUNT_] = {
#define STAGE(name, member)                                                                        \
	{                                                                                          \
		name, offsetof(struct oci_hooks, member), offsetof(struct oci_hooks, member##_len) \
	}
	[HOOK_PRESTART] = STAGE("prestart", prestart),
	[HOOK_CREATE_RUNTIME] = STAGE("createRuntime", create_runtime),
	[HOOK_CREATE_CONTAINER] = STAGE("createContainer", create_container),
	[HOOK_START_CONTAINER] = STAGE("startContainer", start_container),
	[HOOK_POSTSTART] = STAGE("poststart", poststart),
	[HOOK_POSTSTOP] = STAGE("poststop", poststop),
#undef STAGE
};

/* org.hako.hooks.*, in the order of enum annotations_hook. */
static const char *const note_names[] = {
	[ANNOTATIONS_HOOK_PRE_START] = "pre-start",
	[ANNOTATIONS_HOOK_PRE_MOUNT] = "pre-mount",
	[ANNOTATIONS_HOOK_START_HOST] = "start-host",
	[ANNOTATIONS_HOOK_DESTROY] = "destroy",
};

/* One stage being run. */
struct run {
	const struct hooks *h;
	const char *name;
	const struct oci_hook *list;
	size_t n;
	char *const *env;
};

const char *hooks_stage_name(enum hook_stage stage)
{
	return stage < HOOK_STAGE_COUNT_ ? stages[stage].name
					 : note_names[stage - HOOK_STAGE_COUNT_];
}

static struct run stage_run(const struct hooks *h, enum hook_stage stage, char *const *env)
{
	const char *doc = (const char *) h->doc;
	struct run run = { .h = h, .name = hooks_stage_name(stage), .env = env };

	if (stage >= HOOK_STAGE_COUNT_) {
		const struct oci_hook_list *list =
			h->notes ? h->notes->hooks[stage - HOOK_STAGE_COUNT_] : NULL;

		run.list = list ? list->items : NULL;
		run.n = list ? list->items_len : 0;
	} else if (doc) {
		memcpy(&run.list, doc + stages[stage].hooks, sizeof(run.list));
		memcpy(&run.n, doc + stages[stage].len, sizeof(run.n));
	}
	return run;
}

bool hooks_any(const struct hooks *h, enum hook_stage stage)
{
	return stage_run(h, stage, NULL).n > 0;
}

bool hooks_of_annotations(const struct annotations *a)
{
	for (size_t i = 0; i < ANNOTATIONS_HOOK_COUNT_; i++) {
		if (a->hooks[i] && a->hooks[i]->items_len)
			return true;
	}
	return false;
}

static int open_output(const char *path, int *ret_fd)
{
	if (!path)
		return 0;
	*ret_fd = file_open_append(path, 0644);
	if (*ret_fd < 0)
		return err_sys_r(*ret_fd, "open '%s' for the output of hooks", path);
	return 0;
}

int hooks_open(const struct oci_hooks *doc, const char *bundle, const struct annotations *a,
	       struct hooks *ret)
{
	autohooks struct hooks h = HOOKS_INIT;
	int r;

	if (!doc && !hooks_of_annotations(a))
		return 0;
	h.doc = doc;
	h.notes = a;
	h.cwd_fd = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (h.cwd_fd < 0)
		return err_sys("open bundle '%s'", bundle);
	r = open_output(a->hooks_stdout, &h.stdout_fd);
	if (r >= 0)
		r = open_output(a->hooks_stderr, &h.stderr_fd);
	if (r < 0)
		return r;
	*ret = h;
	h = (struct hooks) HOOKS_INIT;
	return 0;
}

void hooks_close(struct hooks *h)
{
	fd_close(&h->cwd_fd);
	fd_close(&h->stdout_fd);
	fd_close(&h->stderr_fd);
	h->doc = NULL;
	h->notes = NULL;
}

/*
 * The state goes through a memory file and not a pipe: a hook that never reads it cannot block us
 * or raise SIGPIPE, and no second process is needed for a state larger than a pipe.
 */
static int hooks_state_fd(const char *state, int *ret_fd)
{
	autofd int fd = FD_NONE;
	int r;

	fd = memfd_create("state", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("state", MFD_CLOEXEC);
	if (fd < 0)
		return err_sys("make the state of the hooks");
	r = fd_write_full(fd, state, strlen(state));
	if (r < 0)
		return err_sys_r(r, "write the state of the hooks");
	*ret_fd = take_fd(&fd);
	return 0;
}

static int hook_spawn(const struct run *run, const struct oci_hook *h, int state_fd, pid_t *ret)
{
	char *const fallback_args[] = { h->path, NULL };
	char *const *args = h->args_len ? h->args : fallback_args;
	char *const *env = h->env ? h->env : run->env;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, state_fd, STDIN_FILENO);
	if (run->h->stdout_fd >= 0)
		posix_spawn_file_actions_adddup2(&actions, run->h->stdout_fd, STDOUT_FILENO);
	if (run->h->stderr_fd >= 0)
		posix_spawn_file_actions_adddup2(&actions, run->h->stderr_fd, STDERR_FILENO);
	if (run->h->cwd_fd >= 0)
		posix_spawn_file_actions_addfchdir_np(&actions, run->h->cwd_fd);
	r = posix_spawn(ret, h->path, &actions, &attr, args, env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return -r;
}

/* -ETIMEDOUT after killing the hook when its time is over; else its wait status in *ret_status. */
static int hook_wait(pid_t pid, const struct oci_hook *h, int *ret_status)
{
	autofd int pidfd = FD_NONE;
	int r = 0;

	if (h->has_timeout) {
		pidfd = sys_pidfd_open(pid, 0);
		if (pidfd < 0)
			r = pidfd;
		else
			r = proc_wait_exit(pidfd,
					   (int) (h->timeout > 2000000 ? 2000000 : h->timeout) *
						   1000);
		if (r < 0)
			/* Our child and not reaped: the number is still its own. */
			kill(pid, SIGKILL);
	}
	while (waitpid(pid, ret_status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return r;
}

static int hook_judge(const struct run *run, size_t i, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status)) {
		autofree char *words = xstrdup(strsignal(WTERMSIG(status)));

		words[0] = (char) tolower((unsigned char) words[0]);
		return err_code(EIO, "error running %s hook #%zu: %s hook killed by %s (%s)",
				run->name, i, run->name, signal_name(WTERMSIG(status)), words);
	}
	return err_code(EIO, "error running %s hook #%zu: %s hook failed with exit code %d",
			run->name, i, run->name, WEXITSTATUS(status));
}

static int hook_run(const struct run *run, size_t i, int state_fd)
{
	const struct oci_hook *h = &run->list[i];
	int r, status = 0;
	pid_t pid;

	if (lseek(state_fd, 0, SEEK_SET) < 0)
		return err_sys("rewind the state of the hooks");
	r = hook_spawn(run, h, state_fd, &pid);
	if (r < 0)
		return err_sys_r(r, "error running %s hook #%zu: execute '%s'", run->name, i,
				 h->path);
	r = hook_wait(pid, h, &status);
	if (r == -ETIMEDOUT)
		return err_code(ETIMEDOUT,
				"error running %s hook #%zu: '%s' did not end within %lld s",
				run->name, i, h->path, (long long) h->timeout);
	if (r < 0)
		return err_sys_r(r, "error running %s hook #%zu: wait for '%s'", run->name, i,
				 h->path);
	return hook_judge(run, i, status);
}

int hooks_run(const struct hooks *h, enum hook_stage stage, const char *state, char *const *env)
{
	struct run run = stage_run(h, stage, env);
	autofd int state_fd = FD_NONE;
	int r;

	if (run.n == 0)
		return 0;
	r = hooks_state_fd(state, &state_fd);
	for (size_t i = 0; r >= 0 && i < run.n; i++) {
		r = hook_run(&run, i, state_fd);
		if (r < 0 && stage == HOOK_POSTSTOP) {
			err_warn(r, "deleted all the same");
			r = 0;
		}
	}
	return r;
}
