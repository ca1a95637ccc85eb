/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/criu_refuse.h"

#include <errno.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "base/err.h"
#include "ocispec.h"
#include "spec/bundle.h"

static const char *field_of(const struct oci_config *c)
{
	const struct oci_linux *x = c->linux;

	if (c->process && c->process->io_priority)
		return "process.ioPriority";
	if (!x)
		return NULL;
	return x->net_devices			       ? "linux.netDevices"
	       : x->intel_rdt			       ? "linux.intelRdt"
	       : x->memory_policy		       ? "linux.memoryPolicy"
	       : x->seccomp && x->seccomp->listener_path ? "linux.seccomp.listenerPath"
							 : NULL;
}

static const char *annotation_of(const struct annotations *a)
{
	return a->landlock			       ? "org.hako.landlock"
	       : a->sched_core			       ? "org.hako.sched.core"
	       : a->seccomp_receiver		       ? "run.oci.seccomp.receiver"
	       : a->tty_max			       ? "org.hako.tty.max"
	       : a->rootfs_overlay		       ? "org.hako.rootfs.overlay"
	       : a->rootfs_source		       ? "org.hako.rootfs.source"
	       : a->hooks[ANNOTATIONS_HOOK_PRE_MOUNT] ? "org.hako.hooks.pre-mount"
						       : NULL;
}

int criu_refuse(const struct bundle *bundle, const char *command)
{
	const char *name = field_of(bundle->config);

	if (name)
		return err_code(ENOTSUP, "%s: not supported by %s", name, command);
	name = annotation_of(&bundle->annotations);
	return name ? err_code(ENOTSUP, "annotations[\"%s\"]: not supported by %s", name, command)
		    : 0;
}
