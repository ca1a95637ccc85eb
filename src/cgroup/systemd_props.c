/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/systemd_props.h"

#include "base/alloc.h"
#include "base/bitlist.h"
#include "base/err.h"
#include "base/str.h"
#include "cgroup/res.h"

#define LIMIT_NONE  UINT64_MAX /* systemd's "infinity" */
#define CPUS_MAX    8192
#define PERIOD_USEC 100000 /* the kernel's default */

/* ---- the list ---- */

static void prop_clear(struct systemd_prop *p)
{
	for (size_t i = 0; i < p->len; i++) {
		free(p->v[i].text);
		free(p->v[i].more);
	}
	free(p->v);
	free(p->name);
}

void systemd_props_clear(struct systemd_props *props)
{
	for (size_t i = 0; i < props->len; i++)
		prop_clear(&props->v[i]);
	free(props->v);
	*props = (struct systemd_props){ 0 };
}

void systemd_props_free(struct systemd_props *props)
{
	if (!props)
		return;
	systemd_props_clear(props);
	free(props);
}

struct systemd_prop *systemd_props_add(struct systemd_props *props, const char *name,
				       const char *type)
{
	struct systemd_prop *p;

	props->v = xreallocarray(props->v, props->len + 1, sizeof(*props->v));
	p = &props->v[props->len++];
	*p = (struct systemd_prop){ .name = xstrdup(name), .type = type };
	return p;
}

struct systemd_value *systemd_prop_add(struct systemd_prop *p)
{
	p->v = xreallocarray(p->v, p->len + 1, sizeof(*p->v));
	p->v[p->len] = (struct systemd_value){ 0 };
	return &p->v[p->len++];
}

static void add_number(struct systemd_props *props, const char *name, const char *type, uint64_t n)
{
	systemd_prop_add(systemd_props_add(props, name, type))->number = n;
}

static void add_text(struct systemd_props *props, const char *name, const char *text)
{
	systemd_prop_add(systemd_props_add(props, name, "s"))->text = xstrdup(text);
}

/* One more item of a property that is a list. */
static struct systemd_value *add_item(struct systemd_props *props, const char *name,
				      const char *type)
{
	for (size_t i = 0; i < props->len; i++) {
		if (str_eq(props->v[i].name, name))
			return systemd_prop_add(&props->v[i]);
	}
	return systemd_prop_add(systemd_props_add(props, name, type));
}

static void format_value(struct strbuf *b, const char *type, const struct systemd_value *v)
{
	if (str_eq(type, "a(st)"))
		strbuf_addf(b, " (%s %llu)", v->text, (unsigned long long) v->number);
	else if (str_eq(type, "a(ss)"))
		strbuf_addf(b, " (%s %s)", v->text, v->more);
	else if (v->text)
		strbuf_addf(b, " '%s'", v->text);
	else if (str_eq(type, "b"))
		strbuf_add(b, v->number ? " true" : " false");
	else if (str_eq(type, "t") && v->number == LIMIT_NONE)
		strbuf_add(b, " infinity");
	else
		strbuf_addf(b, " %lld", (long long) v->number);
}

char *systemd_props_format(const struct systemd_props *props)
{
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < props->len; i++) {
		const struct systemd_prop *p = &props->v[i];

		strbuf_addf(&b, "%s %s", p->name, p->type);
		for (size_t j = 0; j < p->len; j++)
			format_value(&b, p->type, &p->v[j]);
		strbuf_add_c(&b, '\n');
	}
	return strbuf_take(&b);
}

/* ---- the unit ---- */

void systemd_props_unit(const char *id, const char *slice, bool v2, struct systemd_props *ret)
{
	autofree char *description = xasprintf("OCI container %s", id);

	add_text(ret, "Description", description);
	add_text(ret, "Slice", slice);
	/* The cgroup below the unit's is the payload's, and the unit's own limits are ours to
	 * write. */
	add_number(ret, "Delegate", "b", true);
	/* It must not be stopped before what the engine depends on. */
	add_number(ret, "DefaultDependencies", "b", false);
	/* Each switches a controller on, for whoever reads statistics. */
	add_number(ret, "CPUAccounting", "b", true);
	add_number(ret, v2 ? "IOAccounting" : "BlockIOAccounting", "b", true);
	add_number(ret, "MemoryAccounting", "b", true);
	add_number(ret, "TasksAccounting", "b", true);
}

void systemd_props_pid(pid_t pid, struct systemd_props *ret)
{
	add_number(ret, "PIDs", "au", (uint64_t) pid);
}

/* ---- limits ---- */

struct limits {
	struct systemd_props *props;
	unsigned int version;
	/* Two files on v1, one on v2, one property: put together at the end. */
	bool has_quota;
	uint64_t quota; /* LIMIT_NONE = none */
	uint64_t period;
};

struct limit_row {
	const char *file;
	const char *property;
	unsigned int since; /* version of systemd */
	uint64_t min;	    /* the least systemd takes; a smaller one holds by the direct write */
	void (*convert)(struct limits *l, const struct limit_row *row, const char *value);
};

/* "max", "-1", a size. Whatever else the kernel may understand is left to the direct write. */
static bool parse_limit(const char *value, uint64_t *ret)
{
	int64_t n;

	if (str_eq(value, "max") || str_eq(value, "-1")) {
		*ret = LIMIT_NONE;
		return true;
	}
	if (str_to_size(value, &n) < 0 || n < 0)
		return false;
	*ret = (uint64_t) n;
	return true;
}

/* Said before (`unified` comes last and wins): the later value. */
static void set_number(struct limits *l, const struct limit_row *row, uint64_t n)
{
	for (size_t i = 0; i < l->props->len; i++) {
		if (str_eq(l->props->v[i].name, row->property)) {
			l->props->v[i].v[0].number = n;
			return;
		}
	}
	add_number(l->props, row->property, "t", n);
}

static void convert_limit(struct limits *l, const struct limit_row *row, const char *value)
{
	uint64_t n;

	if (parse_limit(value, &n))
		set_number(l, row, n < row->min ? row->min : n);
}

static void convert_idle(struct limits *l, const struct limit_row *row, const char *value)
{
	/* CPUWeight=idle; there is no way to say that it is not. */
	if (str_eq(value, "1"))
		set_number(l, row, 0);
}

static void convert_cpu_max(struct limits *l, const struct limit_row *row, const char *value)
{
	autostrv struct strv words = { 0 };

	(void) row;
	strv_split(&words, value, " ");
	if (!words.len || !parse_limit(words.v[0], &l->quota))
		return;
	l->has_quota = true;
	if (words.len > 1)
		(void) str_to_u64(words.v[1], &l->period);
}

static void convert_quota(struct limits *l, const struct limit_row *row, const char *value)
{
	(void) row;
	l->has_quota |= parse_limit(value, &l->quota);
}

static void convert_period(struct limits *l, const struct limit_row *row, const char *value)
{
	(void) row;
	(void) str_to_u64(value, &l->period);
}

/* A bit per CPU or memory node, in bytes. */
static void convert_set(struct limits *l, const struct limit_row *row, const char *value)
{
	unsigned long bits[BITLIST_LONGS(CPUS_MAX)];
	const size_t per = 8 * sizeof(*bits);
	size_t last = CPUS_MAX;
	struct systemd_prop *p;

	if (bitlist_parse(value, bits, CPUS_MAX) < 0 || !bitlist_count(bits, CPUS_MAX))
		return;
	while (!(bits[(last - 1) / per] >> (last - 1) % per & 1))
		last--;
	p = systemd_props_add(l->props, row->property, "ay");
	for (size_t i = 0; i < last; i += 8)
		systemd_prop_add(p)->number = bits[i / per] >> i % per & 0xff;
}

/* "8:0 VALUE" → /dev/block/8:0 and the rest of the line; NULL for "default VALUE" and "VALUE". */
static char *block_device(const char *line, const char **ret_rest)
{
	size_t n = strcspn(line, " ");

	*ret_rest = line[n] ? line + n + 1 : line;
	if (!memchr(line, ':', n))
		return NULL;
	return xasprintf("/dev/block/%.*s", (int) n, line);
}

static void convert_io_weight(struct limits *l, const struct limit_row *row, const char *value)
{
	const char *rest;
	autofree char *device = block_device(value, &rest);
	struct systemd_value *item;
	uint64_t n;

	if (str_to_u64(rest, &n) < 0)
		return;
	if (!device) {
		set_number(l, row, n);
		return;
	}
	item = add_item(l->props, "IODeviceWeight", "a(st)");
	item->text = take_ptr(&device);
	item->number = n;
}

static void convert_io_max(struct limits *l, const struct limit_row *row, const char *value)
{
	static const struct {
		const char *key, *property;
	} keys[] = {
		{ "rbps=", "IOReadBandwidthMax" },
		{ "wbps=", "IOWriteBandwidthMax" },
		{ "riops=", "IOReadIOPSMax" },
		{ "wiops=", "IOWriteIOPSMax" },
	};
	const char *rest;
	autofree char *device = block_device(value, &rest);
	autostrv struct strv words = { 0 };

	(void) row;
	strv_split(&words, rest, " ");
	for (size_t i = 0; device && i < words.len; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
			const char *number = str_after(words.v[i], keys[k].key);
			struct systemd_value *item;
			uint64_t n;

			if (!number || !parse_limit(number, &n))
				continue;
			item = add_item(l->props, keys[k].property, "a(st)");
			item->text = xstrdup(device);
			item->number = n;
		}
	}
}

/* clang-format off */
static const struct limit_row limit_rows[] = {
	{ "memory.max",            "MemoryMax",          231, 1, convert_limit },
	{ "memory.high",           "MemoryHigh",         231, 1, convert_limit },
	{ "memory.low",            "MemoryLow",          231, 0, convert_limit },
	{ "memory.min",            "MemoryMin",          240, 0, convert_limit },
	{ "memory.swap.max",       "MemorySwapMax",      232, 0, convert_limit },
	{ "memory.zswap.max",      "MemoryZSwapMax",     253, 0, convert_limit },
	{ "memory.limit_in_bytes", "MemoryLimit",          0, 1, convert_limit },
	{ "cpu.weight",            "CPUWeight",          232, 1, convert_limit },
	{ "cpu.idle",              "CPUWeight",          252, 0, convert_idle },
	{ "cpu.shares",            "CPUShares",            0, 2, convert_limit },
	{ "cpu.max",               NULL,                   0, 0, convert_cpu_max },
	{ "cpu.cfs_quota_us",      NULL,                   0, 0, convert_quota },
	{ "cpu.cfs_period_us",     NULL,                   0, 0, convert_period },
	{ "cpuset.cpus",           "AllowedCPUs",        244, 0, convert_set },
	{ "cpuset.mems",           "AllowedMemoryNodes", 244, 0, convert_set },
	{ "pids.max",              "TasksMax",           227, 1, convert_limit },
	{ "io.weight",             "IOWeight",           230, 1, convert_io_weight },
	{ "io.max",                NULL,                 230, 0, convert_io_max },
};
/* clang-format on */

static void convert(struct limits *l, const char *file, const char *value, bool v2)
{
	for (size_t i = 0; i < ARRAY_SIZE(limit_rows); i++) {
		const struct limit_row *row = &limit_rows[i];

		/* The cpuset of v1 is none of systemd's business. */
		if (!str_eq(file, row->file) || l->version < row->since ||
		    (!v2 && row->convert == convert_set))
			continue;
		row->convert(l, row, value);
		return;
	}
}

/*
 * Per second and not per period; and systemd keeps whole percents, so a fraction is rounded up: the
 * cgroup's own file, written after, is what limits, and is never above this.
 */
static void add_quota(struct limits *l)
{
	const uint64_t percent = 10000;
	uint64_t n = LIMIT_NONE;

	if (!l->has_quota)
		return;
	if (l->quota != LIMIT_NONE && l->period && l->quota < UINT64_MAX / 1000000) {
		n = (l->quota * 1000000 + l->period - 1) / l->period;
		n = (n + percent - 1) / percent * percent;
	}
	add_number(l->props, "CPUQuotaPerSecUSec", "t", n);
	if (l->version >= 242)
		add_number(l->props, "CPUQuotaPeriodUSec", "t", l->period);
}

void systemd_props_limits(const struct cg_writes *writes, unsigned int version,
			  struct systemd_props *ret)
{
	struct limits l = { .props = ret, .version = version, .period = PERIOD_USEC };

	for (size_t i = 0; i < writes->len; i++) {
		const struct cg_write *w = &writes->v[i];

		/* The second choice of the two weights is the one that systemd's scale has. */
		if (w->alt_file)
			convert(&l, w->alt_file, w->alt_value, w->v2);
		else
			convert(&l, w->file, w->value, w->v2);
	}
	add_quota(&l);
}

/* ---- devices ---- */

static bool device_can_be_said(const struct dev_rule *rule)
{
	/* Numbers no device can have are refused there, and match nothing here. */
	return rule->allow && (rule->major != DEV_ANY || rule->minor == DEV_ANY) &&
	       rule->major <= DEV_MAJOR_MAX && rule->minor <= DEV_MINOR_MAX;
}

static void add_device(struct systemd_props *ret, const struct dev_rule *rule, bool block)
{
	struct systemd_value *item = add_item(ret, "DeviceAllow", "a(ss)");
	const char *type = block ? "block" : "char";
	char access[4];

	if (rule->major == DEV_ANY)
		item->text = xasprintf("%s-*", type);
	else if (rule->minor == DEV_ANY)
		item->text = xasprintf("%s-%lld", type, (long long) rule->major);
	else
		item->text = xasprintf("/dev/%s/%lld:%lld", type, (long long) rule->major,
				       (long long) rule->minor);
	item->more = xstrdup(dev_access_format(rule->access, access));
}

void systemd_props_devices(const struct dev_policy *policy, unsigned int version,
			   struct systemd_props *ret)
{
	/* Numbers of devices without a node, and majors by number: systemd 242. */
	bool sayable = !policy->default_allow && version >= 242;

	for (size_t i = 0; sayable && i < policy->len; i++)
		sayable = device_can_be_said(&policy->rules[i]);
	if (!sayable)
		return;
	add_text(ret, "DevicePolicy", "strict");
	for (size_t i = 0; i < policy->len; i++) {
		if (policy->rules[i].types & DEV_TYPE_CHAR)
			add_device(ret, &policy->rules[i], false);
		if (policy->rules[i].types & DEV_TYPE_BLOCK)
			add_device(ret, &policy->rules[i], true);
	}
}
