/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_LOOP_H
#define HAKO_LINUX_LOOP_H

/* Loop devices: a file as a disk. */

#include <stdbool.h>

#define LOOP_NAME_MAX 32

/*
 * Attaches the file to a free loop device, which the kernel clears when the last user of it is
 * gone: no open descriptor, no mount. *ret_fd (the device, for the caller to hold until it is
 * mounted) and the device's path. 0 or -errno recorded.
 */
int loop_attach(int image_fd, const char *image, bool readonly, int *ret_fd,
		char ret_name[LOOP_NAME_MAX]);

#endif
