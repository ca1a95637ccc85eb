/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_DELETE_H
#define HAKO_RUNTIME_DELETE_H

struct runtime_opts;
struct container;
struct cgroup;

enum delete_flags {
	DELETE_FORCE = 1,   /* kill it first; an id that is not there is no error */
	DELETE_DESTROY = 2, /* run its destroy hooks, too */
};

/*
 * The destroy hooks of a container that is being deleted for good (org.hako.hooks.destroy), as
 * lxc-destroy runs them: before anything is removed, and a failure stops it. 0 or -errno recorded.
 */
int delete_run_destroy_hooks(const struct container *c);

/* `delete`. A container that was created and never started may be deleted too. 0 or -errno
 * recorded. */
int delete_container(const struct runtime_opts *rt, const char *id, int flags);

/*
 * Removes everything that belongs to a container whose lock we hold: processes, cgroups, then
 * poststop hooks, then the state, so that a command killed half-way can be repeated. cg is its
 * cgroup if it is at hand; NULL = opened here.
 */
int delete_all(const struct container *c, const struct cgroup *cg);

#endif
