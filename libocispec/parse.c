/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <yajl/yajl_parse.h>

/*
 * yajl's events → struct, by descriptor. One frame per open object or array says where a value that
 * comes now belongs; the document is never kept as a tree, and what a parse may hold is bounded by
 * the limits in ocispec.h.
 */

enum frame_kind {
	FRAME_STRUCT,
	FRAME_MAP,
	FRAME_ARRAY,
	FRAME_SKIP_OBJECT, /* below an unknown field: only the syntax and the keys count */
	FRAME_SKIP_ARRAY,
};

/* A key of an open object that is no field of ours; text in parser.key_bytes. */
struct key {
	size_t at;
	size_t len;
};

struct frame {
	enum frame_kind kind;
	const struct oci_desc *desc; /* struct */
	const struct oci_field
		*field;	   /* struct: the current one, NULL if unknown; map, array: its own */
	void *obj;	   /* struct; map and array: the struct that has them */
	uint64_t seen;	   /* struct: fields met, a bit for each row */
	size_t n;	   /* array: items met */
	size_t cap;	   /* map, array: items there is room for */
	size_t first_key;  /* objects: its keys begin here in parser.keys */
	size_t first_byte; /* objects: and here in parser.key_bytes */
	struct key key;	   /* objects: the current key, unless field says it */
};

struct parser {
	struct frame frames[OCI_MAX_DEPTH];
	size_t depth;
	const struct oci_desc *desc;
	void *root;
	size_t values;
	struct oci_buf key_bytes;
	struct key *keys;
	size_t keys_len;
	size_t keys_cap;
	struct oci_buf error;
};

/* --- errors --- */

static void add_path(const struct parser *p, struct oci_buf *b)
{
	for (size_t i = 0; i < p->depth; i++) {
		const struct frame *f = &p->frames[i];

		if (f->kind == FRAME_ARRAY || f->kind == FRAME_SKIP_ARRAY)
			oci_path_add_index(b, f->n ? f->n - 1 : 0);
		else if (f->kind == FRAME_STRUCT && f->field)
			oci_path_add_name(b, f->field->name, strlen(f->field->name));
		else if (f->key.at != SIZE_MAX)
			oci_path_add_name(b, p->key_bytes.s + f->key.at, f->key.len);
	}
}

/* The callbacks' "stop": the path of the current value and what is wrong with it. */
__attribute__((format(printf, 2, 3)))
static int fail(struct parser *p, const char *fmt, ...)
{
	va_list ap;

	add_path(p, &p->error);
	if (p->error.len > 0)
		oci_buf_puts(&p->error, ": ");
	va_start(ap, fmt);
	oci_buf_vprintf(&p->error, fmt, ap);
	va_end(ap);
	return 0;
}

static int fail_quoted(struct parser *p, const char *s, size_t len, const char *text)
{
	struct oci_buf quoted = { 0 };

	oci_buf_quote(&quoted, s, len);
	fail(p, "'%.*s' %s", (int) quoted.len, quoted.s ? quoted.s : "", text);
	free(quoted.s);
	return 0;
}

static const char *kind_word(enum oci_kind kind)
{
	switch (kind) {
	case OCI_STRING:
		return "a string";
	case OCI_BOOL:
		return "a boolean";
	case OCI_INT32:
	case OCI_UINT32:
	case OCI_INT64:
	case OCI_UINT64:
		return "an integer";
	case OCI_ARRAY_STRING:
	case OCI_ARRAY_UINT32:
	case OCI_ARRAY_OBJECT:
		return "an array";
	case OCI_OBJECT:
	case OCI_MAP_STRING:
	case OCI_MAP_OBJECT:
		break;
	}
	return "an object";
}

/* --- where a value goes --- */

enum place {
	PLACE_FAILED,
	PLACE_SKIP,
	PLACE_HERE,
};

/* What the value that comes now has to be. */
struct target {
	enum oci_kind kind;
	const struct oci_field
		*field; /* its limits, its values, the descriptor of objects; NULL: the root */
};

static enum oci_kind item_kind(enum oci_kind container)
{
	switch (container) {
	case OCI_ARRAY_STRING:
	case OCI_MAP_STRING:
		return OCI_STRING;
	case OCI_ARRAY_UINT32:
		return OCI_UINT32;
	default:
		return OCI_OBJECT;
	}
}

static enum place place_value(struct parser *p, struct target *t)
{
	struct frame *f = p->depth ? &p->frames[p->depth - 1] : NULL;

	if (++p->values > OCI_MAX_VALUES) {
		fail(p, "more than %u values", OCI_MAX_VALUES);
		return PLACE_FAILED;
	}
	if (!f) {
		*t = (struct target){ OCI_OBJECT, NULL };
		return PLACE_HERE;
	}
	switch (f->kind) {
	case FRAME_SKIP_ARRAY:
		f->n++;
		return PLACE_SKIP;
	case FRAME_SKIP_OBJECT:
		return PLACE_SKIP;
	case FRAME_STRUCT:
		if (!f->field)
			return PLACE_SKIP;
		*t = (struct target){ f->field->kind, f->field };
		return PLACE_HERE;
	case FRAME_ARRAY:
		f->n++;
		break;
	case FRAME_MAP:
		break;
	}
	*t = (struct target){ item_kind(f->field->kind), f->field };
	return PLACE_HERE;
}

/* For a scalar of the given sort: where it belongs, or the complaint that something else belongs
 * there. */
static enum place place_scalar(struct parser *p, struct target *t, bool fits(enum oci_kind),
			       const char *word)
{
	enum place place = place_value(p, t);

	if (place == PLACE_HERE && !fits(t->kind)) {
		fail(p, "expected %s, not %s", kind_word(t->kind), word);
		return PLACE_FAILED;
	}
	return place;
}

static size_t grow(size_t *cap, size_t need)
{
	if (*cap < need)
		*cap = *cap ? *cap * 2 : 4;
	return *cap;
}

/* Room for one more item of the array, zeroed; the length counts it at once so that a failing parse
 * frees it. String arrays keep a NULL behind the last. */
static void *array_add(struct frame *f)
{
	const struct oci_field *field = f->field;
	size_t *len = OCI_LEN(f->obj, field), cap = f->cap;
	size_t size = field->kind == OCI_ARRAY_STRING	? sizeof(char *)
		      : field->kind == OCI_ARRAY_UINT32 ? sizeof(uint32_t)
							: field->sub->size;
	char **items = OCI_AT(f->obj, field, char *), *item;

	if (grow(&f->cap, *len + 2) != cap)
		*items = oci_realloc(*items, f->cap, size);
	item = *items + *len * size;
	memset(item, 0, field->kind == OCI_ARRAY_STRING ? 2 * size : size);
	(*len)++;
	return item;
}

/* The same for a map, whose key is the frame's. */
static void *map_add(struct parser *p, struct frame *f)
{
	struct oci_any_map *map = *OCI_AT(f->obj, f->field, struct oci_any_map *);
	size_t size = f->field->kind == OCI_MAP_STRING ? sizeof(char *) : f->field->sub->size,
	       cap = f->cap;
	char *item;

	if (grow(&f->cap, map->len + 1) != cap) {
		map->keys = oci_realloc(map->keys, f->cap, sizeof(char *));
		map->values = oci_realloc(map->values, f->cap, size);
	}
	item = (char *) map->values + map->len * size;
	memset(item, 0, size);
	map->keys[map->len++] = oci_strndup(p->key_bytes.s + f->key.at, f->key.len);
	return item;
}

/* Memory for a value of the current frame: the member of a struct, or a new item. */
static void *value_slot(struct parser *p)
{
	struct frame *f = &p->frames[p->depth - 1];

	switch (f->kind) {
	case FRAME_ARRAY:
		return array_add(f);
	case FRAME_MAP:
		return map_add(p, f);
	default:
		return OCI_AT(f->obj, f->field, void);
	}
}

/* --- scalars --- */

static bool fits_bool(enum oci_kind kind)
{
	return kind == OCI_BOOL;
}

static bool fits_string(enum oci_kind kind)
{
	return kind == OCI_STRING;
}

static bool fits_number(enum oci_kind kind)
{
	return kind == OCI_INT32 || kind == OCI_UINT32 || kind == OCI_INT64 || kind == OCI_UINT64;
}

/* A field that is null is absent; there are no absent items. */
static int on_null(void *arg)
{
	struct parser *p = arg;
	struct target t;
	enum place place = place_value(p, &t);

	if (place == PLACE_HERE && (p->depth == 0 || p->frames[p->depth - 1].kind != FRAME_STRUCT))
		return fail(p, "expected %s, not null", kind_word(t.kind));
	return place != PLACE_FAILED;
}

static int on_boolean(void *arg, int value)
{
	struct parser *p = arg;
	struct target t;
	enum place place = place_scalar(p, &t, fits_bool, "a boolean");

	if (place == PLACE_HERE) {
		struct frame *f = &p->frames[p->depth - 1];

		*OCI_AT(f->obj, t.field, bool) = value != 0;
		*OCI_HAS(f->obj, t.field) = true;
	}
	return place != PLACE_FAILED;
}

/* The limits of a row as the parser compares them; items of arrays have those of their type. */
static void integer_limits(const struct oci_field *field, int64_t *min, uint64_t *max)
{
	bool items = field->kind == OCI_ARRAY_UINT32;

	*min = items ? 0 : field->min;
	*max = items ? UINT32_MAX : field->max;
}

static void store_integer(struct parser *p, const struct target *t, bool negative,
			  uint64_t magnitude)
{
	uint64_t value = negative ? 0 - magnitude : magnitude;
	void *slot = value_slot(p);

	if (t->kind == OCI_INT32 || t->kind == OCI_UINT32)
		*(uint32_t *) slot = (uint32_t) value;
	else
		*(uint64_t *) slot = value;
	if (p->frames[p->depth - 1].kind == FRAME_STRUCT)
		*OCI_HAS(p->frames[p->depth - 1].obj, t->field) = true;
}

static bool in_range(const struct oci_field *field, bool negative, uint64_t magnitude)
{
	uint64_t max;
	int64_t min;

	integer_limits(field, &min, &max);
	if (negative && magnitude > 0)
		return min < 0 && magnitude <= 0 - (uint64_t) min;
	return magnitude <= max && (min <= 0 || magnitude >= (uint64_t) min);
}

static int fail_range(struct parser *p, const char *s, size_t len, const struct oci_field *field)
{
	char text[96];
	uint64_t max;
	int64_t min;

	integer_limits(field, &min, &max);
	snprintf(text, sizeof(text), "is out of range (%" PRId64 " to %" PRIu64 ")", min, max);
	return fail_quoted(p, s, len, text);
}

static int on_number(void *arg, const char *s, size_t len)
{
	struct parser *p = arg;
	struct target t;
	enum place place = place_scalar(p, &t, fits_number, "a number");
	enum oci_number number;
	uint64_t magnitude;
	bool negative;

	if (place != PLACE_HERE)
		return place != PLACE_FAILED;
	number = oci_number_parse(s, len, &negative, &magnitude);
	if (number == OCI_NUMBER_FRACTION)
		return fail_quoted(p, s, len, "is not an integer");
	if (number == OCI_NUMBER_RANGE || !in_range(t.field, negative, magnitude))
		return fail_range(p, s, len, t.field);
	store_integer(p, &t, negative, magnitude);
	return 1;
}

static int fail_value(struct parser *p, const char *s, size_t len, const char *const *values)
{
	struct oci_buf list = { 0 };

	oci_buf_puts(&list, "is not one of");
	for (size_t i = 0; values[i]; i++) {
		if (values[i][0] != '\0')
			oci_buf_printf(&list, "%s %s", i ? "," : "", values[i]);
	}
	fail_quoted(p, s, len, list.s);
	free(list.s);
	return 0;
}

static bool is_listed(const char *const *values, const char *s, size_t len)
{
	for (; *values; values++) {
		if (strlen(*values) == len && memcmp(*values, s, len) == 0)
			return true;
	}
	return false;
}

static int on_string(void *arg, const unsigned char *text, size_t len)
{
	const char *s = (const char *) text;
	struct parser *p = arg;
	struct target t;
	enum place place = place_scalar(p, &t, fits_string, "a string");

	if (place == PLACE_FAILED)
		return 0;
	if (memchr(s, '\0', len))
		return fail(p, "the string contains a NUL");
	if (place == PLACE_SKIP)
		return 1;
	if (t.field->values && !is_listed(t.field->values, s, len))
		return fail_value(p, s, len, t.field->values);
	*(char **) value_slot(p) = oci_strndup(s, len);
	return 1;
}

/* --- objects and arrays --- */

static struct frame *push(struct parser *p, enum frame_kind kind)
{
	struct frame *f;

	if (p->depth == OCI_MAX_DEPTH) {
		fail(p, "nested deeper than %d levels", OCI_MAX_DEPTH);
		return NULL;
	}
	f = &p->frames[p->depth++];
	*f = (struct frame){ .kind = kind,
			     .first_key = p->keys_len,
			     .first_byte = p->key_bytes.len,
			     .key.at = SIZE_MAX };
	return f;
}

static int push_struct(struct parser *p, const struct target *t)
{
	const struct oci_desc *desc = t->field ? t->field->sub : p->desc;
	void *obj;
	struct frame *f;

	if (!t->field) {
		obj = p->root = oci_alloc(desc->size);
	} else if (t->field->kind == OCI_OBJECT) {
		void **slot = value_slot(p);

		obj = *slot = oci_alloc(desc->size);
	} else {
		obj = value_slot(p);
	}
	f = push(p, FRAME_STRUCT);
	if (!f)
		return 0;
	f->desc = desc;
	f->obj = obj;
	return 1;
}

/* A map or an array: its member exists from now on, even if it stays empty. */
static int push_container(struct parser *p, const struct target *t, enum frame_kind kind)
{
	void *owner = p->frames[p->depth - 1].obj;
	struct frame *f = push(p, kind);
	void **member;

	if (!f)
		return 0;
	f->field = t->field;
	f->obj = owner;
	member = OCI_AT(owner, t->field, void *);
	*member = oci_alloc(kind == FRAME_MAP ? sizeof(struct oci_any_map) : sizeof(char *));
	return 1;
}

static int on_start_map(void *arg)
{
	struct parser *p = arg;
	struct target t;

	switch (place_value(p, &t)) {
	case PLACE_FAILED:
		return 0;
	case PLACE_SKIP:
		return push(p, FRAME_SKIP_OBJECT) != NULL;
	case PLACE_HERE:
		break;
	}
	if (t.kind == OCI_MAP_STRING || t.kind == OCI_MAP_OBJECT)
		return push_container(p, &t, FRAME_MAP);
	if (t.kind != OCI_OBJECT)
		return fail(p, "expected %s, not an object", kind_word(t.kind));
	return push_struct(p, &t);
}

static int on_start_array(void *arg)
{
	struct parser *p = arg;
	struct target t;

	switch (place_value(p, &t)) {
	case PLACE_FAILED:
		return 0;
	case PLACE_SKIP:
		return push(p, FRAME_SKIP_ARRAY) != NULL;
	case PLACE_HERE:
		break;
	}
	if (t.kind != OCI_ARRAY_STRING && t.kind != OCI_ARRAY_UINT32 && t.kind != OCI_ARRAY_OBJECT)
		return fail(p, "expected %s, not an array", kind_word(t.kind));
	return push_container(p, &t, FRAME_ARRAY);
}

static int on_end_array(void *arg)
{
	struct parser *p = arg;
	struct frame *f = &p->frames[p->depth - 1];
	uint64_t least = f->kind == FRAME_ARRAY ? f->field->max : 0;
	size_t n = f->n;

	p->depth--;
	if (n < least)
		return fail(p, "expected at least %" PRIu64 " item%s", least, least > 1 ? "s" : "");
	return 1;
}

/* --- keys --- */

static const struct oci_field *find_field(const struct oci_desc *desc, const char *name, size_t len)
{
	size_t low = 0, high = desc->n_fields;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const char *s = desc->fields[mid].name;
		int c = strncmp(name, s, len);

		if (c == 0 && s[len] == '\0')
			return &desc->fields[mid];
		if (c > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static int fail_duplicate(struct parser *p, const char *key, size_t len)
{
	struct frame *f = &p->frames[p->depth - 1];

	f->field = f->kind == FRAME_STRUCT ? NULL : f->field;
	f->key.at = SIZE_MAX; /* the path of the object, not of its last member */
	return fail_quoted(p, key, len, "is given twice");
}

static void remember_unknown(struct oci_any *obj, const char *name, size_t len)
{
	struct oci_extra *extra = obj->extra;

	if (!extra)
		extra = obj->extra = oci_alloc(sizeof(*extra));
	if ((extra->len & (extra->len - 1)) == 0) /* room for 1, 2, 4, … */
		extra->names =
			oci_realloc(extra->names, extra->len ? extra->len * 2 : 1, sizeof(char *));
	extra->names[extra->len++] = oci_strndup(name, len);
}

static void push_key(struct parser *p, struct frame *f, const char *s, size_t len)
{
	if (p->keys_len == p->keys_cap) {
		p->keys_cap = p->keys_cap ? p->keys_cap * 2 : 16;
		p->keys = oci_realloc(p->keys, p->keys_cap, sizeof(*p->keys));
	}
	f->key = (struct key) { p->key_bytes.len, len };
	oci_buf_add(&p->key_bytes, s, len);
	p->keys[p->keys_len++] = f->key;
}

static int on_map_key(void *arg, const unsigned char *text, size_t len)
{
	const char *s = (const char *) text;
	struct parser *p = arg;
	struct frame *f = &p->frames[p->depth - 1];
	bool has_nul = memchr(s, '\0', len) != NULL; /* names of fields are compared as C strings */

	if (f->kind == FRAME_STRUCT)
		f->field = has_nul ? NULL : find_field(f->desc, s, len);
	if (f->kind == FRAME_STRUCT && f->field) {
		uint64_t bit = 1ULL << (f->field - f->desc->fields);

		if (f->seen & bit)
			return fail_duplicate(p, s, len);
		f->seen |= bit;
		return 1;
	}
	push_key(p, f, s, len);
	if (has_nul)
		return fail(p, "the key contains a NUL");
	if (f->kind == FRAME_STRUCT)
		remember_unknown(f->obj, s, len);
	return 1;
}

static int compare_keys(const void *left, const void *right, void *bytes)
{
	const struct key *a = left, *b = right;

	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return a->len ? memcmp((char *) bytes + a->at, (char *) bytes + b->at, a->len) : 0;
}

/* Sorting once at the end of an object finds a pair among a million keys in a fraction of a
 * second. */
static const struct key *find_duplicate(struct parser *p, size_t first)
{
	size_t n = p->keys_len - first;
	struct key *keys;

	if (n < 2)
		return NULL;
	keys = p->keys + first;
	qsort_r(keys, n, sizeof(*keys), compare_keys, p->key_bytes.s);
	for (size_t i = 1; i < n; i++) {
		if (compare_keys(&keys[i - 1], &keys[i], p->key_bytes.s) == 0)
			return &keys[i];
	}
	return NULL;
}

static int check_required(struct parser *p, struct frame *f)
{
	for (size_t i = 0; i < f->desc->n_fields; i++) {
		const struct oci_field *field = &f->desc->fields[i];

		if ((field->flags & OCI_REQUIRED) && !oci_field_present(field, f->obj)) {
			f->field = field;
			return fail(p, "required, but missing");
		}
	}
	return 1;
}

static int on_end_map(void *arg)
{
	struct parser *p = arg;
	struct frame *f = &p->frames[p->depth - 1];
	const struct key *twice = find_duplicate(p, f->first_key);

	if (twice)
		return fail_duplicate(p, p->key_bytes.s + twice->at, twice->len);
	if (f->kind == FRAME_STRUCT && !check_required(p, f))
		return 0;
	p->keys_len = f->first_key;
	p->key_bytes.len = f->first_byte;
	p->depth--;
	return 1;
}

/* --- the parse --- */

static void add_position(struct oci_buf *b, const char *json, size_t at)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < at; i++) {
		column++;
		if (json[i] == '\n') {
			line++;
			column = 1;
		}
	}
	oci_buf_printf(b, "line %zu, column %zu: ", line, column);
}

static void add_syntax_error(struct oci_buf *b, yajl_handle handle, const char *json, size_t at)
{
	unsigned char *text = yajl_get_error(handle, 0, NULL, 0);
	const char *s = (const char *) text, *colon = strstr(s, ": ");

	add_position(b, json, at);
	oci_buf_puts(b, "syntax error: ");
	s = colon ? colon + 2 : s;
	oci_buf_add(b, s, strcspn(s, "\n"));
	yajl_free_error(handle, text);
}

static bool run(struct parser *p, const char *json, size_t len)
{
	static const yajl_callbacks callbacks = {
		.yajl_null = on_null,
		.yajl_boolean = on_boolean,
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_start_map = on_start_map,
		.yajl_map_key = on_map_key,
		.yajl_end_map = on_end_map,
		.yajl_start_array = on_start_array,
		.yajl_end_array = on_end_array,
	};
	const char *complaint;
	yajl_handle handle;
	yajl_status status;
	size_t at;

	if (len > OCI_MAX_SIZE) {
		oci_buf_printf(&p->error, "larger than %u MiB", OCI_MAX_SIZE >> 20);
		return false;
	}
	complaint = oci_prescan(json, len, &at);
	if (complaint) {
		add_position(&p->error, json, at);
		oci_buf_puts(&p->error, complaint);
		return false;
	}
	handle = yajl_alloc(&callbacks, NULL, p);
	if (!handle)
		oci_realloc(NULL, SIZE_MAX, 2);		    /* out of memory, in our words */
	yajl_config(handle, yajl_dont_validate_strings, 1); /* done above, and better */
	status = yajl_parse(handle, (const unsigned char *) json, len);
	at = yajl_get_bytes_consumed(handle);
	if (status == yajl_status_ok) {
		status = yajl_complete_parse(
			handle); /* feeds a blank of its own, so the place is the end */
		at = len;
	}
	if (status == yajl_status_error)
		add_syntax_error(&p->error, handle, json, at);
	yajl_free(handle);
	return status == yajl_status_ok;
}

int ocispec_parse(const struct oci_desc *desc, const char *json, size_t len, void **ret,
		  struct oci_error *err)
{
	struct parser p;
	bool ok;

	p.desc = desc;
	p.root = NULL;
	p.depth = p.values = p.keys_len = p.keys_cap = 0;
	p.keys = NULL;
	p.key_bytes = p.error = (struct oci_buf){ 0 };

	ok = run(&p, json, len);
	free(p.keys);
	free(p.key_bytes.s);
	if (!ok) {
		ocispec_free(desc, p.root);
		free(err->text);
		err->text = p.error.s;
		return -1;
	}
	*ret = p.root;
	return 0;
}
