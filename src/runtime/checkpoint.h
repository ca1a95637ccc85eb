/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CHECKPOINT_H
#define HAKO_RUNTIME_CHECKPOINT_H

/*
 * A running container as files, and back: by the criu program (criu.h), which must be installed,
 * and as root.
 */

#include <stdbool.h>

#include "base/str.h"
#include "runtime/create.h"

struct runtime_opts;

/* What checkpoint and restore share; the words are those of the command line, NULL = not given. */
struct criu_opts {
	const char *image_path; /* "checkpoint" below the current directory when NULL */
	const char *work_path;	/* logs; the image directory when NULL */
	const char *manage_cgroups_mode;
	struct strv empty_ns; /* "network" */
	bool tcp_established;
	bool ext_unix_sk;
	bool shell_job;
	bool file_locks;
	bool lazy_pages;
	bool auto_dedup;
};

struct checkpoint_opts {
	struct criu_opts criu;
	const char *parent_path; /* relative to the image directory */
	const char *page_server; /* ADDRESS:PORT */
	const char *status_fd;
	bool leave_running;
	bool pre_dump;
	bool tcp_skip_in_flight;
	bool link_remap;
};

struct restore_opts {
	struct run_opts run; /* bundle, console socket, pid file, detach, no_subreaper */
	struct criu_opts criu;
	const char *lsm_profile; /* "selinux:LABEL", "apparmor:PROFILE" */
	const char *lsm_mount_context;
};

/*
 * After success the container is gone (poststop hooks have run), unless leave_running or pre_dump
 * is given; after a failure it runs as before. 0 or -errno recorded.
 */
int checkpoint_container(const struct runtime_opts *rt, const struct checkpoint_opts *opts,
			 const char *id);
/* As run_container(): the exit status of the program, 0 when detached, or -errno recorded. */
int restore_container(const struct runtime_opts *rt, const struct restore_opts *opts,
		      const char *id);

#endif
