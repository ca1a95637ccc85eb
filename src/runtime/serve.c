/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/serve.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/sys.h"
#include "runtime/console.h"
#include "runtime/hooks.h"
#include "runtime/launch.h"
#include "runtime/mount_serve.h"
#include "runtime/sync.h"
#include "spec/state.h"

enum phase {
	PHASE_ENTER = 1, /* the first process goes through its namespaces */
	PHASE_SETUP = 2, /* init sets the container up */
	PHASE_DONE = 4,
};

struct request {
	enum sync_type type;
	unsigned int phases; /* in which it is allowed */
	bool once;
	enum phase next;      /* the phase after it, 0 = the same */
	enum sync_type reply; /* sent when fn succeeds, SYNC_NONE = fn has answered, or nothing is
				 expected */
	int (*fn)(struct launch *l, struct sync_msg *m);
};

static int on_idmap(struct launch *l, struct sync_msg *m)
{
	(void) m;
	return launch_write_idmap(l);
}

static int on_timens(struct launch *l, struct sync_msg *m)
{
	(void) m;
	return launch_write_timens(l);
}

/* The kernel vouches for the sender's pid; that it is a child of ours is checked because a pid that
 * is not would be signalled and put into the container's cgroup. */
static int on_hello(struct launch *l, struct sync_msg *m)
{
	struct proc_stat st;
	int r;

	if (m->pid <= 0)
		return err_code(EPROTO, "%s sent no credentials", l->kind->who);
	if (m->pid != l->child) {
		r = proc_stat_read(m->pid, &st);
		if (r < 0 || st.ppid != getpid())
			return err_code(EPROTO, "process %d says it is the %s", (int) m->pid,
					l->kind->who);
		r = launch_adopt_init(l, m->pid);
		if (r < 0)
			return r;
	}
	l->pid = l->child;
	r = l->kind->confine(l);
	if (r < 0)
		return r;
	/* Inside of a pid namespace nobody can know this number. */
	return sync_send(l->sync, SYNC_GO, (uint32_t) l->pid, NULL, FD_NONE);
}

static int on_hooks(struct launch *l, struct sync_msg *m)
{
	autofree char *state = launch_hook_state(l, "creating");
	int r;

	(void) m;
	l->hooks_begun = true;
	r = hooks_run(&l->hooks, HOOK_PRESTART, state, environ);
	if (r >= 0)
		r = hooks_run(&l->hooks, HOOK_CREATE_RUNTIME, state, environ);
	return r;
}

static int on_tty(struct launch *l, struct sync_msg *m)
{
	if (m->fd < 0)
		return err_code(EPROTO, "%s sent no terminal", l->kind->who);
	return m->index ? console_deliver_tty(l, m->index, &m->fd) : console_deliver(l, &m->fd);
}

static int on_log(struct launch *l, struct sync_msg *m)
{
	(void) l;
	log_text(m->index <= LOG_L_DEBUG ? m->index : LOG_L_DEBUG, m->text ? m->text : "");
	return 0;
}

/* Devices last: init made nodes and a terminal that the container's programs may not be allowed. */
static int on_ready(struct launch *l, struct sync_msg *m)
{
	(void) m;
	return l->kind->ready ? l->kind->ready(l) : 0;
}

/* clang-format off */
static const struct request requests[] = {
	{ SYNC_IDMAP,  PHASE_ENTER,               true,  0,           SYNC_GO,   on_idmap },
	{ SYNC_TIMENS, PHASE_ENTER,               true,  0,           SYNC_GO,   on_timens },
	{ SYNC_HELLO,  PHASE_ENTER,               true,  PHASE_SETUP, SYNC_NONE, on_hello },
	{ SYNC_MOUNT,  PHASE_SETUP,               false, 0,           SYNC_NONE, mount_serve },
	{ SYNC_HOOKS,  PHASE_SETUP,               true,  0,           SYNC_GO,   on_hooks },
	{ SYNC_TTY,    PHASE_SETUP,               false, 0,           SYNC_GO,   on_tty },
	{ SYNC_READY,  PHASE_SETUP,               true,  PHASE_DONE,  SYNC_NONE, on_ready },
	{ SYNC_LOG,    PHASE_ENTER | PHASE_SETUP, false, 0,           SYNC_NONE, on_log },
};
/* clang-format on */

struct server {
	enum phase phase;
	unsigned int seen; /* bit per row */
};

static int dispatch(struct server *s, struct launch *l, struct sync_msg *m)
{
	int r;

	for (unsigned int i = 0; i < ARRAY_SIZE(requests); i++) {
		const struct request *q = &requests[i];

		if (q->type != m->type)
			continue;
		if (!(q->phases & s->phase) || (q->once && (s->seen & 1u << i)))
			break;
		s->seen |= 1u << i;
		if (m->type != SYNC_LOG)
			log_debug("%s: %s", l->kind->who, sync_name(m->type));
		r = q->fn(l, m);
		if (r >= 0 && q->reply != SYNC_NONE)
			r = sync_send(l->sync, q->reply, 0, NULL, FD_NONE);
		if (r >= 0 && q->next)
			s->phase = q->next;
		return r;
	}
	return err_code(EPROTO, "message '%s' from the %s is not allowed now", sync_name(m->type),
			l->kind->who);
}

/* How long the end of the stream may be ahead of the end of the process. */
#define DEATH_MS 2000

/* The child is a zombie, or about to be: its status says more than the end of the stream. */
static int explain_death(struct launch *l, enum phase phase)
{
	const char *awaited = phase == PHASE_ENTER ? "hello" : "ready";
	pid_t pid = l->pid > 0 ? l->pid : l->child;
	autofree char *oom = NULL;
	siginfo_t si = { 0 };
	int r;

	r = proc_wait_exit(l->pidfd, DEATH_MS);
	if (r == -ETIMEDOUT)
		return err_code(EIO, "%s closed its socket before '%s'", l->kind->who, awaited);
	/* WNOWAIT: who reaps it is the caller's business. */
	do
		r = waitid(P_PID, (id_t) pid, &si, WEXITED | WNOWAIT);
	while (r < 0 && errno == EINTR);
	if (r == 0 && si.si_code == CLD_KILLED && si.si_status == SIGKILL)
		oom = cgroup_oom_text(&l->cgroup);
	if (oom)
		return err_code(ENOMEM,
				"%s died before '%s': killed for exceeding %s, which is too low to "
				"start with",
				l->kind->who, awaited, oom);
	if (r == 0 && si.si_code != CLD_EXITED)
		return err_code(EIO, "%s died before '%s': %s", l->kind->who, awaited,
				signal_name(si.si_status));
	return err_code(EIO, "%s died before '%s': exit status %d", l->kind->who, awaited,
			r == 0 ? si.si_status : -1);
}

/* What was being done for the child failed because the child is no more: to write to it, or to its
 * files in /proc. */
static bool is_of_death(struct launch *l, int r)
{
	return (r == -EPIPE || r == -ECONNRESET || r == -ESRCH) &&
	       proc_wait_exit(l->pidfd, DEATH_MS) == 0;
}

int serve(struct launch *l)
{
	struct server s = { .phase = PHASE_ENTER };

	while (s.phase != PHASE_DONE) {
		autosync struct sync_msg m = SYNC_MSG_INIT;
		int r = sync_recv(l->sync, &m);

		if (r < 0)
			return r;
		if (r == 0)
			return explain_death(l, s.phase);
		if (m.type == SYNC_FAIL)
			return err_adopt((int) m.index, m.text ? m.text : "unknown failure");
		r = dispatch(&s, l, &m);
		if (is_of_death(l, r))
			return explain_death(l, s.phase);
		if (r < 0) {
			/* It tells its own helpers and ends; we know the reason already. */
			sync_send_failure(l->sync);
			return r;
		}
	}
	return 0;
}
