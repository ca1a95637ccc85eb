/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/caps.h"

#include <errno.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "ocispec.h"

/* Sorted by name: the list is printed by `features`. Numbers: <linux/capability.h>. */
static const struct {
	const char *name;
	int cap;
} caps[] = {
	{ "CAP_AUDIT_CONTROL", CAP_AUDIT_CONTROL },
	{ "CAP_AUDIT_READ", CAP_AUDIT_READ },
	{ "CAP_AUDIT_WRITE", CAP_AUDIT_WRITE },
	{ "CAP_BLOCK_SUSPEND", CAP_BLOCK_SUSPEND },
	{ "CAP_BPF", 39 },		  /* Linux 5.8 */
	{ "CAP_CHECKPOINT_RESTORE", 40 }, /* 5.9 */
	{ "CAP_CHOWN", CAP_CHOWN },
	{ "CAP_DAC_OVERRIDE", CAP_DAC_OVERRIDE },
	{ "CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH },
	{ "CAP_FOWNER", CAP_FOWNER },
	{ "CAP_FSETID", CAP_FSETID },
	{ "CAP_IPC_LOCK", CAP_IPC_LOCK },
	{ "CAP_IPC_OWNER", CAP_IPC_OWNER },
	{ "CAP_KILL", CAP_KILL },
	{ "CAP_LEASE", CAP_LEASE },
	{ "CAP_LINUX_IMMUTABLE", CAP_LINUX_IMMUTABLE },
	{ "CAP_MAC_ADMIN", CAP_MAC_ADMIN },
	{ "CAP_MAC_OVERRIDE", CAP_MAC_OVERRIDE },
	{ "CAP_MKNOD", CAP_MKNOD },
	{ "CAP_NET_ADMIN", CAP_NET_ADMIN },
	{ "CAP_NET_BIND_SERVICE", CAP_NET_BIND_SERVICE },
	{ "CAP_NET_BROADCAST", CAP_NET_BROADCAST },
	{ "CAP_NET_RAW", CAP_NET_RAW },
	{ "CAP_PERFMON", 38 }, /* 5.8 */
	{ "CAP_SETFCAP", CAP_SETFCAP },
	{ "CAP_SETGID", CAP_SETGID },
	{ "CAP_SETPCAP", CAP_SETPCAP },
	{ "CAP_SETUID", CAP_SETUID },
	{ "CAP_SYSLOG", CAP_SYSLOG },
	{ "CAP_SYS_ADMIN", CAP_SYS_ADMIN },
	{ "CAP_SYS_BOOT", CAP_SYS_BOOT },
	{ "CAP_SYS_CHROOT", CAP_SYS_CHROOT },
	{ "CAP_SYS_MODULE", CAP_SYS_MODULE },
	{ "CAP_SYS_NICE", CAP_SYS_NICE },
	{ "CAP_SYS_PACCT", CAP_SYS_PACCT },
	{ "CAP_SYS_PTRACE", CAP_SYS_PTRACE },
	{ "CAP_SYS_RAWIO", CAP_SYS_RAWIO },
	{ "CAP_SYS_RESOURCE", CAP_SYS_RESOURCE },
	{ "CAP_SYS_TIME", CAP_SYS_TIME },
	{ "CAP_SYS_TTY_CONFIG", CAP_SYS_TTY_CONFIG },
	{ "CAP_WAKE_ALARM", CAP_WAKE_ALARM },
};

#define CAPS_BITS 64
#define BIT(cap)  (UINT64_C(1) << (cap))

int caps_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(caps); i++) {
		if (strcmp(caps[i].name, name) == 0)
			return caps[i].cap;
	}
	return -EINVAL;
}

const char *caps_name(int cap)
{
	for (size_t i = 0; i < ARRAY_SIZE(caps); i++) {
		if (caps[i].cap == cap)
			return caps[i].name;
	}
	return NULL;
}

const char *const *caps_names(void)
{
	static const char *names[ARRAY_SIZE(caps) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(caps); i++)
		names[i] = caps[i].name;
	return names;
}

static bool was_named(char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

void caps_plan(const struct oci_capabilities *c, int flags, struct caps_sets *ret)
{
	*ret = (struct caps_sets){ .told = flags & CAPS_TOLD };
	if (!c)
		return;
	const struct {
		char *const *names;
		size_t n;
		uint64_t *mask;
	} sets[] = {
		{ c->bounding, c->bounding_len, &ret->bounding },
		{ c->effective, c->effective_len, &ret->effective },
		{ c->permitted, c->permitted_len, &ret->permitted },
		{ c->inheritable, c->inheritable_len, &ret->inheritable },
		{ c->ambient, c->ambient_len, &ret->ambient },
	};

	for (size_t s = 0; s < ARRAY_SIZE(sets); s++) {
		for (size_t i = 0; i < sets[s].n; i++) {
			const char *name = sets[s].names[i];
			int cap = caps_parse(name);
			bool known = was_named(sets[s].names, i, name);

			if (cap >= 0) {
				*sets[s].mask |= BIT(cap);
				continue;
			}
			for (size_t before = 0; before < s; before++)
				known |= was_named(sets[before].names, sets[before].n, name);
			if (!known && !ret->told)
				log_warn("unknown capability '%s' is ignored", name);
		}
	}
}

static void warn_ungranted(uint64_t mask, const char *why)
{
	for (int cap = 0; cap < CAPS_BITS; cap++) {
		if (!(mask & BIT(cap)))
			continue;
		if (caps_name(cap))
			log_warn("capability '%s' cannot be granted: %s", caps_name(cap), why);
		else
			log_warn("capability %d cannot be granted: %s", cap, why);
	}
}

void caps_limit(struct caps_sets *sets, uint64_t held_bounding, uint64_t held_permitted)
{
	uint64_t not_held = (sets->bounding & ~held_bounding) |
			    ((sets->permitted | sets->inheritable) & ~held_permitted);
	uint64_t not_bounding = sets->inheritable & held_permitted & ~held_bounding;
	uint64_t not_permitted = sets->effective & ~sets->permitted;

	sets->bounding &= held_bounding;
	sets->permitted &= held_permitted;
	sets->effective &= sets->permitted;
	/* nothing may be added to this one that is not in the bounding set (capabilities(7)) */
	sets->inheritable &= held_permitted & held_bounding;
	if (sets->told)
		return;
	warn_ungranted(not_held, "the runtime does not hold it");
	warn_ungranted(not_bounding, "it is inheritable but not in the bounding set");
	warn_ungranted(not_permitted, "it is effective but not permitted");
}

/*
 * One prctl for each capability to drop and one that meets EINVAL behind the last. Reading the set
 * first only adds to it, since a container usually begins with a full set: dropping 38 takes 60 us,
 * 41 reads 14 us, a look at /proc/self/status 32 us.
 */
int caps_drop_bounding(const struct caps_sets *sets)
{
	for (int cap = 0; cap < CAPS_BITS; cap++) {
		if (sets->bounding & BIT(cap))
			continue;
		if (cap_drop_bound(cap) == 0)
			continue;
		if (errno == EINVAL)
			return 0;
		/* CAP_SETPCAP is asked for first: fine if there is no such capability to drop */
		if (errno == EPERM && cap_get_bound(cap) != 1)
			continue;
		errno = EPERM;
		return err_sys("drop capability '%s' from the bounding set",
			       caps_name(cap) ? caps_name(cap) : "unknown");
	}
	return 0;
}

int caps_keep(unsigned int uid)
{
	if (uid != 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return err_sys("keep capabilities");
	return 0;
}

/* One warning for all that fail: nearly always because the inheritable set lacks them. */
static void raise_ambient(uint64_t mask, bool told)
{
	autostrbuf struct strbuf names = STRBUF_INIT;
	int n = 0, error = 0;

	for (int cap = 0; cap < CAPS_BITS; cap++) {
		if (!(mask & BIT(cap)) || cap_set_ambient(cap, CAP_SET) == 0)
			continue;
		error = errno;
		strbuf_addf(&names, "%s%s", n++ ? ", " : "", caps_name(cap));
	}
	if (n && !told)
		log_warn("can't raise ambient capabilit%s %s: %s", n == 1 ? "y" : "ies",
			 strbuf_str(&names), err_describe(error));
}

static uint64_t read_bounding(uint64_t candidates)
{
	uint64_t mask = 0;

	for (int cap = 0; cap < CAPS_BITS; cap++) {
		if (candidates & BIT(cap) && cap_get_bound(cap) == 1)
			mask |= BIT(cap);
	}
	return mask;
}

static uint64_t flag_mask(cap_t state, cap_flag_t flag)
{
	uint64_t mask = 0;

	for (int cap = 0; cap < CAPS_BITS; cap++) {
		cap_flag_value_t v = CAP_CLEAR;

		if (cap_get_flag(state, cap, flag, &v) == 0 && v == CAP_SET)
			mask |= BIT(cap);
	}
	return mask;
}

static int flag_set(cap_t state, cap_flag_t flag, uint64_t mask)
{
	cap_value_t list[CAPS_BITS];
	int n = 0;

	for (int cap = 0; cap < CAPS_BITS; cap++) {
		if (mask & BIT(cap))
			list[n++] = cap;
	}
	if (cap_clear_flag(state, flag) < 0)
		return -1;
	return n ? cap_set_flag(state, flag, n, list, CAP_SET) : 0;
}

static int apply_state(cap_t state, const struct caps_sets *wanted)
{
	struct caps_sets sets = *wanted;

	/* The bounding set has been taken care of; what is not held there is not held here either,
	 * but for the inheritable set, which is rarely asked for. */
	caps_limit(&sets, sets.bounding | (sets.inheritable ? read_bounding(sets.inheritable) : 0),
		   flag_mask(state, CAP_PERMITTED));
	if (flag_set(state, CAP_EFFECTIVE, sets.effective) < 0 ||
	    flag_set(state, CAP_PERMITTED, sets.permitted) < 0 ||
	    flag_set(state, CAP_INHERITABLE, sets.inheritable) < 0 || cap_set_proc(state) < 0)
		return err_sys("set capabilities");
	/* An ambient capability dies with its permitted or inheritable bit: only then one may be
	 * left over. */
	if (sets.inheritable && cap_reset_ambient() < 0 && errno != EINVAL)
		return err_sys("clear ambient capabilities");
	raise_ambient(sets.ambient, sets.told);
	return 0;
}

int caps_apply(const struct caps_sets *wanted)
{
	cap_t state = cap_get_proc();
	int r;

	if (!state)
		return err_sys("read own capabilities");
	r = apply_state(state, wanted);
	cap_free(state);
	return r;
}

int caps_trim(struct caps_sets *sets)
{
	cap_t state = cap_get_proc();
	uint64_t held;

	if (!state)
		return err_sys("read own capabilities");
	held = flag_mask(state, CAP_PERMITTED);
	cap_free(state);
	sets->permitted &= held;
	sets->effective &= held;
	sets->inheritable &= held;
	return 0;
}
