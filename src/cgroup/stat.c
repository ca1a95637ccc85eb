/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/stat.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/str.h"
#include "cgroup/at.h"

#define NSEC_PER_USEC 1000
#define NSEC_PER_TICK 10000000 /* USER_HZ is 100 in every file */

/* ---- JSON by path ---- */

/* Members are given as "cpu.usage.total", in an order in which each object is opened once. */
struct out {
	struct strbuf b;
	struct strv open; /* names of the objects we are in */
};

static void close_to(struct out *o, size_t depth)
{
	while (o->open.len > depth) {
		free(o->open.v[--o->open.len]);
		o->open.v[o->open.len] = NULL;
		strbuf_add_c(&o->b, '}');
	}
}

static void add_key(struct out *o, const char *name)
{
	if (o->b.s[o->b.len - 1] != '{')
		strbuf_add_c(&o->b, ',');
	strbuf_add_json(&o->b, name);
	strbuf_add_c(&o->b, ':');
}

/* Leaves the writer behind "NAME:". */
static void go_to(struct out *o, const char *path)
{
	autostrv struct strv part = { 0 };
	size_t same = 0;

	strv_split(&part, path, ".");
	while (same < o->open.len && same + 1 < part.len && str_eq(o->open.v[same], part.v[same]))
		same++;
	close_to(o, same);
	for (size_t i = same; i + 1 < part.len; i++) {
		add_key(o, part.v[i]);
		strbuf_add_c(&o->b, '{');
		strv_add(&o->open, part.v[i]);
	}
	add_key(o, part.v[part.len - 1]);
}

static void put_number(struct out *o, const char *path, uint64_t n)
{
	go_to(o, path);
	strbuf_addf(&o->b, "%llu", (unsigned long long) n);
}

/* ---- numbers ---- */

struct source {
	const char *controller; /* v1's; NULL: this version does not tell */
	const char *file;
	const char *key; /* of a flat keyed file, NULL = the file is the number */
	uint64_t scale;	 /* 0 = 1 */
};

struct metric {
	const char *path;
	struct source v1, v2;
	uint64_t max;	     /* for "max" */
	const char *v2_plus; /* added: a file of v2 that is a number */
};

/* clang-format off */
static const struct metric cpu_metrics[] = {
	{ "cpu.usage.total",
	  { "cpuacct", "cpuacct.usage" }, { "cpu", "cpu.stat", "usage_usec", NSEC_PER_USEC } },
	{ "cpu.usage.kernel",
	  { "cpuacct", "cpuacct.stat", "system", NSEC_PER_TICK },
	  { "cpu", "cpu.stat", "system_usec", NSEC_PER_USEC } },
	{ "cpu.usage.user",
	  { "cpuacct", "cpuacct.stat", "user", NSEC_PER_TICK },
	  { "cpu", "cpu.stat", "user_usec", NSEC_PER_USEC } },
	{ "cpu.throttling.periods",
	  { "cpu", "cpu.stat", "nr_periods" }, { "cpu", "cpu.stat", "nr_periods" } },
	{ "cpu.throttling.throttledPeriods",
	  { "cpu", "cpu.stat", "nr_throttled" }, { "cpu", "cpu.stat", "nr_throttled" } },
	{ "cpu.throttling.throttledTime",
	  { "cpu", "cpu.stat", "throttled_time" },
	  { "cpu", "cpu.stat", "throttled_usec", NSEC_PER_USEC } },
};

static const struct metric memory_metrics[] = {
	{ "memory.cache",
	  { "memory", "memory.stat", "cache" }, { "memory", "memory.stat", "file" } },
	{ "memory.usage.limit",
	  { "memory", "memory.limit_in_bytes" }, { "memory", "memory.max" }, UINT64_MAX },
	{ "memory.usage.usage",
	  { "memory", "memory.usage_in_bytes" }, { "memory", "memory.current" } },
	{ "memory.usage.max",
	  { "memory", "memory.max_usage_in_bytes" }, { "memory", "memory.peak" } },
	{ "memory.usage.failcnt",
	  { "memory", "memory.failcnt" }, { "memory", "memory.events", "max" } },
	/* The sum, as v1 has it; two peaks make none. */
	{ "memory.swap.limit",
	  { "memory", "memory.memsw.limit_in_bytes" }, { "memory", "memory.swap.max" },
	  UINT64_MAX, "memory.max" },
	{ "memory.swap.usage",
	  { "memory", "memory.memsw.usage_in_bytes" }, { "memory", "memory.swap.current" },
	  0, "memory.current" },
	{ "memory.swap.max", { "memory", "memory.memsw.max_usage_in_bytes" }, { NULL } },
	{ "memory.swap.failcnt",
	  { "memory", "memory.memsw.failcnt" }, { "memory", "memory.swap.events", "max" } },
	{ "memory.kernel.limit", { "memory", "memory.kmem.limit_in_bytes" }, { NULL } },
	{ "memory.kernel.usage",
	  { "memory", "memory.kmem.usage_in_bytes" }, { "memory", "memory.stat", "kernel" } },
	{ "memory.kernel.max", { "memory", "memory.kmem.max_usage_in_bytes" }, { NULL } },
	{ "memory.kernel.failcnt", { "memory", "memory.kmem.failcnt" }, { NULL } },
	{ "memory.kernelTCP.limit", { "memory", "memory.kmem.tcp.limit_in_bytes" }, { NULL } },
	{ "memory.kernelTCP.usage",
	  { "memory", "memory.kmem.tcp.usage_in_bytes" }, { "memory", "memory.stat", "sock" } },
	{ "memory.kernelTCP.max", { "memory", "memory.kmem.tcp.max_usage_in_bytes" }, { NULL } },
	{ "memory.kernelTCP.failcnt", { "memory", "memory.kmem.tcp.failcnt" }, { NULL } },
};

static const struct metric memory_events[] = {
	{ "memory.event_count.low", { NULL }, { "memory", "memory.events", "low" } },
	{ "memory.event_count.high", { NULL }, { "memory", "memory.events", "high" } },
	{ "memory.event_count.max", { NULL }, { "memory", "memory.events", "max" } },
	{ "memory.event_count.oom", { NULL }, { "memory", "memory.events", "oom" } },
	{ "memory.event_count.oom_kill",
	  { "memory", "memory.oom_control", "oom_kill" },
	  { "memory", "memory.events", "oom_kill" } },
};

static const struct metric pids_metrics[] = {
	{ "pids.current", { "pids", "pids.current" }, { "pids", "pids.current" } },
	{ "pids.limit", { "pids", "pids.max" }, { "pids", "pids.max" } }, /* none is 0 */
};
/* clang-format on */

/* Where a controller is, v1 first. NULL: nowhere. */
static const struct cg_at *find(const struct cgroup *cg, const struct metric *m,
				const struct source **ret)
{
	const struct cg_at *at = m->v1.controller ? cgroup_find(cg, m->v1.controller) : NULL;

	*ret = &m->v1;
	if (at || !m->v2.controller)
		return at;
	*ret = &m->v2;
	return cgroup_find(cg, NULL);
}

/* Up to end of file or line: a number, or "max". */
static bool to_number(const char *text, uint64_t max, uint64_t *ret)
{
	char *end;

	if (str_starts(text, "max")) {
		*ret = max;
		return true;
	}
	*ret = strtoull(text, &end, 10);
	return end != text;
}

static bool read_source(int fd, const struct source *s, uint64_t max, uint64_t *ret)
{
	autofree char *text = NULL;
	long long n;

	if (cg_read(fd, s->file, &text) < 0)
		return false;
	if (!s->key)
		return to_number(text, max, ret);
	n = cg_keyed_value(text, s->key);
	*ret = (uint64_t) n;
	return n >= 0;
}

/* "max" and anything is "max". */
static uint64_t add_file(int fd, const char *file, uint64_t max, uint64_t n)
{
	const struct source s = { .file = file };
	uint64_t more;

	if (!read_source(fd, &s, max, &more))
		return n;
	return n > UINT64_MAX - more ? UINT64_MAX : n + more;
}

static void put_metrics(struct out *o, const struct cgroup *cg, const struct metric *v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const struct source *s;
		const struct cg_at *at = find(cg, &v[i], &s);
		uint64_t n;

		if (!at || !read_source(at->fd, s, v[i].max, &n))
			continue;
		if (at_is_v2(at) && v[i].v2_plus)
			n = add_file(at->fd, v[i].v2_plus, v[i].max, n);
		put_number(o, v[i].path, n * (s->scale ? s->scale : 1));
	}
}

/* ---- what is not one number ---- */

/* "12" or "1.25": what is a number in JSON, too. */
static bool is_decimal(const char *s)
{
	size_t n = strspn(s, "0123456789"), point = s[n] == '.';
	size_t more = point ? strspn(s + n + 1, "0123456789") : 0;

	return n && (n == 1 || *s != '0') && (!point || more) && !s[n + point + more];
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", and a line for full. v2 only (Linux 4.20). */
static void put_pressure(struct out *o, const struct cgroup *cg, const char *section,
			 const char *file)
{
	const struct cg_at *at = cgroup_find(cg, NULL);
	autofree char *text = NULL;
	autostrv struct strv lines = { 0 };

	if (!at || cg_read(at->fd, file, &text) < 0)
		return;
	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.len; i++) {
		autostrv struct strv word = { 0 };

		strv_split(&word, lines.v[i], " ");
		for (size_t k = 1; k < word.len; k++) {
			char *equals = strchr(word.v[k], '=');
			autofree char *path = NULL;

			if (!equals || !is_decimal(equals + 1))
				continue;
			*equals = '\0';
			path = xasprintf("%s.psi.%s.%s", section, word.v[0], word.v[k]);
			go_to(o, path);
			strbuf_add(&o->b, equals + 1);
		}
	}
}

static void put_percpu(struct out *o, const struct cgroup *cg)
{
	const struct cg_at *at = cgroup_find(cg, "cpuacct");
	autofree char *text = NULL;
	autostrv struct strv word = { 0 };

	if (!at || cg_read(at->fd, "cpuacct.usage_percpu", &text) < 0)
		return;
	strv_split(&word, text, " \n");
	go_to(o, "cpu.usage.percpu");
	for (size_t i = 0; i < word.len; i++)
		strbuf_addf(&o->b, "%c%llu", i ? ',' : '[', strtoull(word.v[i], NULL, 10));
	strbuf_add(&o->b, word.len ? "]" : "[]");
}

/* memory.stat as it is. */
static void put_raw(struct out *o, const struct cgroup *cg)
{
	const struct cg_at *at = cgroup_find(cg, "memory");
	autofree char *text = NULL;
	autostrv struct strv lines = { 0 };

	if (!at)
		at = cgroup_find(cg, NULL);
	if (!at || cg_read(at->fd, "memory.stat", &text) < 0)
		return;
	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.len; i++) {
		size_t n = strcspn(lines.v[i], " ");
		autofree char *path = xasprintf("memory.raw.%.*s", (int) n, lines.v[i]);

		put_number(o, path, strtoull(lines.v[i] + n, NULL, 10));
	}
}

/* ---- block devices ---- */

static void put_block(struct out *o, const char *device, const char *op, const char *number)
{
	char last = o->b.s[o->b.len - 1];
	const char *colon = strchr(device, ':');

	strbuf_addf(&o->b, "%s{\"major\":%lu,\"minor\":%lu,\"op\":", last == '[' ? "" : ",",
		    strtoul(device, NULL, 10), strtoul(colon + 1, NULL, 10));
	strbuf_add_json(&o->b, op);
	strbuf_addf(&o->b, ",\"value\":%llu}", strtoull(number, NULL, 10));
}

/* v1: "8:0 Read 5" and a line "Total 5"; v2: "8:0 rbytes=5 wbytes=6 rios=…". */
static void put_blocks(struct out *o, const char *path, const char *text, const char *const keys[2])
{
	static const char *const ops[] = { "Read", "Write" };
	autostrv struct strv lines = { 0 };

	strv_split(&lines, text, "\n");
	go_to(o, path);
	strbuf_add_c(&o->b, '[');
	for (size_t i = 0; i < lines.len; i++) {
		autostrv struct strv word = { 0 };

		strv_split(&word, lines.v[i], " ");
		if (word.len < 2 || !strchr(word.v[0], ':'))
			continue;
		if (!keys && word.len == 3)
			put_block(o, word.v[0], word.v[1], word.v[2]);
		for (size_t k = 1; keys && k < word.len; k++) {
			for (size_t op = 0; op < 2; op++) {
				const char *number = str_after(word.v[k], keys[op]);

				if (number)
					put_block(o, word.v[0], ops[op], number);
			}
		}
	}
	strbuf_add_c(&o->b, ']');
}

static void put_io(struct out *o, const struct cgroup *cg)
{
	static const struct {
		const char *path, *v1;
		const char *v2[2];
	} rows[] = {
		{ "blkio.ioServiceBytesRecursive",
		  "blkio.throttle.io_service_bytes_recursive",
		  { "rbytes=", "wbytes=" } },
		{ "blkio.ioServicedRecursive",
		  "blkio.throttle.io_serviced_recursive",
		  { "rios=", "wios=" } },
	};
	const struct cg_at *v1 = cgroup_find(cg, "blkio"), *v2 = cgroup_find(cg, NULL);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		autofree char *text = NULL;

		if (v1 && cg_read(v1->fd, rows[i].v1, &text) == 0)
			put_blocks(o, rows[i].path, text, NULL);
		else if (!v1 && v2 && cg_read(v2->fd, "io.stat", &text) == 0)
			put_blocks(o, rows[i].path, text, rows[i].v2);
	}
}

/* ---- huge pages ---- */

struct pages {
	struct strv sizes;
	const char *suffix;
};

/* "hugetlb.2MB.current" → "2MB" */
static int add_size(void *arg, int dirfd, const char *name)
{
	struct pages *p = arg;
	const char *size = str_after(name, "hugetlb.");
	size_t n = size ? strcspn(size, ".") : 0;

	(void) dirfd;
	if (n && str_eq(size + n, p->suffix))
		strv_add_take(&p->sizes, xstrndup(size, n));
	return 0;
}

static void put_page_size(struct out *o, int fd, const char *size, bool v1)
{
	static const struct {
		const char *member;
		struct source v1, v2;
	} rows[] = {
		{ "usage", { "", "usage_in_bytes" }, { "", "current" } },
		{ "max", { "", "max_usage_in_bytes" }, { NULL } },
		{ "failcnt", { "", "failcnt" }, { "", "events", "max" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct source s = v1 ? rows[i].v1 : rows[i].v2;
		autofree char *path = xasprintf("hugetlb.%s.%s", size, rows[i].member);
		autofree char *file = NULL;
		uint64_t n;

		if (!s.controller)
			continue;
		file = xasprintf("hugetlb.%s.%s", size, s.file);
		s.file = file;
		if (read_source(fd, &s, UINT64_MAX, &n))
			put_number(o, path, n);
	}
}

static void put_hugetlb(struct out *o, const struct cgroup *cg)
{
	const struct cg_at *v1 = cgroup_find(cg, "hugetlb"), *at = v1 ? v1 : cgroup_find(cg, NULL);
	struct pages p = { .suffix = v1 ? ".usage_in_bytes" : ".current" };

	if (!at)
		return;
	(void) file_each_at(at->fd, ".", add_size, &p);
	for (size_t i = 0; i < p.sizes.len; i++)
		put_page_size(o, at->fd, p.sizes.v[i], v1 != NULL);
	strv_clear(&p.sizes);
}

/* ---- rdma ---- */

/* "mlx4_0 hca_handle=2 hca_object=max", the same in both versions. */
static void put_rdma_file(struct out *o, int fd, const char *path, const char *file)
{
	autofree char *text = NULL;
	autostrv struct strv lines = { 0 };

	if (cg_read(fd, file, &text) < 0 || !*text)
		return;
	strv_split(&lines, text, "\n");
	go_to(o, path);
	for (size_t i = 0; i < lines.len; i++) {
		autostrv struct strv word = { 0 };

		strv_split(&word, lines.v[i], " ");
		strbuf_add(&o->b, i ? ",{\"device\":" : "[{\"device\":");
		strbuf_add_json(&o->b, word.v[0]);
		for (size_t k = 1; k < word.len; k++) {
			const char *handles = str_after(word.v[k], "hca_handle=");
			const char *objects = str_after(word.v[k], "hca_object=");
			uint64_t n;

			if ((handles || objects) &&
			    to_number(handles ? handles : objects, UINT32_MAX, &n))
				strbuf_addf(&o->b, ",\"hca_%s\":%llu",
					    handles ? "handles" : "objects",
					    (unsigned long long) n);
		}
		strbuf_add_c(&o->b, '}');
	}
	strbuf_add_c(&o->b, ']');
}

static void put_rdma(struct out *o, const struct cgroup *cg)
{
	const struct cg_at *v1 = cgroup_find(cg, "rdma"), *at = v1 ? v1 : cgroup_find(cg, NULL);

	if (!at)
		return;
	put_rdma_file(o, at->fd, "rdma.rdma_limit", "rdma.max");
	put_rdma_file(o, at->fd, "rdma.rdma_current", "rdma.current");
}

char *cgroup_stat_json(const struct cgroup *cg)
{
	struct out o = { 0 };

	strbuf_add_c(&o.b, '{');
	put_metrics(&o, cg, cpu_metrics, 3);
	put_percpu(&o, cg);
	put_metrics(&o, cg, cpu_metrics + 3, ARRAY_SIZE(cpu_metrics) - 3);
	put_pressure(&o, cg, "cpu", "cpu.pressure");
	put_metrics(&o, cg, memory_metrics, ARRAY_SIZE(memory_metrics));
	put_raw(&o, cg);
	put_pressure(&o, cg, "memory", "memory.pressure");
	put_metrics(&o, cg, memory_events, ARRAY_SIZE(memory_events));
	put_metrics(&o, cg, pids_metrics, ARRAY_SIZE(pids_metrics));
	put_io(&o, cg);
	put_pressure(&o, cg, "blkio", "io.pressure");
	put_hugetlb(&o, cg);
	put_rdma(&o, cg);
	close_to(&o, 0);
	strv_clear(&o.open);
	strbuf_add_c(&o.b, '}');
	return strbuf_take(&o.b);
}
