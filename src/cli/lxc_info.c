/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "cli/lxc.h"
#include "cli/lxc_addrs.h"
#include "cli/lxc_name.h"
#include "cli/lxc_usage.h"
#include "runtime/container.h"

#define FILE_MAX (1u << 16)

struct info_opts {
	struct lxc_name_opts lxc;
	bool ips, pid, state, stats, no_humanize;
	struct strv config;
};

#define O(member) offsetof(struct info_opts, member)
static const struct opt table[] = {
	LXC_NAME_TABLE(struct info_opts, lxc),
	{ "config", 'c', OPT_STRV, O(config), "KEY", "what the configuration says of a key" },
	{ "ips", 'i', OPT_FLAG, O(ips), NULL, "the addresses" },
	{ "pid", 'p', OPT_FLAG, O(pid), NULL, "the process id of its init" },
	{ "state", 's', OPT_FLAG, O(state), NULL, "the state" },
	{ "stats", 'S', OPT_FLAG, O(stats), NULL, "what it uses" },
	{ "no-humanize", 'H', OPT_FLAG, O(no_humanize), NULL, "plain numbers" },
};

struct info {
	const struct info_opts *o;
	bool all;	/* nothing in particular is asked for */
	bool bare;	/* one thing only, and for a program: without its name */
	struct strbuf out;
};

static void add(struct info *i, const char *name, const char *value)
{
	if (i->bare)
		strbuf_addf(&i->out, "%s\n", value);
	else
		strbuf_addf(&i->out, "%-15s %s\n", name, value);
}

/* ---- what it uses ---- */

static char *size_text(const struct info *i, uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB" };
	double n = (double) bytes;
	size_t u = 0;

	if (i->o->no_humanize)
		return xasprintf("%" PRIu64, bytes);
	for (; n > 1024 && u + 1 < ARRAY_SIZE(units); u++)
		n /= 1024;
	return u ? xasprintf("%.2f %s", n, units[u]) : xasprintf("%" PRIu64 " bytes", bytes);
}

/* Named with --no-humanize, too: there are several. */
static void add_stat(struct info *i, const char *name, const char *value)
{
	strbuf_addf(&i->out, "%-15s %s\n", name, value);
}

static void add_cpu(struct info *i, uint64_t ns)
{
	autofree char *text = i->o->no_humanize ? xasprintf("%" PRIu64, ns)
						: xasprintf("%.2f seconds", (double) ns / 1e9);

	add_stat(i, "CPU use:", text);
}

static void add_stats(struct info *i, const struct container *c)
{
	static const struct {
		enum lxc_usage_kind kind;
		const char *name;
	} sizes[] = { { USAGE_IO, "BlkIO use:" },
		      { USAGE_MEMORY, "Memory use:" },
		      { USAGE_KERNEL, "KMem use:" } };
	struct lxc_usage u;

	lxc_usage_read(c, &u);
	if (u.known[USAGE_CPU_NS])
		add_cpu(i, u.value[USAGE_CPU_NS]);
	for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
		autofree char *text = size_text(i, u.value[sizes[k].kind]);

		if (u.known[sizes[k].kind])
			add_stat(i, sizes[k].name, text);
	}
	if (u.known[USAGE_TASKS]) {
		autofree char *text = xasprintf("%" PRIu64, u.value[USAGE_TASKS]);

		add_stat(i, "Tasks:", text);
	}
}

/* As the container sees them: what it sent is TX. */
static void add_link(struct info *i, const char *name, uint64_t rx, uint64_t tx)
{
	autofree char *tx_text = size_text(i, tx), *rx_text = size_text(i, rx);
	autofree char *total = size_text(i, rx + tx), *shown = diag_printable(name);

	add_stat(i, "Link:", shown);
	add_stat(i, " TX bytes:", tx_text);
	add_stat(i, " RX bytes:", rx_text);
	add_stat(i, " Total bytes:", total);
}

/* /proc/PID/net/dev: two lines of headings, then "name: rx-bytes and 7 more, tx-bytes …". */
static void add_links(struct info *i, pid_t pid)
{
	autofree char *path = xasprintf("/proc/%d/net/dev", (int) pid), *text = NULL;
	char *rest = NULL;

	if (file_read_at(AT_FDCWD, path, FILE_MAX, &text, NULL) < 0)
		return;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *colon = strchr(line, ':');
		uint64_t rx, tx;

		if (!colon || sscanf(colon + 1, "%" SCNu64 "%*u%*u%*u%*u%*u%*u%*u%" SCNu64, &rx,
				     &tx) != 2)
			continue;
		*colon = '\0';
		line += strspn(line, " ");
		if (!str_eq(line, "lo"))
			add_link(i, line, rx, tx);
	}
}

/* ---- of the state ---- */

static void add_addresses(struct info *i, pid_t pid)
{
	struct lxc_addrs a;

	lxc_addrs(pid, &a);
	for (size_t k = 0; k < a.v4.len; k++)
		add(i, "IP:", a.v4.v[k]);
	for (size_t k = 0; k < a.v6.len; k++)
		add(i, "IP:", a.v6.v[k]);
	lxc_addrs_clear(&a);
}

static bool has_own_net(pid_t pid)
{
	autofree char *path = xasprintf("/proc/%d/ns/net", (int) pid);
	struct stat ours, theirs;

	return stat("/proc/self/ns/net", &ours) == 0 && stat(path, &theirs) == 0 &&
	       ours.st_ino != theirs.st_ino;
}

static void add_running(struct info *i, const struct container *c)
{
	const struct info_opts *o = i->o;
	autofree char *pid = xasprintf("%d", container_pid(c));

	if (i->all || o->pid)
		add(i, "PID:", pid);
	if (i->all || o->ips)
		add_addresses(i, container_pid(c));
	if (i->all || o->stats)
		add_stats(i, c);
	if ((i->all || o->stats) && has_own_net(container_pid(c)))
		add_links(i, container_pid(c));
}

/* ---- of the configuration ---- */

static bool is_key(const char *line, const char *wanted)
{
	const char *rest = str_after(line, wanted);

	return rest && (*rest == '\0' || *rest == '.' || str_ends(wanted, "."));
}

/* One key alone, for a program: what it is set to. */
static void add_key(struct info *i, const struct lxc_config *c, const char *key)
{
	bool bare = i->o->no_humanize && i->o->config.len == 1;
	size_t found = 0;

	for (size_t k = 0; k < c->lines.len; k++) {
		const struct lxc_line *line = &c->lines.v[k];

		if (line->fate != LXC_LINE_LIVE || !is_key(line->name, key))
			continue;
		if (bare)
			strbuf_addf(&i->out, "%s\n", line->value);
		else
			strbuf_addf(&i->out, "%s = %s\n", line->name, line->value);
		found++;
	}
	if (!found)
		strbuf_addf(&i->out, "%s%s\n", bare ? "" : key, bare ? "" : " =");
}

static int add_config(struct info *i, const char *name)
{
	struct lxc_opts opts = { .env = environ };
	autofree char *path = NULL;
	struct lxc_config *config = NULL;
	struct lxc_diag diag = { 0 };
	int r = 0;

	if (i->o->config.len)
		r = lxc_name_file(&i->o->lxc, name, &path);
	if (r >= 0 && path)
		r = lxc_parse_file(path, &opts, &config, &diag);
	for (size_t k = 0; r >= 0 && k < i->o->config.len; k++)
		add_key(i, config, i->o->config.v[k]);
	diag_clear(&diag);
	lxc_config_free(config);
	return r;
}

/* A container is there if LXC defines it or hako knows it. */
static int open_known(const struct runtime_opts *rt, const struct info_opts *o, const char *name,
		      struct container *c)
{
	autofree char *config = NULL;
	int r = container_open(rt, name, 0, c);

	if (r != -ENOENT)
		return r;
	err_clear();
	return lxc_name_file(&o->lxc, name, &config);
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct info_opts *o = opts;
	struct info i = { .o = o, .out = STRBUF_INIT };
	autocontainer struct container c = CONTAINER_INIT;
	int asked = o->ips + o->pid + o->state + o->stats;
	const char *name;
	int r;

	r = lxc_name_take(&o->lxc, args, &name, &args);
	if (r >= 0)
		r = open_known(rt, o, name, &c);
	if (r < 0)
		return r;
	i.all = !asked && !o->config.len;
	i.bare = asked == 1 && o->no_humanize && !o->config.len;
	if (i.all)
		add(&i, "Name:", name);
	if (i.all || o->state)
		add(&i, "State:", lxc_name_state_of(&c));
	if (c.state != CONTAINER_STOPPED)
		add_running(&i, &c);
	r = add_config(&i, name);
	if (r >= 0)
		r = out_text(strbuf_str(&i.out));
	strbuf_clear(&i.out);
	return r;
}

const struct command lxc_cmd_info = {
	.name = "info",
	.args = "[NAME]",
	.summary = "state, addresses and use of a container",
	COMMAND_OPTS(table, struct info_opts),
	.order = OPT_ANYWHERE,
	.max_args = 1,
	.run = run,
};
