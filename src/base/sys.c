/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sys.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A null pointer is passed as such: a bare 0 would be an int in a variadic call. */
#define SYS_NULL ((void *) 0)

static int result(long r)
{
	return r < 0 ? -errno : (int) r;
}

int sys_clone3(struct clone_args *args)
{
	return result(syscall(SYS_clone3, args, sizeof(*args)));
}

int sys_openat2(int dirfd, const char *path, const struct open_how *how)
{
	return result(syscall(SYS_openat2, dirfd, path, how, sizeof(*how)));
}

int sys_open_tree(int dirfd, const char *path, unsigned int flags)
{
	return result(syscall(SYS_open_tree, dirfd, path, flags));
}

int sys_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned int flags)
{
	return result(syscall(SYS_move_mount, from, from_path, to, to_path, flags));
}

int sys_mount_setattr(int dirfd, const char *path, unsigned int flags, struct mount_attr *attr)
{
	return result(syscall(SYS_mount_setattr, dirfd, path, flags, attr, sizeof(*attr)));
}

int sys_fsopen(const char *fstype, unsigned int flags)
{
	return result(syscall(SYS_fsopen, fstype, flags));
}

int sys_fsconfig(int fd, unsigned int cmd, const char *key, const void *value, int aux)
{
	return result(syscall(SYS_fsconfig, fd, cmd, key, value, aux));
}

int sys_fsmount(int fd, unsigned int flags, unsigned int attr)
{
	return result(syscall(SYS_fsmount, fd, flags, attr));
}

int sys_fspick(int dirfd, const char *path, unsigned int flags)
{
	return result(syscall(SYS_fspick, dirfd, path, flags));
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return result(syscall(SYS_pivot_root, new_root, put_old));
}

int sys_pidfd_open(pid_t pid, unsigned int flags)
{
	return result(syscall(SYS_pidfd_open, pid, flags));
}

int sys_pidfd_send_signal(int pidfd, int sig)
{
	return result(syscall(SYS_pidfd_send_signal, pidfd, sig, SYS_NULL, 0));
}

int sys_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
	return result(syscall(SYS_close_range, first, last, flags));
}

int sys_execveat(int dirfd, const char *path, char *const argv[], char *const envp[], int flags)
{
	return result(syscall(SYS_execveat, dirfd, path, argv, envp, flags));
}

int sys_bpf(int cmd, union bpf_attr *attr, unsigned int size)
{
	return result(syscall(SYS_bpf, cmd, attr, size));
}

long sys_keyctl(int cmd, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	long r = syscall(SYS_keyctl, cmd, a, b, c, d);

	return r < 0 ? -errno : r;
}

int sys_seccomp(unsigned int op, unsigned int flags, void *args)
{
	return result(syscall(SYS_seccomp, op, flags, args));
}

int sys_set_mempolicy(int mode, const unsigned long *nodemask, unsigned long maxnode)
{
	return result(syscall(SYS_set_mempolicy, mode, nodemask, maxnode));
}

int sys_ioprio_set(int which, int who, int ioprio)
{
	return result(syscall(SYS_ioprio_set, which, who, ioprio));
}

int sys_sched_setattr(pid_t pid, const void *attr, unsigned int flags)
{
	return result(syscall(SYS_sched_setattr, pid, attr, flags));
}

static bool missing[SYS_F_COUNT_];

bool sys_missing(enum sys_feature f)
{
	return missing[f];
}

bool sys_note(enum sys_feature f, int r)
{
	if (r != -ENOSYS && r != -EPERM)
		return false;
	missing[f] = true;
	return true;
}
