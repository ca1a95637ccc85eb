/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCISPEC_DESC_H
#define OCISPEC_DESC_H

/*
 * The contract between generated tables and the engine. For each object of a schema the generator
 * emits one C struct (oci_types.h) and one struct oci_desc with a row per field (oci_tables.c);
 * parse, generate, free, clone, equal and merge walk these rows and know nothing of any particular
 * field.
 *
 * How a schema field becomes struct members (names: camelCase -> snake_case; a C keyword gets a
 * trailing underscore):
 *
 *   string            char *x;                  NULL = absent
 *   boolean           bool x; bool has_x;
 *   integer           int32_t x; bool has_x;    or uint32_t, int64_t, uint64_t, by the limits
 *   object            struct oci_foo *x;        NULL = absent
 *   array of string   char **x;                 NULL = absent; else NULL-terminated
 *   array of integer  uint32_t *x;              NULL = absent; else allocated, even for no items
 *   array of object   struct oci_foo *x;        the same; items inline
 *                     size_t x_len;             with each of the arrays
 *   map to string     struct oci_map *x;        NULL = absent; order of the document kept
 *   map to object     struct oci_foo_map *x;    { len, char **keys, struct oci_foo *values }
 *
 * Every block is on the heap and owned by the struct, so code may build documents by hand with the
 * ordinary allocator and give them to the engine. Each struct begins with
 *   struct oci_extra *extra;                    unknown fields that were met (NULL = none)
 * which holds their names, for those who want to list them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* gcc predefines this word as 1 in GNU modes; here it is the name of a member. */
#undef linux

enum oci_kind {
	OCI_STRING,
	OCI_BOOL,
	OCI_INT32,
	OCI_UINT32,
	OCI_INT64,
	OCI_UINT64,
	OCI_OBJECT,
	OCI_ARRAY_STRING,
	OCI_ARRAY_UINT32,
	OCI_ARRAY_OBJECT,
	OCI_MAP_STRING,
	OCI_MAP_OBJECT,
};

enum oci_field_flags {
	OCI_REQUIRED = 1,
};

struct oci_desc;

struct oci_field {
	const char *name;           /* as in the document */
	uint8_t kind;               /* enum oci_kind */
	uint8_t flags;              /* enum oci_field_flags */
	uint16_t offset;            /* of the value, or of the pointer */
	uint16_t aux;               /* of has_x for scalars, of x_len for arrays */
	const struct oci_desc *sub; /* objects */
	int64_t min;                /* integers: the smallest value allowed */
	uint64_t max;               /* integers: the largest; arrays: the least number of items */
	const char *const *values;  /* strings (and items): what is allowed, NULL-terminated */
};

struct oci_desc {
	const char *name; /* C name of the struct */
	uint16_t size;
	uint16_t n_fields;              /* at most 64 */
	const struct oci_field *fields; /* sorted by name */
	const uint8_t *order;           /* indexes into fields, in the order of the schema */
};

struct oci_map {
	size_t len;
	char **keys;
	char **values;
};

struct oci_extra {
	size_t len;
	char **names;
};

#endif
