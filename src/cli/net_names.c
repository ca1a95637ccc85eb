/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cli/net.h"

/* Of the container and the interface: the same for every run of the hook, and in its poststop. */
static uint64_t hash_of(const struct net_job *job, uint32_t index)
{
	autofree char *text = xasprintf("%s\n%s\n%u", job->state->bundle, job->state->id, index);
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (const char *s = text; *s; s++)
		h = (h ^ (unsigned char) *s) * UINT64_C(0x100000001b3);
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

char *net_key(const struct net_job *job)
{
	return xasprintf("%.200s-%08x", job->state->id, (unsigned int) hash_of(job, UINT32_MAX));
}

/* A first octet of fe keeps a bridge from taking the port's address as its own. */
static void choose_outside(const struct net_job *job, const struct oci_net_interface *n,
			   struct net_names *ret)
{
	uint64_t h = hash_of(job, n->index);

	if (n->veth && n->veth->pair)
		snprintf(ret->outside, sizeof(ret->outside), "%s", n->veth->pair);
	else
		snprintf(ret->outside, sizeof(ret->outside), "veth%08x", (unsigned int) h);
	ret->outside_mac[0] = 0xfe;
	for (int i = 1; i < 6; i++)
		ret->outside_mac[i] = (unsigned char) (h >> 8 * (i + 2));
}

/* A plan's name, or NULL when the container numbers it. phys keeps the one it has. */
static const char *given_name(const struct oci_net_interface *n)
{
	if (n->name)
		return strchr(n->name, '%') ? NULL : n->name;
	return str_eq(n->type, "phys") && !str_ends(n->link, "+") ? n->link : NULL;
}

static bool is_taken(const struct net_job *job, const char *name)
{
	for (size_t i = 0; i < job->plan->interfaces_len; i++) {
		if (str_eq(job->names[i].inside, name))
			return true;
	}
	return false;
}

/* pattern has one %d, netplan.c has seen to it. */
static void number(const struct net_job *job, const char *pattern, char ret[IFNAMSIZ])
{
	const char *percent = strchr(pattern, '%');

	for (unsigned int k = 0;; k++) {
		char name[IFNAMSIZ];

		snprintf(name, sizeof(name), "%.*s%u%s", (int) (percent - pattern), pattern, k,
			 percent + 2);
		if (is_taken(job, name))
			continue;
		memcpy(ret, name, sizeof(name));
		return;
	}
}

void net_names_choose(struct net_job *job)
{
	job->names = xnew_n(struct net_names, job->plan->interfaces_len + 1);
	for (size_t i = 0; i < job->plan->interfaces_len; i++) {
		const struct oci_net_interface *n = &job->plan->interfaces[i];
		const char *name = given_name(n);

		choose_outside(job, n, &job->names[i]);
		if (name)
			snprintf(job->names[i].inside, IFNAMSIZ, "%s", name);
	}
	/* those with a name first, as in LXC */
	for (size_t i = 0; i < job->plan->interfaces_len; i++) {
		const struct oci_net_interface *n = &job->plan->interfaces[i];

		/* a device of the host that is still to be found keeps the name it is found with */
		if (!job->names[i].inside[0] && !str_eq(n->type, "empty") &&
		    (n->name || !str_eq(n->type, "phys")))
			number(job, n->name ? n->name : "eth%d", job->names[i].inside);
	}
}
