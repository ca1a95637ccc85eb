/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "cli/hook.h"
#include "linux/lsm_apparmor_policy.h"
#include "lxc/apparmor.h"
#include "ocispec.h"

/*
 * Who is confined by a removed profile is confined by nothing. Containers of one bundle share a
 * profile, so each that uses it has a file of its id in USERS_DIR/PROFILE, with its process: the
 * last one, or who finds only the files of the dead, removes the profile. All under one lock.
 */
#define USERS_DIR "/run/hako-apparmor"
#define USER_MAX  64

struct apparmor_opts {
	bool allow_incomplete;
};

static const struct opt table[] = {
	{ "allow-incomplete", 0, OPT_FLAG, offsetof(struct apparmor_opts, allow_incomplete), NULL,
	  "load: also on a kernel whose AppArmor has no rules about mounts" },
};

struct users {
	const struct oci_state *state;
	const char *profile;
	int dir;
	int lock;
};
#define USERS_INIT                            \
	{                                     \
		NULL, NULL, FD_NONE, FD_NONE, \
	}

static void users_close(struct users *u)
{
	fd_close(&u->dir);
	fd_close(&u->lock);
}
#define autousers __attribute__((cleanup(users_close)))

/* A name of a file below our own directory, and nothing else. */
static int check_name(const char *what, const char *name)
{
	if (!*name || name[0] == '.' || strchr(name, '/') || strpbrk(name, "\n\r\""))
		return err_code(EINVAL, "'%s' is no name of a %s", name, what);
	return 0;
}

static int users_open(const struct oci_state *state, const char *profile, struct users *ret)
{
	int r = check_name("profile", profile);

	if (r >= 0)
		r = check_name("container", state->id);
	if (r < 0)
		return r;
	r = file_mkdir_p(USERS_DIR, 0700);
	if (r < 0)
		return err_sys_r(r, "make directory '" USERS_DIR "'");
	ret->state = state;
	ret->profile = profile;
	ret->lock = open(USERS_DIR, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (ret->lock < 0 || flock(ret->lock, LOCK_EX) < 0)
		return err_sys("lock '" USERS_DIR "'");
	if (mkdirat(ret->lock, profile, 0700) < 0 && errno != EEXIST)
		return err_sys("make directory '" USERS_DIR "/%s'", profile);
	ret->dir = openat(ret->lock, profile, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (ret->dir < 0)
		return err_sys("open directory '" USERS_DIR "/%s'", profile);
	return 0;
}

static int add_user(const struct users *u)
{
	struct proc_stat stat = { 0 };
	autofree char *text = NULL;
	int r = u->state->pid ? proc_stat_read((pid_t) u->state->pid, &stat) : -ESRCH;

	if (r < 0)
		return err_code(ESRCH, "the container has no process");
	text = xasprintf("%u %llu\n", u->state->pid, (unsigned long long) stat.start);
	r = file_replace_at(u->dir, u->state->id, text, strlen(text), 0600, 0);
	return r < 0 ? err_sys_r(r, "write '" USERS_DIR "/%s/%s'", u->profile, u->state->id) : 0;
}

/* 1 = it lives; the dead are forgotten. */
static int is_alive(void *arg, int dir, const char *name)
{
	autofree char *text = NULL;
	unsigned long long start;
	struct proc_id id;

	(void) arg;
	if (file_read_at(dir, name, USER_MAX, &text, NULL) == 0 &&
	    sscanf(text, "%d %llu", &id.pid, &start) == 2) {
		id.start = start;
		if (proc_is_alive(id))
			return 1;
	}
	(void) unlinkat(dir, name, 0);
	return 0;
}

static int forget(const struct users *u)
{
	int r;

	if (unlinkat(u->dir, u->state->id, 0) < 0 && errno != ENOENT)
		return err_sys("remove '" USERS_DIR "/%s/%s'", u->profile, u->state->id);
	r = file_each_at(u->dir, ".", is_alive, NULL);
	if (r > 0)
		return 0;
	/* the profile reaches into the namespace, nothing of the namespace to the profile */
	r = apparmor_policy_remove_ns(u->profile);
	if (r >= 0)
		r = apparmor_policy_remove(u->profile);
	if (r >= 0)
		(void) unlinkat(u->lock, u->profile, AT_REMOVEDIR);
	return r;
}

static int load(const struct oci_state *state, const char *profile, bool incomplete)
{
	autofree char *file = path_join(state->bundle, LXC_APPARMOR_FILE);
	autousers struct users users = USERS_INIT;
	struct err_saved saved;
	int r = apparmor_policy_check(incomplete);

	if (r >= 0)
		r = users_open(state, profile, &users);
	if (r < 0)
		return r;
	r = add_user(&users);
	if (r >= 0)
		r = apparmor_policy_make_ns(profile);
	if (r >= 0)
		r = apparmor_policy_load(file, lxc_apparmor_parsers);
	if (r >= 0)
		return 0;
	saved = err_push();
	(void) forget(&users);
	err_pop(saved);
	return r;
}

static int unload(const struct oci_state *state, const char *profile)
{
	autofree char *path = path_join(USERS_DIR, profile);
	autousers struct users users = USERS_INIT;
	int r;

	/* never loaded, or gone already */
	if (check_name("profile", profile) >= 0 && access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	r = users_open(state, profile, &users);
	return r < 0 ? r : forget(&users);
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct apparmor_opts *o = opts;
	struct oci_state *state = NULL;
	int r;

	(void) rt;
	r = hook_state_read(&state);
	if (r < 0)
		return r;
	if (str_eq(args[0], "load"))
		r = load(state, args[1], o->allow_incomplete);
	else if (str_eq(args[0], "unload"))
		r = unload(state, args[1]);
	else
		r = err_code(EINVAL, "unknown word '%s': load or unload", args[0]);
	oci_state_free(state);
	return r;
}

const struct command hook_cmd_apparmor = {
	.name = "apparmor",
	.args = "load|unload PROFILE",
	.summary = "load or remove the bundle's AppArmor profile (lxc.apparmor.profile)",
	COMMAND_OPTS(table, struct apparmor_opts),
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
