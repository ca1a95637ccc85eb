/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/stop.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "base/err.h"
#include "base/proc.h"
#include "ocispec.h"
#include "runtime/container.h"
#include "runtime/delete.h"
#include "runtime/freeze.h"
#include "runtime/halt.h"
#include "spec/annotations.h"

/* How long a supervisor has for removing what has ended, or starting it again. */
#define AFTERMATH_MS 10000
#define POLL_MS	     20

static void pause_briefly(void)
{
	(void) nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000000 }, NULL);
}

static int check_running(const struct container *c)
{
	if (c->pidfd >= 0 && c->state != CONTAINER_CREATING)
		return 0;
	return err_code(ESRCH, "container '%s' is not running", c->id);
}

static int ask(const struct container *c, const struct stop_opts *opts)
{
	struct annotations a = { 0 };
	int sig, r;

	r = annotations_parse(c->status->annotations, &a);
	if (r < 0)
		return r;
	if (opts->kill)
		sig = halt_signal_stop(&a);
	else if (opts->reboot)
		sig = halt_signal_reboot(&a, container_pid(c));
	else
		sig = halt_signal(&a, container_pid(c), true);
	annotations_clear(&a);
	r = proc_signal(c->pidfd, sig);
	if (r < 0 && r != -ESRCH)
		return err_sys_r(r, "send %s to container '%s'", signal_name(sig), c->id);
	return 0;
}

/* The supervisor removes it; without one it is ours to do. */
static int await_removal(const struct runtime_opts *rt, const struct container *old)
{
	for (int waited = 0; waited < AFTERMATH_MS; waited += POLL_MS) {
		autocontainer struct container c = CONTAINER_INIT;
		int r = container_open(rt, old->id, 0, &c);

		if (r == -ENOENT) {
			err_forgive(r, "removed");
			return 0;
		}
		if (r < 0)
			return r;
		if (c.pidfd >= 0 && c.status->pid != old->status->pid)
			return 0; /* another one by that name already */
		if (c.state == CONTAINER_STOPPED && waited >= AFTERMATH_MS / 20)
			break;
		pause_briefly();
	}
	return delete_container(rt, old->id, DELETE_FORCE);
}

static int await_reboot(const struct runtime_opts *rt, const struct container *old)
{
	for (int waited = 0; waited < AFTERMATH_MS; waited += POLL_MS) {
		autocontainer struct container c = CONTAINER_INIT;
		int r = container_open(rt, old->id, 0, &c);

		if (r >= 0 && c.state == CONTAINER_RUNNING && c.status->pid != old->status->pid)
			return 0;
		err_clear();
		pause_briefly();
	}
	return err_code(ETIMEDOUT, "container '%s' has ended and nobody started it again", old->id);
}

/* 1 when it has ended, 0 when it did not in time. */
static int await_end(const struct container *c, const struct stop_opts *opts)
{
	int r = proc_wait_exit(c->pidfd, opts->kill ? AFTERMATH_MS : opts->timeout_ms);

	if (r == -ETIMEDOUT && (opts->no_kill || opts->reboot))
		return err_code(ETIMEDOUT, "container '%s' did not end in time", c->id);
	if (r < 0 && r != -ETIMEDOUT)
		return err_sys_r(r, "wait for container '%s'", c->id);
	return r >= 0;
}

/* An init that is not scheduled cannot be asked for anything. */
static int thaw(const struct runtime_opts *rt, const struct container *c,
		const struct stop_opts *opts)
{
	return c->state == CONTAINER_PAUSED && !opts->kill ? resume_container(rt, c->id) : 0;
}

int stop_container(const struct runtime_opts *rt, const char *id, const struct stop_opts *opts)
{
	autocontainer struct container c = CONTAINER_INIT;
	int r;

	r = container_open(rt, id, 0, &c);
	if (r >= 0)
		r = check_running(&c);
	if (r >= 0)
		r = thaw(rt, &c, opts);
	if (r >= 0)
		r = ask(&c, opts);
	if (r < 0 || opts->no_wait)
		return r;
	r = await_end(&c, opts);
	if (r < 0)
		return r;
	if (opts->reboot)
		return await_reboot(rt, &c);
	return r ? await_removal(rt, &c) : delete_container(rt, id, DELETE_FORCE);
}
