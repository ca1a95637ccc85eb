/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/bootid.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/resolve.h"

#define BOOTID_FILE ".lxc-boot-id"
#define BOOTID_PATH "/proc/sys/kernel/random/boot_id"
#define BOOTID_LEN  37 /* with the newline */

/* A version 4 UUID (RFC 9562), as the kernel prints its own. */
static int make_id(char text[BOOTID_LEN + 1])
{
	uint8_t b[16];

	if (getrandom(b, sizeof(b), 0) != (ssize_t) sizeof(b))
		return err_sys("get random bytes for the boot id");
	b[6] = (uint8_t) ((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t) ((b[8] & 0x3f) | 0x80);
	snprintf(text, BOOTID_LEN + 1,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x\n", b[0],
		 b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
		 b[14], b[15]);
	return 0;
}

static int make_file(int dev_fd)
{
	char text[BOOTID_LEN + 1];
	autofd int fd = FD_NONE;
	int r = make_id(text);

	if (r < 0)
		return r;
	fd = openat(dev_fd, BOOTID_FILE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0444);
	if (fd < 0)
		return err_sys("create '/dev/" BOOTID_FILE "'");
	r = fd_write_full(fd, text, BOOTID_LEN);
	return r < 0 ? err_sys_r(r, "write '/dev/" BOOTID_FILE "'") : 0;
}

int bootid_apply(const struct mount_api *api, int root_fd)
{
	static const struct mount_attrs attrs = {
		.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
	};
	autofd int dev = FD_NONE, source = FD_NONE, target = FD_NONE;
	struct mount_bind bind = { .name = "boot id", .attrs = &attrs };
	struct mount_at at = { .root_fd = root_fd, .path = BOOTID_PATH };
	int r;

	dev = resolve_open(root_fd, "/dev", O_PATH | O_DIRECTORY);
	target = resolve_open(root_fd, BOOTID_PATH, O_PATH);
	/* The image's own /dev is on disk: nothing is left there. */
	if (dev < 0 || target < 0 || fd_fs_magic(dev) != TMPFS_MAGIC)
		return 0;
	if (fd_fs_magic(target) != PROC_SUPER_MAGIC)
		return err_code(EINVAL, "'" BOOTID_PATH "' is not a file of procfs");
	r = make_file(dev);
	if (r < 0)
		return r;
	source = mount_api_source(api, dev, BOOTID_FILE, MOUNT_SOURCE_NOFOLLOW);
	if (source < 0)
		return err_sys_r(source, "open '/dev/" BOOTID_FILE "'");
	at.target_fd = target;
	bind.source_fd = source;
	return mount_api_bind(api, &bind, &at, NULL);
}
