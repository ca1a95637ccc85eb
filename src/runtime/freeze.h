/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_FREEZE_H
#define HAKO_RUNTIME_FREEZE_H

struct runtime_opts;

/*
 * Stops all processes of a running container where they are, or lets those of a paused one go on.
 * Both wait until it is so. 0 or -errno recorded; a container in another state is refused.
 */
int pause_container(const struct runtime_opts *rt, const char *id);
int resume_container(const struct runtime_opts *rt, const char *id);

#endif
