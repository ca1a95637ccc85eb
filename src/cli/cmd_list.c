/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/err.h"
#include "cli/cli.h"
#include "ocispec.h"
#include "runtime/container.h"
#include "spec/state.h"

struct list_opts {
	bool quiet;
	const char *format;
};

static const struct opt table[] = {
	{ "quiet", 'q', OPT_FLAG, offsetof(struct list_opts, quiet), NULL, "print ids only" },
	{ "format", 'f', OPT_STRING, offsetof(struct list_opts, format), "FORMAT",
	  "table or json" },
};

#define COLUMNS 6

/* The containers stay open while their states are printed: rows point into them. */
struct listing {
	struct container *c;
	size_t n;
};

static void listing_clear(struct listing *l)
{
	for (size_t i = 0; i < l->n; i++)
		container_clear(&l->c[i]);
	free(l->c);
}

/* A container that vanishes while we look is none; a damaged one must not hide the others. */
static void listing_add(struct listing *l, const struct runtime_opts *rt, const char *id)
{
	struct container c = CONTAINER_INIT;
	int r = container_open(rt, id, 0, &c);

	if (r == -ENOENT) {
		err_forgive(r, "list");
	} else if (r < 0) {
		err_warn(r, "left out");
	} else {
		/* Not needed to print; of a thousand containers it would be a thousand. */
		fd_close(&c.pidfd);
		fd_close(&c.dir_fd);
		fd_close(&c.root_fd);
		l->c = xreallocarray(l->c, l->n + 1, sizeof(*l->c));
		l->c[l->n++] = c;
	}
}

static void print_ids(const struct listing *l, struct strbuf *out)
{
	for (size_t i = 0; i < l->n; i++)
		strbuf_addf(out, "%s\n", l->c[i].id);
}

static void print_json(const struct listing *l, struct strbuf *out)
{
	autofree struct state_info *infos = xnew_n(struct state_info, l->n + 1);
	autofree char *json = NULL;

	for (size_t i = 0; i < l->n; i++)
		container_state_info(&l->c[i], &infos[i]);
	json = state_list_json(infos, l->n);
	strbuf_add(out, json);
}

static const char *cell_text(const struct container *c, size_t column, char pid[16])
{
	const char *state = container_state_name(c->state);
	const char *text[COLUMNS] = {
		c->id, pid, state, c->status->bundle, c->status->created, c->status->owner
	};

	snprintf(pid, 16, "%d", container_pid(c));
	return text[column] ? text[column] : "";
}

static void print_table(const struct listing *l, struct strbuf *out)
{
	static const char *const head[COLUMNS] = { "ID",     "PID",	"STATUS",
						   "BUNDLE", "CREATED", "OWNER" };
	size_t width[COLUMNS];
	char pid[16];

	for (size_t k = 0; k < COLUMNS; k++) {
		width[k] = strlen(head[k]);
		for (size_t i = 0; i < l->n; i++) {
			size_t w = strlen(cell_text(&l->c[i], k, pid));

			width[k] = w > width[k] ? w : width[k];
		}
	}
	for (size_t i = 0; i <= l->n; i++) {
		for (size_t k = 0; k < COLUMNS; k++)
			strbuf_addf(out, "%-*s%s", k < COLUMNS - 1 ? (int) width[k] + 3 : 0,
				    i == 0 ? head[k] : cell_text(&l->c[i - 1], k, pid),
				    k < COLUMNS - 1 ? "" : "\n");
	}
}

static int print_listing(const struct listing *l, const struct list_opts *o)
{
	autostrbuf struct strbuf out = STRBUF_INIT;

	if (o->quiet)
		print_ids(l, &out);
	else if (str_eq(o->format, "json"))
		print_json(l, &out);
	else
		print_table(l, &out);
	return out_text(strbuf_str(&out));
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	__attribute__((cleanup(listing_clear))) struct listing l = { NULL };
	const struct list_opts *o = opts;
	char **ids = NULL;
	int r;

	(void) args;
	if (o->format && !str_eq(o->format, "table") && !str_eq(o->format, "json"))
		return err_code(EINVAL, "unknown format '%s': table or json", o->format);
	r = container_list(rt, &ids);
	if (r < 0)
		return r;
	for (char **id = ids; *id; id++)
		listing_add(&l, rt, *id);
	strs_free(ids);
	return print_listing(&l, o);
}

const struct command cmd_list = {
	.name = "list",
	.args = "",
	.summary = "list containers",
	COMMAND_OPTS(table, struct list_opts),
	.order = OPT_ANYWHERE,
	.max_args = 0,
	.run = run,
};
