/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_TESTS_UNIT_LINUX_BOX_H
#define HAKO_TESTS_UNIT_LINUX_BOX_H

/*
 * A mount namespace to try mounts in, for a child: /tmp is a tmpfs of its own with a root directory
 * "r" and a canary directory "h" that stands for the host. Everything goes away with the child.
 * Each test can run in three modes: as the kernel is, as if it were Linux 5.2 to 5.11, and before
 * 5.2.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "base/sys.h"
#include "linux/mount_apply.h"
#include "linux/rootfs.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

enum box_mode { BOX_NEW, BOX_NO_SETATTR, BOX_OLD, BOX_MODES };

struct box {
	enum box_mode mode;
	bool userns;
	struct mount_api api;
	struct rootfs_args args;
	int root_fd;
	struct mount_plan plan;
	int proc_fd;
};

static inline bool box_write(const char *path, const char *text)
{
	autofd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	return fd >= 0 && fd_write_full(fd, text, strlen(text)) == 0;
}

static inline bool box_is(const char *path, const char *text)
{
	autofree char *now = NULL;

	return file_read_at(AT_FDCWD, path, 4096, &now, NULL) == 0 && strcmp(now, text) == 0;
}

static inline bool box_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static inline unsigned long box_flags(const char *path)
{
	struct statvfs vfs;

	return statvfs(path, &vfs) < 0 ? ~0ul : vfs.f_flag;
}

/* Nothing but what box_open() made is in the canary directory, and it is as it was. */
static inline bool box_host_untouched(void)
{
	struct stat st;

	return box_is("/tmp/h/file", "host\n") && stat("/tmp/h", &st) == 0 && st.st_nlink == 2 &&
	       unlink("/tmp/h/file") == 0 && rmdir("/tmp/h") == 0;
}

/* In a new mount namespace. */
static inline int box_open(struct box *b)
{
	b->root_fd = b->proc_fd = FD_NONE;
	b->args.path = "/tmp/r";
	b->args.tree_fd = FD_NONE;
	umask(022);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/tmp", "tmpfs", 0, NULL) < 0 || mkdir("/tmp/r", 0755) < 0 ||
	    mkdir("/tmp/h", 0700) < 0 || !box_write("/tmp/h/file", "host\n"))
		return -errno;
	if (b->mode >= BOX_NO_SETATTR)
		sys_note(SYS_F_MOUNT_SETATTR, -ENOSYS);
	if (b->mode == BOX_OLD) {
		sys_note(SYS_F_FSOPEN, -ENOSYS);
		sys_note(SYS_F_OPEN_TREE, -ENOSYS);
	}
	return mount_api_open(&b->api);
}

static inline int box_prepare(struct box *b)
{
	return rootfs_prepare(&b->api, &b->args, &b->root_fd);
}

static inline int box_plan(struct box *b, const char *mounts, struct mount_plan_args args)
{
	autostrbuf struct strbuf json = STRBUF_INIT;
	struct oci_config *config = NULL;
	struct oci_error error = { 0 };
	int r;

	strbuf_addf(&json, "{\"ociVersion\":\"1.3.0\",\"mounts\":%s}", mounts);
	if (oci_config_parse(json.s, json.len, &config, &error) < 0)
		return err_code(EINVAL, "%s", error.text);
	args.mounts = config->mounts;
	args.mounts_len = config->mounts_len;
	args.bundle = "/tmp";
	args.userns = b->userns;
	mount_plan_clear(&b->plan);
	r = mount_plan(&args, &b->plan);
	oci_config_free(config);
	return r;
}

static inline int box_mount(struct box *b, const char *mounts)
{
	struct mount_apply_args args = { .api = &b->api, .root_fd = b->root_fd, .plan = &b->plan };
	struct mount_plan_args how = { 0 };
	int r = box_plan(b, mounts, how);

	if (r == 0)
		r = mount_apply(&args, &b->proc_fd);
	return r;
}

/* Runs fn in a child with namespaces of its own, once in each mode. */
static inline void box_run(int (*fn)(void *arg))
{
	if (geteuid() != 0)
		t_skip("needs root");
	for (int mode = 0; mode < BOX_MODES; mode++) {
		struct box b = { .mode = (enum box_mode) mode };
		int r = child_run_unshared(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET, fn, &b);

		if (r != 0)
			printf("# in mode %d\n", mode);
		T_CHILD(r);
	}
}

#endif
