/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/ns_enter.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/sys.h"

static const char *flag_name(int flag)
{
	for (int t = 0; t < NS_COUNT_; t++) {
		if (ns_infos[t].flag == flag)
			return ns_infos[t].name;
	}
	return "unknown";
}

static bool is_own_user_ns(int fd)
{
	struct stat own, st;

	return stat("/proc/self/ns/user", &own) == 0 && fstat(fd, &st) == 0 &&
	       own.st_dev == st.st_dev && own.st_ino == st.st_ino;
}

static int open_checked(enum ns_type type, const char *path, int *ret_fd)
{
	autofd int fd = FD_NONE;
	int found;

	/* O_NONBLOCK: the path may be a fifo */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return err_sys("open %s namespace '%s'", ns_infos[type].name, path);
	found = ioctl(fd, NS_GET_NSTYPE);
	if (found < 0)
		return err_code(EINVAL, "open %s namespace '%s': not a namespace file",
				ns_infos[type].name, path);
	if (found != ns_infos[type].flag)
		return err_code(EINVAL, "open %s namespace '%s': it is a %s namespace",
				ns_infos[type].name, path, flag_name(found));
	/* setns(2) refuses it with EINVAL, and there is nothing to do */
	if (type == NS_USER && is_own_user_ns(fd))
		return 0;
	*ret_fd = take_fd(&fd);
	return 0;
}

int ns_enter_open(const struct ns_plan *plan, struct ns_files *ret)
{
	struct ns_files files = NS_FILES_INIT;

	for (int t = 0; t < NS_COUNT_; t++) {
		int r;

		if (!plan->path[t])
			continue;
		r = open_checked(t, plan->path[t], &files.fds[t]);
		if (r < 0) {
			ns_files_close(&files);
			return r;
		}
	}
	*ret = files;
	return 0;
}

void ns_files_close(struct ns_files *files)
{
	for (int t = 0; t < NS_COUNT_; t++)
		fd_close(&files->fds[t]);
	fd_close(&files->pidfd);
}

int ns_enter_diff(pid_t pid)
{
	int flags = 0;

	for (int t = 0; t < NS_COUNT_; t++) {
		char path[64];
		struct stat own, its;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", ns_infos[t].file);
		if (stat(path, &own) < 0)
			continue; /* a kernel without this kind */
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, ns_infos[t].file);
		if (stat(path, &its) < 0)
			return err_sys("look at the %s namespace of process %d", ns_infos[t].name,
				       pid);
		if (own.st_ino != its.st_ino || own.st_dev != its.st_dev)
			flags |= ns_infos[t].flag;
	}
	return flags;
}

static int join(const struct ns_files *files, enum ns_type type)
{
	/* the caller's own user namespace: ns_enter_open() */
	if (files->fds[type] < 0)
		return 0;
	if (setns(files->fds[type], ns_infos[type].flag) < 0)
		return err_sys("join %s namespace", ns_infos[type].name);
	return 0;
}

/* *failed collects the flags of those that have to wait for the user namespace. */
static int try_join(const struct ns_files *files, enum ns_type type, int *failed)
{
	int r = join(files, type);

	if (r != -EPERM)
		return r;
	err_forgive(r, "before joining the user namespace");
	*failed |= ns_infos[type].flag;
	return 0;
}

static int retry_joins(const struct ns_files *files, int candidates, int failed)
{
	for (int t = 0; t < NS_COUNT_; t++) {
		int r;

		if (!(ns_infos[t].flag & candidates & failed))
			continue;
		r = join(files, t);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Before Linux 5.8 setns takes no pidfd: one namespace after the other, as for joined paths. */
static int join_by_files(const struct ns_files *target, int flags)
{
	struct ns_plan plan = { 0 };
	struct ns_files files = NS_FILES_INIT;
	int r = 0;

	for (int t = NS_COUNT_ - 1; r == 0 && t >= 0; t--) {
		char path[64];

		if (!(ns_infos[t].flag & flags))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", target->pid, ns_infos[t].file);
		r = open_checked(t, path, &files.fds[t]);
		if (t != NS_USER)
			plan.steps[plan.n_steps++] = (struct ns_step){ .op = NS_OP_TRY, .type = t };
	}
	/* The number may have become somebody else's before it was opened. */
	if (r == 0 && sys_pidfd_send_signal(target->pidfd, 0) < 0)
		r = err_sys_r(-ESRCH, "join the container's namespaces");
	plan.steps[plan.n_steps++] = (struct ns_step){ .op = NS_OP_JOIN, .type = NS_USER };
	plan.steps[plan.n_steps++] = (struct ns_step){ .op = NS_OP_RETRY, .flags = flags };
	if (r == 0)
		r = ns_enter_run(&plan, &files, NULL, NULL);
	ns_files_close(&files);
	return r;
}

static int join_pidfd(const struct ns_files *files, int flags)
{
	if (setns(files->pidfd, flags) == 0)
		return 0;
	if (errno == EINVAL && files->pid > 0)
		return join_by_files(files, flags);
	return err_sys("join the container's namespaces");
}

/* First container id of /proc/self/{uid,gid}_map: who to become where 0 is not mapped. */
static unsigned int first_mapped_id(const char *map)
{
	autofree char *text = NULL;
	unsigned int id = 0;

	if (file_read_at(AT_FDCWD, map, 65536, &text, NULL) < 0)
		return 0;
	if (sscanf(text, "%u", &id) != 1)
		id = 0;
	return id;
}

/* The bare system calls: the C library's wrappers would involve other threads, of which there is
 * none. */
static int set_ids(unsigned int uid, unsigned int gid)
{
	if (syscall(SYS_setresgid, gid, gid, gid) < 0 || syscall(SYS_setresuid, uid, uid, uid) < 0)
		return -errno;
	return 0;
}

static int become_root(void)
{
	int r = set_ids(0, 0);

	if (r == -EINVAL)
		r = set_ids(first_mapped_id("/proc/self/uid_map"),
			    first_mapped_id("/proc/self/gid_map"));
	if (r < 0)
		return err_sys_r(r, "become root of the user namespace");
	return 0;
}

static int unshare_flags(int flags)
{
	if (unshare(flags) == 0)
		return 0;
	for (int t = 0; t < NS_COUNT_; t++) {
		if (flags == ns_infos[t].flag)
			return err_sys("create %s namespace", ns_infos[t].name);
	}
	return err_sys("create namespaces (flags %#x)", flags);
}

int ns_enter_run(const struct ns_plan *plan, const struct ns_files *files,
		 int (*request)(void *arg, enum ns_request what), void *arg)
{
	int failed = 0, r = 0;

	for (size_t i = 0; r >= 0 && i < plan->n_steps; i++) {
		const struct ns_step *s = &plan->steps[i];

		switch (s->op) {
		case NS_OP_JOIN:
			r = join(files, s->type);
			break;
		case NS_OP_TRY:
			r = try_join(files, s->type, &failed);
			break;
		case NS_OP_RETRY:
			r = retry_joins(files, s->flags, failed);
			break;
		case NS_OP_JOIN_PIDFD:
			r = join_pidfd(files, s->flags);
			break;
		case NS_OP_UNSHARE:
			r = unshare_flags(s->flags);
			break;
		case NS_OP_IDMAP:
			r = request(arg, NS_REQ_IDMAP);
			break;
		case NS_OP_TIMENS:
			r = request(arg, NS_REQ_TIMENS);
			break;
		case NS_OP_ROOT:
			/* the caller's own user namespace was "joined": nothing to become */
			if (!plan->path[NS_USER] || files->fds[NS_USER] >= 0)
				r = become_root();
			break;
		}
	}
	return r < 0 ? r : 0;
}
