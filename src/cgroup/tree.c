/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/tree.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "cgroup/at.h"

struct walk {
	const struct tree_ops *ops;
	void *arg;
	int here;
	struct strv path;   /* names on the way down */
	size_t depth;	    /* of level[] in use: path.len + 1 while inside */
	struct strv *level; /* children still to be entered */
};

int tree_add_dir(void *strv, int dirfd, const char *name)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
		strv_add(strv, name);
	return 0;
}

static char *pop(struct strv *v)
{
	char *last = v->v[--v->len];

	v->v[v->len] = NULL;
	return last;
}

static int go(struct walk *w, const char *name, int flags)
{
	int fd = openat(w->here, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);

	if (fd < 0)
		return -errno;
	fd_close(&w->here);
	w->here = fd;
	return 0;
}

static int enter(struct walk *w)
{
	w->level = xreallocarray(w->level, w->depth + 1, sizeof(*w->level));
	w->level[w->depth] = (struct strv){ 0 };
	return w->ops->enter(w->arg, w->here, &w->level[w->depth++]);
}

/* Into the next child, or back up. 1 = go on, 0 = the walk is over. */
static int step(struct walk *w)
{
	struct strv *children = &w->level[w->depth - 1];
	autofree char *name = NULL;
	int r;

	if (children->len) {
		name = pop(children);
		if (go(w, name, O_NOFOLLOW) < 0)
			return 1; /* gone meanwhile */
		strv_add_take(&w->path, take_ptr(&name));
		r = enter(w);
		return r < 0 ? r : 1;
	}
	strv_clear(children);
	if (--w->depth == 0)
		return 0;
	name = pop(&w->path);
	r = go(w, "..", 0);
	if (r < 0)
		return r;
	if (w->ops->leave)
		w->ops->leave(w->arg, w->here, name);
	return 1;
}

int tree_walk(int fd, const struct tree_ops *ops, void *arg)
{
	struct walk w = { .ops = ops, .arg = arg, .here = fd };
	int r;

	w.here = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = w.here < 0 ? -errno : enter(&w);
	if (r == 0)
		r = 1;
	while (r > 0)
		r = step(&w);
	while (w.depth > 0)
		strv_clear(&w.level[--w.depth]);
	free(w.level);
	strv_clear(&w.path);
	fd_close(&w.here);
	/* The way up is cut when the whole tree is removed under us. */
	return cg_is_gone(r) ? 0 : r;
}
