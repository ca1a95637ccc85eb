/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_VERSION_H
#define HAKO_CLI_VERSION_H

#include <stdbool.h>

/* Built with libselinux? */
extern const bool version_has_selinux;

/* `hako --version`: version, commit, specification and what was built in. 0 or -errno recorded. */
int version_print(void);

#endif
