/* SPDX-License-Identifier: Apache-2.0 */
/* The cgroup: its place, its files, the device rules. */
#include <stdlib.h>

#include "base/alloc.h"
#include "lxc/devices.h"
#include "lxc/reverse_internal.h"

#define RESOURCES "/linux/resources"

static void place(struct reverse *r, const char *path)
{
	static const char POINTER[] = "/linux/cgroupsPath";
	autofree char *usual = xasprintf("lxc.payload.%s", r->name);
	const char *base = strrchr(path, '/'), *start = *path == '/' ? path + 1 : path;
	unsigned int line = 0;

	if (strchr(path, ':')) {
		reverse_dropped(r, POINTER, "a slice of systemd: LXC chooses the cgroup");
		return;
	}
	if (*path && *path != '/')
		line = reverse_set(r, POINTER, "lxc.cgroup.relative", "1");
	if (str_eq(base ? base + 1 : path, usual)) {
		autofree char *dir =
			xstrndup(start, base && base > start ? (size_t) (base - start) : 0);

		if (*dir)
			reverse_set(r, POINTER, "lxc.cgroup.dir", "%s", dir);
		else
			reverse_kept(r, POINTER, line, "where LXC puts a container");
		return;
	}
	reverse_set(r, POINTER, "lxc.cgroup.dir.container", "%s", start);
	reverse_set(r, POINTER, "lxc.cgroup.dir.monitor", "lxc.monitor.%s", r->name);
}

static void write_file(struct reverse *r, const char *pointer, const char *file, const char *fmt,
		       ...) __attribute__((format(printf, 4, 5)));
static void write_file(struct reverse *r, const char *pointer, const char *file, const char *fmt,
		       ...)
{
	autofree char *key = xasprintf("lxc.cgroup2.%s", file);
	autofree char *value = NULL;
	va_list ap;

	va_start(ap, fmt);
	value = xvasprintf(fmt, ap);
	va_end(ap);
	reverse_set(r, pointer, key, "%s", value);
}

/* -1 is no limit. */
static void limit(struct reverse *r, const char *pointer, const char *file, int64_t n)
{
	if (n < 0)
		write_file(r, pointer, file, "max");
	else
		write_file(r, pointer, file, "%lld", (long long) n);
}

static void memory(struct reverse *r, const struct oci_memory *m)
{
	if (m->has_limit)
		limit(r, RESOURCES "/memory/limit", "memory.max", m->limit);
	if (m->has_reservation)
		limit(r, RESOURCES "/memory/reservation", "memory.low", m->reservation);
	/* OCI counts memory and swap together, cgroup2 swap alone */
	if (m->has_swap && m->swap < 0)
		limit(r, RESOURCES "/memory/swap", "memory.swap.max", -1);
	else if (m->has_swap && m->has_limit && m->limit >= 0 && m->swap >= m->limit)
		limit(r, RESOURCES "/memory/swap", "memory.swap.max", m->swap - m->limit);
	else if (m->has_swap)
		reverse_dropped(r, RESOURCES "/memory/swap",
				"means nothing without a limit below it");
	reverse_kept(r, RESOURCES "/memory/checkBeforeUpdate", 0, "for updates only");
}

static void cpu(struct reverse *r, const struct oci_cpu *c)
{
	uint64_t period = c->has_period && c->period ? c->period : 100000;

	if (c->has_shares && c->shares) {
		uint64_t shares = c->shares < 2 ? 2 : c->shares > 262144 ? 262144 : c->shares;

		write_file(r, RESOURCES "/cpu/shares", "cpu.weight", "%llu",
			   (unsigned long long) (1 + (shares - 2) * 9999 / 262142));
		reverse_changed(r, RESOURCES "/cpu/shares", 0, "as a weight, which is coarser");
	}
	if (c->has_quota && c->quota > 0)
		write_file(r, RESOURCES "/cpu/quota", "cpu.max", "%lld %llu", (long long) c->quota,
			   (unsigned long long) period);
	else if (c->has_quota || c->has_period)
		write_file(r, c->has_quota ? RESOURCES "/cpu/quota" : RESOURCES "/cpu/period",
			   "cpu.max", "max %llu", (unsigned long long) period);
	if (c->has_period)
		reverse_kept(r, RESOURCES "/cpu/period", r->lines, NULL);
	if (c->has_burst)
		write_file(r, RESOURCES "/cpu/burst", "cpu.max.burst", "%llu",
			   (unsigned long long) c->burst);
	if (c->has_idle)
		write_file(r, RESOURCES "/cpu/idle", "cpu.idle", "%lld", (long long) c->idle);
	if (c->cpus && *c->cpus)
		write_file(r, RESOURCES "/cpu/cpus", "cpuset.cpus", "%s", c->cpus);
	if (c->mems && *c->mems)
		write_file(r, RESOURCES "/cpu/mems", "cpuset.mems", "%s", c->mems);
}

static void throttle(struct reverse *r, const char *name, const struct oci_throttle_device *v,
		     size_t len, const char *word)
{
	for (size_t i = 0; i < len; i++) {
		autofree char *pointer = xasprintf(RESOURCES "/blockIO/%s/%zu", name, i);

		write_file(r, pointer, "io.max", "%lld:%lld %s=%llu", (long long) v[i].major,
			   (long long) v[i].minor, word, (unsigned long long) v[i].rate);
	}
}

static void block_io(struct reverse *r, const struct oci_block_io *b)
{
	if (b->has_weight && b->weight >= 10) {
		write_file(r, RESOURCES "/blockIO/weight", "io.weight", "%llu",
			   1 + (unsigned long long) (b->weight - 10) * 9999 / 990);
		reverse_changed(r, RESOURCES "/blockIO/weight", 0, "on the scale of cgroup2");
	}
	throttle(r, "throttleReadBpsDevice", b->throttle_read_bps_device,
		 b->throttle_read_bps_device_len, "rbps");
	throttle(r, "throttleWriteBpsDevice", b->throttle_write_bps_device,
		 b->throttle_write_bps_device_len, "wbps");
	throttle(r, "throttleReadIOPSDevice", b->throttle_read_iops_device,
		 b->throttle_read_iops_device_len, "riops");
	throttle(r, "throttleWriteIOPSDevice", b->throttle_write_iops_device,
		 b->throttle_write_iops_device_len, "wiops");
}

/* A file of lines takes one write a line. */
static void unified(struct reverse *r, const struct oci_map *map)
{
	for (size_t i = 0; map && i < map->len; i++) {
		autofree char *pointer = report_pointer(RESOURCES "/unified/%s", map->keys[i]);
		autostrv struct strv lines = { 0 };

		strv_split(&lines, map->values[i], "\n");
		for (size_t k = 0; k < lines.len; k++)
			write_file(r, pointer, map->keys[i], "%s", lines.v[k]);
	}
}

static void others(struct reverse *r, const struct oci_resources *res)
{
	if (res->pids && res->pids->has_limit)
		limit(r, RESOURCES "/pids/limit", "pids.max", res->pids->limit);
	for (size_t i = 0; i < res->hugepage_limits_len; i++) {
		const struct oci_hugepage_limit *h = &res->hugepage_limits[i];
		autofree char *pointer = report_pointer(RESOURCES "/hugepageLimits/%zu", i);
		autofree char *file = xasprintf("hugetlb.%s.max", h->page_size);

		write_file(r, pointer, file, "%llu", (unsigned long long) h->limit);
	}
	for (size_t i = 0; res->rdma && i < res->rdma->len; i++) {
		const struct oci_rdma *d = &res->rdma->values[i];
		autofree char *pointer = report_pointer(RESOURCES "/rdma/%s", res->rdma->keys[i]);
		autostrbuf struct strbuf text = STRBUF_INIT;

		if (d->has_hca_handles)
			strbuf_addf(&text, " hca_handle=%u", d->hca_handles);
		if (d->has_hca_objects)
			strbuf_addf(&text, " hca_object=%u", d->hca_objects);
		write_file(r, pointer, "rdma.max", "%s%s", res->rdma->keys[i], strbuf_str(&text));
	}
}

/* --- devices --- */

struct rules {
	struct lxc_device_line *v;
	size_t len;
	struct oci_device_rule *meant; /* what a runtime makes of the list; strings are borrowed */
	size_t meant_len;
};

static void add_rule(struct rules *rules, bool allow, char *text)
{
	rules->v = xreallocarray(rules->v, rules->len + 1, sizeof(*rules->v));
	rules->v[rules->len++] = (struct lxc_device_line){ allow, text };
}

static void add_meant(struct rules *rules, const struct oci_device_rule *e)
{
	rules->meant = xreallocarray(rules->meant, rules->meant_len + 1, sizeof(*rules->meant));
	rules->meant[rules->meant_len++] = *e;
}

static void number(struct strbuf *out, bool has, int64_t n)
{
	if (has && n >= 0)
		strbuf_addf(out, "%lld", (long long) n);
	else
		strbuf_add_c(out, '*');
}

static const char *access_of(const struct oci_device_rule *e)
{
	return str_empty(e->access) ? "rwm" : e->access;
}

static bool is_global(const struct oci_device_rule *e)
{
	return (!e->type || str_eq(e->type, "a")) && (!e->has_major || e->major < 0) &&
	       (!e->has_minor || e->minor < 0) && strlen(access_of(e)) == 3;
}

static char *rule_text(const struct oci_device_rule *e)
{
	autostrbuf struct strbuf text = STRBUF_INIT;

	if (is_global(e))
		return xstrdup("a");
	strbuf_addf(&text, "%s ", e->type ? e->type : "a");
	number(&text, e->has_major, e->major);
	strbuf_add_c(&text, ':');
	number(&text, e->has_minor, e->minor);
	strbuf_addf(&text, " %s", access_of(e));
	return strbuf_take(&text);
}

/* What runtimes allow whatever the list says, unless the bundle tells hako not to. */
static const struct {
	const char *type, *access;
	int major, minor;
} runtime_devices[] = {
	{ "c", "m", -1, -1 }, { "b", "m", -1, -1 },    { "c", "rwm", 1, 3 }, { "c", "rwm", 1, 5 },
	{ "c", "rwm", 1, 7 }, { "c", "rwm", 1, 8 },    { "c", "rwm", 1, 9 }, { "c", "rwm", 5, 0 },
	{ "c", "rwm", 5, 2 }, { "c", "rwm", 136, -1 },
};

static void add_runtime_devices(struct rules *rules)
{
	for (size_t i = 0; i < ARRAY_SIZE(runtime_devices); i++) {
		const struct oci_device_rule e = {
			.allow = true,
			.has_allow = true,
			.type = (char *) runtime_devices[i].type,
			.access = (char *) runtime_devices[i].access,
			.major = runtime_devices[i].major,
			.has_major = runtime_devices[i].major >= 0,
			.minor = runtime_devices[i].minor,
			.has_minor = runtime_devices[i].minor >= 0,
		};

		add_meant(rules, &e);
		add_rule(rules, true, rule_text(&e));
	}
}

static void collect_rules(struct reverse *r, const struct oci_resources *res, struct rules *rules)
{
	bool denies = !res || !res->devices || !res->devices_len;
	bool own = str_eq(reverse_annotation(r, "org.hako.devices.defaults"), "none");

	if (denies) {
		add_meant(rules, &(struct oci_device_rule){ .access = (char *) "rwm" });
		add_rule(rules, false, xstrdup("a"));
	}
	for (size_t i = 0; res && i < res->devices_len; i++) {
		if (is_global(&res->devices[i]))
			denies = !res->devices[i].allow;
		add_meant(rules, &res->devices[i]);
		add_rule(rules, res->devices[i].allow, rule_text(&res->devices[i]));
	}
	if (denies && !own)
		add_runtime_devices(rules);
	/* for an empty list LXC attaches nothing: a rule that is taken back is enough */
	if (denies && rules->len == 1) {
		add_rule(rules, true, xstrdup("c 1:3 rwm"));
		add_rule(rules, false, xstrdup("c 1:3 rwm"));
	}
}

/* Does LXC enforce with these lines what a runtime does with the list? */
static bool means_the_same(const struct rules *rules)
{
	const struct lxc_device_opts exact = { .flags = LXC_DEVICES_EXACT };
	const struct lxc_device_policy meant = { .entries = rules->meant,
						 .entries_len = rules->meant_len };
	struct lxc_device_policy lxc;
	bool same;

	lxc_devices_plan(rules->v, rules->len, &exact, &lxc);
	same = !lxc.unloadable && lxc_device_entries_agree(&lxc, &meant);
	lxc_device_policy_clear(&lxc);
	return same;
}

static void devices(struct reverse *r, const struct oci_resources *res)
{
	static const char POINTER[] = RESOURCES "/devices";
	struct rules rules = { 0 };

	collect_rules(r, res, &rules);
	reverse_kept(r, "/annotations/org.hako.devices.defaults", 0, NULL);
	if (rules.len == 1 && rules.v[0].allow && str_eq(rules.v[0].text, "a")) {
		reverse_kept(r, POINTER, 0, "LXC restricts nothing by itself");
	} else if (!means_the_same(&rules)) {
		reverse_lost(r, POINTER,
			     "LXC does not take away from what an earlier line "
			     "allowed: write the list without overlap");
	} else {
		for (size_t i = 0; i < rules.len; i++)
			write_file(r, POINTER, rules.v[i].allow ? "devices.allow" : "devices.deny",
				   "%s", rules.v[i].text);
	}
	for (size_t i = 0; i < rules.len; i++)
		free((char *) rules.v[i].text);
	free(rules.v);
	free(rules.meant);
}

void reverse_cgroup(struct reverse *r)
{
	const struct oci_linux *l = r->oci->linux;
	const struct oci_resources *res = l ? l->resources : NULL;

	if (l && l->cgroups_path)
		place(r, l->cgroups_path);
	devices(r, res);
	if (!res)
		return;
	if (res->memory)
		memory(r, res->memory);
	if (res->cpu)
		cpu(r, res->cpu);
	if (res->block_io)
		block_io(r, res->block_io);
	others(r, res);
	unified(r, res->unified);
}
