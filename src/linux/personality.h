/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_PERSONALITY_H
#define HAKO_LINUX_PERSONALITY_H

struct oci_personality;

/* LINUX and LINUX32; the specification knows no flag yet, so any is an error. Pure. */
int personality_check(const struct oci_personality *p);
int personality_apply(const struct oci_personality *p);

#endif
