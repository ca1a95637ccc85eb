/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/criu_setup.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "runtime/checkpoint.h"
#include "spec/bundle.h"
#include "spec/namespaces.h"

#define CRIU_IMAGE_DIR "checkpoint"
#define CRIU_LOG_LEVEL 4

void criu_setup_clear(struct criu_setup *s)
{
	fd_close(&s->image_fd);
	fd_close(&s->work_fd);
	free(s->image_path);
	free(s->work_path);
}

/* Processes in a user namespace of their own look up what is in it; the files are root's alone. */
#define DIR_MODE_USERNS 0711
#define DIR_MODE	0700

/* mode 0: it must be there. */
static int open_dir(const char *path, const char *option, mode_t mode, char **ret_path, int *ret_fd)
{
	int r, fd;

	r = mode ? file_mkdir_p(path, mode) : 0;
	if (r < 0)
		return err_sys_r(r, "--%s: make directory '%s'", option, path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys("--%s: open directory '%s'", option, path);
	*ret_fd = fd;
	*ret_path = path_make_absolute(path);
	return *ret_path ? 0 : err_sys("--%s: '%s'", option, path);
}

static int open_dirs(struct criu_setup *s, const struct criu_opts *o, enum criu_setup_mode mode,
		     const struct bundle *bundle)
{
	bool userns = spec_has_namespace(bundle->config->linux, "user");
	mode_t perm = userns ? DIR_MODE_USERNS : DIR_MODE;
	int r = open_dir(o->image_path ? o->image_path : CRIU_IMAGE_DIR, "image-path",
			 mode == CRIU_SETUP_DUMP ? perm : 0, &s->image_path, &s->image_fd);

	if (r < 0)
		return r;
	if (o->work_path)
		return open_dir(o->work_path, "work-path", perm, &s->work_path, &s->work_fd);
	s->work_path = xstrdup(s->image_path);
	s->work_fd = fd_dup_above(s->image_fd, 3);
	return s->work_fd < 0 ? err_sys_r(s->work_fd, "keep the image directory") : 0;
}

static void add_dirs(const struct criu_setup *s, enum criu_setup_mode mode, struct criu_call *call)
{
	criu_add_number(&call->opts, CRIU_OPT_IMAGES_DIR_FD, CRIU_IMAGES_FD);
	criu_add_number(&call->opts, CRIU_OPT_WORK_DIR_FD, CRIU_WORK_FD);
	call->image_path = s->image_path;
	call->work_path = s->work_path;
	call->work_fd = s->work_fd;
	call->log_file = mode == CRIU_SETUP_DUMP ? "dump.log" : "restore.log";
	/* What is there is of another run, and would be quoted if this one never gets to write. */
	(void) unlinkat(call->work_fd, call->log_file, 0);
	criu_add_number(&call->opts, CRIU_OPT_LOG_LEVEL, CRIU_LOG_LEVEL);
	criu_add_text(&call->opts, CRIU_OPT_LOG_FILE, call->log_file);
}

static int add_empty_ns(const struct strv *names, struct strbuf *opts)
{
	for (size_t i = 0; i < names->len; i++) {
		if (!str_eq(names->v[i], "network"))
			return err_code(EINVAL, "--empty-ns: namespace '%s' is not supported",
					names->v[i]);
	}
	if (names->len)
		criu_add_number(opts, CRIU_OPT_EMPTY_NS, CLONE_NEWNET);
	return 0;
}

static int add_flags(const struct criu_opts *o, struct strbuf *opts)
{
	int mode = criu_cgroup_mode(o->manage_cgroups_mode ? o->manage_cgroups_mode : "soft");

	if (mode < 0)
		return mode;
	criu_add_flag(opts, CRIU_OPT_MANAGE_CGROUPS, true);
	criu_add_number(opts, CRIU_OPT_MANAGE_CGROUPS_MODE, (uint64_t) mode);
	criu_add_flag(opts, CRIU_OPT_NOTIFY_SCRIPTS, true);
	criu_add_flag(opts, CRIU_OPT_ORPHAN_PTS_MASTER, true);
	criu_add_flag(opts, CRIU_OPT_TCP_ESTABLISHED, o->tcp_established);
	criu_add_flag(opts, CRIU_OPT_EXT_UNIX_SK, o->ext_unix_sk);
	criu_add_flag(opts, CRIU_OPT_SHELL_JOB, o->shell_job);
	criu_add_flag(opts, CRIU_OPT_FILE_LOCKS, o->file_locks);
	criu_add_flag(opts, CRIU_OPT_LAZY_PAGES, o->lazy_pages);
	criu_add_flag(opts, CRIU_OPT_AUTO_DEDUP, o->auto_dedup);
	return add_empty_ns(&o->empty_ns, opts);
}

static bool has_option(const struct oci_mount *m, const char *a, const char *b)
{
	for (size_t i = 0; i < m->options_len; i++) {
		if (str_eq(m->options[i], a) || str_eq(m->options[i], b))
			return true;
	}
	return false;
}

/* The volume of the container, other than a read-only one, that the file is in; heap or NULL. */
static char *volume_of(const struct bundle *b, const char *file)
{
	for (size_t i = 0; i < b->config->mounts_len; i++) {
		const struct oci_mount *m = &b->config->mounts[i];
		autofree char *path = NULL, *source = NULL;

		if (!m->source || !has_option(m, "bind", "rbind") || has_option(m, "ro", "rro"))
			continue;
		path = path_resolve_text(b->path, m->source);
		source = realpath(path, NULL);
		if (source && !str_eq(source, "/") && path_is_below(file, source))
			return take_ptr(&source);
	}
	return NULL;
}

static char *root_of(const struct bundle *b)
{
	autofree char *path = NULL;

	if (b->rootfs_fd >= 0)
		return fd_target(b->rootfs_fd);
	if (!b->config->root)
		return NULL;
	/* rootfs itself: a hook may have yet to make it */
	path = path_resolve_text(b->path, b->config->root->path);
	/* rootfs itself: to be compared */
	return realpath(path, NULL);
}

/*
 * Options of criu name programs to run as root: the container must not be who writes them. criu is
 * told where the file is, for it opens it again: a link in what was given could be another by then.
 */
static int check_config(const char *path, const struct bundle *b, char **ret)
{
	autofd int fd = open(path, O_PATH | O_CLOEXEC);
	autofree char *target = NULL, *root = NULL, *volume = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys("annotations[\"org.criu.config\"]: open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_code(EINVAL, "annotations[\"org.criu.config\"]: '%s' is no plain file",
				path);
	target = fd_target(fd);
	if (!target)
		return err_sys("annotations[\"org.criu.config\"]: find '%s'", path);
	root = root_of(b);
	if (root && !str_eq(root, "/") && path_is_below(target, root))
		return err_code(EPERM,
				"annotations[\"org.criu.config\"]: '%s' is in the container's own "
				"root file system",
				path);
	volume = volume_of(b, target);
	if (volume)
		return err_code(EPERM,
				"annotations[\"org.criu.config\"]: '%s' is in '%s', which the "
				"container may write to",
				path, volume);
	*ret = take_ptr(&target);
	return 0;
}

static int add_config(const struct bundle *b, struct strbuf *opts)
{
	static const char *const defaults[] = { "/etc/criu/hako.conf", "/etc/criu/runc.conf" };
	autofree char *file = NULL;
	int r;

	if (b->annotations.criu_config) {
		r = check_config(b->annotations.criu_config, b, &file);
		if (r >= 0)
			criu_add_text(opts, CRIU_OPT_CONFIG_FILE, file);
		return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++) {
		if (access(defaults[i], R_OK) == 0) {
			criu_add_text(opts, CRIU_OPT_CONFIG_FILE, defaults[i]);
			break;
		}
	}
	return 0;
}

int criu_setup(struct criu_setup *s, const struct criu_opts *opts, enum criu_setup_mode mode,
	       const struct bundle *bundle, struct criu_call *call)
{
	int r;

	if (geteuid() != 0)
		return err_code(EPERM, "checkpoint and restore need root: criu does the work");
	r = add_flags(opts, &call->opts);
	if (r >= 0)
		r = open_dirs(s, opts, mode, bundle);
	if (r < 0)
		return r;
	add_dirs(s, mode, call);
	return add_config(bundle, &call->opts);
}
