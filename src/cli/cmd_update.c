/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/alloc.h"
#include "base/err.h"
#include "cli/cli.h"
#include "ocispec.h"
#include "runtime/update.h"
#include "spec/bundle.h"

struct update_opts {
	const char *memory, *memory_swap, *memory_reservation, *kernel_memory, *kernel_memory_tcp;
	const char *cpu_share, *cpu_quota, *cpu_period, *cpu_burst, *cpu_rt_period, *cpu_rt_runtime;
	const char *cpu_idle, *cpuset_cpus, *cpuset_mems;
	const char *pids_limit, *blkio_weight;
	const char *l3_cache_schema, *mem_bw_schema;
	const char *resources;
};

#define U(member) offsetof(struct update_opts, member)
/* clang-format off */
static const struct opt table[] = {
	{ "memory", 0, OPT_STRING, U(memory), "BYTES", "memory; k, m, g; -1 is no limit" },
	{ "memory-swap", 0, OPT_STRING, U(memory_swap), "BYTES", "memory and swap together" },
	{ "memory-reservation", 0, OPT_STRING, U(memory_reservation), "BYTES", "memory kept" },
	{ "kernel-memory", 0, OPT_STRING, U(kernel_memory), "BYTES", "only Linux before 5.16" },
	{ "kernel-memory-tcp", 0, OPT_STRING, U(kernel_memory_tcp), "BYTES", "only of cgroup v1" },
	{ "cpu-share", 0, OPT_STRING, U(cpu_share), "N", "weight, 2 to 262144" },
	{ "cpu-quota", 0, OPT_STRING, U(cpu_quota), "USEC", "time in each period, -1 is no limit" },
	{ "cpu-period", 0, OPT_STRING, U(cpu_period), "USEC", "the period of the quota" },
	{ "cpu-burst", 0, OPT_STRING, U(cpu_burst), "USEC", "unused quota that may be kept" },
	{ "cpu-rt-period", 0, OPT_STRING, U(cpu_rt_period), "USEC", "period of real-time time" },
	{ "cpu-rt-runtime", 0, OPT_STRING, U(cpu_rt_runtime), "USEC", "real-time time in it" },
	{ "cpu-idle", 0, OPT_STRING, U(cpu_idle), "N", "1: only what nobody else wants" },
	{ "cpuset-cpus", 0, OPT_STRING, U(cpuset_cpus), "LIST", "CPUs, such as 0-3,7" },
	{ "cpuset-mems", 0, OPT_STRING, U(cpuset_mems), "LIST", "memory nodes" },
	{ "pids-limit", 0, OPT_STRING, U(pids_limit), "N", "processes, -1 for no limit" },
	{ "blkio-weight", 0, OPT_STRING, U(blkio_weight), "N", "weight of I/O, 10 to 1000" },
	{ "l3-cache-schema", 0, OPT_STRING, U(l3_cache_schema), "TEXT", "Intel RDT: L3:0=7f;1=f" },
	{ "mem-bw-schema", 0, OPT_STRING, U(mem_bw_schema), "TEXT", "Intel RDT: MB:0=20;1=70" },
	{ "resources", 'r', OPT_STRING, U(resources), "FILE", "linux.resources, - is stdin" },
};
/* clang-format on */

/* ---- options → document ---- */

enum value_kind { VALUE_SIZE, VALUE_I64, VALUE_U64, VALUE_U16, VALUE_TEXT };

/* Where the value of an option goes: a member of an object of linux.resources. */
struct target {
	size_t option;
	const char *name;
	enum value_kind kind;
	size_t object, object_size;
	size_t value, has;
};

#define TARGET(option, name, kind, object, m)                                          \
	{                                                                              \
		U(option), name, kind, offsetof(struct oci_resources, object),         \
			sizeof(struct oci_##object), offsetof(struct oci_##object, m), \
			offsetof(struct oci_##object, has_##m)                         \
	}
#define TARGET_TEXT(option, name, object, m)                                             \
	{                                                                                \
		U(option), name, VALUE_TEXT, offsetof(struct oci_resources, object),     \
			sizeof(struct oci_##object), offsetof(struct oci_##object, m), 0 \
	}
static const struct target targets[] = {
	TARGET(memory, "memory", VALUE_SIZE, memory, limit),
	TARGET(memory_swap, "memory-swap", VALUE_SIZE, memory, swap),
	TARGET(memory_reservation, "memory-reservation", VALUE_SIZE, memory, reservation),
	TARGET(kernel_memory, "kernel-memory", VALUE_SIZE, memory, kernel),
	TARGET(kernel_memory_tcp, "kernel-memory-tcp", VALUE_SIZE, memory, kernel_tcp),
	TARGET(cpu_share, "cpu-share", VALUE_U64, cpu, shares),
	TARGET(cpu_quota, "cpu-quota", VALUE_I64, cpu, quota),
	TARGET(cpu_period, "cpu-period", VALUE_U64, cpu, period),
	TARGET(cpu_burst, "cpu-burst", VALUE_U64, cpu, burst),
	TARGET(cpu_rt_period, "cpu-rt-period", VALUE_U64, cpu, realtime_period),
	TARGET(cpu_rt_runtime, "cpu-rt-runtime", VALUE_I64, cpu, realtime_runtime),
	TARGET(cpu_idle, "cpu-idle", VALUE_I64, cpu, idle),
	TARGET_TEXT(cpuset_cpus, "cpuset-cpus", cpu, cpus),
	TARGET_TEXT(cpuset_mems, "cpuset-mems", cpu, mems),
	TARGET(pids_limit, "pids-limit", VALUE_I64, pids, limit),
	TARGET(blkio_weight, "blkio-weight", VALUE_U16, block_io, weight),
};

/* 0 or -EINVAL, -ERANGE. */
static int store_value(enum value_kind kind, const char *text, void *dst)
{
	uint32_t n;
	int r;

	switch (kind) {
	case VALUE_SIZE:
		return str_to_size(text, dst);
	case VALUE_I64:
		return str_to_i64(text, dst);
	case VALUE_U64:
		return str_to_u64(text, dst);
	case VALUE_U16:
		r = str_to_u32(text, &n);
		if (r == 0 && n > UINT16_MAX)
			return -ERANGE;
		*(uint32_t *) dst = n;
		return r;
	case VALUE_TEXT:
		free(*(char **) dst);
		*(char **) dst = xstrdup(text);
		return 0;
	}
	return 0;
}

static int set_target(struct oci_resources *res, const struct target *t, const char *text)
{
	char **object = (char **) ((char *) res + t->object);

	if (!*object)
		*object = xcalloc(1, t->object_size);
	if (store_value(t->kind, text, *object + t->value) < 0)
		return err_code(EINVAL, "option --%s: '%s' is not a valid value", t->name, text);
	if (t->has)
		*(bool *) (*object + t->has) = true;
	return 0;
}

/* ---- command ---- */

/* What the options say wins over the file. */
static int collect(const struct update_opts *o, struct oci_resources **ret)
{
	bool any = o->resources || o->l3_cache_schema || o->mem_bw_schema;
	int r = 0;

	if (o->resources)
		r = bundle_read_resources(o->resources, ret);
	else
		*ret = xnew(struct oci_resources);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(targets); i++) {
		const char *text = *(const char *const *) ((const char *) o + targets[i].option);

		if (!text)
			continue;
		any = true;
		r = set_target(*ret, &targets[i], text);
	}
	if (r >= 0 && !any)
		return err_code(EINVAL, "nothing to update: give a limit or --resources");
	return r;
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	auto_call(oci_resources_free) struct oci_resources *resources = NULL;
	const struct update_opts *o = opts;
	struct update changes = { .rdt = { o->l3_cache_schema, o->mem_bw_schema } };
	int r = collect(o, &resources);

	if (r < 0)
		return r;
	changes.resources = resources;
	return update_container(rt, args[0], &changes);
}

const struct command cmd_update = {
	.name = "update",
	.args = "CONTAINER",
	.summary = "change the limits of a container",
	COMMAND_OPTS(table, struct update_opts),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
