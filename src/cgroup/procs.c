/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/sys.h"
#include "cgroup/at.h"
#include "cgroup/tree.h"

struct pids {
	pid_t *v;
	size_t len;
};

static void pids_add_text(struct pids *pids, const char *text)
{
	while (*text) {
		char *end;
		long pid = strtol(text, &end, 10);

		if (end == text)
			break;
		/* 0 stands for a process of a pid namespace that is not below ours. */
		if (pid > 0) {
			pids->v = xreallocarray(pids->v, pids->len + 1, sizeof(*pids->v));
			pids->v[pids->len++] = (pid_t) pid;
		}
		text = end + (*end == '\n');
	}
}

static int read_procs(int fd, struct pids *pids)
{
	autofree char *text = NULL;
	int r = cg_read(fd, "cgroup.procs", &text);

	/* A threaded cgroup's processes are listed in the threaded domain above it. */
	if (cg_is_gone(r) || r == -EOPNOTSUPP)
		return 0;
	if (r == 0)
		pids_add_text(pids, text);
	return r;
}

static int enter_procs(void *arg, int fd, struct strv *children)
{
	int r = read_procs(fd, arg);

	if (r == 0)
		(void) file_each_at(fd, ".", tree_add_dir, children);
	return r;
}

int procs_list(int fd, bool recursive, pid_t **ret, size_t *ret_len)
{
	static const struct tree_ops ops = { .enter = enter_procs };
	struct pids pids = { 0 };
	int r = recursive ? tree_walk(fd, &ops, &pids) : read_procs(fd, &pids);

	if (r < 0) {
		free(pids.v);
		return r;
	}
	*ret = pids.v;
	*ret_len = pids.len;
	return 0;
}

int cgroup_pids(const struct cgroup *cg, bool recursive, pid_t **ret, size_t *ret_len)
{
	const struct cg_at *at = cgroup_main(cg);
	autofree char *where = NULL;
	int r;

	*ret = NULL;
	*ret_len = 0;
	if (!at)
		return 0;
	r = procs_list(recursive ? at->fd : at_procs_fd(at), recursive, ret, ret_len);
	if (r == 0)
		return 0;
	where = at_text(at);
	return err_sys_r(r, "read processes of '%s'", where);
}

/* ---- kill ---- */

#define KILL_PASSES 100
/* Descriptors for one batch: well below the usual RLIMIT_NOFILE of 1024. */
#define KILL_BATCH 256

static bool has_pid(const pid_t *pids, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++) {
		if (pids[i] == pid)
			return true;
	}
	return false;
}

/*
 * Signals some processes. Between reading the list and opening a pidfd the number may have been
 * given to a stranger; whoever is still (or again) in the list after the opening is not one: if the
 * pidfd's process has ended by then, the signal reaches nobody.
 */
static int signal_batch(int fd, const pid_t *pids, size_t n, int sig)
{
	int pidfds[KILL_BATCH];
	autofree pid_t *again = NULL;
	size_t n_again = 0;
	int r, first = 0;

	for (size_t i = 0; i < n; i++)
		pidfds[i] = sys_pidfd_open(pids[i], 0);
	r = procs_list(fd, true, &again, &n_again);
	for (size_t i = 0; i < n; i++) {
		int s = pidfds[i];

		if (pidfds[i] >= 0 && r == 0 && has_pid(again, n_again, pids[i]))
			s = proc_signal(pidfds[i], sig);
		if (s < 0 && s != -ESRCH && first == 0)
			first = s;
		fd_close(&pidfds[i]);
	}
	return r < 0 ? r : first;
}

/* Who has been signalled already, so that another pass is for newcomers only. */
static int signal_new(int fd, int sig, struct pids *seen, bool *ret_any)
{
	autofree pid_t *pids = NULL;
	size_t n = 0, fresh = 0;
	int r = procs_list(fd, true, &pids, &n);

	*ret_any = false;
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		if (!has_pid(seen->v, seen->len, pids[i]))
			pids[fresh++] = pids[i];
	}
	for (size_t i = 0; i < fresh; i += KILL_BATCH) {
		r = signal_batch(fd, pids + i, fresh - i < KILL_BATCH ? fresh - i : KILL_BATCH,
				 sig);
		if (r < 0)
			return r;
	}
	if (fresh) {
		seen->v = xreallocarray(seen->v, seen->len + fresh, sizeof(*seen->v));
		memcpy(seen->v + seen->len, pids, fresh * sizeof(*pids));
		seen->len += fresh;
		*ret_any = true;
	}
	return 0;
}

/* Passes until no newcomer is met: a fork may always be one step ahead of a list. */
static int signal_loop(int fd, int sig)
{
	struct pids seen = { 0 };
	bool any = true;
	int r = 0;

	for (int i = 0; any && r == 0 && i < KILL_PASSES; i++)
		r = signal_new(fd, sig, &seen, &any);
	free(seen.v);
	return r;
}

int cgroup_kill(const struct cgroup *cg, int sig)
{
	const struct cg_at *at = cgroup_main(cg), *v1_freezer = cgroup_find(cg, "freezer");
	autofree char *where = NULL;
	int r;

	if (!at)
		return 0;
	r = sig == SIGKILL && at_is_v2(at) ? file_write_at(at->fd, "cgroup.kill", "1") : -ENOENT;
	/* No such file before Linux 5.14, -EOPNOTSUPP in a threaded cgroup. */
	if (r == -ENOENT || r == -EOPNOTSUPP)
		r = signal_loop(at->fd, sig);
	/* A process frozen by the v1 freezer does not even die. */
	if (r == 0 && sig == SIGKILL && v1_freezer)
		(void) file_write_at(v1_freezer->fd, "freezer.state", "THAWED");
	if (r == 0 || cg_is_gone(r))
		return 0;
	where = at_text(at);
	return err_sys_r(r, "send %s to the processes of '%s'", signal_name(sig), where);
}
