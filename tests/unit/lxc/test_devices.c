/* SPDX-License-Identifier: Apache-2.0 */
/* Device rules: the truth table of LXC's cgroup2 semantics, over the model and over what is
 * written. */
#include <errno.h>

#include "base/str.h"
#include "lxc/devices.h"
#include "ocispec.h"
#include "tests/unit/t.h"

#define N_PROBES 8

static const struct {
	struct lxc_device_range range;
	unsigned mask;
} probes[N_PROBES] = {
	{ { 'c', 1, 3 }, LXC_DEV_READ | LXC_DEV_WRITE },
	{ { 'c', 1, 3 }, LXC_DEV_READ },
	{ { 'c', 1, 3 }, LXC_DEV_WRITE },
	{ { 'c', 1, 3 }, LXC_DEV_MKNOD },
	{ { 'c', 1, 5 }, LXC_DEV_READ },
	{ { 'b', 8, 0 }, LXC_DEV_MKNOD },
	{ { 'b', 8, 0 }, LXC_DEV_READ | LXC_DEV_WRITE },
	{ { 'c', 10, 200 }, LXC_DEV_READ | LXC_DEV_WRITE },
};

#define M2 "A a; D c *:* m; D b *:* m; D c 1:3 rwm"

/*
 * want: one letter a probe. intent differs from exact only where given; exact NULL means that LXC
 * does not start, so that exact mode refuses. The codes are those that must be there in intent
 * mode, and foreign those that explain a runtime which merges rules as runc does.
 */
static const struct row {
	const char *name, *lines;
	bool default_allow, attached;
	const char *program, *exact, *intent, *codes;
} rows[] = {
	{ "M1", "D a; A c *:* m; A b *:* m; A c 1:3 rwm", false, true, "+c1:3 rwm +b* m +c* m",
	  "AAAADADD", NULL, "" },
	{ "M2", M2, true, true, "-c1:3 rwm -b* m -c* m", "DDDDADAA", NULL, "" },
	{ "M3", M2 "; A a", true, false, "", "AAAAAAAA", NULL, "W331" },
	{ "M4", M2 "; D a", false, false, "", "AAAAAAAA", "DDDDDDDD", "W332" },
	{ "M5", "D a; A c 1:3 rw; A b 8:0 rw", false, true, "+b8:0 rw +c1:3 rw", "AAADDDAD", NULL,
	  "" },
	{ "C1", "", false, false, "", "AAAAAAAA", NULL, "W331" },
	{ "C2", "D a", false, false, "", "AAAAAAAA", "DDDDDDDD", "W332" },
	{ "C3", "A c 1:3 rwm", false, true, "+c1:3 rwm", "AAAADDDD", NULL, "" },
	{ "C4", "D a; A c 1:3 rwm; A c 1:5 rwm; D c 1:3 rwm", false, true, "+c1:5 rwm", "DDDDADDD",
	  NULL, "" },
	{ "C5", "D a; A c 1:3 rwm; D c 1:3 w", false, true, "+c1:3 rwm", "AAAADDDD", "DADADDDD",
	  "W338" },
	{ "C6", "D a; A c 1:3 rwm; D c 1:3 mrw", false, true, "+c1:3 rwm", "AAAADDDD", "DDDDDDDD",
	  "W338" },
	{ "C7", "D a; A c 1:3 r; A c 1:3 w", false, true, "+c1:3 w +c1:3 r", "DAADDDDD", NULL,
	  "I334" },
	{ "C8", "A a; D c 1:3 w", true, true, "-c1:3 w", "AADAAAAA", "DADAAAAA", "I335" },
	{ "C9", "A a; D c 1:3 rwm; A c 1:3 r", true, true, "-c1:3 rwm", "DDDDAAAA", "DADDAAAA",
	  "W338" },
	{ "C10", "A a; D c 1:3 rwm; A c 1:3 rwm", true, true, "", "AAAAAAAA", NULL, "" },
	{ "C11", "D a *:* rwm; A c 1:3 rwm", false, true, "+c1:3 rwm", "AAAADDDD", NULL, "" },
	{ "C12", "D a; A c 1:3 r; A a *:* rwm", false, true, "+a* rwm +c1:3 r", NULL, "AAAAAAAA",
	  "W330" },
	/* 1:3 is named after the deny; LXC gives no answer, the later line wins */
	{ "C13", "A a; D a *:* rwm; A c 1:3 rwm", true, true, "-a* rwm", NULL, "AAAADDDD", "W330" },
	{ "C14", "D a; A a 1:3 rw", false, true, "+a1:3 rw", "AAADDDDD", NULL, "" },
	{ "C15", "D a; A c  1:3 rwm; A c 1:5", false, false, "", "AAAAAAAA", "DDDDDDDD",
	  "E330 W332" },
	{ "C16", "D a; A c 01:03 rwm; A c 010:0310 rw", false, true, "+c8:200 rw +c1:3 rwm",
	  "AAAADDDD", NULL, "" },
	{ "C17", "D a; A c 1:3 rwm; D c 1:3 rwm", false, true, "", "DDDDDDDD", NULL, "" },
	{ "C18", "D a; A c 1:3 rwm; D c 1:3 rwm; A c 1:3 rwm", false, true, "+c1:3 rwm", "AAAADDDD",
	  NULL, "" },
	{ "C19", "D c 1:3 rwm; A c 1:3 rwm; D c 1:3 rwm", false, true, "", "DDDDDDDD", NULL, "" },
	{ "C20", "D a; A c *:* rwm; D c 10:200 rwm", false, true, "+c* rwm", "AAAAADDA", "AAAAADDD",
	  "W338" },
	{ "C21", "D a; A c 1:3 rwm # null; A c 1:5 rw # zero", false, true, "+c1:3 rwm", "AAAADDDD",
	  NULL, "E330" },
};

static int fake_node(void *arg, const char *path, struct lxc_device_range *ret)
{
	(void) arg;
	if (!str_eq(path, "/dev/fuse"))
		return str_eq(path, "/etc/passwd") ? -ENOTTY : -ENOENT;
	*ret = (struct lxc_device_range){ 'c', 10, 229 };
	return 0;
}

/* "A rule; D rule" */
static void plan(const char *text, int flags, struct lxc_device_policy *ret)
{
	const struct lxc_device_opts opts = { .flags = flags, .stat_node = fake_node };
	struct lxc_device_line lines[16];
	struct strv v = { 0 };

	strv_split(&v, text, ";");
	for (size_t i = 0; i < v.len; i++) {
		const char *s = v.v[i] + (v.v[i][0] == ' ');

		lines[i] = (struct lxc_device_line){ s[0] == 'A', s + 2 };
	}
	lxc_devices_plan(lines, v.len, &opts, ret);
	strv_clear(&v);
}

static void format_number(struct strbuf *b, int64_t n)
{
	if (n < 0)
		strbuf_add(b, "*");
	else
		strbuf_addf(b, "%lld", (long long) n);
}

/* "+c1:3 rwm", and "c*" for "c*:*" */
static char *format_program(const struct lxc_device_policy *p)
{
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < p->rules_len; i++) {
		const struct lxc_device_rule *r = &p->rules[i];

		strbuf_addf(&b, "%s%c%c", i ? " " : "", r->allow ? '+' : '-', r->range.type);
		format_number(&b, r->range.major);
		if (r->range.major >= 0 || r->range.minor >= 0) {
			strbuf_add_c(&b, ':');
			format_number(&b, r->range.minor);
		}
		strbuf_addf(&b, " %s", r->access);
	}
	return strbuf_take(&b);
}

/* LXC's program: all its rules have the verdict that the default has not. */
static bool model_allows(const struct lxc_device_policy *p, size_t probe)
{
	if (!p->attached)
		return true;
	for (size_t i = 0; i < p->rules_len; i++) {
		const struct lxc_device_rule *r = &p->rules[i];

		if ((r->range.type == 'a' || r->range.type == probes[probe].range.type) &&
		    (r->range.major < 0 || r->range.major == probes[probe].range.major) &&
		    (r->range.minor < 0 || r->range.minor == probes[probe].range.minor) &&
		    !(probes[probe].mask & ~r->mask))
			return r->allow;
	}
	return p->default_allow;
}

static void check_letters(const char *name, const char *what, const char *want, const char *got)
{
	if (strcmp(want, got) != 0)
		t_fail(__FILE__, __LINE__, "%s: %s is %s, expected %s", name, what, got, want);
}

static void letters_of_model(const struct lxc_device_policy *p, char out[N_PROBES + 1])
{
	for (size_t i = 0; i < N_PROBES; i++)
		out[i] = model_allows(p, i) ? 'A' : 'D';
	out[N_PROBES] = '\0';
}

static void letters_of_entries(const struct lxc_device_policy *p, char out[N_PROBES + 1])
{
	for (size_t i = 0; i < N_PROBES; i++)
		out[i] = lxc_device_entries_allow(p->entries, p->entries_len, probes[i].range,
						  probes[i].mask)
				 ? 'A'
				 : 'D';
	out[N_PROBES] = '\0';
}

/*
 * A runtime that folds the list as runc does: a default, and per device a set of bits that differ
 * from it; equal devices unite or lose bits, as the v1 controller has it.
 */
static void letters_merged(const struct lxc_device_policy *p, char out[N_PROBES + 1])
{
	struct {
		struct lxc_device_range range;
		unsigned mask;
	} set[32];
	bool dflt = false;
	size_t len = 0;

	for (size_t i = 0; i < p->entries_len; i++) {
		const struct oci_device_rule *e = &p->entries[i];
		struct lxc_device_range range = { e->type ? e->type[0] : 'a',
						  e->has_major ? e->major : -1,
						  e->has_minor ? e->minor : -1 };
		unsigned mask = 0;
		size_t k;

		if (range.type == 'a') {
			dflt = e->allow;
			len = 0;
			continue;
		}
		for (const char *s = e->access; *s; s++)
			mask |= *s == 'r'   ? LXC_DEV_READ
				: *s == 'w' ? LXC_DEV_WRITE
					    : LXC_DEV_MKNOD;
		for (k = 0; k < len; k++) {
			if (set[k].range.type == range.type && set[k].range.major == range.major &&
			    set[k].range.minor == range.minor)
				break;
		}
		if (k == len) {
			set[len].range = range;
			set[len++].mask = 0;
		}
		if (e->allow != dflt)
			set[k].mask |= mask;
		else
			set[k].mask &= ~mask;
	}
	for (size_t i = 0; i < N_PROBES; i++) {
		bool hit = false;

		for (size_t k = 0; k < len; k++) {
			hit |= set[k].range.type == probes[i].range.type && set[k].mask &&
			       (set[k].range.major < 0 ||
				set[k].range.major == probes[i].range.major) &&
			       (set[k].range.minor < 0 ||
				set[k].range.minor == probes[i].range.minor) &&
			       !(probes[i].mask & ~set[k].mask);
		}
		out[i] = hit != dflt ? 'A' : 'D';
	}
	out[N_PROBES] = '\0';
}

static void check_codes(const struct row *row, const struct lxc_device_policy *p)
{
	struct strv v = { 0 };

	strv_split(&v, row->codes, " ");
	for (size_t i = 0; i < v.len; i++) {
		char code[16];

		snprintf(code, sizeof code, "LXC-%s", v.v[i]);
		if (!lxc_notes_find(&p->notes, code))
			t_fail(__FILE__, __LINE__, "%s: no %s", row->name, code);
	}
	if (!v.len && lxc_notes_refuse(&p->notes))
		t_fail(__FILE__, __LINE__, "%s: refused", row->name);
	strv_clear(&v);
}

static void test_truth_table_exact(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct lxc_device_policy p;
		char got[N_PROBES + 1];
		char *program;

		plan(row->lines, LXC_DEVICES_EXACT | LXC_DEVICES_PRIVILEGED, &p);
		T_EQ(p.default_allow, row->default_allow);
		T_EQ(p.attached, row->attached);
		program = format_program(&p);
		check_letters(row->name, "program", row->program, program);
		free(program);
		T_EQ(p.unloadable, row->exact == NULL);
		T_EQ(lxc_notes_refuse(&p.notes), row->exact == NULL);
		if (row->exact) {
			letters_of_model(&p, got);
			check_letters(row->name, "the model", row->exact, got);
			letters_of_entries(&p, got);
			check_letters(row->name, "exact", row->exact, got);
		}
		T_EQ(p.runtime_defaults, false);
		lxc_device_policy_clear(&p);
	}
}

static void test_truth_table_intent(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct lxc_device_policy p;
		char got[N_PROBES + 1];

		plan(row->lines, LXC_DEVICES_PRIVILEGED | LXC_DEVICES_GENERIC, &p);
		letters_of_entries(&p, got);
		check_letters(row->name, "intent", row->intent ? row->intent : row->exact, got);
		check_codes(row, &p);
		lxc_device_policy_clear(&p);
	}
}

/* Equality, or a code that says where the other runtime is wider. */
static void test_truth_table_merged(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct lxc_device_policy p;
		char ours[N_PROBES + 1], theirs[N_PROBES + 1];

		plan(row->lines, LXC_DEVICES_PRIVILEGED | LXC_DEVICES_GENERIC, &p);
		letters_of_entries(&p, ours);
		letters_merged(&p, theirs);
		if (strcmp(ours, theirs) != 0 && !lxc_notes_find(&p.notes, "LXC-I334") &&
		    !lxc_notes_find(&p.notes, "LXC-I335") && !lxc_notes_find(&p.notes, "LXC-W338"))
			t_fail(__FILE__, __LINE__, "%s: merged %s, ours %s, and nothing says so",
			       row->name, theirs, ours);
		lxc_device_policy_clear(&p);
	}
}

static char *format_entries(const struct lxc_device_policy *p)
{
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < p->entries_len; i++) {
		const struct oci_device_rule *e = &p->entries[i];

		strbuf_addf(&b, "%s%c", i ? " " : "", e->allow ? '+' : '-');
		if (e->type)
			strbuf_add(&b, e->type);
		if (e->has_major)
			strbuf_addf(&b, "%lld:", (long long) e->major);
		else if (e->has_minor)
			strbuf_add(&b, "*:");
		if (e->has_minor)
			strbuf_addf(&b, "%lld", (long long) e->minor);
		strbuf_addf(&b, "/%s", e->access);
	}
	return strbuf_take(&b);
}

static void check_entries(const char *lines, int flags, const char *want)
{
	struct lxc_device_policy p;
	char *got;

	plan(lines, flags, &p);
	got = format_entries(&p);
	check_letters(lines, "list", want, got);
	free(got);
	lxc_device_policy_clear(&p);
}

static void test_entries(void)
{
	check_entries("D a; A c *:* m; A b *:* m; A c 1:3 rwm", 0, "-/rwm +c/m +b/m +c1:3/rwm");
	check_entries("A a; D c 1:3 w", 0, "+/rwm -c1:3/rwm +c1:3/rm");
	check_entries("A a; D c 1:3 w", LXC_DEVICES_EXACT, "+/rwm -c1:3/w");
	/* bits that are denied one by one add up, and come back one by one */
	check_entries("A a; D c 1:3 w; D c 1:3 r", 0, "+/rwm -c1:3/rwm +c1:3/m");
	check_entries("A a; D c 1:3 w; D c 1:3 r; A c 1:3 w", 0, "+/rwm -c1:3/rwm +c1:3/wm");
	check_entries("A a; D c 1:3 w; A c 1:3 w", 0, "+/rwm");
	/* a wildcard over a narrower rule, both ways */
	check_entries("A a; D c 1:3 r; D c *:* w", 0, "+/rwm -c/rwm +c/rm -c1:3/rwm +c1:3/m");
	check_entries("D a; A c 1:3 rw; A c 1:5 rwm; D c *:* w", 0, "-/rwm +c1:3/r +c1:5/rm");
	check_entries("D a; A c *:* rwm; D c 1:3 w; A c 1:3 w", 0,
		      "-/rwm +c/rwm -c1:3/rwm +c1:3/rm +c1:3/w");
	/* what remains is what was allowed, not the complement of what is denied */
	check_entries("D a; A c 1:3 rw; D c 1:3 w", 0, "-/rwm +c1:3/r");
	/* a deny of what nobody allowed says nothing */
	check_entries("D a; A c 1:5 r; D c 1:3 rwm", 0, "-/rwm +c1:5/r");
	/* the same allow twice, in two spellings */
	check_entries("D a; A c 1:5 rw; A c 1:5 wr", 0, "-/rwm +c1:5/rw");
	/* both kinds: never an entry of type a with numbers */
	check_entries("D a; A a 1:3 rw", 0, "-/rwm +b1:3/rw +c1:3/rw");
	check_entries("D a; A a 1:3 rw", LXC_DEVICES_EXACT, "-/rwm +b1:3/rw +c1:3/rw");
	check_entries("D a; A a *:* rwm; D c 1:3 w", 0, "+/rwm -c1:3/rwm +c1:3/rm");
	check_entries("A a; D a *:* rwm; A c 1:3 rw", 0, "-/rwm -c1:3/rwm +c1:3/rw");
	check_entries("D a; A c *:5 rw", 0, "-/rwm +c*:5/rw");
	check_entries("", 0, "+/rwm");
	check_entries("D a", LXC_DEVICES_EXACT, "+/rwm");
	check_entries("D a", 0, "-/rwm");
}

static void test_v1(void)
{
	int v1 = LXC_DEVICES_V1;

	check_entries("", v1, "+/rwm");
	check_entries("D a", v1, "-/rwm");
	/* every value that begins with a is global */
	check_entries("D a *:* rwm; A c 1:3 r; A c 1:3 w", v1, "-/rwm +c1:3/rw");
	check_entries("D a; A c 1:3 rwm; D c 1:3 w", v1, "-/rwm +c1:3/rm");
	check_entries("D a; A c 1:3 rwm; D c 1:3 rwm", v1, "-/rwm");
	/* a partial deny acts on any overlap */
	check_entries("D c 1:3 w", v1, "+/rwm -c1:3/rwm +c1:3/rm");
	check_entries("D c 1:3 rw; A c 1:3 r", v1, "+/rwm -c1:3/rwm +c1:3/rm");
	/* a wildcard is not split */
	check_entries("D a; A c *:* rwm; D c 10:200 rwm", v1, "-/rwm +c/rwm");
	/* decimal, not octal */
	check_entries("D a; A c 010:1 r", v1, "-/rwm +c10:1/r");
}

static void test_v1_notes(void)
{
	struct lxc_device_policy p;

	plan("D a; A c *:* rwm; D c 10:200 rwm", LXC_DEVICES_V1, &p);
	T_ASSERT(lxc_notes_find(&p.notes, "LXC-W338"));
	T_CONTAINS(lxc_notes_find(&p.notes, "LXC-W338")->text, "v1 splits no rule");
	lxc_device_policy_clear(&p);
	plan("D a; A c 1:3", LXC_DEVICES_V1 | LXC_DEVICES_EXACT, &p);
	T_ASSERT(lxc_notes_find(&p.notes, "LXC-E330"));
	lxc_device_policy_clear(&p);
}

static int parse(const char *text, bool allow, struct lxc_device_rule *ret)
{
	const struct lxc_device_opts opts = { .stat_node = fake_node };

	return lxc_device_rule_parse(&(struct lxc_device_line){ allow, text }, &opts, ret);
}

static void test_syntax(void)
{
	static const char *const bad[] = {
		"",
		"aa",
		"c",
		"c ",
		"c 1:3",
		"c 1:3 ",
		"c  1:3 r",
		"c 1:3  r",
		"C 1:3 r",
		"c 1:3 R",
		"c 1:3 x",
		"c 1:3 rw # x",
		"c -1:3 r",
		"c 1 3 r",
		"c 1:+3 r",
		"c 08:3 r",
		"d 1:3 r",
		"c 4294967296:1 r",
		"c 99999999999999999999:1 r",
		"c 0x1:3 r",
		"u 1:3 r",
		"c1:3 r",
		"/dev/fuse",
		"/dev/fuse ",
		"/dev/fuse x",
		" c 1:3 r",
		"c 1:3 r ",
	};
	struct lxc_device_rule r;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (parse(bad[i], true, &r) != -EINVAL)
			t_fail(__FILE__, __LINE__, "'%s' is taken", bad[i]);
	}
	T_EQ(parse("a", true, &r), 1);
	T_EQ(parse("a *:* rwm", true, &r), 0);
	T_EQ(r.range.type, 'a');
	T_EQ(parse("c 1:3 rwm and more", true, &r), 0);
	T_STR(r.access, "rwm");
	T_EQ(parse("c 1:3 rrr", true, &r), 0);
	T_EQ(r.mask, LXC_DEV_READ);
	T_STR(r.access, "rrr");
	T_EQ(parse("c\t1:*\tm", true, &r), 0);
	T_EQ(r.range.minor, -1);
	T_EQ(parse("c 010:0310 rw", true, &r), 0);
	T_EQ(r.range.major, 8);
	T_EQ(r.range.minor, 200);
}

static void test_paths(void)
{
	struct lxc_device_policy p;
	struct lxc_device_rule r;

	T_EQ(parse("/dev/fuse   rw # for sshfs", true, &r), 0);
	T_EQ(r.range.major, 10);
	T_EQ(r.range.minor, 229);
	T_EQ(r.mask, LXC_DEV_READ | LXC_DEV_WRITE);
	T_EQ(parse("/dev/fuse rw", false, &r), -EINVAL);
	T_EQ(parse("/dev/none rw", true, &r), -ENOENT);
	T_EQ(parse("/etc/passwd rw", true, &r), -ENOTTY);

	plan("D a; A /dev/fuse rwm; D /dev/fuse rw", 0, &p);
	T_CONTAINS(lxc_notes_find(&p.notes, "LXC-I333")->text, "c 10:229");
	T_EQ(lxc_notes_find(&p.notes, "LXC-E330")->line, 2);
	T_CONTAINS(lxc_notes_find(&p.notes, "LXC-E330")->text, "devices.allow only");
	lxc_device_policy_clear(&p);
}

static void test_notes_name_lines(void)
{
	const struct lxc_note *n;
	struct lxc_device_policy p;

	plan("D a; A c 1:3 rwm; A c 1:5 rwm; D c 1:3 w", 0, &p);
	n = lxc_notes_find(&p.notes, "LXC-W338");
	T_ASSERT(n);
	T_EQ(n->line, 3);
	T_EQ(n->other, 1);
	lxc_device_policy_clear(&p);

	/* a deny that LXC does honour is not reported */
	plan("D a; A c 1:3 rwm; D c 1:3 rwm", 0, &p);
	T_ASSERT(!lxc_notes_find(&p.notes, "LXC-W338"));
	lxc_device_policy_clear(&p);
	/* ... unless a wildcard still allows it there */
	plan("D a; A c *:* rwm; A c 1:3 rwm; D c 1:3 rwm", 0, &p);
	T_ASSERT(lxc_notes_find(&p.notes, "LXC-W338"));
	lxc_device_policy_clear(&p);
}

static void test_foreign_defaults(void)
{
	struct lxc_device_policy p;

	plan("D a; A c 1:5 rwm", LXC_DEVICES_GENERIC, &p);
	T_CONTAINS(lxc_notes_find(&p.notes, "LXC-W336")->text,
		   "c *:* m, b *:* m, c 1:3 rwm, c 1:7");
	lxc_device_policy_clear(&p);
	plan("A a", LXC_DEVICES_GENERIC, &p);
	T_ASSERT(!lxc_notes_find(&p.notes, "LXC-W336"));
	lxc_device_policy_clear(&p);
	plan("A a; D c 136:7 rw", LXC_DEVICES_GENERIC, &p);
	T_STR(lxc_notes_find(&p.notes, "LXC-W336")->text,
	      "other runtimes always allow c 136:* rwm, which this list denies");
	lxc_device_policy_clear(&p);
	plan("D a; A c 1:5 rwm", 0, &p);
	T_ASSERT(!lxc_notes_find(&p.notes, "LXC-W336"));
	lxc_device_policy_clear(&p);
	plan("D a", LXC_DEVICES_GENERIC, &p);
	T_ASSERT(p.runtime_defaults && !lxc_notes_find(&p.notes, "LXC-W336"));
	lxc_device_policy_clear(&p);
}

static void test_agree(void)
{
	struct lxc_device_policy a, b;

	plan("D a; A c 1:3 rw; A c *:* m", 0, &a);
	plan("D a; A c *:* m; A c 1:3 rw", LXC_DEVICES_V1, &b);
	T_ASSERT(lxc_device_entries_agree(&a, &b));
	lxc_device_policy_clear(&b);
	plan("D a; A c *:* m; A c 1:3 rw; A c 10:200 rw", LXC_DEVICES_V1, &b);
	T_ASSERT(!lxc_device_entries_agree(&a, &b));
	lxc_device_policy_clear(&a);
	lxc_device_policy_clear(&b);
}

/* ---- random lists against the definition, device by device and request by request ---- */

static unsigned lcg;

static unsigned roll(unsigned n)
{
	lcg = lcg * 1103515245u + 12345u;
	return (lcg >> 16) % n;
}

static char *random_rule(bool *global)
{
	static const char *const masks[] = { "r", "w", "m", "rw", "rm", "wm", "rwm", "mrw" };
	static const char *const numbers[] = { "*", "1", "2" };

	*global = roll(8) == 0;
	if (*global)
		return xasprintf("%c a", "AD"[roll(2)]);
	return xasprintf("%c %c %s:%s %s", "AD"[roll(2)], "abc"[roll(3)], numbers[roll(3)],
			 numbers[roll(3)], masks[roll(ARRAY_SIZE(masks))]);
}

/*
 * What intent mode promises for one device: the requests that pass (a bit for each of the 8 masks),
 * and for a denylist the bits that are denied. The later line wins, bit by bit.
 */
struct expected {
	bool default_allow;
	unsigned passing, denied;
};

static void expect_rule(struct expected *e, const struct lxc_device_rule *r)
{
	for (unsigned mask = 1; mask <= LXC_DEV_ALL && !e->default_allow; mask++) {
		if (r->allow && !(mask & ~r->mask))
			e->passing |= 1u << mask;
		else if (!r->allow && (mask & r->mask))
			e->passing &= ~(1u << mask);
	}
	if (r->allow)
		e->denied &= ~r->mask;
	else
		e->denied |= r->mask;
}

static bool expect_pass(const struct expected *e, unsigned mask)
{
	return e->default_allow ? !(mask & e->denied) : e->passing >> mask & 1;
}

static void check_point(const char *text, const struct lxc_device_policy *p,
			struct lxc_device_range at)
{
	struct strv v = { 0 };
	struct expected e = { 0 };
	bool any = false;

	strv_split(&v, text, ";");
	for (size_t i = 0; i < v.len; i++) {
		const struct lxc_device_line line = { v.v[i][0] == 'A', v.v[i] + 2 };
		const struct lxc_device_opts opts = { .flags = 0 };
		struct lxc_device_rule r;

		if (lxc_device_rule_parse(&line, &opts, &r) == 1) {
			e = (struct expected){ .default_allow = line.allow };
			any = false;
			continue;
		}
		any = true;
		if ((r.range.type == 'a' || r.range.type == at.type) &&
		    (r.range.major < 0 || r.range.major == at.major) &&
		    (r.range.minor < 0 || r.range.minor == at.minor))
			expect_rule(&e, &r);
	}
	for (unsigned mask = 1; mask <= LXC_DEV_ALL && any; mask++) {
		bool got = lxc_device_entries_allow(p->entries, p->entries_len, at, mask);

		if (got != expect_pass(&e, mask))
			t_fail(__FILE__, __LINE__, "%s: mask %u on %c %lld:%lld is %s", text, mask,
			       at.type, (long long) at.major, (long long) at.minor,
			       got ? "allowed" : "denied");
	}
	strv_clear(&v);
}

static void test_random(void)
{
	lcg = 42;
	for (int i = 0; i < 3000; i++) {
		struct strbuf text = STRBUF_INIT;
		struct lxc_device_policy p;
		bool global;

		for (unsigned n = 1 + roll(9); n > 0; n--) {
			char *rule = random_rule(&global);

			strbuf_addf(&text, "%s%s", text.len ? ";" : "", rule);
			free(rule);
		}
		plan(strbuf_str(&text), 0, &p);
		for (int k = 0; k < 18; k++)
			check_point(strbuf_str(&text), &p,
				    (struct lxc_device_range){ "bc"[k % 2], 1 + k / 2 % 3,
							       1 + k / 6 });
		T_ASSERT(p.entries_len < 100);
		lxc_device_policy_clear(&p);
		strbuf_clear(&text);
	}
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_truth_table_exact),
		T_TEST(test_truth_table_intent),
		T_TEST(test_truth_table_merged),
		T_TEST(test_entries),
		T_TEST(test_v1),
		T_TEST(test_v1_notes),
		T_TEST(test_syntax),
		T_TEST(test_paths),
		T_TEST(test_notes_name_lines),
		T_TEST(test_foreign_defaults),
		T_TEST(test_agree),
		T_TEST(test_random),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
