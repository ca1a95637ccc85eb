/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_FD_H
#define HAKO_BASE_FD_H

/*
 * Descriptors. Quiet. A closed one is FD_NONE (-EBADF), so that returning it by mistake says EBADF.
 * Signatures show ownership: int fd is borrowed, int *fd is consumed (set to FD_NONE), int *ret_fd
 * is produced and written only on success. Everything is opened with O_CLOEXEC.
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FD_NONE (-EBADF)

/* Closes *fd if it is open; keeps errno. */
void fd_close(int *fd);
#define autofd __attribute__((cleanup(fd_close)))

static inline int take_fd(int *fd)
{
	int v = *fd;

	*fd = FD_NONE;
	return v;
}

/* "/proc/self/fd/N" in a caller's buffer of FD_PATH_MAX bytes; returns the buffer. */
#define FD_PATH_MAX 32
const char *fd_proc_path(int fd, char buf[FD_PATH_MAX]);
/* What the descriptor's magic link says (heap), or NULL with errno set. */
char *fd_target(int fd);

/* Read or write all of it, over EINTR and short transfers. 0 or -errno; a read that meets the end
 * early is -ENODATA. */
int fd_read_full(int fd, void *buf, size_t len);
int fd_write_full(int fd, const void *buf, size_t len);
/* Everything up to the end, NUL-terminated, on the heap; more than max bytes is -EFBIG. */
int fd_read_all(int fd, size_t max, char **ret, size_t *ret_len);
/* Copies the content of in to out until its end (sendfile, else read and write). 0 or -errno. */
int fd_copy(int in, int out);

int fd_set_cloexec(int fd, bool on);
int fd_set_nonblock(int fd, bool on);
bool fd_is_open(int fd);
/* dup with O_CLOEXEC at or above min. New descriptor or -errno. */
int fd_dup_above(int fd, int min);
/* Closes, or marks close-on-exec, every descriptor >= first: close_range(2), else /proc/self/fd. */
int fd_close_from(int first);
int fd_cloexec_from(int first);

/* pipe2(O_CLOEXEC). 0 or -errno. */
int fd_pipe(int *ret_read, int *ret_write);

/* f_type of the file system, or -errno; the f_type of procfs and friends is in <linux/magic.h>. */
long fd_fs_magic(int fd);
/* Number of the mount that the descriptor was opened in; 0 where the kernel does not tell (before
 * Linux 5.8). */
uint64_t fd_mount_id(int fd);
/* Were both opened in the same mount? Where the kernel does not tell: on the same device? */
bool fd_same_mount(int a, int b);

#endif
