/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_SECCOMP_RULES_H
#define HAKO_LXC_SECCOMP_RULES_H

/* Actions, argument conditions and the growing rule list of a seccomp profile. Used by
 * seccomp_profile.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct oci_seccomp;
struct oci_syscall;

struct seccomp_action {
	const char *name; /* SCMP_ACT_..., static */
	bool has_errno;	  /* always written for SCMP_ACT_ERRNO: 0 is not OCI's default */
	uint32_t errno_ret;
};

#define SECCOMP_MAX_ARGS 6

struct seccomp_arg {
	uint32_t index;
	uint64_t value;
	uint64_t mask;
	const char *op; /* SCMP_CMP_..., static */
};

struct seccomp_rule {
	const char *name;
	struct seccomp_action action;
	struct seccomp_arg args[SECCOMP_MAX_ARGS];
	size_t args_len;
};

/* kill, trap, allow, notify or errno N at the beginning of text. 0 or -EINVAL. */
int seccomp_rule_action_parse(const char *text, bool exact, struct seccomp_action *ret);
/* The conditions "[index,value,op,mask]" in text. NULL, or why LXC would refuse them. */
const char *seccomp_args_parse(const char *text, struct seccomp_rule *rule);
/* umount2 with MNT_FORCE gives EACCES: LXC's one built-in rule. */
void seccomp_rule_force_umount(struct seccomp_rule *rule);

/* The document being built; other is the action of calls without a rule. */
struct seccomp_rules {
	struct seccomp_action other;
	struct oci_syscall *v;
	size_t len;
	struct seccomp_seen {
		char *name;
		int line;
		size_t entry;
	} * seen;
	size_t seen_len;
	bool notifies;
};

enum seccomp_rule_fate {
	SECCOMP_RULE_ADDED,	 /* or there already, the same */
	SECCOMP_RULE_IS_DEFAULT, /* its action is the one of all other calls */
	SECCOMP_RULE_SHADOWED,	 /* the same call and conditions have another action already */
};

/* ret_first: the line of the rule that shadows. */
enum seccomp_rule_fate seccomp_rules_add(struct seccomp_rules *rules, int line,
					 const struct seccomp_rule *rule, int *ret_first);
/* Moves actions and rules into the document. */
void seccomp_rules_take(struct seccomp_rules *rules, struct oci_seccomp *out);
void seccomp_rules_clear(struct seccomp_rules *rules);

#endif
