/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/criu_ext.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/mountinfo.h"
#include "ocispec.h"
#include "runtime/container.h"
#include "runtime/criu_rpc.h"

#define DESCRIPTORS_FILE "descriptors.json"
#define DESCRIPTORS_MAX	 (1u << 20)
/* Slaves of Unix98 terminals have majors 136 to 143. */
#define PTS_MAJOR_FIRST 136
#define PTS_MAJOR_LAST	143

static int same_id(void *arg, const struct mountinfo *m)
{
	return m->id == *(const int *) arg;
}

/* Is what the descriptor has open on none of the container's mounts? Then only the host can open
 * it. */
static bool is_outside(int proc_fd, int fd, int *ret_mount_id)
{
	autofree char *name = xasprintf("fdinfo/%d", fd), *info = NULL, *mounts = NULL;
	const char *id;

	if (file_read_at(proc_fd, name, 65536, &info, NULL) < 0 ||
	    file_read_at(proc_fd, "mountinfo", 16u << 20, &mounts, NULL) < 0)
		return false;
	id = strstr(info, "mnt_id:");
	if (!id)
		return false;
	*ret_mount_id = (int) strtol(id + strlen("mnt_id:"), NULL, 10);
	return mountinfo_each(mounts, same_id, ret_mount_id) == 0;
}

/* The key of a file or terminal of the host's, in criu's spelling; NULL for what is none. */
static char *outside_key(int proc_fd, int fd, bool shell_job)
{
	autofree char *name = xasprintf("fd/%d", fd);
	struct stat st;
	int id;

	if (fstatat(proc_fd, name, &st, 0) < 0 || !is_outside(proc_fd, fd, &id))
		return NULL;
	if (S_ISCHR(st.st_mode) && major(st.st_rdev) >= PTS_MAJOR_FIRST &&
	    major(st.st_rdev) <= PTS_MAJOR_LAST)
		return shell_job ? NULL
				 : xasprintf("tty[%llx:%llx]", (unsigned long long) st.st_rdev,
					     (unsigned long long) st.st_dev);
	if (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode))
		return xasprintf("file[%x:%llx]", (unsigned int) id,
				 (unsigned long long) st.st_ino);
	return NULL;
}

/*
 * A pipe is one of ours if the program was begun with it; one that it has put there itself has both
 * its ends inside.
 */
static char *stream_key(const struct oci_status *s, int proc_fd, int fd, bool shell_job)
{
	const char *begun = (size_t) fd < s->stdio_len ? s->stdio[fd] : "";
	char *key = outside_key(proc_fd, fd, shell_job);

	return key ? key : xstrdup(begun);
}

static bool is_external(const char *key)
{
	return str_starts(key, "file[") || str_starts(key, "tty[");
}

int criu_ext_dump_stdio(const struct container *c, bool shell_job, int image_fd,
			struct strbuf *opts)
{
	autofree char *path = xasprintf("/proc/%d", container_pid(c));
	autofd int proc_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autostrbuf struct strbuf json = STRBUF_INIT;
	int r;

	if (proc_fd < 0)
		return err_sys("open '%s'", path);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		autofree char *key = stream_key(c->status, proc_fd, fd, shell_job);

		if (is_external(key))
			criu_add_text(opts, CRIU_OPT_EXTERNAL, key);
		strbuf_add(&json, fd ? "," : "[");
		strbuf_add_json(&json, key);
	}
	strbuf_add(&json, "]");
	r = file_replace_at(image_fd, DESCRIPTORS_FILE, strbuf_str(&json), json.len, 0600, 0);
	return r < 0 ? err_sys_r(r, "write " DESCRIPTORS_FILE) : 0;
}

int criu_ext_restore_stdio(int image_fd, struct strbuf *opts)
{
	autofree char *text = NULL, *json = NULL;
	struct oci_error err = { NULL };
	struct oci_list *list = NULL;
	int r = file_read_at(image_fd, DESCRIPTORS_FILE, DESCRIPTORS_MAX, &text, NULL);

	if (r < 0)
		return err_sys_r(r, "read " DESCRIPTORS_FILE " of the images");
	json = xasprintf("{\"items\":%s}", text);
	if (oci_list_parse(json, strlen(json), &list, &err) < 0) {
		r = err_code(EINVAL, DESCRIPTORS_FILE " of the images: %s", err.text);
		oci_error_clear(&err);
		return r;
	}
	for (size_t i = 0; i < list->items_len && i <= (size_t) STDERR_FILENO; i++) {
		const char *key = list->items[i];

		if (str_starts(key, "pipe:[") || is_external(key))
			criu_add_numbered(opts, CRIU_OPT_INHERIT_FD, key, i);
	}
	oci_list_free(list);
	return 0;
}
