/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/dev_rule.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/err.h"

/*
 * runc's built-in list (crun adds 5:1). LXC has no such list, which is why the converter switches
 * it off by annotation.
 */
static const struct dev_rule default_rules[] = {
	{ true, DEV_TYPE_CHAR, DEV_ACC_MKNOD, DEV_ANY, DEV_ANY, DEV_SOURCE_DEFAULT },
	{ true, DEV_TYPE_BLOCK, DEV_ACC_MKNOD, DEV_ANY, DEV_ANY, DEV_SOURCE_DEFAULT },
	{ true, DEV_TYPE_CHAR, DEV_ACC_ALL, 1, 3, DEV_SOURCE_DEFAULT },		/* null */
	{ true, DEV_TYPE_CHAR, DEV_ACC_ALL, 1, 8, DEV_SOURCE_DEFAULT },		/* random */
	{ true, DEV_TYPE_CHAR, DEV_ACC_ALL, 1, 7, DEV_SOURCE_DEFAULT },		/* full */
	{ true, DEV_TYPE_CHAR, DEV_ACC_ALL, 5, 0, DEV_SOURCE_DEFAULT },		/* tty */
	{ true, DEV_TYPE_CHAR, DEV_ACC_ALL, 1, 5, DEV_SOURCE_DEFAULT },		/* zero */
	{ true, DEV_TYPE_CHAR, DEV_ACC_ALL, 1, 9, DEV_SOURCE_DEFAULT },		/* urandom */
	{ true, DEV_TYPE_CHAR, DEV_ACC_ALL, 136, DEV_ANY, DEV_SOURCE_DEFAULT }, /* pts */
	{ true, DEV_TYPE_CHAR, DEV_ACC_ALL, 5, 2, DEV_SOURCE_DEFAULT },		/* ptmx */
	{ true, DEV_TYPE_CHAR, DEV_ACC_ALL, 10, 200, DEV_SOURCE_DEFAULT },	/* net/tun */
};

void dev_policy_init(struct dev_policy *policy)
{
	*policy = (struct dev_policy){ .default_source = DEV_SOURCE_NOTHING };
}

void dev_policy_clear(struct dev_policy *policy)
{
	free(policy->rules);
	dev_policy_init(policy);
}

static void policy_append(struct dev_policy *policy, const struct dev_rule *rules, size_t n)
{
	if (!n)
		return;
	policy->rules = xreallocarray(policy->rules, policy->len + n, sizeof(*rules));
	memcpy(policy->rules + policy->len, rules, n * sizeof(*rules));
	policy->len += n;
}

static int entry_type(const char *type)
{
	if (!type || str_eq(type, "a"))
		return DEV_TYPE_ALL;
	if (str_eq(type, "b"))
		return DEV_TYPE_BLOCK;
	if (str_eq(type, "c"))
		return DEV_TYPE_CHAR;
	return -EINVAL;
}

/* Letters of "rwm" in any order; repeated ones are harmless. */
static int access_parse(const char *text, size_t len)
{
	int access = 0;

	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case 'r':
			access |= DEV_ACC_READ;
			break;
		case 'w':
			access |= DEV_ACC_WRITE;
			break;
		case 'm':
			access |= DEV_ACC_MKNOD;
			break;
		default:
			return -EINVAL;
		}
	}
	return access ? access : -EINVAL;
}

static int entry_to_rule(const struct dev_entry *entry, size_t index, struct dev_rule *ret)
{
	int types = entry_type(entry->type);
	int access =
		entry->access ? access_parse(entry->access, strlen(entry->access)) : DEV_ACC_ALL;

	if (types < 0)
		return err_code(EINVAL, "device rule %zu: type '%s' is none of a, b, c", index,
				entry->type);
	if (access < 0)
		return err_code(EINVAL, "device rule %zu: access '%s' is not made of r, w, m",
				index, entry->access);
	if (entry->major < DEV_ANY || entry->major > UINT32_MAX)
		return err_code(EINVAL, "device rule %zu: major number %lld is out of range", index,
				(long long) entry->major);
	if (entry->minor < DEV_ANY || entry->minor > UINT32_MAX)
		return err_code(EINVAL, "device rule %zu: minor number %lld is out of range", index,
				(long long) entry->minor);
	*ret = (struct dev_rule){
		.allow = entry->allow,
		.types = types,
		.access = access,
		.major = entry->major,
		.minor = entry->minor,
		.source = (int) index,
	};
	return 0;
}

int dev_policy_add(struct dev_policy *policy, const struct dev_entry *entries, size_t n)
{
	autofree struct dev_rule *rules = n ? xnew_n(struct dev_rule, n) : NULL;
	int r;

	for (size_t i = 0; i < n; i++) {
		r = entry_to_rule(&entries[i], i, &rules[i]);
		if (r < 0)
			return r;
	}
	policy_append(policy, rules, n);
	return 0;
}

void dev_policy_add_defaults(struct dev_policy *policy)
{
	policy_append(policy, default_rules, ARRAY_SIZE(default_rules));
}

static bool number_covers(int64_t a, int64_t b)
{
	return a == DEV_ANY || a == b;
}

static bool number_overlaps(int64_t a, int64_t b)
{
	return a == DEV_ANY || b == DEV_ANY || a == b;
}

/* Does a match every request that b matches? */
static bool rule_covers(const struct dev_rule *a, const struct dev_rule *b)
{
	return (b->types & ~a->types) == 0 && (b->access & ~a->access) == 0 &&
	       number_covers(a->major, b->major) && number_covers(a->minor, b->minor);
}

/* Is there a request that both match? */
static bool rule_overlaps(const struct dev_rule *a, const struct dev_rule *b)
{
	return (a->types & b->types) && (a->access & b->access) &&
	       number_overlaps(a->major, b->major) && number_overlaps(a->minor, b->minor);
}

static bool rule_is_unconditional(const struct dev_rule *rule)
{
	static const struct dev_rule everything = {
		.types = DEV_TYPE_ALL,
		.access = DEV_ACC_ALL,
		.major = DEV_ANY,
		.minor = DEV_ANY,
	};

	return rule_covers(rule, &everything);
}

/* Does rule i only repeat the verdict its requests would fall through to? ret holds what is kept
 * before i. */
static bool rule_is_redundant(const struct dev_policy *kept, const struct dev_rule *rule)
{
	for (size_t i = kept->len; i-- > 0;) {
		const struct dev_rule *older = &kept->rules[i];

		if (older->allow == rule->allow) {
			if (rule_covers(older, rule))
				return true;
		} else if (rule_overlaps(older, rule)) {
			return false;
		}
	}
	return kept->default_allow == rule->allow;
}

static bool rule_is_shadowed(const struct dev_policy *policy, size_t i)
{
	for (size_t j = i + 1; j < policy->len; j++) {
		if (rule_covers(&policy->rules[j], &policy->rules[i]))
			return true;
	}
	return false;
}

/*
 * The same for block and for character devices is one rule for both, if nothing of the other
 * verdict in between cares. Returns whether rule went into an older one.
 */
static bool rule_merges(const struct dev_policy *kept, const struct dev_rule *rule)
{
	for (size_t i = kept->len; i-- > 0;) {
		struct dev_rule *older = &kept->rules[i];

		if (older->allow == rule->allow && older->access == rule->access &&
		    older->major == rule->major && older->minor == rule->minor) {
			older->types |= rule->types;
			return true;
		}
		if (older->allow != rule->allow && rule_overlaps(older, rule))
			return false;
	}
	return false;
}

/* Comparing each with each has its limit; no real list is near it. */
#define SIMPLIFY_MAX 2048

void dev_policy_simplify(const struct dev_policy *policy, struct dev_policy *ret)
{
	struct dev_policy out = { .default_allow = policy->default_allow,
				  .default_source = policy->default_source };
	size_t first = 0;

	for (size_t i = policy->len; i-- > 0;) {
		if (rule_is_unconditional(&policy->rules[i])) {
			out.default_allow = policy->rules[i].allow;
			out.default_source = policy->rules[i].source;
			first = i + 1;
			break;
		}
	}
	if (policy->len - first > SIMPLIFY_MAX)
		policy_append(&out, policy->rules + first, policy->len - first);
	/* Oldest first, so that "what is kept before" is final when a rule is looked at. */
	for (size_t i = first; policy->len - first <= SIMPLIFY_MAX && i < policy->len; i++) {
		const struct dev_rule *rule = &policy->rules[i];

		if (!rule_is_shadowed(policy, i) && !rule_is_redundant(&out, rule) &&
		    !rule_merges(&out, rule))
			policy_append(&out, rule, 1);
	}
	*ret = out;
}

bool dev_policy_allows_all(const struct dev_policy *policy)
{
	autodev_policy struct dev_policy simple;

	dev_policy_simplify(policy, &simple);
	return simple.default_allow && simple.len == 0;
}

static bool rule_matches(const struct dev_rule *rule, const struct dev_probe *probe)
{
	return (rule->types & probe->type) && (probe->access & ~rule->access) == 0 &&
	       number_covers(rule->major, probe->major) && number_covers(rule->minor, probe->minor);
}

struct dev_verdict dev_policy_eval(const struct dev_policy *policy, const struct dev_probe *probe)
{
	for (size_t i = policy->len; i-- > 0;) {
		const struct dev_rule *rule = &policy->rules[i];

		if (rule_matches(rule, probe))
			return (struct dev_verdict){ rule->allow, (int) i, rule->source };
	}
	return (struct dev_verdict){ policy->default_allow, -1, policy->default_source };
}

/* "MAJOR:MINOR" of a request: both are numbers. */
static int probe_numbers(const char *text, size_t len, struct dev_probe *ret)
{
	autofree char *copy = xstrndup(text, len);
	char *colon = strchr(copy, ':');

	if (!colon)
		return -EINVAL;
	*colon = '\0';
	if (str_to_u32(copy, &ret->major) < 0 || str_to_u32(colon + 1, &ret->minor) < 0)
		return -EINVAL;
	return ret->major > DEV_MAJOR_MAX || ret->minor > DEV_MINOR_MAX ? -EINVAL : 0;
}

int dev_probe_parse(const char *text, struct dev_probe *ret)
{
	struct dev_probe probe = { 0 };
	const char *numbers, *access;
	int bits;

	if ((text[0] != 'b' && text[0] != 'c') || text[1] != ' ')
		return err_code(EINVAL,
				"device probe '%s' is not of the form 'b|c MAJOR:MINOR rwm'", text);
	probe.type = text[0] == 'b' ? DEV_TYPE_BLOCK : DEV_TYPE_CHAR;
	numbers = text + 2;
	access = strchr(numbers, ' ');
	if (!access || probe_numbers(numbers, (size_t) (access - numbers), &probe) < 0)
		return err_code(EINVAL,
				"device probe '%s': expected 'MAJOR:MINOR ACCESS' behind the type",
				text);
	access++;
	bits = access_parse(access, strlen(access));
	if (bits < 0)
		return err_code(EINVAL, "device probe '%s': access '%s' is not made of r, w, m",
				text, access);
	probe.access = (uint8_t) bits;
	*ret = probe;
	return 0;
}

const char *dev_access_format(unsigned int access, char buf[4])
{
	char *p = buf;

	if (access & DEV_ACC_READ)
		*p++ = 'r';
	if (access & DEV_ACC_WRITE)
		*p++ = 'w';
	if (access & DEV_ACC_MKNOD)
		*p++ = 'm';
	*p = '\0';
	return buf;
}

static void number_format(int64_t number, char buf[12])
{
	if (number == DEV_ANY)
		snprintf(buf, 12, "*");
	else
		snprintf(buf, 12, "%u", (unsigned int) number);
}

/* "c 1:3 rwm": the form of devices.allow as well. */
static const char *rule_body_format(const struct dev_rule *rule, char buf[DEV_RULE_TEXT_MAX])
{
	char major[12], minor[12], access[4];
	char type = rule->types == DEV_TYPE_ALL ? 'a' : rule->types == DEV_TYPE_BLOCK ? 'b' : 'c';

	number_format(rule->major, major);
	number_format(rule->minor, minor);
	snprintf(buf, DEV_RULE_TEXT_MAX, "%c %s:%s %s", type, major, minor,
		 dev_access_format(rule->access, access));
	return buf;
}

const char *dev_rule_format(const struct dev_rule *rule, char buf[DEV_RULE_TEXT_MAX])
{
	char body[DEV_RULE_TEXT_MAX];

	snprintf(buf, DEV_RULE_TEXT_MAX, "%s %.40s", rule->allow ? "allow" : "deny",
		 rule_body_format(rule, body));
	return buf;
}

const char *dev_source_format(int source, char buf[DEV_RULE_TEXT_MAX])
{
	if (source == DEV_SOURCE_NOTHING)
		return "no rule";
	if (source == DEV_SOURCE_DEFAULT)
		return "runtime default";
	snprintf(buf, DEV_RULE_TEXT_MAX, "entry %d", source);
	return buf;
}

/*
 * Would the kernel's version 1 list ignore this rule? An entry of the default's own direction only
 * takes bits from an exception with the same numbers (security/device_cgroup.c, dev_exception_rm);
 * where it would have to cut a piece out of a wider one, nothing happens.
 */
static bool v1_ignores(const struct dev_policy *policy, size_t i)
{
	const struct dev_rule *rule = &policy->rules[i];

	if (rule->allow != policy->default_allow)
		return false;
	for (size_t j = 0; j < i; j++) {
		const struct dev_rule *older = &policy->rules[j];
		bool same = older->major == rule->major && older->minor == rule->minor;

		if (older->allow != rule->allow && rule_overlaps(older, rule) && !same)
			return true;
	}
	return false;
}

int dev_policy_v1_lines(const struct dev_policy *policy, struct strv *ret)
{
	autodev_policy struct dev_policy simple;
	autostrv struct strv lines = { 0 };
	char text[DEV_RULE_TEXT_MAX], source[DEV_RULE_TEXT_MAX];

	dev_policy_simplify(policy, &simple);
	strv_addf(&lines, "devices.%s a *:* rwm", simple.default_allow ? "allow" : "deny");
	for (size_t i = 0; i < simple.len; i++) {
		struct dev_rule rule = simple.rules[i];

		if (v1_ignores(&simple, i))
			return err_code(EOPNOTSUPP,
					"device rule '%s' (%s) narrows a wider one: cgroup v1 "
					"cannot do that",
					dev_rule_format(&rule, text),
					dev_source_format(rule.source, source));
		/* A leading 'a' would mean everything: one line for each kind. */
		for (int type = DEV_TYPE_BLOCK; type <= DEV_TYPE_CHAR; type <<= 1) {
			if (!(simple.rules[i].types & type))
				continue;
			rule.types = (uint8_t) type;
			strv_addf(&lines, "devices.%s %s", rule.allow ? "allow" : "deny",
				  rule_body_format(&rule, text));
		}
	}
	strv_clear(ret);
	*ret = lines;
	lines = (struct strv){ 0 };
	return 0;
}
