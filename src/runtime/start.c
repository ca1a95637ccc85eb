/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/sock.h"
#include "cgroup/cgroup.h"
#include "runtime/container.h"
#include "runtime/delete.h"
#include "runtime/hooks.h"
#include "runtime/notify.h"
#include "runtime/store.h"
#include "runtime/sync.h"

/* By the directory's descriptor: a state root may be longer than a socket address. */
static int connect_init(const struct container *c, int *ret_sock)
{
	char dir[FD_PATH_MAX];
	autofree char *path = xasprintf("%s/" STORE_START_SOCKET, fd_proc_path(c->dir_fd, dir));
	int fd = sock_connect(path, SOCK_SEQPACKET);

	if (fd == -ECONNREFUSED)
		return err_code(ESRCH, "cannot start container '%s': its process has ended", c->id);
	if (fd < 0)
		return err_sys_r(fd, "reach the process of container '%s'", c->id);
	*ret_sock = fd;
	return 0;
}

/* A failure is told to init too, which then ends. */
static int run_host_hooks(const struct container *c, int sock)
{
	int r;

	if (!c)
		return err_code(EBADMSG, "hooks are asked for where there are none");
	r = container_run_hooks(c, HOOK_START_HOST, CONTAINER_CREATED);
	if (r < 0) {
		sync_send_failure(sock);
		return r;
	}
	return sync_send(sock, SYNC_GO, 0, NULL, FD_NONE);
}

/*
 * The socket of init closes when it executes the program (O_CLOEXEC) and also when it dies. EXEC is
 * sent before the last steps that can still kill it (seccomp), so a death behind EXEC counts as
 * started: the program's own first instruction may be as deadly.
 */
static int wait_for_exec(const struct container *c, int sock)
{
	bool exec = false;

	for (;;) {
		autosync struct sync_msg m = SYNC_MSG_INIT;
		int r = sync_recv(sock, &m);

		if (r < 0)
			return r;
		if (r == 0 && !exec)
			return err_code(
				EPIPE,
				"the container's process died before it executed the program");
		if (r == 0)
			return 0;
		switch (m.type) {
		case SYNC_EXEC:
			exec = true;
			break;
		case SYNC_HOST:
			r = run_host_hooks(c, sock);
			if (r < 0)
				return r;
			break;
		case SYNC_LOG:
			log_text(m.index <= LOG_L_DEBUG ? m.index : LOG_L_DEBUG,
				 m.text ? m.text : "");
			break;
		case SYNC_FAIL:
			return err_adopt((int) m.index, m.text ? m.text : "unknown failure");
		default:
			return err_code(EBADMSG, "unexpected message '%s'", sync_name(m.type));
		}
	}
}

int start_program(const struct container *c, int *sock)
{
	int r;

	r = sync_send(*sock, SYNC_START, 0, NULL, FD_NONE);
	if (r >= 0)
		r = wait_for_exec(c, *sock);
	fd_close(sock);
	return r;
}

/* The end of the connection says nothing of the reason. */
static int explain_death(const struct container *c, int r)
{
	autocgroup struct cgroup cg = CGROUP_INIT;
	struct err_saved saved = err_push();
	autofree char *oom = NULL;

	if (container_open_cgroup(c, &cg) >= 0)
		oom = cgroup_oom_text(&cg);
	err_pop(saved);
	return oom ? err_code(ENOMEM,
			      "the container's process died before it executed the program: "
			      "killed for exceeding %s",
			      oom)
		   : r;
}

/* Nobody stays who could relay: until it is ready, and whoever waits for that knows the main
 * process then. Other commands need not wait for it. */
static int notify_and_leave(const struct container *c, struct notify *n)
{
	if (n->sock < 0)
		return 0;
	store_unlock(c->dir_fd);
	n->main = container_pid(c);
	return notify_wait(n, c->pidfd);
}

static int give_up(struct container *c, int reason)
{
	struct err_saved saved = err_push();
	int r = delete_all(c, NULL);

	if (r < 0)
		err_warn(r, "remove container '%s' after its poststart hook failed", c->id);
	err_pop(saved);
	return reason;
}

int start_init(struct container *c, int *sock, struct notify *notify)
{
	autonotify struct notify own = NOTIFY_INIT;
	int r;

	r = notify_open(c, notify ? notify : &own);
	if (r >= 0)
		r = start_program(c, sock);
	if (r == -EPIPE)
		return explain_death(c, r);
	if (r < 0)
		return r;
	r = store_remove_start_socket(c->dir_fd);
	if (r < 0)
		return r;
	c->state = CONTAINER_RUNNING;
	r = container_run_hooks(c, HOOK_POSTSTART, CONTAINER_RUNNING);
	if (r < 0)
		return give_up(c, r);
	return notify ? 0 : notify_and_leave(c, &own);
}

int start_container(const struct runtime_opts *rt, const char *id)
{
	autocontainer struct container c = CONTAINER_INIT;
	autofd int sock = FD_NONE;
	int r;

	r = container_open(rt, id, CONTAINER_LOCK, &c);
	if (r < 0)
		return r;
	switch (c.state) {
	case CONTAINER_CREATED:
		break;
	case CONTAINER_STOPPED:
		return err_code(EINVAL,
				"cannot start a container that has stopped: '%s' is stopped", id);
	case CONTAINER_RUNNING:
	case CONTAINER_PAUSED:
		return err_code(EINVAL, "cannot start an already running container: '%s' is %s", id,
				container_state_name(c.state));
	case CONTAINER_CREATING:
		return err_code(EINVAL, "cannot start container '%s': it is creating", id);
	}
	r = connect_init(&c, &sock);
	if (r < 0)
		return r;
	return start_init(&c, &sock, NULL);
}
