/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/creds.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/resolve.h"
#include "base/str.h"
#include "base/sys.h"
#include "ocispec.h"

#define PASSWD_MAX	(8u << 20)
#define PASSWD_LINE_MAX 4096

/* The bare system calls: glibc's wrappers would first signal threads, of which we have none. */
static int set_groups(const struct oci_user *user)
{
	size_t n = user ? user->additional_gids_len : 0;

	if (syscall(SYS_setgroups, n, n ? user->additional_gids : NULL) == 0)
		return 0;
	if (errno == EPERM && n == 0) {
		log_debug("the supplementary groups stay: setgroups is denied");
		return 0;
	}
	if (errno == EPERM)
		return err_sys("set additional groups: setgroups is denied in this user namespace");
	return err_sys("set additional groups");
}

static int set_ids(uid_t uid, gid_t gid)
{
	if (syscall(SYS_setresgid, gid, gid, gid) < 0) {
		if (errno == EINVAL)
			return err_code(EINVAL,
					"set group %u: it is not mapped in the user namespace",
					gid);
		return err_sys("set group %u", gid);
	}
	if (syscall(SYS_setresuid, uid, uid, uid) < 0) {
		if (errno == EINVAL)
			return err_code(EINVAL,
					"set user %u: it is not mapped in the user namespace", uid);
		return err_sys("set user %u", uid);
	}
	return 0;
}

int creds_apply(const struct oci_user *user, int flags)
{
	uid_t uid = user ? user->uid : 0;
	gid_t gid = user ? user->gid : 0;
	int r;

	/* -1 means "leave it" to the kernel */
	if (uid == (uid_t) -1 || gid == (gid_t) -1)
		return err_code(EINVAL, "user %u:%u is no valid id", uid, gid);
	if (!(flags & CREDS_KEEP_GROUPS)) {
		r = set_groups(user);
		if (r < 0)
			return r;
	}
	return set_ids(uid, gid);
}

void creds_apply_umask(const struct oci_user *user)
{
	umask(user && user->has_umask ? user->umask & 0777 : 0022);
}

int creds_chown_stdio(const struct oci_user *user)
{
	uid_t uid = user ? user->uid : 0;

	for (int fd = 0; fd <= 2; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0) {
			if (errno == EBADF)
				continue;
			return err_sys("look at descriptor %d", fd);
		}
		/* A device is everybody's but for the caller's terminal. */
		if (st.st_uid == uid || S_ISBLK(st.st_mode) || (S_ISCHR(st.st_mode) && !isatty(fd)))
			continue;
		if (fchown(fd, uid, -1) < 0)
			log_debug("descriptor %d stays with user %u: %s", fd, st.st_uid,
				  err_describe(errno));
	}
	return 0;
}

/* name:password:uid:gid:gecos:home:shell. Heap, or NULL when the line is not this user's. */
static char *parse_passwd_line(char *line, uid_t uid)
{
	char *field[7], *rest = line;
	uint32_t number;
	size_t n = 0;

	while (n < ARRAY_SIZE(field) && (field[n] = strsep(&rest, ":")) != NULL)
		n++;
	if (n < 6 || str_to_u32(field[2], &number) < 0 || number != uid)
		return NULL;
	return xstrdup(field[5][0] == '/' ? field[5] : "/");
}

/* A file of the container's making: no line and no file is too long, none is taken at its word. */
static char *scan_passwd(int fd, uid_t uid)
{
	char buf[PASSWD_LINE_MAX];
	size_t used = 0, total = 0;
	bool skip = false;
	ssize_t got;

	while (total < PASSWD_MAX && (got = read(fd, buf + used, sizeof(buf) - 1 - used)) > 0) {
		char *line = buf, *end;

		total += got;
		used += got;
		buf[used] = '\0';
		while ((end = memchr(line, '\n', used - (line - buf)))) {
			char *home = NULL;

			*end = '\0';
			if (!skip)
				home = parse_passwd_line(line, uid);
			if (home)
				return home;
			skip = false;
			line = end + 1;
		}
		used -= line - buf;
		memmove(buf, line, used);
		if (used == sizeof(buf) - 1) {
			skip = true;
			used = 0;
		}
	}
	buf[used] = '\0';
	return skip || total >= PASSWD_MAX ? NULL : parse_passwd_line(buf, uid);
}

/* No size: a file of procfs or the like, which is about us and not of the image. */
static bool is_image_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size;
}

char *creds_home(int root_fd, uid_t uid)
{
	autofd int seen = FD_NONE, fd = FD_NONE;
	char *home = NULL;

	/* Looked at first: to open a device may have effects, and init is not kept from any yet. */
	seen = resolve_open(root_fd, "etc/passwd", O_PATH);
	if (seen >= 0 && is_image_file(seen))
		fd = resolve_open(root_fd, "etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && is_image_file(fd))
		home = scan_passwd(fd, uid);
	return home ? home : xstrdup("/");
}

/*
 * Its default permissions are enough: a process possesses its own session keyring, whichever user
 * it becomes later.
 */
int creds_join_keyring(const char *name)
{
	long r = sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, (unsigned long) name, 0, 0, 0);

	/* EPERM is a seccomp filter around us: the kernel asks no privilege for this. */
	if (r == -ENOSYS || r == -EDQUOT || r == -EPERM) {
		log_warn("the container has no session keyring of its own: %s",
			 r == -EDQUOT ? "the user's quota of keys is used up"
				      : "the kernel has no keys, or does not let us");
		return 0;
	}
	if (r < 0)
		return err_sys_r(r, "create session keyring '%s'", name);
	return 0;
}
