/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lxc_launch.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/path.h"
#include "linux/seal.h"
#include "ocispec.h"
#include "runtime/container.h"
#include "runtime/create.h"
#include "runtime/delete.h"

int lxc_launch_begin(const struct runtime_opts *rt)
{
	return seal_self(rt->argv);
}

static char *directory_of(const char *config)
{
	const char *slash = strrchr(config, '/');

	if (!slash)
		return xstrdup(".");
	return slash == config ? xstrdup("/") : xstrndup(config, (size_t) (slash - config));
}

/* For a root that is mounted: LXC's own directory if there is one, else any that is there. It is
 * covered in the container's mount namespace only. */
static const char *mountpoint_in(const char *dir)
{
	autofree char *usual = path_join(dir, "rootfs");
	struct stat st;

	return stat(usual, &st) == 0 && S_ISDIR(st.st_mode) ? NULL : "/mnt";
}

static int remove_leftover(const struct runtime_opts *rt, const char *name)
{
	autocontainer struct container c = CONTAINER_INIT;
	int r = container_open(rt, name, CONTAINER_BROKEN_OK, &c);

	if (r == -ENOENT) {
		err_forgive(r, "a new container");
		return 0;
	}
	if (r < 0)
		return r;
	if (c.state != CONTAINER_STOPPED)
		return err_code(EEXIST, "container '%s' is already running", name);
	return delete_container(rt, name, DELETE_FORCE);
}

static void set_default(struct oci_config *c, const char *key, const char *value)
{
	if (value && !oci_map_get(c->annotations, key))
		oci_map_set(&c->annotations, key, value);
}

static int set_path(struct oci_config *c, const char *key, const char *path)
{
	autofree char *full = path ? path_make_absolute(path) : NULL;

	if (path && !full)
		return err_sys("find '%s'", path);
	if (full)
		oci_map_set(&c->annotations, key, full);
	return 0;
}

static void set_command(struct oci_process *p, char **command)
{
	struct strv args = { 0 };

	if (!command || !command[0])
		return;
	for (char **arg = command; *arg; arg++)
		strv_add(&args, *arg);
	strs_free(p->args);
	p->args_len = args.len;
	p->args = strv_take(&args);
}

/* How LXC's own monitor behaves, and what the command line adds to the file. */
static int complete(struct oci_config *c, const struct lxc_launch *o)
{
	int r;

	set_default(c, "org.hako.reboot", "restart");
	set_default(c, "org.hako.pdeath", "SIGKILL");
	set_default(c, "org.hako.signal.reboot", "auto");
	set_command(c->process, o->command);
	if (str_eq(o->console, "none")) {
		c->process->terminal = false;
		return 0;
	}
	r = set_path(c, "org.hako.console.path", o->console);
	return r < 0 ? r : set_path(c, "org.hako.console.logfile", o->console_log);
}

static int run(const struct runtime_opts *rt, const struct lxc_launch *o, const char *dir,
	       struct oci_config *oci, const char *name)
{
	autofree char *json = NULL;
	struct run_opts opts = {
		.create = { .bundle = dir,
			    .pid_file = o->pid_file,
			    .console_socket = o->console_socket,
			    .no_pivot = o->no_pivot },
		.keep = o->keep,
		.detach = o->detach,
	};
	int r = complete(oci, o);

	if (r < 0)
		return r;
	json = oci_config_generate(oci, 0);
	opts.create.config_text = json;
	return run_container(rt, &opts, name);
}

int lxc_launch(const struct runtime_opts *rt, const struct lxc_launch *o, const char *config)
{
	struct lxc_cli_opts lxc = o->lxc;
	struct lxc_convert_result result = { 0 };
	autofree char *dir = directory_of(config);
	int r;

	if (!lxc.report)
		lxc.report = "none";
	lxc.mountpoint = mountpoint_in(dir);
	r = lxc_cli_convert(&lxc, config, NULL, STDERR_FILENO, &result);
	if (r >= 0)
		r = remove_leftover(rt, result.name);
	if (r >= 0)
		r = run(rt, o, dir, result.oci, result.name);
	lxc_convert_clear(&result);
	return r;
}
