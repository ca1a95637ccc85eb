/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"

#include "spec/validate_rules.h"

#define ARGS_MAX  6	/* of a system call */
#define ERRNO_MAX 4095	/* MAX_ERRNO: the kernel cuts larger ones */
#define TRACE_MAX 65535 /* SECCOMP_RET_DATA */

static bool is_notify(const char *action)
{
	return str_eq(action, "SCMP_ACT_NOTIFY");
}

static void rule_errno(struct validator *v, const char *where, const char *action, uint32_t value)
{
	if (str_eq(action, "SCMP_ACT_ERRNO")) {
		if (value > ERRNO_MAX)
			rule_error(v, "%s: %u is out of range (0 to %d)", where, value, ERRNO_MAX);
	} else if (str_eq(action, "SCMP_ACT_TRACE")) {
		if (value > TRACE_MAX)
			rule_error(v, "%s: %u is out of range (0 to %d)", where, value, TRACE_MAX);
	} else {
		rule_error(v, "%s: %s gives no errno", where, action);
	}
}

static void rules_syscall(struct validator *v, const struct oci_syscall *s, size_t i)
{
	char where[64];

	for (size_t j = 0; j < s->names_len; j++) {
		if (s->names[j][0] == '\0')
			rule_error(v, "linux.seccomp.syscalls[%zu].names[%zu]: must not be empty",
				   i, j);
		/* The runtime itself writes the descriptor's number to the agent under the
		 * filter. */
		if (is_notify(s->action) && str_eq(s->names[j], "write"))
			rule_error(v,
				   "linux.seccomp.syscalls[%zu].names[%zu]: "
				   "SCMP_ACT_NOTIFY cannot be used for the write syscall",
				   i, j);
	}
	for (size_t j = 0; j < s->args_len; j++) {
		if (s->args[j].index >= ARGS_MAX)
			rule_error(v,
				   "linux.seccomp.syscalls[%zu].args[%zu].index: %u is out of "
				   "range (0 to 5)",
				   i, j, s->args[j].index);
		if (str_eq(s->args[j].op, "SCMP_CMP_MASKED_EQ") &&
		    s->args[j].value_two & ~s->args[j].value)
			rule_error(v,
				   "linux.seccomp.syscalls[%zu].args[%zu].valueTwo: has bits that "
				   "are not in value, so that the condition never holds",
				   i, j);
	}
	if (s->has_errno_ret) {
		snprintf(where, sizeof(where), "linux.seccomp.syscalls[%zu].errnoRet", i);
		rule_errno(v, where, s->action, s->errno_ret);
	}
}

void rules_seccomp(struct validator *v, const struct oci_seccomp *s,
		   const struct oci_map *annotations)
{
	bool has_listener = !str_empty(s->listener_path), notifies = false;

	if (is_notify(s->default_action))
		rule_error(v, "linux.seccomp.defaultAction: SCMP_ACT_NOTIFY cannot be used as "
			      "default action");
	if (s->has_default_errno_ret)
		rule_errno(v, "linux.seccomp.defaultErrnoRet", s->default_action,
			   s->default_errno_ret);
	for (size_t i = 0; i < s->syscalls_len; i++) {
		notifies = notifies || is_notify(s->syscalls[i].action);
		rules_syscall(v, &s->syscalls[i], i);
	}
	if (has_listener)
		rule_absolute(v, "linux.seccomp.listenerPath", s->listener_path);
	else if (!str_empty(s->listener_metadata))
		rule_error(v, "linux.seccomp.listenerMetadata: there is no listenerPath");
	if (notifies && !has_listener && !oci_map_get(annotations, "run.oci.seccomp.receiver"))
		rule_error(v, "linux.seccomp.listenerPath: required, but missing: there is an "
			      "SCMP_ACT_NOTIFY");
}
