/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_TESTS_OCISPEC_FILL_H
#define HAKO_TESTS_OCISPEC_FILL_H

/* Builds documents from the descriptors alone, so a new field of a schema is tested without a new
 * test. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocispec.h"

enum fill_style {
	FILL_LOW,  /* smallest integers, first of the listed values, one item */
	FILL_HIGH, /* largest integers, last of the listed values, three items, awkward text */
};

static void fill_object(const struct oci_desc *desc, void *obj, enum fill_style style);

static char *fill_text(const struct oci_field *field, enum fill_style style, size_t i)
{
	char *s = NULL;
	size_t n = 0;

	while (field->values && field->values[n])
		n++;
	if (field->values)
		return strdup(field->values[style == FILL_LOW ? 0 : n - 1]);
	if (style == FILL_LOW)
		return strdup("");
	if (asprintf(&s, "%s %zu \"\\/\b\t\n\x7f\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa6", field->name,
		     i) < 0)
		abort();
	return s;
}

static void fill_integer(const struct oci_field *field, void *obj, enum fill_style style)
{
	uint64_t value = style == FILL_LOW ? (uint64_t) field->min : field->max;

	if (field->kind == OCI_INT32 || field->kind == OCI_UINT32)
		*(uint32_t *) ((char *) obj + field->offset) = (uint32_t) value;
	else
		*(uint64_t *) ((char *) obj + field->offset) = value;
	*(bool *) ((char *) obj + field->aux) = true;
}

static void *fill_objects(const struct oci_desc *desc, size_t n, enum fill_style style)
{
	char *items = calloc(n + 1, desc->size);

	for (size_t i = 0; i < n; i++)
		fill_object(desc, items + i * desc->size, style);
	return items;
}

static char **fill_strings(const struct oci_field *field, size_t n, enum fill_style style)
{
	char **v = calloc(n + 1, sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = fill_text(field, style, i);
	return v;
}

static char **fill_keys(size_t n)
{
	static const char *const keys[] = { "", "a.b/c", "\xc3\xbc \"quoted\"" };
	char **v = calloc(n + 1, sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = strdup(keys[i]);
	return v;
}

static void fill_field(const struct oci_field *field, void *obj, enum fill_style style)
{
	void **member = (void **) ((char *) obj + field->offset);
	size_t n = style == FILL_LOW ? 1 : 3;
	struct {
		size_t len;
		char **keys;
		void *values;
	} * map;

	if (field->kind >= OCI_ARRAY_STRING && field->kind <= OCI_ARRAY_OBJECT)
		*(size_t *) ((char *) obj + field->aux) = n;
	switch (field->kind) {
	case OCI_STRING:
		*member = fill_text(field, style, 0);
		break;
	case OCI_BOOL:
		*(bool *) member = style == FILL_HIGH;
		*(bool *) ((char *) obj + field->aux) = true;
		break;
	case OCI_OBJECT:
		*member = fill_objects(field->sub, 1, style);
		break;
	case OCI_ARRAY_STRING:
		*member = fill_strings(field, n, style);
		break;
	case OCI_ARRAY_UINT32:
		*member = calloc(n, sizeof(uint32_t));
		((uint32_t *) *member)[n - 1] = style == FILL_LOW ? 0 : UINT32_MAX;
		break;
	case OCI_ARRAY_OBJECT:
		*member = fill_objects(field->sub, n, style);
		break;
	case OCI_MAP_STRING:
	case OCI_MAP_OBJECT:
		map = *member = calloc(1, sizeof(*map));
		map->len = n;
		map->keys = fill_keys(n);
		if (field->kind == OCI_MAP_STRING)
			map->values = fill_strings(field, n, style);
		else
			map->values = fill_objects(field->sub, n, style);
		break;
	default:
		fill_integer(field, obj, style);
	}
}

static void fill_object(const struct oci_desc *desc, void *obj, enum fill_style style)
{
	for (size_t i = 0; i < desc->n_fields; i++)
		fill_field(&desc->fields[i], obj, style);
}

/* Only what must be there. */
__attribute__((unused)) static void fill_required(const struct oci_desc *desc, void *obj)
{
	for (size_t i = 0; i < desc->n_fields; i++) {
		if (desc->fields[i].flags & OCI_REQUIRED)
			fill_field(&desc->fields[i], obj, FILL_LOW);
	}
}

#endif
