/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_LATE_H
#define HAKO_RUNTIME_LATE_H

/*
 * What a document names and only the host can say when the container is created: the namespaces of
 * another container (org.hako.ns.share.NS), the numbers of a device (org.hako.devices.paths).
 */

struct bundle;
struct runtime_opts;

/* Writes them into the configuration, before it is planned. 0 or -errno recorded. */
int late_resolve(const struct runtime_opts *rt, struct bundle *bundle);
/* The same for a container that runs already: its process has what they were. */
void late_assume(struct bundle *bundle, int pid);
/*
 * The namespace files have been opened by the numbers of processes: are those still the containers'
 * that are meant? 0 or -errno recorded.
 */
int late_check(const struct runtime_opts *rt, const struct bundle *bundle);

#endif
