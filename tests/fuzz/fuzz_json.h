/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_TESTS_FUZZ_FUZZ_JSON_H
#define HAKO_TESTS_FUZZ_FUZZ_JSON_H

/* Checks for targets whose subject reads or writes JSON. */

#include <stdbool.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "fuzz.h"
#include "ocispec.h"

/* Is what we wrote JSON, in UTF-8 and with nothing behind it? */
static inline void fuzz_check_json(const char *text)
{
	yajl_handle h = yajl_alloc(NULL, NULL, NULL);
	bool ok = yajl_parse(h, (const unsigned char *) text, strlen(text)) == yajl_status_ok &&
		  yajl_complete_parse(h) == yajl_status_ok;

	yajl_free(h);
	if (!ok)
		fprintf(stderr, "%s\n", text);
	FUZZ_CHECK(ok);
}

/* Whatever the parser takes comes back the same from both forms of the text, and from a clone. */
static inline void fuzz_check_round_trip(const struct oci_desc *desc, const void *doc)
{
	void *clone = ocispec_clone(desc, doc);

	FUZZ_CHECK(ocispec_equal(desc, doc, clone));
	ocispec_free(desc, clone);
	for (int flags = 0; flags <= OCI_PRETTY; flags += OCI_PRETTY) {
		struct oci_error err = { NULL };
		char *text = ocispec_generate(desc, doc, flags), *again_text;
		void *again = NULL;

		if (ocispec_parse(desc, text, strlen(text), &again, &err) != 0)
			fprintf(stderr, "%s\n%s\n", err.text, text);
		FUZZ_CHECK(again);
		FUZZ_CHECK(ocispec_equal(desc, doc, again));
		again_text = ocispec_generate(desc, again, flags);
		FUZZ_CHECK(strcmp(text, again_text) == 0);
		free(again_text);
		free(text);
		ocispec_free(desc, again);
	}
}

/* NULL for what the parser refuses: with a text, always. */
static inline void *fuzz_parse(const struct oci_desc *desc, const uint8_t *data, size_t size)
{
	struct oci_error err = { NULL };
	void *doc = NULL;
	int r = ocispec_parse(desc, (const char *) data, size, &doc, &err);

	FUZZ_CHECK((r == 0) == (doc != NULL));
	FUZZ_CHECK((r == 0) == (err.text == NULL));
	oci_error_clear(&err);
	return doc;
}

#endif
