/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CRIU_SETUP_H
#define HAKO_RUNTIME_CRIU_SETUP_H

/* The part of a request to criu that checkpoint and restore have in common. */

#include <stdbool.h>

#include "runtime/criu.h"

struct bundle;
struct criu_opts;

struct criu_setup {
	char *image_path; /* absolute */
	char *work_path;
	int image_fd;
	int work_fd; /* the same as image_* when there is none */
};
#define CRIU_SETUP_INIT                      \
	{                                    \
		NULL, NULL, FD_NONE, FD_NONE \
	}

enum criu_setup_mode { CRIU_SETUP_DUMP, CRIU_SETUP_RESTORE };

/*
 * Opens the directories (a dump makes them) and adds them, the log, the flags of the command line
 * and the configuration file (annotation org.criu.config, else /etc/criu/hako.conf or runc.conf;
 * one below the root filesystem, or in a volume that the container may write to, is refused).
 * The call borrows from *s. 0 or -errno recorded.
 */
int criu_setup(struct criu_setup *s, const struct criu_opts *opts, enum criu_setup_mode mode,
	       const struct bundle *bundle, struct criu_call *call);
void criu_setup_clear(struct criu_setup *s);

#endif
