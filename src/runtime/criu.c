/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/criu.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/sock.h"
#include "base/table.h"
#include "runtime/container.h"
#include "runtime/spawn.h"
#include "runtime/sync.h"

#define CRIU_MESSAGE_MAX 65536
#define CRIU_LOG_MAX	 (64u << 20)
#define CRIU_REASONS	 4
/* criu finds ip, iptables and tar by PATH; an engine's may be short of them. */
#define CRIU_PATH "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"

/* ---- the program ---- */

/* Moves descriptors to first, first + 1, …, which they may occupy in another order. */
static int place_fds(const int *fds, size_t n, int first)
{
	autofree int *high = xnew_n(int, n);
	int end = first + (int) n;

	for (size_t i = 0; i < n; i++) {
		high[i] = fd_dup_above(fds[i], end);
		if (high[i] < 0)
			return err_sys_r(high[i], "keep a descriptor for criu");
	}
	for (size_t i = 0; i < n; i++) {
		if (dup2(high[i], first + (int) i) < 0)
			return err_sys("give a descriptor to criu");
	}
	return fd_cloexec_from(end);
}

static int open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_sys("open directory '%s'", path) : fd;
}

/*
 * Numbers in the options are descriptors of whoever made the socket, so criu's process makes it:
 * they are its own then, and its directories are on mounts of its own namespace.
 */
static int make_fds(const struct criu_call *call, int report)
{
	size_t own = CRIU_FIRST_FD - CRIU_SOCKET_FD;
	autofree int *fds = xnew_n(int, own + call->n_fds);
	autofd int theirs = FD_NONE;
	int r;

	r = sock_pair(&fds[0], &theirs);
	if (r < 0)
		return err_sys_r(r, "make a socket pair");
	r = sync_send(report, SYNC_TREE, 0, NULL, theirs);
	if (r >= 0)
		r = fds[1] = open_dir(call->image_path);
	if (r >= 0)
		r = fds[2] = open_dir(call->work_path);
	if (r < 0)
		return r;
	for (size_t i = 0; i < call->n_fds; i++)
		fds[own + i] = call->fds[i];
	return place_fds(fds, own + call->n_fds, CRIU_SOCKET_FD);
}

static void extend_path(void)
{
	const char *path = getenv("PATH");
	autofree char *more = xasprintf("%s%s" CRIU_PATH, path ? path : "", path ? ":" : "");

	(void) setenv("PATH", more, 1);
}

static void exec_criu(struct criu_call *call, int report)
{
	const char *program = call->rt->criu ? call->rt->criu : "criu";
	int r = call->before ? call->before(call->arg) : 0;

	/* Out of the way of those that criu gets. */
	report = fd_dup_above(report, CRIU_FIRST_FD + (int) call->n_fds);
	if (r >= 0)
		r = make_fds(call, report);
	if (r >= 0) {
		extend_path();
		execlp(program, program, "swrk", "3", NULL);
		if (errno == ENOENT)
			(void) err_code(ENOENT,
					"%s: executable file not found in $PATH (it does the work "
					"of checkpoint and restore)",
					program);
		else
			(void) err_sys("execute %s", program);
	}
	sync_send_failure(report);
	_exit(1);
}

/* Its socket comes first; then the end of the stream, which is the execution, or why not. */
static int wait_for_exec(int report, int *ret_sock)
{
	for (;;) {
		autosync struct sync_msg m = SYNC_MSG_INIT;
		int r = sync_recv(report, &m);

		if (r < 0)
			return r;
		if (r == 0)
			return *ret_sock >= 0 ? 0 : err_code(EPIPE, "criu's process died early");
		if (m.type == SYNC_FAIL)
			return err_adopt((int) m.index, m.text ? m.text : "unknown failure");
		if (m.type != SYNC_TREE || m.fd < 0 || *ret_sock >= 0)
			return err_code(EBADMSG, "unexpected message '%s'", sync_name(m.type));
		*ret_sock = take_fd(&m.fd);
	}
}

static pid_t start_criu(struct criu_call *call, int *ret_sock)
{
	autofd int told = FD_NONE, report = FD_NONE;
	struct spawn s = { .cgroup_fd = FD_NONE };
	int r, status;
	pid_t pid;

	r = sock_pair(&told, &report);
	if (r < 0)
		return err_sys_r(r, "make a socket pair");
	pid = spawn_process(&s);
	if (pid == 0) {
		spawn_reset_signals();
		exec_criu(call, report);
	}
	fd_close(&s.pidfd);
	if (pid < 0)
		return err_sys_r(pid, "create the process of criu");
	fd_close(&report);
	r = wait_for_exec(told, ret_sock);
	if (r >= 0)
		return pid;
	fd_close(ret_sock);
	(void) proc_reap(pid, &status);
	return r;
}

/* ---- the conversation ---- */

static int send_text(int sock, const struct strbuf *text)
{
	struct sock_msg msg = { .data = text->s, .len = text->len };
	int r = sock_send(sock, &msg, 0);

	return r < 0 ? err_sys_r(r, "send a request to criu") : 0;
}

static int send_request(int sock, const struct criu_call *call)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	criu_request(&b, call->type, &call->opts);
	return send_text(sock, &b);
}

static int receive(int sock, struct criu_response *ret, int *ret_fd)
{
	autofree char *buf = xmalloc(CRIU_MESSAGE_MAX);
	struct sock_msg msg = { .data = buf, .len = CRIU_MESSAGE_MAX };
	int r = sock_recv(sock, &msg);

	if (r == 0 || r == -ECONNRESET)
		return err_code(EPIPE, "criu ended without an answer");
	if (r < 0)
		return err_sys_r(r, "receive criu's answer");
	for (size_t i = 1; i < msg.n_fds; i++)
		fd_close(&msg.fds[i]);
	*ret_fd = msg.n_fds ? msg.fds[0] : FD_NONE;
	if (criu_response_parse(buf, msg.len, ret) < 0)
		return err_code(EBADMSG, "criu's answer is malformed");
	return 0;
}

static void answer(int sock, bool success)
{
	autostrbuf struct strbuf b = STRBUF_INIT;
	struct err_saved saved = err_push();

	criu_notify_answer(&b, success);
	/* Gone: then there is no answer either, which is said. */
	(void) send_text(sock, &b);
	err_pop(saved);
}

static int act(const struct criu_call *call, const struct criu_response *n, int *fd)
{
	log_debug("criu: %s", n->script ? n->script : "notification");
	return call->notified ? call->notified(call->arg, n, fd) : 0;
}

/* ---- why it failed ---- */

/* "(00.012345)     12: Error (criu/mount.c:1088): text" -> "text"; NULL for other lines. */
static const char *error_of_line(const char *line)
{
	const char *p = strstr(line, "Error (");

	if (!p)
		return NULL;
	p = strstr(p, "): ");
	return p ? p + strlen("): ") : NULL;
}

char *criu_log_reason(const char *text)
{
	autostrv struct strv lines = { NULL, 0 }, reasons = { NULL, 0 };
	autostrbuf struct strbuf b = STRBUF_INIT;

	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.len && reasons.len < CRIU_REASONS; i++) {
		const char *reason = error_of_line(lines.v[i]);

		if (reason && !strv_has(&reasons, reason))
			strv_add(&reasons, reason);
	}
	for (size_t i = 0; i < reasons.len; i++) {
		strbuf_add(&b, i ? "; " : "");
		strbuf_add(&b, reasons.v[i]);
	}
	return reasons.len ? strbuf_take(&b) : NULL;
}

static char *reason_in_log(const struct criu_call *call)
{
	autofree char *text = NULL;

	if (file_read_at(call->work_fd, call->log_file, CRIU_LOG_MAX, &text, NULL) < 0)
		return NULL;
	return criu_log_reason(text);
}

static int explain(const struct criu_call *call, const struct criu_response *resp)
{
	int code = resp->error > 0 && resp->error < 4096 ? (int) resp->error : EIO;
	autofree char *reason = reason_in_log(call);

	if (reason)
		return err_code(code, "criu %s failed: %s (all of it: %s/%s)", call->verb, reason,
				call->work_path, call->log_file);
	return err_code(code, "criu %s failed: %s (no reason is found in %s)", call->verb,
			resp->message ? resp->message : err_describe(code), call->work_path);
}

/* It may also die without an answer: then what it wrote is better than nothing. */
static int explain_silence(const struct criu_call *call, int r)
{
	autofree char *reason = reason_in_log(call);

	return reason ? err_code(-r, "criu %s failed: %s (all of it: %s/%s)", call->verb, reason,
				 call->work_path, call->log_file)
		      : r;
}

static int finish(const struct criu_call *call, const struct criu_response *resp, pid_t *ret_pid)
{
	if (!resp->success || resp->type != call->type)
		return explain(call, resp);
	if (ret_pid)
		*ret_pid = (pid_t) resp->restored_pid;
	return 0;
}

/* A failure of ours is told, so that criu takes back what it did; its last answer comes then. */
static int converse(const struct criu_call *call, int sock, pid_t *ret_pid)
{
	struct err_saved reason = { 0, NULL };
	int failed = 0, r;
	bool last = false;

	while (!last) {
		struct criu_response resp = { 0 };
		autofd int fd = FD_NONE;

		r = receive(sock, &resp, &fd);
		last = r < 0 || !resp.success || resp.type != CRIU_NOTIFY;
		if (!last) {
			if (failed >= 0)
				failed = act(call, &resp, &fd);
			if (failed < 0 && !reason.text)
				reason = err_push();
			answer(sock, failed >= 0);
		} else if (failed >= 0) {
			r = r < 0 ? explain_silence(call, r) : finish(call, &resp, ret_pid);
		}
		criu_response_clear(&resp);
	}
	if (failed >= 0)
		return r;
	err_pop(reason);
	return failed;
}

int criu_run(struct criu_call *call, pid_t *ret_pid)
{
	autofd int sock = FD_NONE;
	int r, status;
	pid_t pid = start_criu(call, &sock);

	if (pid < 0)
		return pid;
	r = call->spawned ? call->spawned(call->arg, pid) : 0;
	if (r >= 0)
		r = send_request(sock, call);
	if (r >= 0)
		r = converse(call, sock, ret_pid);
	/* It ends with the conversation: after a pre-dump it would wait for the next. */
	fd_close(&sock);
	if (proc_reap(pid, &status) < 0)
		log_debug("criu is not ours to wait for");
	return r;
}

int criu_cgroup_mode(const char *name)
{
	static const struct name_value modes[] = {
		{ "ignore", 0 },
		{ "soft", 3 },
		{ "full", 4 },
		{ "strict", 5 },
	};
	int64_t v;

	if (!TABLE_FIND(modes, name, &v))
		return err_code(EINVAL,
				"--manage-cgroups-mode: '%s' is not soft, full, strict or ignore",
				name);
	return (int) v;
}
