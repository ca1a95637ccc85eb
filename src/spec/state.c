/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/state.h"

#include "base/alloc.h"
#include "base/str.h"

/*
 * The structs that the engine writes have members to be owned; these here are filled with what the
 * caller lends and never freed, so the casts that drop const are sound.
 */

static struct oci_map *borrow_map(const struct oci_map *map)
{
	return map && map->len > 0 ? (struct oci_map *) map : NULL;
}

static const char *version_of(const struct state_info *info)
{
	return info->oci_version ? info->oci_version : SPEC_VERSION;
}

static struct oci_state hook_state(const struct state_info *info)
{
	return (struct oci_state){
		.oci_version = (char *) version_of(info),
		.id = (char *) info->id,
		.status = (char *) info->status,
		.pid = (uint32_t) info->pid,
		.has_pid = info->pid > 0,
		.bundle = (char *) info->bundle,
		.annotations = borrow_map(info->annotations),
	};
}

static struct oci_state_ext command_state(const struct state_info *info)
{
	return (struct oci_state_ext){
		.oci_version = (char *) version_of(info),
		.id = (char *) info->id,
		.pid = (uint32_t) info->pid,
		.has_pid = true,
		.status = (char *) info->status,
		.bundle = (char *) info->bundle,
		.rootfs = (char *) info->rootfs,
		.created = (char *) info->created,
		.annotations = borrow_map(info->annotations),
		.owner = (char *) info->owner,
	};
}

static char *with_newline(char *text)
{
	size_t len = strlen(text);

	text = xrealloc(text, len + 2);
	text[len] = '\n';
	text[len + 1] = '\0';
	return text;
}

char *state_hook_json(const struct state_info *info)
{
	struct oci_state state = hook_state(info);

	return oci_state_generate(&state, 0);
}

char *state_seccomp_json(const struct state_info *info, pid_t pid, const char *metadata,
			 const char *const *fds, size_t fds_len)
{
	struct oci_state state = hook_state(info);
	struct oci_seccomp_state s = {
		.oci_version = (char *) version_of(info),
		.fds = (char **) fds,
		.fds_len = fds_len,
		.pid = (uint32_t) pid,
		.has_pid = true,
		.metadata = (char *) metadata,
		.state = &state,
	};

	return oci_seccomp_state_generate(&s, 0);
}

char *state_command_json(const struct state_info *info)
{
	struct oci_state_ext state = command_state(info);

	return with_newline(oci_state_ext_generate(&state, OCI_PRETTY));
}

char *state_list_json(const struct state_info *infos, size_t len)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	strbuf_add_c(&b, '[');
	for (size_t i = 0; i < len; i++) {
		struct oci_state_ext state = command_state(&infos[i]);
		autofree char *text = oci_state_ext_generate(&state, 0);

		if (i > 0)
			strbuf_add_c(&b, ',');
		strbuf_add(&b, text);
	}
	strbuf_add(&b, "]\n");
	return strbuf_take(&b);
}
