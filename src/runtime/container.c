/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/container.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/table.h"
#include "cgroup/cgroup.h"
#include "ocispec.h"
#include "runtime/store.h"
#include "spec/annotations.h"
#include "spec/state.h"

static const struct name_value state_names[] = {
	{ "creating", CONTAINER_CREATING }, { "created", CONTAINER_CREATED },
	{ "running", CONTAINER_RUNNING },   { "paused", CONTAINER_PAUSED },
	{ "stopped", CONTAINER_STOPPED },
};

const char *container_state_name(enum container_state s)
{
	return TABLE_NAME(state_names, s);
}

void container_clear(struct container *c)
{
	fd_close(&c->pidfd);
	fd_close(&c->dir_fd);
	fd_close(&c->root_fd);
	oci_status_free(c->status);
	free(c->id);
	*c = (struct container) CONTAINER_INIT;
}

static enum cgroup_mode status_cgroup_mode(const struct oci_status *s)
{
	for (int m = CGROUP_MODE_UNIFIED; m <= CGROUP_MODE_LEGACY; m++) {
		if (str_eq(s->cgroup_mode, cgroup_mode_name(m)))
			return m;
	}
	return CGROUP_MODE_NONE;
}

int container_open_cgroup(const struct container *c, struct cgroup *ret)
{
	return cgroup_open(status_cgroup_mode(c->status), c->status->cgroup_paths,
			   c->status->cgroup_paths_len, ret);
}

static bool is_frozen(const struct container *c)
{
	autocgroup struct cgroup cg = CGROUP_INIT;
	int r = container_open_cgroup(c, &cg);

	if (r >= 0)
		r = cgroup_is_frozen(&cg);
	if (r < 0)
		err_forgive(r, "is container '%s' frozen", c->id);
	return r > 0;
}

/* Somebody who creates the container holds its lock; without him it will never be more than it
 * is. */
static enum container_state state_without_process(const struct container *c)
{
	enum container_state s = CONTAINER_STOPPED;

	if (str_eq(c->status->status, "creating") && store_lock(c->dir_fd, c->id, 0) == -EAGAIN)
		s = CONTAINER_CREATING;
	err_clear();
	return s;
}

int container_refresh(struct container *c)
{
	const struct oci_status *s = c->status;
	struct proc_id id;

	fd_close(&c->pidfd);
	c->state = CONTAINER_STOPPED;
	if (!s)
		return 0;
	id = (struct proc_id){ s->pid, s->pid_start };
	if (s->pid > 0)
		c->pidfd = proc_open(id);
	if (c->pidfd < 0 && s->pid > 0 && c->pidfd != -ESRCH)
		return err_sys_r(c->pidfd, "open process %d of container '%s'", (int) s->pid,
				 c->id);
	if (c->pidfd < 0)
		c->state = state_without_process(c);
	else if (str_eq(s->status, "creating"))
		c->state = CONTAINER_CREATING;
	else if (store_has_start_socket(c->dir_fd))
		c->state = CONTAINER_CREATED;
	else
		c->state = is_frozen(c) ? CONTAINER_PAUSED : CONTAINER_RUNNING;
	if (c->pidfd < 0)
		c->pidfd = FD_NONE;
	return 0;
}

int container_list(const struct runtime_opts *rt, char ***ret)
{
	autofd int root_fd = FD_NONE;
	int r = store_open_root(rt->root, false, &root_fd);

	if (r == -ENOENT && rt->root_is_default) {
		err_forgive(r, "no containers");
		*ret = xnew(char *);
		return 0;
	}
	return r < 0 ? r : store_list(root_fd, ret);
}

int container_open(const struct runtime_opts *rt, const char *id, int flags, struct container *ret)
{
	autocontainer struct container c = CONTAINER_INIT;
	int r;

	r = store_check_id(id);
	if (r < 0)
		return r;
	c.id = xstrdup(id);
	r = store_open_root(rt->root, false, &c.root_fd);
	if (r == -ENOENT)
		return err_code(ENOENT, "container '%s' does not exist", id);
	if (r < 0)
		return r;
	r = store_open(c.root_fd, id, &c.dir_fd);
	if (r < 0)
		return r;
	if (flags & CONTAINER_LOCK) {
		r = store_lock(c.dir_fd, id, CONTAINER_LOCK_MS);
		if (r < 0)
			return r;
	}
	r = store_read_status(c.dir_fd, id, &c.status);
	if (r < 0 && !(flags & CONTAINER_BROKEN_OK))
		return r;
	if (r < 0)
		err_warn(r, "the state file is of no use");
	r = container_refresh(&c);
	if (r < 0)
		return r;
	*ret = c;
	c = (struct container) CONTAINER_INIT;
	return 0;
}

int container_pid(const struct container *c)
{
	return c->state != CONTAINER_STOPPED ? (int) c->status->pid : 0;
}

int container_load_config(const struct container *c, struct oci_config **ret)
{
	struct oci_error err = { NULL };
	autofree char *json = NULL;
	size_t len;
	int r;

	r = store_read_config(c->dir_fd, &json, &len);
	if (r < 0)
		return r;
	if (oci_config_parse(json, len, ret, &err) < 0) {
		r = err_code(EINVAL, "saved configuration of container '%s': %s", c->id, err.text);
		oci_error_clear(&err);
		return r;
	}
	return 0;
}

void container_state_info(const struct container *c, struct state_info *ret)
{
	const struct oci_status *s = c->status;

	*ret = (struct state_info){
		.oci_version = s->oci_version,
		.id = c->id,
		.status = container_state_name(c->state),
		.bundle = s->bundle,
		.rootfs = s->rootfs,
		.created = s->created,
		.owner = s->owner,
		.pid = container_pid(c),
		.annotations = s->annotations,
	};
}

static int run_stage(const struct container *c, const struct oci_config *config,
		     enum hook_stage stage, enum container_state told)
{
	struct annotations a = { 0 };
	autohooks struct hooks h = HOOKS_INIT;
	struct state_info info;
	int r;

	r = annotations_parse(config->annotations, &a);
	if (r >= 0)
		r = hooks_open(config->hooks, c->status->bundle, &a, &h);
	if (r >= 0 && hooks_any(&h, stage)) {
		autofree char *state = NULL;

		container_state_info(c, &info);
		info.status = container_state_name(told);
		info.pid = told == CONTAINER_STOPPED ? 0 : info.pid;
		state = state_hook_json(&info);
		r = hooks_run(&h, stage, state, environ);
	}
	annotations_clear(&a);
	return r;
}

int container_run_hooks(const struct container *c, enum hook_stage stage, enum container_state told)
{
	struct oci_config *config = NULL;
	int r;

	if (!c->status->later_hooks)
		return 0;
	r = container_load_config(c, &config);
	if (r < 0)
		return r;
	r = run_stage(c, config, stage, told);
	oci_config_free(config);
	return r;
}
