/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "cgroup/at.h"
#include "cgroup/mgr_systemd.h"
#include "cgroup/res.h"

/*
 * Carries out the writes of a plan. An update also keeps what each file held before, in the order
 * of writing, and puts it back in the reverse order when a later write is refused.
 */
struct done {
	int fd;
	const char *file; /* the plan's */
	const struct cg_write *write;
	char *old; /* NULL when it could not be read */
};

struct journal {
	bool on;
	size_t len;
	struct done *v;
};

static void journal_clear(struct journal *j)
{
	for (size_t i = 0; i < j->len; i++)
		free(j->v[i].old);
	free(j->v);
}

static void journal_add(struct journal *j, int fd, const char *file, const struct cg_write *w)
{
	struct done done = { fd, file, w, NULL };

	if (!j->on)
		return;
	/* Some files are write-only or gone; then there is nothing to put back. */
	if (file_read_at(fd, file, 1 << 20, &done.old, NULL) < 0)
		done.old = NULL;
	j->v = xreallocarray(j->v, j->len + 1, sizeof(*j->v));
	j->v[j->len++] = done;
}

static const struct cg_at *write_at(const struct cgroup *cg, const struct cg_write *w)
{
	return cgroup_find(cg, w->v2 ? NULL : w->controller);
}

/* Quiet: 0 or -errno. */
static int write_once(const struct cgroup *cg, const struct cg_write *w, struct journal *j)
{
	const struct cg_at *at = write_at(cg, w);
	size_t before = j->len;
	int r;

	if (!at)
		return -ENODEV;
	journal_add(j, at->fd, w->file, w);
	r = file_write_at(at->fd, w->file, w->value);
	if (r == -ENOENT && w->alt_file) {
		if (j->len > before)
			free(j->v[--j->len].old);
		journal_add(j, at->fd, w->alt_file, w);
		r = file_write_at(at->fd, w->alt_file, w->alt_value);
	}
	if (r < 0 && j->len > before)
		free(j->v[--j->len].old);
	return r == -ENOENT && w->flags & CG_WRITE_OPTIONAL ? 0 : r;
}

static long long read_number(int fd, const char *file)
{
	autofree char *text = NULL;

	return cg_read(fd, file, &text) == 0 ? strtoll(text, NULL, 10) : -1;
}

/* Records why the write was refused. */
static int report(const struct cgroup *cg, const struct cg_write *w, int r)
{
	const struct cg_at *at = write_at(cg, w);
	autofree char *where = at ? at_text(at) : xstrdup("?");

	if (r == -EBUSY && str_eq(w->file, "memory.limit_in_bytes"))
		return err_code(
			EBUSY,
			"unable to set memory limit to %s (current usage: %lld, peak usage: %lld)",
			w->value, read_number(at->fd, "memory.usage_in_bytes"),
			read_number(at->fd, "memory.max_usage_in_bytes"));
	return err_sys_r(r, "write '%s' to '%s/%s' (%s)", w->value, where, w->file, w->field);
}

/*
 * Writes v[i]; on a refusal that the other order may cure, v[i + 1] and then v[i]. Returns how many
 * were done (1 or 2), or the recorded error.
 */
static int write_next(const struct cgroup *cg, const struct cg_writes *writes, size_t i,
		      struct journal *j)
{
	const struct cg_write *w = &writes->v[i];
	int r = write_once(cg, w, j);

	if ((r == -EINVAL || r == -EBUSY) && w->flags & CG_WRITE_PAIR && i + 1 < writes->len &&
	    write_once(cg, &writes->v[i + 1], j) == 0) {
		r = write_once(cg, w, j);
		if (r == 0)
			return 2;
	}
	if (r == 0)
		return 1;
	r = report(cg, w, r);
	if (w->flags & CG_WRITE_WARN) {
		err_warn(r, "limit without effect");
		return 1;
	}
	return r;
}

/* The old content's line for the key of our value, or what takes our line back. Heap or NULL. */
static char *keyed_restore(const struct done *d)
{
	size_t key = strcspn(d->write->value, " ");

	for (const char *p = d->old; p && *p;) {
		size_t n = strcspn(p, "\n");

		if (n > key && strncmp(p, d->write->value, key) == 0 && p[key] == ' ')
			return xstrndup(p, n);
		p += n + (p[n] == '\n');
	}
	return d->write->reset ? xstrdup(d->write->reset) : NULL;
}

static void roll_back(struct journal *j)
{
	struct err_saved saved = err_push();

	while (j->len > 0) {
		struct done *d = &j->v[--j->len];
		autofree char *old = NULL;
		int r;

		if (d->old && d->write->flags & CG_WRITE_KEYED)
			old = keyed_restore(d);
		else if (d->old)
			old = xstrdup(*d->old ? d->old : "\n");
		free(d->old);
		if (!old)
			continue;
		r = file_write_at(d->fd, d->file, old);
		if (r < 0) {
			r = err_sys_r(r, "put '%s' back to '%s'", d->file, old);
			err_warn(r, "roll back");
		}
	}
	err_pop(saved);
}

/* memory.checkBeforeUpdate: better no update than the OOM killer. */
static int check_memory(const struct cgroup *cg, const struct cgroup_plan *plan)
{
	const struct cg_at *v1 = cgroup_find(cg, "memory"), *v2 = cgroup_find(cg, NULL);
	long long memory, sum;

	if (plan->check_limit < 0 && plan->check_memsw < 0)
		return 0;
	if (v1) {
		memory = read_number(v1->fd, "memory.usage_in_bytes");
		sum = read_number(v1->fd, "memory.memsw.usage_in_bytes");
	} else if (v2) {
		long long swap = read_number(v2->fd, "memory.swap.current");

		memory = read_number(v2->fd, "memory.current");
		sum = memory + (swap > 0 ? swap : 0);
	} else {
		return 0;
	}
	if (plan->check_limit >= 0 && plan->check_limit <= memory)
		return err_code(EBUSY, "rejecting memory limit %lld <= usage %lld",
				(long long) plan->check_limit, memory);
	if (plan->check_memsw >= 0 && plan->check_memsw <= sum)
		return err_code(EBUSY, "rejecting memory+swap limit %lld <= usage %lld",
				(long long) plan->check_memsw, sum);
	return 0;
}

static int apply_devices(const struct cgroup *cg, const struct cgroup_plan *plan)
{
	const struct cg_at *v2 = cgroup_find(cg, NULL), *v1 = cgroup_find(cg, "devices");
	autofree char *where = NULL;

	if (!plan->has_devices)
		return 0;
	if (v2) {
		where = at_text(v2);
		return dev_v2_apply(v2->fd, &plan->prog, where);
	}
	if (!v1)
		return 0;
	where = at_text(v1);
	return dev_v1_apply(v1->fd, &plan->v1_devices, where);
}

static int apply_writes(const struct cgroup *cg, const struct cgroup_plan *plan, struct journal *j)
{
	int r = check_memory(cg, plan);

	if (r < 0)
		return r;
	for (size_t i = 0; i < plan->writes.len; i += (size_t) r) {
		r = write_next(cg, &plan->writes, i, j);
		if (r < 0)
			return r;
	}
	return 0;
}

int cgroup_limit(const struct cgroup *cg, const struct cgroup_plan *plan)
{
	struct journal none = { 0 };

	return apply_writes(cg, plan, &none);
}

int cgroup_limit_devices(const struct cgroup *cg, const struct cgroup_plan *plan)
{
	int r = apply_devices(cg, plan);

	return r >= 0 && cg->unit && plan->device_props
		       ? mgr_systemd_set(cg->unit, cg->unit_user, plan->device_props)
		       : r;
}

int cgroup_update(const struct cgroup *cg, const struct cgroup_plan *plan)
{
	struct journal journal = { .on = true };
	int r = apply_writes(cg, plan, &journal);

	if (r >= 0)
		r = apply_devices(cg, plan);
	/* Last: it verifies all before it does any, so there is nothing to take back of it. */
	if (r >= 0 && cg->unit)
		r = mgr_systemd_set(cg->unit, cg->unit_user, plan->limit_props);
	if (r < 0)
		roll_back(&journal);
	journal_clear(&journal);
	return r;
}
