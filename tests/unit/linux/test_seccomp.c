/* SPDX-License-Identifier: Apache-2.0 */
/* Filters are built from documents and then felt: a child installs them and makes the calls. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "base/fd.h"
#include "base/sock.h"
#include "base/str.h"
#include "linux/seccomp_check.h"
#include "linux/seccomp_enosys.h"
#include "linux/seccomp_filter.h"
#include "linux/seccomp_listener.h"
#include "linux/seccomp_names.h"
#include "ocispec.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

static int build_with(const char *json, int options, struct seccomp_program *ret)
{
	struct oci_seccomp *doc = NULL;
	struct oci_error e = { 0 };
	int r;

	if (!seccomp_is_available())
		t_skip("no libseccomp");
	if (oci_seccomp_parse(json, strlen(json), &doc, &e) < 0)
		t_fail(__FILE__, __LINE__, "%s", e.text);
	r = seccomp_filter_build(doc, options, ret);
	oci_seccomp_free(doc);
	return r;
}

static struct seccomp_program build(const char *json)
{
	struct seccomp_program p = { 0 };

	if (build_with(json, 0, &p) < 0)
		t_fail(__FILE__, __LINE__, "%s", err_get_text());
	return p;
}

/* SIGSYS kills here, even where the harness handles it. */
static int install(const struct seccomp_program *p)
{
	signal(SIGSYS, SIG_DFL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return seccomp_install(p);
}

/* --- operators --- */

static const uint64_t values[] = {
	0,
	1,
	5,
	0x7fffffff,
	0x80000000,
	0xffffffff,
	0x100000000,
	0x100000005,
	0x500000001,
	0x7fffffffffffffff,
	0x8000000000000000,
	0xffffffff00000000,
	0xffffffffffffffff,
};

struct operator_try {
	const char *op;
	uint64_t value, value_two;
	struct seccomp_program program;
};

static bool expected(const struct operator_try *t, uint64_t arg)
{
	if (str_eq(t->op, "SCMP_CMP_NE"))
		return arg != t->value;
	if (str_eq(t->op, "SCMP_CMP_LT"))
		return arg < t->value;
	if (str_eq(t->op, "SCMP_CMP_LE"))
		return arg <= t->value;
	if (str_eq(t->op, "SCMP_CMP_EQ"))
		return arg == t->value;
	if (str_eq(t->op, "SCMP_CMP_GE"))
		return arg >= t->value;
	if (str_eq(t->op, "SCMP_CMP_GT"))
		return arg > t->value;
	return (arg & t->value) == t->value_two;
}

/* getppid takes no argument, so it may be given any. */
static int feel_operator(void *arg)
{
	const struct operator_try *t = arg;

	CHILD_CHECK(install(&t->program) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		long r = syscall(SYS_getppid, 0, 0, values[i]);
		bool hit = r < 0 && errno == 123;

		if (hit != expected(t, values[i]))
			printf("# %s %llx %llx with %llx\n", t->op, (unsigned long long) t->value,
			       (unsigned long long) t->value_two, (unsigned long long) values[i]);
		CHILD_CHECK(hit == expected(t, values[i]));
	}
	return 0;
}

static int try_operator(struct operator_try *t)
{
	autofree char *json =
		xasprintf("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":"
			  "[\"getppid\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":123,\"args\":"
			  "[{\"index\":2,\"value\":%llu,\"valueTwo\":%llu,\"op\":\"%s\"}]}]}",
			  (unsigned long long) t->value, (unsigned long long) t->value_two, t->op);
	int r;

	t->program = build(json);
	r = child_run(feel_operator, t);
	seccomp_program_clear(&t->program);
	return r;
}

static void test_operators(void)
{
	const char *const *ops = seccomp_operator_names();

	if (sizeof(long) < 8)
		t_skip("arguments of 32 bits");
	for (size_t o = 0; ops[o]; o++) {
		for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
			struct operator_try t = { .op = ops[o], .value = values[v] };

			if (str_eq(ops[o], "SCMP_CMP_MASKED_EQ"))
				t.value_two = values[v] & 0x100000005;
			T_EQ(try_operator(&t), 0);
		}
	}
}

struct feel {
	const char *json;
	int (*fn)(void);
};

static int feel_entry(void *arg)
{
	const struct feel *f = arg;
	struct seccomp_program p = build(f->json);

	CHILD_CHECK(install(&p) == 0);
	return f->fn();
}

static int feel(const char *json, int (*fn)(void))
{
	struct feel f = { json, fn };

	if (!seccomp_is_available())
		t_skip("no libseccomp");
	return child_run(feel_entry, &f);
}

/* --- conditions together --- */

static int both_arguments(void)
{
	CHILD_CHECK(syscall(SYS_getppid, 1, 2) == -1 && errno == 5);
	CHILD_CHECK(syscall(SYS_getppid, 1, 3) > 0);
	CHILD_CHECK(syscall(SYS_getppid, 2, 2) > 0);
	return 0;
}

static void test_conditions_on_two_arguments_are_both_needed(void)
{
	T_EQ(feel("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"getppid\"],"
		  "\"action\":"
		  "\"SCMP_ACT_ERRNO\",\"errnoRet\":5,\"args\":[{\"index\":0,\"value\":1,\"op\":"
		  "\"SCMP_CMP_EQ\"},"
		  "{\"index\":1,\"value\":2,\"op\":\"SCMP_CMP_EQ\"}]}]}",
		  both_arguments),
	     0);
}

static int either_value(void)
{
	CHILD_CHECK(syscall(SYS_getppid, 1) == -1 && syscall(SYS_getppid, 2) == -1);
	CHILD_CHECK(syscall(SYS_getppid, 3) > 0);
	return 0;
}

static void test_conditions_on_one_argument_are_alternatives(void)
{
	T_EQ(feel("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"getppid\"],"
		  "\"action\":"
		  "\"SCMP_ACT_ERRNO\",\"args\":[{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"},"
		  "{\"index\":0,\"value\":2,\"op\":\"SCMP_CMP_EQ\"}]}]}",
		  either_value),
	     0);
}

/* --- actions --- */

static int call_getppid(void)
{
	return syscall(SYS_getppid) > 0 ? 10 : errno;
}

static int with_action(const char *action, const char *more)
{
	autofree char *json =
		xasprintf("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":"
			  "[\"getppid\"],\"action\":\"%s\"%s}]}",
			  action, more);

	return feel(json, call_getppid);
}

/* libseccomp 2.5.4 compiles these as if 5 were more than 0x100000001: never in silence. Should it
 * be right one day, so must the filter be. */
static void test_wrong_filters_are_refused(void)
{
	static const char *const json =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"personality\"],"
		"\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
		"{\"index\":0,\"value\":2,\"op\":\"SCMP_CMP_LE\"},"
		"{\"index\":0,\"value\":4294967297,\"op\":\"SCMP_CMP_GT\"}]}]}";
	const uint64_t args[] = { 5, 0, 0, 0, 0, 0 };
	struct seccomp_program p = { 0 };

	if (build_with(json, 0, &p) < 0) {
		T_ASSERT(strstr(err_get_text(), "wrong filter of the rules for 'personality'"));
		return;
	}
	T_ASSERT(seccomp_check_run(p.insns, p.len, AUDIT_ARCH_X86_64, SYS_personality, args) !=
		 SECCOMP_RET_ALLOW);
	seccomp_program_clear(&p);
}

static void test_actions(void)
{
	/* no core files */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	T_EQ(with_action("SCMP_ACT_ALLOW", ""), 10);
	T_EQ(with_action("SCMP_ACT_LOG", ""), 10);
	T_EQ(with_action("SCMP_ACT_ERRNO", ""), EPERM);
	T_EQ(with_action("SCMP_ACT_ERRNO", ",\"errnoRet\":42"), 42);
	T_EQ(with_action("SCMP_ACT_KILL", ""), 128 + SIGSYS);
	T_EQ(with_action("SCMP_ACT_KILL_THREAD", ""), 128 + SIGSYS);
	T_EQ(with_action("SCMP_ACT_KILL_PROCESS", ""), 128 + SIGSYS);
	T_EQ(with_action("SCMP_ACT_TRAP", ""), 128 + SIGSYS);
	/* without a tracer */
	T_EQ(with_action("SCMP_ACT_TRACE", ""), ENOSYS);
}

/* --- what is newer than the profile --- */

/* with what a sanitizer's runtime needs */
#define ALLOW_OURS                                                                                 \
	"{\"names\":[\"exit_group\",\"write\",\"getppid\",\"mmap\",\"munmap\",\"sigaltstack\",\"%" \
	"s\"],"                                                                                    \
	"\"action\":\"SCMP_ACT_ALLOW\"}"

static int newer(void)
{
	CHILD_CHECK(syscall(SYS_getppid) > 0);
	/* older than the newest named one, and not allowed */
	CHILD_CHECK(syscall(SYS_getuid) == -1 && errno == EXDEV);
	/* newer */
	CHILD_CHECK(syscall(SYS_openat2, 0, 0, 0, 0) == -1 && errno == ENOSYS);
	CHILD_CHECK(syscall(100000) == -1 && errno == ENOSYS);
	return 0;
}

static void test_newer_system_calls_get_enosys(void)
{
	autofree char *rules = xasprintf(ALLOW_OURS, "clone3");
	autofree char *json =
		xasprintf("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":%d,"
			  "\"syscalls\":[%s]}",
			  EXDEV, rules);

	T_EQ(feel(json, newer), 0);
}

static int newer_killed(void)
{
	CHILD_CHECK(syscall(SYS_openat2, 0, 0, 0, 0) == -1 && errno == ENOSYS);
	syscall(SYS_getuid);
	return 1;
}

static void test_newer_system_calls_do_not_kill(void)
{
	autofree char *rules = xasprintf(ALLOW_OURS, "clone3");
	autofree char *json =
		xasprintf("{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"syscalls\":[%s]}", rules);

	T_EQ(feel(json, newer_killed), 128 + SIGSYS);
}

static int newer_permitted(void)
{
	CHILD_CHECK(syscall(SYS_openat2, 0, 0, 0, 0) == -1 && errno != ENOSYS);
	return 0;
}

static void test_newer_system_calls_pass_a_list_of_denials(void)
{
	T_EQ(feel("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"getuid\"],"
		  "\"action\":\"SCMP_ACT_ERRNO\"}]}",
		  newer_permitted),
	     0);
}

static void test_enosys_wanted(void)
{
	T_ASSERT(!seccomp_enosys_wanted(SECCOMP_RET_ALLOW));
	T_ASSERT(!seccomp_enosys_wanted(SECCOMP_RET_LOG));
	T_ASSERT(!seccomp_enosys_wanted(SECCOMP_RET_TRACE | 5));
	T_ASSERT(!seccomp_enosys_wanted(SECCOMP_RET_ERRNO | ENOSYS));
	T_ASSERT(seccomp_enosys_wanted(SECCOMP_RET_ERRNO | EPERM));
	T_ASSERT(seccomp_enosys_wanted(SECCOMP_RET_KILL_PROCESS));
	T_ASSERT(seccomp_enosys_wanted(SECCOMP_RET_KILL_THREAD));
}

/* The few kinds of instruction that a stub has. Returns what it decides, or "into the filter". */
#define INTO_FILTER 0x12345678u
static uint32_t run_stub(const struct sock_filter *p, size_t len, uint32_t arch, uint32_t nr)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < len; pc++) {
		bool hit;

		switch (p[pc].code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = p[pc].k == offsetof(struct seccomp_data, nr) ? nr : arch;
			continue;
		case BPF_RET | BPF_K:
			return p[pc].k;
		case BPF_JMP | BPF_JEQ | BPF_K:
			hit = a == p[pc].k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			hit = a > p[pc].k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			hit = a & p[pc].k;
			break;
		default:
			t_fail(__FILE__, __LINE__, "instruction %#x", p[pc].code);
		}
		pc += hit ? p[pc].jt : p[pc].jf;
		T_ASSERT(pc < len);
	}
	return INTO_FILTER;
}

static void test_enosys_stub(void)
{
	const struct seccomp_last last[] = {
		{ AUDIT_ARCH_X86_64, false, 300 },
		{ AUDIT_ARCH_I386, false, 200 },
		{ AUDIT_ARCH_X86_64, true, 0x40000000 + 100 },
		{ AUDIT_ARCH_S390X, false, 400 },
	};
	uint32_t enosys = SECCOMP_RET_ERRNO | ENOSYS;
	size_t len;
	autofree struct sock_filter *p = seccomp_enosys_make(last, 4, &len);

	T_EQ(run_stub(p, len, AUDIT_ARCH_X86_64, 300), INTO_FILTER);
	T_EQ(run_stub(p, len, AUDIT_ARCH_X86_64, 301), enosys);
	T_EQ(run_stub(p, len, AUDIT_ARCH_X86_64, 0x40000000 + 100), INTO_FILTER);
	T_EQ(run_stub(p, len, AUDIT_ARCH_X86_64, 0x40000000 + 101), enosys);
	T_EQ(run_stub(p, len, AUDIT_ARCH_I386, 200), INTO_FILTER);
	T_EQ(run_stub(p, len, AUDIT_ARCH_I386, 201), enosys);
	T_EQ(run_stub(p, len, AUDIT_ARCH_S390X, 0), enosys);
	T_EQ(run_stub(p, len, AUDIT_ARCH_S390X, 1), INTO_FILTER);
	T_EQ(run_stub(p, len, AUDIT_ARCH_S390X, 401), enosys);
	T_EQ(run_stub(p, len, AUDIT_ARCH_AARCH64, 100000), INTO_FILTER);
	/* no x32 listed: its numbers are the filter's business, which kills them */
	free(p);
	p = seccomp_enosys_make(last, 1, &len);
	T_EQ(run_stub(p, len, AUDIT_ARCH_X86_64, 0x40000000 + 500), INTO_FILTER);
}

/* --- other architectures --- */

#ifdef __x86_64__
/* getppid of i386 is number 64 */
static int call_i386(void)
{
	long r;

	__asm__ volatile("int $0x80" : "=a"(r) : "a"(64) : "memory", "r8", "r9", "r10", "r11");
	return r > 0 ? 10 : -r;
}

static int call_i386_entry(void *arg)
{
	(void) arg;
	return call_i386();
}

static int call_x32(void)
{
	return syscall(0x40000000 | SYS_getppid) > 0 ? 10 : errno;
}

static void test_subarchitectures_are_closed(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	if (child_run(call_i386_entry, NULL) != 10)
		t_skip("the kernel runs no i386 code");
	T_EQ(feel("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"getuid\"],"
		  "\"action\":\"SCMP_ACT_ERRNO\"}]}",
		  call_i386),
	     128 + SIGSYS);
	T_EQ(feel("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\"],"
		  "\"syscalls\":[{\"names\":[\"getuid\"],\"action\":\"SCMP_ACT_ERRNO\"}]}",
		  call_x32),
	     128 + SIGSYS);
	T_EQ(feel("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86\"],"
		  "\"syscalls\":[{\"names\":[\"getuid\"],\"action\":\"SCMP_ACT_ERRNO\"}]}",
		  call_i386),
	     10);
	/* a rule holds for each listed architecture under its own number */
	T_EQ(feel("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\","
		  "\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"],\"syscalls\":[{\"names\":[\"getppid\"],"
		  "\"action\":"
		  "\"SCMP_ACT_ERRNO\",\"errnoRet\":77}]}",
		  call_i386),
	     77);
	T_EQ(feel("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\","
		  "\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"],\"syscalls\":[{\"names\":[\"getppid\"],"
		  "\"action\":"
		  "\"SCMP_ACT_ERRNO\",\"errnoRet\":77}]}",
		  call_x32),
	     77);
}
#else
static void test_subarchitectures_are_closed(void)
{
	t_skip("written for x86-64");
}
#endif

/* --- documents --- */

static int build_error(const char *json, int options)
{
	struct seccomp_program p = { 0 };
	int r = build_with(json, options, &p);

	T_ASSERT(!p.insns);
	return r;
}

#define RULE(names, action, more)                                                \
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[" names \
	"],\"action\":\"" action "\"" more "}]}"

static void test_unknown_system_calls(void)
{
	struct seccomp_program p =
		build(RULE("\"no_such_call\",\"getppid\"", "SCMP_ACT_ERRNO", ""));

	T_ASSERT(p.len > 0 && !p.listener);
	seccomp_program_clear(&p);
	T_EQ(build_error(RULE("\"no_such_call\"", "SCMP_ACT_ERRNO", ""), SECCOMP_FAIL_UNKNOWN),
	     -EINVAL);
	T_STR(err_get_text(), "seccomp: unknown system call 'no_such_call'");
}

static void test_notify_rules(void)
{
	struct seccomp_program p = { 0 };

	T_EQ(build_error(RULE("\"getppid\",\"write\"", "SCMP_ACT_NOTIFY", ""),
			 SECCOMP_HAVE_RECEIVER),
	     -EINVAL);
	T_STR(err_get_text(), "SCMP_ACT_NOTIFY cannot be used for the write syscall");
	T_EQ(build_error("{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}", SECCOMP_HAVE_RECEIVER),
	     -EINVAL);
	T_STR(err_get_text(), "SCMP_ACT_NOTIFY cannot be used as default action");
	T_EQ(build_error(RULE("\"getppid\"", "SCMP_ACT_NOTIFY", ""), 0), -EINVAL);
	T_STR(err_get_text(), "SCMP_ACT_NOTIFY needs a listenerPath");
	T_EQ(build_with(RULE("\"getppid\"", "SCMP_ACT_NOTIFY", ""), SECCOMP_HAVE_RECEIVER, &p), 0);
	T_ASSERT(p.listener);
	seccomp_program_clear(&p);
	/* also without any such rule */
	p = build("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/"
		  "x\",\"syscalls\":[{\"names\":"
		  "[\"getuid\"],\"action\":\"SCMP_ACT_ERRNO\"}]}");
	T_ASSERT(p.listener);
	seccomp_program_clear(&p);
}

static void test_bad_errno(void)
{
	T_EQ(build_error(RULE("\"getppid\"", "SCMP_ACT_ERRNO", ",\"errnoRet\":4096"), 0), -EINVAL);
	T_STR(err_get_text(), "seccomp: errno 4096 of action 'SCMP_ACT_ERRNO' is out of range");
	T_EQ(build_error(RULE("\"getppid\"", "SCMP_ACT_KILL", ",\"errnoRet\":1"), 0), -EINVAL);
	T_STR(err_get_text(), "seccomp: action 'SCMP_ACT_KILL' does not take an errno");
	T_EQ(build_error("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1}", 0),
	     -EINVAL);
}

static void test_bad_argument(void)
{
	T_EQ(build_error(RULE("\"getppid\"", "SCMP_ACT_ERRNO",
			      ",\"args\":[{\"index\":6,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}]"),
			 0),
	     -EINVAL);
	T_STR(err_get_text(), "seccomp: system calls have no argument 6");
}

static void test_flags(void)
{
	struct seccomp_program p =
		build("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":"
		      "[\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"]}");

	T_EQ(p.flags, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	seccomp_program_clear(&p);
	T_ASSERT(seccomp_flag_is_supported("SECCOMP_FILTER_FLAG_TSYNC"));
	T_ASSERT(seccomp_flag_is_supported("SECCOMP_FILTER_FLAG_LOG"));
	T_ASSERT(!seccomp_flag_is_supported("SECCOMP_FILTER_FLAG_FOO"));
}

static int all_flags(void)
{
	return syscall(SYS_getppid) == -1 ? 0 : 1;
}

static void test_flags_are_accepted(void)
{
	T_EQ(feel("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\","
		  "\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\",\"SECCOMP_FILTER_FLAG_TSYNC\","
		  "\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"],\"syscalls\":[{\"names\":["
		  "\"getppid\"],"
		  "\"action\":\"SCMP_ACT_ERRNO\"}]}",
		  all_flags),
	     0);
}

static void test_names(void)
{
	const char *const *lists[] = { seccomp_action_names(), seccomp_operator_names(),
				       seccomp_arch_names(), seccomp_flag_names() };
	uint32_t action;

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		for (size_t i = 1; lists[l][i]; i++)
			T_ASSERT(strcmp(lists[l][i - 1], lists[l][i]) < 0);
	}
	T_EQ(seccomp_action_parse("SCMP_ACT_FOO", &action), -EINVAL);
	T_STR(seccomp_arch_lib_name("SCMP_ARCH_PPC64LE"), "ppc64le");
	T_STR(seccomp_arch_lib_name("SCMP_ARCH_FOO"), NULL);
}

/* --- listener --- */

struct notified {
	struct seccomp_program program;
	int sock;
};

/* sendmsg, mmap, futex and write to nowhere are held up by the agent as well: nothing may need
 * them. */
static int notified_child(void *arg)
{
	const struct notified *n = arg;
	long r;

	CHILD_CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	if (seccomp_install_listener(&n->program, n->sock, "{\"hello\":1}") < 0)
		_exit(2);
	r = syscall(SYS_getppid);
	_exit(r == 4711 ? 0 : 3);
}

/* Answers one getppid with 4711. */
static int answer(int listener)
{
	struct seccomp_notif req = { 0 };
	struct seccomp_notif_resp resp = { 0 };

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &req) < 0 || req.data.nr != SYS_getppid)
		return -1;
	resp.id = req.id;
	resp.val = 4711;
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

static void test_listener(void)
{
	struct notified n = { .program = { 0 } };
	char text[64] = "";
	struct sock_msg msg = { .data = text, .len = sizeof(text) - 1 };
	int agent, status, r, answered;
	pid_t pid;

	T_EQ(build_with(RULE("\"getppid\",\"sendmsg\",\"futex\",\"mmap\",\"munmap\",\"close\","
			     "\"sched_yield\"",
			     "SCMP_ACT_NOTIFY", ""),
			SECCOMP_HAVE_RECEIVER, &n.program),
	     0);
	T_EQ(sock_pair(&agent, &n.sock), 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(notified_child(&n));
	close(n.sock);
	r = sock_recv(agent, &msg);
	answered = r > 0 && msg.n_fds == 1 ? answer(msg.fds[0]) : -1;
	if (answered < 0)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (r > 0 && msg.n_fds == 1)
		close(msg.fds[0]);
	close(agent);
	seccomp_program_clear(&n.program);
	T_EQ(r, 1);
	T_STR(text, "{\"hello\":1}");
	T_EQ(answered, 0);
	T_ASSERT(WIFEXITED(status));
	T_EQ(WEXITSTATUS(status), 0);
}

/* A kernel that refuses this flag of seccomp(2), as those before 5.19 do. */
static int refuse_flag(uint32_t flag)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flag, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_SIZE(insns), insns };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
}

static int notified_by_old_kernel(void *arg)
{
	const struct notified *n = arg;

	CHILD_CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHILD_CHECK(refuse_flag(1u << 5) == 0);
	CHILD_CHECK(seccomp_install_listener(&n->program, n->sock, "{}") == 0);
	return 0;
}

static void test_wait_killable_fallback(void)
{
	struct notified n = { .program = { 0 } };
	char text[64] = "";
	struct sock_msg msg = { .data = text, .len = sizeof(text) - 1 };
	int agent;

	T_EQ(build_with("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":"
			"[\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"],\"syscalls\":[{\"names\":"
			"[\"getppid\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}",
			SECCOMP_HAVE_RECEIVER, &n.program),
	     0);
	T_EQ(sock_pair(&agent, &n.sock), 0);
	T_EQ(child_run(notified_by_old_kernel, &n), 0);
	T_EQ(sock_recv(agent, &msg), 1);
	T_EQ(msg.n_fds, 1);
	close(msg.fds[0]);
	close(n.sock);
	close(agent);
	seccomp_program_clear(&n.program);
}

static void test_listener_message(void)
{
	autofree char *full = seccomp_listener_message("1.3.0", 42, "a\"b", "{\"id\":\"x\"}");
	autofree char *bare = seccomp_listener_message("1.3.0", 42, NULL, "{}");

	T_STR(full, "{\"ociVersion\":\"1.3.0\",\"fds\":[\"seccompFd\"],\"pid\":42,\"metadata\":"
		    "\"a\\\"b\","
		    "\"state\":{\"id\":\"x\"}}");
	T_STR(bare, "{\"ociVersion\":\"1.3.0\",\"fds\":[\"seccompFd\"],\"pid\":42,\"state\":{}}");
}

static void test_listener_connect(void)
{
	T_EQ(seccomp_listener_connect("/nonexistent/agent"), -ENOENT);
	T_STR(err_get_text(), "failed to connect with seccomp agent '/nonexistent/agent': no such "
			      "file or directory");
}

static int install_unprivileged(void *arg)
{
	CHILD_CHECK(setgid(1) == 0 && setuid(1) == 0);
	CHILD_CHECK(seccomp_install(arg) == -EACCES);
	CHILD_CHECK(str_eq(err_get_text(), "install seccomp filter: permission denied"));
	return 0;
}

static void test_install_failure(void)
{
	struct seccomp_program p;

	if (geteuid() != 0)
		t_skip("needs root");
	p = build("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
	T_EQ(child_run(install_unprivileged, &p), 0);
	seccomp_program_clear(&p);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_names),
		T_TEST(test_operators),
		T_TEST(test_conditions_on_two_arguments_are_both_needed),
		T_TEST(test_conditions_on_one_argument_are_alternatives),
		T_TEST(test_wrong_filters_are_refused),
		T_TEST(test_actions),
		T_TEST(test_newer_system_calls_get_enosys),
		T_TEST(test_newer_system_calls_do_not_kill),
		T_TEST(test_newer_system_calls_pass_a_list_of_denials),
		T_TEST(test_enosys_wanted),
		T_TEST(test_enosys_stub),
		T_TEST(test_subarchitectures_are_closed),
		T_TEST(test_unknown_system_calls),
		T_TEST(test_notify_rules),
		T_TEST(test_bad_errno),
		T_TEST(test_bad_argument),
		T_TEST(test_flags),
		T_TEST(test_flags_are_accepted),
		T_TEST(test_listener),
		T_TEST(test_wait_killable_fallback),
		T_TEST(test_listener_message),
		T_TEST(test_listener_connect),
		T_TEST(test_install_failure),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
