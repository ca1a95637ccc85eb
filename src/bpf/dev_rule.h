/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BPF_DEV_RULE_H
#define HAKO_BPF_DEV_RULE_H

/*
 * What a container may do with devices: the list of linux.resources.devices as an ordered set of
 * rules with the meaning that runtimes give it on cgroup v2:
 *
 *  - the list is read in order and the last rule that matches decides; nothing matched = denied;
 *  - a rule matches a request when type, major and minor fit and *all* requested access bits are in
 * the rule's. So "allow r" and "allow w" as two rules do not allow an open for reading and writing;
 *  - a number that is absent or -1 is a wildcard; type "a" (or none) is both kinds and honours
 * numbers.
 *
 * Pure. Reporting (base/err.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Bits as the kernel hands them to a program: BPF_DEVCG_DEV_* and BPF_DEVCG_ACC_*. */
enum dev_type {
	DEV_TYPE_BLOCK = 1,
	DEV_TYPE_CHAR = 2,
	DEV_TYPE_ALL = DEV_TYPE_BLOCK | DEV_TYPE_CHAR,
};
enum dev_access {
	DEV_ACC_MKNOD = 1,
	DEV_ACC_READ = 2,
	DEV_ACC_WRITE = 4,
	DEV_ACC_ALL = DEV_ACC_MKNOD | DEV_ACC_READ | DEV_ACC_WRITE,
};

#define DEV_ANY (-1)

/* The kernel's numbers have 12 and 20 bits (MKDEV in linux/kdev_t.h). A rule beyond them is legal,
 * and matches nothing. */
#define DEV_MINOR_BITS 20
#define DEV_MAJOR_MAX  0xfff
#define DEV_MINOR_MAX  0xfffff

/* One entry of the source list: the members of an OCI device rule, without depending on JSON. */
struct dev_entry {
	bool allow;
	const char *type; /* "a", "b", "c"; NULL = "a" */
	int64_t major;	  /* DEV_ANY, or a number */
	int64_t minor;
	const char *access; /* of "rwm", not empty; NULL = "rwm" */
};

/* Where a rule comes from: index in the source list, or one of these. */
enum dev_source {
	DEV_SOURCE_DEFAULT = -1, /* a default of the runtime, see dev_policy_add_defaults() */
	DEV_SOURCE_NOTHING = -2, /* no rule at all: what is not matched is denied */
};

struct dev_rule {
	bool allow;
	uint8_t types;	/* enum dev_type, at least one bit */
	uint8_t access; /* enum dev_access, at least one bit */
	int64_t major;	/* DEV_ANY or 0..UINT32_MAX */
	int64_t minor;
	int source;
};

/* rules[] in the order of the list: the last match wins. */
struct dev_policy {
	bool default_allow;
	int default_source; /* the entry that gave the default, or DEV_SOURCE_NOTHING */
	size_t len;
	struct dev_rule *rules;
};

void dev_policy_clear(struct dev_policy *policy);
#define autodev_policy __attribute__((cleanup(dev_policy_clear)))

/*
 * Appends the entries, as rules. Errors (-EINVAL) name the entry: "device rule 3: …". An empty
 * policy is zero-initialised with dev_policy_init(). On failure the policy is unchanged.
 */
void dev_policy_init(struct dev_policy *policy);
int dev_policy_add(struct dev_policy *policy, const struct dev_entry *entries, size_t n);
/*
 * Appends what runc allows to every container, after the list and thus stronger than it: mknod of
 * everything, rwm of null, zero, full, random, urandom, tty, ptmx, pts and net/tun.
 */
void dev_policy_add_defaults(struct dev_policy *policy);
/*
 * The same decisions with as few rules as a cheap pass finds (what differs only in its type is
 * merged): what a later rule covers, what only repeats the verdict it would fall through to, and
 * everything before an unconditional rule (which becomes the default) is dropped. Give the compiler
 * this one, and ask dev_policy_eval() of the full one, so that the answer names the entry a reader
 * of the list would name.
 */
void dev_policy_simplify(const struct dev_policy *policy, struct dev_policy *ret);
/* Is everything allowed (nothing to attach)? */
bool dev_policy_allows_all(const struct dev_policy *policy);

/* A request. */
struct dev_probe {
	uint8_t type;	/* exactly one bit of enum dev_type */
	uint8_t access; /* enum dev_access */
	uint32_t major; /* at most DEV_MAJOR_MAX */
	uint32_t minor; /* at most DEV_MINOR_MAX */
};
/* "c 1:3 rw": type b or c, numbers the kernel can have, any of r, w and m; single blanks.
 * Else -EINVAL. */
int dev_probe_parse(const char *text, struct dev_probe *ret);

struct dev_verdict {
	bool allow;
	int rule;   /* index into policy->rules, -1 = the default decided */
	int source; /* of that rule, or of the default */
};
struct dev_verdict dev_policy_eval(const struct dev_policy *policy, const struct dev_probe *probe);

/* "allow c 1:3 rwm", "deny a *:* rwm"; returns the buffer. */
#define DEV_RULE_TEXT_MAX 48
const char *dev_rule_format(const struct dev_rule *rule, char buf[DEV_RULE_TEXT_MAX]);
/* "rwm" order; returns the buffer. */
const char *dev_access_format(unsigned int access, char buf[4]);
/* "entry 3", "runtime default", "no rule". */
const char *dev_source_format(int source, char buf[DEV_RULE_TEXT_MAX]);

/*
 * The policy as lines for cgroup v1, in the order of writing: "devices.deny a *:* rwm". Version 1
 * keeps a default and a set of exceptions of the other kind, merges r and w of the same numbers,
 * and denies on any overlap; a rule it would silently ignore (the narrowing of a wildcard
 * exception) is -EOPNOTSUPP with the rule's source named. Each string is "FILE VALUE".
 */
int dev_policy_v1_lines(const struct dev_policy *policy, struct strv *ret);

#endif
