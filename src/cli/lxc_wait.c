/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <time.h>

#include "base/alloc.h"
#include "base/err.h"
#include "cli/lxc.h"
#include "cli/lxc_name.h"

#define POLL_MS 50

struct wait_opts {
	struct lxc_name_opts lxc;
	const char *state, *timeout;
};

#define O(member) offsetof(struct wait_opts, member)
static const struct opt table[] = {
	LXC_NAME_TABLE(struct wait_opts, lxc),
	{ "state", 's', OPT_STRING, O(state), "STATE[|STATE...]",
	  "STOPPED, STARTING, RUNNING or FROZEN" },
	{ "timeout", 't', OPT_STRING, O(timeout), "SECONDS",
	  "give up after that time (-1 = never, the default)" },
};

static int parse_states(const char *text, struct strv *states)
{
	static const char *const known[] = { "STOPPED",	 "STARTING", "RUNNING", "STOPPING",
					     "ABORTING", "FREEZING", "FROZEN",	"THAWED" };

	if (!text)
		return err_code(EINVAL, "--state is missing");
	strv_split(states, text, "|");
	for (size_t i = 0; i < states->len; i++) {
		size_t k = 0;

		while (k < ARRAY_SIZE(known) && !str_eq(known[k], states->v[i]))
			k++;
		if (k == ARRAY_SIZE(known))
			return err_code(EINVAL, "--state: '%s' is no state of a container",
					states->v[i]);
	}
	return 0;
}

/* What is waited for may come yet; only then is it said that there is nothing. */
static int in_vain(const struct runtime_opts *rt, const struct wait_opts *o, const char *name)
{
	int r = lxc_name_running(rt, &o->lxc, name);

	if (r < 0)
		return r;
	return err_code(ETIMEDOUT, "container '%s' is %s", name, lxc_name_state(rt, name));
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct wait_opts *o = opts;
	autostrv struct strv states = { 0 };
	int r, seconds = -1;
	const char *name;

	r = lxc_name_take(&o->lxc, args, &name, &args);
	if (r >= 0)
		r = parse_states(o->state, &states);
	if (r < 0)
		return r;
	if (o->timeout && (str_to_int(o->timeout, &seconds) < 0 || seconds > 1000000))
		return err_code(EINVAL, "--timeout: '%s' is no number of seconds", o->timeout);
	for (int waited = 0; !strv_has(&states, lxc_name_state(rt, name)); waited += POLL_MS) {
		if (seconds >= 0 && waited >= seconds * 1000)
			return in_vain(rt, o, name);
		(void) nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000000 }, NULL);
	}
	return 0;
}

const struct command lxc_cmd_wait = {
	.name = "wait",
	.args = "[NAME]",
	.summary = "wait until a container is in a state",
	COMMAND_OPTS(table, struct wait_opts),
	.order = OPT_ANYWHERE,
	.max_args = 1,
	.run = run,
};
