/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCISPEC_OCISPEC_H
#define OCISPEC_OCISPEC_H

/*
 * JSON documents of the OCI runtime specification (and of whoever adds a schema) as C structs.
 * A separable library: libc and yajl only.
 *
 * oci_types.h (generated) declares the structs, and for each root document T of schema/ (config, process,
 * state, features, …) and each named object, typed inline wrappers:
 *
 *   int   oci_T_parse(const char *json, size_t len, struct oci_T **ret, struct oci_error *err);
 *   char *oci_T_generate(const struct oci_T *doc, int flags);
 *   void  oci_T_free(struct oci_T *doc);
 *   struct oci_T *oci_T_clone(const struct oci_T *doc);
 *   bool  oci_T_equal(const struct oci_T *a, const struct oci_T *b);
 *   void  oci_T_merge(struct oci_T *into, const struct oci_T *from);
 *
 * merge: scalars and strings that from has replace, objects merge member by member, maps merge by key,
 * arrays are replaced whole.
 */

#include "desc.h"

struct oci_error {
	char *text; /* heap: "linux.resources.memory.limit: expected an integer"; without the file's name */
};
void oci_error_clear(struct oci_error *err);

enum oci_generate_flags {
	OCI_PRETTY = 1,
};

#define OCI_MAX_DEPTH 100
#define OCI_MAX_SIZE (64u << 20)

/*
 * 0, or -1 with err->text set and *ret untouched. Refused: syntax errors (with line and column), a
 * field of the wrong type, a missing required field, an integer out of range or not integral, a value
 * outside its list, a duplicate key, a NUL inside a string, invalid UTF-8, depth and size above the limits, anything
 * behind the document. null counts as absent, as Go's decoder has it. Unknown fields are remembered.
 */
int ocispec_parse(const struct oci_desc *desc, const char *json, size_t len, void **ret,
		  struct oci_error *err);
/* Heap text, compact or pretty (two blanks), fields in the order of the schema. */
char *ocispec_generate(const struct oci_desc *desc, const void *doc, int flags);
void ocispec_free(const struct oci_desc *desc, void *doc);
/* Frees what the members own, not the struct itself, and zeroes it. */
void ocispec_clear(const struct oci_desc *desc, void *doc);
void *ocispec_clone(const struct oci_desc *desc, const void *doc);
bool ocispec_equal(const struct oci_desc *desc, const void *a, const void *b);
void ocispec_merge(const struct oci_desc *desc, void *into, const void *from);
/* Calls fn with the path of every unknown field ("linux.resources.foo"). */
void ocispec_each_unknown(const struct oci_desc *desc, const void *doc,
			  void (*fn)(void *arg, const char *path), void *arg);

const char *oci_map_get(const struct oci_map *map, const char *key); /* NULL = absent; map may be NULL */
/* Adds or replaces; *map is made when NULL. Copies both. */
void oci_map_set(struct oci_map **map, const char *key, const char *value);

#include "oci_types.h"

#endif
