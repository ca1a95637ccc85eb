/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/err.h"
#include "base/fd.h"

#define LOOP_MAJOR 7
/* Everybody may be given the same number: the first to configure it has it. */
#define TRIES 64

/* Linux 5.8; before that a device exists for a moment without the flag that clears it. */
static int configure(int dev, int image, bool readonly)
{
	struct loop_config config = {
		.fd = (unsigned int) image,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR | (readonly ? LO_FLAGS_READ_ONLY : 0),
	};
	struct loop_info64 info = { .lo_flags = config.info.lo_flags };

	if (ioctl(dev, LOOP_CONFIGURE, &config) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOTTY)
		return -errno;
	if (ioctl(dev, LOOP_SET_FD, image) < 0)
		return -errno;
	if (ioctl(dev, LOOP_SET_STATUS64, &info) < 0) {
		int r = -errno;

		(void) ioctl(dev, LOOP_CLR_FD, 0);
		return r;
	}
	return 0;
}

static int open_device(int number, bool readonly, char name[LOOP_NAME_MAX])
{
	struct stat st;
	int fd;

	snprintf(name, LOOP_NAME_MAX, "/dev/loop%d", number);
	fd = open(name, (readonly ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISBLK(st.st_mode) && major(st.st_rdev) == LOOP_MAJOR)
		return fd;
	fd_close(&fd);
	return -ENOTBLK;
}

int loop_attach(int image_fd, const char *image, bool readonly, int *ret_fd,
		char ret_name[LOOP_NAME_MAX])
{
	autofd int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int r = -EBUSY;

	if (control < 0)
		return err_sys("open '/dev/loop-control' for the image '%s'", image);
	for (int i = 0; i < TRIES && r == -EBUSY; i++) {
		autofd int dev = FD_NONE;
		int number = ioctl(control, LOOP_CTL_GET_FREE);

		if (number < 0)
			return err_sys("find a free loop device for '%s'", image);
		dev = open_device(number, readonly, ret_name);
		if (dev < 0)
			return err_sys_r(dev, "open '%s' for the image '%s'", ret_name, image);
		r = configure(dev, image_fd, readonly);
		if (r == 0)
			*ret_fd = take_fd(&dev);
	}
	return r < 0 ? err_sys_r(r, "attach '%s' to a loop device", image) : 0;
}
