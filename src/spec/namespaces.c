/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/namespaces.h"

#include "base/str.h"
#include "ocispec.h"

int spec_find_namespace(const struct oci_linux *l, const char *type)
{
	for (size_t i = 0; l && i < l->namespaces_len; i++) {
		if (str_eq(l->namespaces[i].type, type))
			return (int) i;
	}
	return -1;
}

bool spec_has_namespace(const struct oci_linux *l, const char *type)
{
	return spec_find_namespace(l, type) >= 0;
}
