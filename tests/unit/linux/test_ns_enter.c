/* SPDX-License-Identifier: Apache-2.0 */
/* Plans carried out in real children; this process is the parent that writes maps. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "base/sys.h"
#include "linux/host.h"
#include "linux/idmap.h"
#include "linux/ns_enter.h"
#include "linux/timens.h"
#include "ocispec.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

static struct oci_linux *doc_of(const char *json)
{
	struct oci_linux *doc = NULL;
	struct oci_error e = { 0 };

	if (oci_linux_parse(json, strlen(json), &doc, &e) < 0)
		t_fail(__FILE__, __LINE__, "%s", e.text);
	return doc;
}

static void need_root(void)
{
	if (geteuid() != 0)
		t_skip("needs root");
}

/* --- files --- */

static int open_one(const char *type, const char *path, struct ns_files *files)
{
	struct oci_namespace ns = { .type = (char *) type, .path = (char *) path };
	struct oci_linux doc = { .namespaces = &ns, .namespaces_len = 1 };
	struct ns_plan plan;

	T_EQ(ns_plan_make(&doc, &plan), 0);
	return ns_enter_open(&plan, files);
}

static void test_open_checks_type(void)
{
	struct ns_files files = NS_FILES_INIT;

	T_EQ(open_one("network", "/proc/self/ns/net", &files), 0);
	T_ASSERT(files.fds[NS_NET] >= 0);
	T_EQ(fcntl(files.fds[NS_NET], F_GETFD), FD_CLOEXEC);
	ns_files_close(&files);
	T_EQ(open_one("ipc", "/proc/self/ns/net", &files), -EINVAL);
	T_STR(err_get_text(), "open ipc namespace '/proc/self/ns/net': it is a network namespace");
	T_EQ(open_one("uts", "/etc/passwd", &files), -EINVAL);
	T_STR(err_get_text(), "open uts namespace '/etc/passwd': not a namespace file");
	T_EQ(open_one("uts", "/nonexistent/ns", &files), -ENOENT);
	T_STR(err_get_text(), "open uts namespace '/nonexistent/ns': no such file or directory");
	T_EQ(open_one("pid", "/proc/self/ns/pid_for_children", &files), 0);
	ns_files_close(&files);
	T_EQ(open_one("time", "/proc/self/ns/time", &files), 0);
	ns_files_close(&files);
}

static void test_open_fifo_does_not_hang(void)
{
	struct ns_files files = NS_FILES_INIT;
	char path[] = "/tmp/hako-ns-XXXXXX";
	int r;

	T_ASSERT(mkdtemp(path));
	autofree char *fifo = xasprintf("%s/fifo", path);
	T_EQ(mkfifo(fifo, 0600), 0);
	r = open_one("uts", fifo, &files);
	unlink(fifo);
	rmdir(path);
	T_EQ(r, -EINVAL);
}

static void test_own_user_namespace_is_no_join(void)
{
	struct ns_files files = NS_FILES_INIT;

	T_EQ(open_one("user", "/proc/self/ns/user", &files), 0);
	T_EQ(files.fds[NS_USER], FD_NONE);
}

/* --- children --- */

struct launch {
	const struct oci_linux *doc;
	struct ns_plan plan;
	struct ns_files files;
	int ask[2], answer[2];
	int (*check)(const struct launch *l);
};

static int ask_parent(void *arg, enum ns_request what)
{
	struct launch *l = arg;
	char c = what == NS_REQ_IDMAP ? 'i' : 't';

	if (write(l->ask[1], &c, 1) != 1 || read(l->answer[0], &c, 1) != 1)
		return -EPIPE;
	return c == 'k' ? 0 : -EPROTO;
}

static int child_main(struct launch *l)
{
	close(l->ask[0]);
	close(l->answer[1]);
	if (ns_enter_run(&l->plan, &l->files, ask_parent, l) < 0) {
		printf("# child: %s\n", err_get_text());
		fflush(stdout);
		return 1;
	}
	if (l->plan.middle) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			_exit(l->check(l));
		if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
			return 1;
		return WEXITSTATUS(status);
	}
	return l->check(l);
}

static void serve(struct launch *l, pid_t pid)
{
	struct idmap map = { l->doc->uid_mappings, l->doc->uid_mappings_len, l->doc->gid_mappings,
			     l->doc->gid_mappings_len };
	struct host_facts host;
	char c;

	host_probe(&host);
	while (read(l->ask[0], &c, 1) == 1) {
		int r = c == 'i' ? idmap_write(pid, &map, &host)
				 : timens_write(pid, l->doc->time_offsets);

		if (r < 0)
			printf("# parent: %s\n", err_get_text());
		if (write(l->answer[1], r < 0 ? "x" : "k", 1) != 1)
			break;
	}
}

static int launch(const struct oci_linux *doc, int (*check)(const struct launch *l))
{
	struct launch l = { .doc = doc, .files = NS_FILES_INIT, .check = check };
	struct clone_args args = { .exit_signal = SIGCHLD };
	int pid, status;

	T_EQ(ns_plan_make(doc, &l.plan), 0);
	if (ns_enter_open(&l.plan, &l.files) < 0)
		t_fail(__FILE__, __LINE__, "%s", err_get_text());
	T_ASSERT(pipe(l.ask) == 0 && pipe(l.answer) == 0);
	args.flags = (unsigned int) l.plan.clone_flags;
	fflush(stdout);
	pid = sys_clone3(&args);
	if (pid == 0)
		_exit(child_main(&l));
	T_ASSERT(pid > 0);
	close(l.ask[1]);
	close(l.answer[0]);
	serve(&l, pid);
	close(l.ask[0]);
	close(l.answer[1]);
	T_EQ(waitpid(pid, &status, 0), pid);
	ns_files_close(&l.files);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#define MAPS                                                                     \
	",\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":1000}]" \
	",\"gidMappings\":[{\"containerID\":0,\"hostID\":200000,\"size\":1000}]"

/* Namespaces of the process to compare with: read beforehand, as a child may not look at its
 * parent. */
static ino_t reference[NS_COUNT_];

static void set_reference(pid_t pid)
{
	for (int t = 0; t < NS_COUNT_; t++) {
		autofree char *path = xasprintf("/proc/%d/ns/%s", pid, ns_infos[t].file);
		struct stat st;

		reference[t] = stat(path, &st) == 0 ? st.st_ino : 0;
	}
}

static bool same_ns(enum ns_type t)
{
	autofree char *path = xasprintf("/proc/self/ns/%s", ns_infos[t].file);
	struct stat st;

	return stat(path, &st) == 0 && st.st_ino == reference[t];
}

static int check_new_user(const struct launch *l)
{
	(void) l;
	CHILD_CHECK(getpid() == 1);
	CHILD_CHECK(getuid() == 0 && geteuid() == 0 && getgid() == 0);
	CHILD_CHECK(!same_ns(NS_USER) && !same_ns(NS_NET) && !same_ns(NS_UTS) &&
		    same_ns(NS_CGROUP));
	/* owner of what the rest creates: the mapped root, with its capabilities */
	CHILD_CHECK(sethostname("x", 1) == 0);
	return 0;
}

static void test_new_user(void)
{
	struct oci_linux *doc =
		doc_of("{\"namespaces\":[{\"type\":\"user\"},{\"type\":\"pid\"},"
		       "{\"type\":\"network\"},{\"type\":\"uts\"},{\"type\":\"mount\"},"
		       "{\"type\":\"ipc\"}]" MAPS "}");

	need_root();
	T_EQ(launch(doc, check_new_user), 0);
	oci_linux_free(doc);
}

static int check_lowest(const struct launch *l)
{
	(void) l;
	CHILD_CHECK(getuid() == 7 && getgid() == 9);
	return 0;
}

/* Where 0 is not mapped the lowest id has to do. */
static void test_without_root_in_the_map(void)
{
	struct oci_linux *doc =
		doc_of("{\"namespaces\":[{\"type\":\"user\"}],"
		       "\"uidMappings\":[{\"containerID\":7,\"hostID\":100000,\"size\":5}],"
		       "\"gidMappings\":[{\"containerID\":9,\"hostID\":100000,\"size\":5}]}");

	need_root();
	T_EQ(launch(doc, check_lowest), 0);
	oci_linux_free(doc);
}

static int check_offsets(const struct launch *l)
{
	struct timespec now, outside = { 0 };

	(void) l;
	CHILD_CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	sscanf(getenv("TEST_NOW"), "%ld", &outside.tv_sec);
	CHILD_CHECK(now.tv_sec - outside.tv_sec >= 1000 && now.tv_sec - outside.tv_sec < 1030);
	CHILD_CHECK(!same_ns(NS_TIME));
	return 0;
}

static void set_now(void)
{
	struct timespec now;
	char text[32];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "%ld", (long) now.tv_sec);
	setenv("TEST_NOW", text, 1);
}

static void test_time_offsets(void)
{
	struct oci_linux *doc =
		doc_of("{\"namespaces\":[{\"type\":\"time\"},{\"type\":\"pid\"}],"
		       "\"timeOffsets\":{\"monotonic\":{\"secs\":1000,\"nanosecs\":5}}}");

	need_root();
	set_now();
	T_EQ(launch(doc, check_offsets), 0);
	oci_linux_free(doc);
}

static void test_time_offsets_and_user(void)
{
	struct oci_linux *doc = doc_of("{\"namespaces\":[{\"type\":\"time\"},{\"type\":\"pid\"},"
				       "{\"type\":\"user\"},{\"type\":\"uts\"}],"
				       "\"timeOffsets\":{\"monotonic\":{\"secs\":1000}}" MAPS "}");

	need_root();
	set_now();
	T_EQ(launch(doc, check_offsets), 0);
	oci_linux_free(doc);
}

/* --- joining a holder process that has namespaces of its own --- */

struct holder {
	pid_t pid;
	int pidfd;
	int keep; /* closing it ends the holder */
};

static struct holder hold(int flags)
{
	struct clone_args args = { .exit_signal = SIGCHLD, .flags = (unsigned int) flags };
	struct holder h = { .pidfd = FD_NONE };
	struct oci_id_mapping ids = { .container_id = 0, .host_id = 300000, .size = 100 };
	struct idmap map = { &ids, 1, &ids, 1 };
	struct host_facts host;
	int p[2];

	T_ASSERT(pipe2(p, O_CLOEXEC) == 0);
	fflush(stdout);
	h.pid = sys_clone3(&args);
	if (h.pid == 0) {
		char c;

		close(p[1]);
		_exit(read(p[0], &c, 1) != 0);
	}
	T_ASSERT(h.pid > 0);
	close(p[0]);
	h.keep = p[1];
	host_probe(&host);
	if (flags & CLONE_NEWUSER)
		T_EQ(idmap_write(h.pid, &map, &host), 0);
	h.pidfd = sys_pidfd_open(h.pid, 0);
	T_ASSERT(h.pidfd >= 0);
	return h;
}

static void release(struct holder *h)
{
	close(h->keep);
	close(h->pidfd);
	waitpid(h->pid, NULL, 0);
}

static int check_joined(const struct launch *l)
{
	(void) l;
	CHILD_CHECK(same_ns(NS_USER) && same_ns(NS_NET) && same_ns(NS_IPC));
	CHILD_CHECK(getuid() == 0 && getgid() == 0);
	CHILD_CHECK(!same_ns(NS_UTS));
	CHILD_CHECK(sethostname("y", 1) == 0);
	return 0;
}

/* user, and a network namespace of the same user namespace, as pods have them */
static void test_join_user(void)
{
	struct holder h;

	need_root();
	h = hold(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC);
	autofree char *json =
		xasprintf("{\"namespaces\":[{\"type\":\"user\",\"path\":\"/proc/%d/ns/user\"},"
			  "{\"type\":\"network\",\"path\":\"/proc/%d/ns/net\"},"
			  "{\"type\":\"ipc\",\"path\":\"/proc/%d/ns/ipc\"},"
			  "{\"type\":\"uts\"}]}",
			  h.pid, h.pid, h.pid);
	struct oci_linux *doc = doc_of(json);
	int r;

	set_reference(h.pid);
	r = launch(doc, check_joined);
	release(&h);
	set_reference(getpid());
	oci_linux_free(doc);
	T_EQ(r, 0);
}

struct exec_try {
	struct holder h;
	bool by_files;
	int flags;
};

static int exec_child(void *arg)
{
	struct exec_try *e = arg;
	struct ns_files files = NS_FILES_INIT;
	struct ns_plan plan;

	ns_plan_exec(e->flags, &plan);
	files.pidfd = e->h.pidfd;
	files.pid = e->h.pid;
	if (e->by_files) {
		/* as before Linux 5.8: this is no descriptor that setns takes for several
		 * namespaces */
		plan.steps[0].flags |= 0x1;
	}
	CHILD_CHECK(ns_enter_run(&plan, &files, NULL, NULL) == 0);
	CHILD_CHECK(same_ns(NS_USER) && same_ns(NS_NET) && same_ns(NS_UTS));
	CHILD_CHECK(getuid() == 0);
	return 0;
}

static void test_exec_by_pidfd_and_by_files(void)
{
	struct exec_try e = { .by_files = false };
	int r;

	need_root();
	e.h = hold(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWPID);
	e.flags = ns_enter_diff(e.h.pid);
	T_EQ(e.flags, CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWPID);
	set_reference(e.h.pid);
	r = child_run(exec_child, &e);
	if (r == 0) {
		e.by_files = true;
		r = child_run(exec_child, &e);
	}
	release(&e.h);
	set_reference(getpid());
	T_EQ(r, 0);
}

static int exec_gone(void *arg)
{
	struct exec_try *e = arg;
	struct ns_files files = NS_FILES_INIT;
	struct ns_plan plan;

	ns_plan_exec(CLONE_NEWUTS, &plan);
	files.pidfd = e->h.pidfd;
	CHILD_CHECK(ns_enter_run(&plan, &files, NULL, NULL) == -ESRCH);
	CHILD_CHECK(str_eq(err_get_text(), "join the container's namespaces: no such process"));
	return 0;
}

static void test_exec_into_a_dead_container(void)
{
	struct exec_try e = { .by_files = false };
	int r;

	need_root();
	e.h = hold(CLONE_NEWUTS);
	close(e.h.keep);
	waitpid(e.h.pid, NULL, 0);
	r = child_run(exec_gone, &e);
	close(e.h.pidfd);
	T_EQ(r, 0);
	T_EQ(ns_enter_diff(e.h.pid), -ENOENT);
}

static int refuse(void *arg, enum ns_request what)
{
	(void) arg;
	(void) what;
	return err_code(EPROTO, "no");
}

static int stop_child(void *arg)
{
	struct ns_plan plan = { .n_steps = 2,
				.steps = { { .op = NS_OP_IDMAP }, { .op = NS_OP_ROOT } } };
	struct ns_files files = NS_FILES_INIT;

	(void) arg;
	CHILD_CHECK(ns_enter_run(&plan, &files, refuse, NULL) == -EPROTO);
	return 0;
}

static void test_a_refused_request_stops(void)
{
	T_EQ(child_run(stop_child, NULL), 0);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_open_checks_type),
		T_TEST(test_open_fifo_does_not_hang),
		T_TEST(test_own_user_namespace_is_no_join),
		T_TEST(test_new_user),
		T_TEST(test_without_root_in_the_map),
		T_TEST(test_time_offsets),
		T_TEST(test_time_offsets_and_user),
		T_TEST(test_join_user),
		T_TEST(test_exec_by_pidfd_and_by_files),
		T_TEST(test_exec_into_a_dead_container),
		T_TEST(test_a_refused_request_stops),
	};

	set_reference(getpid());
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
