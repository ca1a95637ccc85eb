/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCISPEC_OCISPEC_H
#define OCISPEC_OCISPEC_H

/*
 * JSON documents of the OCI runtime specification (and of whoever adds a schema) as C structs.
 * A separable library: libc and yajl only.
 *
 * oci_types.h (generated) declares the structs, and for each of them, documents (config, process,
 * state, features, …) and the objects inside, typed inline wrappers:
 *
 *   int   oci_T_parse(const char *json, size_t len, struct oci_T **ret, struct oci_error *err);
 *   char *oci_T_generate(const struct oci_T *doc, int flags);
 *   void  oci_T_free(struct oci_T *doc);
 *   void  oci_T_clear(struct oci_T *doc);
 *   struct oci_T *oci_T_clone(const struct oci_T *doc);
 *   bool  oci_T_equal(const struct oci_T *a, const struct oci_T *b);
 *   void  oci_T_merge(struct oci_T *into, const struct oci_T *from);
 *
 * merge: scalars and strings that from has replace, objects merge member by member, maps merge by
 * key, arrays are replaced whole.
 */

#include "desc.h"

struct oci_error {
	char *text; /* heap, "linux.resources.memory.limit: expected an integer"; without the file's
		       name */
};
void oci_error_clear(struct oci_error *err);

enum oci_generate_flags {
	OCI_PRETTY = 1,
};

#define OCI_MAX_DEPTH  100
#define OCI_MAX_SIZE   (64u << 20)
#define OCI_MAX_VALUES (1u << 20)

/*
 * 0, or -1 with err->text set and *ret untouched. Refused: syntax errors (with line and column), a
 * field of the wrong type, a missing required field, an integer out of range or not integral (1.0
 * and 1e3 are integral), a value outside its list, a duplicate key (inside unknown fields too), a
 * NUL inside a string, invalid UTF-8 and lone surrogates, more depth, bytes or values than the
 * limits, anything behind the document. A field that is null counts as absent, as Go's decoder has
 * it. Unknown fields are remembered by name.
 */
int ocispec_parse(const struct oci_desc *desc, const char *json, size_t len, void **ret,
		  struct oci_error *err);
/* Heap text, compact or pretty (two blanks), fields in the order of the schema. */
char *ocispec_generate(const struct oci_desc *desc, const void *doc, int flags);
/* free, clone and equal accept NULL. Unknown fields count neither for clone nor for equal. */
void ocispec_free(const struct oci_desc *desc, void *doc);
/* Frees what the members own, not the struct itself, and zeroes it. */
void ocispec_clear(const struct oci_desc *desc, void *doc);
void *ocispec_clone(const struct oci_desc *desc, const void *doc);
bool ocispec_equal(const struct oci_desc *desc, const void *a, const void *b);
void ocispec_merge(const struct oci_desc *desc, void *into, const void *from);
/*
 * Calls fn for every value in the order in which the document is written: its JSON pointer (RFC
 * 6901) and its text, strings without quotes. Empty arrays and objects count as values "[]", "{}".
 */
void ocispec_walk(const struct oci_desc *desc, const void *doc,
		  void (*fn)(void *arg, const char *pointer, const char *text), void *arg);
/* Calls fn with the path of every unknown field ("linux.resources.foo"). */
void ocispec_each_unknown(const struct oci_desc *desc, const void *doc,
			  void (*fn)(void *arg, const char *path), void *arg);

const char *oci_map_get(const struct oci_map *map,
			const char *key); /* NULL = absent; map may be NULL */
/* Adds or replaces; *map is made when NULL. Copies both. */
void oci_map_set(struct oci_map **map, const char *key, const char *value);
void oci_map_free(struct oci_map *map);

/* Every struct there is, NULL-terminated: for tests and tools that walk the schema itself. */
extern const struct oci_desc *const oci_all_descs[];

/* One line per struct in oci_types.h. */
#define OCI_DEFINE_WRAPPERS(T)                                                    \
	static inline int T##_parse(const char *json, size_t len, struct T **ret, \
				    struct oci_error *err)                        \
	{                                                                         \
		void *doc;                                                        \
		int r = ocispec_parse(&T##_desc, json, len, &doc, err);           \
                                                                                  \
		if (r == 0)                                                       \
			*ret = (struct T *) doc;                                  \
		return r;                                                         \
	}                                                                         \
	static inline char *T##_generate(const struct T *doc, int flags)          \
	{                                                                         \
		return ocispec_generate(&T##_desc, doc, flags);                   \
	}                                                                         \
	static inline void T##_free(struct T *doc)                                \
	{                                                                         \
		ocispec_free(&T##_desc, doc);                                     \
	}                                                                         \
	static inline void T##_clear(struct T *doc)                               \
	{                                                                         \
		ocispec_clear(&T##_desc, doc);                                    \
	}                                                                         \
	/* for __attribute__((cleanup)); base/alloc.h: auto_call(T_free) */       \
	static inline void T##_free_cleanup(struct T **doc)                       \
	{                                                                         \
		ocispec_free(&T##_desc, *doc);                                    \
	}                                                                         \
	static inline struct T *T##_clone(const struct T *doc)                    \
	{                                                                         \
		return (struct T *) ocispec_clone(&T##_desc, doc);                \
	}                                                                         \
	static inline bool T##_equal(const struct T *a, const struct T *b)        \
	{                                                                         \
		return ocispec_equal(&T##_desc, a, b);                            \
	}                                                                         \
	static inline void T##_merge(struct T *into, const struct T *from)        \
	{                                                                         \
		ocispec_merge(&T##_desc, into, from);                             \
	}

#include "oci_types.h"

#endif
