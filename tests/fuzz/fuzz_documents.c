/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The documents beside config.json and process.json, by number in the first byte: what is read is
 * written and read again.
 */

#include "base/alloc.h"
#include "fuzz_json.h"

static const struct oci_desc *const documents[] = {
	&oci_state_desc,   &oci_state_ext_desc, &oci_seccomp_state_desc,
	&oci_seccomp_desc, &oci_resources_desc, &oci_features_desc,
	&oci_list_desc,	   &oci_hooks_desc,	&oci_landlock_desc,
};

static void ignore_path(void *arg, const char *path)
{
	(void) arg;
	FUZZ_CHECK(*path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct oci_desc *desc;
	void *doc;

	if (!size)
		return 0;
	desc = documents[data[0] % ARRAY_SIZE(documents)];
	doc = fuzz_parse(desc, data + 1, size - 1);
	if (!doc)
		return 0;
	fuzz_check_round_trip(desc, doc);
	ocispec_each_unknown(desc, doc, ignore_path, NULL);
	ocispec_free(desc, doc);
	return 0;
}
