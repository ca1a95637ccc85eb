/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/proc.h"
#include "base/str.h"
#include "cli/net.h"

/* A word for the shell. */
static void add_word(struct strbuf *b, const char *word)
{
	strbuf_add(b, " '");
	for (; *word; word++) {
		if (*word == '\'')
			strbuf_add(b, "'\\''");
		else
			strbuf_add_c(b, *word);
	}
	strbuf_add_c(b, '\'');
}

/* As LXC has it: version 0 is told by arguments what version 1 is told by the environment. */
static char *command_line(const struct net_job *job, size_t i, const char *which,
			  const char *command)
{
	const struct oci_net_interface *n = &job->plan->interfaces[i];
	struct strbuf b = STRBUF_INIT;

	strbuf_addf(&b, "exec %s", command);
	if (!n->script->version) {
		add_word(&b, job->state->id);
		add_word(&b, "net");
		add_word(&b, which);
	}
	add_word(&b, n->type);
	if (n->link)
		add_word(&b, n->link);
	if (str_eq(n->type, "veth")) {
		if (!n->link)
			add_word(&b, "");
		add_word(&b, job->names[i].outside);
	}
	return strbuf_take(&b);
}

static int set_env(const char *name, const char *value, bool replace)
{
	return setenv(name, value, replace) < 0 ? err_sys("set '%s'", name) : 0;
}

static int set_environment(const struct net_job *job, size_t i, const char *which)
{
	const struct oci_net_interface *n = &job->plan->interfaces[i];
	const struct {
		const char *name, *value;
		bool replace;
	} all[] = {
		{ "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", false },
		{ "LXC_NAME", job->state->id, false },
		{ "LXC_HOOK_VERSION", n->script->version ? "1" : "0", true },
		{ "LXC_HOOK_TYPE", which, true },
		{ "LXC_HOOK_SECTION", "net", true },
		{ "LXC_NET_TYPE", n->type, true },
		{ "LXC_NET_PARENT", n->link ? n->link : "", true },
		{ "LXC_NET_PEER", job->names[i].outside, true },
	};
	bool veth = str_eq(n->type, "veth");
	int r = 0;

	if (!veth)
		(void) unsetenv("LXC_NET_PEER"); /* of the interface before */

	for (size_t k = 0; k < ARRAY_SIZE(all) && r >= 0; k++) {
		if (veth || !str_eq(all[k].name, "LXC_NET_PEER"))
			r = set_env(all[k].name, all[k].value, all[k].replace);
	}
	return r;
}

int net_script(struct net_job *job, size_t i, const char *which)
{
	const struct oci_net_script *s = job->plan->interfaces[i].script;
	const char *command = !s ? NULL : str_eq(which, "up") ? s->up : s->down;
	posix_spawn_file_actions_t actions;
	autofree char *line = NULL;
	int r, status;
	pid_t pid;

	if (str_empty(command))
		return 0;
	line = command_line(job, i, which, command);
	r = set_environment(job, i, which);
	if (r < 0)
		return r;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	r = -posix_spawn(&pid, "/bin/sh", &actions, NULL,
			 (char *const[]){ (char *) "sh", (char *) "-c", line, NULL }, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r < 0)
		return err_sys_r(r, "execute '/bin/sh'");
	r = proc_reap(pid, &status);
	if (r < 0)
		return err_sys_r(r, "wait for the script");
	if (status)
		return err_code(EIO, "script.%s '%s' failed with status %d", which, command,
				status);
	return 0;
}
