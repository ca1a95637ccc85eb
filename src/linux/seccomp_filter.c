/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/seccomp_filter.h"

#include <dlfcn.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "linux/seccomp_bound.h"
#include "linux/seccomp_check.h"
#include "linux/seccomp_enosys.h"
#include "linux/seccomp_names.h"
#include "linux/seccomp_order.h"
#include "ocispec.h"

/* Our tables hold the kernel's values, and the library's are the same. */
_Static_assert(SCMP_ACT_ALLOW == SECCOMP_RET_ALLOW, "libseccomp's actions are the kernel's");
_Static_assert(SCMP_ACT_ERRNO(0) == SECCOMP_RET_ERRNO, "libseccomp's actions are the kernel's");
_Static_assert(SCMP_CMP_NE == 1 && SCMP_CMP_MASKED_EQ == 7, "the operators of seccomp_names.c");

#define ERRNO_MAX   4095 /* the kernel's MAX_ERRNO; more would be cut */
#define PROGRAM_MAX (4096 * sizeof(struct sock_filter))
/* Of CPU time; most filters need milliseconds, the biggest that a kernel takes seconds. */
#define SECONDS_FIRST 2
#define SECONDS_MAX   20

/* What is used of libseccomp: loaded by name, so that only containers with a profile pay for it. */
struct lib {
	void *handle;
	scmp_filter_ctx (*init)(uint32_t def_action);
	void (*release)(scmp_filter_ctx ctx);
	uint32_t (*arch_native)(void);
	uint32_t (*arch_resolve_name)(const char *name);
	int (*arch_add)(scmp_filter_ctx ctx, uint32_t arch);
	int (*syscall_resolve_name)(const char *name);
	int (*syscall_resolve_name_arch)(uint32_t arch, const char *name);
	int (*rule_add_array)(scmp_filter_ctx ctx, uint32_t action, int nr, unsigned int n,
			      const struct scmp_arg_cmp *args);
	int (*export_bpf)(scmp_filter_ctx ctx, int fd);
};

static int load(struct lib *lib)
{
	const struct {
		const char *name;
		void *slot;
	} symbols[] = {
		{ "seccomp_init", &lib->init },
		{ "seccomp_release", &lib->release },
		{ "seccomp_arch_native", &lib->arch_native },
		{ "seccomp_arch_resolve_name", &lib->arch_resolve_name },
		{ "seccomp_arch_add", &lib->arch_add },
		{ "seccomp_syscall_resolve_name", &lib->syscall_resolve_name },
		{ "seccomp_syscall_resolve_name_arch", &lib->syscall_resolve_name_arch },
		{ "seccomp_rule_add_array", &lib->rule_add_array },
		{ "seccomp_export_bpf", &lib->export_bpf },
	};

	lib->handle = dlopen(SECCOMP_SONAME, RTLD_NOW | RTLD_LOCAL);
	if (!lib->handle)
		return err_code(ENOTSUP, "seccomp: %s", dlerror());
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		void *p = dlsym(lib->handle, symbols[i].name);

		if (!p)
			return err_code(ENOTSUP, "seccomp: %s lacks '%s'", SECCOMP_SONAME,
					symbols[i].name);
		memcpy(symbols[i].slot, &p, sizeof(p));
	}
	return 0;
}

static void unload(struct lib *lib)
{
	if (lib->handle)
		dlclose(lib->handle);
}

bool seccomp_is_available(void)
{
	struct lib lib = { 0 };
	int r = load(&lib);

	unload(&lib);
	if (r < 0)
		err_forgive(r, "seccomp is not available");
	return r == 0;
}

/* Everything one build needs; lives on the stack of seccomp_filter_build(). */
struct build {
	struct lib lib;
	scmp_filter_ctx ctx;
	const struct oci_seccomp *doc;
	int options;
	uint32_t default_action;
	bool notify;
	/* native and the document's; the last numbers for seccomp_enosys.c */
	uint32_t archs[32];
	size_t n_archs;
	/* rules with conditions, for seccomp_check.c */
	struct seccomp_check_rule *checked;
	size_t n_checked;
	/* all rules, in the order in which the library is given them */
	struct seccomp_alternative *plan;
	size_t n_plan;
	bool sorted; /* not as the document has them */
	struct seccomp_step *step;
};

/* An action with its errno or trace data. */
static int plan_action(const char *name, bool has_data, uint32_t data, uint32_t *ret)
{
	uint32_t action;

	if (seccomp_action_parse(name, &action) < 0)
		return err_code(EINVAL, "seccomp: unknown action '%s'", name ? name : "");
	if (action != SECCOMP_RET_ERRNO && action != SECCOMP_RET_TRACE) {
		if (has_data)
			return err_code(EINVAL, "seccomp: action '%s' does not take an errno",
					name);
		*ret = action;
		return 0;
	}
	if (!has_data)
		data = EPERM;
	if (action == SECCOMP_RET_ERRNO ? data > ERRNO_MAX : data > SECCOMP_RET_DATA)
		return err_code(EINVAL, "seccomp: errno %u of action '%s' is out of range", data,
				name);
	*ret = action | data;
	return 0;
}

static int add_archs(struct build *b)
{
	/* in every filter from the beginning */
	b->archs[b->n_archs++] = b->lib.arch_native();
	for (size_t i = 0; i < b->doc->architectures_len; i++) {
		const char *name = b->doc->architectures[i];
		const char *lib_name = seccomp_arch_lib_name(name);
		uint32_t arch;
		int r;

		if (!lib_name)
			return err_code(EINVAL, "seccomp: unknown architecture '%s'", name);
		arch = b->lib.arch_resolve_name(lib_name);
		if (arch == 0) {
			/* its programs cannot run here, and what is not in the filter is killed */
			log_warn("seccomp: the library does not know architecture '%s'", name);
			continue;
		}
		r = b->lib.arch_add(b->ctx, arch);
		if (r == -EEXIST)
			continue;
		if (r < 0)
			return err_sys_r(r, "seccomp: add architecture '%s'", name);
		if (b->n_archs < ARRAY_SIZE(b->archs))
			b->archs[b->n_archs++] = arch;
	}
	return 0;
}

static int plan_arg(const struct oci_syscall_arg *arg, struct scmp_arg_cmp *ret)
{
	int op;

	if (seccomp_operator_parse(arg->op, &op) < 0)
		return err_code(EINVAL, "seccomp: unknown operator '%s'", arg->op ? arg->op : "");
	if (arg->index >= SECCOMP_ARGS_MAX)
		return err_code(EINVAL, "seccomp: system calls have no argument %u", arg->index);
	/* (argument & value) == valueTwo for MASKED_EQ; the others do not look at datum_b. What is
	 * never so would be always so for libseccomp, which masks valueTwo, too. */
	if (op == SCMP_CMP_MASKED_EQ && arg->value_two & ~arg->value)
		return err_code(EINVAL,
				"seccomp: a condition on argument %u never holds: valueTwo has "
				"bits that are not in value",
				arg->index);
	*ret = (struct scmp_arg_cmp){
		.arg = arg->index, .op = op, .datum_a = arg->value, .datum_b = arg->value_two
	};
	return 0;
}

static struct seccomp_alternative *plan_add(struct build *b, uint32_t action, const char *name,
					    int nr, const struct oci_syscall *rule)
{
	struct seccomp_alternative *ret;

	b->plan = xreallocarray(b->plan, b->n_plan + 1, sizeof(*b->plan));
	ret = &b->plan[b->n_plan++];
	*ret = (struct seccomp_alternative){
		.nr = nr, .action = action, .name = name, .rule = (size_t) (rule - b->doc->syscalls)
	};
	return ret;
}

/*
 * All conditions must hold, unless two are about the same argument: libseccomp has no rule for
 * that, and every runtime takes such a list as alternatives.
 */
static int plan_rule(struct build *b, uint32_t action, const char *name, int nr,
		     const struct oci_syscall *rule)
{
	struct seccomp_alternative *one = NULL;
	unsigned int seen = 0;
	bool repeated = false;

	for (size_t i = 0; i < rule->args_len; i++) {
		repeated |=
			rule->args[i].index < SECCOMP_ARGS_MAX && seen & 1u << rule->args[i].index;
		seen |= 1u << rule->args[i].index % SECCOMP_ARGS_MAX;
	}
	if (!repeated)
		one = plan_add(b, action, name, nr, rule);
	for (size_t i = 0; i < rule->args_len; i++) {
		struct scmp_arg_cmp arg;
		int r = plan_arg(&rule->args[i], &arg);

		if (r < 0)
			return r;
		if (repeated)
			one = plan_add(b, action, name, nr, rule);
		one->args[one->n++] = arg;
	}
	return 0;
}

/* The child reports by write(2) while it waits for its agent to be told: it would wait for ever. */
static int check_notify(struct build *b, const struct oci_syscall *rule)
{
	for (size_t i = 0; i < rule->names_len; i++) {
		if (str_eq(rule->names[i], "write"))
			return err_code(EINVAL,
					"SCMP_ACT_NOTIFY cannot be used for the write syscall");
	}
	b->notify = true;
	return 0;
}

static void note_rule(struct build *b, uint32_t action, const char *name, int nr,
		      const struct oci_syscall *rule)
{
	if (nr < 0)
		return;
	b->checked = xreallocarray(b->checked, b->n_checked + 1, sizeof(*b->checked));
	b->checked[b->n_checked++] = (struct seccomp_check_rule){ nr, action, name, rule };
}

static void note_step(struct build *b, size_t rule, const char *name)
{
	b->step->rule = rule;
	snprintf(b->step->name, sizeof(b->step->name), "%s", name);
}

static int plan_syscall(struct build *b, const struct oci_syscall *rule)
{
	uint32_t action;
	int r;

	r = plan_action(rule->action, rule->has_errno_ret, rule->errno_ret, &action);
	if (r == 0 && action == SECCOMP_RET_USER_NOTIF)
		r = check_notify(b, rule);
	if (r < 0)
		return r;
	for (size_t i = 0; i < rule->names_len; i++) {
		int nr = b->lib.syscall_resolve_name(rule->names[i]);

		if (nr == __NR_SCMP_ERROR) {
			if (b->options & SECCOMP_FAIL_UNKNOWN)
				return err_code(EINVAL, "seccomp: unknown system call '%s'",
						rule->names[i]);
			log_debug("seccomp: unknown system call '%s' is skipped", rule->names[i]);
			continue;
		}
		/* the library refuses a rule that says what happens anyway */
		if (action == b->default_action)
			continue;
		r = plan_rule(b, action, rule->names[i], nr, rule);
		if (r < 0)
			return r;
		note_rule(b, action, rule->names[i], nr, rule);
	}
	return 0;
}

static int add_rules(struct build *b)
{
	if (b->sorted)
		seccomp_order(b->plan, b->n_plan);
	for (size_t i = 0; i < b->n_plan; i++) {
		const struct seccomp_alternative *p = &b->plan[i];
		int r;

		note_step(b, p->rule, p->name);
		r = b->lib.rule_add_array(b->ctx, p->action, p->nr, p->n, p->args);
		/* -EDOM: a rule for system calls that none of the filter's architectures has */
		if (r < 0 && r != -EDOM)
			return err_sys_r(r, "seccomp: add rule for '%s'", p->name);
	}
	return 0;
}

/* The highest number that the document names for an architecture; 0 = none. */
static uint32_t find_last(struct build *b, uint32_t arch)
{
	int last = 0;

	for (size_t i = 0; i < b->doc->syscalls_len; i++) {
		for (size_t j = 0; j < b->doc->syscalls[i].names_len; j++) {
			int nr = b->lib.syscall_resolve_name_arch(arch,
								  b->doc->syscalls[i].names[j]);

			/* the library's own numbers for what an architecture lacks are negative */
			if (nr > last)
				last = nr;
		}
	}
	return last;
}

static struct sock_filter *make_enosys(struct build *b, size_t *ret_len)
{
	struct seccomp_last last[ARRAY_SIZE(b->archs)];
	size_t n = 0;

	for (size_t i = 0; i < b->n_archs; i++) {
		bool x32 = b->archs[i] == SCMP_ARCH_X32;
		uint32_t nr = find_last(b, b->archs[i]);

		if (nr)
			last[n++] = (struct seccomp_last){ .audit_arch = x32 ? SCMP_ARCH_X86_64
									     : b->archs[i],
							   .x32 = x32,
							   .nr = nr };
	}
	*ret_len = 0;
	return n ? seccomp_enosys_make(last, n, ret_len) : NULL;
}

static int export_program(struct build *b, char **ret, size_t *ret_len)
{
	autofd int fd = FD_NONE;
	int r;

	/* seccomp_export_bpf_mem() is of libseccomp 2.6 */
	fd = memfd_create("seccomp", MFD_CLOEXEC);
	if (fd < 0)
		return err_sys("seccomp: export filter");
	r = b->lib.export_bpf(b->ctx, fd);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r == 0)
		r = fd_read_all(fd, PROGRAM_MAX, ret, ret_len);
	if (r < 0)
		return err_sys_r(r, "seccomp: export filter");
	return 0;
}

/* For the machine's own architecture, whose arguments are the widest. */
static int check(const struct build *b, const struct seccomp_program *program)
{
	const struct seccomp_check c = {
		.arch = b->archs[0],
		.default_action = b->default_action,
		.insns = program->insns,
		.len = program->len,
		.rules = b->checked,
		.n = b->n_checked,
	};

	return seccomp_check(&c);
}

static int finish(struct build *b, struct seccomp_program *ret)
{
	autofree struct sock_filter *before = NULL;
	autofree char *filter = NULL;
	size_t n_before = 0, len;
	struct sock_filter *insns;
	int r;

	note_step(b, 0, "");
	r = export_program(b, &filter, &len);
	if (r < 0)
		return r;
	if (seccomp_enosys_wanted(b->default_action))
		before = make_enosys(b, &n_before);
	len /= sizeof(*insns);
	insns = xnew_n(struct sock_filter, n_before + len);
	if (before)
		memcpy(insns, before, n_before * sizeof(*insns));
	memcpy(insns + n_before, filter, len * sizeof(*insns));
	ret->insns = insns;
	ret->len = n_before + len;
	return check(b, ret);
}

static int plan_flags(const struct oci_seccomp *doc, unsigned int *ret)
{
	unsigned int flag, all = 0;

	for (size_t i = 0; i < doc->flags_len; i++) {
		if (seccomp_flag_parse(doc->flags[i], &flag) < 0)
			return err_code(EINVAL, "seccomp: unknown flag '%s'", doc->flags[i]);
		all |= flag;
	}
	*ret = all;
	return 0;
}

static int run_build(struct build *b, struct seccomp_program *ret)
{
	const struct oci_seccomp *doc = b->doc;
	int r;

	r = plan_action(doc->default_action, doc->has_default_errno_ret, doc->default_errno_ret,
			&b->default_action);
	if (r == 0)
		r = plan_flags(doc, &ret->flags);
	if (r < 0)
		return r;
	if (b->default_action == SECCOMP_RET_USER_NOTIF)
		return err_code(EINVAL, "SCMP_ACT_NOTIFY cannot be used as default action");
	r = load(&b->lib);
	if (r < 0)
		return r;
	b->ctx = b->lib.init(b->default_action);
	if (!b->ctx)
		return err_code(EINVAL, "seccomp: start a filter with '%s'", doc->default_action);
	r = add_archs(b);
	for (size_t i = 0; r == 0 && i < doc->syscalls_len; i++)
		r = plan_syscall(b, &doc->syscalls[i]);
	if (r >= 0)
		r = add_rules(b);
	if (r < 0)
		return r;
	ret->listener =
		b->notify || !str_empty(doc->listener_path) || b->options & SECCOMP_HAVE_RECEIVER;
	if (b->notify && str_empty(doc->listener_path) && !(b->options & SECCOMP_HAVE_RECEIVER))
		return err_code(EINVAL, "SCMP_ACT_NOTIFY needs a listenerPath");
	return finish(b, ret);
}

static int build(void *arg, struct seccomp_step *step, struct seccomp_program *ret)
{
	struct build b = *(const struct build *) arg;
	struct seccomp_program program = { 0 };
	int r;

	b.step = step;
	r = run_build(&b, &program);
	if (b.ctx)
		b.lib.release(b.ctx);
	unload(&b.lib);
	free(b.checked);
	free(b.plan);
	if (r == 0)
		*ret = program;
	else
		seccomp_program_clear(&program);
	return r;
}

/* Has libseccomp conditions to merge? (Two names may be one system call.) */
static bool has_alternatives(const struct oci_seccomp *doc)
{
	size_t n = 0;

	for (size_t i = 0; i < doc->syscalls_len; i++) {
		if (doc->syscalls[i].args_len)
			n += doc->syscalls[i].names_len * doc->syscalls[i].args_len;
	}
	return n > 1;
}

/* Where libseccomp cannot do with the order of the document it may with ours. */
int seccomp_filter_build(const struct oci_seccomp *seccomp, int options,
			 struct seccomp_program *ret)
{
	struct build b = { .doc = seccomp, .options = options };
	struct seccomp_step step = { 0 };
	bool brief = options & SECCOMP_BRIEF;
	int r;

	if (!has_alternatives(seccomp))
		return build(&b, &step, ret);
	r = seccomp_bound_run(build, &b, brief ? 1 : SECONDS_FIRST, ret);
	if (r >= 0)
		return r;
	err_forgive(r, "seccomp: rules in the order of the document");
	b.sorted = true;
	return seccomp_bound_run(build, &b, brief ? 1 : SECONDS_MAX, ret);
}
