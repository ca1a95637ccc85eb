/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

/* Walks over the members of structs by descriptor: free, clone, compare, merge. */

static size_t scalar_size(enum oci_kind kind)
{
	switch (kind) {
	case OCI_BOOL:
		return sizeof(bool);
	case OCI_INT32:
	case OCI_UINT32:
		return sizeof(uint32_t);
	case OCI_INT64:
	case OCI_UINT64:
		return sizeof(uint64_t);
	default:
		return 0;
	}
}

/* A value in the struct itself, with has_x; all others are pointers. */
static bool is_scalar(const struct oci_field *field)
{
	return scalar_size(field->kind) != 0;
}

bool oci_field_present(const struct oci_field *field, const void *obj)
{
	return is_scalar(field) ? OCI_CHAS(obj, field) : *OCI_CAT(obj, field, void *) != NULL;
}

/* --- free --- */

static void strings_free(char **v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		free(v[i]);
	free(v);
}

static void objects_free(const struct oci_desc *desc, void *objects, size_t len)
{
	for (size_t i = 0; i < len; i++)
		ocispec_clear(desc, (char *) objects + i * desc->size);
	free(objects);
}

static void field_free(const struct oci_field *field, void *obj)
{
	void *member = *OCI_AT(obj, field, void *);

	switch (field->kind) {
	case OCI_STRING:
	case OCI_ARRAY_UINT32:
		free(member);
		break;
	case OCI_OBJECT:
		ocispec_free(field->sub, member);
		break;
	case OCI_ARRAY_STRING:
		strings_free(member, *OCI_LEN(obj, field));
		break;
	case OCI_ARRAY_OBJECT:
		objects_free(field->sub, member, *OCI_LEN(obj, field));
		break;
	case OCI_MAP_STRING:
		oci_map_free(member);
		break;
	case OCI_MAP_OBJECT: {
		struct oci_any_map *map = member;

		strings_free(map->keys, map->len);
		objects_free(field->sub, map->values, map->len);
		free(map);
		break;
	}
	}
}

void ocispec_clear(const struct oci_desc *desc, void *doc)
{
	struct oci_extra *extra = ((struct oci_any *) doc)->extra;

	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct oci_field *field = &desc->fields[i];

		if (!is_scalar(field) && oci_field_present(field, doc))
			field_free(field, doc);
	}
	if (extra) {
		strings_free(extra->names, extra->len);
		free(extra);
	}
	memset(doc, 0, desc->size);
}

void ocispec_free(const struct oci_desc *desc, void *doc)
{
	if (!doc)
		return;
	ocispec_clear(desc, doc);
	free(doc);
}

/* --- clone --- */

static void object_copy(const struct oci_desc *desc, void *to, const void *from);

static char **strings_clone(char *const *v, size_t len)
{
	char **copy = oci_alloc((len + 1) * sizeof(*copy));

	for (size_t i = 0; i < len; i++)
		copy[i] = oci_strndup(v[i], strlen(v[i]));
	return copy;
}

static void *objects_clone(const struct oci_desc *desc, const void *objects, size_t len)
{
	char *copy = oci_alloc((len ? len : 1) * desc->size);

	for (size_t i = 0; i < len; i++)
		object_copy(desc, copy + i * desc->size, (const char *) objects + i * desc->size);
	return copy;
}

static struct oci_any_map *map_clone(const struct oci_field *field, const struct oci_any_map *map)
{
	struct oci_any_map *copy = oci_alloc(sizeof(*copy));

	copy->len = map->len;
	copy->keys = strings_clone(map->keys, map->len);
	if (field->kind == OCI_MAP_STRING)
		copy->values = strings_clone(map->values, map->len);
	else
		copy->values = objects_clone(field->sub, map->values, map->len);
	return copy;
}

/* from has the field, to has it not. */
static void field_copy(const struct oci_field *field, void *to, const void *from)
{
	void **copy = OCI_AT(to, field, void *);
	const void *member;
	size_t len;

	if (is_scalar(field)) {
		memcpy(copy, OCI_CAT(from, field, void), scalar_size(field->kind));
		*OCI_HAS(to, field) = true;
		return;
	}
	member = *OCI_CAT(from, field, void *);
	switch (field->kind) {
	case OCI_STRING:
		*copy = oci_strndup(member, strlen(member));
		return;
	case OCI_OBJECT:
		*copy = ocispec_clone(field->sub, member);
		return;
	case OCI_MAP_STRING:
	case OCI_MAP_OBJECT:
		*copy = map_clone(field, member);
		return;
	default:
		break;
	}
	len = *OCI_LEN(to, field) = OCI_CLEN(from, field);
	if (field->kind == OCI_ARRAY_STRING)
		*copy = strings_clone(member, len);
	else if (field->kind == OCI_ARRAY_OBJECT)
		*copy = objects_clone(field->sub, member, len);
	else
		*copy = memcpy(oci_alloc((len ? len : 1) * sizeof(uint32_t)), member,
			       len * sizeof(uint32_t));
}

static void object_copy(const struct oci_desc *desc, void *to, const void *from)
{
	for (size_t i = 0; i < desc->n_fields; i++) {
		if (oci_field_present(&desc->fields[i], from))
			field_copy(&desc->fields[i], to, from);
	}
}

void *ocispec_clone(const struct oci_desc *desc, const void *doc)
{
	void *copy;

	if (!doc)
		return NULL;
	copy = oci_alloc(desc->size);
	object_copy(desc, copy, doc);
	return copy;
}

/* --- equal --- */

static bool strings_equal(char *const *a, char *const *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (strcmp(a[i], b[i]) != 0)
			return false;
	}
	return true;
}

static bool objects_equal(const struct oci_desc *desc, const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!ocispec_equal(desc, a + i * desc->size, b + i * desc->size))
			return false;
	}
	return true;
}

static size_t map_find(const struct oci_any_map *map, const char *key, size_t hint)
{
	if (hint < map->len && strcmp(map->keys[hint], key) == 0)
		return hint;
	for (size_t i = 0; i < map->len; i++) {
		if (strcmp(map->keys[i], key) == 0)
			return i;
	}
	return SIZE_MAX;
}

/* The order of the keys does not count. */
static bool maps_equal(const struct oci_field *field, const struct oci_any_map *a,
		       const struct oci_any_map *b)
{
	size_t size = field->kind == OCI_MAP_STRING ? sizeof(char *) : field->sub->size;

	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++) {
		size_t j = map_find(b, a->keys[i], i);
		const char *left = (const char *) a->values + i * size, *right;

		if (j == SIZE_MAX)
			return false;
		right = (const char *) b->values + j * size;
		if (field->kind == OCI_MAP_STRING
			    ? strcmp(*(char *const *) left, *(char *const *) right) != 0
			    : !ocispec_equal(field->sub, left, right))
			return false;
	}
	return true;
}

/* Both have the field. */
static bool field_equal(const struct oci_field *field, const void *a, const void *b)
{
	const void *left, *right;
	size_t len;

	if (is_scalar(field))
		return memcmp(OCI_CAT(a, field, void), OCI_CAT(b, field, void),
			      scalar_size(field->kind)) == 0;
	left = *OCI_CAT(a, field, void *);
	right = *OCI_CAT(b, field, void *);
	switch (field->kind) {
	case OCI_STRING:
		return strcmp(left, right) == 0;
	case OCI_OBJECT:
		return ocispec_equal(field->sub, left, right);
	case OCI_MAP_STRING:
	case OCI_MAP_OBJECT:
		return maps_equal(field, left, right);
	default:
		break;
	}
	len = OCI_CLEN(a, field);
	if (len != OCI_CLEN(b, field))
		return false;
	if (field->kind == OCI_ARRAY_STRING)
		return strings_equal(left, right, len);
	if (field->kind == OCI_ARRAY_OBJECT)
		return objects_equal(field->sub, left, right, len);
	return memcmp(left, right, len * sizeof(uint32_t)) == 0;
}

bool ocispec_equal(const struct oci_desc *desc, const void *a, const void *b)
{
	if (!a || !b)
		return a == b;
	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct oci_field *field = &desc->fields[i];
		bool present = oci_field_present(field, a);

		if (present != oci_field_present(field, b) ||
		    (present && !field_equal(field, a, b)))
			return false;
	}
	return true;
}

/* --- merge --- */

static void map_merge(const struct oci_field *field, struct oci_any_map *into,
		      const struct oci_any_map *from)
{
	size_t size = field->kind == OCI_MAP_STRING ? sizeof(char *) : field->sub->size;

	for (size_t i = 0; i < from->len; i++) {
		const char *value = (const char *) from->values + i * size;
		size_t j = map_find(into, from->keys[i], i);
		char *slot;

		if (j == SIZE_MAX) {
			j = into->len++;
			into->keys = oci_realloc(into->keys, into->len, sizeof(char *));
			into->keys[j] = oci_strndup(from->keys[i], strlen(from->keys[i]));
			into->values = oci_realloc(into->values, into->len, size);
			memset((char *) into->values + j * size, 0, size);
		}
		slot = (char *) into->values + j * size;
		if (field->kind == OCI_MAP_OBJECT) {
			ocispec_merge(field->sub, slot, value);
		} else {
			free(*(char **) slot);
			*(char **) slot =
				oci_strndup(*(char *const *) value, strlen(*(char *const *) value));
		}
	}
}

void ocispec_merge(const struct oci_desc *desc, void *into, const void *from)
{
	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct oci_field *field = &desc->fields[i];

		if (!oci_field_present(field, from))
			continue;
		if (is_scalar(field) || !oci_field_present(field, into)) {
			field_copy(field, into, from);
		} else if (field->kind == OCI_OBJECT) {
			ocispec_merge(field->sub, *OCI_AT(into, field, void *),
				      *OCI_CAT(from, field, void *));
		} else if (field->kind == OCI_MAP_STRING || field->kind == OCI_MAP_OBJECT) {
			map_merge(field, *OCI_AT(into, field, void *),
				  *OCI_CAT(from, field, void *));
		} else {
			field_free(field, into);
			field_copy(field, into, from);
		}
	}
}
