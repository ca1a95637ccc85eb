/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

/* Lists the unknown fields that a parse has met, with their paths. */

struct walk {
	void (*fn)(void *arg, const char *path);
	void *arg;
	struct oci_buf path;
};

static void walk_object(struct walk *w, const struct oci_desc *desc, const void *obj);

static void cut(struct oci_buf *b, size_t len)
{
	b->len = len;
	if (b->s)
		b->s[len] = '\0';
}

static void walk_field(struct walk *w, const struct oci_field *field, const void *obj)
{
	const void *member = *OCI_CAT(obj, field, void *);
	size_t mark;

	oci_path_add_name(&w->path, field->name, strlen(field->name));
	mark = w->path.len;
	if (field->kind == OCI_OBJECT) {
		walk_object(w, field->sub, member);
	} else if (field->kind == OCI_ARRAY_OBJECT) {
		for (size_t i = 0; i < OCI_CLEN(obj, field); i++) {
			oci_path_add_index(&w->path, i);
			walk_object(w, field->sub, (const char *) member + i * field->sub->size);
			cut(&w->path, mark);
		}
	} else {
		const struct oci_any_map *map = member;

		for (size_t i = 0; i < map->len; i++) {
			oci_path_add_name(&w->path, map->keys[i], strlen(map->keys[i]));
			walk_object(w, field->sub,
				    (const char *) map->values + i * field->sub->size);
			cut(&w->path, mark);
		}
	}
}

static void walk_object(struct walk *w, const struct oci_desc *desc, const void *obj)
{
	const struct oci_extra *extra = ((const struct oci_any *) obj)->extra;
	size_t mark = w->path.len;

	for (size_t i = 0; extra && i < extra->len; i++) {
		oci_path_add_name(&w->path, extra->names[i], strlen(extra->names[i]));
		w->fn(w->arg, w->path.s);
		cut(&w->path, mark);
	}
	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct oci_field *field = &desc->fields[desc->order[i]];

		if (field->sub && oci_field_present(field, obj)) {
			walk_field(w, field, obj);
			cut(&w->path, mark);
		}
	}
}

void ocispec_each_unknown(const struct oci_desc *desc, const void *doc,
			  void (*fn)(void *arg, const char *path), void *arg)
{
	struct walk w = { .fn = fn, .arg = arg };

	walk_object(&w, desc, doc);
	free(w.path.s);
}
