/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "cgroup/dev_trace.h"
#include "cli/cli.h"
#include "cli/devices_running.h"

static int print_text(const struct devices_running *x, const struct dev_denial *d,
		      const struct dev_probe *p)
{
	autofree char *program = devices_program_text(&x->programs.v[d->program]);
	autostrbuf struct strbuf out = STRBUF_INIT;
	char access[4];

	strbuf_addf(&out, "%c %u:%u %s: denied to process %u (%.*s) by %s: ",
		    p->type == DEV_TYPE_BLOCK ? 'b' : 'c', p->major, p->minor,
		    dev_access_format(p->access, access), (unsigned int) (d->pid >> 32),
		    (int) sizeof(d->comm), d->comm, program);
	devices_reason(x, d->program, p, &out);
	strbuf_add_c(&out, '\n');
	return out_text(strbuf_str(&out));
}

static int print_json(const struct devices_running *x, const struct dev_denial *d,
		      const struct dev_probe *p)
{
	autostrbuf struct strbuf out = STRBUF_INIT, reason = STRBUF_INIT;
	autofree char *comm = xstrndup(d->comm, sizeof(d->comm)), *now = time_rfc3339();
	char access[4];

	devices_reason(x, d->program, p, &reason);
	strbuf_addf(&out, "{\"time\":\"%s\",\"pid\":%u,\"comm\":", now,
		    (unsigned int) (d->pid >> 32));
	strbuf_add_json(&out, comm);
	strbuf_addf(&out,
		    ",\"type\":\"%c\",\"major\":%u,\"minor\":%u,\"access\":\"%s\",\"program\":%u,"
		    "\"reason\":",
		    p->type == DEV_TYPE_BLOCK ? 'b' : 'c', p->major, p->minor,
		    dev_access_format(p->access, access), x->programs.v[d->program].id);
	strbuf_add_json(&out, strbuf_str(&reason));
	strbuf_add(&out, "}\n");
	return out_text(strbuf_str(&out));
}

static int print(const struct devices_running *x, bool as_json, struct dev_trace *t)
{
	struct dev_denial d;
	int r = 0;

	while (r >= 0 && dev_trace_next(t, &d)) {
		const struct dev_probe p = {
			.type = (uint8_t) d.access_type,
			.access = (uint8_t) (d.access_type >> 16),
			.major = d.major,
			.minor = d.minor,
		};

		if (d.program < x->programs.len)
			r = as_json ? print_json(x, &d, &p) : print_text(x, &d, &p);
	}
	return r;
}

static int loop(const struct devices_running *x, bool as_json, struct dev_trace *t, int stop)
{
	struct pollfd fds[] = { { .fd = t->map_fd, .events = POLLIN },
				{ .fd = x->c.pidfd, .events = POLLIN },
				{ .fd = stop, .events = POLLIN } };
	int r = 0;

	while (r >= 0 && !fds[1].revents && !fds[2].revents) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return err_sys("wait for denied accesses");
		/* Also when it has just ended: that may be why. */
		r = print(x, as_json, t);
	}
	return r;
}

int devices_trace(const struct devices_running *x, bool as_json)
{
	autodev_trace struct dev_trace t = DEV_TRACE_INIT;
	autofd int stop = FD_NONE;
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys("block signals");
	stop = signalfd(-1, &set, SFD_CLOEXEC);
	if (stop < 0)
		return err_sys("open a descriptor for signals");
	r = dev_trace_open(&x->cg, &x->programs, &t);
	if (r < 0)
		return r;
	log_info("tracing the devices of container '%s'", x->c.id);
	return loop(x, as_json, &t, stop);
}
