/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "lxc/apparmor.h"
#include "lxc/report.h"
#include "ocispec.h"

static int write_file(int dir_fd, const char *name, const char *text)
{
	int r;

	if (!text)
		return mkdirat(dir_fd, name, 0755) < 0 ? err_sys("make directory '%s'", name) : 0;
	r = file_replace_at(dir_fd, name, text, strlen(text), 0644, FILE_SYNC);
	return r < 0 ? err_sys_r(r, "write '%s'", name) : 0;
}

static int fill(int parent_fd, const char *tmp, const struct writer_file *files, size_t len,
		struct writer_made *ret)
{
	autofd int fd = openat(parent_fd, tmp, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys("open new directory '%s'", tmp);
	*ret = (struct writer_made){ st.st_dev, st.st_ino };
	for (size_t i = 0; r >= 0 && i < len; i++)
		r = write_file(fd, files[i].name, files[i].text);
	return r;
}

static int open_above(const char *clean, const char *name)
{
	autofree char *parent =
		name == clean ? xstrdup(".") : xstrndup(clean, (size_t) (name - clean));
	int fd = open(parent, O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_sys("open '%s', where '%s' goes", parent, name) : fd;
}

/* Where the new directory goes; name points into clean. */
static int open_parent(const char *dir, const char *clean, const char *name, int *ret_fd)
{
	autofd int parent_fd = FD_NONE;

	if (!*name || str_eq(name, "/") || str_eq(name, ".") || str_eq(name, ".."))
		return err_code(EINVAL, "make '%s': not the name of a new directory", dir);
	parent_fd = open_above(clean, name);
	if (parent_fd < 0)
		return parent_fd;
	if (faccessat(parent_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return err_code(EEXIST, "make '%s': it exists already", dir);
	*ret_fd = take_fd(&parent_fd);
	return 0;
}

int lxc_writer_check(const char *dir)
{
	autofree char *clean = path_clean(dir);
	autofd int parent_fd = FD_NONE;

	return open_parent(dir, clean, path_base(clean), &parent_fd);
}

int lxc_writer_dir(const char *dir, const struct writer_file *files, size_t len,
		   struct writer_made *ret)
{
	autofree char *clean = path_clean(dir), *tmp = NULL;
	const char *name = path_base(clean);
	autofd int parent_fd = FD_NONE;
	int r = open_parent(dir, clean, name, &parent_fd);

	if (r < 0)
		return r;
	tmp = xasprintf(".%s.%ld", name, (long) getpid());
	if (mkdirat(parent_fd, tmp, 0755) < 0)
		return err_sys("make directory '%s'", tmp);
	r = fill(parent_fd, tmp, files, len, ret);
	/* refuses a name that somebody took meanwhile, be it an empty directory */
	if (r >= 0 && syscall(SYS_renameat2, parent_fd, tmp, parent_fd, name, RENAME_NOREPLACE) < 0)
		r = err_sys("make '%s'", dir);
	if (r < 0)
		file_remove_tree_at(parent_fd, tmp);
	return r;
}

void lxc_writer_undo(const char *dir, const struct writer_made *made)
{
	autofree char *clean = path_clean(dir);
	const char *name = path_base(clean);
	autofd int parent_fd = open_above(clean, name);
	struct stat st;
	int r = parent_fd;

	if (r >= 0 && fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	if (r >= 0)
		r = st.st_dev == made->dev && st.st_ino == made->ino
			    ? file_remove_tree_at(parent_fd, name)
			    : -ESTALE;
	if (r < 0)
		err_forgive(r, "remove '%s'", dir);
}

int lxc_writer_bundle(const char *dir, const struct oci_config *config,
		      const struct lxc_report *report, const struct lxc_diag *diag,
		      const char *apparmor, struct writer_made *ret)
{
	autofree char *json = oci_config_generate(config, OCI_PRETTY);
	autostrbuf struct strbuf text = STRBUF_INIT;
	const char *root = config->root ? config->root->path : NULL;
	struct writer_file files[4] = { { "config.json", json } };
	size_t n = 1;

	if (report) {
		report_format_json(report, diag, &text);
		files[n++] = (struct writer_file){ "report.json", strbuf_str(&text) };
	}
	if (apparmor)
		files[n++] = (struct writer_file){ LXC_APPARMOR_FILE, apparmor };
	/* where a root that is mounted later goes */
	if (root && !strchr(root, '/'))
		files[n++] = (struct writer_file){ root, NULL };
	return lxc_writer_dir(dir, files, n, ret);
}
