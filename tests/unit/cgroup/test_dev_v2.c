/* SPDX-License-Identifier: Apache-2.0 */
/* Device programs against the kernel: what mknod(2) and access(2) say inside a real cgroup. */
#include <fcntl.h>
#include <linux/bpf.h>
#include <poll.h>
#include <sys/sysmacros.h>

#include "base/sys.h"
#include "bpf/dev_compile.h"
#include "cgroup/at.h"
#include "tests/unit/bpf/random_rules.h"
#include "tests/unit/cgroup/scratch.h"

#define N_LISTS	    200
#define N_PROBES    12
#define MAX_ENTRIES 8

static char dir[64];

static void node_path(char buf[128], const char *prefix, const struct dev_probe *p)
{
	snprintf(buf, 128, "%s/%s%c-%u-%u", dir, prefix, p->type == DEV_TYPE_CHAR ? 'c' : 'b',
		 p->major, p->minor);
}

static int make_node(const char *path, const struct dev_probe *p)
{
	return mknod(path, (p->type == DEV_TYPE_CHAR ? S_IFCHR : S_IFBLK) | 0600,
		     makedev(p->major, p->minor));
}

/* 'y', 'n', or '?' for an answer that is neither. */
static char try_probe(const struct dev_probe *p)
{
	char path[128];
	int r;

	if (p->access == DEV_ACC_MKNOD) {
		node_path(path, "new-", p);
		r = make_node(path, p);
		if (r == 0)
			unlink(path);
	} else {
		/* The permission check of open(2), without waking up a driver. */
		node_path(path, "", p);
		r = access(path, (p->access & DEV_ACC_READ ? R_OK : 0) |
					 (p->access & DEV_ACC_WRITE ? W_OK : 0));
	}
	return r == 0 ? 'y' : errno == EPERM ? 'n' : '?';
}

/* The child in the cgroup: answers probes until the pipe closes. */
static void serve(int in, int out)
{
	struct dev_probe p;

	while (read(in, &p, sizeof(p)) == sizeof(p)) {
		char answer = try_probe(&p);

		if (write(out, &answer, 1) != 1)
			break;
	}
	_exit(0);
}

static pid_t start_server(const struct cgroup *cg, int *ret_in, int *ret_out)
{
	int a[2], b[2];
	pid_t pid;

	T_EQ(pipe(a), 0);
	T_EQ(pipe(b), 0);
	pid = fork();
	if (pid == 0) {
		close(a[1]);
		close(b[0]);
		serve(a[0], b[1]);
	}
	close(a[0]);
	close(b[1]);
	T_EQ(cgroup_enter(cg, pid, 0), 0);
	*ret_in = a[1];
	*ret_out = b[0];
	return pid;
}

static unsigned int count_programs(int fd)
{
	uint32_t ids[64];
	union bpf_attr attr = { .query = { .target_fd = (unsigned int) fd,
					   .attach_type = BPF_CGROUP_DEVICE,
					   .prog_ids = (uint64_t) (uintptr_t) ids,
					   .prog_cnt = 64 } };

	T_ASSERT(sys_bpf(BPF_PROG_QUERY, &attr, sizeof(attr)) >= 0);
	return attr.query.prog_cnt;
}

static struct dev_probe kernel_probe(void)
{
	static const uint8_t access[] = { DEV_ACC_MKNOD, DEV_ACC_READ, DEV_ACC_WRITE,
					  DEV_ACC_READ | DEV_ACC_WRITE };

	return (struct dev_probe){
		.type = rnd(4) ? DEV_TYPE_CHAR : DEV_TYPE_BLOCK,
		.access = access[rnd(4)],
		.major = (uint32_t) rnd_major[1 + rnd(3)],
		.minor = (uint32_t) rnd_minor[1 + rnd(3)],
	};
}

static void apply_list(const struct cgroup *cg, const struct dev_entry *entries, size_t n)
{
	autodev_policy struct dev_policy full, simple;
	autodev_prog struct dev_prog prog = { 0 };

	dev_policy_init(&full);
	dev_policy_init(&simple);
	T_EQ(dev_policy_add(&full, entries, n), 0);
	dev_policy_simplify(&full, &simple);
	T_EQ(dev_prog_compile(&simple, &prog), 0);
	if (dev_v2_apply(cgroup_fd(cg), &prog, "test") < 0)
		t_fail(__FILE__, __LINE__, "%s", err_get_text());
}

static void make_nodes(void)
{
	snprintf(dir, sizeof(dir), "/tmp/hako-dev-XXXXXX");
	T_ASSERT(mkdtemp(dir));
	for (int type = DEV_TYPE_BLOCK; type <= DEV_TYPE_CHAR; type++) {
		for (int i = 0; i < 9; i++) {
			struct dev_probe p = { (uint8_t) type, 0, (uint32_t) rnd_major[1 + i / 3],
					       (uint32_t) rnd_minor[1 + i % 3] };
			char path[128];

			node_path(path, "", &p);
			if (make_node(path, &p) < 0)
				t_skip("no right to make device nodes");
		}
	}
}

static void remove_nodes(void)
{
	autofree char *command = xasprintf("rm -rf '%s'", dir);

	T_EQ(system(command), 0);
}

static void test_kernel_agrees(void)
{
	struct dev_entry entries[MAX_ENTRIES];
	autocgroup struct cgroup cg = CGROUP_INIT;
	struct cgroup_plan *plan;
	int in, out, wrong = 0;
	pid_t pid;

	scratch_need(true, false);
	make_nodes();
	plan = scratch_plan(NULL, NULL);
	scratch_create(plan, &cg);
	cgroup_plan_free(plan);
	pid = start_server(&cg, &in, &out);
	for (int i = 0; i < N_LISTS; i++) {
		size_t n = rnd_entries(entries, MAX_ENTRIES);

		apply_list(&cg, entries, n);
		for (int k = 0; k < N_PROBES; k++) {
			struct dev_probe p = kernel_probe();
			char answer = '?';

			T_EQ(write(in, &p, sizeof(p)), sizeof(p));
			T_EQ(read(out, &answer, 1), 1);
			wrong += answer != (list_allows(entries, n, &p) ? 'y' : 'n');
		}
	}
	/* Each took the place of the one before. */
	T_EQ(count_programs(cgroup_fd(&cg)), 1);
	apply_list(&cg, (struct dev_entry[]){ { true, NULL, DEV_ANY, DEV_ANY, NULL } }, 1);
	T_EQ(count_programs(cgroup_fd(&cg)), 1);
	T_EQ(dev_v2_apply(cgroup_fd(&cg), &(struct dev_prog){ 0 }, "test"), 0);
	T_EQ(count_programs(cgroup_fd(&cg)), 0);
	close(in);
	close(out);
	waitpid(pid, NULL, 0);
	T_EQ(cgroup_remove(&cg, 5000), 0);
	remove_nodes();
	T_EQ(wrong, 0);
}

/* In the cgroup: looks at a device that no program allows, as fast as it can. 0: never succeeded.
 */
static pid_t start_watcher(const struct cgroup *cg, const char *path, int *ret_stop)
{
	int go[2], stop[2];
	pid_t pid;
	char c;

	T_EQ(pipe(go), 0);
	T_EQ(pipe(stop), 0);
	pid = fork();
	if (pid == 0) {
		struct pollfd p = { .fd = stop[0], .events = POLLIN };

		close(stop[1]);
		if (read(go[0], &c, 1) != 1)
			_exit(2);
		while (poll(&p, 1, 0) == 0) {
			if (access(path, R_OK) == 0)
				_exit(1);
		}
		_exit(0);
	}
	close(stop[0]);
	T_EQ(cgroup_enter(cg, pid, 0), 0);
	T_EQ(write(go[1], "x", 1), 1);
	close(go[0]);
	close(go[1]);
	*ret_stop = stop[1];
	return pid;
}

static void test_no_moment_without_a_program(void)
{
	static const struct dev_entry lists[2][2] = {
		{ { true, NULL, DEV_ANY, DEV_ANY, NULL }, { false, "c", 1, 3, "r" } },
		{ { false, NULL, DEV_ANY, DEV_ANY, NULL }, { true, "c", 1, 5, "r" } },
	};
	const struct dev_probe denied = { DEV_TYPE_CHAR, DEV_ACC_READ, 1, 3 };
	autocgroup struct cgroup cg = CGROUP_INIT;
	struct cgroup_plan *plan;
	char path[128];
	int stop, status;
	pid_t pid;

	scratch_need(true, false);
	make_nodes();
	node_path(path, "", &denied);
	plan = scratch_plan(NULL, NULL);
	scratch_create(plan, &cg);
	cgroup_plan_free(plan);
	apply_list(&cg, lists[0], 2);
	pid = start_watcher(&cg, path, &stop);
	for (int i = 0; i < 300; i++)
		apply_list(&cg, lists[i % 2], 2);
	T_EQ(count_programs(cgroup_fd(&cg)), 1);
	close(stop);
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(cgroup_remove(&cg, 5000), 0);
	remove_nodes();
	T_EQ(status, 0);
}

static void test_verifier_refusal_is_told(void)
{
	autocgroup struct cgroup cg = CGROUP_INIT;
	/* Falls off the end. */
	struct bpf_insn insn = { .code = BPF_ALU | BPF_MOV | BPF_K };
	struct dev_prog prog = { .len = 1, .insns = &insn };
	struct cgroup_plan *plan;

	scratch_need(true, false);
	plan = scratch_plan(NULL, NULL);
	scratch_create(plan, &cg);
	cgroup_plan_free(plan);
	T_EQ(dev_v2_apply(cgroup_fd(&cg), &prog, "test"), -EINVAL);
	T_CONTAINS(err_get_text(), "load device program: ");
	T_EQ(cgroup_remove(&cg, 5000), 0);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_kernel_agrees),
		T_TEST(test_no_moment_without_a_program),
		T_TEST(test_verifier_refusal_is_told),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
