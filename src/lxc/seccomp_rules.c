/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/seccomp_rules.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/alloc.h"
#include "base/str.h"
#include "ocispec.h"

/* The kernel cuts larger values (MAX_ERRNO); LXC would write them all the same. */
#define ERRNO_MAX 4095

/* LXC compares beginnings, so "killed" is "kill"; "kill_process" and the like it refuses. */
int seccomp_rule_action_parse(const char *text, bool exact, struct seccomp_action *ret)
{
	static const struct {
		const char *word, *action;
	} words[] = {
		{ "kill", "SCMP_ACT_KILL" },
		{ "trap", "SCMP_ACT_TRAP" },
		{ "allow", "SCMP_ACT_ALLOW" },
		{ "notify", "SCMP_ACT_NOTIFY" },
	};
	const char *rest;
	char *end;
	long v;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		rest = str_after(text, words[i].word);
		if (!rest)
			continue;
		if (*rest == '_' || (!exact && isalnum((unsigned char) *rest)))
			return -EINVAL;
		*ret = (struct seccomp_action){ .name = words[i].action };
		return 0;
	}
	rest = str_after(text, "errno");
	if (!rest)
		return -EINVAL;
	errno = 0;
	v = strtol(rest, &end, 10);
	if (errno || end == rest || v < 0 || v > ERRNO_MAX)
		return -EINVAL;
	*ret = (struct seccomp_action){ "SCMP_ACT_ERRNO", true, (uint32_t) v };
	return 0;
}

static const char *op_find(const char *s, size_t len)
{
	static const struct {
		const char *sign, *name;
	} ops[] = {
		{ "!=", "SCMP_CMP_NE" },	{ "<", "SCMP_CMP_LT" },	 { "<=", "SCMP_CMP_LE" },
		{ "==", "SCMP_CMP_EQ" },	{ ">=", "SCMP_CMP_GE" }, { ">", "SCMP_CMP_GT" },
		{ "&=", "SCMP_CMP_MASKED_EQ" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		if ((strlen(ops[i].sign) == len && strncmp(s, ops[i].sign, len) == 0) ||
		    (strlen(ops[i].name) == len && strncmp(s, ops[i].name, len) == 0))
			return ops[i].name;
	}
	return NULL;
}

/* A number in any base of C, leading blanks allowed; *s is left behind it. */
static int parse_number(const char **s, uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(*s, &end, 0);
	if (errno || end == *s)
		return -EINVAL;
	*s = end;
	return 0;
}

/* index,value,op[,mask] up to the closing bracket */
static const char *parse_arg(const char *s, struct seccomp_arg *arg)
{
	uint64_t index;
	size_t len;

	if (parse_number(&s, &index) < 0 || index >= SECCOMP_MAX_ARGS || *s++ != ',')
		return "a condition is [index,value,op,mask] with an index of 0 to 5";
	arg->index = (uint32_t) index;
	if (parse_number(&s, &arg->value) < 0 || *s++ != ',')
		return "a condition is [index,value,op,mask] with a number as value";
	len = strcspn(s, ",]");
	arg->op = op_find(s, len);
	if (!arg->op)
		return "no such comparison in a condition";
	s += len;
	if (*s == ',') {
		s++;
		if (parse_number(&s, &arg->mask) < 0)
			return "the mask of a condition is a number";
	}
	return *s == ']' ? NULL : "a condition ends with ']'";
}

const char *seccomp_args_parse(const char *text, struct seccomp_rule *rule)
{
	const char *comment = strchr(text, '#'), *s = strchr(text, '[');

	while (s && (!comment || s < comment)) {
		struct seccomp_arg *arg = &rule->args[rule->args_len];
		const char *why;

		if (rule->args_len == SECCOMP_MAX_ARGS)
			return "more than six conditions";
		why = parse_arg(s + 1, arg);
		if (why)
			return why;
		for (size_t i = 0; i < rule->args_len; i++) {
			/* libseccomp refuses it; an OCI runtime would read it as "or" */
			if (rule->args[i].index == arg->index)
				return "two conditions on the same argument";
		}
		rule->args_len++;
		s = strchr(strchr(s, ']'), '[');
	}
	return NULL;
}

void seccomp_rule_force_umount(struct seccomp_rule *rule)
{
	*rule = (struct seccomp_rule){
		.name = "umount2",
		.action = { "SCMP_ACT_ERRNO", true, EACCES },
		.args = { { .index = 1,
			    .value = MNT_FORCE,
			    .mask = MNT_FORCE,
			    .op = "SCMP_CMP_MASKED_EQ" } },
		.args_len = 1,
	};
}

static bool action_equal(const struct seccomp_action *a, const char *name, bool has, uint32_t ret)
{
	return str_eq(a->name, name) && a->has_errno == has && (!has || a->errno_ret == ret);
}

/* (arg & mask) == value: OCI has the mask first and the value second. LXC's library takes from the
 * value what is in the mask; in OCI such a condition would never hold. */
static void arg_write(const struct seccomp_arg *arg, struct oci_syscall_arg *out)
{
	bool masked = str_eq(arg->op, "SCMP_CMP_MASKED_EQ");

	*out = (struct oci_syscall_arg){
		.index = arg->index,
		.has_index = true,
		.value = masked ? arg->mask : arg->value,
		.has_value = true,
		.value_two = masked ? arg->value & arg->mask : 0,
		.has_value_two = masked,
		.op = xstrdup(arg->op),
	};
}

static bool args_equal(const struct oci_syscall *e, const struct seccomp_rule *rule)
{
	if (e->args_len != rule->args_len)
		return false;
	for (size_t i = 0; i < e->args_len; i++) {
		struct oci_syscall_arg want;
		bool same;

		arg_write(&rule->args[i], &want);
		same = want.index == e->args[i].index && want.value == e->args[i].value &&
		       want.value_two == e->args[i].value_two && str_eq(want.op, e->args[i].op);
		free(want.op);
		if (!same)
			return false;
	}
	return true;
}

static bool entry_has_action(const struct oci_syscall *e, const struct seccomp_action *action)
{
	return action_equal(action, e->action, e->has_errno_ret, e->errno_ret);
}

/* Neighbours that differ in nothing but the name share an entry. */
static struct oci_syscall *entry_for(struct seccomp_rules *rules, const struct seccomp_rule *rule)
{
	struct oci_syscall *e;

	if (rules->len) {
		e = &rules->v[rules->len - 1];
		if (!e->args_len && !rule->args_len && entry_has_action(e, &rule->action))
			return e;
	}
	rules->v = xreallocarray(rules->v, rules->len + 1, sizeof *rules->v);
	e = &rules->v[rules->len++];
	*e = (struct oci_syscall){
		.action = xstrdup(rule->action.name),
		.errno_ret = rule->action.errno_ret,
		.has_errno_ret = rule->action.has_errno,
	};
	if (rule->args_len) {
		e->args = xnew_n(struct oci_syscall_arg, rule->args_len);
		e->args_len = rule->args_len;
		for (size_t i = 0; i < rule->args_len; i++)
			arg_write(&rule->args[i], &e->args[i]);
	}
	return e;
}

enum seccomp_rule_fate seccomp_rules_add(struct seccomp_rules *rules, int line,
					 const struct seccomp_rule *rule, int *ret_first)
{
	struct oci_syscall *e;

	if (action_equal(&rule->action, rules->other.name, rules->other.has_errno,
			 rules->other.errno_ret))
		return SECCOMP_RULE_IS_DEFAULT;
	for (size_t i = 0; i < rules->seen_len; i++) {
		const struct seccomp_seen *seen = &rules->seen[i];

		if (!str_eq(seen->name, rule->name) || !args_equal(&rules->v[seen->entry], rule))
			continue;
		*ret_first = seen->line;
		return entry_has_action(&rules->v[seen->entry], &rule->action)
			       ? SECCOMP_RULE_ADDED
			       : SECCOMP_RULE_SHADOWED;
	}
	e = entry_for(rules, rule);
	e->names = xreallocarray(e->names, e->names_len + 2, sizeof *e->names);
	e->names[e->names_len++] = xstrdup(rule->name);
	e->names[e->names_len] = NULL;
	rules->seen = xreallocarray(rules->seen, rules->seen_len + 1, sizeof *rules->seen);
	rules->seen[rules->seen_len++] = (struct seccomp_seen){
		.name = xstrdup(rule->name),
		.line = line,
		.entry = rules->len - 1,
	};
	rules->notifies |= str_eq(rule->action.name, "SCMP_ACT_NOTIFY");
	return SECCOMP_RULE_ADDED;
}

void seccomp_rules_take(struct seccomp_rules *rules, struct oci_seccomp *out)
{
	out->default_action = xstrdup(rules->other.name);
	out->default_errno_ret = rules->other.errno_ret;
	out->has_default_errno_ret = rules->other.has_errno;
	rules->notifies |= str_eq(rules->other.name, "SCMP_ACT_NOTIFY");
	out->syscalls = take_ptr(&rules->v);
	out->syscalls_len = rules->len;
	rules->len = 0;
	if (!out->syscalls)
		out->syscalls = xnew_n(struct oci_syscall, 1);
}

static void entry_clear(struct oci_syscall *e)
{
	strs_free(e->names);
	free(e->action);
	for (size_t i = 0; i < e->args_len; i++)
		free(e->args[i].op);
	free(e->args);
}

void seccomp_rules_clear(struct seccomp_rules *rules)
{
	for (size_t i = 0; i < rules->len; i++)
		entry_clear(&rules->v[i]);
	for (size_t i = 0; i < rules->seen_len; i++)
		free(rules->seen[i].name);
	free(rules->v);
	free(rules->seen);
	*rules = (struct seccomp_rules){ 0 };
}
