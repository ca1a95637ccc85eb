/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_SPEC_NAMESPACES_H
#define HAKO_SPEC_NAMESPACES_H

#include <stdbool.h>

struct oci_linux;

/* The index in linux.namespaces of the first one of a type ("user"), or -1; l may be NULL. Pure. */
int spec_find_namespace(const struct oci_linux *l, const char *type);
bool spec_has_namespace(const struct oci_linux *l, const char *type);

#endif
