/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/sched.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bitlist.h"
#include "base/err.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/table.h"
#include "ocispec.h"

static const struct name_value policies[] = {
	{ "SCHED_OTHER", SCHED_OTHER },
	{ "SCHED_FIFO", SCHED_FIFO },
	{ "SCHED_RR", SCHED_RR },
	{ "SCHED_BATCH", SCHED_BATCH },
	{ "SCHED_ISO", SCHED_ISO },
	{ "SCHED_IDLE", SCHED_IDLE },
	{ "SCHED_DEADLINE", SCHED_DEADLINE },
};

static const struct name_value flags[] = {
	{ "SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK },
	{ "SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM },
	{ "SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN },
	{ "SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY },
	{ "SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX },
};

/* sched(7): runtime <= deadline <= period; a period of 0 is the deadline. */
static int check_deadline(const struct oci_scheduler *s)
{
	if (s->runtime == 0)
		return err_code(EINVAL, "sched_setattr: `SCHED_DEADLINE` requires `runtime`");
	if (s->deadline == 0)
		return err_code(EINVAL, "sched_setattr: `SCHED_DEADLINE` requires `deadline`");
	if (s->runtime > s->deadline)
		return err_code(EINVAL,
				"sched_setattr: `SCHED_DEADLINE` requires `runtime` <= `deadline`");
	if (s->period && s->deadline > s->period)
		return err_code(EINVAL,
				"sched_setattr: `SCHED_DEADLINE` requires `deadline` <= `period`");
	return 0;
}

static int check_parameters(const struct oci_scheduler *s, int policy)
{
	bool realtime = policy == SCHED_FIFO || policy == SCHED_RR;

	if ((policy == SCHED_OTHER || policy == SCHED_BATCH) && (s->nice < -20 || s->nice > 19))
		return err_code(EINVAL, "sched_setattr: `nice` %d is not between -20 and 19",
				s->nice);
	if (realtime && (s->priority < 1 || s->priority > 99))
		return err_code(EINVAL,
				"sched_setattr: `%s` requires a `priority` between 1 and 99",
				s->policy);
	if (!realtime && s->priority != 0)
		return err_code(EINVAL, "sched_setattr: `%s` does not take a `priority`",
				s->policy);
	if (policy == SCHED_DEADLINE)
		return check_deadline(s);
	if (s->runtime || s->deadline || s->period)
		return err_code(EINVAL,
				"sched_setattr: `%s` does not take `runtime`, `deadline`, `period`",
				s->policy);
	return 0;
}

static int plan(const struct oci_scheduler *s, struct sys_sched_attr *ret)
{
	int64_t value;
	int r;

	if (!s->policy || !TABLE_FIND(policies, s->policy, &value))
		return err_code(EINVAL, "unknown scheduling policy '%s'",
				s->policy ? s->policy : "");
	r = check_parameters(s, value);
	if (r < 0)
		return r;
	*ret = (struct sys_sched_attr){
		.size = sizeof(*ret),
		.policy = value,
		.nice = s->nice,
		.priority = s->priority,
		.runtime = s->runtime,
		.deadline = s->deadline,
		.period = s->period,
	};
	for (size_t i = 0; i < s->flags_len; i++) {
		if (!TABLE_FIND(flags, s->flags[i], &value))
			return err_code(EINVAL, "unknown scheduling flag '%s'", s->flags[i]);
		ret->flags |= value;
	}
	return 0;
}

int sched_policy_check(const struct oci_scheduler *s)
{
	struct sys_sched_attr attr;

	return plan(s, &attr);
}

int sched_policy_apply(pid_t pid, const struct oci_scheduler *s)
{
	struct sys_sched_attr attr;
	int r;

	r = plan(s, &attr);
	if (r < 0)
		return r;
	r = sys_sched_setattr(pid, &attr, 0);
	if (r < 0)
		return err_sys_r(r, "sched_setattr: set policy `%s`", s->policy);
	return 0;
}

static int sched_core(int command, pid_t pid, int scope, const char *what)
{
	if (prctl(PR_SCHED_CORE, command, pid, scope, 0) == 0 || errno == ENODEV)
		return 0;
	if (errno == EINVAL)
		return err_code(ENOTSUP,
				"%s: this kernel has no core scheduling (CONFIG_SCHED_CORE)", what);
	return err_sys("%s", what);
}

int sched_core_create(void)
{
	return sched_core(PR_SCHED_CORE_CREATE, 0, PR_SCHED_CORE_SCOPE_THREAD_GROUP,
			  "make a core scheduling cookie");
}

int sched_core_share(pid_t pid)
{
	return sched_core(PR_SCHED_CORE_SHARE_FROM, pid, PR_SCHED_CORE_SCOPE_THREAD,
			  "take the core scheduling cookie of the container");
}

int sched_affinity_parse(const char *text, unsigned long mask[SCHED_MASK_LONGS])
{
	int r = bitlist_parse(text, mask, SCHED_CPUS_MAX);

	if (r < 0)
		return err_code(EINVAL, "CPU affinity '%s' is not a list of CPUs", text);
	return 0;
}

/* Bits beyond the machine's CPUs are ignored by the kernel, so the mask needs no fitting. */
static int set_affinity(pid_t pid, const unsigned long mask[SCHED_MASK_LONGS])
{
	return syscall(SYS_sched_setaffinity, pid, SCHED_MASK_LONGS * sizeof(long), mask) < 0
		       ? -errno
		       : 0;
}

int sched_affinity_apply(pid_t pid, const char *text)
{
	unsigned long mask[SCHED_MASK_LONGS];
	int r;

	if (str_empty(text))
		return 0;
	r = sched_affinity_parse(text, mask);
	if (r < 0)
		return r;
	r = set_affinity(pid, mask);
	if (r < 0)
		return err_sys_r(r, "set CPU affinity to '%s'", text);
	return 0;
}

int sched_affinity_reset(pid_t pid)
{
	unsigned long mask[SCHED_MASK_LONGS];
	int r;

	memset(mask, 0xff, sizeof(mask));
	r = set_affinity(pid, mask);
	if (r < 0)
		return err_sys_r(r, "reset CPU affinity");
	return 0;
}
