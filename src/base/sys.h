/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_SYS_H
#define HAKO_BASE_SYS_H

/*
 * System calls that a C library may not wrap, with our error convention: result >= 0 or -errno,
 * quiet. Kernel structs come from <linux/…>; constants newer than Debian 12's headers are defined
 * here.
 */

#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Newer than Linux 6.1. */
#ifndef OPEN_TREE_NAMESPACE
#define OPEN_TREE_NAMESPACE (1 << 1) /* 7.0 */
#endif
#ifndef MOVE_MOUNT_BENEATH
#define MOVE_MOUNT_BENEATH 0x200 /* 6.5 */
#endif
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x4000U /* 6.8 */
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x8U /* 6.3 */
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x10U /* 6.3 */
#endif
#ifndef SCHED_EXT
#define SCHED_EXT 7 /* 6.12 */
#endif
/* Older, where a C library's headers may come without the kernel's. */
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256 /* 5.10 */
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000U /* 5.8 */
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80 /* 5.6 */
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL /* 5.7 */
#endif

/* struct sched_attr: <linux/sched/types.h> cannot be had together with glibc's <sched.h>
 * before 2.41. */
struct sys_sched_attr {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max; /* 5.3 */
};

union bpf_attr;

int sys_clone3(struct clone_args *args); /* Linux 5.3; CLONE_INTO_CGROUP 5.7 */
int sys_openat2(int dirfd, const char *path, const struct open_how *how);
int sys_open_tree(int dirfd, const char *path, unsigned int flags);
int sys_move_mount(int from, const char *from_path, int to, const char *to_path,
		   unsigned int flags);
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
/* attr is a struct sys_sched_attr with its size set */
int sys_sched_setattr(pid_t pid, const void *attr, unsigned int flags);

/*
 * Remembers that a system call is not to be had (ENOSYS, or EPERM from a seccomp filter around us),
 * so that a fallback is chosen once. sys_missing(SYS_F_X) asks, sys_note(SYS_F_X, r) records.
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
