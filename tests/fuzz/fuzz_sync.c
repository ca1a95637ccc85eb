/* SPDX-License-Identifier: Apache-2.0 */
/* A record on the socket between runtime and init, as a hostile init may send it. */

#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "fuzz.h"
#include "runtime/sync.h"

static int pair[2] = { FD_NONE, FD_NONE };

static void check_message(const struct sync_msg *m)
{
	autosync struct sync_msg again = SYNC_MSG_INIT;

	FUZZ_CHECK(m->type > SYNC_NONE && m->type < SYNC_TYPE_COUNT_);
	FUZZ_CHECK(m->fd == FD_NONE && *sync_name(m->type));
	/* What was understood can be said. */
	FUZZ_CHECK(sync_send(pair[0], m->type, m->index, m->text, FD_NONE) == 0);
	FUZZ_CHECK(sync_recv(pair[1], &again) == 1);
	FUZZ_CHECK(again.type == m->type && again.index == m->index);
	FUZZ_CHECK(strcmp(again.text ? again.text : "", m->text ? m->text : "") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autosync struct sync_msg m = SYNC_MSG_INIT;
	int r;

	if (pair[0] < 0)
		FUZZ_CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	/* An empty record reads as the end of the stream, which is what it is taken for. */
	if (size == 0 || send(pair[0], data, size, MSG_DONTWAIT) != (ssize_t) size)
		return 0;
	r = sync_recv(pair[1], &m);
	FUZZ_CHECK(r == 1 || (r < 0 && err_is_set()));
	err_clear();
	if (r == 1)
		check_message(&m);
	return 0;
}
