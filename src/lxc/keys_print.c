/* SPDX-License-Identifier: Apache-2.0 */
/* The key table for people: a listing, JSON, one key explained, the manual page. */
#include <ctype.h>
#include <errno.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "lxc/audit.h"
#include "lxc/diag.h"
#include "lxc/keys.h"
#include "lxc/legacy.h"

#define VERSION_RENAME 21 /* the last that reads the old names */

void keys_format_carrier(unsigned int carrier, struct strbuf *out)
{
	static const char *const names[] = { "F", "F~", "H", "A", "M", "X", "-" };
	const char *slash = "";

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(carrier & 1u << i))
			continue;
		strbuf_addf(out, "%s%s", slash, names[i]);
		slash = "/";
	}
}

static const char *card_word(enum lxc_card card)
{
	static const char *const words[] = { "last", "append", "or", "group", "clear" };

	return words[card];
}

static const char *clear_word(enum lxc_clear clear)
{
	static const char *const words[] = { "unset", "0", "default", "nothing", "error" };

	return words[clear];
}

static const char *support_word(const struct lxc_key *k)
{
	return k->support == LXC_MAPPED ? "mapped" : "reported";
}

void keys_format_text(struct strbuf *out)
{
	const char *now, *old;

	for (size_t i = 0; i < lxc_keys_len; i++) {
		const struct lxc_key *k = &lxc_keys[i];
		autostrbuf struct strbuf by = STRBUF_INIT;
		autostrbuf struct strbuf span = STRBUF_INIT;

		keys_format_carrier(k->carrier, &by);
		strbuf_addf(&span, "%u.%u-", k->since / 10, k->since % 10);
		if (k->until)
			strbuf_addf(&span, "%u.%u", k->until / 10, k->until % 10);
		strbuf_addf(out, "%-32s %-8s %-4s %-7s %-6s %s\n", k->name, support_word(k),
			    strbuf_str(&by), strbuf_str(&span), card_word(k->card), k->doc);
	}
	for (size_t i = 0; (old = legacy_name(i, &now)); i++)
		strbuf_addf(out, "%-32s %-8s %-4s %-7s %-6s %s%s\n", old, "legacy", "-", "1.0-2.1",
			    "-", now ? "= " : "no effect", now ? now : "");
}

static void add_string(struct strbuf *out, const char *name, const char *value)
{
	strbuf_addf(out, ",\"%s\":", name);
	strbuf_add_json(out, value);
}

static void add_version(struct strbuf *out, const char *name, unsigned int version)
{
	if (version)
		strbuf_addf(out, ",\"%s\":\"%u.%u\"", name, version / 10, version % 10);
}

static void json_key(const struct lxc_key *k, struct strbuf *out)
{
	autostrbuf struct strbuf by = STRBUF_INIT;

	keys_format_carrier(k->carrier, &by);
	strbuf_add(out, "{\"key\":");
	strbuf_add_json(out, k->name);
	add_string(out, "support", support_word(k));
	add_string(out, "carrier", strbuf_str(&by));
	add_version(out, "since", k->since);
	add_version(out, "until", k->until);
	add_string(out, "combines", card_word(k->card));
	add_string(out, "empty", clear_word(k->clear));
	add_string(out, "values", k->values);
	add_string(out, "oci", k->oci);
	add_string(out, "doc", k->doc);
	strbuf_add_c(out, '}');
}

static void json_legacy(const char *old, const char *now, struct strbuf *out)
{
	strbuf_add(out, "{\"key\":");
	strbuf_add_json(out, old);
	add_string(out, "support", "legacy");
	add_version(out, "until", VERSION_RENAME);
	if (now)
		add_string(out, "now", now);
	strbuf_add_c(out, '}');
}

void keys_format_json(struct strbuf *out)
{
	const char *now, *old;

	strbuf_add_c(out, '[');
	for (size_t i = 0; i < lxc_keys_len; i++) {
		strbuf_addf(out, "%s\n", i ? "," : "");
		json_key(&lxc_keys[i], out);
	}
	for (size_t i = 0; (old = legacy_name(i, &now)); i++) {
		strbuf_add(out, ",\n");
		json_legacy(old, now, out);
	}
	strbuf_add(out, "\n]\n");
}

/* --- one key --- */

static const char *card_sentence(enum lxc_card card)
{
	static const char *const sentences[] = {
		[LXC_CARD_LAST] = "a later line replaces an earlier one",
		[LXC_CARD_APPEND] = "lines add up",
		[LXC_CARD_OR] = "the words of all lines count",
		[LXC_CARD_GROUP] = "each of its groups is replaced by itself",
		[LXC_CARD_CLEAR] = "takes the empty value only",
	};

	return sentences[card];
}

static const char *clear_sentence(const struct lxc_key *k)
{
	static const char *const sentences[] = {
		[LXC_CLEAR_UNSET] = "forgets what was set before",
		[LXC_CLEAR_ZERO] = "is 0, which need not be the default",
		[LXC_CLEAR_DEFAULT] = "goes back to the default",
		[LXC_CLEAR_NOTHING] = "does nothing",
		[LXC_CLEAR_ERROR] = "is an error",
	};

	return sentences[k->clear];
}

/* Bits of enum lxc_carrier, in words. */
static const char *const carriers[] = {
	"a field of config.json, exactly",
	"a field of config.json, with a difference that the report names",
	"a hook that hako writes, which runs under any OCI runtime",
	"an annotation that hako honours and others ignore",
	"an annotation that only keeps it: it is no part of running a container",
	"nothing: it is refused, with the reason",
	"nothing: it acts on the configuration itself",
};

static void add_carriers(unsigned int carrier, struct strbuf *out)
{
	const char * or = "";

	for (size_t i = 0; i < ARRAY_SIZE(carriers); i++) {
		if (!(carrier & 1u << i))
			continue;
		strbuf_addf(out, "%s%s", or, carriers[i]);
		or = "; or ";
	}
}

static void add_span(const struct lxc_key *k, struct strbuf *out)
{
	strbuf_addf(out, "LXC %u.%u ", k->since / 10, k->since % 10);
	if (k->until)
		strbuf_addf(out, "to %u.%u; later ones refuse the file", k->until / 10,
			    k->until % 10);
	else
		strbuf_add(out, "and later");
}

/* The old name that leads to this row, or NULL; families end in a dot. Heap. */
static char *old_name(const char *old, const char *now, const struct lxc_key *k)
{
	size_t len = now ? strlen(now) : 0;
	const char *rest = k->name + len;

	if (!len || now[len - 1] != '.')
		return str_eq(now, k->name) ? xstrdup(old) : NULL;
	if (strncmp(k->name, now, len - 1) == 0 && str_starts(k->name + len - 1, "[."))
		return xasprintf("%s%.*s", old, (int) strcspn(k->name + len + 1, "]"),
				 k->name + len + 1);
	return str_starts(k->name, now) ? xasprintf("%s%s", old, rest) : NULL;
}

static void explain_text(const struct lxc_key *k, struct strbuf *out)
{
	const char *now, *old, *comma = "";

	strbuf_addf(out, "%s: %s\n", k->name, k->doc);
	strbuf_addf(out, "  values    %s\n", k->values);
	strbuf_addf(out, "  lines     %s; empty %s\n", card_sentence(k->card), clear_sentence(k));
	strbuf_add(out, "  versions  ");
	add_span(k, out);
	for (size_t i = 0; (old = legacy_name(i, &now)); i++) {
		autofree char *full = old_name(old, now, k);

		if (!full)
			continue;
		strbuf_addf(out, "%s%s%s", *comma ? "" : "; before 3.0 ", comma, full);
		comma = ", ";
	}
	strbuf_addf(out, "\n  becomes   %s\n  carried   by ", k->oci);
	add_carriers(k->carrier, out);
	strbuf_add_c(out, '\n');
	if (k->support == LXC_REPORTED)
		strbuf_add(out, "            not by this version: lines are reported (LXC-W002)\n");
}

/* What a legacy name stands for now: a member of a family keeps its own part. Heap or NULL. */
static char *new_name(const char *name, const char *old, const char *now)
{
	const char *rest = name + strlen(old);

	if (!now || !str_ends(now, "."))
		return now ? xstrdup(now) : NULL;
	if (str_eq(rest, "ipv4") || str_eq(rest, "ipv6"))
		return xasprintf("%s%s.address", now, rest);
	return xasprintf("%s%s", now, rest);
}

static void explain_legacy(const char *name, const char *now, bool json, struct strbuf *out)
{
	const struct lxc_key *k = now ? keys_find(now) : NULL;
	struct lxc_key_match m;

	if (json) {
		json_legacy(name, now, out);
		strbuf_add_c(out, '\n');
		return;
	}
	strbuf_addf(out, "%s: a name of LXC 2.0, removed in 3.0; ", name);
	if (now)
		strbuf_addf(out, "now %s\n", now);
	else
		strbuf_add(out, "it has no successor and no effect\n");
	if (!k && now && keys_match(now, &m) == 0)
		k = m.key;
	if (k)
		explain_text(k, out);
}

/* "  label     text", broken between words, further lines below the first. */
static void add_paragraph(const char *label, const char *text, struct strbuf *out)
{
	const size_t indent = 12, width = 78;
	size_t column = indent;

	strbuf_addf(out, "  %-10s", label);
	while (*text) {
		size_t n = strcspn(text, " ");

		if (column > indent && column + 1 + n > width) {
			strbuf_addf(out, "\n%*s", (int) indent, "");
			column = indent;
		} else if (column > indent) {
			strbuf_add_c(out, ' ');
			column++;
		}
		strbuf_addf(out, "%.*s", (int) n, text);
		column += n;
		text += n + (text[n] == ' ');
	}
	strbuf_add_c(out, '\n');
}

/* A diagnostic, or what `hako lxc check` finds. */
static int explain_code(const char *code, bool json, struct strbuf *out)
{
	const char *finding = audit_catalogue(code);
	const struct diag_words *w = diag_explain(code);

	if (!finding && !w)
		return err_code(ENOENT, "no diagnostic is called '%s'", code);
	if (json) {
		strbuf_add(out, "{\"code\":");
		strbuf_add_json(out, code);
		add_string(out, "text", w ? w->text : finding);
		if (w) {
			add_string(out, "why", w->why);
			add_string(out, "do", w->todo);
		}
		strbuf_add(out, "}\n");
		return 0;
	}
	strbuf_addf(out, "%s: %s\n", code, w ? w->text : finding);
	if (w) {
		add_paragraph("why", w->why, out);
		add_paragraph("do", w->todo, out);
	}
	return 0;
}

/* An entry of the table of old names, families by their beginning. */
static const char *find_legacy(const char *name, const char **ret_now)
{
	const char *old, *best = NULL, *now;

	for (size_t i = 0; (old = legacy_name(i, &now)); i++) {
		bool fits = str_ends(old, ".") ? str_starts(name, old) : str_eq(name, old);

		if (!fits || (best && strlen(best) > strlen(old)))
			continue;
		best = old;
		*ret_now = now;
	}
	return best;
}

int keys_explain(const char *name, bool json, struct strbuf *out)
{
	autofree char *full = str_starts(name, "lxc.") || str_starts(name, "LXC-")
				      ? xstrdup(name)
				      : xasprintf("lxc.%s", name);
	const struct lxc_key *k = keys_find(full);
	autofree char *near = NULL, *code = NULL;
	struct lxc_key_match m;
	const char *old, *now = NULL;

	if (audit_catalogue(name))
		return explain_code(name, json, out);
	if (str_starts(full, "LXC-"))
		return explain_code(full, json, out);
	code = xasprintf("LXC-%s", name);
	if (diag_explain(code))
		return explain_code(code, json, out);
	if (!k && keys_match(full, &m) == 0)
		k = m.key;
	if (k && json) {
		json_key(k, out);
		strbuf_add_c(out, '\n');
		return 0;
	}
	if (k) {
		explain_text(k, out);
		return 0;
	}
	old = find_legacy(full, &now);
	if (old) {
		autofree char *successor = new_name(full, old, now);

		explain_legacy(full, successor, json, out);
		return 0;
	}
	near = keys_suggest(full);
	return near ? err_code(ENOENT, "no key is called '%s'; did you mean '%s'?", name, near)
		    : err_code(ENOENT, "no key is called '%s'", name);
}

/* --- the manual page --- */

/* Where a section of the page begins. */
static const struct {
	const char *first;
	const char *title;
} sections[] = {
	{ "lxc.arch", "INIT AND PROCESS" },
	{ "lxc.namespace.clone", "NAMESPACES, IDS, TIME" },
	{ "lxc.rootfs.path", "ROOT FILE SYSTEM" },
	{ "lxc.mount.entry", "MOUNTS" },
	{ "lxc.console.path", "CONSOLE AND DEVICES" },
	{ "lxc.cap.drop", "CAPABILITIES" },
	{ "lxc.apparmor.profile", "SECURITY MODULES AND SECCOMP" },
	{ "lxc.hook", "HOOKS, LOGGING, AUTOSTART" },
	{ "lxc.net", "NETWORK" },
	{ "lxc.cgroup.dir", "CGROUP" },
};

/* A line of text: no request, no escape. */
static void roff_line(const char *s, struct strbuf *out)
{
	if (*s == '.' || *s == '\'')
		strbuf_add(out, "\\&");
	for (; *s; s++) {
		if (*s == '\\')
			strbuf_add(out, "\\e");
		else
			strbuf_add_c(out, *s);
	}
	strbuf_add_c(out, '\n');
}

static void roff_key(const struct lxc_key *k, struct strbuf *out)
{
	autostrbuf struct strbuf line = STRBUF_INIT;

	strbuf_addf(out, ".It Cm %s\n", k->name);
	strbuf_addf(&line, "%c%s.", toupper((unsigned char) k->doc[0]), k->doc + 1);
	/* some sentences begin with a word of the language */
	if (str_starts(k->doc, "init") || isdigit((unsigned char) k->doc[0]))
		line.s[0] = k->doc[0];
	roff_line(strbuf_str(&line), out);
	strbuf_addf(out, ".br\nValues: ");
	roff_line(k->values, out);
	strbuf_add(out, ".br\nBecomes: ");
	strbuf_clear(&line);
	strbuf_addf(&line, "%s (", k->oci);
	keys_format_carrier(k->carrier, &line);
	strbuf_addf(&line, "%s)", k->support == LXC_REPORTED ? ", not by this version" : "");
	roff_line(strbuf_str(&line), out);
	strbuf_clear(&line);
	add_span(k, &line);
	strbuf_addf(&line, "; %s; empty %s.", card_sentence(k->card), clear_sentence(k));
	strbuf_add(out, ".br\n");
	roff_line(strbuf_str(&line), out);
}

static const char roff_head[] =
	".\\\" SPDX-License-Identifier: Apache-2.0\n"
	".\\\" Written by hako lxc keys --mdoc; the table is src/lxc/keys_table.c.\n"
	".Dd November 27, 2026\n"
	".Dt HAKO-LXC-MAPPING 7\n"
	".Os\n"
	".Sh NAME\n"
	".Nm hako-lxc-mapping\n"
	".Nd what each key of an LXC configuration becomes in an OCI bundle\n"
	".Sh DESCRIPTION\n"
	"Every key of LXC 2.0 to 7.0, with what\n"
	".Ic hako lxc convert\n"
	"makes of it.\n"
	"Capitals in a name stand for a part that varies; a part in brackets may be missing when "
	"the value is empty.\n"
	"The letters behind a target say what carries it:\n"
	".Bl -tag -width Ds\n";

static void roff_legend(struct strbuf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(carriers); i++) {
		autostrbuf struct strbuf letter = STRBUF_INIT;

		keys_format_carrier(1u << i, &letter);
		strbuf_addf(out, ".It Li %s\n%c%s.\n", strbuf_str(&letter),
			    toupper((unsigned char) carriers[i][0]), carriers[i] + 1);
	}
	strbuf_add(out, ".El\n");
}

static const char *section_of(const struct lxc_key *k)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		if (str_eq(sections[i].first, k->name))
			return sections[i].title;
	}
	return NULL;
}

/* "Label: text.", each sentence on a line of its own. */
static void roff_sentences(const char *label, const char *text, struct strbuf *out)
{
	autofree char *all = xasprintf("%s%s.", label, text);
	char *from = all, *end;

	*from = (char) toupper((unsigned char) *from);
	for (; (end = strstr(from, ". ")); from = end + 2) {
		end[1] = '\0';
		roff_line(from, out);
	}
	roff_line(from, out);
}

static void roff_codes(struct strbuf *out)
{
	const struct diag_words *w;

	strbuf_add(out, ".Sh DIAGNOSTICS\n"
			"Messages of the report end in a code.\n"
			"E stops the conversion, W is something that is not as in LXC or not as it "
			"looks, I is a note.\n"
			"With\n.Fl -strict\nevery W is an E.\n"
			".Bl -tag -width Ds\n");
	for (size_t i = 0; (w = diag_words(i)); i++) {
		strbuf_addf(out, ".It Li LXC-%s\n", w->number);
		roff_sentences("", w->text, out);
		strbuf_add(out, ".br\n");
		roff_sentences("Why: ", w->why, out);
		strbuf_add(out, ".br\n");
		roff_sentences("Do: ", w->todo, out);
	}
	strbuf_add(out, ".El\n");
}

void keys_format_mdoc(struct strbuf *out)
{
	const char *now, *old;

	strbuf_add(out, roff_head);
	roff_legend(out);
	for (size_t i = 0; i < lxc_keys_len; i++) {
		const char *title = section_of(&lxc_keys[i]);

		if (title)
			strbuf_addf(out, "%s.Sh %s\n.Bl -tag -width Ds\n", i ? ".El\n" : "", title);
		roff_key(&lxc_keys[i], out);
	}
	strbuf_add(out, ".El\n.Sh OLD NAMES\nLXC before 3.0 also reads these, and so does hako:\n"
			".Bl -tag -width Ds\n");
	for (size_t i = 0; (old = legacy_name(i, &now)); i++) {
		strbuf_addf(out, ".It Cm %s\n", old);
		if (now)
			strbuf_addf(out, "Now\n.Cm %s\n", now);
		else
			strbuf_add(out, "Without effect.\n");
	}
	strbuf_add(out, ".El\n");
	roff_codes(out);
	strbuf_add(out, ".Sh SEE ALSO\n.Xr lxc.container.conf 5 ,\n.Xr hako 8 ,\n"
			".Xr hako-lxc 8\n");
}
