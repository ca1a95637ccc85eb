/* SPDX-License-Identifier: Apache-2.0 */
/* What this machine answers to the mapping's questions. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/resolve.h"
#include "base/str.h"
#include "lxc/map.h"
#include "lxc/source.h"

static int real_read_file(void *arg, const struct lxc_access *access, const char *path, size_t max,
			  char **ret, size_t *ret_len)
{
	autosource struct source src = { 0 };
	int r = source_read(access, path, max, &src);

	(void) arg;
	if (r < 0) {
		err_clear();
		return r;
	}
	*ret = take_ptr(&src.text);
	*ret_len = src.len;
	return 0;
}

static int real_stat_node(void *arg, const char *path, struct lxc_device_range *ret)
{
	struct stat st;

	(void) arg;
	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return -ENOTTY;
	*ret = (struct lxc_device_range){
		.type = S_ISCHR(st.st_mode) ? 'c' : 'b',
		.major = major(st.st_rdev),
		.minor = minor(st.st_rdev),
	};
	return 0;
}

static int real_path_kind(void *arg, const char *path)
{
	struct stat st;

	(void) arg;
	if (stat(path, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return LXC_PATH_DIR;
	return S_ISBLK(st.st_mode) || S_ISCHR(st.st_mode) ? LXC_PATH_DEVICE : LXC_PATH_FILE;
}

/* Opens what is there of the destination, link for link inside the root: text that leads elsewhere
 * than it says was led by a link. */
static int real_path_has_link(void *arg, const char *rootfs, const char *destination)
{
	autofree char *path = xstrdup(destination);
	autofd int root = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void) arg;
	if (root < 0)
		return -errno;
	while (path[0] && !str_eq(path, "/")) {
		autofd int fd = resolve_open(root, path, O_PATH);
		char *slash;

		if (fd >= 0) {
			autofree char *real = resolve_text(root, fd);

			return real && !str_eq(real, path);
		}
		slash = strrchr(path, '/');
		if (!slash)
			break;
		*slash = '\0';
	}
	return 0;
}

static int real_path_in_root(void *arg, const char *rootfs, const char *path)
{
	autofd int root = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = FD_NONE;

	(void) arg;
	if (root < 0)
		return -EAGAIN; /* not here: nothing is known */
	fd = resolve_open(root, path, O_PATH);
	return fd < 0 ? fd : 0;
}

static int real_path_owner(void *arg, const char *path, uid_t *ret_uid, gid_t *ret_gid)
{
	struct stat st;

	(void) arg;
	if (stat(path, &st) < 0)
		return -errno;
	*ret_uid = st.st_uid;
	*ret_gid = st.st_gid;
	return 0;
}

static int real_apparmor(void *arg)
{
	static const char on[] = "/sys/module/apparmor/parameters/enabled";
	static const char profiles[] = "/sys/kernel/security/apparmor/profiles";
	autofree char *text = NULL, *list = NULL;

	(void) arg;
	if (file_read_at(AT_FDCWD, on, 16, &text, NULL) < 0 || text[0] != 'Y')
		return LXC_APPARMOR_OFF;
	if (file_read_at(AT_FDCWD, profiles, 16u << 20, &list, NULL) < 0 ||
	    !strstr(list, "lxc-container-default-cgns ("))
		return LXC_APPARMOR_MISSING;
	return LXC_APPARMOR_LOADED;
}

/* machine-id(5); a machine without one has its name. */
static int real_machine_id(void *arg, char **ret)
{
	struct utsname u;

	(void) arg;
	if (file_read_at(AT_FDCWD, "/etc/machine-id", 64, ret, NULL) >= 0)
		return 0;
	if (uname(&u) < 0)
		return -errno;
	*ret = xstrdup(u.nodename);
	return 0;
}

const struct lxc_host lxc_host_real = {
	.read_file = real_read_file,
	.stat_node = real_stat_node,
	.path_kind = real_path_kind,
	.path_has_link = real_path_has_link,
	.path_in_root = real_path_in_root,
	.path_owner = real_path_owner,
	.apparmor = real_apparmor,
	.machine_id = real_machine_id,
};
