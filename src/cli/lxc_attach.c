/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/resolve.h"
#include "base/table.h"
#include "cli/lxc.h"
#include "cli/lxc_name.h"
#include "lxc/value.h"
#include "runtime/container.h"
#include "runtime/exec.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define PASSWD_MAX (1u << 20)

struct attach_opts {
	struct lxc_name_opts lxc;
	bool clear_env, keep_env, remount;
	const char *elevated, *namespaces, *uid, *gid, *context, *arch, *pty_log;
	struct strv set, keep;
};

#define O(member) offsetof(struct attach_opts, member)
static const struct opt table[] = {
	LXC_NAME_TABLE_F(struct attach_opts, lxc, 'f'),
	{ "elevated-privileges", 'e', OPT_WORD, O(elevated), "[CAP|CGROUP|LSM]",
	  "keep our capabilities, our cgroup, our label (and no seccomp filter), or all" },
	{ "namespaces", 's', OPT_STRING, O(namespaces), "NAME[|NAME...]",
	  "attach to these only: MOUNT PID UTSNAME IPC USER NETWORK CGROUP TIME" },
	{ "remount-sys-proc", 'R', OPT_FLAG, O(remount), NULL,
	  "with -s and without MOUNT, show the namespaces in /proc and /sys" },
	{ "arch", 'a', OPT_STRING, O(arch), "ARCH", "architecture it sees, as lxc.arch" },
	{ "pty-log", 'L', OPT_STRING, O(pty_log), "FILE", "copy of what its terminal shows" },
	{ "uid", 'u', OPT_STRING, O(uid), "UID", "run as this user" },
	{ "gid", 'g', OPT_STRING, O(gid), "GID", "run as this group" },
	{ "context", 'c', OPT_STRING, O(context), "LABEL", "SELinux label" },
	{ "set-var", 'v', OPT_STRV, O(set), "NAME=VALUE", "set a variable (may be repeated)" },
	{ "keep-var", 0, OPT_STRV, O(keep), "NAME", "keep a variable with --clear-env" },
	{ "clear-env", 0, OPT_FLAG, O(clear_env), NULL, "begin with the container's environment" },
	{ "keep-env", 0, OPT_FLAG, O(keep_env), NULL, "add ours to it (the default)" },
};

/* LXC's words, and those of its configuration. */
static const struct {
	const char *name;
	int flag;
} namespaces[] = {
	{ "MOUNT", CLONE_NEWNS },      { "MNT", CLONE_NEWNS },	    { "PID", CLONE_NEWPID },
	{ "UTSNAME", CLONE_NEWUTS },   { "UTS", CLONE_NEWUTS },	    { "IPC", CLONE_NEWIPC },
	{ "USER", CLONE_NEWUSER },     { "NETWORK", CLONE_NEWNET }, { "NET", CLONE_NEWNET },
	{ "CGROUP", CLONE_NEWCGROUP }, { "TIME", CLONE_NEWTIME },
};

static int parse_namespaces(const char *text, int *ret)
{
	autostrv struct strv names = { 0 };

	strv_split(&names, text ? text : "", "|,");
	for (size_t i = 0; i < names.len; i++) {
		size_t k = 0;

		while (k < ARRAY_SIZE(namespaces) && strcasecmp(namespaces[k].name, names.v[i]))
			k++;
		if (k == ARRAY_SIZE(namespaces))
			return err_code(EINVAL, "--namespaces: '%s' is no kind of namespace",
					names.v[i]);
		*ret |= namespaces[k].flag;
	}
	return 0;
}

/* Who names namespaces wants all, as with a bare -e. */
static int parse_privileges(const struct attach_opts *o, int *ret)
{
	static const struct name_value words[] = { { "CAP", EXEC_ELEVATE_CAPS },
						   { "CGROUP", EXEC_ELEVATE_CGROUP },
						   { "LSM", EXEC_ELEVATE_LSM } };
	autostrv struct strv names = { 0 };

	if (o->elevated && !*o->elevated)
		*ret = EXEC_ELEVATE_ALL;
	strv_split(&names, o->elevated ? o->elevated : "", "|,");
	for (size_t i = 0; i < names.len; i++) {
		int64_t v;

		if (!TABLE_FIND(words, names.v[i], &v))
			return err_code(EINVAL,
					"--elevated-privileges: '%s' is none of CAP, CGROUP and "
					"LSM",
					names.v[i]);
		*ret |= (int) v;
	}
	if (!o->elevated && o->namespaces)
		*ret = EXEC_ELEVATE_ALL;
	return 0;
}

/* lxc.environment of another configuration, which has been loaded before. */
static void add_of_file(const char *rcfile, struct exec_opts *exec)
{
	struct lxc_opts opts = { .env = environ };
	struct lxc_config *config = NULL;
	struct lxc_diag diag = { 0 };

	if (rcfile && lxc_parse_file(rcfile, &opts, &config, &diag) >= 0) {
		for (size_t i = 0; i < config->environment.len; i++)
			strv_addf(&exec->env, "%s=%s", config->environment.v[i].name,
				  config->environment.v[i].value);
	}
	diag_clear(&diag);
	lxc_config_free(config);
}

/* The caller's environment but for what tells of him and not of the container. */
static void add_environment(const struct attach_opts *o, struct exec_opts *exec)
{
	for (char **var = environ; *var; var++) {
		autofree char *name = xstrndup(*var, strcspn(*var, "="));

		if (!strchr(*var, '=') || name[0] == '\0' || str_eq(name, "container"))
			continue;
		if (!o->clear_env || strv_has(&o->keep, name))
			strv_add(&exec->env, *var);
	}
	add_of_file(o->lxc.rcfile, exec);
	for (size_t i = 0; i < o->set.len; i++)
		strv_add(&exec->env, o->set.v[i]);
}

static int parse_arch(const char *arch, struct exec_opts *exec)
{
	autovalue_error struct value_error e = { 0 };
	int r = arch ? value_arch(arch, &e) : 0;

	if (r < 0)
		r = err_code(EINVAL, "--arch: %s", strbuf_str(&e.text));
	else if (arch)
		exec->personality = value_arch_domain(arch);
	return r;
}

/* ---- without a command: the user's shell, as the container has it ---- */

/* Looked at before it is opened: we have all rights of the host, a device may act on that, a fifo
 * make us wait; and files of procfs, which have no size, are not the image's. */
static int open_passwd(int root_fd)
{
	autofd int seen = resolve_open(root_fd, "/etc/passwd", O_PATH);
	char link[FD_PATH_MAX];
	struct stat st;

	if (seen < 0 || fstat(seen, &st) < 0 || !S_ISREG(st.st_mode) || !st.st_size)
		return -ENOENT;
	/* host path: the very file, by the host's /proc/self/fd */
	return open(fd_proc_path(seen, link), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static char *read_passwd(pid_t pid)
{
	autofree char *root_path = xasprintf("/proc/%d/root", (int) pid);
	autofd int root = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofd int fd = root < 0 ? FD_NONE : open_passwd(root);
	char *text = NULL;
	size_t len;

	if (fd < 0 || fd_read_all(fd, PASSWD_MAX, &text, &len) < 0)
		return NULL;
	return text;
}

/* name:password:uid:gid:comment:home:shell */
static char *shell_of(char *passwd, const char *uid)
{
	char *rest = NULL;

	for (char *line = passwd ? strtok_r(passwd, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *field[7], *at = line;
		size_t n = 0;

		while (n < ARRAY_SIZE(field) && (field[n] = strsep(&at, ":")))
			n++;
		if (n == ARRAY_SIZE(field) && str_eq(field[2], uid) && *field[6])
			return xstrdup(field[6]);
	}
	return xstrdup("/bin/sh");
}

static int find_shell(const struct runtime_opts *rt, const char *name, const char *uid, char **ret)
{
	autocontainer struct container c = CONTAINER_INIT;
	autofree char *passwd = NULL;
	int r = container_open(rt, name, 0, &c);

	if (r < 0)
		return r;
	passwd = container_pid(&c) ? read_passwd(container_pid(&c)) : NULL;
	*ret = shell_of(passwd, uid ? uid : "0");
	return 0;
}

/* ---- */

static int run_command(const struct runtime_opts *rt, const struct attach_opts *o,
		       struct exec_opts *exec, const char *name, char **command)
{
	char *shell[] = { NULL, NULL };
	int r = 0;

	exec->args = command;
	if (!command[0]) {
		r = find_shell(rt, name, o->uid, &shell[0]);
		exec->args = shell;
	}
	if (r >= 0)
		r = exec_container(rt, exec, name);
	free(shell[0]);
	return r;
}

/* lxc-attach ends as a shell does when there is no such program. */
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND	    127

static int fail_like_shell(int r)
{
	if (r == -ENOENT)
		return cli_fail(EXIT_NOT_FOUND);
	return r == -ENOEXEC || r == -EACCES || r == -EISDIR ? cli_fail(EXIT_NOT_EXECUTABLE) : r;
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct attach_opts *o = opts;
	autofree char *user = NULL;
	struct exec_opts exec = { .label = o->context,
				  .cwd = "/",
				  .pty_log = o->pty_log,
				  .remount = o->remount,
				  .tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) };
	const char *name;
	int r;

	r = lxc_name_take(&o->lxc, args, &name, &args);
	if (r >= 0 && o->clear_env && o->keep_env)
		r = err_code(EINVAL, "--clear-env and --keep-env exclude each other");
	if (r >= 0)
		r = parse_namespaces(o->namespaces, &exec.namespaces);
	if (r >= 0)
		r = parse_privileges(o, &exec.elevated);
	if (r >= 0)
		r = parse_arch(o->arch, &exec);
	if (r >= 0)
		r = lxc_name_running(rt, &o->lxc, name);
	if (r < 0)
		return r;
	if (o->pty_log && !exec.tty) {
		log_warn("--pty-log: there is no terminal, and nothing of it to log");
		exec.pty_log = NULL;
	}
	user = xasprintf("%s:%s", o->uid ? o->uid : "0", o->gid ? o->gid : "0");
	exec.user = user;
	add_environment(o, &exec);
	r = run_command(rt, o, &exec, name, args);
	strv_clear(&exec.env);
	return r < 0 ? fail_like_shell(r) : r;
}

const struct command lxc_cmd_attach = {
	.name = "attach",
	.args = "[NAME] [-- COMMAND [ARGUMENT...]]",
	.summary = "run a command, or a shell, in a running container",
	COMMAND_OPTS(table, struct attach_opts),
	.order = OPT_ANYWHERE,
	.max_args = -1,
	.run = run,
};
