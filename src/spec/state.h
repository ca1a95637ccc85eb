/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_SPEC_STATE_H
#define HAKO_SPEC_STATE_H

/* The state of a container as JSON, in the forms its readers expect. Pure. */

#include <sys/types.h>

#include "ocispec.h"

/* The version of the specification that states and features name. */
#define SPEC_VERSION "1.3.0"

struct state_info {
	const char *oci_version; /* NULL: SPEC_VERSION */
	const char *id;
	const char *status; /* "paused" is for command and list only */
	const char *bundle;
	const char *rootfs; /* NULL if there is none; command and list only, as are the next two */
	const char *created;
	const char *owner;
	pid_t pid; /* 0 = none; hooks and agents then see no pid, the commands see 0 */
	const struct oci_map *annotations; /* NULL or empty: left out */
};

/* What a hook reads from stdin: the fields of the specification, compact. Heap, as all here. */
char *state_hook_json(const struct state_info *info);
/* What a seccomp agent gets (containerProcessState); fds names the descriptors that go with it. */
char *state_seccomp_json(const struct state_info *info, pid_t pid, const char *metadata,
			 const char *const *fds, size_t fds_len);
/* The command state: pretty, with a newline. */
char *state_command_json(const struct state_info *info);
/* list --format json: one line, an array, with a newline; "[]" when there are none. */
char *state_list_json(const struct state_info *infos, size_t len);

#endif
