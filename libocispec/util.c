/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include <stdio.h>

void *oci_alloc(size_t size)
{
	return memset(oci_realloc(NULL, 1, size), 0, size);
}

void *oci_realloc(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (!__builtin_mul_overflow(n, size, &bytes))
		p = realloc(p, bytes ? bytes : 1);
	else
		p = NULL;
	if (!p) {
		fputs("ocispec: out of memory\n", stderr);
		abort();
	}
	return p;
}

char *oci_strndup(const char *s, size_t len)
{
	char *r = oci_realloc(NULL, 1, len + 1);

	memcpy(r, s, len);
	r[len] = '\0';
	return r;
}

void oci_buf_add(struct oci_buf *b, const char *s, size_t n)
{
	if (b->len + n + 1 > b->cap) {
		b->cap = (b->len + n + 1) * 2;
		b->s = oci_realloc(b->s, 1, b->cap);
	}
	memcpy(b->s + b->len, s, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void oci_buf_puts(struct oci_buf *b, const char *s)
{
	oci_buf_add(b, s, strlen(s));
}

void oci_buf_vprintf(struct oci_buf *b, const char *fmt, va_list ap)
{
	char *text;
	int n = vasprintf(&text, fmt, ap);

	if (n < 0) {
		fputs("ocispec: out of memory\n", stderr);
		abort();
	}
	oci_buf_add(b, text, (size_t) n);
	free(text);
}

void oci_buf_printf(struct oci_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	oci_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

#define QUOTE_MAX 128

void oci_buf_quote(struct oci_buf *b, const char *s, size_t len)
{
	bool cut = len > QUOTE_MAX;

	if (cut) {
		len = QUOTE_MAX;
		while (len > 0 && ((unsigned char) s[len] & 0xc0) == 0x80)
			len--;
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char) s[i];

		oci_buf_add(b, c < 0x20 || c == 0x7f ? "?" : s + i, 1);
	}
	if (cut)
		oci_buf_puts(b, "...");
}

void oci_error_clear(struct oci_error *err)
{
	free(err->text);
	err->text = NULL;
}

const char *oci_map_get(const struct oci_map *map, const char *key)
{
	for (size_t i = 0; map && i < map->len; i++) {
		if (strcmp(map->keys[i], key) == 0)
			return map->values[i];
	}
	return NULL;
}

void oci_map_set(struct oci_map **map, const char *key, const char *value)
{
	struct oci_map *m = *map;
	char *copy = oci_strndup(value, strlen(value));

	if (!m)
		m = *map = oci_alloc(sizeof(*m));
	for (size_t i = 0; i < m->len; i++) {
		if (strcmp(m->keys[i], key) == 0) {
			free(m->values[i]);
			m->values[i] = copy;
			return;
		}
	}
	m->keys = oci_realloc(m->keys, m->len + 1, sizeof(*m->keys));
	m->values = oci_realloc(m->values, m->len + 1, sizeof(*m->values));
	m->keys[m->len] = oci_strndup(key, strlen(key));
	m->values[m->len++] = copy;
}

void oci_map_free(struct oci_map *map)
{
	if (!map)
		return;
	for (size_t i = 0; i < map->len; i++) {
		free(map->keys[i]);
		free(map->values[i]);
	}
	free(map->keys);
	free(map->values);
	free(map);
}
