/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/err.h"
#include "bpf/dev_compile.h"
#include "bpf/dev_rule.h"
#include "bpf/disasm.h"
#include "bpf/sim.h"
#include "cgroup/cgroup.h"
#include "cli/cli.h"
#include "lxc/convert.h"
#include "ocispec.h"
#include "spec/annotations.h"
#include "spec/bundle.h"

struct devices_opts {
	const char *bundle, *config, *lxc;
	bool exact, as_asm, as_json;
};

#define O(member) offsetof(struct devices_opts, member)
static const struct opt table[] = {
	{ "bundle", 'b', OPT_STRING, O(bundle), "DIR", "the bundle (current directory)" },
	{ "config", 'f', OPT_STRING, O(config), "FILE", "configuration instead of config.json" },
	{ "lxc", 0, OPT_STRING, O(lxc), "CONFIG", "an LXC configuration instead of a bundle" },
	{ "exact", 0, OPT_FLAG, O(exact), NULL,
	  "with --lxc: what LXC enforces, not what the lines say" },
	{ "asm", 0, OPT_FLAG, O(as_asm), NULL, "print the eBPF program" },
	{ "json", 0, OPT_FLAG, O(as_json), NULL, "print JSON" },
};

/* What is printed: the policy with its program, and the answers to the probes. */
struct view {
	struct dev_policy full, simple;
	struct dev_prog prog;
};

static void view_clear(struct view *v)
{
	dev_policy_clear(&v->full);
	dev_policy_clear(&v->simple);
	dev_prog_clear(&v->prog);
}

static int view_from_config(const struct oci_config *config, const struct annotations *a,
			    struct view *ret)
{
	const struct oci_resources *res = config->linux ? config->linux->resources : NULL;
	int r;

	dev_policy_init(&ret->full);
	r = cgroup_device_policy(res ? res->devices : NULL, res ? res->devices_len : 0,
				 a->devices != ANNOTATIONS_DEVICES_NONE, &ret->full);
	if (r < 0)
		return r;
	dev_policy_simplify(&ret->full, &ret->simple);
	if (dev_policy_allows_all(&ret->simple))
		return 0;
	return dev_prog_compile(&ret->simple, &ret->prog);
}

static int view_load_bundle(const struct devices_opts *o, struct view *ret)
{
	struct bundle b = BUNDLE_INIT;
	int r;

	r = bundle_load(o->bundle ? o->bundle : ".", o->config, &b);
	if (r >= 0)
		r = view_from_config(b.config, &b.annotations, ret);
	bundle_clear(&b);
	return r;
}

static int view_load_lxc(const struct devices_opts *o, struct view *ret)
{
	struct lxc_convert_opts opts = { .config = o->lxc,
					 .parse.mode = o->exact ? LXC_EXACT : LXC_INTENT };
	struct lxc_convert_result result = { 0 };
	struct annotations a = { 0 };
	int r;

	r = lxc_convert(&opts, &result);
	if (r >= 0)
		r = annotations_parse(result.oci->annotations, &a);
	if (r >= 0)
		r = view_from_config(result.oci, &a, ret);
	annotations_clear(&a);
	lxc_convert_clear(&result);
	return r;
}

/* ---- text ---- */

/* An entry by its place in the document; the runtime's own in words. */
#define SOURCE_MAX 64
static const char *source_text(int source, char buf[SOURCE_MAX])
{
	if (source >= 0)
		snprintf(buf, SOURCE_MAX, "linux.resources.devices[%d]", source);
	else
		dev_source_format(source, buf);
	return buf;
}

static const char *verdict_word(bool allow)
{
	return allow ? "allowed" : "denied";
}

static void text_rules(const struct view *v, struct strbuf *out)
{
	char rule[DEV_RULE_TEXT_MAX], source[SOURCE_MAX];

	strbuf_add(out, "Rules (the last one that matches decides):\n");
	for (size_t i = 0; i < v->full.len; i++)
		strbuf_addf(out, "   %-24s %s\n", dev_rule_format(&v->full.rules[i], rule),
			    source_text(v->full.rules[i].source, source));
	strbuf_addf(out, "   %-24s %s\n",
		    v->full.default_allow ? "otherwise allow" : "otherwise deny",
		    source_text(v->full.default_source, source));
}

static void text_asm(const struct view *v, struct strbuf *out)
{
	if (v->prog.len == 0)
		strbuf_add(out, "Program: none is attached, everything is allowed\n");
	else
		strbuf_addf(out, "Program (%zu instructions):\n", v->prog.len);
	disasm_format(v->prog.insns, v->prog.len, NULL, NULL, out);
}

/* The program answers; the list says which entry it was. They must agree. */
static int probe_eval(const struct view *v, const char *text, struct dev_verdict *ret)
{
	struct dev_probe p;
	int r, run;

	r = dev_probe_parse(text, &p);
	if (r < 0)
		return r;
	*ret = dev_policy_eval(&v->full, &p);
	run = v->prog.len ? sim_run(v->prog.insns, v->prog.len, &p) : 1;
	if (run < 0)
		return run;
	if (run != ret->allow)
		return err_code(EPROTO,
				"probe '%s': rules and program disagree; please report this", text);
	return 0;
}

static int text_probe(const struct view *v, const char *probe, struct strbuf *out)
{
	char rule[DEV_RULE_TEXT_MAX] = "", source[SOURCE_MAX];
	struct dev_verdict d;
	int r = probe_eval(v, probe, &d);

	if (r < 0)
		return r;
	if (d.rule >= 0)
		dev_rule_format(&v->full.rules[d.rule], rule);
	strbuf_addf(out, "%s: %s by %s%s%s\n", probe, verdict_word(d.allow),
		    source_text(d.source, source), *rule ? ": " : "", rule);
	return 0;
}

static int format_text(const struct view *v, const struct devices_opts *o, char **probes,
		       struct strbuf *out)
{
	int r = 0;

	if (o->as_asm)
		text_asm(v, out);
	else if (!*probes)
		text_rules(v, out);
	for (; *probes && r >= 0; probes++)
		r = text_probe(v, *probes, out);
	return r;
}

/* ---- JSON ---- */

static void json_rule(const struct dev_rule *rule, struct strbuf *out)
{
	static const char *const types[] = {
		[DEV_TYPE_BLOCK] = "b", [DEV_TYPE_CHAR] = "c", [DEV_TYPE_ALL] = "a"
	};
	char access[4];

	strbuf_addf(out, "{\"allow\":%s,\"type\":\"%s\"", rule->allow ? "true" : "false",
		    types[rule->types]);
	if (rule->major != DEV_ANY)
		strbuf_addf(out, ",\"major\":%lld", (long long) rule->major);
	if (rule->minor != DEV_ANY)
		strbuf_addf(out, ",\"minor\":%lld", (long long) rule->minor);
	strbuf_addf(out, ",\"access\":\"%s\",\"source\":", dev_access_format(rule->access, access));
	if (rule->source >= 0)
		strbuf_addf(out, "%d}", rule->source);
	else
		strbuf_add(out, "\"default\"}");
}

static void json_program(const struct view *v, struct strbuf *out)
{
	autostrbuf struct strbuf text = STRBUF_INIT;
	autostrv struct strv lines = { NULL, 0 };

	disasm_format(v->prog.insns, v->prog.len, NULL, NULL, &text);
	strv_split(&lines, strbuf_str(&text), "\n");
	strbuf_add(out, "],\"program\":[");
	for (size_t i = 0; i < lines.len; i++) {
		strbuf_add(out, i ? "," : "");
		strbuf_add_json(out, str_trim(lines.v[i]));
	}
	strbuf_add(out, "]");
}

static int json_probe(const struct view *v, const char *probe, struct strbuf *out)
{
	struct dev_verdict d;
	int r = probe_eval(v, probe, &d);

	if (r < 0)
		return r;
	strbuf_add(out, "{\"probe\":");
	strbuf_add_json(out, probe);
	strbuf_addf(out, ",\"allow\":%s,\"rule\":", d.allow ? "true" : "false");
	if (d.rule >= 0)
		strbuf_addf(out, "%d}", d.rule);
	else
		strbuf_add(out, "null}");
	return 0;
}

static int format_json(const struct view *v, char **probes, struct strbuf *out)
{
	int r = 0;

	strbuf_addf(out, "{\"defaultAllow\":%s,\"rules\":[",
		    v->full.default_allow ? "true" : "false");
	for (size_t i = 0; i < v->full.len; i++) {
		strbuf_add(out, i ? "," : "");
		json_rule(&v->full.rules[i], out);
	}
	json_program(v, out);
	strbuf_add(out, ",\"probes\":[");
	for (char **p = probes; *p && r >= 0; p++) {
		strbuf_add(out, p > probes ? "," : "");
		r = json_probe(v, *p, out);
	}
	strbuf_add(out, "]}\n");
	return r;
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	__attribute__((cleanup(view_clear))) struct view v = { 0 };
	autostrbuf struct strbuf out = STRBUF_INIT;
	const struct devices_opts *o = opts;
	int r;

	(void) rt;
	if (o->lxc && (o->bundle || o->config))
		return err_code(EINVAL, "--lxc and --bundle: one or the other");
	r = o->lxc ? view_load_lxc(o, &v) : view_load_bundle(o, &v);
	if (r >= 0)
		r = o->as_json ? format_json(&v, args, &out) : format_text(&v, o, args, &out);
	return r < 0 ? r : out_text(strbuf_str(&out));
}

const struct command cmd_devices = {
	.name = "devices",
	.args = "[PROBE...]",
	.summary = "show device rules, their eBPF program, and what they decide for 'c 1:3 rw'",
	COMMAND_OPTS(table, struct devices_opts),
	.order = OPT_ANYWHERE,
	.max_args = -1,
	.run = run,
};
