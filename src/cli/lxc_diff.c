/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/path.h"
#include "cli/lxc.h"
#include "lxc/effects.h"
#include "lxc/place.h"
#include "lxc/reverse.h"
#include "spec/bundle.h"
#include "spec/validate.h"

struct diff_opts {
	bool json, exact;
	const char *lxcpath, *include_root;
};

#define O(member) offsetof(struct diff_opts, member)
static const struct opt table[] = {
	{ "lxcpath", 'P', OPT_STRING, O(lxcpath), "DIR", "where containers are looked up" },
	{ "json", 0, OPT_FLAG, O(json), NULL, "print one JSON object instead of lines" },
	{ "exact", 0, OPT_FLAG, O(exact), NULL, "what LXC does, mistakes included" },
	{ "include-root", 0, OPT_STRING, O(include_root), "DIR",
	  "look up what the configuration names below DIR" },
};

/* One of the two: a configuration, or a bundle. */
struct side {
	struct lxc_convert_result result;
	struct bundle bundle;
	struct effects effects;
};

static bool is_bundle(const char *path)
{
	autofree char *json = path_join(path, "config.json"), *lxc = path_join(path, "config");
	struct stat st;

	return strchr(path, '/') && stat(json, &st) == 0 && stat(lxc, &st) < 0;
}

static int load_bundle(const char *path, struct side *s)
{
	int r = bundle_open(path, NULL, &s->bundle);

	if (r >= 0)
		r = validate_config(s->bundle.config);
	if (r >= 0)
		effects_collect(s->bundle.config, &s->effects);
	return r;
}

/* Under one name, so that what is made of a name is no difference; nothing is refused for what only
 * a conversion loses. */
static int load_config(const struct diff_opts *o, const char *what, const char *name,
		       struct side *s)
{
	static char *const everything[] = { (char *) "lxc", NULL };
	struct lxc_convert_opts opts = {
		.name = name,
		.parse = { .mode = o->exact ? LXC_EXACT : LXC_INTENT,
			   .include_root = o->include_root,
			   .env = environ },
		.map = { .allow = everything, .host_root = true },
	};
	struct places places = { 0 };
	int r = places_find(&places, what, o->lxcpath);

	if (r >= 0) {
		opts.config = places.v[0].path;
		r = lxc_convert(&opts, &s->result);
	}
	if (r >= 0)
		effects_collect(s->result.oci, &s->effects);
	places_clear(&places);
	return r;
}

static int load(const struct diff_opts *o, char **args, struct side *sides)
{
	autofree char *name = xstrdup("container");
	int r = 0;

	for (int i = 0; r >= 0 && i < 2; i++) {
		struct lxc_reverse_opts opts = { 0 };

		if (!is_bundle(args[i]))
			continue;
		r = load_bundle(args[i], &sides[i]);
		if (r < 0)
			break;
		opts.bundle = sides[i].bundle.path;
		free(name);
		name = lxc_reverse_name(sides[i].bundle.config, &opts);
	}
	for (int i = 0; r >= 0 && i < 2; i++) {
		if (!sides[i].bundle.config)
			r = load_config(o, args[i], name, &sides[i]);
	}
	return r;
}

static void side_clear(struct side *s)
{
	effects_clear(&s->effects);
	lxc_convert_clear(&s->result);
	bundle_clear(&s->bundle);
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct diff_opts *o = opts;
	struct side sides[2] = { { .bundle = BUNDLE_INIT }, { .bundle = BUNDLE_INIT } };
	autostrbuf struct strbuf out = STRBUF_INIT;
	size_t differences = 0;
	int r;

	(void) rt;
	r = load(o, args, sides);
	if (r >= 0) {
		const struct effects_side a = { &sides[0].effects, sides[0].result.report };
		const struct effects_side b = { &sides[1].effects, sides[1].result.report };

		differences = o->json ? effects_diff_json(&a, &b, &out)
				      : effects_diff_text(&a, &b, isatty(STDOUT_FILENO), &out);
	}
	side_clear(&sides[0]);
	side_clear(&sides[1]);
	if (r >= 0)
		r = out_text(strbuf_str(&out));
	return r < 0 ? cli_fail(2) : differences > 0;
}

const struct command lxc_cmd_diff = {
	.name = "diff",
	.args = "A B",
	.summary = "compare two configurations, containers or bundles by what they do",
	COMMAND_OPTS(table, struct diff_opts),
	.order = OPT_ANYWHERE,
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
