/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include <inttypes.h>

/* Struct → JSON text: fields in the order of the schema, so that equal documents give equal
 * text. */

struct writer {
	struct oci_buf out;
	bool pretty;
	int level;
	bool first; /* nothing was written yet in the open object or array */
};

static void open_bracket(struct writer *w, char c)
{
	oci_buf_add(&w->out, &c, 1);
	w->level++;
	w->first = true;
}

static void new_line(struct writer *w)
{
	static const char blanks[] = "                                ";

	oci_buf_add(&w->out, "\n", 1);
	for (int n = 2 * w->level; n > 0; n -= (int) sizeof(blanks) - 1)
		oci_buf_add(&w->out, blanks,
			    n < (int) sizeof(blanks) - 1 ? (size_t) n : sizeof(blanks) - 1);
}

static void close_bracket(struct writer *w, char c)
{
	w->level--;
	if (w->pretty && !w->first)
		new_line(w);
	oci_buf_add(&w->out, &c, 1);
	w->first = false;
}

static void next_item(struct writer *w)
{
	if (!w->first)
		oci_buf_add(&w->out, ",", 1);
	if (w->pretty)
		new_line(w);
	w->first = false;
}

/* Bytes that are no UTF-8 become U+FFFD: the text is valid JSON whatever the struct holds. */
static void write_string(struct writer *w, const char *s)
{
	size_t len = strlen(s), plain = 0;

	oci_buf_add(&w->out, "\"", 1);
	for (size_t i = 0; i < len; i += plain) {
		for (plain = 0; i + plain < len; plain++) {
			unsigned char c = (unsigned char) s[i + plain];

			if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7f)
				break;
		}
		oci_buf_add(&w->out, s + i, plain);
		if (plain > 0)
			continue;
		plain = 1;
		switch (s[i]) {
		case '"':
		case '\\':
			oci_buf_printf(&w->out, "\\%c", s[i]);
			break;
		case '\n':
			oci_buf_puts(&w->out, "\\n");
			break;
		case '\t':
			oci_buf_puts(&w->out, "\\t");
			break;
		default:
			if ((unsigned char) s[i] < 0x20 || s[i] == 0x7f) {
				oci_buf_printf(&w->out, "\\u%04x", (unsigned int) s[i]);
				break;
			}
			plain = oci_utf8_len(s + i, len - i);
			oci_buf_add(&w->out, plain ? s + i : "\xef\xbf\xbd", plain ? plain : 3);
			plain = plain ? plain : 1;
		}
	}
	oci_buf_add(&w->out, "\"", 1);
}

static void write_key(struct writer *w, const char *key)
{
	next_item(w);
	write_string(w, key);
	oci_buf_puts(&w->out, w->pretty ? ": " : ":");
}

static void write_object(struct writer *w, const struct oci_desc *desc, const void *obj);

static void write_array(struct writer *w, const struct oci_field *field, const void *obj)
{
	const void *items = *OCI_CAT(obj, field, void *);

	open_bracket(w, '[');
	for (size_t i = 0; i < OCI_CLEN(obj, field); i++) {
		next_item(w);
		if (field->kind == OCI_ARRAY_STRING)
			write_string(w, ((char *const *) items)[i]);
		else if (field->kind == OCI_ARRAY_UINT32)
			oci_buf_printf(&w->out, "%" PRIu32, ((const uint32_t *) items)[i]);
		else
			write_object(w, field->sub, (const char *) items + i * field->sub->size);
	}
	close_bracket(w, ']');
}

static void write_map(struct writer *w, const struct oci_field *field,
		      const struct oci_any_map *map)
{
	open_bracket(w, '{');
	for (size_t i = 0; i < map->len; i++) {
		write_key(w, map->keys[i]);
		if (field->kind == OCI_MAP_STRING)
			write_string(w, ((char *const *) map->values)[i]);
		else
			write_object(w, field->sub,
				     (const char *) map->values + i * field->sub->size);
	}
	close_bracket(w, '}');
}

static void write_field(struct writer *w, const struct oci_field *field, const void *obj)
{
	switch (field->kind) {
	case OCI_STRING:
		write_string(w, *OCI_CAT(obj, field, char *));
		break;
	case OCI_BOOL:
		oci_buf_puts(&w->out, *OCI_CAT(obj, field, bool) ? "true" : "false");
		break;
	case OCI_INT32:
		oci_buf_printf(&w->out, "%" PRId32, *OCI_CAT(obj, field, int32_t));
		break;
	case OCI_UINT32:
		oci_buf_printf(&w->out, "%" PRIu32, *OCI_CAT(obj, field, uint32_t));
		break;
	case OCI_INT64:
		oci_buf_printf(&w->out, "%" PRId64, *OCI_CAT(obj, field, int64_t));
		break;
	case OCI_UINT64:
		oci_buf_printf(&w->out, "%" PRIu64, *OCI_CAT(obj, field, uint64_t));
		break;
	case OCI_OBJECT:
		write_object(w, field->sub, *OCI_CAT(obj, field, void *));
		break;
	case OCI_ARRAY_STRING:
	case OCI_ARRAY_UINT32:
	case OCI_ARRAY_OBJECT:
		write_array(w, field, obj);
		break;
	case OCI_MAP_STRING:
	case OCI_MAP_OBJECT:
		write_map(w, field, *OCI_CAT(obj, field, struct oci_any_map *));
		break;
	}
}

static void write_object(struct writer *w, const struct oci_desc *desc, const void *obj)
{
	open_bracket(w, '{');
	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct oci_field *field = &desc->fields[desc->order[i]];

		if (!oci_field_present(field, obj))
			continue;
		write_key(w, field->name);
		write_field(w, field, obj);
	}
	close_bracket(w, '}');
}

char *ocispec_generate(const struct oci_desc *desc, const void *doc, int flags)
{
	struct writer w = { .pretty = (flags & OCI_PRETTY) != 0 };

	write_object(&w, desc, doc);
	return w.out.s;
}
