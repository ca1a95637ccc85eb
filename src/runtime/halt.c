/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/halt.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include "base/fd.h"
#include "spec/annotations.h"
#include "spec/initsys.h"

static const struct initsys *init_of(pid_t pid)
{
	autofd int root = FD_NONE;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/root", (int) pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Not ours to look into: all init's lookups fail, and LXC's default remains. */
	return initsys_of_process(pid, root);
}

int halt_signal(const struct annotations *a, pid_t pid, bool fallback)
{
	if (a->signal_halt > 0)
		return a->signal_halt;
	return a->signal_halt || fallback ? init_of(pid)->halt : 0;
}

int halt_signal_reboot(const struct annotations *a, pid_t pid)
{
	return a->signal_reboot > 0 ? a->signal_reboot : init_of(pid)->reboot;
}

int halt_signal_stop(const struct annotations *a)
{
	return a->signal_stop > 0 ? a->signal_stop : SIGKILL;
}
