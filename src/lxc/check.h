/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_CHECK_H
#define HAKO_LXC_CHECK_H

/* The audit of containers of this host: reads their configurations and what the audit asks of it.
 */

#include "lxc/audit.h"
#include "lxc/convert.h"
#include "lxc/place.h"

/*
 * Audits each place by itself and all of them together; opts.config and opts.name are filled in.
 * cgroup1: the host's controllers are those of cgroup v1. What cannot be read is a finding, not an
 * error: it counts in out->refused.
 */
void lxc_check(const struct places *places, const struct lxc_convert_opts *opts, bool cgroup1,
	       struct audit *out);
/* 0: nothing as grave as `least`; 1: something; 2: a configuration could not be read. */
int lxc_check_status(const struct audit *a, enum audit_severity least);

#endif
