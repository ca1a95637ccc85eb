/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_STORE_H
#define HAKO_RUNTIME_STORE_H

/*
 * State on disk: <root>/<id>/ with
 *   intent.json   what will be made: written before the first outside effect
 *   status.json   the container that was made; takes the place of the intent
 *   config.json   the configuration as it was at create; later edits of the bundle mean nothing
 *   start.sock    created, not started: init listens here (its absence = started)
 * The directory means that the id is taken. Nothing else is remembered between two commands, so a
 * crash at any point leaves something that `delete --force` understands.
 */

#include <stdbool.h>
#include <stddef.h>

struct oci_status;

#define STORE_START_SOCKET "start.sock"
/* In the state directory of a container that was given network devices: netdevs.h. */
#define STORE_NETNS "netns"
#define STORE_ID_MAX	   255

/* [A-Za-z0-9_+-][A-Za-z0-9_+.-]*, at most STORE_ID_MAX bytes. 0, or -EINVAL recorded. */
int store_check_id(const char *id);

/*
 * Opens the state root. With create, missing directories are made (0700). It must be ours, and
 * nobody else may write to it or have put a link there; a warning when another user owns the
 * directory that it is in. Without create a missing root is -ENOENT, recorded.
 */
int store_open_root(const char *root, bool create, int *ret_fd);

/* Takes the id: makes the directory and locks it for us. -EEXIST recorded when it is taken. */
int store_reserve(int root_fd, const char *id, int *ret_dir_fd);
/* Opens the directory of a container. -ENOENT recorded: "container 'x' does not exist". */
int store_open(int root_fd, const char *id, int *ret_dir_fd);

/*
 * One command at a time changes a container: waits up to timeout_ms (-1 = for ever, 0 = not at all)
 * for its lock, which is released when the descriptor is closed. -EAGAIN, recorded, when the time
 * is over; -ENOENT recorded when the container was removed meanwhile.
 */
int store_lock(int dir_fd, const char *id, int timeout_ms);
/* Gives the lock back before the descriptor is closed: for who stays with a running container. */
void store_unlock(int dir_fd);

int store_write_status(int dir_fd, const struct oci_status *status);
/* -EINVAL recorded for a damaged file, -ENOENT for none. */
int store_read_status(int dir_fd, const char *id, struct oci_status **ret);
int store_write_config(int dir_fd, const char *json, size_t len);
/* In its place, at once or not at all. */
int store_replace_config(int dir_fd, const char *json, size_t len);
int store_read_config(int dir_fd, char **ret, size_t *ret_len);

bool store_has_start_socket(int dir_fd);
int store_remove_start_socket(int dir_fd);

/* All ids under the root, sorted; NULL-terminated, the caller's. */
int store_list(int root_fd, char ***ret);
/* -EINVAL, recorded, when anything in the directory is not of the kind that we put there: without a
 * readable state file nothing else tells that it is a container's. */
int store_check_ours(int dir_fd, const char *id);
/* Removes the directory (dir_fd) and all in it. */
int store_remove(int root_fd, int dir_fd, const char *id);

#endif
