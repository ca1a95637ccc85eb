/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "cgroup/at.h"
#include "cgroup/cgpath.h"
#include "cgroup/host.h"
#include "cgroup/mgr_systemd.h"
#include "cgroup/res.h"

#define CONTROL_FILE_MAX (16u << 20)

/* ---- parts ---- */

char *at_text(const struct cg_at *at)
{
	return path_join(at->mountpoint, at->path);
}

void at_clear(struct cg_at *at)
{
	free(at->controllers);
	free(at->mountpoint);
	free(at->path);
	fd_close(&at->fd);
	fd_close(&at->inner_fd);
}

int at_check_fs(const struct cg_at *at, int fd)
{
	long magic = at_is_v2(at) ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC;

	return fd_fs_magic(fd) == magic ? 0 : -EXDEV;
}

int at_covered(const char *where)
{
	return err_code(EXDEV, "'%s' is not a cgroup: something is mounted over it", where);
}

void cgroup_close(struct cgroup *cg)
{
	for (size_t i = 0; i < cg->len; i++)
		at_clear(&cg->at[i]);
	free(cg->at);
	free(cg->unit);
	*cg = (struct cgroup) CGROUP_INIT;
}

const struct cg_at *cgroup_find(const struct cgroup *cg, const char *v1_controller)
{
	for (size_t i = 0; i < cg->len; i++) {
		const struct cg_at *at = &cg->at[i];

		if (at->fd < 0)
			continue;
		if (v1_controller ? !at_is_v2(at) && res_list_has(at->controllers, v1_controller)
				  : at_is_v2(at))
			return at;
	}
	return NULL;
}

const struct cg_at *cgroup_main(const struct cgroup *cg)
{
	const struct cg_at *at = cgroup_find(cg, NULL);

	if (!at)
		at = cgroup_find(cg, "freezer");
	for (size_t i = 0; !at && i < cg->len; i++) {
		if (cg->at[i].fd >= 0)
			at = &cg->at[i];
	}
	return at;
}

int cg_read(int dirfd, const char *file, char **ret)
{
	size_t len;
	int r = file_read_at(dirfd, file, CONTROL_FILE_MAX, ret, &len);

	if (r == 0 && len && (*ret)[len - 1] == '\n')
		(*ret)[len - 1] = '\0';
	return r;
}

long long cg_keyed_value(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *p = text; p && *p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncmp(p, key, len) == 0 && p[len] == ' ')
			return strtoll(p + len + 1, NULL, 10);
	}
	return -1;
}

int64_t cg_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t) t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int cgroup_fd(const struct cgroup *cg)
{
	const struct cg_at *at = cgroup_find(cg, NULL);

	return at ? at_procs_fd(at) : FD_NONE;
}

bool cgroup_exists(const struct cgroup *cg)
{
	return cgroup_main(cg) != NULL;
}

/* ---- create ---- */

/* The directory was there before us: only a left-over without processes may be used. */
static int check_reused(const struct cg_at *at, int fd, const char *where)
{
	autofree char *state = NULL;
	autofree pid_t *pids = NULL;
	size_t n = 0;
	int r;

	r = procs_list(fd, true, &pids, &n);
	if (r < 0)
		return err_sys_r(r, "read processes of '%s'", where);
	if (n)
		return err_code(EBUSY,
				"container's cgroup is not empty: %zu process(es) found in '%s'", n,
				where);
	if (at_is_v2(at)) {
		if (cg_read(fd, "cgroup.freeze", &state) == 0 && str_eq(state, "1"))
			return err_code(EBUSY, "container's cgroup unexpectedly frozen: '%s'",
					where);
	} else if (res_list_has(at->controllers, "freezer")) {
		if (cg_read(fd, "freezer.state", &state) == 0 && !str_eq(state, "THAWED"))
			return err_code(EBUSY, "container's cgroup unexpectedly frozen: '%s'",
					where);
	}
	return 0;
}

/* One component: makes and opens it. *created counts the last ones in a row that are ours. */
static int make_component(struct cg_at *at, int *fd, const char *name, const char *where)
{
	autofd int child = FD_NONE;
	int r;

	if (mkdirat(*fd, name, 0755) == 0)
		at->created++;
	else if (errno == EEXIST)
		at->created = 0;
	else
		return err_sys("make cgroup '%s'", where);
	child = openat(*fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (child < 0)
		return err_sys("open cgroup '%s'", where);
	if (at_check_fs(at, child) < 0)
		return at_covered(where);
	if (res_list_has(at->controllers, "cpuset")) {
		r = fs1_fill_cpuset(*fd, child, where);
		if (r < 0)
			return r;
	}
	fd_close(fd);
	*fd = take_fd(&child);
	return 0;
}

/* Walks down from the mount point; at->path grows with it, so that a failure knows what to take
 * back. */
static int make_path(const struct cg_dir *dir, struct cg_at *at, int *ret_fd)
{
	autofd int fd = open(dir->mountpoint, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *it = dir->path, *part;
	size_t n;

	if (fd < 0)
		return err_sys("open cgroup mount '%s'", dir->mountpoint);
	while ((n = path_next(&it, &part))) {
		autofree char *name = xstrndup(part, n), *here = at_text(at), *below = NULL,
			      *path = NULL;
		int r;

		if (at_is_v2(at)) {
			r = fs2_enable(dir, fd, here);
			if (r < 0)
				return r;
		}
		below = path_join(here, name);
		path = path_join(at->path, name);
		r = make_component(at, &fd, name, below);
		/* Made but not opened counts as ours too. */
		if (r == 0 || at->created) {
			free(at->path);
			at->path = take_ptr(&path);
		}
		if (r < 0)
			return r;
	}
	*ret_fd = take_fd(&fd);
	return 0;
}

static int make_inner(const struct cgroup_plan *plan, struct cg_at *at, const char *where)
{
	if (mkdirat(at->fd, plan->inner, 0755) < 0 && errno != EEXIST)
		return err_sys("make cgroup '%s/%s'", where, plan->inner);
	at->inner_fd = openat(at->fd, plan->inner, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (at->inner_fd < 0)
		return err_sys("open cgroup '%s/%s'", where, plan->inner);
	if (at_check_fs(at, at->inner_fd) < 0)
		return at_covered(where);
	if (res_list_has(at->controllers, "cpuset"))
		return fs1_fill_cpuset(at->fd, at->inner_fd, where);
	return 0;
}

static int create_dir(const struct cgroup_plan *plan, const struct cg_dir *dir, struct cg_at *at)
{
	autofree char *where = path_join(dir->mountpoint, dir->path);
	int r;

	r = make_path(dir, at, &at->fd);
	if (r < 0)
		return r;
	/* A scope has its process already. */
	if (!at->created && !plan->unit) {
		r = check_reused(at, at->fd, where);
		if (r < 0)
			return r;
	}
	if (plan->inner) {
		r = make_inner(plan, at, where);
		if (r < 0)
			return r;
	}
	if (plan->has_owner && at_is_v2(at))
		return fs2_delegate(at_procs_fd(at), plan->owner_uid, plan->owner_gid, where);
	return 0;
}

/* Takes back what is ours; a directory that was there before stays. */
static void undo_dir(const struct cg_at *at)
{
	struct err_saved saved = err_push();

	if (at->created) {
		int r = remove_at(at, at->created - 1, 1000);

		if (r < 0)
			err_forgive(r, "undo cgroup");
	}
	err_pop(saved);
}

static bool is_permission(int r)
{
	return r == -EACCES || r == -EPERM || r == -EROFS;
}

static int create_all(const struct cgroup_plan *plan, struct cgroup *cg)
{
	for (size_t i = 0; i < plan->n_dirs; i++) {
		const struct cg_dir *dir = &plan->dirs[i];
		struct cg_at *at = &cg->at[cg->len];
		int r;

		*at = (struct cg_at){
			.controllers = xstrdup(dir->controllers),
			.mountpoint = xstrdup(dir->mountpoint),
			.path = xstrdup("/"),
			.fd = FD_NONE,
			.inner_fd = FD_NONE,
		};
		r = create_dir(plan, dir, at);
		if (r == 0) {
			cg->len++;
			continue;
		}
		undo_dir(at);
		at_clear(at);
		if (!is_permission(r))
			return r;
		if (!dir->optional)
			return plan->rootless
				       ? err_wrap(r, "rootless needs no limits + no cgrouppath "
						     "when no permission is granted for cgroups")
				       : r;
		err_forgive(r, "go without cgroup");
	}
	return 0;
}

static int create_dirs(const struct cgroup_plan *plan, struct cgroup *ret)
{
	struct cgroup cg = { .mode = plan->mode };
	int r;

	cg.at = xnew_n(struct cg_at, plan->n_dirs ? plan->n_dirs : 1);
	r = create_all(plan, &cg);
	if (r < 0) {
		while (cg.len-- > 0) {
			undo_dir(&cg.at[cg.len]);
			at_clear(&cg.at[cg.len]);
		}
		free(cg.at);
		return r;
	}
	if (!cg.len)
		cg.mode = CGROUP_MODE_NONE;
	*ret = cg;
	return 0;
}

int cgroup_share(const struct cgroup *cg, gid_t gid)
{
	const struct cg_at *at = cgroup_find(cg, NULL);
	autofree char *where = at ? at_text(at) : NULL;

	return at ? fs2_share(at_procs_fd(at), gid, where) : 0;
}

int cgroup_create(const struct cgroup_plan *plan, struct cgroup *ret)
{
	if (!plan->unit)
		return create_dirs(plan, ret);
	*ret = (struct cgroup) CGROUP_INIT;
	return 0;
}

static int enter_failed(const struct cg_at *at, pid_t pid, int r)
{
	autofree char *what = xasprintf("adding pid %d to cgroups", (int) pid);
	autofree char *where = at_text(at);

	if (at_is_v2(at) && (r == -EBUSY || r == -EOPNOTSUPP))
		return fs2_entry_error(at, r, what);
	return err_sys_r(r, "%s: write '%s/cgroup.procs'", what, where);
}

int cgroup_enter(const struct cgroup *cg, pid_t pid, int flags)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int) pid);
	for (size_t i = 0; i < cg->len; i++) {
		const struct cg_at *at = &cg->at[i];
		int r;

		if (at->fd < 0 ||
		    flags & (at_is_v2(at) ? CGROUP_ENTER_CLONED : CGROUP_ENTER_JOINED))
			continue;
		r = file_write_at(at_procs_fd(at), "cgroup.procs", text);
		if (r < 0)
			return enter_failed(at, pid, r);
	}
	return 0;
}

/* Limits would be written, and processes looked for, in a directory nobody is in. */
static int check_placed(const struct cgroup_plan *plan, pid_t pid)
{
	/* systemd's own hierarchy: cgroup2's where there is one. */
	const struct cg_dir *dir = &plan->dirs[0];
	autofree char *file = xasprintf("/proc/%d/cgroup", (int) pid), *text = NULL;
	struct cgroup_host now = { 0 };
	int r = file_read_at(AT_FDCWD, file, CONTROL_FILE_MAX, &text, NULL);

	if (r < 0)
		return err_sys_r(r, "read '%s'", file);
	host_parse_self(text, "", &now);
	if (!*dir->controllers && now.len && !str_eq(now.at[0].own, dir->path))
		r = err_code(EIO, "systemd: unit '%s' is cgroup '%s', expected '%s'", plan->unit,
			     now.at[0].own, dir->path);
	cgroup_host_clear(&now);
	return r;
}

int cgroup_place(struct cgroup *cg, const struct cgroup_plan *plan, pid_t pid, int flags)
{
	bool ours;
	int r;

	if (!plan->unit)
		return cgroup_enter(cg, pid, flags);
	r = mgr_systemd_start(plan, pid, &ours);
	if (ours) {
		cg->unit = xstrdup(plan->unit);
		cg->unit_user = plan->unit_user;
	}
	if (r >= 0)
		r = check_placed(plan, pid);
	if (r >= 0) {
		struct cgroup made;

		r = create_dirs(plan, &made);
		if (r < 0)
			return r;
		cg->mode = made.mode;
		cg->len = made.len;
		cg->at = made.at;
	}
	if (r < 0)
		return r;
	return cgroup_enter(cg, pid, plan->inner ? 0 : CGROUP_ENTER_CLONED);
}

/* ---- reopen ---- */

static int open_ref(const char *ref, struct cg_at *at)
{
	autofree char *where = NULL;
	int r;

	*at = (struct cg_at){ .fd = FD_NONE, .inner_fd = FD_NONE };
	r = cgpath_ref_parse(ref, &at->controllers, &at->mountpoint, &at->path);
	if (r < 0)
		return r;
	at->created = 1;
	where = at_text(at);
	at->fd = open(where, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (at->fd < 0 && errno != ENOENT && errno != ENODEV)
		r = err_sys("open cgroup '%s'", where);
	else if (at->fd >= 0 && at_check_fs(at, at->fd) < 0)
		r = at_covered(where);
	if (r < 0)
		at_clear(at);
	else if (at->fd < 0)
		at->fd = FD_NONE;
	return r;
}

int cgroup_open(enum cgroup_mode mode, char *const *refs, size_t n, struct cgroup *ret)
{
	struct cgroup cg = { .mode = mode, .at = xnew_n(struct cg_at, n ? n : 1) };

	for (size_t i = 0; i < n; i++) {
		const char *unit = cgpath_unit_parse(refs[i], &cg.unit_user);
		int r;

		if (unit) {
			free(cg.unit);
			cg.unit = xstrdup(unit);
			continue;
		}
		r = open_ref(refs[i], &cg.at[cg.len]);
		if (r < 0) {
			cgroup_close(&cg);
			return r;
		}
		cg.len++;
	}
	*ret = cg;
	return 0;
}

int cgroup_remove(const struct cgroup *cg, int timeout_ms)
{
	int64_t end = cg_now_ms() + timeout_ms;
	int first = 0, r;

	if (cg->unit) {
		/* Without systemd the directories can still go; it finds that out by itself. */
		r = mgr_systemd_stop(cg->unit, cg->unit_user);
		if (r < 0)
			err_warn(r, "remove cgroup");
	}
	/* Each is tried, whatever became of the others; the first failure is what the caller hears
	 * of. */
	for (size_t i = cg->len; i-- > 0;) {
		const struct cg_at *at = &cg->at[i];
		int64_t left = end - cg_now_ms();
		struct err_saved saved = { 0 };

		if (first)
			saved = err_push();
		r = remove_at(at, at->created ? at->created - 1 : 0, left > 0 ? (int) left : 0);
		if (first)
			err_pop(saved);
		else
			first = r;
	}
	return first;
}
