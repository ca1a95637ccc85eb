/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_HOOKS_H
#define HAKO_RUNTIME_HOOKS_H

/* Hooks (runtime-spec config.md, "POSIX-platform Hooks"): programs that get the container's state
 * on standard input, one after the other; the bundle is their working directory. */

#include <stdbool.h>
#include <stddef.h>

#include "base/fd.h"

struct oci_hook;
struct oci_hooks;
struct annotations;

enum hook_stage {
	HOOK_PRESTART,
	HOOK_CREATE_RUNTIME,
	HOOK_CREATE_CONTAINER,
	HOOK_START_CONTAINER,
	HOOK_POSTSTART,
	HOOK_POSTSTOP,
	HOOK_STAGE_COUNT_, /* those of the specification; behind are annotations' */
	HOOK_PRE_START = HOOK_STAGE_COUNT_,
	HOOK_PRE_MOUNT,
	HOOK_START_HOST,
	HOOK_DESTROY,
};

struct hooks {
	const struct oci_hooks *doc;	 /* NULL = no hooks; borrowed */
	const struct annotations *notes; /* org.hako.hooks.*; borrowed */
	int cwd_fd;			 /* the bundle */
	int stdout_fd, stderr_fd;	 /* FD_NONE = ours */
};
#define HOOKS_INIT                                    \
	{                                             \
		NULL, NULL, FD_NONE, FD_NONE, FD_NONE \
	}

/*
 * Opens what all stages need: the bundle, and the files of the annotations run.oci.hooks.stdout and
 * stderr (appended to). Nothing is opened when there are no hooks. 0 or -errno recorded.
 */
int hooks_open(const struct oci_hooks *doc, const char *bundle, const struct annotations *a,
	       struct hooks *ret);
void hooks_close(struct hooks *h);
#define autohooks __attribute__((cleanup(hooks_close)))

/* Has it any hook of its own? Also before the hooks are open. */
bool hooks_of_annotations(const struct annotations *a);
bool hooks_any(const struct hooks *h, enum hook_stage stage);
/* "createRuntime" as in the document; also the list that `features` shows. */
const char *hooks_stage_name(enum hook_stage stage);

/*
 * Runs a stage with the state as standard input; env is for hooks that have none of their own. The
 * first failure ends it: "error running NAME hook #0: …" for a hook that cannot be executed, fails,
 * is killed or outlives its timeout (it is killed then). 0 or -errno recorded. For poststop a
 * failure is a warning and the rest still run, as the specification has it.
 */
int hooks_run(const struct hooks *h, enum hook_stage stage, const char *state, char *const *env);

#endif
