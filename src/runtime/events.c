/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/events.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "cgroup/stat.h"
#include "runtime/container.h"
#include "runtime/rdt.h"

#define NSEC_PER_SEC 1000000000

static int emit(const struct container *c, const struct events_opts *o, const char *type,
		const char *data)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	strbuf_addf(&b, "{\"type\":\"%s\",\"id\":", type);
	strbuf_add_json(&b, c->id);
	if (data)
		strbuf_addf(&b, ",\"data\":%s", data);
	strbuf_add(&b, "}\n");
	return o->emit(strbuf_str(&b));
}

static int emit_stats(const struct container *c, const struct cgroup *cg,
		      const struct events_opts *o)
{
	autofree char *data = cgroup_stat_json(cg), *rdt = rdt_stat_json(c);
	autostrbuf struct strbuf b = STRBUF_INIT;

	if (!rdt)
		return emit(c, o, "stats", data);
	strbuf_add_n(&b, data, strlen(data) - 1);
	strbuf_addf(&b, "%s\"intel_rdt\":%s}", str_eq(data, "{}") ? "" : ",", rdt);
	return emit(c, o, "stats", strbuf_str(&b));
}

static int emit_oom(const struct container *c, struct cgroup_oom *oom, const struct events_opts *o)
{
	return cgroup_oom_check(oom) > 0 ? emit(c, o, "oom", NULL) : 0;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t) t.tv_sec * NSEC_PER_SEC + (uint64_t) t.tv_nsec;
}

/* What poll(2) found, or 0 when it is time. */
static int wait_until(struct pollfd *fds, nfds_t n, uint64_t end)
{
	uint64_t now = now_ns(), left = end > now ? end - now : 0;
	const struct timespec t = { (time_t) (left / NSEC_PER_SEC), (long) (left % NSEC_PER_SEC) };
	int r;

	for (nfds_t i = 0; i < n; i++)
		fds[i].revents = 0;
	r = ppoll(fds, n, &t, NULL);
	if (r < 0 && errno != EINTR)
		return err_sys("wait for events");
	return r < 0 ? 1 : r;
}

static int watch(const struct container *c, const struct cgroup *cg, const struct events_opts *o)
{
	autooom struct cgroup_oom oom = { .fd = FD_NONE, .control = FD_NONE };
	uint64_t next = now_ns() + o->interval_ns;
	struct pollfd fds[2];
	int r;

	r = cgroup_oom_open(cg, &oom);
	if (r < 0)
		return r;
	fds[0] = (struct pollfd){ .fd = c->pidfd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = oom.fd, .events = oom.events };
	while (!fds[0].revents) {
		r = wait_until(fds, ARRAY_SIZE(fds), next);
		if (r == 0) {
			next += o->interval_ns;
			r = emit_stats(c, cg, o);
		} else if (r > 0) {
			/* Also when init has just ended: that may be why. */
			r = emit_oom(c, &oom, o);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

int watch_container(const struct runtime_opts *rt, const char *id, const struct events_opts *opts)
{
	autocontainer struct container c = CONTAINER_INIT;
	autocgroup struct cgroup cg = CGROUP_INIT;
	int r;

	r = container_open(rt, id, 0, &c);
	if (r < 0)
		return r;
	if (c.pidfd < 0)
		return err_code(ESRCH, "container '%s' is not running: it is %s", id,
				container_state_name(c.state));
	r = container_open_cgroup(&c, &cg);
	if (r < 0)
		return r;
	if (!cgroup_exists(&cg))
		return err_code(ENOENT, "container '%s' has no cgroup to look at", id);
	return opts->interval_ns ? watch(&c, &cg, opts) : emit_stats(&c, &cg, opts);
}
