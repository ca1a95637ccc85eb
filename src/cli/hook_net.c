/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/hook.h"
#include "cli/net.h"
#include "lxc/netplan.h"
#include "spec/bundle.h"

/* Not below the runtime's directory, where each entry is a container. */
#define KEEP_DIR "/run/hako-net"

/* ---- the job ---- */

/* A runtime that tells hooks no annotations has them in the bundle all the same. */
static int plan_of_bundle(const struct net_job *job, struct oci_net **ret)
{
	struct bundle b = BUNDLE_INIT;
	const char *text;
	int r = bundle_open(job->state->bundle, NULL, &b);

	if (r >= 0) {
		text = oci_map_get(b.config->annotations, NETPLAN_ANNOTATION);
		r = text ? netplan_parse(text, ret)
			 : err_code(ENOENT, "there is no annotation '%s'", NETPLAN_ANNOTATION);
	}
	bundle_clear(&b);
	return r;
}

static int read_plan(struct net_job *job)
{
	const char *text = hook_annotation(job->state, NETPLAN_ANNOTATION);
	autofree char *key = NULL;
	int r = text ? netplan_parse(text, &job->plan) : plan_of_bundle(job, &job->plan);

	if (r < 0)
		return r;
	net_names_choose(job);
	key = net_key(job);
	job->alias = xasprintf("hako %s", key);
	job->keep = xasprintf(KEEP_DIR "/%s", key);
	return 0;
}

static void job_clear(struct net_job *job)
{
	netlink_close(&job->host);
	netlink_close(&job->inside);
	fd_close(&job->proc_fd);
	fd_close(&job->netns_fd);
	free(job->names);
	free(job->alias);
	free(job->keep);
	oci_net_free(job->plan);
	oci_state_free((struct oci_state *) job->state);
}

static int begin(struct net_job *job)
{
	struct oci_state *state = NULL;
	int r = hook_state_read(&state);

	job->state = state;
	if (r >= 0)
		r = read_plan(job);
	return r < 0 ? r : netlink_open(FD_NONE, &job->host);
}

/* Interfaces made in the host's own network would be the host's. */
static int check_own_netns(const struct net_job *job)
{
	struct stat host, container;

	if (stat("/proc/self/ns/net", &host) < 0 || fstat(job->netns_fd, &container) < 0)
		return err_sys("look at the network namespaces");
	if (host.st_dev == container.st_dev && host.st_ino == container.st_ino)
		return err_code(EINVAL, "the container has no network namespace of its own");
	return 0;
}

static int open_container(struct net_job *job)
{
	int r = hook_proc_open(job->state, &job->proc_fd);

	if (r == -ESRCH)
		return err_code(ESRCH, "the container has no process");
	if (r < 0)
		return r;
	job->netns_fd = openat(job->proc_fd, "ns/net", O_RDONLY | O_CLOEXEC);
	if (job->netns_fd < 0)
		return err_sys("open the container's network namespace");
	return check_own_netns(job);
}

/* ---- down ---- */

/* What fails does not keep the rest from being taken down. */
static void down_one(struct net_job *job, size_t i)
{
	uint32_t index = job->plan->interfaces[i].index;
	int r = net_script(job, i, "down");

	if (r < 0)
		err_warn(r, "interface %u", index);
	r = net_unmake(job, i);
	if (r == -EPERM)
		err_forgive(r, "without privilege there is nothing of ours");
	else if (r < 0)
		err_warn(r, "take down interface %u", index);
}

static int down(struct net_job *job, size_t n)
{
	while (n-- > 0)
		down_one(job, n);
	return net_take_back(job);
}

/* ---- up ---- */

static int make_one(struct net_job *job, size_t i, bool privileged)
{
	int r = privileged ? net_make(job, i) : net_user_make(job, i);

	if (r > 0 || (r == 0 && str_eq(job->plan->interfaces[i].type, "empty")))
		r = net_script(job, i, "up");
	if (r >= 0)
		r = net_inside(job, i);
	return r < 0 ? err_wrap(r, "interface %u (%s)", job->plan->interfaces[i].index,
				job->plan->interfaces[i].type)
		     : 0;
}

static int up(struct net_job *job)
{
	int privileged = net_is_privileged(), r = privileged;
	struct err_saved saved;
	size_t i;

	if (r >= 0)
		r = open_container(job);
	if (r >= 0)
		r = privileged ? netlink_open(job->netns_fd, &job->inside)
			       : net_user_open_inside(job);
	if (r < 0)
		return r;
	for (i = 0; i < job->plan->interfaces_len && r >= 0; i++)
		r = make_one(job, i, privileged);
	if (r >= 0)
		return 0;
	saved = err_push();
	(void) down(job, i);
	err_pop(saved);
	return r;
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	struct net_job job = NET_JOB_INIT;
	bool is_down = args[0] && str_eq(args[0], "down");
	int r;

	(void) rt;
	(void) opts;
	if (args[0] && !is_down && !str_eq(args[0], "up"))
		return err_code(EINVAL, "unknown argument '%s': up or down", args[0]);
	r = begin(&job);
	if (r >= 0)
		r = is_down ? down(&job, job.plan->interfaces_len) : up(&job);
	job_clear(&job);
	return r;
}

const struct command hook_cmd_net = {
	.name = "net",
	.args = "[up|down]",
	.summary = "make the interfaces of a converted container, or take them down",
	.order = OPT_ANYWHERE,
	.max_args = 1,
	.run = run,
};
