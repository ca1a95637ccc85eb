/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lxc.cgroup.FILE: the limits of cgroup v1, to the fields that runtimes translate to what the host
 * has. LXC ignores these lines on a cgroup2 host and, since 7.0, refuses them: intent mode rescues
 * them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"
#include "lxc/map_internal.h"
#include "spec/validate.h"

#define SUB(field, type) ((field) ? (field) : ((field) = xnew(type)))

static struct oci_cpu *cpu(struct oci_resources *r)
{
	return SUB(r->cpu, struct oci_cpu);
}

static struct oci_memory *memory(struct oci_resources *r)
{
	return SUB(r->memory, struct oci_memory);
}

static struct oci_block_io *block_io(struct oci_resources *r)
{
	return SUB(r->block_io, struct oci_block_io);
}

/* Functions of the table: 0, or -EINVAL for a value that the kernel would not take. */

#define SET_U64(fn, sub, field)                               \
	static int fn(struct oci_resources *r, const char *v) \
	{                                                     \
		uint64_t n;                                   \
		int e = str_to_u64(v, &n);                    \
                                                              \
		if (e < 0)                                    \
			return e;                             \
		sub(r)->field = n;                            \
		sub(r)->has_##field = true;                   \
		return 0;                                     \
	}
#define SET_I64(fn, sub, field)                               \
	static int fn(struct oci_resources *r, const char *v) \
	{                                                     \
		int64_t n;                                    \
		int e = str_to_i64(v, &n);                    \
                                                              \
		if (e < 0)                                    \
			return e;                             \
		sub(r)->field = n;                            \
		sub(r)->has_##field = true;                   \
		return 0;                                     \
	}
#define SET_SIZE(fn, field)                                   \
	static int fn(struct oci_resources *r, const char *v) \
	{                                                     \
		int64_t n;                                    \
		int e = str_to_size(v, &n);                   \
                                                              \
		if (e < 0)                                    \
			return e;                             \
		memory(r)->field = n;                         \
		memory(r)->has_##field = true;                \
		return 0;                                     \
	}
#define SET_BOOL(fn, field)                                   \
	static int fn(struct oci_resources *r, const char *v) \
	{                                                     \
		if (!str_eq(v, "0") && !str_eq(v, "1"))       \
			return -EINVAL;                       \
		memory(r)->field = *v == '1';                 \
		memory(r)->has_##field = true;                \
		return 0;                                     \
	}

SET_U64(set_cpu_shares, cpu, shares)
SET_I64(set_cpu_quota, cpu, quota)
SET_U64(set_cpu_period, cpu, period)
SET_U64(set_cpu_burst, cpu, burst)
SET_I64(set_cpu_rt_runtime, cpu, realtime_runtime)
SET_U64(set_cpu_rt_period, cpu, realtime_period)
SET_SIZE(set_memory_limit, limit)
SET_SIZE(set_memory_soft, reservation)
SET_SIZE(set_memory_memsw, swap)
SET_SIZE(set_memory_kmem, kernel)
SET_SIZE(set_memory_kmem_tcp, kernel_tcp)
SET_U64(set_memory_swappiness, memory, swappiness)
SET_BOOL(set_memory_oom, disable_oom_killer)
SET_BOOL(set_memory_hierarchy, use_hierarchy)

static bool is_cpu_list(const char *v)
{
	return *v && !v[strspn(v, "0123456789,-")];
}

static int set_list(char **field, const char *v)
{
	if (!is_cpu_list(v))
		return -EINVAL;
	free(*field);
	*field = xstrdup(v);
	return 0;
}

static int set_cpus(struct oci_resources *r, const char *v)
{
	return set_list(&cpu(r)->cpus, v);
}

static int set_mems(struct oci_resources *r, const char *v)
{
	return set_list(&cpu(r)->mems, v);
}

static int set_pids(struct oci_resources *r, const char *v)
{
	int64_t n = -1;
	int e = str_eq(v, "max") ? 0 : str_to_i64(v, &n);

	if (e < 0)
		return e;
	SUB(r->pids, struct oci_pids)->limit = n;
	r->pids->has_limit = true;
	return 0;
}

static int to_weight(const char *v, uint32_t *ret)
{
	int e = str_to_u32(v, ret);

	return e < 0 ? e : *ret > UINT16_MAX ? -ERANGE : 0;
}

static int set_blkio_weight(struct oci_resources *r, const char *v)
{
	uint32_t n;
	int e = to_weight(v, &n);

	if (e < 0)
		return e;
	block_io(r)->weight = n;
	block_io(r)->has_weight = true;
	return 0;
}

static int set_blkio_leaf(struct oci_resources *r, const char *v)
{
	uint32_t n;
	int e = to_weight(v, &n);

	if (e < 0)
		return e;
	block_io(r)->leaf_weight = n;
	block_io(r)->has_leaf_weight = true;
	return 0;
}

/* "MAJOR:MINOR VALUE"; *ret_value points to the last part. */
static int parse_device_value(const char *v, int64_t *major, int64_t *minor, const char **ret_value)
{
	unsigned int a, b;
	int end = 0;

	if (sscanf(v, "%u:%u %n", &a, &b, &end) != 2 || !end || !v[end])
		return -EINVAL;
	*major = a;
	*minor = b;
	*ret_value = v + end;
	return 0;
}

static int add_weight(struct oci_resources *r, const char *v, bool leaf)
{
	struct oci_block_io *io = block_io(r);
	struct oci_weight_device *d = NULL;
	int64_t major, minor;
	const char *value;
	uint32_t n;
	int e = parse_device_value(v, &major, &minor, &value);

	if (e >= 0)
		e = to_weight(value, &n);
	if (e < 0)
		return e;
	for (size_t i = 0; i < io->weight_device_len; i++) {
		if (io->weight_device[i].major == major && io->weight_device[i].minor == minor)
			d = &io->weight_device[i];
	}
	if (!d) {
		io->weight_device = xreallocarray(io->weight_device, io->weight_device_len + 1,
						  sizeof *io->weight_device);
		d = &io->weight_device[io->weight_device_len++];
		*d = (struct oci_weight_device){
			.major = major, .has_major = true, .minor = minor, .has_minor = true
		};
	}
	*(leaf ? &d->leaf_weight : &d->weight) = n;
	*(leaf ? &d->has_leaf_weight : &d->has_weight) = true;
	return 0;
}

static int add_blkio_weight(struct oci_resources *r, const char *v)
{
	return add_weight(r, v, false);
}

static int add_blkio_leaf(struct oci_resources *r, const char *v)
{
	return add_weight(r, v, true);
}

static int add_throttle(struct oci_throttle_device **list, size_t *len, const char *v)
{
	struct oci_throttle_device d = { .has_major = true, .has_minor = true, .has_rate = true };
	const char *value;
	int e = parse_device_value(v, &d.major, &d.minor, &value);

	if (e >= 0)
		e = str_to_u64(value, &d.rate);
	if (e < 0)
		return e;
	*list = xreallocarray(*list, *len + 1, sizeof **list);
	(*list)[(*len)++] = d;
	return 0;
}

#define ADD_THROTTLE(fn, field)                                                         \
	static int fn(struct oci_resources *r, const char *v)                           \
	{                                                                               \
		return add_throttle(&block_io(r)->field, &block_io(r)->field##_len, v); \
	}

ADD_THROTTLE(add_read_bps, throttle_read_bps_device)
ADD_THROTTLE(add_write_bps, throttle_write_bps_device)
ADD_THROTTLE(add_read_iops, throttle_read_iops_device)
ADD_THROTTLE(add_write_iops, throttle_write_iops_device)

static int set_class_id(struct oci_resources *r, const char *v)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(v, &end, 0);
	if (errno || end == v || *end || n > UINT32_MAX)
		return -EINVAL;
	SUB(r->network, struct oci_network)->class_id = (uint32_t) n;
	r->network->has_class_id = true;
	return 0;
}

static int add_priority(struct oci_resources *r, const char *v)
{
	size_t len = strcspn(v, " \t");
	struct oci_network *net;
	uint32_t n;
	int e = str_to_u32(v + len + strspn(v + len, " \t"), &n);

	if (e < 0 || !len)
		return -EINVAL;
	net = SUB(r->network, struct oci_network);
	net->priorities =
		xreallocarray(net->priorities, net->priorities_len + 1, sizeof *net->priorities);
	net->priorities[net->priorities_len++] = (struct oci_interface_priority){
		.name = xstrndup(v, len), .priority = n, .has_priority = true
	};
	return 0;
}

/* "DEVICE hca_handle=N hca_object=N", either "max" */
static int add_rdma(struct oci_resources *r, const char *v)
{
	struct oci_rdma limit = { 0 };
	struct strv words = { 0 };
	struct oci_rdma_map *map;
	int e = 0;

	strv_split(&words, v, " \t");
	for (size_t i = 1; i < words.len && e >= 0; i++) {
		const char *handle = str_after(words.v[i], "hca_handle=");
		const char *object = str_after(words.v[i], "hca_object=");

		if (handle && !str_eq(handle, "max")) {
			e = str_to_u32(handle, &limit.hca_handles);
			limit.has_hca_handles = true;
		} else if (object && !str_eq(object, "max")) {
			e = str_to_u32(object, &limit.hca_objects);
			limit.has_hca_objects = true;
		} else if (!handle && !object) {
			e = -EINVAL;
		}
	}
	if (e < 0 || words.len < 2) {
		strv_clear(&words);
		return -EINVAL;
	}
	map = SUB(r->rdma, struct oci_rdma_map);
	map->keys = xreallocarray(map->keys, map->len + 1, sizeof *map->keys);
	map->values = xreallocarray(map->values, map->len + 1, sizeof *map->values);
	map->keys[map->len] = xstrdup(words.v[0]);
	map->values[map->len++] = limit;
	strv_clear(&words);
	return 0;
}

static const struct {
	const char *file;
	int (*set)(struct oci_resources *r, const char *v);
	const char *pointer; /* below /linux/resources */
	bool v1_only;	     /* cgroup v2 has nothing like it */
} files[] = {
	{ "cpu.shares", set_cpu_shares, "cpu/shares", false },
	{ "cpu.cfs_quota_us", set_cpu_quota, "cpu/quota", false },
	{ "cpu.cfs_period_us", set_cpu_period, "cpu/period", false },
	{ "cpu.cfs_burst_us", set_cpu_burst, "cpu/burst", false },
	{ "cpu.rt_runtime_us", set_cpu_rt_runtime, "cpu/realtimeRuntime", true },
	{ "cpu.rt_period_us", set_cpu_rt_period, "cpu/realtimePeriod", true },
	{ "cpuset.cpus", set_cpus, "cpu/cpus", false },
	{ "cpuset.mems", set_mems, "cpu/mems", false },
	{ "memory.limit_in_bytes", set_memory_limit, "memory/limit", false },
	{ "memory.soft_limit_in_bytes", set_memory_soft, "memory/reservation", false },
	{ "memory.memsw.limit_in_bytes", set_memory_memsw, "memory/swap", false },
	{ "memory.kmem.limit_in_bytes", set_memory_kmem, "memory/kernel", true },
	{ "memory.kmem.tcp.limit_in_bytes", set_memory_kmem_tcp, "memory/kernelTCP", true },
	{ "memory.swappiness", set_memory_swappiness, "memory/swappiness", true },
	{ "memory.oom_control", set_memory_oom, "memory/disableOOMKiller", true },
	{ "memory.use_hierarchy", set_memory_hierarchy, "memory/useHierarchy", true },
	{ "blkio.weight", set_blkio_weight, "blockIO/weight", false },
	{ "blkio.weight_device", add_blkio_weight, "blockIO/weightDevice", false },
	{ "blkio.leaf_weight", set_blkio_leaf, "blockIO/leafWeight", true },
	{ "blkio.leaf_weight_device", add_blkio_leaf, "blockIO/weightDevice", true },
	{ "blkio.throttle.read_bps_device", add_read_bps, "blockIO/throttleReadBpsDevice", false },
	{ "blkio.throttle.write_bps_device", add_write_bps, "blockIO/throttleWriteBpsDevice",
	  false },
	{ "blkio.throttle.read_iops_device", add_read_iops, "blockIO/throttleReadIOPSDevice",
	  false },
	{ "blkio.throttle.write_iops_device", add_write_iops, "blockIO/throttleWriteIOPSDevice",
	  false },
	{ "pids.max", set_pids, "pids/limit", false },
	{ "net_cls.classid", set_class_id, "network/classID", true },
	{ "net_prio.ifpriomap", add_priority, "network/priorities", true },
	{ "rdma.max", add_rdma, "rdma", false },
};

/* "hugetlb.2MB.limit_in_bytes" */
static bool is_hugetlb(const char *file, char **ret_size)
{
	const char *size = str_after(file, "hugetlb.");
	size_t len = size ? strcspn(size, ".") : 0;

	if (!size || !str_eq(size + len, ".limit_in_bytes"))
		return false;
	*ret_size = xstrndup(size, len);
	return true;
}

/* The schema's pattern: no leading zero, K, M or G, and the letter B. */
static bool is_page_size(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n && *s != '0' && s[n] && strchr("KMG", s[n]) && str_eq(s + n + 1, "B");
}

static int add_hugetlb(struct oci_resources *r, const char *page_size, const char *v)
{
	int64_t n;

	if (!is_page_size(page_size) || str_to_size(v, &n) < 0)
		return -EINVAL;
	r->hugepage_limits = xreallocarray(r->hugepage_limits, r->hugepage_limits_len + 1,
					   sizeof *r->hugepage_limits);
	r->hugepage_limits[r->hugepage_limits_len++] = (struct oci_hugepage_limit){
		.page_size = xstrdup(page_size), .limit = (uint64_t) n, .has_limit = true
	};
	return 0;
}

/* Do lines of cgroup2 speak for the same controller? Then they are what LXC applies. */
static bool has_v2_lines(const struct lxc_config *c, const char *file)
{
	const char *controller = str_starts(file, "blkio.") ? "io." : file;
	size_t len = strcspn(controller, ".") + 1;

	for (size_t i = 0; i < c->cgroup2.len; i++) {
		if (strncmp(c->cgroup2.v[i].key, controller, len) == 0)
			return true;
	}
	return false;
}

/* Is what the lines have made so far permitted? *ret_why, unless NULL: what is not. */
static bool is_valid(const struct oci_resources *r, char **ret_why)
{
	if (validate_resources(r) >= 0)
		return true;
	if (ret_why)
		*ret_why = xstrdup(err_get_text());
	err_clear();
	return false;
}

static void account(struct lxc_map *m, const struct lxc_pair *p, int r, const char *where,
		    bool v1_only)
{
	autofree char *pointer = xasprintf("/linux/resources/%s", where), *why = NULL;

	if (r >= 0 && m->resources_valid && !is_valid(m->oci->linux->resources, &why)) {
		m->resources_valid = false;
		diag_add(m->diag, "LXC-E003", p->pos, "lxc.cgroup", "'%s' is no value for %s: %s",
			 p->value, p->key, why);
	} else if (r < 0) {
		diag_add(m->diag, "LXC-E003", p->pos, "lxc.cgroup", "'%s' is no value for %s",
			 p->value, p->key);
	} else if (v1_only) {
		diag_add(m->diag, "LXC-W321", p->pos, "lxc.cgroup",
			 "%s has no equivalent on cgroup v2", p->key);
		report_changed(m->report, p->pos, pointer, "no effect on cgroup v2");
	} else {
		report_changed(
			m->report, p->pos, pointer,
			"a limit of cgroup v1, which runtimes convert; LXC on cgroup2 ignores it");
	}
}

static void map_line(struct lxc_map *m, const struct lxc_pair *p)
{
	struct oci_resources *r = m->oci->linux->resources;
	autofree char *page_size = NULL;

	if (is_hugetlb(p->key, &page_size)) {
		account(m, p, add_hugetlb(r, page_size, p->value), "hugepageLimits", false);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (!str_eq(files[i].file, p->key))
			continue;
		account(m, p, files[i].set(r, p->value), files[i].pointer, files[i].v1_only);
		return;
	}
	diag_add(m->diag, "LXC-W321", p->pos, "lxc.cgroup", "%s has no equivalent on cgroup v2",
		 p->key);
	report_dropped(m->report, p->pos, "no OCI field, nothing on cgroup v2");
}

void map_cgroup1(struct lxc_map *m)
{
	m->resources_valid = is_valid(m->oci->linux->resources, NULL);
	for (size_t i = 0; i < m->c->cgroup1.len; i++) {
		const struct lxc_pair *p = &m->c->cgroup1.v[i];

		if (m->exact) {
			diag_add(m->diag, "LXC-W320", p->pos, "lxc.cgroup",
				 "LXC on a cgroup2 host ignores %s, LXC 7 refuses the file",
				 p->key);
			report_dropped(m->report, p->pos, "LXC on cgroup2 ignores it");
		} else if (has_v2_lines(m->c, p->key)) {
			report_dropped(m->report, p->pos,
				       "lxc.cgroup2 lines speak for the same controller");
		} else {
			map_line(m, p);
		}
	}
}
