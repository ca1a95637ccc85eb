/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/res.h"

#include <ctype.h>
#include <stdarg.h>

#include "base/alloc.h"
#include "base/err.h"

const struct res_group_info res_groups[RES_COUNT_] = {
	[RES_MEMORY] = { "memory", "memory", "linux.resources.memory" },
	[RES_CPU] = { "cpu", "cpu", "linux.resources.cpu" },
	[RES_CPUSET] = { "cpuset", "cpuset", "linux.resources.cpu.cpus" },
	[RES_PIDS] = { "pids", "pids", "linux.resources.pids" },
	[RES_IO] = { "blkio", "io", "linux.resources.blockIO" },
	[RES_HUGETLB] = { "hugetlb", "hugetlb", "linux.resources.hugepageLimits" },
	[RES_RDMA] = { "rdma", "rdma", "linux.resources.rdma" },
	[RES_NET_CLS] = { "net_cls", NULL, "linux.resources.network.classID" },
	[RES_NET_PRIO] = { "net_prio", NULL, "linux.resources.network.priorities" },
};

static bool wants_memory(const struct oci_memory *m)
{
	return m && (m->limit || m->reservation || m->swap || m->kernel || m->kernel_tcp ||
		     m->has_swappiness || m->disable_oom_killer || m->has_use_hierarchy);
}

static bool wants_cpu(const struct oci_cpu *c)
{
	return c && (c->shares || c->quota || c->period || c->has_burst || c->realtime_runtime ||
		     c->realtime_period || c->has_idle);
}

static bool wants_io(const struct oci_block_io *b)
{
	return b && (b->weight || b->leaf_weight || b->weight_device_len ||
		     b->throttle_read_bps_device_len || b->throttle_write_bps_device_len ||
		     b->throttle_read_iops_device_len || b->throttle_write_iops_device_len);
}

bool res_wants(const struct oci_resources *res, enum res_group group)
{
	if (!res)
		return false;
	switch (group) {
	case RES_MEMORY:
		return wants_memory(res->memory);
	case RES_CPU:
		return wants_cpu(res->cpu);
	case RES_CPUSET:
		return res->cpu && (!str_empty(res->cpu->cpus) || !str_empty(res->cpu->mems));
	case RES_PIDS:
		return res->pids && res->pids->has_limit;
	case RES_IO:
		return wants_io(res->block_io);
	case RES_HUGETLB:
		return res->hugepage_limits_len > 0;
	case RES_RDMA:
		return res->rdma && res->rdma->len > 0;
	case RES_NET_CLS:
		return res->network && res->network->has_class_id && res->network->class_id;
	case RES_NET_PRIO:
		return res->network && res->network->priorities_len > 0;
	case RES_COUNT_:
		break;
	}
	return false;
}

struct cg_write *res_add(struct res_out *out, const char *field, const char *file, const char *fmt,
			 ...)
{
	struct cg_writes *w = out->writes;
	struct cg_write *write;
	va_list ap;

	w->v = xreallocarray(w->v, w->len + 1, sizeof(*w->v));
	write = &w->v[w->len++];
	va_start(ap, fmt);
	*write = (struct cg_write){
		.controller = out->controller,
		.v2 = out->v2,
		.file = xstrdup(file),
		.value = xvasprintf(fmt, ap),
		.field = field,
	};
	va_end(ap);
	return write;
}

void cg_writes_clear(struct cg_writes *writes)
{
	for (size_t i = 0; i < writes->len; i++) {
		struct cg_write *w = &writes->v[i];

		free(w->file);
		free(w->value);
		free(w->alt_file);
		free(w->alt_value);
		free(w->reset);
	}
	free(writes->v);
	*writes = (struct cg_writes){ 0 };
}

int res_check_size(const char *field, int64_t value)
{
	if (value < -1)
		return err_code(EINVAL, "%s: %lld is neither a size nor -1", field,
				(long long) value);
	return 0;
}

int res_check_device(const char *field, int64_t major, int64_t minor)
{
	if (major < 0 || major > UINT32_MAX || minor < 0 || minor > UINT32_MAX)
		return err_code(EINVAL, "%s: %lld:%lld is not a device number", field,
				(long long) major, (long long) minor);
	return 0;
}

int res_check_word(const char *field, const char *word)
{
	bool bad = str_empty(word) || strstr(word, "..");

	for (const char *p = word; !bad && *p; p++)
		bad = *p == '/' || isspace((unsigned char) *p) || iscntrl((unsigned char) *p);
	return bad ? err_code(EINVAL, "%s: '%s' is not a valid name", field, word ? word : "") : 0;
}

bool res_list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; *p;) {
		size_t n = strcspn(p, " ,\n");

		if (n == len && strncmp(p, word, n) == 0)
			return true;
		p += n;
		p += strspn(p, " ,\n");
	}
	return false;
}

int res_hugetlb(const struct oci_resources *res, const char *suffix, struct res_out *out)
{
	static const char field[] = "linux.resources.hugepageLimits";

	for (size_t i = 0; i < res->hugepage_limits_len; i++) {
		const struct oci_hugepage_limit *h = &res->hugepage_limits[i];
		autofree char *file = NULL, *rsvd = NULL;
		int r = res_check_word(field, h->page_size);

		if (r < 0)
			return r;
		file = xasprintf("hugetlb.%s.%s", h->page_size, suffix);
		rsvd = xasprintf("hugetlb.%s.rsvd.%s", h->page_size, suffix);
		res_add(out, field, file, "%llu", (unsigned long long) h->limit);
		/* Reservations are counted apart since Linux 5.7. */
		res_add(out, field, rsvd, "%llu", (unsigned long long) h->limit)->flags |=
			CG_WRITE_OPTIONAL;
	}
	return 0;
}

int res_rdma(const struct oci_resources *res, struct res_out *out)
{
	static const char field[] = "linux.resources.rdma";

	for (size_t i = 0; i < res->rdma->len; i++) {
		const struct oci_rdma *limit = &res->rdma->values[i];
		const char *device = res->rdma->keys[i];
		autostrbuf struct strbuf value = STRBUF_INIT;
		struct cg_write *write;
		int r = res_check_word(field, device);

		if (r < 0)
			return r;
		if (limit->has_hca_handles)
			strbuf_addf(&value, " hca_handle=%u", limit->hca_handles);
		if (limit->has_hca_objects)
			strbuf_addf(&value, " hca_object=%u", limit->hca_objects);
		if (!value.len)
			continue;
		write = res_add(out, field, "rdma.max", "%s%s", device, strbuf_str(&value));
		write->flags |= CG_WRITE_KEYED;
		write->reset = xasprintf("%s hca_handle=max hca_object=max", device);
	}
	return 0;
}

int res_cpuset(const struct oci_resources *res, struct res_out *out)
{
	if (!str_empty(res->cpu->cpus))
		res_add(out, "linux.resources.cpu.cpus", "cpuset.cpus", "%s", res->cpu->cpus);
	if (!str_empty(res->cpu->mems))
		res_add(out, "linux.resources.cpu.mems", "cpuset.mems", "%s", res->cpu->mems);
	return 0;
}
