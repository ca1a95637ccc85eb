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

/* The ports of Open vSwitch are in a database of its own, which its own program writes. */
#define PROGRAM "ovs-vsctl"

/* Its exit status, or -errno: -ENOENT when it is not installed. */
static int execute(const struct strv *words)
{
	autofree char **args = xnew_n(char *, words->len + 1);
	posix_spawn_file_actions_t actions;
	int r, status;
	pid_t pid;

	for (size_t i = 0; i < words->len; i++)
		args[i] = words->v[i];
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	r = -posix_spawnp(&pid, PROGRAM, &actions, NULL, args, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r == 0)
		r = proc_reap(pid, &status);
	return r < 0 ? r : status;
}

static int command(const struct strv *words)
{
	int r = execute(words);

	if (r < 0)
		return err_sys_r(r, "execute '" PROGRAM "'");
	if (r > 0)
		return err_code(EIO, "'" PROGRAM " %s' failed with status %d", words->v[3], r);
	return 0;
}

/* Without a limit it waits for a switch that does not run. */
static void begin(struct strv *words)
{
	strv_add(words, PROGRAM);
	strv_add(words, "--timeout=10");
}

bool net_ovs_is_bridge(const char *name)
{
	autostrv struct strv words = { 0 };

	begin(&words);
	strv_add(&words, "br-exists");
	strv_add(&words, name);
	return execute(&words) == 0;
}

/* A port is in one VLAN, in those that are tagged, or in both ways. */
static void add_vlans(const struct oci_net_veth *v, struct strv *words)
{
	bool untagged = v->has_vlan && v->vlan >= 0;
	struct strbuf trunks = STRBUF_INIT;

	if (untagged)
		strv_addf(words, "tag=%d", (int) v->vlan);
	for (size_t i = 0; i < v->tagged_len; i++)
		strbuf_addf(&trunks, "%s%d", i ? "," : "trunks=", (int) v->tagged[i]);
	if (v->tagged_len)
		strv_add(words, strbuf_str(&trunks));
	strbuf_clear(&trunks);
	if (untagged || v->tagged_len)
		strv_addf(words, "vlan_mode=%s", !v->tagged_len ? "access"
						 : untagged	? "native-untagged"
								: "trunk");
}

int net_ovs_attach(const struct oci_net_interface *n, const char *port)
{
	autostrv struct strv words = { 0 };

	begin(&words);
	strv_add(&words, "--may-exist");
	strv_add(&words, "add-port");
	strv_add(&words, n->link);
	strv_add(&words, port);
	if (n->veth)
		add_vlans(n->veth, &words);
	return command(&words);
}

int net_ovs_detach(const struct oci_net_interface *n, const char *port)
{
	autostrv struct strv words = { 0 };

	begin(&words);
	strv_add(&words, "--if-exists");
	strv_add(&words, "del-port");
	strv_add(&words, n->link);
	strv_add(&words, port);
	return command(&words);
}
