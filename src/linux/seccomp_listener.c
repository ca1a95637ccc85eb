/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/seccomp_listener.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/prctl.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/sock.h"
#include "base/str.h"
#include "base/sys.h"
#include "linux/seccomp_filter.h"

#ifndef SECCOMP_FILTER_FLAG_TSYNC_ESRCH
#define SECCOMP_FILTER_FLAG_TSYNC_ESRCH (1UL << 4) /* Linux 5.7 */
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* 5.19 */
#endif

/* Quiet: once the filter is there, whatever is needed to report may be forbidden. */
static int install(const struct seccomp_program *program, unsigned int flags)
{
	struct sock_fprog fprog = { .len = program->len, .filter = program->insns };
	int r = sys_seccomp(SECCOMP_SET_MODE_FILTER, flags, &fprog);

	/* Linux before 3.17, or a filter around us that does not know the call */
	if (r == -ENOSYS && !flags && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog, 0, 0) == 0)
		return 0;
	return r;
}

int seccomp_install(const struct seccomp_program *program)
{
	/* has a meaning, and is accepted, only beside a listener */
	int r = install(program, program->flags & ~SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);

	if (r < 0)
		return err_sys_r(r, "install seccomp filter");
	return 0;
}

/* Shared with the sending thread. */
struct handover {
	atomic_int listener; /* NOT_YET, the descriptor, or -errno of the installation */
	atomic_int result;   /* NOT_YET, then what sending gave */
	int sock;
	const char *message;
};
#define NOT_YET 1000000

static void *send_listener(void *arg)
{
	struct handover *h = arg;
	int fd, r;

	/* Nothing wakes us: the other thread may not be allowed a system call. It is a matter of
	 * microseconds. */
	while ((fd = atomic_load(&h->listener)) == NOT_YET)
		sched_yield();
	r = fd;
	if (fd >= 0) {
		r = sock_send_fd(h->sock, fd, h->message, strlen(h->message));
		fd_close(&fd);
	}
	/* the last look at h, which is on the other thread's stack */
	atomic_store(&h->result, r);
	return NULL;
}

static int start_sender(struct handover *h)
{
	pthread_attr_t attr;
	pthread_t thread;
	int r;

	pthread_attr_init(&attr);
	/* nobody can join it behind the filter; it is gone by the execution at the latest */
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	r = -pthread_create(&thread, &attr, send_listener, h);
	pthread_attr_destroy(&attr);
	return r;
}

/* Linux before 5.19 does not know the flag, and the profile means more than this nicety: without it
 * a signal may interrupt what the agent is at. */
static int install_with_listener(const struct seccomp_program *program, unsigned int flags)
{
	int r = install(program, flags);

	if (r != -EINVAL || !(flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV))
		return r;
	log_warn("seccomp: this kernel has no SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, "
		 "going on without");
	return install(program, flags & ~(unsigned int) SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
}

int seccomp_install_listener(const struct seccomp_program *program, int sock, const char *message)
{
	unsigned int flags = program->flags | SECCOMP_FILTER_FLAG_NEW_LISTENER;
	struct handover h = {
		.listener = NOT_YET, .result = NOT_YET, .sock = sock, .message = message
	};
	int r;

	/* The sender must stay without the filter; there is no other thread to synchronise. */
	flags &= ~(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH);
	r = start_sender(&h);
	if (r < 0)
		return err_sys_r(r, "start the thread that hands over the seccomp listener");
	r = install_with_listener(program, flags);
	atomic_store(&h.listener, r);
	/* spinning, because sleeping is a system call */
	while (atomic_load(&h.result) == NOT_YET)
		;
	if (r < 0)
		return err_sys_r(r, "install seccomp filter with a listener");
	r = atomic_load(&h.result);
	if (r < 0)
		return err_sys_r(r, "send the seccomp listener to its agent");
	return 0;
}

int seccomp_listener_connect(const char *path)
{
	int sock = sock_connect(path, SOCK_STREAM);

	if (sock < 0)
		return err_sys_r(sock, "failed to connect with seccomp agent '%s'", path);
	return sock;
}

char *seccomp_listener_message(const char *oci_version, pid_t pid, const char *metadata,
			       const char *state_json)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_add(&b, "{\"ociVersion\":");
	strbuf_add_json(&b, oci_version);
	strbuf_addf(&b, ",\"fds\":[\"seccompFd\"],\"pid\":%d", pid);
	if (metadata) {
		strbuf_add(&b, ",\"metadata\":");
		strbuf_add_json(&b, metadata);
	}
	strbuf_add(&b, ",\"state\":");
	strbuf_add(&b, state_json);
	strbuf_add_c(&b, '}');
	return strbuf_take(&b);
}
