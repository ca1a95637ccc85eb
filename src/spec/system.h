/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_SPEC_SYSTEM_H
#define HAKO_SPEC_SYSTEM_H

/*
 * `--system`: the document of a container that runs a whole distribution, from a bundle that was
 * not written for one, or from a bare root file system. What is changed is what an init expects of
 * its machine, the way LXC gives it; everything else of a document stays as it is:
 *
 *   process    the init of the root file system in the place of the template's "sh"; container=lxc;
 *              LXC's capabilities; no no_new_privs, no limit of open files of the template's
 *   root       writable
 *   mounts     tmpfs on /run, a writable cgroup tree, a sysfs of the container's own, and those of
 *              the template that are missing
 *   linux      all namespaces (but a user namespace only for a rootless caller); /proc/sys and /sys
 *              read-only but for the network; no masks in a user namespace
 *   org.hako.  signal.halt, signal.reboot, reboot, bootid, proc.mixed, sys.mixed
 */

#include <stdbool.h>
#include <sys/types.h>

#include "ocispec.h"

struct system_opts {
	const char *id;	 /* host name of a container without a document */
	bool rootless;
	bool terminal;	 /* somebody takes or relays the console */
	uid_t uid;
	gid_t gid;
};

/* Pure. init is the program to run instead of a missing or the template's command, or NULL. */
void system_apply(struct oci_config *c, const struct system_opts *o, const char *init);

/*
 * The document for the directory: its config.json (or config_name), adapted; without one it is a
 * bundle with a `rootfs` or the root file system itself. *ret_json is heap. 0 or -errno recorded.
 */
int system_document(const char *dir, const char *config_name, const struct system_opts *o,
		    char **ret_json);

#endif
