/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "ocispec.h"
#include "runtime/exec.h"
#include "spec/validate.h"

static void add_string(char ***v, size_t *len, const char *s)
{
	*v = xreallocarray(*v, *len + 2, sizeof(**v));
	(*v)[(*len)++] = xstrdup(s);
	(*v)[*len] = NULL;
}

static bool has_string(char *const *v, size_t len, const char *s)
{
	for (size_t i = 0; i < len; i++) {
		if (str_eq(v[i], s))
			return true;
	}
	return false;
}

static void drop_strings(char ***v, size_t *len)
{
	strs_free(*v);
	*v = NULL;
	*len = 0;
}

/* ---- where it comes from ---- */

#define DROP(p, type, member) (type##_free((p)->member), (p)->member = NULL)
#define DROP_IF_GIVEN(p, file, type, member)   \
	do {                                   \
		if ((file)->member)            \
			DROP(p, type, member); \
	} while (0)

static struct oci_process *process_of(const struct oci_process *container)
{
	struct oci_process *p;

	if (container)
		return oci_process_clone(container);
	p = xnew(struct oci_process);
	p->cwd = xstrdup("/");
	return p;
}

/* The container's process without what it executes. */
static struct oci_process *without_command(const struct oci_process *container)
{
	struct oci_process *p = process_of(container);

	drop_strings(&p->args, &p->args_len);
	free(p->command_line);
	p->command_line = NULL;
	p->terminal = false;
	return p;
}

/*
 * Engines leave out what is empty or false, so an empty label or list of capabilities is not a wish
 * to be without: it would let go what confines the container. Objects are taken whole; half of the
 * container's capabilities and half of the file's would be nobody's intent.
 */
static struct oci_process *from_file(const struct oci_process *container,
				     const struct oci_process *file)
{
	struct oci_process *p = without_command(container);
	autofree char *apparmor = NULL, *label = NULL;

	drop_strings(&p->env, &p->env_len);
	DROP(p, oci_user, user);
	DROP(p, oci_console_size, console_size);
	DROP_IF_GIVEN(p, file, oci_capabilities, capabilities);
	DROP_IF_GIVEN(p, file, oci_scheduler, scheduler);
	DROP_IF_GIVEN(p, file, oci_io_priority, io_priority);
	DROP_IF_GIVEN(p, file, oci_exec_cpu_affinity, exec_cpu_affinity);
	apparmor = p->apparmor_profile ? xstrdup(p->apparmor_profile) : NULL;
	label = p->selinux_label ? xstrdup(p->selinux_label) : NULL;
	oci_process_merge(p, file);
	if (str_empty(p->apparmor_profile)) {
		free(p->apparmor_profile);
		p->apparmor_profile = take_ptr(&apparmor);
	}
	if (str_empty(p->selinux_label)) {
		free(p->selinux_label);
		p->selinux_label = take_ptr(&label);
	}
	return p;
}

/* ---- options ---- */

static struct oci_user *user_of(struct oci_process *p)
{
	if (!p->user)
		p->user = xnew(struct oci_user);
	return p->user;
}

/* (uid_t) -1 means "leave it" to the kernel. */
static int parse_id(const char *text, uint32_t *ret)
{
	int r = str_to_u32(text, ret);

	return r == 0 && *ret == UINT32_MAX ? -ERANGE : r;
}

/* Numbers only, and nothing but numbers: a name would have to be looked up in a file of the
 * container's. The group stays the container's unless it is given. */
static int set_user(struct oci_process *p, const char *text)
{
	const char *colon = strchr(text, ':');
	autofree char *uid = colon ? xstrndup(text, (size_t) (colon - text)) : xstrdup(text);
	uint32_t u, g = 0;

	if (parse_id(uid, &u) < 0 || (colon && parse_id(colon + 1, &g) < 0))
		return err_code(EINVAL, "--user: '%s' is not UID or UID:GID in numbers", text);
	user_of(p)->uid = u;
	user_of(p)->has_uid = true;
	if (colon) {
		user_of(p)->gid = g;
		user_of(p)->has_gid = true;
	}
	return 0;
}

static int add_gids(struct oci_process *p, const struct strv *gids)
{
	for (size_t i = 0; i < gids->len; i++) {
		struct oci_user *u = user_of(p);
		uint32_t gid;

		if (parse_id(gids->v[i], &gid) < 0)
			return err_code(EINVAL, "--additional-gids: '%s' is not a number",
					gids->v[i]);
		u->additional_gids = xreallocarray(u->additional_gids, u->additional_gids_len + 1,
						   sizeof(*u->additional_gids));
		u->additional_gids[u->additional_gids_len++] = gid;
	}
	return 0;
}

static int add_env(struct oci_process *p, const struct strv *env)
{
	for (size_t i = 0; i < env->len; i++) {
		const char *equals = strchr(env->v[i], '=');

		if (!equals || equals == env->v[i])
			return err_code(EINVAL, "--env: '%s' has not the form NAME=VALUE",
					env->v[i]);
		add_string(&p->env, &p->env_len, env->v[i]);
	}
	return 0;
}

/* Never into the inheritable or the ambient set: CVE-2022-29162. */
static void add_caps(struct oci_process *p, const struct strv *caps)
{
	struct oci_capabilities *c;

	if (caps->len && !p->capabilities)
		p->capabilities = xnew(struct oci_capabilities);
	c = p->capabilities;
	for (size_t i = 0; i < caps->len; i++) {
		if (!has_string(c->bounding, c->bounding_len, caps->v[i]))
			add_string(&c->bounding, &c->bounding_len, caps->v[i]);
		if (!has_string(c->permitted, c->permitted_len, caps->v[i]))
			add_string(&c->permitted, &c->permitted_len, caps->v[i]);
		if (!has_string(c->effective, c->effective_len, caps->v[i]))
			add_string(&c->effective, &c->effective_len, caps->v[i]);
	}
}

static void replace_text(char **text, const char *by)
{
	if (!by)
		return;
	free(*text);
	*text = xstrdup(by);
}

static int apply_options(struct oci_process *p, const struct exec_opts *o)
{
	int r = 0;

	if (o->user)
		r = set_user(p, o->user);
	if (r >= 0)
		r = add_gids(p, &o->additional_gids);
	if (r >= 0)
		r = add_env(p, &o->env);
	if (r < 0)
		return r;
	add_caps(p, &o->caps);
	replace_text(&p->cwd, o->cwd);
	replace_text(&p->apparmor_profile, o->apparmor);
	replace_text(&p->selinux_label, o->label);
	if (o->no_new_privs)
		p->no_new_privileges = p->has_no_new_privileges = true;
	if (o->tty)
		p->terminal = p->has_terminal = true;
	for (char *const *arg = o->args; arg && *arg; arg++)
		add_string(&p->args, &p->args_len, *arg);
	return 0;
}

int exec_process_make(const struct oci_process *container, const struct oci_process *file,
		      const struct exec_opts *opts, struct oci_process **ret)
{
	auto_call(oci_process_free) struct oci_process *p = NULL;
	bool has_args = opts->args && opts->args[0];
	int r;

	if (file && has_args)
		return err_code(EINVAL, "a command is given, and --process as well");
	if (!file && !has_args)
		return err_code(EINVAL, "a command to execute is missing");
	p = file ? from_file(container, file) : without_command(container);
	r = apply_options(p, opts);
	if (r >= 0)
		r = validate_process(p);
	if (r < 0)
		return r;
	*ret = take_ptr(&p);
	return 0;
}
