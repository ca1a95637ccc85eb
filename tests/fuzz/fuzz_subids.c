/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of the host that the converter reads as root: /etc/subuid and subgid, and our own list of
 * the ranges that were given away, divided by an empty line. A range that is picked is reserved and
 * nobody else's.
 */

#include <string.h>

#include "base/alloc.h"
#include "fuzz.h"
#include "lxc/audit.h"
#include "lxc/idmap_pick.h"

static bool is_reserved(const struct audit_ids *ids, uint64_t start)
{
	uint64_t last = start + IDMAP_PICK_COUNT - 1;

	FUZZ_CHECK(last > start && last <= UINT32_MAX);
	for (size_t i = 0; i < ids->len; i++) {
		if (ids->v[i].first <= start && last - ids->v[i].first < ids->v[i].count)
			return true;
	}
	return false;
}

static void check_pick(const struct audit_ids *ids, const struct idmap_registry *given)
{
	static struct audit_range busy[] = { { .first = 100000, .count = 65536 } };
	const struct idmap_used used = { busy, 1 };
	uint64_t start;

	if (!idmap_pick(ids, &used, given, "c1", &start))
		return;
	FUZZ_CHECK(is_reserved(ids, start));
	FUZZ_CHECK(start >= busy[0].first + busy[0].count ||
		   start + IDMAP_PICK_COUNT <= busy[0].first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *) data, size), *again_text = NULL;
	autofree char *list = NULL;
	char *registry = strstr(text, "\n\n");
	struct idmap_registry given = { 0 }, again = { 0 };
	struct audit_ids ids = { 0 };

	if (registry) {
		registry[1] = '\0';
		idmap_registry_parse(&given, registry + 2);
	}
	list = idmap_registry_format(&given);
	idmap_registry_parse(&again, list);
	again_text = idmap_registry_format(&again);
	FUZZ_CHECK(strcmp(list, again_text) == 0);
	audit_ids_parse(&ids, text, false, "root", 0);
	audit_ids_parse(&ids, text, true, "root", 0);
	ids.known = true;
	check_pick(&ids, &given);
	audit_ids_clear(&ids);
	idmap_registry_clear(&given);
	idmap_registry_clear(&again);
	return 0;
}
