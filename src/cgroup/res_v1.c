/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/res.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/err.h"

/* ---- memory ---- */

static void memory_obsolete(const struct oci_memory *m, struct res_out *out)
{
	/* Deprecated in Linux 5.11, refused since 5.16, gone in 6.7. */
	if (m->kernel)
		res_add(out, "linux.resources.memory.kernel", "memory.kmem.limit_in_bytes", "%lld",
			(long long) m->kernel)
			->flags |= CG_WRITE_WARN;
	if (m->kernel_tcp)
		res_add(out, "linux.resources.memory.kernelTCP", "memory.kmem.tcp.limit_in_bytes",
			"%lld", (long long) m->kernel_tcp)
			->flags |= CG_WRITE_WARN;
	/* Always on since 5.11; before that it can only be set before the first child. */
	if (m->has_use_hierarchy)
		res_add(out, "linux.resources.memory.useHierarchy", "memory.use_hierarchy", "%d",
			m->use_hierarchy)
			->flags |= CG_WRITE_WARN;
}

static int memory(const struct oci_resources *res, struct res_out *out)
{
	const struct oci_memory *m = res->memory;
	/* No limit on memory and nothing said about the sum lifts the sum, else the limit would
	 * stay. */
	int64_t swap = m->swap == 0 && m->limit == -1 ? -1 : m->swap;
	int r;

	if ((r = res_check_size("linux.resources.memory.limit", m->limit)) < 0 ||
	    (r = res_check_size("linux.resources.memory.swap", swap)) < 0 ||
	    (r = res_check_size("linux.resources.memory.reservation", m->reservation)) < 0 ||
	    (r = res_check_size("linux.resources.memory.kernel", m->kernel)) < 0 ||
	    (r = res_check_size("linux.resources.memory.kernelTCP", m->kernel_tcp)) < 0)
		return r;
	memory_obsolete(m, out);
	if (swap > 0 && m->limit > 0 && swap < m->limit)
		return err_code(EINVAL,
				"linux.resources.memory.swap: %lld is less than "
				"linux.resources.memory.limit (%lld), which is a part of it",
				(long long) swap, (long long) m->limit);
	/* The limit may never exceed the sum: which of the two goes first depends on the old
	 * values. */
	if (m->limit)
		res_add(out, "linux.resources.memory.limit", "memory.limit_in_bytes", "%lld",
			(long long) m->limit)
			->flags |= swap ? CG_WRITE_PAIR : 0;
	if (swap)
		res_add(out, "linux.resources.memory.swap", "memory.memsw.limit_in_bytes", "%lld",
			(long long) swap)
			->flags |= swap == -1 ? CG_WRITE_OPTIONAL : 0;
	if (m->reservation)
		res_add(out, "linux.resources.memory.reservation", "memory.soft_limit_in_bytes",
			"%lld", (long long) m->reservation);
	if (m->has_swappiness)
		res_add(out, "linux.resources.memory.swappiness", "memory.swappiness", "%llu",
			(unsigned long long) m->swappiness);
	if (m->disable_oom_killer)
		res_add(out, "linux.resources.memory.disableOOMKiller", "memory.oom_control", "1");
	return 0;
}

/* ---- cpu, pids ---- */

static int cpu(const struct oci_resources *res, struct res_out *out)
{
	const struct oci_cpu *c = res->cpu;

	/* The runtime must fit the period, so that is first unless the new one is too short for the
	 * old. */
	if (c->realtime_period)
		res_add(out, "linux.resources.cpu.realtimePeriod", "cpu.rt_period_us", "%llu",
			(unsigned long long) c->realtime_period)
			->flags |= c->realtime_runtime ? CG_WRITE_PAIR : 0;
	if (c->realtime_runtime)
		res_add(out, "linux.resources.cpu.realtimeRuntime", "cpu.rt_runtime_us", "%lld",
			(long long) c->realtime_runtime);
	if (c->has_idle)
		res_add(out, "linux.resources.cpu.idle", "cpu.idle", "%lld", (long long) c->idle)
			->flags |= c->idle ? 0 : CG_WRITE_OPTIONAL;
	/* The kernel refuses shares for an idle group. */
	if (c->shares && c->idle != 1)
		res_add(out, "linux.resources.cpu.shares", "cpu.shares", "%llu",
			(unsigned long long) c->shares);
	/* Quota / period may not exceed the parent's at any moment, nor may burst exceed quota. */
	if (c->period)
		res_add(out, "linux.resources.cpu.period", "cpu.cfs_period_us", "%llu",
			(unsigned long long) c->period)
			->flags |= c->quota ? CG_WRITE_PAIR : 0;
	if (c->quota)
		res_add(out, "linux.resources.cpu.quota", "cpu.cfs_quota_us", "%lld",
			(long long) c->quota)
			->flags |= c->has_burst ? CG_WRITE_PAIR : 0;
	if (c->has_burst)
		res_add(out, "linux.resources.cpu.burst", "cpu.cfs_burst_us", "%llu",
			(unsigned long long) c->burst)
			->flags |= c->burst ? 0 : CG_WRITE_OPTIONAL;
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

/* ---- blkio ---- */

/* The weight files belong to an I/O scheduler: CFQ's (until Linux 5.0) or BFQ's. */
static void add_weight(struct res_out *out, const char *field, const char *name, const char *value,
		       bool device)
{
	autofree char *file = xasprintf("blkio.%s%s", name, device ? "_device" : "");
	struct cg_write *w = res_add(out, field, file, "%s", value);

	w->alt_file = xasprintf("blkio.bfq.%s%s", name, device ? "_device" : "");
	w->alt_value = xstrdup(value);
	if (device) {
		w->flags |= CG_WRITE_KEYED;
		w->reset = xasprintf("%.*s 0", (int) strcspn(value, " "), value);
	}
}

static int blkio_weights(const struct oci_block_io *b, struct res_out *out)
{
	char value[64];

	if (b->weight) {
		snprintf(value, sizeof(value), "%u", b->weight);
		add_weight(out, "linux.resources.blockIO.weight", "weight", value, false);
	}
	if (b->leaf_weight)
		res_add(out, "linux.resources.blockIO.leafWeight", "blkio.leaf_weight", "%u",
			b->leaf_weight);
	for (size_t i = 0; i < b->weight_device_len; i++) {
		const struct oci_weight_device *d = &b->weight_device[i];
		static const char field[] = "linux.resources.blockIO.weightDevice";
		int r = res_check_device(field, d->major, d->minor);

		if (r < 0)
			return r;
		if (d->weight) {
			snprintf(value, sizeof(value), "%lld:%lld %u", (long long) d->major,
				 (long long) d->minor, d->weight);
			add_weight(out, field, "weight", value, true);
		}
		if (d->leaf_weight) {
			struct cg_write *w =
				res_add(out, field, "blkio.leaf_weight_device", "%lld:%lld %u",
					(long long) d->major, (long long) d->minor, d->leaf_weight);
			w->flags |= CG_WRITE_KEYED;
			w->reset = xasprintf("%lld:%lld 0", (long long) d->major,
					     (long long) d->minor);
		}
	}
	return 0;
}

static int blkio_throttle(const char *field, const char *file,
			  const struct oci_throttle_device *devices, size_t n, struct res_out *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct oci_throttle_device *d = &devices[i];
		struct cg_write *w;
		int r = res_check_device(field, d->major, d->minor);

		if (r < 0)
			return r;
		w = res_add(out, field, file, "%lld:%lld %llu", (long long) d->major,
			    (long long) d->minor, (unsigned long long) d->rate);
		w->flags |= CG_WRITE_KEYED;
		w->reset = xasprintf("%lld:%lld 0", (long long) d->major, (long long) d->minor);
	}
	return 0;
}

static int blkio(const struct oci_resources *res, struct res_out *out)
{
	const struct oci_block_io *b = res->block_io;
	int r = blkio_weights(b, out);

	if (r < 0 ||
	    (r = blkio_throttle("linux.resources.blockIO.throttleReadBpsDevice",
				"blkio.throttle.read_bps_device", b->throttle_read_bps_device,
				b->throttle_read_bps_device_len, out)) < 0 ||
	    (r = blkio_throttle("linux.resources.blockIO.throttleWriteBpsDevice",
				"blkio.throttle.write_bps_device", b->throttle_write_bps_device,
				b->throttle_write_bps_device_len, out)) < 0 ||
	    (r = blkio_throttle("linux.resources.blockIO.throttleReadIOPSDevice",
				"blkio.throttle.read_iops_device", b->throttle_read_iops_device,
				b->throttle_read_iops_device_len, out)) < 0 ||
	    (r = blkio_throttle("linux.resources.blockIO.throttleWriteIOPSDevice",
				"blkio.throttle.write_iops_device", b->throttle_write_iops_device,
				b->throttle_write_iops_device_len, out)) < 0)
		return r;
	return 0;
}

/* ---- network ---- */

static int net_prio(const struct oci_resources *res, struct res_out *out)
{
	static const char field[] = "linux.resources.network.priorities";

	for (size_t i = 0; i < res->network->priorities_len; i++) {
		const struct oci_interface_priority *p = &res->network->priorities[i];
		int r = res_check_word(field, p->name);
		struct cg_write *w;

		if (r < 0)
			return r;
		w = res_add(out, field, "net_prio.ifpriomap", "%s %u", p->name, p->priority);
		w->flags |= CG_WRITE_KEYED;
		w->reset = xasprintf("%s 0", p->name);
	}
	return 0;
}

int res_v1_group(const struct oci_resources *res, enum res_group group, struct res_out *out)
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
		return blkio(res, out);
	case RES_HUGETLB:
		return res_hugetlb(res, "limit_in_bytes", out);
	case RES_RDMA:
		return res_rdma(res, out);
	case RES_NET_CLS:
		res_add(out, "linux.resources.network.classID", "net_cls.classid", "%u",
			res->network->class_id);
		return 0;
	case RES_NET_PRIO:
		return net_prio(res, out);
	case RES_COUNT_:
		break;
	}
	return 0;
}
