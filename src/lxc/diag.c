/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/diag.h"

#include <stdarg.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"

/* A hostile file could earn one error per line; nobody reads more than this. */
#define DIAG_MAX_ERRORS	 1000
#define DIAG_MAX_ENTRIES 20000
/* How far back an equal entry is looked for. */
#define DIAG_TWIN_WINDOW 64

static const struct {
	const char *number; /* severity letter and number as the catalogue names it */
	const char *text;
} catalogue[] = {
	{ "E001", "syntax error" },
	{ "E002", "unknown key" },
	{ "W002", "key is known, but this version of the converter does not carry it" },
	{ "E003", "bad value" },
	{ "E004", "a file that the configuration names cannot be used" },
	{ "W101", "text that LXC ignores without a word" },
	{ "W102", "LXC reads this value in another way than it looks" },
	{ "W103", "line without effect" },
	{ "W104", "relative path: LXC starts from the caller's working directory" },
	{ "I105", "the order of the files in an included directory decides" },
	{ "I106", "key name of LXC 2.0 and older" },
	{ "W107", "the Proxmox front end skips this line" },
	{ "W108", "a line of Proxmox is carried in another way" },
	{ "W109", "something that Proxmox itself does for the container" },
	{ "I110", "host id range not reserved, or used by another container" },
	{ "W210", "resource limit without a name in the specification" },
	{ "W211", "sysctl that is not namespaced, or that LXC could not have written" },
	{ "W212", "core scheduling needs hako" },
	{ "W220", "namespace.keep would create an unmapped user namespace" },
	{ "W221", "sharing a pid and a user namespace opens the other container" },
	{ "W222", "sharing by the name of a container needs hako" },
	{ "E230", "id map for users or groups only" },
	{ "E240", "no root file system: LXC would use the host's" },
	{ "W241", "storage that has to be mounted before the start" },
	{ "W250", "LXC ignores this mount, or it could not work there" },
	{ "I251", "optional source is missing now" },
	{ "W252",
	  "mount option that LXC matches by prefix or inside a word, or forgets on a bind" },
	{ "E253", "mount of type none that is no bind" },
	{ "E254", "mount target leaves the root file system" },
	{ "I255", "symbolic link in a mount target" },
	{ "I256", "mount target that is not there, without create=" },
	{ "W260", "writable parts below a read-only proc or sys need hako" },
	{ "W261", "cgroup-full is carried like cgroup" },
	{ "E262", "empty shmounts" },
	{ "W270", "terminals on /dev/ttyN need hako" },
	{ "I271", "LXC makes no devpts here" },
	{ "I280", "AppArmor default profile is not known on this host" },
	{ "W281", "generated AppArmor profile" },
	{ "I282", "AppArmor lines without a generated profile" },
	{ "I283", "seccomp filters always stack" },
	{ "W284", "seccomp notify proxy needs a shim" },
	{ "W285", "label of the keyring needs hako" },
	{ "W300", "network interface needs the hook" },
	{ "I301", "state of the loopback interface" },
	{ "W310", "inner cgroup needs hako" },
	{ "W320", "cgroup v1 lines are ignored on cgroup2" },
	{ "W321", "no cgroup2 equivalent" },
	{ "E330", "device rule that LXC refuses and skips" },
	{ "W331", "no device restriction at all" },
	{ "W332", "an empty device list restricts nothing in LXC" },
	{ "I333", "device path resolved now" },
	{ "I334", "some runtimes merge rules of the same device" },
	{ "I335", "partial deny is closed" },
	{ "W336", "other runtimes always allow default devices" },
	{ "I337", "v1 and v2 device lines differ; v2 counts" },
	{ "W338", "device line that LXC itself does not enforce" },
	{ "W401", "capability number without a name in the specification" },
	{ "I402", "dropped capability number without a name" },
	{ "E403", "cap.drop together with cap.keep" },
	{ "I404", "capabilities that defeat confinement are kept" },
	{ "I405", "no id map: root inside is root outside" },
	{ "I501", "/dev/ptmx is a link, not a bind mount" },
	{ "I502", "boot id of the host shows" },
	{ "W503", "autodev off: device nodes come from the root file system" },
	{ "I504", "no PATH and a bare command name" },
	{ "W505", "owner of the root file system does not fit the id map" },
	{ "W601", "system call number without a name" },
	{ "E602", "seccomp profile line that LXC refuses" },
	{ "W603", "seccomp profile line that LXC takes as an unknown name" },
	{ "I604", "unknown system call" },
	{ "I605", "architecture sections do not narrow rules" },
	{ "W606", "system call listed twice with different actions" },
	{ "I607", "filter is loaded at another moment" },
	{ "W608", "seccomp profile with CR LF" },
	{ "I609", "rule equal to the default action" },
	{ "E610", "notify without a listener" },
	{ "W701", "pre-start hook runs later" },
	{ "W702", "pre-mount hook needs hako" },
	{ "I703", "start-host hook runs at another moment" },
	{ "W704", "stop hook lacks the namespace arguments" },
	{ "W705", "start hook that LXC cannot run" },
};

const char *diag_catalogue(const char *code)
{
	const char *number = str_after(code, "LXC-");
	const char *fallback = NULL;

	if (!number || !*number)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(catalogue); i++) {
		if (strcmp(catalogue[i].number, number) == 0)
			return catalogue[i].text;
		if (strcmp(catalogue[i].number + 1, number + 1) == 0)
			fallback = catalogue[i].text;
	}
	return fallback;
}

static void entry_clear(struct lxc_diag_entry *e)
{
	free(e->file);
	free(e->key);
	free(e->text);
	free(e->hint);
}

void diag_clear(struct lxc_diag *d)
{
	for (size_t i = 0; i < d->len; i++)
		entry_clear(&d->v[i]);
	free(d->v);
	d->v = NULL;
	d->len = d->errors = d->warnings = 0;
	d->files = NULL;
}

/* Input ends up in terminals: what could steer one, or is no UTF-8, is shown as \xNN. */
char *diag_printable(const char *s)
{
	autostrbuf struct strbuf b = STRBUF_INIT;
	bool utf8 = str_is_utf8(s, strlen(s));

	for (const unsigned char *p = (const unsigned char *) s; *p; p++) {
		/* C1 controls are C2 80 .. C2 9F in UTF-8 */
		bool c1 = *p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f;

		if (*p < 0x20 || *p == 0x7f || (*p >= 0x80 && !utf8))
			strbuf_addf(&b, "\\x%02x", *p);
		else if (c1)
			strbuf_addf(&b, "\\x%02x", *++p);
		else
			strbuf_add_c(&b, (char) *p);
	}
	return strbuf_take(&b);
}

static bool has_twin(const struct lxc_diag *d, const struct lxc_diag_entry *e)
{
	size_t first = d->len > DIAG_TWIN_WINDOW ? d->len - DIAG_TWIN_WINDOW : 0;

	for (size_t i = d->len; i-- > first;) {
		const struct lxc_diag_entry *o = &d->v[i];

		if (strcmp(o->code, e->code) == 0 && lxc_pos_eq(o->pos, e->pos) &&
		    str_eq(o->key, e->key) && strcmp(o->text, e->text) == 0)
			return true;
	}
	return false;
}

static enum lxc_severity severity_of(const struct lxc_diag *d, char letter)
{
	switch (letter) {
	case 'E':
		return LXC_SEV_ERROR;
	case 'W':
		return d->strict ? LXC_SEV_ERROR : LXC_SEV_WARN;
	default:
		return LXC_SEV_INFO;
	}
}

int diag_add(struct lxc_diag *d, const char *code, struct lxc_pos pos, const char *key,
	     const char *fmt, ...)
{
	struct lxc_diag_entry e = { .pos = pos, .severity = severity_of(d, code[4]) };
	int r = e.severity == LXC_SEV_ERROR ? -EINVAL : 0;
	autofree char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	snprintf(e.code, sizeof(e.code), "%s", code);
	e.promoted = e.severity == LXC_SEV_ERROR && code[4] == 'W';
	if (e.promoted)
		e.code[4] = 'E';
	e.text = diag_printable(text);
	e.key = key ? diag_printable(key) : NULL;
	if (has_twin(d, &e) || d->errors >= DIAG_MAX_ERRORS ||
	    (d->len >= DIAG_MAX_ENTRIES && e.severity != LXC_SEV_ERROR)) {
		entry_clear(&e);
		return r;
	}
	if (e.severity == LXC_SEV_ERROR && d->errors + 1 == DIAG_MAX_ERRORS) {
		free(e.text);
		e.text = xstrdup("too many errors; the rest is not shown");
	}
	if (pos.line && d->files)
		e.file = diag_printable(model_file_name(d->files, pos));
	d->errors += e.severity == LXC_SEV_ERROR;
	d->warnings += e.severity == LXC_SEV_WARN;
	*MODEL_ADD(d) = e;
	return r;
}

void diag_hint(struct lxc_diag *d, const char *fmt, ...)
{
	autofree char *hint = NULL;
	struct lxc_diag_entry *e;
	va_list ap;

	/* behind the limit the last entry is about the limit */
	if (d->len == 0 || d->errors >= DIAG_MAX_ERRORS)
		return;
	va_start(ap, fmt);
	hint = xvasprintf(fmt, ap);
	va_end(ap);
	e = &d->v[d->len - 1];
	free(e->hint);
	e->hint = diag_printable(hint);
}

int diag_result(const struct lxc_diag *d)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	if (d->errors == 0)
		return 0;
	for (size_t i = 0; i < d->len; i++) {
		if (d->v[i].severity != LXC_SEV_ERROR)
			continue;
		diag_format(&d->v[i], false, &b);
		break;
	}
	if (d->errors > 1)
		strbuf_addf(&b, " (and %zu more)", d->errors - 1);
	return err_code(EINVAL, "%s", strbuf_str(&b));
}

void diag_format(const struct lxc_diag_entry *e, bool with_code, struct strbuf *out)
{
	static const char *const words[] = { "note: ", "warning: ", "" };

	if (e->file)
		strbuf_addf(out, "%s:%u: ", e->file, e->pos.line);
	strbuf_add(out, words[e->severity]);
	if (e->key)
		strbuf_addf(out, "%s: ", e->key);
	strbuf_add(out, e->text);
	if (e->hint)
		strbuf_addf(out, " (%s)", e->hint);
	if (with_code)
		strbuf_addf(out, " [%s]", e->code);
}

static int compare_place(const void *a, const void *b)
{
	const struct lxc_diag_entry *x = *(const struct lxc_diag_entry *const *) a;
	const struct lxc_diag_entry *y = *(const struct lxc_diag_entry *const *) b;

	if (x->pos.file != y->pos.file)
		return x->pos.file < y->pos.file ? -1 : 1;
	if (x->pos.line != y->pos.line)
		return x->pos.line < y->pos.line ? -1 : 1;
	return x < y ? -1 : x > y; /* same array: keeps the order in which they were added */
}

/* Pointers to the entries in the order of the input; heap. */
static const struct lxc_diag_entry **sorted(const struct lxc_diag *d)
{
	const struct lxc_diag_entry **v = xcalloc(d->len + 1, sizeof(*v));

	for (size_t i = 0; i < d->len; i++)
		v[i] = &d->v[i];
	qsort(v, d->len, sizeof(*v), compare_place);
	return v;
}

void diag_format_all(const struct lxc_diag *d, struct strbuf *out)
{
	autofree const struct lxc_diag_entry **v = sorted(d);

	for (size_t i = 0; i < d->len; i++) {
		diag_format(v[i], true, out);
		strbuf_add_c(out, '\n');
	}
}

static void add_member(struct strbuf *out, const char *name, const char *value)
{
	if (!value)
		return;
	strbuf_addf(out, ",\"%s\":", name);
	strbuf_add_json(out, value);
}

void diag_format_json(const struct lxc_diag *d, struct strbuf *out)
{
	static const char *const words[] = { "info", "warning", "error" };
	autofree const struct lxc_diag_entry **v = sorted(d);

	strbuf_add_c(out, '[');
	for (size_t i = 0; i < d->len; i++) {
		const struct lxc_diag_entry *e = v[i];

		strbuf_addf(out, "%s\n  {\"code\":\"%s\",\"severity\":\"%s\"", i ? "," : "",
			    e->code, words[e->severity]);
		if (e->file) {
			add_member(out, "file", e->file);
			strbuf_addf(out, ",\"line\":%u", e->pos.line);
		}
		add_member(out, "key", e->key);
		add_member(out, "text", e->text);
		add_member(out, "hint", e->hint);
		strbuf_add_c(out, '}');
	}
	strbuf_add(out, d->len ? "\n]" : "]");
}
