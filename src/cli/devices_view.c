/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/devices.h"

#include <stdio.h>

#include "base/err.h"
#include "bpf/disasm.h"
#include "cgroup/cgroup.h"
#include "ocispec.h"
#include "spec/annotations.h"

void devices_view_clear(struct devices_view *v)
{
	dev_policy_clear(&v->full);
	dev_policy_clear(&v->simple);
	dev_prog_clear(&v->prog);
}

int devices_view_from_config(const struct oci_config *config, const struct annotations *a,
			     struct devices_view *ret)
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

/* An entry by its place in the document; the runtime's own in words. */
const char *devices_source_text(int source, char buf[DEVICES_SOURCE_MAX])
{
	if (source < 0)
		return dev_source_format(source, buf);
	snprintf(buf, DEVICES_SOURCE_MAX, "linux.resources.devices[%d]", source);
	return buf;
}

void devices_text_policy(const struct dev_policy *p, struct strbuf *out)
{
	char rule[DEV_RULE_TEXT_MAX], source[DEVICES_SOURCE_MAX];

	for (size_t i = 0; i < p->len; i++)
		strbuf_addf(out, "   %-24s %s\n", dev_rule_format(&p->rules[i], rule),
			    devices_source_text(p->rules[i].source, source));
	strbuf_addf(out, "   %-24s %s\n", p->default_allow ? "otherwise allow" : "otherwise deny",
		    devices_source_text(p->default_source, source));
}

void devices_json_rule(const struct dev_rule *rule, struct strbuf *out)
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

void devices_json_listing(const struct bpf_insn *insns, size_t len, struct strbuf *out)
{
	autostrbuf struct strbuf text = STRBUF_INIT;
	autostrv struct strv lines = { NULL, 0 };

	disasm_format(insns, len, NULL, NULL, &text);
	strv_split(&lines, strbuf_str(&text), "\n");
	strbuf_add(out, "[");
	for (size_t i = 0; i < lines.len; i++) {
		strbuf_add(out, i ? "," : "");
		strbuf_add_json(out, str_trim(lines.v[i]));
	}
	strbuf_add(out, "]");
}
