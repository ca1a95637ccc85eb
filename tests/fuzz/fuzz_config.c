/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json, as far as nothing is done: what is read is written and read again; every rule looks
 * at it; what the rules let through is planned, for a host of each layout of cgroups.
 */

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "fuzz_json.h"
#include "runtime/plan.h"
#include "spec/annotations.h"
#include "spec/bundle.h"
#include "spec/validate.h"

#define HIERARCHY(names)                                                          \
	{                                                                         \
		(char *) names, (char *) "/sys/fs/cgroup/" names, (char *) "/own" \
	}

static struct cgroup_hierarchy unified[] = {
	{ (char *) "", (char *) "/sys/fs/cgroup", (char *) "/own/leaf" },
};
static struct cgroup_hierarchy hybrid[] = {
	{ (char *) "", (char *) "/sys/fs/cgroup/unified", (char *) "/" },
	HIERARCHY("cpu,cpuacct"),
	HIERARCHY("cpuset"),
	HIERARCHY("memory"),
	HIERARCHY("blkio"),
	HIERARCHY("pids"),
	HIERARCHY("devices"),
	HIERARCHY("hugetlb"),
	HIERARCHY("net_cls,net_prio"),
	HIERARCHY("rdma"),
	HIERARCHY("freezer"),
};
static const struct cgroup_host hosts[] = {
	{ CGROUP_MODE_UNIFIED, ARRAY_SIZE(unified), unified,
	  (char *) "cpuset cpu io memory hugetlb pids rdma misc" },
	{ CGROUP_MODE_HYBRID, ARRAY_SIZE(hybrid), hybrid, (char *) "" },
	{ CGROUP_MODE_LEGACY, ARRAY_SIZE(hybrid) - 1, hybrid + 1, (char *) "" },
	{ CGROUP_MODE_NONE, 0, NULL, (char *) "" },
};

static void ignore_path(void *arg, const char *path)
{
	(void) arg;
	FUZZ_CHECK(*path);
}

static void ignore_finding(void *arg, enum validate_level level, const char *text)
{
	(void) arg;
	(void) level;
	FUZZ_CHECK(*text);
}

static void plan(const struct bundle *b, const struct cgroup_host *cgroups)
{
	static struct oci_id_mapping map = { .size = 1, .has_size = true };
	const struct idmap default_idmap = { &map, 1, &map, 1 };
	const struct host_facts host = { .caps = UINT64_MAX, .initial_userns = true };
	const struct plan_input in = {
		.id = "c1",
		.bundle = b,
		.host = &host,
		.cgroups = cgroups,
		.default_idmap = &default_idmap,
		.console_socket = b->config->process && b->config->process->terminal,
	};
	struct launch_plan p = { 0 };

	if (plan_make(&in, &p) >= 0) {
		autofree char *json = plan_json(&p);

		fuzz_check_json(json);
	} else {
		FUZZ_CHECK(err_is_set());
		err_clear();
	}
	plan_clear(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bundle b = BUNDLE_INIT;
	int errors, r;

	log_set_level(LOG_L_ERROR);
	b.config = fuzz_parse(&oci_config_desc, data, size);
	if (!b.config)
		return 0;
	fuzz_check_round_trip(&oci_config_desc, b.config);
	ocispec_each_unknown(&oci_config_desc, b.config, ignore_path, NULL);
	errors = validate_config_all(b.config, ignore_finding, NULL);
	r = validate_config(b.config);
	FUZZ_CHECK((r < 0) == (errors > 0) && (r < 0) == err_is_set());
	err_clear();
	r = annotations_parse(b.config->annotations, &b.annotations);
	FUZZ_CHECK((r < 0) == err_is_set());
	err_clear();
	if (r >= 0 && errors == 0) {
		b.path = xstrdup("/bundle");
		b.rootfs = xstrdup("/bundle/rootfs");
		for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
			plan(&b, &hosts[i]);
	}
	bundle_clear(&b);
	return 0;
}
