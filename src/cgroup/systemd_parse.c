/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "cgroup/systemd_props.h"

/*
 * The part of GVariant's text format that properties of units need: booleans, strings, integers
 * with or without their type, lists of strings.
 */

#define USEC_PER_SEC 1000000

struct text {
	const char *p;
	const char *type; /* said in front of the value, or NULL */
};

static void skip_blanks(struct text *t)
{
	t->p += strspn(t->p, " \t");
}

/* "uint64 5" and "@t 5" are the same. */
static void parse_type(struct text *t)
{
	static const struct {
		const char *text, *type;
	} types[] = {
		{ "int32 ", "i" },   { "@i ", "i" }, { "uint32 ", "u" }, { "@u ", "u" },
		{ "int64 ", "x" },   { "@x ", "x" }, { "uint64 ", "t" }, { "@t ", "t" },
		{ "boolean ", "b" }, { "@b ", "b" }, { "string ", "s" }, { "@s ", "s" },
		{ "@as ", "as" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const char *rest = str_after(t->p, types[i].text);

		if (!rest)
			continue;
		t->p = rest;
		t->type = types[i].type;
		skip_blanks(t);
		return;
	}
}

/* Is this the type that was said, if one was? */
static bool agrees(const struct text *t, const char *type)
{
	return !t->type || str_eq(t->type, type);
}

static bool parse_string(struct text *t, char **ret)
{
	autostrbuf struct strbuf b = STRBUF_INIT;
	char quote = *t->p;

	if (quote != '\'' && quote != '"')
		return false;
	for (t->p++; *t->p != quote; t->p++) {
		if (*t->p == '\\')
			t->p++;
		if (!*t->p)
			return false;
		strbuf_add_c(&b, *t->p);
	}
	t->p++;
	*ret = strbuf_take(&b);
	return true;
}

static bool parse_strings(struct text *t, struct systemd_prop *p)
{
	t->p++;
	skip_blanks(t);
	while (*t->p != ']') {
		char *s;

		if (!parse_string(t, &s))
			return false;
		systemd_prop_add(p)->text = s;
		skip_blanks(t);
		if (*t->p == ',')
			t->p++;
		else if (*t->p != ']')
			return false;
		skip_blanks(t);
	}
	t->p++;
	return true;
}

static bool parse_bool(struct text *t, struct systemd_prop *p)
{
	const char *rest = str_after(t->p, "true");
	bool value = rest != NULL;

	if (!rest)
		rest = str_after(t->p, "false");
	if (!rest)
		return false;
	t->p = rest;
	systemd_prop_add(p)->number = value;
	return true;
}

static bool in_range(const char *type, const char *word, uint64_t *ret)
{
	uint32_t u32;
	int64_t i64;
	int i;

	switch (*type) {
	case 'i':
		if (str_to_int(word, &i) < 0)
			return false;
		*ret = (uint64_t) (int64_t) i;
		return true;
	case 'u':
		if (str_to_u32(word, &u32) < 0)
			return false;
		*ret = u32;
		return true;
	case 'x':
		if (str_to_i64(word, &i64) < 0)
			return false;
		*ret = (uint64_t) i64;
		return true;
	default:
		return str_to_u64(word, ret) == 0;
	}
}

static bool parse_number(struct text *t, struct systemd_prop *p)
{
	size_t n = strspn(t->p, "-0123456789");
	autofree char *word = xstrndup(t->p, n);
	uint64_t value;

	if (!in_range(p->type, word, &value))
		return false;
	t->p += n;
	systemd_prop_add(p)->number = value;
	return true;
}

/* Dispatches on the first byte; false = no value, or not of the type that was said. */
static bool parse_value(struct text *t, struct systemd_prop *p)
{
	char c = *t->p;

	if (c == '\'' || c == '"') {
		p->type = "s";
		return agrees(t, p->type) && parse_string(t, &systemd_prop_add(p)->text);
	}
	if (c == '[') {
		p->type = "as";
		return agrees(t, p->type) && parse_strings(t, p);
	}
	if (c == 't' || c == 'f') {
		p->type = "b";
		return agrees(t, p->type) && parse_bool(t, p);
	}
	p->type = t->type ? t->type : "i";
	return strchr("iuxt", *p->type) && p->type[1] == '\0' && parse_number(t, p);
}

/* TimeoutStopSec=5 of unit files is TimeoutStopUSec=5000000 on the bus. */
static int seconds_to_usec(const char *name, struct systemd_prop *p)
{
	uint64_t n = p->len ? p->v[0].number : 0;

	if (!str_ends(name, "Sec") || str_ends(name, "USec"))
		return 0;
	if (!strchr("iuxt", *p->type) || n > UINT64_MAX / USEC_PER_SEC)
		return -EINVAL;
	free(p->name);
	p->name = xasprintf("%.*sUSec", (int) (strlen(name) - strlen("Sec")), name);
	p->type = "t";
	p->v[0].number = n * USEC_PER_SEC;
	return 0;
}

int systemd_props_parse(const char *name, const char *value, struct systemd_props *ret)
{
	struct text t = { .p = value };
	struct systemd_prop *p = systemd_props_add(ret, name, "i");

	skip_blanks(&t);
	parse_type(&t);
	if (!parse_value(&t, p))
		return err_code(EINVAL, "property '%s' of the unit: '%s' is no value", name, value);
	skip_blanks(&t);
	if (*t.p)
		return err_code(EINVAL, "property '%s' of the unit: '%s' behind the value", name,
				t.p);
	if (seconds_to_usec(name, p) < 0)
		return err_code(EINVAL, "property '%s' of the unit: '%s' is no number of seconds",
				name, value);
	return 0;
}
