/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "cgroup/at.h"
#include "cgroup/res.h"

/* ---- controllers ---- */

/* "+cpu +memory": words of list that are in `in` (if given) and not in `out`. */
static char *enable_text(const char *list, const char *in, const char *out)
{
	autostrbuf struct strbuf text = STRBUF_INIT;
	autostrv struct strv words = { 0 };

	strv_split(&words, list, " ");
	for (size_t i = 0; i < words.len; i++) {
		if (res_list_has(in, words.v[i]) && !res_list_has(out, words.v[i]))
			strbuf_addf(&text, "%s+%s", text.len ? " " : "", words.v[i]);
	}
	return strbuf_take(&text);
}

/* Why a controller that a limit needs is not there, in words and with the way out. */
static int explain(const char *controller, const char *available, int fd, int r, const char *where)
{
	autofree char *type = NULL;

	if (!res_list_has(available, controller))
		return err_code(ENOTSUP,
				"controller `%s` is not available under %s: it is not handed down "
				"to this cgroup (with systemd: Delegate=%s on the unit above)",
				controller, where, controller);
	if (r == -EBUSY)
		return err_code(EBUSY,
				"controller `%s` is not available under %s: processes live in that "
				"cgroup, and cgroup v2 hands controllers down from empty ones "
				"only; choose another linux.cgroupsPath",
				controller, where);
	if (r == -EOPNOTSUPP && cg_read(fd, "cgroup.type", &type) == 0)
		return err_code(EOPNOTSUPP,
				"controller `%s` is not available under %s: that cgroup is '%s', "
				"which only has controllers that count threads",
				controller, where, type);
	if (r == -EACCES || r == -EPERM || r == -EROFS)
		return err_code(-r,
				"controller `%s` is not available under %s: it is not handed down "
				"there, and cgroup.subtree_control is not ours to write (with "
				"systemd: Delegate=%s on the unit we are in)",
				controller, where, controller);
	return err_sys_r(r, "enable controller `%s` in '%s'", controller, where);
}

/* One at a time: what is refused does not take the others with it. Result: the last refusal. */
static int enable_each(int fd, const char *text)
{
	autostrv struct strv words = { 0 };
	int last = 0;

	strv_split(&words, text, " ");
	for (size_t i = 0; i < words.len; i++) {
		int r = file_write_at(fd, "cgroup.subtree_control", words.v[i]);

		if (r < 0)
			last = r;
	}
	return last;
}

/* Tells of the first needed controller that did not get on. */
static int check_needed(const struct cg_dir *dir, int fd, int why, const char *where)
{
	autofree char *on = NULL, *available = NULL;
	autostrv struct strv need = { 0 };
	int r;

	if ((r = cg_read(fd, "cgroup.subtree_control", &on)) < 0 ||
	    (r = cg_read(fd, "cgroup.controllers", &available)) < 0)
		return err_sys_r(r, "read controllers of '%s'", where);
	strv_split(&need, dir->need, " ");
	for (size_t i = 0; i < need.len; i++) {
		if (!res_list_has(on, need.v[i]))
			return explain(need.v[i], available, fd, why, where);
	}
	return 0;
}

/*
 * Does the rule against inner processes forbid to hand anything down from here? The kernel itself
 * says so (EBUSY) for memory and io only: with cpu or pids it would turn this cgroup into the root
 * of a threaded tree, and the container's cgroup into an invalid one, without a word.
 */
static bool has_inner_processes(int fd)
{
	autofree char *procs = NULL;

	/* The root is exempt, and has no type. */
	if (!file_exists_at(fd, "cgroup.type"))
		return false;
	return cg_read(fd, "cgroup.procs", &procs) == 0 && *procs;
}

static int enable_missing(int fd, const char *text)
{
	int r;

	if (!*text)
		return 0;
	if (has_inner_processes(fd))
		return -EBUSY;
	r = file_write_at(fd, "cgroup.subtree_control", text);
	if (r == 0 || r == -EACCES || r == -EPERM || r == -EROFS || r == -EBUSY)
		return r;
	return enable_each(fd, text);
}

int fs2_enable(const struct cg_dir *dir, int fd, const char *where)
{
	autofree char *on = NULL, *available = NULL, *text = NULL;
	int r;

	if (!*dir->enable)
		return 0;
	r = cg_read(fd, "cgroup.subtree_control", &on);
	if (r < 0)
		return err_sys_r(r, "read '%s/cgroup.subtree_control'", where);
	text = enable_text(dir->enable, dir->enable, on);
	if (!*text)
		return 0;
	free_ptr(&text);
	r = cg_read(fd, "cgroup.controllers", &available);
	if (r < 0)
		return err_sys_r(r, "read '%s/cgroup.controllers'", where);
	text = enable_text(dir->enable, available, on);
	r = enable_missing(fd, text);
	return check_needed(dir, fd, r, where);
}

/* ---- delegation ---- */

/* What may be given away is listed by the kernel (Linux 4.15), one name a line. */
static char *delegatable(void)
{
	char *text;

	if (file_read_at(AT_FDCWD, "/sys/kernel/cgroup/delegate", 1 << 16, &text, NULL) == 0)
		return text;
	return xstrdup("cgroup.procs\ncgroup.threads\ncgroup.subtree_control\n");
}

struct heir {
	uid_t uid;
	gid_t gid;
	bool by_group; /* the group writes, the owner stays */
};

/* Files of controllers that are not on here are listed as well: -ENOENT. Quiet. */
static int give(int fd, const char *name, const struct heir *to)
{
	mode_t mode = str_eq(name, ".") ? 0775 : 0664;
	uid_t uid = to->by_group ? (uid_t) -1 : to->uid;

	if (fchownat(fd, name, uid, to->gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (to->by_group && fchmodat(fd, name, mode, 0) < 0))
		return -errno;
	return 0;
}

static int give_all(int fd, const struct heir *to, const char *where)
{
	autofree char *text = delegatable();
	autostrv struct strv names = { 0 };

	strv_add(&names, ".");
	strv_split(&names, text, "\n");
	for (size_t i = 0; i < names.len; i++) {
		int r = strchr(names.v[i], '/') ? 0 : give(fd, names.v[i], to);

		if (r == 0 || r == -ENOENT)
			continue;
		if (to->by_group)
			return err_sys_r(r, "give '%s/%s' to group %u", where, names.v[i], to->gid);
		return err_sys_r(r, "give '%s/%s' to %u:%u", where, names.v[i], to->uid, to->gid);
	}
	return 0;
}

int fs2_delegate(int fd, uid_t uid, gid_t gid, const char *where)
{
	return give_all(fd, &(struct heir){ .uid = uid, .gid = gid }, where);
}

int fs2_share(int fd, gid_t gid, const char *where)
{
	return give_all(fd, &(struct heir){ .gid = gid, .by_group = true }, where);
}

/* ---- entry ---- */

int fs2_entry_error(const struct cg_at *at, int r, const char *what)
{
	autofree char *where = at_text(at), *text = NULL;
	int fd = at_procs_fd(at);

	if (r == -EBUSY && cg_read(fd, "cgroup.subtree_control", &text) == 0 && *text)
		return err_sys_r(r,
				 "%s: cgroup '%s' hands controllers down (%s), and cgroup v2 takes "
				 "processes only where that is not done (choose another "
				 "linux.cgroupsPath)",
				 what, where, text);
	if (r == -EOPNOTSUPP && cg_read(fd, "cgroup.type", &text) == 0 && !str_eq(text, "domain"))
		return err_sys_r(r,
				 "%s: cgroup '%s' is '%s': it is in a threaded tree, which takes "
				 "no processes (choose another linux.cgroupsPath)",
				 what, where, text);
	return err_sys_r(r, "%s: cgroup '%s'", what, where);
}

int cgroup_entry_error(const struct cgroup *cg, int r, const char *what)
{
	const struct cg_at *at = cgroup_find(cg, NULL);

	return at && (r == -EBUSY || r == -EOPNOTSUPP) ? fs2_entry_error(at, r, what)
						       : err_sys_r(r, "%s", what);
}
