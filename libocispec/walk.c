/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include <inttypes.h>

/* Visits what a document holds, value by value, in the order in which it is written. */

struct walker {
	struct oci_buf pointer; /* RFC 6901 */
	struct oci_buf text;
	void (*fn)(void *arg, const char *pointer, const char *text);
	void *arg;
};

static void add_token(struct walker *w, const char *name)
{
	oci_buf_puts(&w->pointer, "/");
	for (; *name; name++) {
		if (*name == '~')
			oci_buf_puts(&w->pointer, "~0");
		else if (*name == '/')
			oci_buf_puts(&w->pointer, "~1");
		else
			oci_buf_add(&w->pointer, name, 1);
	}
}

static void cut(struct walker *w, size_t len)
{
	w->pointer.len = len;
	w->pointer.s[len] = '\0';
}

static void leaf(struct walker *w, const char *text)
{
	w->fn(w->arg, w->pointer.s, text);
}

static void number(struct walker *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void number(struct walker *w, const char *fmt, ...)
{
	va_list ap;

	w->text.len = 0;
	va_start(ap, fmt);
	oci_buf_vprintf(&w->text, fmt, ap);
	va_end(ap);
	leaf(w, w->text.s);
}

static void walk_object(struct walker *w, const struct oci_desc *desc, const void *obj);

static void walk_array(struct walker *w, const struct oci_field *field, const void *obj)
{
	const void *items = *OCI_CAT(obj, field, void *);
	size_t len = w->pointer.len, n = OCI_CLEN(obj, field);

	if (n == 0)
		leaf(w, "[]");
	for (size_t i = 0; i < n; i++) {
		oci_buf_printf(&w->pointer, "/%zu", i);
		if (field->kind == OCI_ARRAY_STRING)
			leaf(w, ((char *const *) items)[i]);
		else if (field->kind == OCI_ARRAY_UINT32)
			number(w, "%" PRIu32, ((const uint32_t *) items)[i]);
		else
			walk_object(w, field->sub, (const char *) items + i * field->sub->size);
		cut(w, len);
	}
}

static void walk_map(struct walker *w, const struct oci_field *field, const struct oci_any_map *map)
{
	size_t len = w->pointer.len;

	if (map->len == 0)
		leaf(w, "{}");
	for (size_t i = 0; i < map->len; i++) {
		add_token(w, map->keys[i]);
		if (field->kind == OCI_MAP_STRING)
			leaf(w, ((char *const *) map->values)[i]);
		else
			walk_object(w, field->sub,
				    (const char *) map->values + i * field->sub->size);
		cut(w, len);
	}
}

static void walk_field(struct walker *w, const struct oci_field *field, const void *obj)
{
	switch (field->kind) {
	case OCI_STRING:
		leaf(w, *OCI_CAT(obj, field, char *));
		break;
	case OCI_BOOL:
		leaf(w, *OCI_CAT(obj, field, bool) ? "true" : "false");
		break;
	case OCI_INT32:
		number(w, "%" PRId32, *OCI_CAT(obj, field, int32_t));
		break;
	case OCI_UINT32:
		number(w, "%" PRIu32, *OCI_CAT(obj, field, uint32_t));
		break;
	case OCI_INT64:
		number(w, "%" PRId64, *OCI_CAT(obj, field, int64_t));
		break;
	case OCI_UINT64:
		number(w, "%" PRIu64, *OCI_CAT(obj, field, uint64_t));
		break;
	case OCI_OBJECT:
		walk_object(w, field->sub, *OCI_CAT(obj, field, void *));
		break;
	case OCI_ARRAY_STRING:
	case OCI_ARRAY_UINT32:
	case OCI_ARRAY_OBJECT:
		walk_array(w, field, obj);
		break;
	case OCI_MAP_STRING:
	case OCI_MAP_OBJECT:
		walk_map(w, field, *OCI_CAT(obj, field, struct oci_any_map *));
		break;
	}
}

static void walk_object(struct walker *w, const struct oci_desc *desc, const void *obj)
{
	size_t len = w->pointer.len;
	bool empty = true;

	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct oci_field *field = &desc->fields[desc->order[i]];

		if (!oci_field_present(field, obj))
			continue;
		empty = false;
		add_token(w, field->name);
		walk_field(w, field, obj);
		cut(w, len);
	}
	if (empty)
		leaf(w, "{}");
}

void ocispec_walk(const struct oci_desc *desc, const void *doc,
		  void (*fn)(void *arg, const char *pointer, const char *text), void *arg)
{
	struct walker w = { .fn = fn, .arg = arg };

	oci_buf_puts(&w.pointer, "");
	walk_object(&w, desc, doc);
	free(w.pointer.s);
	free(w.text.s);
}
