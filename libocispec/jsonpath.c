/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

/* Names that read well behind a dot; others (annotations, sysctls) go in brackets. */
static bool is_plain(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '-'))
			return false;
	}
	return len > 0;
}

void oci_path_add_name(struct oci_buf *b, const char *name, size_t len)
{
	if (is_plain(name, len)) {
		if (b->len > 0)
			oci_buf_add(b, ".", 1);
		oci_buf_quote(b, name, len);
		return;
	}
	oci_buf_puts(b, "[\"");
	oci_buf_quote(b, name, len);
	oci_buf_puts(b, "\"]");
}

void oci_path_add_index(struct oci_buf *b, size_t index)
{
	oci_buf_printf(b, "[%zu]", index);
}
