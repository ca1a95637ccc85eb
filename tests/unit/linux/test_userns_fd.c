/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/userns_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "ocispec.h"
#include "tests/unit/t.h"

#define M(c, h, s)                                               \
	{                                                        \
		.container_id = (c), .host_id = (h), .size = (s) \
	}

static struct oci_id_mapping lxc[] = { M(0, 100000, 65536), M(65536, 0, 1) };
static struct idmap both = { lxc, 2, lxc, 2 };
static struct host_facts host;
static struct userns_fds fds = USERNS_FDS_INIT;

static int get(void)
{
	int fd = FD_NONE, again;

	if (geteuid() != 0)
		t_skip("needs root");
	if (host_probe(&host) < 0 || userns_fds_get(&fds, &both, &host, &fd) < 0) {
		printf("# %s\n", err_get_text());
		t_skip("no user namespaces with these ids here");
	}
	T_EQ(userns_fds_get(&fds, &both, &host, &again), 0);
	T_EQ(fd, again);
	return fd;
}

static int give(void *arg)
{
	int fd = *(int *) arg;

	if (geteuid() != 65536)
		return err_code(EINVAL, "we are %d", (int) geteuid());
	return fchown(fd, (uid_t) -1, 0) < 0 ? err_sys("give it away") : 7;
}

/* What the caller owns goes to the group of the namespace's root. */
static void test_run(void)
{
	char dir[] = "/tmp/hako-userns-XXXXXX";
	int ns = get(), fd, r;
	struct stat st;

	T_ASSERT(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	T_ASSERT(fd >= 0);
	r = userns_run(ns, give, &fd);
	T_EQ(fstat(fd, &st), 0);
	rmdir(dir);
	close(fd);
	T_EQ(r, 7);
	T_EQ(st.st_uid, 0);
	T_EQ(st.st_gid, 100000);
}

static int fail(void *arg)
{
	return err_code(EBUSY, "%s is in use", (const char *) arg);
}

static int die(void *arg)
{
	(void) arg;
	_exit(3);
}

static void test_run_fails(void)
{
	char what[] = "the place";
	int ns = get();

	T_EQ(userns_run(ns, fail, what), -EBUSY);
	T_STR(err_get_text(), "the place is in use");
	err_clear();
	T_ASSERT(userns_run(ns, die, what) < 0);
	T_ASSERT(strstr(err_get_text(), "hear from the process in a user namespace"));
	err_clear();
	T_ASSERT(userns_run(open("/dev/null", O_RDONLY | O_CLOEXEC), fail, what) < 0);
	T_ASSERT(strstr(err_get_text(), "join a user namespace"));
	userns_fds_clear(&fds);
}

int main(void)
{
	static const struct t_test tests[] = { T_TEST(test_run), T_TEST(test_run_fails) };

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
