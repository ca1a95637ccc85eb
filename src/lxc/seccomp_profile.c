/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/seccomp_profile.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "lxc/seccomp_rules.h"
#include "ocispec.h"

/* The native architecture first, then those whose programs the kernel also runs. */
#define MAX_ARCHS 3
static const struct {
	const char *machine;
	const char *archs[MAX_ARCHS];
} machines[] = {
	{ "x86_64", { "X86_64", "X86", "X32" } },
	{ "i386", { "X86" } },
	{ "i486", { "X86" } },
	{ "i586", { "X86" } },
	{ "i686", { "X86" } },
	{ "aarch64", { "AARCH64", "ARM" } },
	{ "arm", { "ARM" } },
	{ "armv6l", { "ARM" } },
	{ "armv7l", { "ARM" } },
	{ "armv8l", { "ARM" } },
	{ "ppc64", { "PPC64", "PPC" } },
	{ "ppc64le", { "PPC64LE" } },
	{ "ppc", { "PPC" } },
	{ "mips64", { "MIPS64", "MIPS", "MIPS64N32" } },
	{ "mips", { "MIPS" } },
	{ "mips64el", { "MIPSEL64", "MIPSEL", "MIPSEL64N32" } },
	{ "mipsel", { "MIPSEL" } },
	{ "s390x", { "S390X" } },
	{ "s390", { "S390" } },
	{ "loongarch64", { "LOONGARCH64" } },
	{ "riscv64", { "RISCV64" } },
};

static const struct {
	const char *name;
	const char *arch; /* NULL: all of them */
} sections[] = {
	{ "all", NULL },	{ "x86", "X86" },	    { "x86_64", "X86_64" },
	{ "x32", "X32" },	{ "arm", "ARM" },	    { "arm64", "AARCH64" },
	{ "ppc", "PPC" },	{ "ppc64", "PPC64" },	    { "ppc64le", "PPC64LE" },
	{ "mips", "MIPS" },	{ "mips64", "MIPS64" },	    { "mips64n32", "MIPS64N32" },
	{ "mipsel", "MIPSEL" }, { "mipsel64", "MIPSEL64" }, { "mipsel64n32", "MIPSEL64N32" },
	{ "s390", "S390" },	{ "s390x", "S390X" },	    { "loongarch64", "LOONGARCH64" },
};

static const char *const *machine_archs(const char *machine)
{
	for (size_t i = 0; machine && i < ARRAY_SIZE(machines); i++) {
		if (str_eq(machines[i].machine, machine))
			return machines[i].archs;
	}
	return NULL;
}

/* Is the section about a program that this machine runs? -1: no such section. */
static int section_relevant(const char *const *archs, const char *line, size_t *ret)
{
	size_t len = strlen(line);

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		const char *name = sections[i].name;
		bool lower = true, upper = true;

		if (len != strlen(name) + 2 || line[len - 1] != ']')
			continue;
		for (size_t k = 0; name[k]; k++) {
			lower &= line[k + 1] == name[k];
			upper &= line[k + 1] == toupper((unsigned char) name[k]);
		}
		if (!lower && !upper)
			continue;
		*ret = i;
		if (!sections[i].arch)
			return 1;
		for (size_t k = 0; k < MAX_ARCHS && archs[k]; k++) {
			if (str_eq(archs[k], sections[i].arch))
				return 1;
		}
		return 0;
	}
	return -1;
}

struct profile {
	const struct lxc_seccomp_opts *opts;
	const char *const *archs;
	struct lxc_notes *notes;
	struct seccomp_rules rules;
	struct seccomp_action rule_action; /* of a rule that names none */
	size_t section;
	int section_line;
	bool irrelevant;
	bool sectioned[ARRAY_SIZE(sections)];
	struct strv section_rules[ARRAY_SIZE(sections)];
	bool cr_noted;
	struct strbuf nameless; /* numbers of a profile of version 1 that have no name here */
	size_t nameless_len;
	int nameless_line;
};

/* "allowlist" or "denylist", then an action that replaces the default for all other calls. */
static int parse_policy(struct profile *p, int n, const char *line)
{
	static const struct {
		const char *word;
		bool allow;
	} words[] = {
		{ "denylist", true },
		{ "blacklist", true },
		{ "allowlist", false },
		{ "whitelist", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *rest = str_after(line, words[i].word);
		bool has_action;
		struct seccomp_action other = { words[i].allow ? "SCMP_ACT_ALLOW"
							       : "SCMP_ACT_KILL" };

		if (!rest)
			continue;
		has_action = *rest == ' ';
		p->rule_action.name = words[i].allow ? "SCMP_ACT_KILL" : "SCMP_ACT_ALLOW";
		rest += strspn(rest, " ");
		if (has_action && seccomp_rule_action_parse(rest, p->opts->exact, &other) < 0) {
			lxc_notes_add(p->notes, "LXC-E602", n, -1,
				      "'%s': no action after '%s' that LXC knows", line,
				      words[i].word);
			return -EINVAL;
		}
		if (str_eq(other.name, "SCMP_ACT_NOTIFY")) {
			lxc_notes_add(p->notes, "LXC-E610", n, -1,
				      "'%s': no OCI runtime lets an agent answer every call", line);
			return -EINVAL;
		}
		p->rules.other = other;
		return 0;
	}
	lxc_notes_add(p->notes, "LXC-E602", n, -1,
		      "'%s': the policy line begins with allowlist or denylist", line);
	return -EINVAL;
}

static int parse_section(struct profile *p, int n, const char *line)
{
	int relevant = section_relevant(p->archs, line, &p->section);

	if (relevant < 0) {
		lxc_notes_add(p->notes, "LXC-E602", n, -1, "'%s': unsupported architecture", line);
		return -EINVAL;
	}
	p->irrelevant = !relevant;
	p->sectioned[p->section] |= relevant;
	if (!p->section_line && relevant && sections[p->section].arch)
		p->section_line = n;
	return 0;
}

static void add_rule(struct profile *p, int n, const struct seccomp_rule *rule)
{
	int first;

	switch (seccomp_rules_add(&p->rules, n, rule, &first)) {
	case SECCOMP_RULE_ADDED:
		break;
	case SECCOMP_RULE_IS_DEFAULT:
		lxc_notes_add(
			p->notes, p->opts->exact ? "LXC-E602" : "LXC-I609", n, -1,
			"the action of '%s' is that of all other calls: LXC does not start with "
			"such a rule%s",
			rule->name, p->opts->exact ? "" : ", it is left out");
		break;
	case SECCOMP_RULE_SHADOWED:
		lxc_notes_add(p->notes, "LXC-W606", n, first,
			      "'%s' has an action already: the first one is in force", rule->name);
		break;
	}
}

static int refuse(struct profile *p, int n, const char *line, const char *why)
{
	lxc_notes_add(p->notes, "LXC-E602", n, -1, "'%s': %s", line, why);
	return -EINVAL;
}

/* The text behind the name: an action, then conditions; or a comment. */
static int parse_tail(struct profile *p, int n, const char *line, const char *tail,
		      struct seccomp_rule *rule)
{
	const char *why;

	tail += strspn(tail, " ");
	if (*tail && *tail != '#' &&
	    seccomp_rule_action_parse(tail, p->opts->exact, &rule->action) < 0)
		return refuse(p, n, line, "no action behind the name that LXC knows");
	why = seccomp_args_parse(tail, rule);
	return why ? refuse(p, n, line, why) : 0;
}

/*
 * Only the blank separates for LXC: "mknod<TAB>kill" is one name that it does not know and skips.
 * What is meant is plain, so intent mode reads it that way. 1: go on with the name, which may have
 * moved.
 */
static int parse_odd_name(struct profile *p, int n, const char *line, char **name, bool has_tail,
			  struct seccomp_rule *rule)
{
	char *end;

	if (!(*name)[strcspn(*name, "\t\r\v\f[")])
		return 1;
	lxc_notes_add(p->notes, "LXC-W603", n, -1,
		      "LXC takes '%s' for a name that it does not know and skips the rule", *name);
	if (p->opts->exact)
		return 0;
	*name += strspn(*name, "\t\r\v\f");
	if ((*name)[strcspn(*name, "[")])
		return refuse(p, n, line, "an action belongs between the name and a condition");
	end = *name + strcspn(*name, "\t\r\v\f");
	if (!*end)
		return 1;
	*end++ = '\0';
	return has_tail || parse_tail(p, n, line, end + strspn(end, "\t\r\v\f"), rule) == 0;
}

/* LXC skips the rule with a warning; JSON could not even carry the name. */
static int skip_binary_name(struct profile *p, int n, const char *name)
{
	lxc_notes_add(p->notes, "LXC-I604", n, -1,
		      "'%s' is no UTF-8, so it is the name of no system call, and left out", name);
	return 0;
}

static int parse_rule(struct profile *p, int n, const char *line)
{
	struct seccomp_rule rule = { .action = p->rule_action };
	autofree char *text = xstrdup(line);
	char *name = text, *tail = strchr(text, ' ');
	int r;

	if (str_starts(line, "reject_force_umount")) {
		seccomp_rule_force_umount(&rule);
		add_rule(p, n, &rule);
		return 0;
	}
	if (tail) {
		*tail++ = '\0';
		r = parse_tail(p, n, line, tail, &rule);
		if (r < 0)
			return r;
	}
	r = parse_odd_name(p, n, line, &name, tail != NULL, &rule);
	if (r <= 0 || !*name)
		return r;
	if (!str_is_utf8(name, strlen(name)))
		return skip_binary_name(p, n, name);
	if (str_eq(rule.action.name, "SCMP_ACT_NOTIFY") && !p->opts->listener_path)
		lxc_notes_add(
			p->notes, "LXC-E610", n, -1,
			"'%s': nobody answers the notification, the caller would wait for ever",
			line);
	if (p->opts->syscall_known && !p->opts->syscall_known(p->opts->arg, name))
		lxc_notes_add(
			p->notes, "LXC-I604", n, -1,
			"no system call '%s' is known for %s here; runtimes skip names that they "
			"do not know",
			name, p->opts->machine);
	rule.name = name;
	add_rule(p, n, &rule);
	return 0;
}

static void parse_line_v2(struct profile *p, int n, char *line)
{
	if (line[0] == '#' || line[0] == '\0')
		return;
	if (line[0] == '[') {
		parse_section(p, n, line);
		return;
	}
	if (p->irrelevant)
		return;
	strv_add(&p->section_rules[p->section], line);
	parse_rule(p, n, line);
}

/* All in one note: a profile for another machine has dozens. */
#define NAMELESS_SHOWN 5

static void note_nameless(struct profile *p)
{
	size_t more = p->nameless_len > NAMELESS_SHOWN ? p->nameless_len - NAMELESS_SHOWN : 0;
	autofree char *rest = more ? xasprintf(" and %zu more", more) : xstrdup("");

	if (p->nameless_len)
		lxc_notes_add(p->notes, "LXC-W601", p->nameless_line, -1,
			      "no system calls of %s have these numbers, they are left out: %s%s",
			      p->opts->machine, strbuf_str(&p->nameless), rest);
}

/* One decimal number of a system call of the native architecture. */
static void parse_line_v1(struct profile *p, int n, char *line)
{
	struct seccomp_rule rule = { .action = p->rule_action };
	autofree char *copy = xstrdup(line);
	const char *name;
	uint32_t nr;

	if (str_to_u32(str_trim(copy), &nr) < 0) {
		refuse(p, n, line, "a profile of version 1 has one system call number a line");
		return;
	}
	name = p->opts->syscall_name ? p->opts->syscall_name(p->opts->arg, nr) : NULL;
	if (!name) {
		if (!p->nameless_len)
			p->nameless_line = n;
		if (p->nameless_len < NAMELESS_SHOWN)
			strbuf_addf(&p->nameless, "%s%u", p->nameless_len ? ", " : "", nr);
		p->nameless_len++;
		return;
	}
	rule.name = name;
	add_rule(p, n, &rule);
}

static bool same_rules(const struct strv *a, const struct strv *b)
{
	for (size_t i = 0; i < a->len; i++) {
		if (!strv_has(b, a->v[i]))
			return false;
	}
	for (size_t i = 0; i < b->len; i++) {
		if (!strv_has(a, b->v[i]))
			return false;
	}
	return true;
}

/* LXC adds the rules of every relevant section to every architecture; authors think otherwise. */
static void note_sections(struct profile *p)
{
	const struct strv *first = NULL;
	bool native = false, differ = false;

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		if (!p->sectioned[i] || !sections[i].arch)
			continue;
		native |= str_eq(sections[i].arch, p->archs[0]);
		if (!first)
			first = &p->section_rules[i];
		else
			differ |= !same_rules(first, &p->section_rules[i]);
	}
	if (first && (differ || !native))
		lxc_notes_add(
			p->notes, "LXC-I605", p->section_line, -1,
			"sections for one architecture do not narrow their rules: LXC applies "
			"them to all, and so does the result");
}

static struct oci_seccomp *finish(struct profile *p)
{
	struct oci_seccomp *out;

	note_sections(p);
	note_nameless(p);
	if (lxc_notes_refuse(p->notes))
		return NULL;
	out = xnew(struct oci_seccomp);
	seccomp_rules_take(&p->rules, out);
	out->flags = xnew_n(char *, 1);
	out->architectures = xnew_n(char *, MAX_ARCHS + 1);
	for (size_t i = 0; i < MAX_ARCHS && p->archs[i]; i++)
		out->architectures[out->architectures_len++] =
			xasprintf("SCMP_ARCH_%s", p->archs[i]);
	if (p->rules.notifies && p->opts->listener_path) {
		out->listener_path = xstrdup(p->opts->listener_path);
		if (p->opts->listener_metadata)
			out->listener_metadata = xstrdup(p->opts->listener_metadata);
	}
	return out;
}

/* Cuts the next line off; intent mode forgives a CR before the end of a line. */
static char *next_line(struct profile *p, char **text, int *n)
{
	char *line = *text, *end;

	if (!line || !*line)
		return NULL;
	++*n;
	end = strchr(line, '\n');
	*text = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	else
		end = line + strlen(line);
	if (end > line && end[-1] == '\r' && !p->opts->exact) {
		end[-1] = '\0';
		if (!p->cr_noted)
			lxc_notes_add(
				p->notes, "LXC-W608", *n, -1,
				"lines end in CR LF: LXC skips rules without an action and does "
				"not start with a section line; read here as LF");
		p->cr_noted = true;
	}
	return line;
}

/* A line that is not blank, as scanf's white space would skip to it. */
static char *next_text(struct profile *p, char **text, int *n)
{
	char *line = next_line(p, text, n);

	while (line && line[strspn(line, " \t\r\v\f")] == '\0')
		line = next_line(p, text, n);
	return line;
}

static struct oci_seccomp *parse(struct profile *p, char *text)
{
	const char *version;
	char *line;
	int n = 0;

	line = next_text(p, &text, &n);
	version = line ? str_trim(line) : "";
	if (!str_eq(version, "1") && !str_eq(version, "2")) {
		refuse(p, n, version, "the first line is the version of the profile, 1 or 2");
		return NULL;
	}
	line = next_text(p, &text, &n);
	if (!line) {
		refuse(p, n, "", "the second line is the policy");
		return NULL;
	}
	if (*version == '1') {
		if (!strstr(line, "allowlist") && !strstr(line, "whitelist")) {
			refuse(p, n, line, "version 1 knows only the policy 'allowlist'");
			return NULL;
		}
		p->rules.other.name = "SCMP_ACT_KILL";
		p->rule_action.name = "SCMP_ACT_ALLOW";
	} else if (parse_policy(p, n, line) < 0) {
		return NULL;
	}
	if (str_eq(p->rules.other.name, "SCMP_ACT_NOTIFY") && !p->opts->listener_path)
		lxc_notes_add(p->notes, "LXC-E610", n, -1, "nobody answers the notifications");
	while ((line = next_line(p, &text, &n)) != NULL)
		(*version == '1' ? parse_line_v1 : parse_line_v2)(p, n, line);
	return finish(p);
}

struct oci_seccomp *lxc_seccomp_parse(const char *text, size_t len,
				      const struct lxc_seccomp_opts *opts, struct lxc_notes *notes)
{
	struct profile p = { .opts = opts, .notes = notes };
	autofree char *copy = NULL;
	struct oci_seccomp *out;

	p.archs = machine_archs(opts->machine);
	if (!p.archs) {
		lxc_notes_add(notes, "LXC-E602", -1, -1, "no architectures are known for '%s'",
			      opts->machine ? opts->machine : "");
		return NULL;
	}
	if (memchr(text, '\0', len)) {
		lxc_notes_add(notes, "LXC-E602", -1, -1, "the profile holds a NUL byte");
		return NULL;
	}
	copy = xstrndup(text, len);
	out = parse(&p, copy);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		strv_clear(&p.section_rules[i]);
	strbuf_clear(&p.nameless);
	seccomp_rules_clear(&p.rules);
	return out;
}
