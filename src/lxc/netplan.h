/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_NETPLAN_H
#define HAKO_LXC_NETPLAN_H

/*
 * The network plan, annotation org.hako.net: what the conversion writes and the hook carries out.
 * Pure. struct oci_net of libocispec is the document; the annotation is its array alone.
 */

#include <stddef.h>

#include "ocispec.h"

#define NETPLAN_ANNOTATION "org.hako.net"

/* Called for each thing that cannot work, with the interface's place in the array and the field as
 * the document has it ("gw4", "ipv4[1]", "veth.pair"). */
typedef void (*netplan_fault_fn)(void *arg, size_t i, const char *field, const char *text);

/* Everything that the schema cannot say: names, addresses, what goes with what. */
void netplan_check(const struct oci_net *plan, netplan_fault_fn fn, void *arg);

/* The plan in an annotation's text, checked. 0, or -EINVAL with the first fault recorded. */
int netplan_parse(const char *text, struct oci_net **ret);
/* The annotation's text. Heap. */
char *netplan_format(const struct oci_net *plan);

#endif
