/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans as documents: each tests/golden/cgroup/NAME.json is linux.resources, and NAME.HOST the plan
 * for a host of that kind. UPDATE=1 writes what is expected from what is.
 */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "cgroup/systemd_props.h"
#include "ocispec.h"
#include "tests/unit/t.h"

/* Members are heap strings in the real thing; nobody frees or changes these. */
#define AT(controllers, mountpoint)                                            \
	{                                                                      \
		(char *) (controllers), (char *) (mountpoint), (char *) "/own" \
	}

static struct cgroup_hierarchy v2_at[] = { AT("", "/sys/fs/cgroup") };
static struct cgroup_hierarchy v1_at[] = {
	AT("memory", "/sys/fs/cgroup/memory"),
	AT("cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct"),
	AT("cpuset", "/sys/fs/cgroup/cpuset"),
	AT("blkio", "/sys/fs/cgroup/blkio"),
	AT("pids", "/sys/fs/cgroup/pids"),
	AT("hugetlb", "/sys/fs/cgroup/hugetlb"),
	AT("rdma", "/sys/fs/cgroup/rdma"),
	AT("net_cls,net_prio", "/sys/fs/cgroup/net_cls,net_prio"),
	AT("devices", "/sys/fs/cgroup/devices"),
	AT("freezer", "/sys/fs/cgroup/freezer"),
	AT("name=systemd", "/sys/fs/cgroup/systemd"),
};
static struct cgroup_hierarchy hybrid_at[] = {
	AT("", "/sys/fs/cgroup/unified"),
	AT("memory", "/sys/fs/cgroup/memory"),
	AT("cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct"),
	AT("cpuset", "/sys/fs/cgroup/cpuset"),
	AT("blkio", "/sys/fs/cgroup/blkio"),
	AT("hugetlb", "/sys/fs/cgroup/hugetlb"),
	AT("rdma", "/sys/fs/cgroup/rdma"),
	AT("devices", "/sys/fs/cgroup/devices"),
	AT("name=systemd", "/sys/fs/cgroup/systemd"),
};

static char all_v2[] = "cpuset cpu io memory hugetlb pids rdma misc", root[] = "/",
	    user_root[] = "/user.slice/user-1000.slice/user@1000.service";

struct host {
	const char *name;
	enum cgroup_manager manager;
	struct cgroup_host host;
};

static const struct host hosts[] = {
	{ "v2", CGROUP_MANAGER_CGROUPFS, { CGROUP_MODE_UNIFIED, 1, v2_at, all_v2 } },
	{ "v1",
	  CGROUP_MANAGER_CGROUPFS,
	  { CGROUP_MODE_LEGACY, ARRAY_SIZE(v1_at), v1_at, (char *) "" } },
	{ "hybrid",
	  CGROUP_MANAGER_CGROUPFS,
	  { CGROUP_MODE_HYBRID, ARRAY_SIZE(hybrid_at), hybrid_at, (char *) "pids" } },
	{ "systemd",
	  CGROUP_MANAGER_SYSTEMD,
	  { CGROUP_MODE_UNIFIED, 1, v2_at, all_v2, root, 257, false } },
	{ "systemd-user",
	  CGROUP_MANAGER_SYSTEMD,
	  { CGROUP_MODE_UNIFIED, 1, v2_at, all_v2, user_root, 257, true } },
	{ "systemd-v1",
	  CGROUP_MANAGER_SYSTEMD,
	  { CGROUP_MODE_LEGACY, ARRAY_SIZE(v1_at), v1_at, (char *) "", root, 252, false } },
};

static int golden_fd = FD_NONE;

/* A member a line, so that a difference is one of lines. */
static char *lines_of(const char *json)
{
	struct strbuf b = STRBUF_INIT;
	bool quoted = false;
	int depth = 0;

	for (const char *p = json; *p; p++) {
		bool closes = !quoted && (*p == '}' || *p == ']');
		bool opens = !quoted && (*p == '{' || *p == '[');

		if (*p == '"' && (p == json || p[-1] != '\\'))
			quoted = !quoted;
		depth += opens - closes;
		if (closes && p[-1] != '{' && p[-1] != '[')
			strbuf_addf(&b, "\n%*s", depth, "");
		strbuf_add_c(&b, *p);
		if ((opens && p[1] != '}' && p[1] != ']') || (!quoted && *p == ','))
			strbuf_addf(&b, "\n%*s", depth, "");
	}
	strbuf_add_c(&b, '\n');
	return strbuf_take(&b);
}

static char *plan_text(const struct host *h, const char *resources)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = NULL;
	auto_call(oci_resources_free) struct oci_resources *res = NULL;
	struct oci_error error = { 0 };
	struct cgroup_plan_args args = { .host = &h->host, .manager = h->manager, .id = "c1" };
	autofree char *json = NULL;

	T_EQ(oci_resources_parse(resources, strlen(resources), &res, &error), 0);
	args.resources = res;
	/* The runtime's own rules are shown where there are others. */
	args.skip_devices = res->devices_len == 0;
	if (cgroup_plan(&args, &plan) < 0) {
		char *text = xasprintf("refused: %s\n", err_get_text());

		err_clear();
		return text;
	}
	json = cgroup_plan_json(plan);
	return lines_of(json);
}

static void check(const char *name, const struct host *h, const char *resources)
{
	autofree char *file = xasprintf("%s.%s", name, h->name), *expected = NULL;
	autofree char *got = plan_text(h, resources);
	int r;

	if (getenv("UPDATE"))
		T_EQ(file_replace_at(golden_fd, file, got, strlen(got), 0644, 0), 0);
	r = file_read_at(golden_fd, file, 1 << 20, &expected, NULL);
	if (r < 0)
		t_fail(__FILE__, __LINE__, "%s: %s", file, strerror(-r));
	if (strcmp(got, expected) != 0)
		t_fail(__FILE__, __LINE__, "%s is otherwise; it is now:\n%s", file, got);
}

static int add_case(void *strv, int dirfd, const char *name)
{
	(void) dirfd;
	if (str_ends(name, ".json"))
		strv_add_take(strv, xstrndup(name, strlen(name) - strlen(".json")));
	return 0;
}

static void test_golden(void)
{
	autofree char *dir =
		path_join(getenv("SRCDIR") ? getenv("SRCDIR") : ".", "tests/golden/cgroup");
	autostrv struct strv cases = { 0 };

	golden_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (golden_fd < 0)
		t_fail(__FILE__, __LINE__, "%s: %s", dir, strerror(errno));
	T_EQ(file_each_at(golden_fd, ".", add_case, &cases), 0);
	T_ASSERT(cases.len >= 6);
	for (size_t i = 0; i < cases.len; i++) {
		autofree char *file = xasprintf("%s.json", cases.v[i]), *resources = NULL;

		T_EQ(file_read_at(golden_fd, file, 1 << 20, &resources, NULL), 0);
		for (size_t k = 0; k < ARRAY_SIZE(hosts); k++)
			check(cases.v[i], &hosts[k], resources);
	}
}

int main(void)
{
	static const struct t_test tests[] = { T_TEST(test_golden) };

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
