/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "ocispec.h"
#include "runtime/criu_root.h"
#include "runtime/lines.h"
#include "runtime/notify.h"

#define INTENT_FILE "intent.json"
#define STATUS_FILE "status.json"
#define CONFIG_FILE "config.json"
#define STATUS_MAX  (1u << 20)

static bool id_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '+' || c == '-' || c == '.';
}

int store_check_id(const char *id)
{
	size_t len = strlen(id);
	bool ok = len > 0 && len <= STORE_ID_MAX && id[0] != '.';

	for (size_t i = 0; ok && i < len; i++)
		ok = id_byte(id[i]);
	if (!ok)
		return err_code(EINVAL, "invalid container id '%.*s'%s", STORE_ID_MAX, id,
				len > STORE_ID_MAX ? " (too long)" : "");
	return 0;
}

/* A link is as good as who made it. */
static int open_root(const char *root)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int fd = open(root, flags | O_NOFOLLOW);
	struct stat st;

	if (fd >= 0 || errno != ENOTDIR || lstat(root, &st) < 0 || !S_ISLNK(st.st_mode))
		return fd < 0 ? -errno : fd;
	if (!file_link_is_trusted(root))
		return -EPERM;
	fd = open(root, flags);
	return fd < 0 ? -errno : fd;
}

/* Whoever can write here can make us signal processes and remove cgroups of his choice; and so can
 * who puts another directory in its place: that root calls us in his home is root's decision. */
static int check_root(const char *root, int fd)
{
	struct stat st, up;

	if (fstat(fd, &st) < 0 || fstatat(fd, "..", &up, 0) < 0)
		return err_sys("look at state directory '%s'", root);
	if (st.st_uid != geteuid() || (st.st_mode & 022))
		return err_code(
			EPERM,
			"state directory '%s' must belong to uid %u and be writable to nobody else",
			root, (unsigned int) geteuid());
	if ((up.st_mode & (S_IWOTH | S_ISVTX)) == S_IWOTH)
		return err_code(EPERM,
				"state directory '%s' is in a directory where anybody could put "
				"another in its place",
				root);
	if (!file_owner_is_trusted(up.st_uid))
		log_warn("state directory '%s' is in one of uid %u, who could put another in its "
			 "place",
			 root, (unsigned int) up.st_uid);
	return 0;
}

int store_open_root(const char *root, bool create, int *ret_fd)
{
	autofd int fd = open_root(root);
	int r;

	if (fd == -ENOENT && create) {
		r = file_mkdir_p(root, 0700);
		if (r < 0)
			return err_sys_r(r, "create state directory '%s'", root);
		fd = open_root(root);
	}
	if (fd < 0)
		return err_sys_r(fd, "open state directory '%s'", root);
	r = check_root(root, fd);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

int store_reserve(int root_fd, const char *id, int *ret_dir_fd)
{
	autofd int fd = FD_NONE;
	int r;

	r = store_check_id(id);
	if (r < 0)
		return r;
	if (mkdirat(root_fd, id, 0700) < 0) {
		if (errno == EEXIST)
			return err_code(EEXIST, "container with id '%s' already exists", id);
		return err_sys("create state of container '%s'", id);
	}
	r = store_open(root_fd, id, &fd);
	if (r < 0)
		return r;
	r = store_lock(fd, id, -1);
	if (r < 0)
		return r;
	*ret_dir_fd = take_fd(&fd);
	return 0;
}

int store_open(int root_fd, const char *id, int *ret_dir_fd)
{
	int fd, r;

	r = store_check_id(id);
	if (r < 0)
		return r;
	fd = openat(root_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_code(ENOENT, "container '%s' does not exist", id);
	if (fd < 0)
		return err_sys("open state of container '%s'", id);
	*ret_dir_fd = fd;
	return 0;
}

/* flock(2) knows no timeout; a lock that is not free is polled for. */
#define LOCK_POLL_MS 20

static int lock_once(int dir_fd, int timeout_ms)
{
	int r;

	do
		r = flock(dir_fd, LOCK_EX | (timeout_ms < 0 ? 0 : LOCK_NB));
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int store_lock(int dir_fd, const char *id, int timeout_ms)
{
	struct stat st;
	int r;

	while ((r = lock_once(dir_fd, timeout_ms)) == -EWOULDBLOCK && timeout_ms > 0) {
		usleep(LOCK_POLL_MS * 1000);
		timeout_ms -= timeout_ms < LOCK_POLL_MS ? timeout_ms : LOCK_POLL_MS;
	}
	if (r == -EWOULDBLOCK)
		return err_code(EAGAIN, "container '%s' is being changed by another command", id);
	if (r < 0)
		return err_sys_r(r, "lock container '%s'", id);
	/* Who held the lock may have removed the container. */
	if (fstat(dir_fd, &st) < 0)
		return err_sys("look at state of container '%s'", id);
	if (st.st_nlink == 0)
		return err_code(ENOENT, "container '%s' does not exist", id);
	return 0;
}

void store_unlock(int dir_fd)
{
	(void) flock(dir_fd, LOCK_UN);
}

int store_write_status(int dir_fd, const struct oci_status *status)
{
	autofree char *text = oci_status_generate(status, 0);
	int r;

	/* No fsync: the state lives and dies with the processes that it speaks of. And two names
	 * rather than one that is replaced: ext4 writes a file out at once when it replaces another
	 * (auto_da_alloc). */
	r = file_replace_at(dir_fd, str_eq(status->status, "creating") ? INTENT_FILE : STATUS_FILE,
			    text, strlen(text), 0600, 0);
	if (r < 0)
		return err_sys_r(r, "write state of container '%s'", status->id);
	return 0;
}

int store_read_status(int dir_fd, const char *id, struct oci_status **ret)
{
	struct oci_error err = { NULL };
	autofree char *text = NULL;
	size_t len;
	int r;

	r = file_read_at(dir_fd, STATUS_FILE, STATUS_MAX, &text, &len);
	if (r == -ENOENT)
		r = file_read_at(dir_fd, INTENT_FILE, STATUS_MAX, &text, &len);
	if (r < 0)
		return err_sys_r(r, "read state of container '%s'", id);
	if (oci_status_parse(text, len, ret, &err) < 0) {
		r = err_code(EINVAL, "state of container '%s': %s", id, err.text);
		oci_error_clear(&err);
		return r;
	}
	return 0;
}

int store_write_config(int dir_fd, const char *json, size_t len)
{
	autofd int fd = FD_NONE;
	int r;

	/* Written once, before the status file says that there is anything to read. */
	fd = openat(dir_fd, CONFIG_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys("save the configuration");
	r = fd_write_full(fd, json, len);
	if (r < 0)
		return err_sys_r(r, "save the configuration");
	return 0;
}

int store_replace_config(int dir_fd, const char *json, size_t len)
{
	int r = file_replace_at(dir_fd, CONFIG_FILE, json, len, 0600, 0);

	if (r < 0)
		return err_sys_r(r, "save the configuration");
	return 0;
}

int store_read_config(int dir_fd, char **ret, size_t *ret_len)
{
	int r = file_read_at(dir_fd, CONFIG_FILE, OCI_MAX_SIZE, ret, ret_len);

	if (r < 0)
		return err_sys_r(r, "read the saved configuration");
	return 0;
}

bool store_has_start_socket(int dir_fd)
{
	return file_exists_at(dir_fd, STORE_START_SOCKET);
}

int store_remove_start_socket(int dir_fd)
{
	if (unlinkat(dir_fd, STORE_START_SOCKET, 0) < 0 && errno != ENOENT)
		return err_sys("remove the start socket");
	return 0;
}

static int list_add(void *arg, int dirfd, const char *name)
{
	struct stat st;

	if (name[0] != '.' && fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode))
		strv_add(arg, name);
	return 0;
}

static int list_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

int store_list(int root_fd, char ***ret)
{
	autostrv struct strv ids = { NULL, 0 };
	int r;

	r = file_each_at(root_fd, ".", list_add, &ids);
	if (r < 0)
		return err_sys_r(r, "list containers");
	if (ids.len)
		qsort(ids.v, ids.len, sizeof(*ids.v), list_compare);
	*ret = strv_take(&ids);
	return 0;
}

static bool is_ours(const char *name)
{
	static const char *const known[] = {
		STORE_START_SOCKET, CONFIG_FILE,  INTENT_FILE, STATUS_FILE,
		STORE_NETNS,	    LINES_SOCKET, NOTIFY_NAME, CRIU_ROOT_DIR,
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (str_eq(name, known[i]))
			return true;
	}
	/* of a crash */
	return str_starts(name, FILE_TEMPORARY);
}

static int find_foreign(void *arg, int dirfd, const char *name)
{
	char **foreign = arg;

	(void) dirfd;
	if (is_ours(name))
		return 0;
	*foreign = xstrdup(name);
	return 1;
}

int store_check_ours(int dir_fd, const char *id)
{
	autofree char *foreign = NULL;
	int r = file_each_at(dir_fd, ".", find_foreign, &foreign);

	if (r < 0)
		return err_sys_r(r, "list state of container '%s'", id);
	if (r > 0)
		return err_code(EINVAL,
				"'%s' is no state of a container: '%s' in it is none of ours", id,
				foreign);
	return 0;
}

int store_remove(int root_fd, int dir_fd, const char *id)
{
	static const char *const files[] = { STORE_START_SOCKET, CONFIG_FILE, INTENT_FILE,
					     STATUS_FILE };
	struct stat st;
	int r;

	/* Removed before: by now the name may be another container's. */
	if (fstat(dir_fd, &st) == 0 && st.st_nlink == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		(void) unlinkat(dir_fd, files[i], 0);
	if (unlinkat(root_fd, id, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	/* Something that is not ours: a temporary file of a crash, for one. */
	r = file_remove_tree_at(root_fd, id);
	if (r < 0)
		return err_sys_r(r, "remove state of container '%s'", id);
	return 0;
}
