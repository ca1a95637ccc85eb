/* SPDX-License-Identifier: Apache-2.0 */
/* init: what it is, as whom it runs, its environment and limits, its terminal and signals. */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/rlimit.h"
#include "lxc/map_internal.h"
#include "lxc/value.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void map_arch(struct lxc_map *m)
{
	if (!m->c->arch.s)
		return;
	m->oci->linux->personality = xnew(struct oci_personality);
	m->oci->linux->personality->domain = xstrdup(value_arch_domain(m->c->arch.s));
	report_kept(m->report, m->c->arch.pos, "/linux/personality/domain", NULL);
}

/*
 * Cuts a command line as LXC does: at blanks; a word that begins with a quote runs to the same
 * quote, and is dropped when there is none; nothing is escaped, quotes inside a word stay.
 */
static void split_command(struct strv *out, const char *s)
{
	for (;;) {
		size_t len;

		s += strspn(s, " \t\r\v\f");
		if (!*s)
			return;
		if (*s == '\'' || *s == '"') {
			const char *end = strchr(s + 1, *s);

			if (!end)
				return;
			strv_add_take(out, xstrndup(s + 1, (size_t) (end - s - 1)));
			s = end + 1;
			continue;
		}
		len = strcspn(s, " \t\r\v\f");
		strv_add_take(out, xstrndup(s, len));
		s += len;
	}
}

/* lxc-execute's command; its init, which reaps and passes signals on, is not there. */
static void map_execute(struct lxc_map *m, struct strv *args)
{
	const struct lxc_str *cmd = &m->c->execute_cmd;

	if (!m->opts->execute) {
		report_kept(m->report, cmd->pos, NULL,
			    cmd->s ? "what lxc-execute would run, see --execute; the container is "
				     "started as lxc-start does"
				   : NULL);
		return;
	}
	if (cmd->s)
		split_command(args, cmd->s);
	if (!args->len) {
		diag_add(m->diag, "LXC-E003", cmd->pos, "lxc.execute.cmd",
			 "--execute: there is no command in it");
		return;
	}
	map_annotate_line(m, cmd->pos, "org.hako.init", "true");
	report_changed(m->report, cmd->pos, "/process/args", "without LXC's init before it");
	diag_add(m->diag, "LXC-W506", cmd->pos, "lxc.execute.cmd",
		 "the command is the container's init itself: LXC runs it under a small one, which "
		 "reaps processes without a parent and passes signals on");
}

static void map_args(struct lxc_map *m)
{
	const struct lxc_str *cmd = &m->c->init_cmd;
	struct strv args = { 0 };

	map_execute(m, &args);
	for (size_t i = 0; !args.len && m->opts->args && m->opts->args[i]; i++)
		strv_add(&args, m->opts->args[i]);
	if (m->opts->execute) {
		report_dropped(m->report, cmd->pos, "lxc-execute does not run it");
	} else if (args.len) {
		report_dropped(m->report, cmd->pos, "replaced by the command that was given");
	} else if (cmd->s) {
		split_command(&args, cmd->s);
		report_kept(m->report, cmd->pos, "/process/args",
			    strpbrk(cmd->s, "'\"") ? "before 6.0 LXC took quotes for ordinary "
						     "characters"
						   : NULL);
		if (!args.len)
			diag_add(m->diag, "LXC-E003", cmd->pos, "lxc.init.cmd",
				 "no command in '%s'", cmd->s);
	} else {
		strv_add(&args, "/sbin/init");
		report_kept(m->report, cmd->pos, "/process/args", NULL);
		report_added(m->report, "/process/args", "LXC's default init");
	}
	if (args.len && !strchr(args.v[0], '/') && !m->opts->add_path)
		diag_add(m->diag, "LXC-I504", cmd->pos, "lxc.init.cmd",
			 "'%s' is looked up in PATH, and LXC sets none", args.v[0]);
	map_strs_take(&m->oci->process->args, &m->oci->process->args_len, &args);
}

static void map_user(struct lxc_map *m)
{
	struct oci_user *user = m->oci->process->user = xnew(struct oci_user);
	size_t n = m->c->init_groups.len;

	user->uid = (uint32_t) lxc_num_get(&m->c->init_uid, 0);
	user->gid = (uint32_t) lxc_num_get(&m->c->init_gid, 0);
	user->has_uid = user->has_gid = true;
	report_kept(m->report, m->c->init_uid.pos, "/process/user/uid", NULL);
	report_kept(m->report, m->c->init_gid.pos, "/process/user/gid", NULL);
	/* written even when empty: LXC clears them */
	user->additional_gids = xnew_n(uint32_t, n + 1);
	for (size_t i = 0; i < n; i++) {
		user->additional_gids[i] = (uint32_t) m->c->init_groups.v[i].n;
		report_kept(m->report, m->c->init_groups.v[i].pos, "/process/user/additionalGids",
			    NULL);
	}
	user->additional_gids_len = n;
}

static void map_cwd(struct lxc_map *m)
{
	const char *cwd = m->c->init_cwd.s;

	m->oci->process->cwd = !cwd	     ? xstrdup("/")
			       : *cwd == '/' ? xstrdup(cwd)
					     : xasprintf("/%s", cwd);
	report_kept(m->report, m->c->init_cwd.pos, "/process/cwd", NULL);
}

struct env_item {
	const char *name, *value;
	struct lxc_pos pos;
};

/* setenv(3): the first place, the last value. */
static void env_set(struct lxc_map *m, struct env_item *v, size_t *len, struct env_item item,
		    const char *by)
{
	for (size_t i = 0; i < *len; i++) {
		if (!str_eq(v[i].name, item.name))
			continue;
		report_changed(m->report, v[i].pos, NULL, "%s sets '%s' again", by, item.name);
		v[i] = item;
		return;
	}
	v[(*len)++] = item;
}

static void map_env(struct lxc_map *m)
{
	const struct lxc_envs *const lists[] = { &m->c->environment, &m->c->environment_runtime };
	size_t len = 0, max = lists[0]->len + lists[1]->len + 2;
	autofree struct env_item *v = xnew_n(struct env_item, max);
	struct strv env = { 0 };

	if (m->opts->add_path)
		v[len++] = (struct env_item){ "PATH", DEFAULT_PATH, { 0 } };
	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		for (size_t i = 0; i < lists[l]->len; i++) {
			const struct lxc_env *e = &lists[l]->v[i];

			env_set(m, v, &len, (struct env_item){ e->name, e->value, e->pos },
				"a later line");
		}
	}
	env_set(m, v, &len, (struct env_item){ "container", "lxc", { 0 } }, "LXC");
	for (size_t i = 0; i < len; i++) {
		autofree char *pointer = report_pointer("/process/env/%zu", i);

		strv_addf(&env, "%s=%s", v[i].name, v[i].value);
		report_kept(m->report, v[i].pos, pointer, NULL);
	}
	report_added(m->report, "/process/env", "container=lxc, as LXC tells its init");
	map_strs_take(&m->oci->process->env, &m->oci->process->env_len, &env);
}

/* LXC takes numbers, too. NULL: there is no such limit. */
static const char *rlimit_type(const char *name)
{
	autofree char *type = NULL;
	uint32_t n;

	if (str_to_u32(name, &n) == 0)
		return n <= INT_MAX ? rlimit_name((int) n) : NULL;
	type = xasprintf("RLIMIT_%s", name);
	for (char *s = type; *s; s++)
		*s = (char) toupper((unsigned char) *s);
	return rlimit_name(rlimit_parse(type));
}

static void map_rlimits(struct lxc_map *m)
{
	struct oci_process *p = m->oci->process;

	for (size_t i = 0; i < m->c->prlimit.len; i++) {
		const struct lxc_prlimit *l = &m->c->prlimit.v[i];
		const char *type = rlimit_type(l->name);
		autofree char *pointer = NULL;
		size_t k = 0;

		if (!type) {
			diag_add(m->diag, "LXC-W210", l->pos, "lxc.prlimit",
				 "OCI has no name for resource limit '%s'", l->name);
			report_dropped(m->report, l->pos, "OCI has no name for this limit");
			continue;
		}
		if (l->soft > l->hard)
			diag_add(m->diag, "LXC-E003", l->pos, "lxc.prlimit",
				 "the soft limit is above the hard one: the kernel refuses it");
		/* a number and a name can mean the same limit: the later one is set last */
		while (k < p->rlimits_len && !str_eq(p->rlimits[k].type, type))
			k++;
		if (k == p->rlimits_len) {
			p->rlimits = xreallocarray(p->rlimits, k + 1, sizeof *p->rlimits);
			p->rlimits[p->rlimits_len++] = (struct oci_rlimit){ .type = xstrdup(type) };
		}
		p->rlimits[k].soft = l->soft;
		p->rlimits[k].hard = l->hard;
		p->rlimits[k].has_soft = p->rlimits[k].has_hard = true;
		pointer = report_pointer("/process/rlimits/%zu", k);
		report_kept(m->report, l->pos, pointer, NULL);
	}
}

static void map_oom_score(struct lxc_map *m, const struct lxc_pair *pair)
{
	struct oci_process *p = m->oci->process;
	int v;

	if (str_to_int(pair->value, &v) < 0 || v < -1000 || v > 1000) {
		diag_add(m->diag, "LXC-E003", pair->pos, "lxc.proc.oom_score_adj",
			 "'%s' is no number from -1000 to 1000", pair->value);
		return;
	}
	p->oom_score_adj = v;
	p->has_oom_score_adj = true;
	report_kept(m->report, pair->pos, "/process/oomScoreAdj", NULL);
}

/* "a.b" is the file a/b of the process; nothing else is one. */
static char *proc_file(const char *key)
{
	char *file = xstrdup(key);

	for (char *s = file; *s; s++) {
		if (*s == '.')
			*s = '/';
	}
	if (file[0] != '/' && !strstr(file, "//") && !str_ends(file, "/"))
		return file;
	free(file);
	return NULL;
}

/* lxc.proc.F is written to /proc/PID/F from outside; OCI knows one such file. */
static void map_proc(struct lxc_map *m)
{
	static const char *const proc_write[] = { "hako", "hook", "proc-write" };
	struct strv writes = { 0 };
	struct oci_hook *hook;

	for (size_t i = 0; i < m->c->proc.len; i++) {
		const struct lxc_pair *pair = &m->c->proc.v[i];
		autofree char *file = proc_file(pair->key);

		if (str_eq(pair->key, "oom_score_adj")) {
			map_oom_score(m, pair);
		} else if (!file) {
			diag_add(m->diag, "LXC-E003", pair->pos, "lxc.proc",
				 "'%s' is no file of a process", pair->key);
		} else {
			strv_addf(&writes, "%s=%s", file, pair->value);
			report_kept(m->report, pair->pos, "/hooks/createRuntime", NULL);
		}
	}
	if (writes.len) {
		struct strv args = { 0 };

		hook = map_hook_self(m, MAP_CREATE_RUNTIME, NULL);
		strs_free(hook->args);
		for (size_t i = 0; i < ARRAY_SIZE(proc_write); i++)
			strv_add(&args, proc_write[i]);
		for (size_t i = 0; i < writes.len; i++)
			strv_add(&args, writes.v[i]);
		map_strs_take(&hook->args, &hook->args_len, &args);
	}
	strv_clear(&writes);
}

static void map_terminal(struct lxc_map *m)
{
	const struct lxc_str *path = &m->c->console_path;
	bool none = str_eq(path->s, "none");

	m->oci->process->terminal = !none;
	m->oci->process->has_terminal = true;
	report_kept(m->report, path->pos, "/process/terminal", NULL);
	if (path->s && !none)
		map_annotate_line(m, path->pos, "org.hako.console.path", path->s);
}

static void map_console_bytes(struct lxc_map *m, const struct lxc_num *n, const char *name)
{
	autofree char *text = xasprintf("%llu", (unsigned long long) n->n);

	if (n->has && n->n)
		map_annotate_line(m, n->pos, name, text);
	else
		report_kept(m->report, n->pos, NULL, NULL);
}

/* What LXC's monitor keeps of the console. */
static void map_console_log(struct lxc_map *m)
{
	const struct lxc_config *c = m->c;

	if (c->console_logfile.s)
		map_annotate_line(m, c->console_logfile.pos, "org.hako.console.logfile",
				  c->console_logfile.s);
	else
		report_kept(m->report, c->console_logfile.pos, NULL, NULL);
	map_console_bytes(m, &c->console_size, "org.hako.console.size");
	map_console_bytes(m, &c->console_buffer_size, "org.hako.console.buffer");
	if (lxc_bool_get(&c->console_rotate, false))
		map_annotate_line(m, c->console_rotate.pos, "org.hako.console.rotate", "1");
	else
		report_kept(m->report, c->console_rotate.pos, NULL, NULL);
}

static void map_ttys(struct lxc_map *m)
{
	uint64_t max = lxc_num_get(&m->c->tty_max, 0);
	autofree char *text = xasprintf("%llu", (unsigned long long) max);

	if (max) {
		map_annotate(m, "org.hako.tty.max", text);
		map_keep(m, m->c->tty_max.pos, "/annotations/org.hako.tty.max", text);
		if (m->generic)
			diag_add(m->diag, "LXC-W270", m->c->tty_max.pos, "lxc.tty.max",
				 "only LXC and hako make extra ptys: /dev/tty1 to /dev/tty%llu are "
				 "not made, gettys there will respawn",
				 (unsigned long long) max);
	} else {
		report_kept(m->report, m->c->tty_max.pos, NULL, NULL);
	}
	if (m->c->tty_dir.s)
		map_annotate_line(m, m->c->tty_dir.pos, "org.hako.tty.dir", m->c->tty_dir.s);
	else
		report_kept(m->report, m->c->tty_dir.pos, NULL, NULL);
}

static void map_signal(struct lxc_map *m, const struct lxc_num *n, const char *annotation)
{
	autofree char *name = map_signal_name(n->n);

	if (n->has && n->n)
		map_annotate_line(m, n->pos, annotation, name);
	else
		report_kept(m->report, n->pos, NULL, NULL);
}

/* What LXC's monitor is, is a runtime that stays in the foreground. */
static void map_pdeath(struct lxc_map *m)
{
	const struct lxc_num *n = &m->c->monitor_pdeath;
	autofree char *name = n->has ? map_signal_name(n->n) : xstrdup("SIGKILL");

	map_annotate_line(m, n->pos, "org.hako.pdeath", name);
	if (!n->has)
		report_added(m->report, "/annotations/org.hako.pdeath",
			     "LXC's init dies with its monitor");
}

static void map_signals(struct lxc_map *m)
{
	const struct lxc_num *halt = &m->c->signal_halt;
	autofree char *name = NULL;

	map_signal(m, &m->c->signal_reboot, "org.hako.signal.reboot");
	map_signal(m, &m->c->signal_stop, "org.hako.signal.stop");
	map_pdeath(m);
	if (!halt->has || !halt->n) {
		/* SIGPWR, or SIGRTMIN+3 for an init that blocks it: seen at run time only */
		map_annotate_line(m, halt->pos, "org.hako.signal.halt", "auto");
		return;
	}
	name = map_signal_name(halt->n);
	map_annotate_line(m, halt->pos, "org.opencontainers.image.stopSignal", name);
	map_annotate_line(m, halt->pos, "org.hako.signal.halt", name);
}

static void map_keyring(struct lxc_map *m)
{
	/* the key's sense is the reverse of what its manual says */
	if (lxc_bool_get(&m->c->keyring_session, false))
		map_annotate_line(m, m->c->keyring_session.pos, "org.hako.keyring", "inherit");
	else
		report_kept(m->report, m->c->keyring_session.pos, NULL,
			    "a new session keyring is made");
}

static void map_sched_core(struct lxc_map *m)
{
	const struct lxc_bool *core = &m->c->sched_core;

	if (!core->on)
		report_kept(m->report, core->pos, NULL, NULL);
	else if (m->generic)
		map_lost(m, core->pos, "lxc.sched.core", "LXC-W212",
			 "other runtimes give the container no core scheduling cookie");
	else
		map_annotate_line(m, core->pos, "org.hako.sched.core", "1");
}

static void map_ephemeral(struct lxc_map *m)
{
	const struct lxc_bool *ephemeral = &m->c->ephemeral;

	if (!ephemeral->on) {
		report_kept(m->report, ephemeral->pos, NULL, NULL);
		return;
	}
	map_annotate_line(m, ephemeral->pos, "org.hako.ephemeral", "1");
	report_changed(m->report, ephemeral->pos, NULL,
		       "the container is deleted when it ends; its root file system is not");
}

void map_process(struct lxc_map *m)
{
	map_arch(m);
	map_args(m);
	map_user(m);
	map_cwd(m);
	map_env(m);
	map_rlimits(m);
	map_proc(m);
	map_terminal(m);
	map_console_log(m);
	map_ttys(m);
	map_signals(m);
	map_keyring(m);
	map_sched_core(m);
	map_ephemeral(m);
	if (lxc_bool_get(&m->c->no_new_privs, false)) {
		m->oci->process->no_new_privileges = true;
		m->oci->process->has_no_new_privileges = true;
	}
	report_kept(m->report, m->c->no_new_privs.pos, "/process/noNewPrivileges", NULL);
}
