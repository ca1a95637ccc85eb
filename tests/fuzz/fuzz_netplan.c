/* SPDX-License-Identifier: Apache-2.0 */
/* The network plan that `hako hook net` reads, as root: what is taken can be said again. */

#include <net/if.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "fuzz_json.h"
#include "lxc/netplan.h"

static void check_name(const char *name)
{
	FUZZ_CHECK(!name || (*name && strlen(name) < IFNAMSIZ && !strchr(name, '/')));
}

static void check_plan(const struct oci_net *plan)
{
	autofree char *text = netplan_format(plan);
	struct oci_net *again = NULL;

	for (size_t i = 0; i < plan->interfaces_len; i++) {
		check_name(plan->interfaces[i].name);
		check_name(plan->interfaces[i].link);
		if (plan->interfaces[i].veth)
			check_name(plan->interfaces[i].veth->pair);
	}
	fuzz_check_json(text);
	FUZZ_CHECK(netplan_parse(text, &again) == 0);
	FUZZ_CHECK(ocispec_equal(&oci_net_desc, plan, again));
	oci_net_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *) data, size);
	struct oci_net *plan = NULL;
	int r = netplan_parse(text, &plan);

	FUZZ_CHECK((r == 0) == (plan != NULL) && (r < 0) == err_is_set());
	err_clear();
	if (plan)
		check_plan(plan);
	oci_net_free(plan);
	return 0;
}
