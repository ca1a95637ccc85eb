/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp as a profile of LXC's, version 2. */
#include <errno.h>

#include "base/alloc.h"
#include "lxc/reverse_internal.h"

#define POINTER "/linux/seccomp"

/* "kill", "errno 1", ...; false when the profile language has no word for it. */
static bool action_text(const char *action, bool has_errno, uint32_t number, struct strbuf *out)
{
	static const struct {
		const char *action, *word;
	} words[] = {
		{ "SCMP_ACT_KILL", "kill" },	 { "SCMP_ACT_KILL_THREAD", "kill" },
		{ "SCMP_ACT_TRAP", "trap" },	 { "SCMP_ACT_ALLOW", "allow" },
		{ "SCMP_ACT_NOTIFY", "notify" },
	};

	strbuf_clear(out);
	if (str_eq(action, "SCMP_ACT_ERRNO")) {
		strbuf_addf(out, "errno %u", has_errno ? number : (uint32_t) EPERM);
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (str_eq(action, words[i].action))
			strbuf_add(out, words[i].word);
	}
	return out->len;
}

static bool arg_text(const struct oci_syscall_arg *a, struct strbuf *out)
{
	static const struct {
		const char *op, *sign;
	} ops[] = {
		{ "SCMP_CMP_NE", "!=" }, { "SCMP_CMP_LT", "<" },  { "SCMP_CMP_LE", "<=" },
		{ "SCMP_CMP_EQ", "==" }, { "SCMP_CMP_GE", ">=" }, { "SCMP_CMP_GT", ">" },
	};

	/* the mask is OCI's first value and LXC's second */
	if (str_eq(a->op, "SCMP_CMP_MASKED_EQ")) {
		strbuf_addf(out, " [%u,%llu,&=,%llu]", a->index, (unsigned long long) a->value_two,
			    (unsigned long long) a->value);
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		if (!str_eq(a->op, ops[i].op))
			continue;
		strbuf_addf(out, " [%u,%llu,%s]", a->index, (unsigned long long) a->value,
			    ops[i].sign);
		return true;
	}
	return false;
}

static bool same_index_twice(const struct oci_syscall *s)
{
	unsigned int seen = 0;

	for (size_t i = 0; i < s->args_len; i++) {
		unsigned int bit = 1u << (s->args[i].index & 31);

		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

/* Runtimes take conditions on the same argument for alternatives: a rule each. */
static bool rule_lines(const struct oci_syscall *s, const char *name, const char *action,
		       struct strbuf *out)
{
	bool apart = same_index_twice(s);

	for (size_t i = 0; i < (apart ? s->args_len : 1); i++) {
		strbuf_addf(out, "%s %s", name, action);
		for (size_t k = apart ? i : 0; k < (apart ? i + 1 : s->args_len); k++) {
			if (!arg_text(&s->args[k], out))
				return false;
		}
		strbuf_add_c(out, '\n');
	}
	return true;
}

static bool is_forced_umount(const struct oci_syscall *s, const char *name)
{
	return str_eq(name, "umount2") && str_eq(s->action, "SCMP_ACT_ERRNO") &&
	       s->errno_ret == EACCES && s->args_len == 1 && s->args[0].index == 1 &&
	       s->args[0].value == 1 && s->args[0].value_two == 1 &&
	       str_eq(s->args[0].op, "SCMP_CMP_MASKED_EQ");
}

static bool one_syscall(struct reverse *r, const struct oci_syscall *s, size_t i,
			const char *policy, struct strbuf *out)
{
	autofree char *pointer = report_pointer(POINTER "/syscalls/%zu", i);
	autostrbuf struct strbuf action = STRBUF_INIT;

	if (!action_text(s->action, s->has_errno_ret, s->errno_ret, &action)) {
		reverse_lost(r, POINTER, "the profile language has no action %s", s->action);
		return false;
	}
	/* LXC does not start with a rule that says what the policy says */
	if (str_eq(strbuf_str(&action), policy)) {
		reverse_kept(r, pointer, 0, "it is what the default says");
		return true;
	}
	for (size_t n = 0; n < s->names_len; n++) {
		if (is_forced_umount(s, s->names[n])) {
			strbuf_add(out, "reject_force_umount\n");
		} else if (!s->names[n][0] || strpbrk(s->names[n], " \t\r\n#[")) {
			reverse_lost(r, POINTER, "'%s' is no name of a system call", s->names[n]);
			return false;
		} else if (!rule_lines(s, s->names[n], strbuf_str(&action), out)) {
			reverse_lost(r, POINTER, "a condition that the profile language has not");
			return false;
		}
	}
	return true;
}

void reverse_seccomp(struct reverse *r)
{
	const struct oci_seccomp *s = r->oci->linux ? r->oci->linux->seccomp : NULL;
	autostrbuf struct strbuf policy = STRBUF_INIT;
	autostrbuf struct strbuf out = STRBUF_INIT;

	if (!s)
		return;
	if (!action_text(s->default_action, s->has_default_errno_ret, s->default_errno_ret,
			 &policy)) {
		reverse_lost(r, POINTER, "the profile language has no default action %s",
			     s->default_action);
		return;
	}
	if (s->listener_path) {
		reverse_lost(r, POINTER, "LXC's proxy for notifications speaks another protocol");
		return;
	}
	strbuf_addf(&out, "2\n%s %s\n[all]\n",
		    str_eq(strbuf_str(&policy), "allow") ? "denylist" : "allowlist",
		    strbuf_str(&policy));
	for (size_t i = 0; i < s->syscalls_len; i++) {
		if (!one_syscall(r, &s->syscalls[i], i, strbuf_str(&policy), &out))
			return;
	}
	reverse_set(r, POINTER, "lxc.seccomp.profile", "%s/seccomp", r->opts->dir);
	reverse_kept(r, POINTER "/architectures", r->lines, "LXC takes those of the machine");
	if (s->flags_len)
		reverse_changed(r, POINTER "/flags", 0, "LXC sets none");
	r->out->seccomp = strbuf_take(&out);
}
