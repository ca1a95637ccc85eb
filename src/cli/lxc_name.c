/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lxc_name.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/table.h"
#include "lxc/lxc.h"
#include "lxc/place.h"
#include "runtime/container.h"

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

	if (o->quiet) {
		cli_quiet();
		if (!o->logfile && !log_is_redirected())
			config.target = "/dev/null";
	}
	if (!config.target && !o->loglevel)
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

static int check_file(const char *path)
{
	struct lxc_opts opts = { .env = environ };
	struct lxc_config *config = NULL;
	struct lxc_diag diag = { 0 };
	int r = lxc_parse_file(path, &opts, &config, &diag);

	diag_clear(&diag);
	lxc_config_free(config);
	return r < 0 ? err_wrap(r, "--rcfile") : 0;
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
	return o->rcfile ? check_file(o->rcfile) : 0;
}

/* ---- where they are ---- */

char *lxc_name_path(const char *lxcpath)
{
	return lxcpath ? xstrdup(lxcpath) : place_lxcpath();
}

int lxc_name_config(const char *lxcpath, const char *name, char **ret)
{
	struct places places = { 0 };
	int r = places_named(&places, name, lxcpath);

	if (r >= 0)
		*ret = xstrdup(places.v[0].path);
	places_clear(&places);
	return r;
}

int lxc_name_file(const struct lxc_name_opts *o, const char *name, char **ret)
{
	if (!o->rcfile)
		return lxc_name_config(o->lxcpath, name, ret);
	*ret = xstrdup(o->rcfile);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

int lxc_name_list(const char *lxcpath, char ***ret)
{
	struct places places = { 0 };
	struct strv names = { 0 };
	int r = places_list(&places, lxcpath);

	for (size_t i = 0; r >= 0 && i < places.len; i++) {
		if (!strv_has(&names, places.v[i].name))
			strv_add(&names, places.v[i].name);
	}
	places_clear(&places);
	if (r < 0)
		return r;
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
		r = lxc_name_file(o, name, &config);
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
