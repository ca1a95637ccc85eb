/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/sync.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/sock.h"

/* A record is a header and text; the text is cut so that it always fits a socket's send buffer. */
#define SYNC_TEXT_MAX 32768

struct sync_head {
	uint32_t type;
	uint32_t index;
};

/* clang-format off */
static const char *const sync_names[SYNC_TYPE_COUNT_] = {
	[SYNC_NONE] = "nothing",
	[SYNC_IDMAP] = "id maps",
	[SYNC_TIMENS] = "time offsets",
	[SYNC_HELLO] = "hello",
	[SYNC_MOUNT] = "mount tree",
	[SYNC_HOOKS] = "hooks",
	[SYNC_TTY] = "terminal",
	[SYNC_READY] = "ready",
	[SYNC_HOST] = "start-host hooks",
	[SYNC_EXEC] = "exec",
	[SYNC_LOG] = "log line",
	[SYNC_FAIL] = "failure",
	[SYNC_GO] = "go",
	[SYNC_TREE] = "tree",
	[SYNC_START] = "start",
};
/* clang-format on */

const char *sync_name(enum sync_type type)
{
	return type < SYNC_TYPE_COUNT_ ? sync_names[type] : "unknown message";
}

void sync_msg_clear(struct sync_msg *m)
{
	fd_close(&m->fd);
	free(m->text);
	*m = (struct sync_msg) SYNC_MSG_INIT;
}

int sync_send(int sock, enum sync_type type, uint32_t index, const char *text, int fd)
{
	struct sync_head head = { type, index };
	size_t text_len = text ? strnlen(text, SYNC_TEXT_MAX) : 0;
	autofree char *buf = xmalloc(sizeof(head) + text_len);
	struct sock_msg msg = { .data = buf, .len = sizeof(head) + text_len };
	int r;

	memcpy(buf, &head, sizeof(head));
	if (text_len)
		memcpy(buf + sizeof(head), text, text_len);
	if (fd >= 0)
		msg.fds[msg.n_fds++] = fd;
	r = sock_send(sock, &msg, 0);
	if (r < 0)
		return err_sys_r(r, "send '%s'", sync_name(type));
	return 0;
}

void sync_send_failure(int sock)
{
	struct err_saved saved = err_push();

	(void) sync_send(sock, SYNC_FAIL, (uint32_t) saved.code, saved.text, FD_NONE);
	err_pop(saved);
}

int sync_recv(int sock, struct sync_msg *ret)
{
	char buf[sizeof(struct sync_head) + SYNC_TEXT_MAX];
	struct sock_msg msg = { .data = buf, .len = sizeof(buf) };
	struct sync_head head;
	int r;

	r = sock_recv(sock, &msg);
	/* A peer that dies with something of ours unread is an end, too. */
	if (r == 0 || r == -ECONNRESET)
		return 0;
	if (r < 0)
		return err_sys_r(r, "receive a message");
	/* One descriptor at most is ever meant; the rest is not ours to keep. */
	for (size_t i = 1; i < msg.n_fds; i++)
		fd_close(&msg.fds[i]);
	*ret = (struct sync_msg){ .fd = msg.n_fds ? msg.fds[0] : FD_NONE, .pid = msg.pid };
	if (msg.len >= sizeof(head))
		memcpy(&head, buf, sizeof(head));
	if (msg.len < sizeof(head) || head.type == SYNC_NONE || head.type >= SYNC_TYPE_COUNT_) {
		sync_msg_clear(ret);
		return err_code(EBADMSG, "received a malformed message");
	}
	ret->type = head.type;
	ret->index = head.index;
	if (msg.len > sizeof(head))
		ret->text = xstrndup(buf + sizeof(head), msg.len - sizeof(head));
	return 1;
}

/* The answer to a request of this type, of the type wanted. */
static int await_answer(int sock, enum sync_type type, enum sync_type wanted, struct sync_msg *ret)
{
	int r = sync_recv(sock, ret);

	if (r < 0)
		return r;
	if (r == 0)
		return err_code(EPIPE, "the runtime ended while '%s' was asked for",
				sync_name(type));
	if (ret->type == SYNC_FAIL)
		return err_adopt((int) ret->index, ret->text ? ret->text : "unknown failure");
	if (ret->type != wanted)
		return err_code(EBADMSG, "'%s' answered by '%s'", sync_name(type),
				sync_name(ret->type));
	return 0;
}

int sync_request(int sock, enum sync_type type, uint32_t index, int fd, int *ret_fd)
{
	autosync struct sync_msg m = SYNC_MSG_INIT;
	int r;

	r = sync_send(sock, type, index, NULL, fd);
	if (r >= 0)
		r = await_answer(sock, type, ret_fd ? SYNC_TREE : SYNC_GO, &m);
	if (r < 0)
		return r;
	if (ret_fd && m.fd < 0)
		return err_code(EBADMSG, "'%s' answered without a descriptor", sync_name(type));
	if (ret_fd)
		*ret_fd = take_fd(&m.fd);
	return 0;
}

int sync_ask_number(int sock, enum sync_type type, uint32_t *ret)
{
	autosync struct sync_msg m = SYNC_MSG_INIT;
	int r;

	r = sync_send(sock, type, 0, NULL, FD_NONE);
	if (r >= 0)
		r = await_answer(sock, type, SYNC_GO, &m);
	if (r < 0)
		return r;
	*ret = m.index;
	return 0;
}
