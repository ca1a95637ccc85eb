/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_TESTS_UNIT_CGROUP_SCRATCH_H
#define HAKO_TESTS_UNIT_CGROUP_SCRATCH_H

/* Real cgroups for tests: named after the test's pid, skipped where we may not make any. */

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "ocispec.h"
#include "tests/unit/t.h"

static char scratch_id[32];
static struct cgroup_host scratch_host;
static struct strv scratch_refs; /* of the last plan: what a failed test may have left */

__attribute__((unused)) static void scratch_clean(void)
{
	struct cgroup cg = CGROUP_INIT;

	if (scratch_refs.len &&
	    cgroup_open(CGROUP_MODE_HYBRID, scratch_refs.v, scratch_refs.len, &cg) == 0) {
		(void) cgroup_kill(&cg, SIGKILL);
		(void) cgroup_remove(&cg, 2000);
	}
	cgroup_close(&cg);
	strv_clear(&scratch_refs);
	cgroup_host_clear(&scratch_host);
	err_clear();
}

/* Probes the host; skips the test without root or without a hierarchy to write to. */
__attribute__((unused)) static void scratch_need(bool v2, bool v1)
{
	static int count;

	if (count == 0)
		atexit(scratch_clean);
	scratch_clean();
	if (geteuid() != 0)
		t_skip("not root");
	T_EQ(cgroup_host_probe(&scratch_host), 0);
	if (scratch_host.mode == CGROUP_MODE_NONE)
		t_skip("no cgroup file system");
	if (v2 && scratch_host.mode == CGROUP_MODE_LEGACY)
		t_skip("no cgroup2 on this host");
	if (v1 && scratch_host.mode == CGROUP_MODE_UNIFIED)
		t_skip("no cgroup v1 on this host");
	if (access(scratch_host.at[0].mountpoint, W_OK) < 0)
		t_skip("%s is not writable", scratch_host.at[0].mountpoint);
	snprintf(scratch_id, sizeof(scratch_id), "hako-test-%d-%d", (int) getpid(), count++);
}

__attribute__((unused)) static struct oci_resources *scratch_resources(const char *json)
{
	struct oci_error error = { 0 };
	struct oci_resources *res = NULL;

	if (oci_resources_parse(json, strlen(json), &res, &error) < 0)
		t_fail(__FILE__, __LINE__, "%s: %s", json, error.text);
	return res;
}

/* Plan by the real host. */
__attribute__((unused)) static struct cgroup_plan *scratch_plan(const char *path,
								const char *resources)
{
	struct oci_resources *res = resources ? scratch_resources(resources) : NULL;
	struct cgroup_plan_args args = {
		.host = &scratch_host,
		.id = scratch_id,
		.cgroups_path = path,
		.resources = res,
	};
	struct cgroup_plan *plan = NULL;

	if (cgroup_plan(&args, &plan) < 0)
		t_fail(__FILE__, __LINE__, "plan: %s", err_get_text());
	oci_resources_free(res);
	strv_clear(&scratch_refs);
	cgroup_plan_refs(plan, &scratch_refs);
	return plan;
}

__attribute__((unused)) static void scratch_create(const struct cgroup_plan *plan,
						   struct cgroup *ret)
{
	if (cgroup_create(plan, ret) < 0)
		t_fail(__FILE__, __LINE__, "create: %s", err_get_text());
}

/* A process that sleeps; it dies with us. */
__attribute__((unused)) static pid_t scratch_sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		alarm(60);
		for (;;)
			pause();
	}
	return pid;
}

#endif
