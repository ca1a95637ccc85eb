/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/err.h"
#include "bpf/dev_compile.h"
#include "bpf/dev_rule.h"
#include "bpf/disasm.h"
#include "bpf/sim.h"
#include "cgroup/cgroup.h"
#include "cli/cli.h"
#include "cli/devices.h"
#include "lxc/convert.h"
#include "ocispec.h"
#include "spec/annotations.h"
#include "spec/bundle.h"

#define O(member) offsetof(struct devices_opts, member)
static const struct opt table[] = {
	{ "bundle", 'b', OPT_STRING, O(bundle), "DIR", "the bundle (current directory)" },
	{ "config", 'f', OPT_STRING, O(config), "FILE", "configuration instead of config.json" },
	{ "lxc", 0, OPT_STRING, O(lxc), "CONFIG", "an LXC configuration instead of a bundle" },
	{ "exact", 0, OPT_FLAG, O(exact), NULL,
	  "with --lxc: what LXC enforces, not what the lines say" },
	{ "asm", 0, OPT_FLAG, O(as_asm), NULL, "print the eBPF program" },
	{ "json", 0, OPT_FLAG, O(as_json), NULL, "print JSON" },
	{ "trace", 0, OPT_FLAG, O(trace), NULL,
	  "print what a running container is denied, as it happens" },
};

static int view_load_bundle(const struct devices_opts *o, struct devices_view *ret)
{
	struct bundle b = BUNDLE_INIT;
	int r;

	r = bundle_load(o->bundle ? o->bundle : ".", o->config, &b);
	if (r >= 0)
		r = devices_view_from_config(b.config, &b.annotations, ret);
	bundle_clear(&b);
	return r;
}

static int view_load_lxc(const struct devices_opts *o, struct devices_view *ret)
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
		r = devices_view_from_config(result.oci, &a, ret);
	annotations_clear(&a);
	lxc_convert_clear(&result);
	return r;
}

/* ---- text ---- */

static const char *verdict_word(bool allow)
{
	return allow ? "allowed" : "denied";
}

static void text_asm(const struct devices_view *v, struct strbuf *out)
{
	if (v->prog.len == 0)
		strbuf_add(out, "Program: none is attached, everything is allowed\n");
	else
		strbuf_addf(out, "Program (%zu instructions):\n", v->prog.len);
	disasm_format(v->prog.insns, v->prog.len, NULL, NULL, out);
}

/* The program answers; the list says which entry it was. They must agree. */
static int probe_eval(const struct devices_view *v, const char *text, struct dev_verdict *ret)
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

static int text_probe(const struct devices_view *v, const char *probe, struct strbuf *out)
{
	char rule[DEV_RULE_TEXT_MAX] = "", source[DEVICES_SOURCE_MAX];
	struct dev_verdict d;
	int r = probe_eval(v, probe, &d);

	if (r < 0)
		return r;
	if (d.rule >= 0)
		dev_rule_format(&v->full.rules[d.rule], rule);
	strbuf_addf(out, "%s: %s by %s%s%s\n", probe, verdict_word(d.allow),
		    devices_source_text(d.source, source), *rule ? ": " : "", rule);
	return 0;
}

static int format_text(const struct devices_view *v, const struct devices_opts *o, char **probes,
		       struct strbuf *out)
{
	int r = 0;

	if (o->as_asm)
		text_asm(v, out);
	else if (!*probes) {
		strbuf_add(out, "Rules (the last one that matches decides):\n");
		devices_text_policy(&v->full, out);
	}
	for (; *probes && r >= 0; probes++)
		r = text_probe(v, *probes, out);
	return r;
}

/* ---- JSON ---- */

static int json_probe(const struct devices_view *v, const char *probe, struct strbuf *out)
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

static int format_json(const struct devices_view *v, char **probes, struct strbuf *out)
{
	int r = 0;

	strbuf_addf(out, "{\"defaultAllow\":%s,\"rules\":[",
		    v->full.default_allow ? "true" : "false");
	for (size_t i = 0; i < v->full.len; i++) {
		strbuf_add(out, i ? "," : "");
		devices_json_rule(&v->full.rules[i], out);
	}
	strbuf_add(out, "],\"program\":");
	devices_json_listing(v->prog.insns, v->prog.len, out);
	strbuf_add(out, ",\"probes\":[");
	for (char **p = probes; *p && r >= 0; p++) {
		strbuf_add(out, p > probes ? "," : "");
		r = json_probe(v, *p, out);
	}
	strbuf_add(out, "]}\n");
	return r;
}

/* A probe has blanks; an id has none. */
static bool is_container(const char *arg)
{
	return !str_empty(arg) && !strchr(arg, ' ');
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	__attribute__((cleanup(devices_view_clear))) struct devices_view v = { 0 };
	autostrbuf struct strbuf out = STRBUF_INIT;
	const struct devices_opts *o = opts;
	int r;

	if (o->lxc && (o->bundle || o->config))
		return err_code(EINVAL, "--lxc and --bundle: one or the other");
	if (!o->lxc && !o->bundle && !o->config && is_container(args[0]))
		return devices_of_running(rt, args[0], o, args + 1);
	if (o->trace)
		return err_code(EINVAL, "--trace needs a container");
	r = o->lxc ? view_load_lxc(o, &v) : view_load_bundle(o, &v);
	if (r >= 0)
		r = o->as_json ? format_json(&v, args, &out) : format_text(&v, o, args, &out);
	return r < 0 ? r : out_text(strbuf_str(&out));
}

const struct command cmd_devices = {
	.name = "devices",
	.args = "[CONTAINER] [PROBE...]",
	.summary = "show device rules, their eBPF program, and what they decide for 'c 1:3 rw'",
	COMMAND_OPTS(table, struct devices_opts),
	.order = OPT_ANYWHERE,
	.max_args = -1,
	.run = run,
};
