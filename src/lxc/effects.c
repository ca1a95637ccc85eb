/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/effects.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "lxc/diag.h"
#include "lxc/report.h"
#include "ocispec.h"

/* --- the list --- */

void effects_clear(struct effects *e)
{
	for (size_t i = 0; i < e->len; i++) {
		free(e->v[i].name);
		free(e->v[i].value);
		free(e->v[i].pointer);
	}
	free(e->v);
	*e = (struct effects){ 0 };
}

static struct effect *find(const struct effects *e, const char *name)
{
	for (size_t i = 0; i < e->len; i++) {
		if (str_eq(e->v[i].name, name))
			return &e->v[i];
	}
	return NULL;
}

/* Takes both strings. */
static void add(struct effects *e, const char *pointer, char *name, char *value)
{
	struct effect *old = find(e, name);

	if (old) {
		char *both = xasprintf("%s; %s", old->value, value);

		free(old->value);
		old->value = both;
		free(name);
		free(value);
		return;
	}
	*MODEL_ADD(e) = (struct effect){ name, value, xstrdup(pointer) };
}

static char *join(char *const *v, size_t len, const char *between)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < len; i++)
		strbuf_addf(&b, "%s%s", i ? between : "", v[i]);
	return strbuf_take(&b);
}

/* --- arrays whose items have names --- */

static char *quoted_words(char *const *v, size_t len)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < len; i++) {
		strbuf_add(&b, i ? " " : "");
		if (*v[i] && !strpbrk(v[i], " \t\"'\\"))
			strbuf_add(&b, v[i]);
		else
			strbuf_add_json(&b, v[i]);
	}
	return strbuf_take(&b);
}

static bool has(char *const *v, size_t len, const char *s)
{
	for (size_t i = 0; i < len; i++) {
		if (str_eq(v[i], s))
			return true;
	}
	return false;
}

static void capabilities(const struct oci_capabilities *c, struct effects *e)
{
	for (size_t i = 0; c && i < c->bounding_len; i++) {
		const char *cap = c->bounding[i];
		char *name = xasprintf("capability %s", str_starts(cap, "CAP_") ? cap + 4 : cap);
		bool held = has(c->effective, c->effective_len, cap);

		for (char *s = name + strlen("capability "); *s; s++)
			*s = (char) tolower((unsigned char) *s);
		add(e, "/process/capabilities/bounding", name,
		    xstrdup(held ? "held" : "can be regained"));
	}
}

static void process(const struct oci_process *p, struct effects *e)
{
	for (size_t i = 0; i < p->env_len; i++) {
		size_t cut = strcspn(p->env[i], "=");
		autofree char *pointer = report_pointer("/process/env/%zu", i);

		add(e, pointer, xasprintf("environment %.*s", (int) cut, p->env[i]),
		    xstrdup(p->env[i][cut] ? p->env[i] + cut + 1 : ""));
	}
	if (p->args_len)
		add(e, "/process/args", xstrdup("command"), quoted_words(p->args, p->args_len));
	for (size_t i = 0; i < p->rlimits_len; i++) {
		const struct oci_rlimit *l = &p->rlimits[i];
		autofree char *pointer = report_pointer("/process/rlimits/%zu", i);

		add(e, pointer, xasprintf("rlimit %s", l->type),
		    xasprintf("%llu:%llu", (unsigned long long) l->soft,
			      (unsigned long long) l->hard));
	}
	capabilities(p->capabilities, e);
}

static void mounts(const struct oci_config *c, struct effects *e)
{
	for (size_t i = 0; i < c->mounts_len; i++) {
		const struct oci_mount *m = &c->mounts[i];
		autofree char *pointer = report_pointer("/mounts/%zu", i);
		autofree char *options = join(m->options, m->options_len, ",");

		add(e, pointer, xasprintf("mount %s", m->destination),
		    xasprintf("%s %s %s", m->type ? m->type : "-", m->source ? m->source : "-",
			      *options ? options : "-"));
	}
}

static void hook_list(const char *moment, const struct oci_hook *v, size_t len, struct effects *e)
{
	for (size_t i = 0; i < len; i++) {
		autofree char *pointer = xasprintf("/hooks/%s/%zu", moment, i);

		add(e, pointer, xasprintf("hook %s", moment),
		    v[i].args_len ? quoted_words(v[i].args, v[i].args_len) : xstrdup(v[i].path));
	}
}

static void hooks(const struct oci_hooks *h, struct effects *e)
{
	if (!h)
		return;
	hook_list("prestart", h->prestart, h->prestart_len, e);
	hook_list("createRuntime", h->create_runtime, h->create_runtime_len, e);
	hook_list("createContainer", h->create_container, h->create_container_len, e);
	hook_list("startContainer", h->start_container, h->start_container_len, e);
	hook_list("poststart", h->poststart, h->poststart_len, e);
	hook_list("poststop", h->poststop, h->poststop_len, e);
}

static void id_map(const char *kind, const struct oci_id_mapping *v, size_t len, struct effects *e)
{
	for (size_t i = 0; i < len; i++) {
		autofree char *pointer = xasprintf("/linux/%sMappings/%zu", kind, i);

		add(e, pointer, xasprintf("%s map from %u", kind, v[i].container_id),
		    xasprintf("%u to %u", v[i].size, v[i].host_id));
	}
}

static void number(struct strbuf *out, bool is_set, int64_t n)
{
	if (is_set && n >= 0)
		strbuf_addf(out, "%lld", (long long) n);
	else
		strbuf_add_c(out, '*');
}

static void device_rules(const struct oci_resources *r, struct effects *e)
{
	for (size_t i = 0; r && i < r->devices_len; i++) {
		const struct oci_device_rule *d = &r->devices[i];
		autofree char *pointer = report_pointer("/linux/resources/devices/%zu", i);
		autostrbuf struct strbuf name = STRBUF_INIT;

		strbuf_addf(&name, "devices %s ", d->type ? d->type : "a");
		number(&name, d->has_major, d->major);
		strbuf_add_c(&name, ':');
		number(&name, d->has_minor, d->minor);
		add(e, pointer, strbuf_take(&name),
		    xasprintf("%s %s", d->allow ? "allow" : "deny", d->access ? d->access : "rwm"));
	}
}

static void one_syscall(const struct oci_syscall *s, const char *pointer, struct effects *e)
{
	autostrbuf struct strbuf value = STRBUF_INIT;

	strbuf_add(&value, str_starts(s->action, "SCMP_ACT_") ? s->action + 9 : s->action);
	if (s->has_errno_ret)
		strbuf_addf(&value, " %u", s->errno_ret);
	for (size_t i = 0; i < s->args_len; i++)
		strbuf_addf(&value, " if argument %u %s %llu %llu", s->args[i].index,
			    str_starts(s->args[i].op, "SCMP_CMP_") ? s->args[i].op + 9
								   : s->args[i].op,
			    (unsigned long long) s->args[i].value,
			    (unsigned long long) s->args[i].value_two);
	for (size_t i = 0; i < s->names_len; i++)
		add(e, pointer, xasprintf("system call %s", s->names[i]),
		    xstrdup(strbuf_str(&value)));
}

static void linux_lists(const struct oci_linux *l, struct effects *e)
{
	for (size_t i = 0; i < l->namespaces_len; i++) {
		autofree char *pointer = report_pointer("/linux/namespaces/%zu", i);

		add(e, pointer, xasprintf("namespace %s", l->namespaces[i].type),
		    xstrdup(l->namespaces[i].path ? l->namespaces[i].path : "new"));
	}
	id_map("uid", l->uid_mappings, l->uid_mappings_len, e);
	id_map("gid", l->gid_mappings, l->gid_mappings_len, e);
	device_rules(l->resources, e);
	for (size_t i = 0; l->seccomp && i < l->seccomp->syscalls_len; i++) {
		autofree char *pointer = report_pointer("/linux/seccomp/syscalls/%zu", i);

		one_syscall(&l->seccomp->syscalls[i], pointer, e);
	}
	for (size_t i = 0; i < l->masked_paths_len; i++)
		add(e, "/linux/maskedPaths", xasprintf("path %s", l->masked_paths[i]),
		    xstrdup("masked"));
	for (size_t i = 0; i < l->readonly_paths_len; i++)
		add(e, "/linux/readonlyPaths", xasprintf("path %s", l->readonly_paths[i]),
		    xstrdup("read-only"));
}

/* --- the rest, under its pointer --- */

static void rest(void *arg, const char *pointer, const char *text)
{
	static const char *const named[] = {
		"/process/env",
		"/process/args",
		"/process/rlimits",
		"/process/capabilities",
		"/mounts",
		"/hooks",
		"/linux/namespaces",
		"/linux/uidMappings",
		"/linux/gidMappings",
		"/linux/seccomp/syscalls",
		"/linux/resources/devices",
		"/linux/maskedPaths",
		"/linux/readonlyPaths",
		/* the version of the language, and where the document was made from, do nothing */
		"/ociVersion",
		"/annotations/org.hako.source",
	};

	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		const char *below = str_after(pointer, named[i]);

		if (below && (!*below || *below == '/'))
			return;
	}
	/* an empty list or object does nothing either */
	if (!str_eq(text, "[]") && !str_eq(text, "{}"))
		add(arg, pointer, xstrdup(pointer), xstrdup(text));
}

void effects_collect(const struct oci_config *oci, struct effects *ret)
{
	ocispec_walk(&oci_config_desc, oci, rest, ret);
	if (oci->process)
		process(oci->process, ret);
	mounts(oci, ret);
	hooks(oci->hooks, ret);
	if (oci->linux)
		linux_lists(oci->linux, ret);
}

/* --- two of them --- */

struct difference {
	const struct effect *a, *b; /* NULL: only the other has it */
};

static struct difference *compare(const struct effects *a, const struct effects *b, size_t *ret_len)
{
	struct difference *v = xcalloc(a->len + b->len + 1, sizeof(*v));

	*ret_len = 0;
	for (size_t i = 0; i < a->len; i++) {
		const struct effect *other = find(b, a->v[i].name);

		if (!other || !str_eq(other->value, a->v[i].value))
			v[(*ret_len)++] = (struct difference){ &a->v[i], other };
	}
	for (size_t i = 0; i < b->len; i++) {
		if (!find(a, b->v[i].name))
			v[(*ret_len)++] = (struct difference){ NULL, &b->v[i] };
	}
	return v;
}

static void text_side(const struct effects_side *side, const struct effect *e, char sign,
		      const char *colour, struct strbuf *out)
{
	autostrbuf struct strbuf lines = STRBUF_INIT;
	autofree char *name = NULL, *value = NULL;

	if (!e)
		return;
	name = diag_printable(e->name);
	value = diag_printable(e->value);
	if (side->report)
		report_sources(side->report, e->pointer, &lines);
	strbuf_addf(out, "%s%c %s: %s%s", colour, sign, name, value, *colour ? "\033[0m" : "");
	if (lines.len)
		strbuf_addf(out, " (%s)", strbuf_str(&lines));
	strbuf_add_c(out, '\n');
}

size_t effects_diff_text(const struct effects_side *a, const struct effects_side *b, bool colour,
			 struct strbuf *out)
{
	size_t len;
	autofree struct difference *v = compare(a->effects, b->effects, &len);

	for (size_t i = 0; i < len; i++) {
		text_side(a, v[i].a, '-', colour ? "\033[31m" : "", out);
		text_side(b, v[i].b, '+', colour ? "\033[32m" : "", out);
	}
	return len;
}

static void json_side(const struct effects_side *side, const struct effect *e, const char *member,
		      struct strbuf *out)
{
	autostrbuf struct strbuf lines = STRBUF_INIT;

	if (!e)
		return;
	if (side->report)
		report_sources(side->report, e->pointer, &lines);
	strbuf_addf(out, ",\"%s\":{\"value\":", member);
	strbuf_add_json(out, e->value);
	strbuf_add(out, ",\"pointer\":");
	strbuf_add_json(out, e->pointer);
	if (lines.len) {
		strbuf_add(out, ",\"lines\":");
		strbuf_add_json(out, strbuf_str(&lines));
	}
	strbuf_add_c(out, '}');
}

size_t effects_diff_json(const struct effects_side *a, const struct effects_side *b,
			 struct strbuf *out)
{
	size_t len;
	autofree struct difference *v = compare(a->effects, b->effects, &len);

	strbuf_add(out, "{\n\"differences\":[");
	for (size_t i = 0; i < len; i++) {
		strbuf_addf(out, "%s\n  {\"name\":", i ? "," : "");
		strbuf_add_json(out, v[i].a ? v[i].a->name : v[i].b->name);
		json_side(a, v[i].a, "a", out);
		json_side(b, v[i].b, "b", out);
		strbuf_add_c(out, '}');
	}
	strbuf_addf(out, "\n],\n\"summary\":{\"differences\":%zu}\n}\n", len);
	return len;
}
