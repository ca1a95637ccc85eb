/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_DEVICES_RUNNING_H
#define HAKO_CLI_DEVICES_RUNNING_H

#include "cgroup/dev_read.h"
#include "cli/devices.h"
#include "runtime/container.h"

/* A container with what decides about its devices. */
struct devices_running {
	struct container c;
	struct cgroup cg;
	struct devices_view saved; /* of its configuration */
	struct dev_attached_list programs;
	struct dev_policy *policies; /* of each program, where it could be explained */
	bool *explained;
	bool *as_saved; /* the program of the saved configuration, whose entries then name rules */
};

/* "program 42 'sd_devices' of '/sys/fs/cgroup/…'". Heap. */
char *devices_program_text(const struct dev_attached *p);
/* What of a program decides a probe: "linux.resources.devices[0]: deny a *:* rwm"; "" where it
 * could not be explained. Appends. */
void devices_reason(const struct devices_running *x, size_t program, const struct dev_probe *p,
		    struct strbuf *out);
/* Prints denials until the container ends or SIGINT or SIGTERM comes. */
int devices_trace(const struct devices_running *x, bool as_json);

#endif
