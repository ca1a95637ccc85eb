/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/devices_running.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/err.h"
#include "bpf/dev_explain.h"
#include "bpf/disasm.h"
#include "bpf/insn.h"
#include "bpf/sim.h"
#include "cli/cli.h"
#include "ocispec.h"
#include "spec/annotations.h"

/* ---- load ---- */

static void clear(struct devices_running *x)
{
	for (size_t i = 0; x->policies && i < x->programs.len; i++)
		dev_policy_clear(&x->policies[i]);
	free(x->policies);
	free(x->explained);
	free(x->as_saved);
	dev_attached_list_clear(&x->programs);
	devices_view_clear(&x->saved);
	cgroup_close(&x->cg);
	container_clear(&x->c);
}

static int load_saved(struct devices_running *x)
{
	struct oci_config *config = NULL;
	struct annotations a = { 0 };
	int r = container_load_config(&x->c, &config);

	if (r < 0)
		return r;
	r = annotations_parse(config->annotations, &a);
	if (r >= 0)
		r = devices_view_from_config(config, &a, &x->saved);
	annotations_clear(&a);
	oci_config_free(config);
	return r;
}

/* The kernel may have added to it what its machine needs: then it has still the same rules. */
static bool same_rules(const struct dev_policy *a, const struct dev_policy *b)
{
	if (a->len != b->len || a->default_allow != b->default_allow)
		return false;
	for (size_t i = 0; i < a->len; i++) {
		const struct dev_rule *r = &a->rules[i], *s = &b->rules[i];

		if (r->allow != s->allow || r->types != s->types || r->access != s->access ||
		    r->major != s->major || r->minor != s->minor)
			return false;
	}
	return true;
}

static bool is_as_saved(const struct devices_running *x, const struct dev_attached *p,
			const struct dev_policy *policy)
{
	const struct dev_prog *saved = &x->saved.prog;
	autodev_policy struct dev_policy of_saved;
	bool same;

	dev_policy_init(&of_saved);
	if (!p->ours || !saved->len)
		return false;
	if (p->len == saved->len && memcmp(p->insns, saved->insns, p->len * sizeof(*p->insns)) == 0)
		return true;
	same = dev_explain(saved->insns, saved->len, &of_saved) == 0 &&
	       same_rules(policy, &of_saved);
	err_clear();
	return same;
}

static void explain(struct devices_running *x)
{
	size_t n = x->programs.len;

	x->policies = xnew_n(struct dev_policy, n + 1);
	x->explained = xnew_n(bool, n + 1);
	x->as_saved = xnew_n(bool, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct dev_attached *p = &x->programs.v[i];
		int r;

		dev_policy_init(&x->policies[i]);
		r = p->insns ? dev_explain(p->insns, p->len, &x->policies[i]) : -EPERM;
		if (r < 0)
			err_forgive(r, "explain program %u", p->id);
		x->explained[i] = r == 0;
		x->as_saved[i] = r == 0 && is_as_saved(x, p, &x->policies[i]);
	}
}

static int load(const struct runtime_opts *rt, const char *id, struct devices_running *x)
{
	int r = container_open(rt, id, 0, &x->c);

	if (r < 0)
		return r;
	if (x->c.pidfd < 0)
		return err_code(ESRCH, "container '%s' is not running: it is %s", id,
				container_state_name(x->c.state));
	r = container_open_cgroup(&x->c, &x->cg);
	if (r >= 0)
		r = load_saved(x);
	if (r >= 0)
		r = dev_read(&x->cg, &x->programs);
	if (r >= 0)
		explain(x);
	return r;
}

/* ---- words ---- */

char *devices_program_text(const struct dev_attached *p)
{
	if (!p->where)
		return xasprintf("program %u '%s' of a cgroup above", p->id, p->name);
	return xasprintf("program %u '%s' of '%s'", p->id, p->name, p->where);
}

void devices_reason(const struct devices_running *x, size_t program, const struct dev_probe *p,
		    struct strbuf *out)
{
	char rule[DEV_RULE_TEXT_MAX], source[DEVICES_SOURCE_MAX];
	const struct dev_policy *policy = &x->policies[program];
	struct dev_verdict d;

	if (!x->explained[program])
		return;
	/* The program's rules are the simplified ones; the reader knows those of his list. */
	if (x->as_saved[program])
		policy = &x->saved.full;
	d = dev_policy_eval(policy, p);
	if (x->as_saved[program])
		strbuf_add(out, devices_source_text(d.source, source));
	else
		strbuf_addf(out, "instruction %d", d.source);
	if (d.rule >= 0)
		strbuf_addf(out, ": %s", dev_rule_format(&policy->rules[d.rule], rule));
}

/* Every program must allow: 1, or 0 with the first one that does not. */
static int ask(const struct devices_running *x, const struct dev_probe *p, size_t *ret_program)
{
	for (size_t i = 0; i < x->programs.len; i++) {
		const struct dev_attached *a = &x->programs.v[i];
		autofree char *name = devices_program_text(a);
		int r = a->insns ? sim_run(a->insns, a->len, p)
				 : err_code(EPERM, "the kernel does not show it");

		*ret_program = i;
		if (r < 0)
			return err_wrap(r, "%s", name);
		if (r == 0)
			return 0;
	}
	return 1;
}

/* ---- text ---- */

static void text_foreign(const struct dev_policy *p, struct strbuf *out)
{
	char rule[DEV_RULE_TEXT_MAX];

	for (size_t i = 0; i < p->len; i++)
		strbuf_addf(out, "   %-24s instruction %d\n", dev_rule_format(&p->rules[i], rule),
			    p->rules[i].source);
	strbuf_addf(out, "   %-24s instruction %d\n",
		    p->default_allow ? "otherwise allow" : "otherwise deny", p->default_source);
}

static void text_program(const struct devices_running *x, size_t i, bool as_asm, struct strbuf *out)
{
	const struct dev_attached *p = &x->programs.v[i];
	autofree char *name = devices_program_text(p);

	strbuf_addf(out, "%s (%zu instructions)", name, p->len);
	if (p->ours)
		strbuf_add(out, x->as_saved[i] ? ", as its configuration says"
					       : ", NOT as its configuration says");
	strbuf_add(out, ":\n");
	if (!p->insns)
		strbuf_add(out, "   not shown by this kernel\n");
	else if (as_asm)
		disasm_format(p->insns, p->len, NULL, NULL, out);
	else if (x->as_saved[i])
		devices_text_policy(&x->saved.full, out);
	else if (x->explained[i])
		text_foreign(&x->policies[i], out);
	else
		strbuf_add(out, "   not made of rules; see --asm\n");
}

static void text_all(const struct devices_running *x, const struct devices_opts *o,
		     struct strbuf *out)
{
	autofree char *v1 = dev_read_v1(&x->cg);

	if (v1)
		strbuf_addf(out, "devices.list of cgroup v1:\n%s\n", v1);
	else if (!x->programs.len)
		strbuf_add(out, "No device program is attached: everything is allowed.\n");
	else if (x->programs.len > 1)
		strbuf_addf(out, "%zu programs decide; each of them must allow.\n",
			    x->programs.len);
	for (size_t i = 0; i < x->programs.len; i++)
		text_program(x, i, o->as_asm, out);
}

static int text_probe(const struct devices_running *x, const char *text, struct strbuf *out)
{
	struct dev_probe p;
	size_t program = 0;
	int r = dev_probe_parse(text, &p);

	if (r >= 0)
		r = ask(x, &p, &program);
	if (r < 0)
		return r;
	strbuf_addf(out, "%s: %s", text, r ? "allowed" : "denied");
	if (r == 0 || x->programs.len == 1) {
		autofree char *name = devices_program_text(&x->programs.v[program]);

		strbuf_addf(out, " by %s: ", name);
		devices_reason(x, program, &p, out);
	}
	strbuf_add_c(out, '\n');
	return 0;
}

/* ---- JSON ---- */

static void json_program(const struct devices_running *x, size_t i, struct strbuf *out)
{
	const struct dev_attached *p = &x->programs.v[i];
	const struct dev_policy *policy = x->as_saved[i] ? &x->saved.full : &x->policies[i];

	strbuf_addf(out, "%s{\"id\":%u,\"name\":", i ? "," : "", p->id);
	strbuf_add_json(out, p->name);
	strbuf_add(out, ",\"cgroup\":");
	if (p->where)
		strbuf_add_json(out, p->where);
	else
		strbuf_add(out, "null");
	if (p->ours)
		strbuf_addf(out, ",\"asConfigured\":%s", x->as_saved[i] ? "true" : "false");
	if (x->explained[i]) {
		strbuf_addf(out, ",\"defaultAllow\":%s,\"rules\":[",
			    policy->default_allow ? "true" : "false");
		for (size_t k = 0; k < policy->len; k++) {
			strbuf_add(out, k ? "," : "");
			devices_json_rule(&policy->rules[k], out);
		}
		strbuf_add(out, "]");
	}
	strbuf_add(out, ",\"program\":");
	devices_json_listing(p->insns, p->len, out);
	strbuf_add(out, "}");
}

static int json_probe(const struct devices_running *x, const char *text, struct strbuf *out)
{
	struct dev_probe p;
	size_t program = 0;
	int r = dev_probe_parse(text, &p);

	if (r >= 0)
		r = ask(x, &p, &program);
	if (r < 0)
		return r;
	strbuf_add(out, "{\"probe\":");
	strbuf_add_json(out, text);
	if (r)
		strbuf_add(out, ",\"allow\":true}");
	else
		strbuf_addf(out, ",\"allow\":false,\"program\":%u}", x->programs.v[program].id);
	return 0;
}

static int json_all(const struct devices_running *x, char **probes, struct strbuf *out)
{
	int r = 0;

	strbuf_add(out, "{\"id\":");
	strbuf_add_json(out, x->c.id);
	strbuf_add(out, ",\"programs\":[");
	for (size_t i = 0; i < x->programs.len; i++)
		json_program(x, i, out);
	strbuf_add(out, "],\"probes\":[");
	for (char **p = probes; *p && r >= 0; p++) {
		strbuf_add(out, p > probes ? "," : "");
		r = json_probe(x, *p, out);
	}
	strbuf_add(out, "]}\n");
	return r;
}

/* ---- the verb ---- */

static int show(const struct devices_running *x, const struct devices_opts *o, char **probes)
{
	autostrbuf struct strbuf out = STRBUF_INIT;
	int r = 0;

	if (o->as_json) {
		r = json_all(x, probes, &out);
	} else {
		if (o->as_asm || !*probes)
			text_all(x, o, &out);
		for (; *probes && r >= 0; probes++)
			r = text_probe(x, *probes, &out);
	}
	return r < 0 ? r : out_text(strbuf_str(&out));
}

int devices_of_running(const struct runtime_opts *rt, const char *id, const struct devices_opts *o,
		       char **probes)
{
	struct devices_running x = { .c = CONTAINER_INIT, .cg = CGROUP_INIT };
	int r;

	if (o->trace && (*probes || o->as_asm))
		return err_code(EINVAL, "--trace goes with a container alone");
	r = load(rt, id, &x);
	if (r >= 0)
		r = o->trace ? devices_trace(&x, o->as_json) : show(&x, o, probes);
	clear(&x);
	return r;
}
