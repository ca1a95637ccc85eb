/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CGROUP_AT_H
#define HAKO_CGROUP_AT_H

/* What the files that act on an existing cgroup share. */

#include "cgroup/cgroup.h"

static inline bool at_is_v2(const struct cg_at *at)
{
	return *at->controllers == '\0';
}

/* Where processes of the container are. */
static inline int at_procs_fd(const struct cg_at *at)
{
	return at->inner_fd >= 0 ? at->inner_fd : at->fd;
}

/* "/sys/fs/cgroup/memory/a", for messages. Heap. */
char *at_text(const struct cg_at *at);
void at_clear(struct cg_at *at);
/* Is the directory one of the hierarchy? There are no links in it, but a mount may be over it.
 * -EXDEV (quiet) if something else is there. */
int at_check_fs(const struct cg_at *at, int fd);
/* Records that; returns -EXDEV. */
int at_covered(const char *where);
/* The hierarchy with a v1 controller, or (NULL) the cgroup2 one; NULL when there is none, or it is
 * gone. */
const struct cg_at *cgroup_find(const struct cgroup *cg, const char *v1_controller);
/* Where to look for processes: the cgroup2 part, else the freezer, else whatever there is. NULL =
 * gone. */
const struct cg_at *cgroup_main(const struct cgroup *cg);

/* Whole control file, without the final newline. Quiet: 0 or -errno. */
int cg_read(int dirfd, const char *file, char **ret);
/* Is the cgroup gone, as far as this result tells? */
static inline bool cg_is_gone(int r)
{
	return r == -ENOENT || r == -ENODEV;
}
/* Number behind "KEY " in a flat keyed file such as cgroup.events; -1 when absent. */
long long cg_keyed_value(const char *text, const char *key);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t cg_now_ms(void);

/* mgr_fs2.c: switches controllers on in a directory on the way down. where: for messages. */
int fs2_enable(const struct cg_dir *dir, int fd, const char *where);
/* Hands directory and delegatable files over. */
int fs2_delegate(int fd, uid_t uid, gid_t gid, const char *where);
/* The same for a group, which may write them then; they stay their owner's. */
int fs2_share(int fd, gid_t gid, const char *where);
/* Records why a process could not get in: the rules of cgroup2 in words. Returns r. */
int fs2_entry_error(const struct cg_at *at, int r, const char *what);
/* mgr_fs1.c: a new cpuset has no CPUs and no memory nodes; it takes those of its parent. */
int fs1_fill_cpuset(int parent_fd, int fd, const char *where);

/* dev_v2.c: by this name the program is found again when it is to be replaced. */
#define DEV_V2_NAME "hako_devices"
int dev_v2_load(const struct dev_prog *prog, const char *name, int *ret_fd);
int dev_v2_apply(int cgroup_fd, const struct dev_prog *prog, const char *where);
/* dev_v1.c */
int dev_v1_apply(int cgroup_fd, const struct strv *lines, const char *where);

/* procs.c: the processes below one directory. */
int procs_list(int fd, bool recursive, pid_t **ret, size_t *ret_len);

/* remove.c: removes path below mountpoint, and `parents` directories above it that are empty. */
int remove_at(const struct cg_at *at, size_t parents, int timeout_ms);

#endif
