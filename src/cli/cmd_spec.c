/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "cli/cli.h"
#include "spec/template.h"

struct spec_opts {
	const char *bundle;
	bool rootless;
};

static const struct opt table[] = {
	{ "bundle", 'b', OPT_STRING, offsetof(struct spec_opts, bundle), "DIR",
	  "the bundle (current directory)" },
	{ "rootless", 0, OPT_FLAG, offsetof(struct spec_opts, rootless), NULL,
	  "for a user without privilege: a user namespace with the caller as root" },
};

static int write_config(const char *bundle, const char *json)
{
	autofd int dir = FD_NONE, fd = FD_NONE;
	int r;

	dir = open(bundle ? bundle : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_sys("open bundle '%s'", bundle ? bundle : ".");
	fd = openat(dir, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST)
		return err_code(EEXIST, "config.json exists already: remove it first");
	if (fd < 0)
		return err_sys("create config.json");
	r = fd_write_full(fd, json, strlen(json));
	if (r < 0) {
		(void) unlinkat(dir, "config.json", 0); /* half a file helps nobody */
		return err_sys_r(r, "write config.json");
	}
	return 0;
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct spec_opts *o = opts;
	struct template_opts t = { .rootless = o->rootless, .uid = geteuid(), .gid = getegid() };
	struct cgroup_host host = { 0 };
	autofree char *json = NULL;
	int r;

	(void) rt;
	(void) args;
	r = cgroup_host_probe(&host);
	if (r < 0)
		return r;
	t.cgroup2_only = host.mode == CGROUP_MODE_UNIFIED;
	cgroup_host_clear(&host);
	json = template_json(&t);
	return write_config(o->bundle, json);
}

const struct command cmd_spec = {
	.name = "spec",
	.args = "",
	.summary = "write a config.json to start from",
	COMMAND_OPTS(table, struct spec_opts),
	.order = OPT_ANYWHERE,
	.max_args = 0,
	.run = run,
};
