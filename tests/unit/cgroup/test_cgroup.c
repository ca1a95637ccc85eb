/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs on real cgroups of this machine. */
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/mount.h>

#include "base/file.h"
#include "base/proc.h"
#include "base/sys.h"
#include "cgroup/at.h"
#include "tests/unit/cgroup/scratch.h"

static void expect_file(const struct cg_at *at, const char *file, const char *expected)
{
	autofree char *text = NULL;

	if (cg_read(at->fd, file, &text) < 0)
		t_fail(__FILE__, __LINE__, "no file %s", file);
	T_STR(text, expected);
}

static struct cgroup make(const char *path, const char *resources)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = scratch_plan(path, resources);
	struct cgroup cg = CGROUP_INIT;

	scratch_create(plan, &cg);
	return cg;
}

static void finish(struct cgroup *cg)
{
	if (cgroup_kill(cg, SIGKILL) < 0 || cgroup_remove(cg, 5000) < 0)
		t_fail(__FILE__, __LINE__, "%s", err_get_text());
	cgroup_close(cg);
}

static void reap(pid_t pid)
{
	int status;

	waitpid(pid, &status, 0);
	T_ASSERT(WIFSIGNALED(status));
}

/* ---- create, enter, remove ---- */

static void test_create_enter_remove(void)
{
	autofree char *path = NULL, *refs_path = NULL, *proc = NULL, *text = NULL;
	autostrv struct strv refs = { 0 };
	struct cgroup_plan *plan;
	autocgroup struct cgroup again = CGROUP_INIT;
	struct cgroup cg;
	pid_t pid, *pids;
	size_t n;

	scratch_need(false, false);
	path = xasprintf("/%s/a/b", scratch_id);
	plan = scratch_plan(path, NULL);
	cgroup_plan_refs(plan, &refs);
	scratch_create(plan, &cg);
	cgroup_plan_free(plan);
	T_EQ(cg.len, scratch_host.len);
	T_EQ(cg.at[0].created, 3);
	pid = scratch_sleeper();
	T_EQ(cgroup_enter(&cg, pid, 0), 0);
	/* Inside of every hierarchy. */
	proc = xasprintf("/proc/%d/cgroup", pid);
	T_EQ(file_read_at(AT_FDCWD, proc, 1 << 20, &text, NULL), 0);
	refs_path = xasprintf(":%s\n", path);
	n = 0;
	for (const char *p = text; (p = strstr(p, refs_path)); p++)
		n++;
	T_EQ(n, cg.len);
	T_EQ(cgroup_pids(&cg, true, &pids, &n), 0);
	T_EQ(n, 1);
	T_EQ(pids[0], pid);
	free(pids);
	T_EQ(cgroup_open(cg.mode, refs.v, refs.len, &again), 0);
	T_EQ(cgroup_exists(&again), true);
	T_EQ(cgroup_kill(&again, SIGKILL), 0);
	reap(pid);
	finish(&cg);
	/* The parents that were made are gone as well. */
	free_ptr(&path);
	path = xasprintf("%s/%s", scratch_host.at[0].mountpoint, scratch_id);
	T_ASSERT(access(path, F_OK) < 0);
	/* And going for it once more is no error. */
	T_EQ(cgroup_remove(&again, 100), 0);
	cgroup_close(&again);
	T_EQ(cgroup_open(CGROUP_MODE_HYBRID, refs.v, refs.len, &again), 0);
	T_EQ(cgroup_exists(&again), false);
	T_EQ(cgroup_kill(&again, SIGKILL), 0);
	T_EQ(cgroup_is_frozen(&again), 0);
	T_EQ(cgroup_pids(&again, true, &pids, &n), 0);
	T_EQ(n, 0);
}

static void test_clone_into(void)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	struct cgroup cg;
	size_t n;
	pid_t pid, *pids;

	scratch_need(true, false);
	cg = make(NULL, NULL);
	args.cgroup = (uint64_t) cgroup_fd(&cg);
	pid = sys_clone3(&args);
	T_ASSERT(pid >= 0);
	if (pid == 0) {
		alarm(60);
		for (;;)
			pause();
	}
	T_EQ(cgroup_pids(&cg, false, &pids, &n), 0);
	T_EQ(n, 1);
	T_EQ(pids[0], pid);
	free(pids);
	T_EQ(cgroup_enter(&cg, pid, CGROUP_ENTER_CLONED), 0);
	T_EQ(cgroup_kill(&cg, SIGKILL), 0);
	reap(pid);
	finish(&cg);
}

static void test_enter_dead_process(void)
{
	struct cgroup cg;
	pid_t pid;

	scratch_need(false, false);
	cg = make(NULL, NULL);
	pid = scratch_sleeper();
	kill(pid, SIGKILL);
	reap(pid);
	T_EQ(cgroup_enter(&cg, pid, 0), -ESRCH);
	T_CONTAINS(err_get_text(), "adding pid ");
	T_CONTAINS(err_get_text(), "o such process");
	err_clear();
	finish(&cg);
}

static void test_reuse(void)
{
	struct cgroup cg, again;
	struct cgroup_plan *plan;
	autocgroup struct cgroup none = CGROUP_INIT;
	pid_t pid;

	scratch_need(false, false);
	cg = make(NULL, NULL);
	/* Empty: taken over. */
	again = make(NULL, NULL);
	T_EQ(again.at[0].created, 0);
	cgroup_close(&again);
	pid = scratch_sleeper();
	T_EQ(cgroup_enter(&cg, pid, 0), 0);
	plan = scratch_plan(NULL, NULL);
	T_EQ(cgroup_create(plan, &none), -EBUSY);
	T_CONTAINS(err_get_text(), "container's cgroup is not empty: 1 process(es) found in '");
	err_clear();
	T_EQ(cgroup_kill(&cg, SIGKILL), 0);
	reap(pid);
	T_EQ(cgroup_freeze(&cg, 2000, FD_NONE), 0);
	T_EQ(cgroup_create(plan, &none), -EBUSY);
	T_CONTAINS(err_get_text(), "container's cgroup unexpectedly frozen: '");
	err_clear();
	cgroup_plan_free(plan);
	/* A refused create took nothing away. */
	T_EQ(cgroup_exists(&cg), true);
	T_EQ(cgroup_thaw(&cg), 0);
	finish(&cg);
}

/* The last hierarchy refuses: nothing stays in those before it. */
static void test_failed_create_leaves_nothing(void)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = NULL;
	autocgroup struct cgroup cg = CGROUP_INIT;
	autofree char *first = NULL;

	scratch_need(false, true);
	plan = scratch_plan(NULL, NULL);
	free(plan->dirs[plan->n_dirs - 1].mountpoint);
	plan->dirs[plan->n_dirs - 1].mountpoint = xstrdup("/nowhere");
	T_EQ(cgroup_create(plan, &cg), -ENOENT);
	T_STR(err_get_text(), "open cgroup mount '/nowhere': no such file or directory");
	err_clear();
	first = xasprintf("%s%s", plan->dirs[0].mountpoint, plan->dirs[0].path);
	T_ASSERT(access(first, F_OK) < 0);
}

/* Whose service manager it was does not depend on what is listed behind the unit. */
static void test_open_unit(void)
{
	char user[] = "systemd-user:a.scope", root[] = "systemd-system:a.scope",
	     dir[] = "=/sys/fs/cgroup:/nowhere-at-all";
	char *of_user[] = { user, dir }, *of_system[] = { dir, root };
	struct cgroup cg;

	T_EQ(cgroup_open(CGROUP_MODE_UNIFIED, of_user, 2, &cg), 0);
	T_STR(cg.unit, "a.scope");
	T_ASSERT(cg.unit_user);
	T_EQ(cg.len, 1);
	cgroup_close(&cg);
	T_EQ(cgroup_open(CGROUP_MODE_UNIFIED, of_system, 2, &cg), 0);
	T_STR(cg.unit, "a.scope");
	T_ASSERT(!cg.unit_user);
	cgroup_close(&cg);
}

static void test_inner_and_owner(void)
{
	struct cgroup_plan_args args = {
		.inner = "payload", .has_owner = true, .owner_uid = 100000, .owner_gid = 100001
	};
	struct cgroup_plan *plan;
	struct cgroup cg;
	struct stat st;
	pid_t pid, *pids;
	size_t n;

	scratch_need(true, false);
	args.host = &scratch_host;
	args.id = scratch_id;
	T_EQ(cgroup_plan(&args, &plan), 0);
	cgroup_plan_refs(plan, &scratch_refs);
	scratch_create(plan, &cg);
	cgroup_plan_free(plan);
	T_EQ(fstat(cgroup_fd(&cg), &st), 0);
	T_EQ(st.st_uid, 100000);
	T_EQ(fstatat(cgroup_fd(&cg), "cgroup.procs", &st, 0), 0);
	T_EQ(st.st_gid, 100001);
	T_EQ(fstatat(cgroup_fd(&cg), "cgroup.freeze", &st, 0), 0);
	T_EQ(st.st_uid, 0);
	pid = scratch_sleeper();
	T_EQ(cgroup_enter(&cg, pid, 0), 0);
	T_EQ(procs_list(cg.at[0].inner_fd, false, &pids, &n), 0);
	T_EQ(n, 1);
	free(pids);
	T_EQ(cgroup_kill(&cg, SIGKILL), 0);
	reap(pid);
	finish(&cg);
}

/* ---- freeze, kill ---- */

static void test_freeze_and_kill(void)
{
	struct cgroup cg;
	pid_t pid;

	scratch_need(false, false);
	cg = make(NULL, NULL);
	pid = scratch_sleeper();
	T_EQ(cgroup_enter(&cg, pid, 0), 0);
	T_EQ(cgroup_is_frozen(&cg), 0);
	T_EQ(cgroup_freeze(&cg, 2000, FD_NONE), 0);
	T_EQ(cgroup_is_frozen(&cg), 1);
	T_EQ(cgroup_thaw(&cg), 0);
	T_EQ(cgroup_is_frozen(&cg), 0);
	T_EQ(cgroup_freeze(&cg, 2000, FD_NONE), 0);
	/* Also a frozen one dies. */
	T_EQ(cgroup_kill(&cg, SIGKILL), 0);
	reap(pid);
	finish(&cg);
}

/* Without cgroup2: the v1 freezer and the signal loop. */
static void test_v1_freeze_and_kill(void)
{
	struct cgroup cg;
	pid_t pid[3];

	scratch_need(false, true);
	if (scratch_host.mode == CGROUP_MODE_HYBRID) {
		/* Forget the first hierarchy. */
		struct cgroup_hierarchy h = scratch_host.at[0];

		memmove(scratch_host.at, scratch_host.at + 1, --scratch_host.len * sizeof(h));
		free(h.controllers);
		free(h.mountpoint);
		free(h.own);
		scratch_host.mode = CGROUP_MODE_LEGACY;
	}
	cg = make(NULL, "{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]}");
	T_EQ(cgroup_fd(&cg), FD_NONE);
	for (int i = 0; i < 3; i++) {
		pid[i] = scratch_sleeper();
		T_EQ(cgroup_enter(&cg, pid[i], 0), 0);
	}
	T_EQ(cgroup_freeze(&cg, 2000, FD_NONE), 0);
	T_EQ(cgroup_is_frozen(&cg), 1);
	T_EQ(cgroup_kill(&cg, SIGKILL), 0);
	for (int i = 0; i < 3; i++)
		reap(pid[i]);
	finish(&cg);
}

static void test_other_signal(void)
{
	struct cgroup cg;
	int status;
	pid_t pid;

	scratch_need(false, false);
	cg = make(NULL, NULL);
	pid = scratch_sleeper();
	T_EQ(cgroup_enter(&cg, pid, 0), 0);
	T_EQ(cgroup_kill(&cg, SIGTERM), 0);
	waitpid(pid, &status, 0);
	T_EQ(WTERMSIG(status), SIGTERM);
	finish(&cg);
}

static void test_v1_devices(void)
{
	const struct cg_at *devices;
	struct cgroup cg;
	struct strv lines = { 0 };

	scratch_need(false, true);
	cg = make(NULL, NULL);
	devices = cgroup_find(&cg, "devices");
	if (!devices) {
		finish(&cg);
		t_skip("no v1 devices controller");
	}
	strv_add(&lines, "devices.deny a *:* rwm");
	strv_add(&lines, "devices.allow c 1:3 rwm");
	T_EQ(dev_v1_apply(devices->fd, &lines, "test"), 0);
	expect_file(devices, "devices.list", "c 1:3 rwm");
	strv_clear(&lines);
	finish(&cg);
}

/* ---- limits ---- */

static void test_limits(void)
{
	static const char json[] =
		"{\"memory\":{\"limit\":33554432,\"swap\":67108864},\"pids\":{\"limit\":0},"
		"\"cpu\":{\"quota\":20000,\"period\":50000}}";
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = NULL, *more = NULL, *less = NULL;
	struct cgroup cg;

	scratch_need(false, true);
	plan = scratch_plan(NULL, json);
	scratch_create(plan, &cg);
	if (cgroup_limit(&cg, plan) < 0 || cgroup_limit_devices(&cg, plan) < 0)
		t_fail(__FILE__, __LINE__, "%s", err_get_text());
	expect_file(cgroup_find(&cg, "memory"), "memory.limit_in_bytes", "33554432");
	expect_file(cgroup_find(&cg, "memory"), "memory.memsw.limit_in_bytes", "67108864");
	expect_file(cgroup_find(&cg, "pids"), "pids.max", "0");
	expect_file(cgroup_find(&cg, "cpu"), "cpu.cfs_quota_us", "20000");
	expect_file(cgroup_find(&cg, "cpu"), "cpu.cfs_period_us", "50000");
	/* Up and down: either order of memory and memory+swap fails in one of them. */
	more = scratch_plan(NULL, "{\"memory\":{\"limit\":134217728,\"swap\":268435456}}");
	T_EQ(cgroup_update(&cg, more), 0);
	expect_file(cgroup_find(&cg, "memory"), "memory.limit_in_bytes", "134217728");
	less = scratch_plan(NULL, "{\"memory\":{\"limit\":16777216,\"swap\":16777216}}");
	T_EQ(cgroup_update(&cg, less), 0);
	expect_file(cgroup_find(&cg, "memory"), "memory.limit_in_bytes", "16777216");
	expect_file(cgroup_find(&cg, "memory"), "memory.memsw.limit_in_bytes", "16777216");
	finish(&cg);
}

/* The second half of an update is refused: the first half is put back. */
static void test_update_rolls_back(void)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *bad = NULL;
	struct cgroup cg;

	scratch_need(false, true);
	cg = make(NULL, NULL);
	bad = scratch_plan(
		NULL, "{\"memory\":{\"limit\":33554432,\"swap\":67108864},\"pids\":{\"limit\":7},"
		      "\"cpu\":{\"shares\":512,\"cpus\":\"9999\"},"
		      "\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":"
		      "600}]}}");
	T_ASSERT(cgroup_update(&cg, bad) < 0);
	T_CONTAINS(err_get_text(), "write '9999' to '");
	T_CONTAINS(err_get_text(), "/cpuset.cpus' (linux.resources.cpu.cpus): ");
	err_clear();
	expect_file(cgroup_find(&cg, "memory"), "memory.limit_in_bytes", "9223372036854771712");
	expect_file(cgroup_find(&cg, "memory"), "memory.memsw.limit_in_bytes",
		    "9223372036854771712");
	expect_file(cgroup_find(&cg, "cpu"), "cpu.shares", "1024");
	finish(&cg);
}

/* Pure v2 with controllers: they are handed down all the way. */
static void test_v2_limits(void)
{
	static const char json[] =
		"{\"memory\":{\"limit\":33554432,\"swap\":67108864,\"reservation\":16777216},"
		"\"pids\":{\"limit\":0},\"cpu\":{\"shares\":2048,\"quota\":20000,\"period\":50000,"
		"\"burst\":10000},\"unified\":{\"memory.high\":\"30M\"}}";
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = NULL, *less = NULL, *bad = NULL;
	autofree char *path = NULL;
	struct cgroup cg;

	scratch_need(true, false);
	if (scratch_host.mode != CGROUP_MODE_UNIFIED ||
	    !strstr(scratch_host.v2_controllers, "memory"))
		t_skip("cgroup2 has no memory controller here");
	path = xasprintf("/%s/x", scratch_id);
	plan = scratch_plan(path, json);
	scratch_create(plan, &cg);
	if (cgroup_limit(&cg, plan) < 0 || cgroup_limit_devices(&cg, plan) < 0)
		t_fail(__FILE__, __LINE__, "%s", err_get_text());
	expect_file(&cg.at[0], "memory.max", "33554432");
	expect_file(&cg.at[0], "memory.swap.max", "33554432");
	expect_file(&cg.at[0], "memory.low", "16777216");
	expect_file(&cg.at[0], "memory.high", "31457280");
	expect_file(&cg.at[0], "pids.max", "0");
	expect_file(&cg.at[0], "cpu.max", "20000 50000");
	expect_file(&cg.at[0], "cpu.max.burst", "10000");
	/* The new quota is below the old burst, then the new burst above the old quota. */
	less = scratch_plan(path, "{\"cpu\":{\"quota\":5000,\"period\":50000,\"burst\":1000}}");
	T_EQ(cgroup_update(&cg, less), 0);
	expect_file(&cg.at[0], "cpu.max.burst", "1000");
	T_EQ(cgroup_update(&cg, plan), 0);
	expect_file(&cg.at[0], "cpu.max.burst", "10000");
	bad = scratch_plan(path, "{\"memory\":{\"limit\":67108864},\"cpu\":{\"cpus\":\"9999\"}}");
	T_ASSERT(cgroup_update(&cg, bad) < 0);
	expect_file(&cg.at[0], "memory.max", "33554432");
	finish(&cg);
}

/* A process in the parent: the kernel's EBUSY in words. */
static void test_v2_no_internal_process(void)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = NULL;
	autocgroup struct cgroup none = CGROUP_INIT;
	autofree char *path = NULL, *parent_path = NULL;
	struct cgroup parent;
	pid_t pid;

	scratch_need(true, false);
	if (scratch_host.mode != CGROUP_MODE_UNIFIED ||
	    !strstr(scratch_host.v2_controllers, "memory"))
		t_skip("cgroup2 has no memory controller here");
	parent_path = xasprintf("/%s", scratch_id);
	parent = make(parent_path, NULL);
	pid = scratch_sleeper();
	T_EQ(cgroup_enter(&parent, pid, 0), 0);
	path = xasprintf("/%s/x", scratch_id);
	plan = scratch_plan(path, "{\"pids\":{\"limit\":5}}");
	T_EQ(cgroup_create(plan, &none), -EBUSY);
	T_CONTAINS(err_get_text(), "controller `pids` is not available under /sys/fs/cgroup/hako-");
	cgroup_plan_free(plan);
	plan = scratch_plan(path, "{\"memory\":{\"limit\":33554432}}");
	T_EQ(cgroup_create(plan, &none), -EBUSY);
	T_CONTAINS(err_get_text(),
		   "controller `memory` is not available under /sys/fs/cgroup/hako-");
	T_CONTAINS(err_get_text(), ": processes live in that cgroup");
	err_clear();
	/* Nothing asked for: it works, without controllers. */
	cgroup_plan_free(plan);
	plan = scratch_plan(path, NULL);
	scratch_create(plan, &none);
	expect_file(&parent.at[0], "cgroup.subtree_control", "");
	expect_file(&none.at[0], "cgroup.type", "domain");
	T_EQ(cgroup_kill(&parent, SIGKILL), 0);
	reap(pid);
	finish(&parent);
}

static void test_check_before_update(void)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *low = NULL;
	struct cgroup cg;
	pid_t pid;
	int fds[2];
	char c;

	scratch_need(false, true);
	cg = make(NULL, NULL);
	T_EQ(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		volatile char *p;

		/* Memory is charged to where we are when we touch it: after we were moved. */
		alarm(60);
		if (read(fds[0], &c, 1) != 1)
			_exit(1);
		p = xmalloc(8 << 20);
		for (size_t i = 0; i < 8 << 20; i += 4096)
			p[i] = 1;
		kill(getpid(), SIGSTOP);
		_exit(p[5]);
	}
	T_EQ(cgroup_enter(&cg, pid, 0), 0);
	T_EQ(write(fds[1], "x", 1), 1);
	waitpid(pid, NULL, WUNTRACED);
	low = scratch_plan(NULL, "{\"memory\":{\"limit\":4194304,\"checkBeforeUpdate\":true}}");
	T_EQ(cgroup_update(&cg, low), -EBUSY);
	T_CONTAINS(err_get_text(), "rejecting memory limit 4194304 <= usage ");
	err_clear();
	expect_file(cgroup_find(&cg, "memory"), "memory.limit_in_bytes", "9223372036854771712");
	T_EQ(cgroup_kill(&cg, SIGKILL), 0);
	reap(pid);
	close(fds[0]);
	close(fds[1]);
	finish(&cg);
}

static void test_missing_file_is_named(void)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = NULL;
	struct cgroup cg;

	scratch_need(false, true);
	plan = scratch_plan(NULL, "{\"blockIO\":{\"leafWeight\":100}}");
	scratch_create(plan, &cg);
	if (faccessat(cgroup_find(&cg, "blkio")->fd, "blkio.leaf_weight", F_OK, 0) == 0) {
		finish(&cg);
		t_skip("this kernel has blkio.leaf_weight");
	}
	T_EQ(cgroup_limit(&cg, plan), -ENOENT);
	T_CONTAINS(err_get_text(),
		   "/blkio.leaf_weight' (linux.resources.blockIO.leafWeight): no such file");
	err_clear();
	finish(&cg);
}

/* ---- trees made by the payload ---- */

static void test_remove_deep_and_wide(void)
{
	struct cgroup cg;
	int fd;
	size_t n;
	pid_t pid, *pids;

	scratch_need(true, false);
	cg = make(NULL, NULL);
	fd = dup(cgroup_fd(&cg));
	for (int i = 0; i < 500; i++) {
		char name[32];

		snprintf(name, sizeof(name), "wide-%d", i);
		T_EQ(mkdirat(fd, name, 0755), 0);
	}
	pid = scratch_sleeper();
	for (int i = 0; i < 1000; i++) {
		int next;

		T_EQ(mkdirat(fd, "a-name-so-long-that-the-path-of-all-is-longer-than-PATH_MAX",
			     0755),
		     0);
		next = openat(fd, "a-name-so-long-that-the-path-of-all-is-longer-than-PATH_MAX",
			      O_RDONLY | O_DIRECTORY);
		T_ASSERT(next >= 0);
		close(fd);
		fd = next;
		if (i == 500) {
			char text[16];

			snprintf(text, sizeof(text), "%d", pid);
			T_EQ(file_write_at(fd, "cgroup.procs", text), 0);
		}
	}
	close(fd);
	T_EQ(cgroup_pids(&cg, true, &pids, &n), 0);
	T_EQ(n, 1);
	T_EQ(pids[0], pid);
	free(pids);
	T_EQ(cgroup_pids(&cg, false, &pids, &n), 0);
	T_EQ(n, 0);
	T_EQ(cgroup_remove(&cg, 50), -EBUSY);
	T_CONTAINS(err_get_text(), ": still busy: process ");
	T_CONTAINS(err_get_text(), " (test_cgroup) is in it");
	err_clear();
	T_EQ(cgroup_kill(&cg, SIGKILL), 0);
	reap(pid);
	finish(&cg);
}

/* A cgroup that goes away under us is not an error anywhere. */
static void test_vanished(void)
{
	struct cgroup cg;
	pid_t *pids;
	size_t n;

	scratch_need(false, false);
	cg = make(NULL, NULL);
	T_EQ(cgroup_remove(&cg, 1000), 0);
	T_EQ(cgroup_is_frozen(&cg), 0);
	T_EQ(cgroup_pids(&cg, true, &pids, &n), 0);
	T_EQ(n, 0);
	T_EQ(cgroup_kill(&cg, SIGKILL), 0);
	T_EQ(cgroup_kill(&cg, SIGTERM), 0);
	T_EQ(cgroup_thaw(&cg), 0);
	finish(&cg);
}

static void test_probe_of_this_host(void)
{
	scratch_need(false, false);
	for (size_t i = 0; i < scratch_host.len; i++) {
		T_EQ(access(scratch_host.at[i].mountpoint, F_OK), 0);
		T_EQ(scratch_host.at[i].own[0], '/');
	}
	T_EQ(*scratch_host.at[0].controllers == '\0', scratch_host.mode != CGROUP_MODE_LEGACY);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_probe_of_this_host),
		T_TEST(test_create_enter_remove),
		T_TEST(test_clone_into),
		T_TEST(test_enter_dead_process),
		T_TEST(test_reuse),
		T_TEST(test_failed_create_leaves_nothing),
		T_TEST(test_open_unit),
		T_TEST(test_inner_and_owner),
		T_TEST(test_freeze_and_kill),
		T_TEST(test_v1_freeze_and_kill),
		T_TEST(test_other_signal),
		T_TEST(test_v1_devices),
		T_TEST(test_limits),
		T_TEST(test_update_rolls_back),
		T_TEST(test_v2_limits),
		T_TEST(test_v2_no_internal_process),
		T_TEST(test_check_before_update),
		T_TEST(test_missing_file_is_named),
		T_TEST(test_remove_deep_and_wide),
		T_TEST(test_vanished),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
