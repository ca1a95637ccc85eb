/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/res.h"

#include "base/alloc.h"
#include "base/err.h"

/* ---- cpu.shares → cpu.weight ---- */

/*
 * log2 and 10^x over the small range that is needed. libm would be one more library to map at each
 * start, which costs more than all of this file.
 */
static double log2_u64(uint64_t n)
{
	int exponent = 63 - __builtin_clzll(n);
	double m = (double) n / (double) (1ull << exponent); /* 1 <= m < 2 */
	double z = (m - 1) / (m + 1), z2 = z * z, term = z, sum = 0;

	/* ln m = 2 artanh z, z <= 1/3: 20 terms are beyond the precision of a double. */
	for (int k = 1; k < 41; k += 2) {
		sum += term / k;
		term *= z2;
	}
	return exponent + 2 * sum / 0.693147180559945309417;
}

static double pow10_small(double x)
{
	double y = x * 2.302585092994045684018 / 16, term = 1, sum = 1;

	for (int k = 1; k < 25; k++) {
		term *= y / k;
		sum += term;
	}
	for (int i = 0; i < 4; i++)
		sum *= sum;
	return sum;
}

/*
 * Both ranges' ends and both defaults meet (2 → 1, 1024 → 100, 262144 → 10000): the exponent is
 * quadratic in log2(shares). This replaced the linear map, under which the default of 1024 became a
 * weight of 39. https://github.com/opencontainers/cgroups/pull/20 (runc 1.3.2, crun 1.23;
 * KEP-2254).
 */
uint64_t res_shares_to_weight(uint64_t shares)
{
	double l, weight;

	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	l = log2_u64(shares);
	weight = pow10_small((l * l + 125 * l) / 612.0 - 7.0 / 34.0);
	/* ceil(), forgiving the last bits: at 1024 the exact result is the integer 100. */
	return (uint64_t) (weight + 1 - 1e-9);
}

/* ---- memory ---- */

static void note(struct res_out *out, const char *field, const char *why)
{
	strv_addf(out->notes, "%s has no effect: %s", field, why);
}

static void memory_notes(const struct oci_memory *m, struct res_out *out)
{
	if (m->kernel)
		note(out, "linux.resources.memory.kernel",
		     "cgroup v2 counts kernel memory in memory.max");
	if (m->kernel_tcp)
		note(out, "linux.resources.memory.kernelTCP",
		     "cgroup v2 counts socket memory in memory.max");
	if (m->has_swappiness)
		note(out, "linux.resources.memory.swappiness",
		     "cgroup v2 has no swappiness of its own");
	if (m->disable_oom_killer)
		note(out, "linux.resources.memory.disableOOMKiller",
		     "cgroup v2 cannot switch the OOM killer off");
	if (m->has_use_hierarchy && !m->use_hierarchy)
		note(out, "linux.resources.memory.useHierarchy",
		     "cgroup v2 is always hierarchical");
}

static void add_size(struct res_out *out, const char *field, const char *file, int64_t value)
{
	if (value == -1)
		res_add(out, field, file, "max");
	else
		res_add(out, field, file, "%lld", (long long) value);
}

/* OCI's swap is memory + swap, v2's is swap alone. */
static int memory_swap(const struct oci_memory *m, struct res_out *out)
{
	static const char field[] = "linux.resources.memory.swap", file[] = "memory.swap.max";
	int64_t swap = m->swap;

	/* Memory without a limit and nothing said about swap: the sum is without a limit as well,
	 * as on v1. */
	if (swap == 0 && m->limit == -1)
		swap = -1;
	if (swap == 0)
		return 0;
	if (swap == -1) {
		/* A kernel without swap accounting has no such file, and nothing to lift. */
		res_add(out, field, file, "max")->flags |= CG_WRITE_OPTIONAL;
		return 0;
	}
	if (m->limit == 0 || m->limit == -1)
		return err_code(EINVAL,
				"%s: a limit of memory and swap needs linux.resources.memory.limit",
				field);
	if (swap < m->limit)
		return err_code(EINVAL,
				"%s: %lld is less than linux.resources.memory.limit (%lld), which "
				"is a part of it",
				field, (long long) swap, (long long) m->limit);
	res_add(out, field, file, "%lld", (long long) (swap - m->limit));
	return 0;
}

static int memory(const struct oci_resources *res, struct res_out *out)
{
	const struct oci_memory *m = res->memory;
	int r;

	if ((r = res_check_size("linux.resources.memory.limit", m->limit)) < 0 ||
	    (r = res_check_size("linux.resources.memory.swap", m->swap)) < 0 ||
	    (r = res_check_size("linux.resources.memory.reservation", m->reservation)) < 0)
		return r;
	if (m->limit)
		add_size(out, "linux.resources.memory.limit", "memory.max", m->limit);
	r = memory_swap(m, out);
	if (r < 0)
		return r;
	if (m->reservation)
		add_size(out, "linux.resources.memory.reservation", "memory.low", m->reservation);
	memory_notes(m, out);
	return 0;
}

/* ---- cpu, pids ---- */

static void cpu_max(const struct oci_cpu *c, struct res_out *out)
{
	static const char field[] = "linux.resources.cpu.quota", file[] = "cpu.max";

	/* One number alone leaves the period as it is. */
	if (c->quota > 0 && c->period)
		res_add(out, field, file, "%lld %llu", (long long) c->quota,
			(unsigned long long) c->period);
	else if (c->quota > 0)
		res_add(out, field, file, "%lld", (long long) c->quota);
	else if (c->period)
		res_add(out, "linux.resources.cpu.period", file, "max %llu",
			(unsigned long long) c->period);
	else if (c->quota)
		res_add(out, field, file, "max");
}

static int cpu(const struct oci_resources *res, struct res_out *out)
{
	const struct oci_cpu *c = res->cpu;
	struct cg_write *burst;

	if (c->realtime_runtime || c->realtime_period)
		note(out, "linux.resources.cpu.realtimeRuntime",
		     "cgroup v2 has no real-time limits");
	if (c->has_idle)
		res_add(out, "linux.resources.cpu.idle", "cpu.idle", "%lld", (long long) c->idle)
			->flags |= c->idle ? 0 : CG_WRITE_OPTIONAL;
	/* An idle group has the least weight there is, and the kernel refuses to be told another
	 * one. */
	if (c->shares && c->idle != 1)
		res_add(out, "linux.resources.cpu.shares", "cpu.weight", "%llu",
			(unsigned long long) res_shares_to_weight(c->shares));
	if (c->has_burst) {
		/* At most the quota, at any moment: raising needs the quota first, lowering the
		 * burst first. */
		burst = res_add(out, "linux.resources.cpu.burst", "cpu.max.burst", "%llu",
				(unsigned long long) c->burst);
		if (c->quota || c->period)
			burst->flags |= CG_WRITE_PAIR;
		if (!c->burst)
			burst->flags |= CG_WRITE_OPTIONAL;
	}
	cpu_max(c, out);
	return 0;
}

static int pids(const struct oci_resources *res, struct res_out *out)
{
	static const char field[] = "linux.resources.pids.limit";

	if (res->pids->limit < 0)
		res_add(out, field, "pids.max", "max");
	else
		res_add(out, field, "pids.max", "%lld", (long long) res->pids->limit);
	return 0;
}

/* ---- io ---- */

/* blkio's 10..1000 → io's 1..10000 (same formula as runc and crun). */
static unsigned int io_weight(uint32_t weight)
{
	return weight < 10 ? 1 : 1 + (weight - 10) * 9999 / 990;
}

/* BFQ's own file takes the OCI range as it is; the io cost model's takes another one. */
static int io_weights(const struct oci_block_io *b, struct res_out *out)
{
	struct cg_write *w;

	if (b->leaf_weight)
		note(out, "linux.resources.blockIO.leafWeight", "cgroup v2 has no leaf weights");
	if (b->weight) {
		w = res_add(out, "linux.resources.blockIO.weight", "io.bfq.weight", "%u",
			    b->weight);
		w->alt_file = xstrdup("io.weight");
		w->alt_value = xasprintf("default %u", io_weight(b->weight));
	}
	for (size_t i = 0; i < b->weight_device_len; i++) {
		const struct oci_weight_device *d = &b->weight_device[i];
		static const char field[] = "linux.resources.blockIO.weightDevice";
		int r = res_check_device(field, d->major, d->minor);

		if (r < 0)
			return r;
		if (d->leaf_weight)
			note(out, "linux.resources.blockIO.weightDevice[].leafWeight",
			     "cgroup v2 has no leaf weights");
		if (!d->weight)
			continue;
		w = res_add(out, field, "io.bfq.weight", "%lld:%lld %u", (long long) d->major,
			    (long long) d->minor, d->weight);
		w->alt_file = xstrdup("io.weight");
		w->alt_value = xasprintf("%lld:%lld %u", (long long) d->major, (long long) d->minor,
					 io_weight(d->weight));
		w->reset =
			xasprintf("%lld:%lld default", (long long) d->major, (long long) d->minor);
		w->flags |= CG_WRITE_KEYED;
	}
	return 0;
}

static int io_throttle(const char *field, const char *key,
		       const struct oci_throttle_device *devices, size_t n, struct res_out *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct oci_throttle_device *d = &devices[i];
		struct cg_write *w;
		int r = res_check_device(field, d->major, d->minor);

		if (r < 0)
			return r;
		/* 0 takes a limit away on v1; v2 refuses it and calls that max. */
		if (d->rate)
			w = res_add(out, field, "io.max", "%lld:%lld %s=%llu", (long long) d->major,
				    (long long) d->minor, key, (unsigned long long) d->rate);
		else
			w = res_add(out, field, "io.max", "%lld:%lld %s=max", (long long) d->major,
				    (long long) d->minor, key);
		w->flags |= CG_WRITE_KEYED;
		w->reset = xasprintf("%lld:%lld %s=max", (long long) d->major, (long long) d->minor,
				     key);
	}
	return 0;
}

static int io(const struct oci_resources *res, struct res_out *out)
{
	const struct oci_block_io *b = res->block_io;
	int r = io_weights(b, out);

	if (r < 0 ||
	    (r = io_throttle("linux.resources.blockIO.throttleReadBpsDevice", "rbps",
			     b->throttle_read_bps_device, b->throttle_read_bps_device_len, out)) <
		    0 ||
	    (r = io_throttle("linux.resources.blockIO.throttleWriteBpsDevice", "wbps",
			     b->throttle_write_bps_device, b->throttle_write_bps_device_len, out)) <
		    0 ||
	    (r = io_throttle("linux.resources.blockIO.throttleReadIOPSDevice", "riops",
			     b->throttle_read_iops_device, b->throttle_read_iops_device_len, out)) <
		    0 ||
	    (r = io_throttle("linux.resources.blockIO.throttleWriteIOPSDevice", "wiops",
			     b->throttle_write_iops_device, b->throttle_write_iops_device_len,
			     out)) < 0)
		return r;
	return 0;
}

int res_v2_group(const struct oci_resources *res, enum res_group group, struct res_out *out)
{
	switch (group) {
	case RES_MEMORY:
		return memory(res, out);
	case RES_CPU:
		return cpu(res, out);
	case RES_CPUSET:
		return res_cpuset(res, out);
	case RES_PIDS:
		return pids(res, out);
	case RES_IO:
		return io(res, out);
	case RES_HUGETLB:
		return res_hugetlb(res, "max", out);
	case RES_RDMA:
		return res_rdma(res, out);
	case RES_NET_CLS:
	case RES_NET_PRIO:
		note(out, res_groups[group].field, "cgroup v2 has no network controllers");
		return 0;
	case RES_COUNT_:
		break;
	}
	return 0;
}

/* ---- linux.resources.unified ---- */

/* One line per key: several lines in the value are several writes. */
static bool file_is_keyed(const char *file)
{
	static const char *const files[] = { "io.max",	   "io.weight",	  "io.bfq.weight",
					     "io.latency", "io.cost.qos", "io.cost.model",
					     "rdma.max",   "misc.max",	  "dmem.max",
					     "dmem.min",   "dmem.low" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (str_eq(file, files[i]))
			return true;
	}
	return false;
}

/* Control files of cgroup2's core that are no limits: they move, kill or stop processes. */
static bool file_is_control(const char *file)
{
	static const char *const files[] = { "cgroup.procs", "cgroup.threads",
					     "cgroup.kill",  "cgroup.freeze",
					     "cgroup.type",  "cgroup.subtree_control" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (str_eq(file, files[i]))
			return true;
	}
	return false;
}

static int unified_check(const char *key, const char *controllers, const char *where)
{
	const char *dot = strchr(key, '.');
	autofree char *controller = NULL;
	int r;

	r = res_check_word("linux.resources.unified", key);
	if (r < 0)
		return r;
	if (!dot || dot == key || !dot[1])
		return err_code(EINVAL, "the specified key has not the form CONTROLLER.VALUE `%s`",
				key);
	if (file_is_control(key))
		return err_code(EINVAL, "linux.resources.unified: '%s' is not a limit", key);
	controller = xstrndup(key, (size_t) (dot - key));
	if (!str_eq(controller, "cgroup") && !res_list_has(controllers, controller))
		return err_code(EINVAL,
				"controller `%s` is not available under %s (needed for '%s' of "
				"linux.resources.unified)",
				controller, where, key);
	return 0;
}

static void unified_add(const char *key, const char *value, struct res_out *out)
{
	autostrv struct strv lines = { 0 };

	if (!file_is_keyed(key)) {
		res_add(out, "linux.resources.unified", key, "%s", value);
		return;
	}
	strv_split(&lines, value, "\n");
	for (size_t i = 0; i < lines.len; i++)
		res_add(out, "linux.resources.unified", key, "%s", lines.v[i])->flags |=
			CG_WRITE_KEYED;
}

int res_unified(const struct oci_map *unified, const char *controllers, const char *where,
		struct res_out *out)
{
	for (size_t i = 0; unified && i < unified->len; i++) {
		int r = unified_check(unified->keys[i], controllers, where);

		if (r < 0)
			return r;
		unified_add(unified->keys[i], unified->values[i], out);
	}
	return 0;
}
