/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/sock.h"
#include "base/str.h"
#include "tests/unit/base/tmpdir.h"
#include "tests/unit/t.h"

static int count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fd_is_open(fd);
	return n;
}

static void test_records(void)
{
	autofd int a = FD_NONE, b = FD_NONE;
	char buf[16] = "one";
	struct sock_msg out = { .data = buf, .len = 3 };
	struct sock_msg in = { .data = buf, .len = sizeof(buf) };

	T_EQ(sock_pair(&a, &b), 0);
	T_EQ(sock_send(a, &out, 0), 0);
	T_EQ(sock_send(a, &out, 0), 0);
	T_EQ(sock_recv(b, &in), 1);
	T_EQ(in.len, 3);
	T_EQ(in.n_fds, 0);
	T_EQ(in.pid, 0);
	/* Two records are not one. */
	in.len = 2;
	T_EQ(sock_recv(b, &in), -EMSGSIZE);
	fd_close(&a);
	in.len = sizeof(buf);
	T_EQ(sock_recv(b, &in), 0);
	T_EQ(sock_send(b, &out, 0), -EPIPE);
}

static void test_fds(void)
{
	autofd int a = FD_NONE, b = FD_NONE;
	char byte = 'x';
	struct sock_msg out = { .data = &byte, .len = 1, .n_fds = SOCK_MAX_FDS };
	struct sock_msg in = { .data = &byte, .len = 1 };
	struct stat st, want;
	int before;

	T_EQ(sock_pair(&a, &b), 0);
	before = count_fds();
	for (int i = 0; i < SOCK_MAX_FDS; i++)
		out.fds[i] = a;
	T_EQ(sock_send(a, &out, 1), 0);
	T_EQ(sock_recv(b, &in), 1);
	T_EQ(in.n_fds, SOCK_MAX_FDS);
	T_EQ(fstat(a, &want), 0);
	for (size_t i = 0; i < in.n_fds; i++) {
		T_EQ(fstat(in.fds[i], &st), 0);
		T_EQ(st.st_ino, want.st_ino);
		T_EQ(fcntl(in.fds[i], F_GETFD), FD_CLOEXEC);
		fd_close(&in.fds[i]);
	}
	out.n_fds++;
	T_EQ(sock_send(a, &out, 0), -EINVAL);
	T_EQ(count_fds(), before);
}

/* A peer that sends more than the record has room for leaves no descriptors behind. */
static void test_too_much(void)
{
	enum { MANY = 100 };
	autofd int a = FD_NONE, b = FD_NONE;
	char control[CMSG_SPACE(MANY * sizeof(int))], data[4] = "abc";
	struct iovec iov = { data, 4 };
	struct msghdr h = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	struct sock_msg in = { .data = data, .len = 4 };
	struct sock_msg out = { .data = data, .len = 4, .fds = { 0, 1 }, .n_fds = 2 };
	int fds[MANY] = { 0 }, before;

	T_EQ(sock_pair(&a, &b), 0);
	before = count_fds();
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	T_EQ(sendmsg(a, &h, 0), 4);
	T_EQ(sock_recv(b, &in), -EMSGSIZE);
	T_EQ(count_fds(), before);
	T_EQ(sock_send(a, &out, 0), 0);
	in.len = 3;
	T_EQ(sock_recv(b, &in), -EMSGSIZE);
	T_EQ(in.n_fds, 0);
	T_EQ(count_fds(), before);
}

static void test_creds(void)
{
	autofd int a = FD_NONE, b = FD_NONE;
	char byte = 'x';
	struct sock_msg out = { .data = &byte, .len = 1 };
	struct sock_msg in = { .data = &byte, .len = 1 };
	int on = 1, status;
	pid_t pid;

	T_EQ(sock_pair(&a, &b), 0);
	T_EQ(setsockopt(b, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
	pid = fork();
	if (pid == 0)
		_exit(sock_send(a, &out, 1) == 0 && sock_send(a, &out, 0) == 0 ? 0 : 1);
	for (int i = 0; i < 2; i++) {
		in.len = 1;
		T_EQ(sock_recv(b, &in), 1);
		T_EQ(in.pid, pid);
		T_EQ(in.uid, getuid());
		T_EQ(in.gid, getgid());
	}
	waitpid(pid, &status, 0);
	T_EQ(status, 0);
}

static void check_path(const char *path, int type)
{
	autofd int server = sock_listen(path, type), client = FD_NONE, conn = FD_NONE;
	char buf[8];

	T_ASSERT(server >= 0);
	T_EQ(sock_listen(path, type), -EADDRINUSE);
	client = sock_connect(path, type);
	T_ASSERT(client >= 0);
	T_ASSERT(fcntl(client, F_GETFD) & FD_CLOEXEC);
	conn = accept(server, NULL, NULL);
	T_EQ(sock_send_fd(client, 0, "text", 4), 0);
	T_EQ(read(conn, buf, sizeof(buf)), 4);
	T_EQ(unlink(path), 0);
}

static void test_paths(void)
{
	autofd int dir = tmpdir_new("sock");
	autostrbuf struct strbuf path = STRBUF_INIT;
	autofree char *missing = NULL, *long_name = NULL;

	T_ASSERT(dir >= 0);
	strbuf_addf(&path, "%s/sock/s", tmpdir());
	check_path(path.s, SOCK_STREAM);
	check_path(path.s, SOCK_SEQPACKET);
	T_EQ(sock_connect(path.s, SOCK_STREAM), -ENOENT);
	T_EQ(sock_connect("", SOCK_STREAM), -EINVAL);
	/* Far beyond sun_path. */
	strbuf_clear(&path);
	strbuf_addf(&path, "%s/sock", tmpdir());
	for (int i = 0; i < 20; i++)
		strbuf_add(&path, "/a-directory-with-a-long-name");
	T_EQ(file_mkdir_p(path.s, 0755), 0);
	missing = xasprintf("%s/none", path.s);
	T_EQ(sock_connect(missing, SOCK_STREAM), -ENOENT);
	long_name = xasprintf("%s/%0200d", path.s, 0);
	T_EQ(sock_listen(long_name, SOCK_STREAM), -ENAMETOOLONG);
	strbuf_add(&path, "/s");
	check_path(path.s, SOCK_STREAM);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_records), T_TEST(test_fds),	  T_TEST(test_too_much),
		T_TEST(test_creds),   T_TEST(test_paths),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
