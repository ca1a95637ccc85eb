/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/idmap_pick.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "lxc/model.h"

void idmap_registry_set(struct idmap_registry *r, const char *name, uint64_t start)
{
	for (size_t i = 0; i < r->len; i++) {
		if (str_eq(r->v[i].name, name)) {
			r->v[i].start = start;
			return;
		}
	}
	*MODEL_ADD(r) = (struct idmap_given){ xstrdup(name), start };
}

void idmap_registry_parse(struct idmap_registry *r, const char *text)
{
	autostrv struct strv lines = { NULL, 0 };

	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.len; i++) {
		autostrv struct strv fields = { NULL, 0 };
		uint64_t start;

		strv_split(&fields, lines.v[i], " ");
		if (fields.len == 2 && str_to_u64(fields.v[1], &start) == 0)
			idmap_registry_set(r, fields.v[0], start);
	}
}

char *idmap_registry_format(const struct idmap_registry *r)
{
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < r->len; i++)
		strbuf_addf(&b, "%s %llu\n", r->v[i].name, (unsigned long long) r->v[i].start);
	return strbuf_take(&b);
}

void idmap_registry_clear(struct idmap_registry *r)
{
	for (size_t i = 0; i < r->len; i++)
		free(r->v[i].name);
	free(r->v);
	*r = (struct idmap_registry){ 0 };
}

static bool is_reserved(const struct audit_ids *ids, bool is_gid, uint64_t start)
{
	for (size_t i = 0; i < ids->len; i++) {
		const struct audit_range *r = &ids->v[i];

		if (r->is_gid == is_gid && start >= r->first && r->count >= IDMAP_PICK_COUNT &&
		    start - r->first <= r->count - IDMAP_PICK_COUNT)
			return true;
	}
	return false;
}

static bool overlaps(uint64_t a, uint64_t a_count, uint64_t b, uint64_t b_count)
{
	return a < b + b_count && b < a + a_count;
}

static bool is_free(const struct audit_ids *ids, const struct idmap_used *used,
		    const struct idmap_registry *given, const char *name, uint64_t start)
{
	/* the ids of the kernel end at 2^32 - 2 */
	if (start == 0 || start > UINT32_MAX - IDMAP_PICK_COUNT)
		return false;
	if (!is_reserved(ids, false, start) || !is_reserved(ids, true, start))
		return false;
	for (size_t i = 0; i < used->len; i++) {
		if (overlaps(start, IDMAP_PICK_COUNT, used->v[i].first, used->v[i].count))
			return false;
	}
	for (size_t i = 0; i < given->len; i++) {
		if (!str_eq(given->v[i].name, name) &&
		    overlaps(start, IDMAP_PICK_COUNT, given->v[i].start, IDMAP_PICK_COUNT))
			return false;
	}
	return true;
}

bool idmap_pick(const struct audit_ids *ids, const struct idmap_used *used,
		const struct idmap_registry *given, const char *name, uint64_t *ret)
{
	for (size_t i = 0; i < given->len; i++) {
		if (str_eq(given->v[i].name, name) &&
		    is_free(ids, used, given, name, given->v[i].start)) {
			*ret = given->v[i].start;
			return true;
		}
	}
	for (size_t i = 0; i < ids->len; i++) {
		const struct audit_range *r = &ids->v[i];

		/* a line may promise more ids than there are */
		for (uint64_t at = 0;
		     r->first <= UINT32_MAX && at <= UINT32_MAX - r->first &&
		     r->count >= IDMAP_PICK_COUNT && at <= r->count - IDMAP_PICK_COUNT;
		     at += IDMAP_PICK_COUNT) {
			if (!is_free(ids, used, given, name, r->first + at))
				continue;
			*ret = r->first + at;
			return true;
		}
	}
	return false;
}
