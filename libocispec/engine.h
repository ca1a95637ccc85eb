/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCISPEC_ENGINE_H
#define OCISPEC_ENGINE_H

/* What the files of the engine share; not for users of the library. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ocispec.h"

/* The member that a row describes, and its companion (has_x or x_len). */
#define OCI_AT(base, field, type)  ((type *) ((char *) (base) + (field)->offset))
#define OCI_CAT(base, field, type) ((const type *) ((const char *) (base) + (field)->offset))
#define OCI_HAS(base, field)	   ((bool *) ((char *) (base) + (field)->aux))
#define OCI_CHAS(base, field)	   (*(const bool *) ((const char *) (base) + (field)->aux))
#define OCI_LEN(base, field)	   ((size_t *) ((char *) (base) + (field)->aux))
#define OCI_CLEN(base, field)	   (*(const size_t *) ((const char *) (base) + (field)->aux))

/* Every struct begins so. */
struct oci_any {
	struct oci_extra *extra;
};

/* Every map of objects looks so; values is an array of field->sub->size bytes each. */
struct oci_any_map {
	size_t len;
	char **keys;
	void *values;
};

/* Memory: abort with a line on stderr rather than return NULL. */
void *oci_alloc(size_t size);
void *oci_realloc(void *p, size_t n, size_t size);
char *oci_strndup(const char *s, size_t len);

/* A heap string that grows by doubling. */
struct oci_buf {
	char *s;
	size_t len;
	size_t cap;
};
void oci_buf_add(struct oci_buf *b, const char *s, size_t n);
void oci_buf_puts(struct oci_buf *b, const char *s);
void oci_buf_printf(struct oci_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void oci_buf_vprintf(struct oci_buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* Appends outside text to a message: cut after 128 bytes, control characters replaced. */
void oci_buf_quote(struct oci_buf *b, const char *s, size_t len);

/* jsonpath.c: appends ".name" (or "name" at the beginning), quoting what could be misread;
 * "[i]". */
void oci_path_add_name(struct oci_buf *b, const char *name, size_t len);
void oci_path_add_index(struct oci_buf *b, size_t index);

/* number.c: an integer as JSON writes it (digits, fraction, exponent), exactly. */
enum oci_number { OCI_NUMBER_OK, OCI_NUMBER_FRACTION, OCI_NUMBER_RANGE };
enum oci_number oci_number_parse(const char *s, size_t len, bool *negative, uint64_t *magnitude);

/* prescan.c: what yajl lets pass: NULL if the text is fine, else what is wrong at *ret_at. */
const char *oci_prescan(const char *json, size_t len, size_t *ret_at);

/* Length of the UTF-8 sequence at s (n > 0 bytes are there), or 0: no overlong forms, no
 * surrogates. */
size_t oci_utf8_len(const char *s, size_t n);

/* life.c */
bool oci_field_present(const struct oci_field *field, const void *obj);

#endif
