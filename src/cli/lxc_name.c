/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lxc_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/table.h"
#include "runtime/container.h"

#define PVE_PATH	  "/etc/pve/lxc"
#define LXC_CONF_SIZE_MAX (1u << 20)

/* ---- options ---- */

static const struct {
	const char *name;
	enum log_level level;
} levels[] = {
	{ "trace", LOG_L_DEBUG },  { "debug", LOG_L_DEBUG }, { "info", LOG_L_INFO },
	{ "notice", LOG_L_INFO },  { "warn", LOG_L_WARN },   { "error", LOG_L_ERROR },
	{ "crit", LOG_L_ERROR },   { "alert", LOG_L_ERROR }, { "fatal", LOG_L_ERROR },
};

int lxc_name_log(const struct lxc_name_opts *o)
{
	struct log_config config = { .target = o->logfile, .level = LOG_L_ERROR };
	size_t i;
	int r;

	if (!o->logfile && !o->loglevel)
		return 0;
	for (i = 0; o->loglevel && i < ARRAY_SIZE(levels); i++) {
		if (strcasecmp(o->loglevel, levels[i].name) == 0)
			break;
	}
	if (i == ARRAY_SIZE(levels))
		return err_code(EINVAL, "unknown log priority '%s'", o->loglevel);
	if (o->loglevel)
		config.level = levels[i].level;
	r = log_open(&config);
	return r < 0 ? err_sys_r(r, "open log '%s'", o->logfile ? o->logfile : "stderr") : 0;
}

int lxc_name_take(const struct lxc_name_opts *o, char **args, const char **ret_name,
		  char ***ret_rest)
{
	int r = lxc_name_log(o);

	if (r < 0)
		return r;
	if (!o->name && !args[0])
		return err_code(EINVAL, "the name of a container is missing");
	*ret_name = o->name ? o->name : args[0];
	*ret_rest = o->name ? args : args + 1;
	return 0;
}

/* ---- where they are ---- */

/* "lxc.lxcpath = DIR" of LXC's tool settings. */
static char *path_of_conf(const char *file)
{
	autofree char *text = NULL;
	char *line, *rest;

	if (file_read_at(AT_FDCWD, file, LXC_CONF_SIZE_MAX, &text, NULL) < 0)
		return NULL;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *equals = strchr(line, '=');

		if (!equals)
			continue;
		*equals = '\0';
		if (str_eq(str_trim(line), "lxc.lxcpath"))
			return xstrdup(str_trim(equals + 1));
	}
	return NULL;
}

char *lxc_name_path(const char *lxcpath)
{
	const char *home = getenv("HOME");
	autofree char *conf = NULL;
	char *path;

	if (lxcpath)
		return xstrdup(lxcpath);
	if (geteuid() == 0 || str_empty(home)) {
		path = path_of_conf("/etc/lxc/lxc.conf");
		return path ? path : xstrdup("/var/lib/lxc");
	}
	conf = xasprintf("%s/.config/lxc/lxc.conf", home);
	path = path_of_conf(conf);
	return path ? path : xasprintf("%s/.local/share/lxc", home);
}

static char *config_below(const char *dir, const char *name)
{
	char *config = xasprintf("%s/%s/config", dir, name);

	if (access(config, F_OK) == 0)
		return config;
	free(config);
	config = xasprintf("%s/%s.conf", dir, name);
	if (access(config, F_OK) == 0)
		return config;
	free(config);
	return NULL;
}

int lxc_name_config(const char *lxcpath, const char *name, char **ret)
{
	autofree char *dir = lxc_name_path(lxcpath);

	if (strchr(name, '/') || str_eq(name, ".") || str_eq(name, ".."))
		return err_code(EINVAL, "invalid container name '%s'", name);
	*ret = config_below(dir, name);
	if (!*ret && !lxcpath)
		*ret = config_below(PVE_PATH, name);
	if (*ret)
		return 0;
	if (!lxcpath && access(PVE_PATH, F_OK) == 0)
		return err_code(ENOENT, "'%s' is not defined (looked in %s and " PVE_PATH ")", name,
				dir);
	return err_code(ENOENT, "'%s' is not defined (looked in %s)", name, dir);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static void add_names(const char *dir, struct strv *names)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		autofree char *name = xstrdup(e->d_name), *config = NULL;
		size_t len = strlen(name);

		if (name[0] == '.')
			continue;
		if (str_ends(name, ".conf"))
			name[len - strlen(".conf")] = '\0';
		config = config_below(dir, name);
		if (config && !strv_has(names, name))
			strv_add(names, name);
	}
	if (d)
		closedir(d);
}

int lxc_name_list(const char *lxcpath, char ***ret)
{
	autofree char *dir = lxc_name_path(lxcpath);
	struct strv names = { 0 };

	if (lxcpath && access(dir, R_OK | X_OK) < 0)
		return err_sys("read '%s'", dir);
	add_names(dir, &names);
	if (!lxcpath)
		add_names(PVE_PATH, &names);
	if (names.len)
		qsort(names.v, names.len, sizeof(*names.v), compare);
	strv_add(&names, "");
	free(names.v[--names.len]);
	names.v[names.len] = NULL;
	*ret = strv_take(&names);
	return 0;
}

/* ---- how they are ---- */

const char *lxc_name_state_of(const struct container *c)
{
	switch (c->state) {
	case CONTAINER_CREATING:
	case CONTAINER_CREATED:
		return "STARTING";
	case CONTAINER_RUNNING:
		return "RUNNING";
	case CONTAINER_PAUSED:
		return "FROZEN";
	case CONTAINER_STOPPED:
		break;
	}
	return "STOPPED";
}

int lxc_name_running(const struct runtime_opts *rt, const struct lxc_name_opts *o, const char *name)
{
	autocontainer struct container c = CONTAINER_INIT;
	autofree char *config = NULL;
	int r = container_open(rt, name, 0, &c);

	if (r == -ENOENT) {
		err_forgive(r, "look for container '%s'", name);
		r = lxc_name_config(o->lxcpath, name, &config);
	}
	if (r < 0)
		return r;
	return c.state == CONTAINER_STOPPED ? err_code(ESRCH, "'%s' is not running", name) : 0;
}

const char *lxc_name_state(const struct runtime_opts *rt, const char *name)
{
	autocontainer struct container c = CONTAINER_INIT;
	int r = container_open(rt, name, 0, &c);

	if (r < 0) {
		err_forgive(r, "look for container '%s'", name);
		return "STOPPED";
	}
	return lxc_name_state_of(&c);
}
