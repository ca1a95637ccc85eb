/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/lxc.h"
#include "lxc/check.h"

struct check_opts {
	bool all, json, strict;
	const char *lxcpath, *show, *fail, *include_root, *cgroup;
	struct strv defines;
};

#define O(member) offsetof(struct check_opts, member)
static const struct opt table[] = {
	{ "all", 0, OPT_FLAG, O(all), NULL,
	  "all containers of LXC and of Proxmox VE on this host" },
	{ "lxcpath", 'P', OPT_STRING, O(lxcpath), "DIR", "where containers are looked up" },
	{ "json", 0, OPT_FLAG, O(json), NULL, "print one JSON object instead of lines" },
	{ "show", 0, OPT_STRING, O(show), "SEVERITY",
	  "the least severity shown: note, low, medium or high (low)" },
	{ "fail", 0, OPT_STRING, O(fail), "SEVERITY",
	  "the least severity for which the status is 1 (medium)" },
	{ "cgroup", 0, OPT_STRING, O(cgroup), "VERSION",
	  "the version of cgroups for which limits are judged, 1 or 2 (the host's)" },
	{ "strict", 0, OPT_FLAG, O(strict), NULL, "warnings about lines are errors" },
	{ "include-root", 0, OPT_STRING, O(include_root), "DIR",
	  "look up what the configuration names below DIR" },
	{ "define", 's', OPT_STRV, O(defines), "KEY=VALUE", "a line after the file" },
};

static int parse_severity(const char *option, const char *value, enum audit_severity dflt,
			  enum audit_severity *ret)
{
	*ret = dflt;
	if (!value || audit_severity_parse(value, ret) == 0)
		return 0;
	return err_code(EINVAL, "--%s: unknown severity '%s': note, low, medium or high", option,
			value);
}

/* A host whose tree is not cgroup2 has its controllers in v1. */
static int parse_cgroup(const char *value, bool *ret_v1)
{
	struct statfs fs;

	*ret_v1 = str_eq(value, "1");
	if (value && !*ret_v1 && !str_eq(value, "2"))
		return err_code(EINVAL, "--cgroup: unknown version '%s': 1 or 2", value);
	if (!value)
		*ret_v1 = statfs("/sys/fs/cgroup", &fs) == 0 &&
			  (unsigned long) fs.f_type != CGROUP2_SUPER_MAGIC;
	return 0;
}

static int find_places(const struct check_opts *o, char **args, struct places *ret)
{
	int r = 0;

	if (o->all && *args)
		return err_code(EINVAL, "--all takes no containers");
	if (!o->all && !*args)
		return err_code(EINVAL, "name a container or a configuration, or --all");
	if (o->all)
		return places_list(ret, o->lxcpath);
	for (; r >= 0 && *args; args++)
		r = places_find(ret, *args, o->lxcpath);
	return r;
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct check_opts *o = opts;
	const struct lxc_convert_opts convert = {
		.parse = { .include_root = o->include_root,
			   .env = environ,
			   .defines = o->defines.v },
		.strict = o->strict,
	};
	autostrbuf struct strbuf out = STRBUF_INIT;
	enum audit_severity show, fail;
	struct places places = { 0 };
	struct audit audit = { 0 };
	bool cgroup1 = false;
	int r, status;

	(void) rt;
	r = parse_severity("show", o->show, AUDIT_LOW, &show);
	if (r >= 0)
		r = parse_severity("fail", o->fail, AUDIT_MEDIUM, &fail);
	if (r >= 0)
		r = parse_cgroup(o->cgroup, &cgroup1);
	if (r >= 0)
		r = find_places(o, args, &places);
	if (r < 0) {
		places_clear(&places);
		return cli_fail(2);
	}
	lxc_check(&places, &convert, cgroup1, &audit);
	if (o->json)
		audit_format_json(&audit, show, places.len, &out);
	else
		audit_format_text(&audit, show, places.len, isatty(STDOUT_FILENO), &out);
	status = lxc_check_status(&audit, fail);
	audit_clear(&audit);
	places_clear(&places);
	r = out_text(strbuf_str(&out));
	return r < 0 ? r : status;
}

const struct command lxc_cmd_check = {
	.name = "check",
	.args = "CONFIG|NAME... | --all",
	.summary = "say how safe containers are, and what LXC makes of their lines",
	COMMAND_OPTS(table, struct check_opts),
	.order = OPT_ANYWHERE,
	.max_args = -1,
	.run = run,
};
