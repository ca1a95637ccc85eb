/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from control files: on plain directories with files of the kernel's wording. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/path.h"
#include "cgroup/at.h"
#include "cgroup/stat.h"
#include "tests/unit/t.h"

struct file {
	const char *name, *text;
};

static char dir[32];
static struct cg_at at;

/* A cgroup of one hierarchy. */
static struct cgroup fake(const char *controllers, const struct file *files)
{
	struct cgroup cg = { CGROUP_MODE_UNIFIED, 1, &at, NULL, false };

	snprintf(dir, sizeof(dir), "/tmp/hako-test-XXXXXX");
	T_ASSERT(mkdtemp(dir));
	at = (struct cg_at){ .controllers = xstrdup(controllers),
			     .mountpoint = xstrdup("/tmp"),
			     .path = xstrdup(dir + strlen("/tmp")),
			     .inner_fd = FD_NONE };
	at.fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	T_ASSERT(at.fd >= 0);
	for (; files->name; files++) {
		int fd = openat(at.fd, files->name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

		T_EQ(write(fd, files->text, strlen(files->text)), strlen(files->text));
		close(fd);
	}
	return cg;
}

static void fake_clear(void)
{
	autofree char *command = xasprintf("rm -r '%s'", dir);

	T_EQ(system(command), 0);
	at_clear(&at);
}

static void test_stat_v2(void)
{
	static const struct file files[] = {
		{ "cpu.stat", "usage_usec 7\nuser_usec 5\nsystem_usec 2\nnr_periods 3\n" },
		{ "cpu.pressure", "some avg10=0.10 avg60=0.00 avg300=0.00 total=12\n" },
		{ "memory.current", "4096\n" },
		{ "memory.max", "8192\n" },
		{ "memory.peak", "8000\n" },
		{ "memory.swap.current", "100\n" },
		{ "memory.swap.max", "1000\n" },
		{ "memory.events", "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\n" },
		{ "memory.stat", "anon 11\nfile 12\n" },
		{ "pids.current", "2\n" },
		{ "pids.max", "max\n" },
		{ "io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n" },
		{ "hugetlb.2MB.current", "2097152\n" },
		{ "hugetlb.2MB.events", "max 6\n" },
		{ "rdma.max", "mlx hca_handle=2 hca_object=max\n" },
		{ "rdma.current", "mlx hca_handle=1 hca_object=0\n" },
		{ NULL, NULL },
	};
	struct cgroup cg = fake("", files);
	autofree char *json = cgroup_stat_json(&cg);

	T_STR(json,
	      "{\"cpu\":{\"usage\":{\"total\":7000,\"kernel\":2000,\"user\":5000},"
	      "\"throttling\":{\"periods\":3},"
	      "\"psi\":{\"some\":{\"avg10\":0.10,\"avg60\":0.00,\"avg300\":0.00,\"total\":12}}},"
	      "\"memory\":{\"cache\":12,\"usage\":{\"limit\":8192,\"usage\":4096,\"max\":8000,"
	      "\"failcnt\":3},\"swap\":{\"limit\":9192,\"usage\":4196},"
	      "\"raw\":{\"anon\":11,\"file\":12},\"event_count\":{\"low\":1,\"high\":2,\"max\":3,"
	      "\"oom\":4,\"oom_kill\":5}},"
	      "\"pids\":{\"current\":2,\"limit\":0},"
	      "\"blkio\":{\"ioServiceBytesRecursive\":["
	      "{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":1},"
	      "{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":2}],"
	      "\"ioServicedRecursive\":[{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":3},"
	      "{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":4}]},"
	      "\"hugetlb\":{\"2MB\":{\"usage\":2097152,\"failcnt\":6}},"
	      "\"rdma\":{\"rdma_limit\":[{\"device\":\"mlx\",\"hca_handles\":2,"
	      "\"hca_objects\":4294967295}],"
	      "\"rdma_current\":[{\"device\":\"mlx\",\"hca_handles\":1,\"hca_objects\":0}]}}");
	fake_clear();
}

static void test_stat_v1(void)
{
	static const struct file files[] = {
		{ "memory.usage_in_bytes", "4096\n" },
		{ "memory.limit_in_bytes", "8192\n" },
		{ "memory.memsw.usage_in_bytes", "5000\n" },
		{ "memory.memsw.limit_in_bytes", "9000\n" },
		{ "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n" },
		{ "memory.stat", "cache 12\n" },
		{ NULL, NULL },
	};
	struct cgroup cg = fake("memory", files);
	autofree char *json = cgroup_stat_json(&cg);

	T_STR(json, "{\"memory\":{\"cache\":12,\"usage\":{\"limit\":8192,\"usage\":4096},"
		    "\"swap\":{\"limit\":9000,\"usage\":5000},\"raw\":{\"cache\":12},"
		    "\"event_count\":{\"oom_kill\":2}}}");
	fake_clear();
}

/* Expected: around the cgroup's name. */
static void check_oom(const char *controllers, const struct file *files, const char *before,
		      const char *behind)
{
	struct cgroup cg = fake(controllers, files);
	autofree char *text = cgroup_oom_text(&cg);
	autofree char *want = before ? xasprintf("%s '%s'%s", before, dir, behind) : NULL;

	T_STR(text, want);
	fake_clear();
}

static void test_oom_text(void)
{
	check_oom("",
		  (const struct file[]){ { "memory.events", "oom 3\noom_kill 0\n" },
					 { NULL, NULL } },
		  NULL, NULL);
	check_oom("",
		  (const struct file[]){ { "memory.events", "oom_kill 1\n" },
					 { "memory.max", "8192\n" },
					 { "memory.peak", "9000\n" },
					 { NULL, NULL } },
		  "the memory limit of 8192 bytes of cgroup", " (peak usage: 9000)");
	check_oom("",
		  (const struct file[]){ { "memory.events", "oom_kill 1\n" },
					 { "memory.max", "8192\n" },
					 { NULL, NULL } },
		  "the memory limit of 8192 bytes of cgroup", "");
	check_oom("",
		  (const struct file[]){ { "memory.events", "oom_kill 1\n" },
					 { "memory.max", "max\n" },
					 { NULL, NULL } },
		  "a memory limit above cgroup", "");
	check_oom("memory",
		  (const struct file[]){ { "memory.oom_control", "under_oom 0\noom_kill 1\n" },
					 { "memory.limit_in_bytes", "4096\n" },
					 { "memory.max_usage_in_bytes", "4096\n" },
					 { NULL, NULL } },
		  "the memory limit of 4096 bytes of cgroup", " (peak usage: 4096)");
}

/* Freezing that does not come to an end. */
static void check_not_frozen(const char *controllers, const char *file, const char *thawed,
			     int timeout_ms, int stop_fd, int expected, const char *message)
{
	const struct file files[] = { { file, "" },
				      { "cgroup.events", "populated 1\nfrozen 0\n" },
				      { NULL, NULL } };
	struct cgroup cg = fake(controllers, files);
	autofree char *text = NULL;

	T_EQ(cgroup_freeze(&cg, timeout_ms, stop_fd), expected);
	T_CONTAINS(err_get_text(), message);
	err_clear();
	T_EQ(cg_read(at.fd, file, &text), 0);
	T_EQ(strncmp(text, thawed, strlen(thawed)), 0);
	fake_clear();
}

static void test_freeze_in_vain(void)
{
	int stop[2];

	T_EQ(pipe(stop), 0);
	T_EQ(write(stop[1], "x", 1), 1);
	check_not_frozen("", "cgroup.freeze", "0", 10, FD_NONE, -ETIMEDOUT,
			 "not frozen after 10 ms, thawed again");
	check_not_frozen("", "cgroup.freeze", "0", 60000, stop[0], -EINTR,
			 "interrupted, thawed again");
	close(stop[0]);
	close(stop[1]);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_stat_v2),
		T_TEST(test_stat_v1),
		T_TEST(test_oom_text),
		T_TEST(test_freeze_in_vain),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
