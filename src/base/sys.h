/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_SYS_H
#define HAKO_BASE_SYS_H

/*
 * System calls that a C library may not wrap, with our error convention: result >= 0 or -errno, quiet.
 * Kernel structs come from <linux/…>; constants newer than Debian 12's headers are defined here.
 */

#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

union bpf_attr;

int sys_clone3(struct clone_args *args); /* Linux 5.3; CLONE_INTO_CGROUP 5.7 */
int sys_openat2(int dirfd, const char *path, const struct open_how *how);
int sys_open_tree(int dirfd, const char *path, unsigned int flags);
int sys_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned int flags);
int sys_mount_setattr(int dirfd, const char *path, unsigned int flags, struct mount_attr *attr);
int sys_fsopen(const char *fstype, unsigned int flags);
int sys_fsconfig(int fd, unsigned int cmd, const char *key, const void *value, int aux);
int sys_fsmount(int fd, unsigned int flags, unsigned int attr);
int sys_fspick(int dirfd, const char *path, unsigned int flags);
int sys_pivot_root(const char *new_root, const char *put_old);
int sys_pidfd_open(pid_t pid, unsigned int flags);
int sys_pidfd_send_signal(int pidfd, int sig);
int sys_close_range(unsigned int first, unsigned int last, unsigned int flags);
int sys_execveat(int dirfd, const char *path, char *const argv[], char *const envp[], int flags);
int sys_bpf(int cmd, union bpf_attr *attr, unsigned int size);
long sys_keyctl(int cmd, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int sys_seccomp(unsigned int op, unsigned int flags, void *args);
int sys_set_mempolicy(int mode, const unsigned long *nodemask, unsigned long maxnode);
int sys_ioprio_set(int which, int who, int ioprio);
/* attr is a struct sched_attr of linux/sched/types.h */
int sys_sched_setattr(pid_t pid, const void *attr, unsigned int flags);

/*
 * Remembers that a system call is not to be had (ENOSYS, or EPERM from a seccomp filter around us), so
 * that a fallback is chosen once. sys_missing(SYS_F_X) asks, sys_note(SYS_F_X, r) records.
 */
enum sys_feature {
	SYS_F_OPENAT2,
	SYS_F_CLONE3,
	SYS_F_FSOPEN,
	SYS_F_OPEN_TREE,
	SYS_F_MOUNT_SETATTR,
	SYS_F_CLOSE_RANGE,
	SYS_F_PIDFD,
	SYS_F_COUNT_,
};
bool sys_missing(enum sys_feature f);
/* Records r if it means "not to be had" (-ENOSYS, -EPERM); returns whether it does. */
bool sys_note(enum sys_feature f, int r);

#endif
