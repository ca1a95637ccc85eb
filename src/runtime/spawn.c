/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/spawn.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL /* Linux 5.7 */
#endif

/* clone3(2) puts the descriptor into an int of the parent; CLONE_PARENT takes the exit signal of
 * ours. */
static pid_t spawn_clone3(struct spawn *s)
{
	int pidfd = FD_NONE;
	struct clone_args args = {
		.flags = s->flags | CLONE_PIDFD,
		.pidfd = (uint64_t) (uintptr_t) &pidfd,
		.exit_signal = s->flags & CLONE_PARENT ? 0 : SIGCHLD,
	};
	pid_t pid;

	if (s->cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t) s->cgroup_fd;
	}
	pid = sys_clone3(&args);
	if (pid > 0)
		s->pidfd = pidfd;
	s->in_cgroup = s->cgroup_fd >= 0;
	return pid;
}

static pid_t spawn_clone(struct spawn *s)
{
	unsigned long flags = (unsigned long) s->flags | (s->flags & CLONE_PARENT ? 0 : SIGCHLD);
	pid_t pid = (pid_t) syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);

	if (pid < 0)
		return -errno;
	s->in_cgroup = false;
	if (pid > 0)
		s->pidfd = sys_pidfd_open(pid, 0);
	return pid;
}

pid_t spawn_process(struct spawn *s)
{
	pid_t pid;

	s->pidfd = FD_NONE;
	if (sys_missing(SYS_F_CLONE3))
		return spawn_clone(s);
	pid = spawn_clone3(s);
	/* EPERM may be meant: then clone(2) will say the same. */
	if (pid == -EPERM || sys_note(SYS_F_CLONE3, pid == -ENOSYS ? pid : 0))
		return spawn_clone(s);
	return pid;
}

void spawn_reset_signals(void)
{
	/* struct sigaction of the kernel: SIG_DFL, no flags, no mask. The C library would not let
	 * us at the two real-time signals that it keeps for itself. */
	static const struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} standard;
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void) syscall(SYS_rt_sigaction, sig, &standard, NULL, sizeof(standard.mask));
	sigemptyset(&none);
	(void) sigprocmask(SIG_SETMASK, &none, NULL);
}
