/* SPDX-License-Identifier: Apache-2.0 */
/* Device rules: what LXC attaches, which is not always what the lines say. */
#include "base/alloc.h"
#include "base/str.h"
#include "lxc/audit_internal.h"
#include "lxc/devices.h"

#define KEY "lxc.cgroup2.devices"

static void plan(const struct audit_run *a, const struct lxc_pairs *pairs, int flags,
		 struct lxc_device_policy *ret)
{
	autofree struct lxc_device_line *lines = xnew_n(struct lxc_device_line, pairs->len + 1);
	const struct lxc_device_opts opts = {
		.flags = flags | (a->privileged ? LXC_DEVICES_PRIVILEGED : 0),
		.stat_node = a->s->stat_node,
	};

	for (size_t i = 0; i < pairs->len; i++) {
		lines[i].allow = str_eq(pairs->v[i].key, "devices.allow");
		lines[i].text = pairs->v[i].value;
	}
	lxc_devices_plan(lines, pairs->len, &opts, ret);
}

static void check_open(struct audit_run *a, const struct lxc_device_policy *p)
{
	const struct lxc_pairs *v2 = &a->c->cgroup2_devices, *v1 = &a->c->cgroup1_devices;
	struct lxc_pos pos = v2->len ? v2->v[v2->len - 1].pos : (struct lxc_pos){ 0 };

	/* a user namespace keeps nodes from being made and opened */
	if (p->attached || !a->privileged)
		return;
	if (v2->len)
		audit_add(a, AUDIT_HIGH, "devices-open", pos, KEY,
			  "the lines leave an empty list, and for that LXC attaches nothing: every "
			  "device is open");
	else if (v1->len)
		audit_add(a, AUDIT_HIGH, "devices-open", v1->v[0].pos, "lxc.cgroup.devices",
			  "these lines are for cgroup v1; on cgroup2 nothing restricts devices");
	else
		audit_add(a, AUDIT_HIGH, "devices-open", pos, KEY,
			  "no device rule: every device of the host can be made and opened");
	audit_fix(a, "lxc.cgroup2.devices.deny = a, then lxc.cgroup2.devices.allow lines for what "
		     "it needs, as /usr/share/lxc/config/common.conf has them");
}

/* Lines with another effect than a reader expects. */
static void check_notes(struct audit_run *a, const struct lxc_device_policy *p)
{
	static const struct {
		const char *code, *id, *text, *fix;
		enum audit_severity severity;
	} known[] = {
		{ "LXC-E330", "devices-refused", "LXC cannot read this rule, skips it and starts",
		  "a rule is 'TYPE MAJOR:MINOR ACCESS' with single blanks", AUDIT_HIGH },
		{ "LXC-W330", "devices-unloadable",
		  "the kernel refuses the program that LXC makes of this, the container does not "
		  "start",
		  "the global rule is the single letter a", AUDIT_LOW },
		{ "LXC-I335", "devices-partial-deny",
		  "LXC stops this access alone: an open for reading and writing passes",
		  "deny rwm, then allow what is to remain", AUDIT_MEDIUM },
		{ "LXC-W338", "devices-not-enforced",
		  "LXC does not take this away again from what an earlier line allowed",
		  "write the rules without overlap", AUDIT_MEDIUM },
	};

	for (size_t i = 0; i < p->notes.len; i++) {
		const struct lxc_note *n = &p->notes.v[i];

		for (size_t k = 0; k < ARRAY_SIZE(known); k++) {
			const struct lxc_pair *pair;

			if (!str_eq(n->code, known[k].code) || n->line < 0)
				continue;
			pair = &a->c->cgroup2_devices.v[n->line];
			audit_add(a, audit_milder(a, known[k].severity), known[k].id, pair->pos,
				  KEY, "'%s': %s", pair->value, known[k].text);
			audit_fix(a, "%s", known[k].fix);
		}
	}
}

/* The newest line of the program that covers the device. */
static struct lxc_pos line_of(const struct audit_run *a, const struct lxc_device_policy *p,
			      const struct lxc_device_range *node)
{
	for (size_t i = 0; i < p->rules_len; i++) {
		const struct lxc_device_rule *r = &p->rules[i];

		if (r->allow && (r->range.type == 'a' || r->range.type == node->type) &&
		    (r->range.major < 0 || r->range.major == node->major) &&
		    (r->range.minor < 0 || r->range.minor == node->minor) &&
		    r->mask & (LXC_DEV_READ | LXC_DEV_WRITE))
			return a->c->cgroup2_devices.v[r->line].pos;
	}
	return (struct lxc_pos){ 0 };
}

/* Devices through which root gets everything, whatever else confines it. */
static const struct {
	struct lxc_device_range node;
	const char *what;
} dangerous[] = {
	{ { 'c', 1, 1 }, "memory (/dev/mem" },
	{ { 'c', 1, 2 }, "kernel memory (/dev/kmem" },
	{ { 'c', 1, 4 }, "I/O ports (/dev/port" },
	{ { 'b', 8, 0 }, "disks (sda" },
	{ { 'b', 253, 0 }, "volumes (device mapper" },
	{ { 'b', 259, 0 }, "disks (NVMe" },
	{ { 'b', 7, 0 }, "loop devices (loop0" },
	{ { 'c', 10, 237 }, "loop devices (loop-control" },
};

static bool opens(const struct lxc_device_policy *p, size_t i)
{
	return lxc_device_entries_allow(p->entries, p->entries_len, dangerous[i].node,
					LXC_DEV_READ) ||
	       lxc_device_entries_allow(p->entries, p->entries_len, dangerous[i].node,
					LXC_DEV_WRITE);
}

static void check_dangerous(struct audit_run *a, const struct lxc_device_policy *p)
{
	struct lxc_pos at[ARRAY_SIZE(dangerous)];
	bool open[ARRAY_SIZE(dangerous)];

	if (!p->attached || !a->privileged)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(dangerous); i++) {
		open[i] = opens(p, i);
		at[i] = line_of(a, p, &dangerous[i].node);
	}
	/* one finding for each line that gives some */
	for (size_t i = 0; i < ARRAY_SIZE(dangerous); i++) {
		autostrbuf struct strbuf list = STRBUF_INIT;

		for (size_t k = i; open[i] && k < ARRAY_SIZE(dangerous); k++) {
			if (!open[k] || !lxc_pos_eq(at[k], at[i]))
				continue;
			open[k] = k == i;
			strbuf_addf(&list, "%s%s, %c %d:%d)", list.len ? ", " : "",
				    dangerous[k].what, dangerous[k].node.type,
				    (int) dangerous[k].node.major, (int) dangerous[k].node.minor);
		}
		if (!list.len)
			continue;
		audit_add(a, AUDIT_HIGH, "devices-dangerous", at[i], KEY,
			  "the container opens the host's %s", strbuf_str(&list));
		audit_fix(a, "allow only the numbers it needs, or bind-mount a directory instead");
	}
}

void audit_devices(struct audit_run *a)
{
	struct lxc_device_policy exact, intent;

	/* what LXC enforces, and what the lines say */
	plan(a, &a->c->cgroup2_devices, LXC_DEVICES_EXACT, &exact);
	plan(a, &a->c->cgroup2_devices, 0, &intent);
	check_open(a, &exact);
	check_notes(a, &intent);
	check_dangerous(a, &exact);
	lxc_device_policy_clear(&exact);
	lxc_device_policy_clear(&intent);
}
