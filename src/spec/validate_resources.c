/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"

#include "spec/validate_rules.h"

/* Rules of linux.resources. 0 means "leave alone" in the updates of some engines, so it passes
 * nearly everywhere; -1 means "no limit". where is the prefix of each path, with its dot, or "". */

static void rule_limit(struct validator *v, const char *where, const char *field, int64_t value)
{
	if (value < -1)
		rule_error(v, "%s%s: %" PRId64 " is neither a limit nor -1", where, field, value);
}

static void rules_device_rules(struct validator *v, const char *where,
			       const struct oci_resources *r)
{
	for (size_t i = 0; i < r->devices_len; i++) {
		const struct oci_device_rule *d = &r->devices[i];

		if (!str_empty(d->type) && (strlen(d->type) != 1 || !strchr("abc", d->type[0])))
			rule_error(v, "%sdevices[%zu].type: '%s' is not one of a, b, c", where, i,
				   d->type);
		if (d->access && d->access[strspn(d->access, "rwm")] != '\0')
			rule_error(v, "%sdevices[%zu].access: '%s' has other letters than r, w, m",
				   where, i, d->access);
		if (d->major < -1 || d->major > UINT32_MAX)
			rule_error(v, "%sdevices[%zu].major: %" PRId64 " is no device number",
				   where, i, d->major);
		if (d->minor < -1 || d->minor > UINT32_MAX)
			rule_error(v, "%sdevices[%zu].minor: %" PRId64 " is no device number",
				   where, i, d->minor);
	}
}

static void rules_memory(struct validator *v, const char *where, const struct oci_memory *m)
{
	rule_limit(v, where, "memory.limit", m->limit);
	rule_limit(v, where, "memory.reservation", m->reservation);
	rule_limit(v, where, "memory.swap", m->swap);
	rule_limit(v, where, "memory.kernel", m->kernel);
	rule_limit(v, where, "memory.kernelTCP", m->kernel_tcp);
	if (m->limit > 0 && m->swap > 0 && m->swap < m->limit)
		rule_error(v,
			   "%smemory.swap: %" PRId64 " is below limit, which it includes (%" PRId64
			   ")",
			   where, m->swap, m->limit);
	/* (uint64_t) -1 is how Go programs say "unset". */
	if (m->swappiness > 100 && m->swappiness != UINT64_MAX)
		rule_error(v, "%smemory.swappiness: %" PRIu64 " is out of range (0 to 100)", where,
			   m->swappiness);
}

static void rules_cpu(struct validator *v, const char *where, const struct oci_cpu *c)
{
	if (c->period && (c->period < 1000 || c->period > 1000000))
		rule_error(v, "%scpu.period: %" PRIu64 " is out of range (1000 to 1000000)", where,
			   c->period);
	if (c->quota > 0 && c->quota < 1000)
		rule_error(v, "%scpu.quota: %" PRId64 " is below the least value, 1000", where,
			   c->quota);
	rule_limit(v, where, "cpu.quota", c->quota);
	if (c->quota > 0 && c->burst > (uint64_t) c->quota)
		rule_error(v, "%scpu.burst: %" PRIu64 " is above quota, which is %" PRId64, where,
			   c->burst, c->quota);
	if (c->idle != 0 && c->idle != 1)
		rule_error(v, "%scpu.idle: %" PRId64 " is neither 0 nor 1", where, c->idle);
	if (c->cpus && !rule_is_cpu_list(c->cpus))
		rule_error(v, "%scpu.cpus: '%s' is not a list of CPUs", where, c->cpus);
	if (c->mems && !rule_is_cpu_list(c->mems))
		rule_error(v, "%scpu.mems: '%s' is not a list of memory nodes", where, c->mems);
}

static void rule_weight(struct validator *v, const char *where, const char *field, uint32_t weight)
{
	if (weight != 0 && (weight < 10 || weight > 1000))
		rule_error(v, "%s%s: %u is out of range (10 to 1000)", where, field, weight);
}

static void rules_throttle(struct validator *v, const char *where, const char *field,
			   const struct oci_throttle_device *d, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (d[i].major < 0 || d[i].major > UINT32_MAX || d[i].minor < 0 ||
		    d[i].minor > UINT32_MAX)
			rule_error(v, "%sblockIO.%s[%zu]: there is no device %" PRId64 ":%" PRId64,
				   where, field, i, d[i].major, d[i].minor);
	}
}

static void rules_block_io(struct validator *v, const char *where, const struct oci_block_io *b)
{
	rule_weight(v, where, "blockIO.weight", b->weight);
	rule_weight(v, where, "blockIO.leafWeight", b->leaf_weight);
	for (size_t i = 0; i < b->weight_device_len; i++) {
		const struct oci_weight_device *d = &b->weight_device[i];
		char field[64];

		snprintf(field, sizeof(field), "blockIO.weightDevice[%zu].weight", i);
		rule_weight(v, where, field, d->weight);
		snprintf(field, sizeof(field), "blockIO.weightDevice[%zu].leafWeight", i);
		rule_weight(v, where, field, d->leaf_weight);
		if (d->major < 0 || d->major > UINT32_MAX || d->minor < 0 || d->minor > UINT32_MAX)
			rule_error(v,
				   "%sblockIO.weightDevice[%zu]: there is no device %" PRId64
				   ":%" PRId64,
				   where, i, d->major, d->minor);
	}
	rules_throttle(v, where, "throttleReadBpsDevice", b->throttle_read_bps_device,
		       b->throttle_read_bps_device_len);
	rules_throttle(v, where, "throttleWriteBpsDevice", b->throttle_write_bps_device,
		       b->throttle_write_bps_device_len);
	rules_throttle(v, where, "throttleReadIOPSDevice", b->throttle_read_iops_device,
		       b->throttle_read_iops_device_len);
	rules_throttle(v, where, "throttleWriteIOPSDevice", b->throttle_write_iops_device,
		       b->throttle_write_iops_device_len);
}

/* The page size becomes part of a file's name in the cgroup: nothing but the kernel's own form
 * passes. */
static bool is_page_size(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 && s[0] != '0' && s[n] && strchr("KMG", s[n]) && strcmp(s + n + 1, "B") == 0;
}

/* Keys that become names of files: nothing may lead out of the cgroup. */
static void rules_file_names(struct validator *v, const char *where, const struct oci_resources *r)
{
	for (size_t i = 0; r->unified && i < r->unified->len; i++) {
		const char *key = r->unified->keys[i], *dot = strchr(key, '.');

		if (strpbrk(key, "/\n"))
			rule_error(v,
				   "%sunified[\"%s\"]: must be the name of a file, without slashes",
				   where, key);
		else if (!dot || dot == key || !dot[1])
			rule_error(v,
				   "%sunified[\"%s\"]: the specified key has not the form "
				   "CONTROLLER.VALUE `%s`",
				   where, key, key);
	}
	for (size_t i = 0; i < r->hugepage_limits_len; i++) {
		const char *size = r->hugepage_limits[i].page_size;

		if (!is_page_size(size))
			rule_error(v, "%shugepageLimits[%zu].pageSize: '%s' is not of the form 2MB",
				   where, i, size);
	}
	for (size_t i = 0; r->rdma && i < r->rdma->len; i++) {
		const char *key = r->rdma->keys[i];

		if (!*key || strpbrk(key, "/ \t\n"))
			rule_error(v, "%srdma[\"%s\"]: not a name for a device", where, key);
	}
}

static void rules_network(struct validator *v, const char *where, const struct oci_network *n)
{
	for (size_t i = 0; i < n->priorities_len; i++) {
		if (!rule_is_ifname(n->priorities[i].name))
			rule_error(v,
				   "%snetwork.priorities[%zu].name: '%s' is not a name for a "
				   "network device",
				   where, i, n->priorities[i].name);
	}
}

void rules_resources(struct validator *v, const char *where, const struct oci_resources *r)
{
	rules_device_rules(v, where, r);
	if (r->memory)
		rules_memory(v, where, r->memory);
	if (r->cpu)
		rules_cpu(v, where, r->cpu);
	if (r->block_io)
		rules_block_io(v, where, r->block_io);
	if (r->network)
		rules_network(v, where, r->network);
	rules_file_names(v, where, r);
}
