/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CGROUP_RES_H
#define HAKO_CGROUP_RES_H

/*
 * linux.resources → ordered writes. PURE. Each controller's fields are one function per cgroup
 * version, so that a hybrid host can take each from the version that has the controller.
 *
 * Zero means "not asked" for the fields in which engines send it for that (docker's update does):
 * memory sizes, cpu shares, quota, period, real-time values, block weights. For pids, idle, burst,
 * swappiness, hugetlb and rdma it is a value.
 */

#include <stdbool.h>

#include "cgroup/cgroup.h"
#include "ocispec.h"

enum res_group {
	RES_MEMORY,
	RES_CPU,
	RES_CPUSET,
	RES_PIDS,
	RES_IO,
	RES_HUGETLB,
	RES_RDMA,
	RES_NET_CLS,
	RES_NET_PRIO,
	RES_COUNT_,
};

/* What a group is called in each version; v2 NULL: it has no such controller. */
struct res_group_info {
	const char *v1;
	const char *v2;
	const char *field; /* "linux.resources.memory" */
};
extern const struct res_group_info res_groups[RES_COUNT_];

/* Does anything in the document ask for a write of this group? */
bool res_wants(const struct oci_resources *res, enum res_group group);

/* Where one group's writes go. */
struct res_out {
	struct cg_writes *writes;
	struct strv *notes;
	const char *controller;
	bool v2;
};

/* Adds a write; the result is valid until the next one. */
struct cg_write *res_add(struct res_out *out, const char *field, const char *file, const char *fmt,
			 ...) __attribute__((format(printf, 4, 5)));
/* 0, or -EINVAL with the field named, when value is less than -1. */
int res_check_size(const char *field, int64_t value);
/* "8:0" parts of a device entry must be numbers of 32 bits. */
int res_check_device(const char *field, int64_t major, int64_t minor);
/* A word that may become part of a file name or a line: not empty, no '/', white space or "..". */
int res_check_word(const char *field, const char *word);

int res_v2_group(const struct oci_resources *res, enum res_group group, struct res_out *out);
int res_v1_group(const struct oci_resources *res, enum res_group group, struct res_out *out);
/* Same file and format in both. */
int res_rdma(const struct oci_resources *res, struct res_out *out);
int res_cpuset(const struct oci_resources *res, struct res_out *out);
/* "hugetlb.2MB." and this suffix. */
int res_hugetlb(const struct oci_resources *res, const char *suffix, struct res_out *out);
/* linux.resources.unified; controllers is what cgroup2 has, where the mount point for messages. */
int res_unified(const struct oci_map *unified, const char *controllers, const char *where,
		struct res_out *out);

/* cpu.shares (2..262144) → cpu.weight (1..10000). */
uint64_t res_shares_to_weight(uint64_t shares);

void cg_writes_clear(struct cg_writes *writes);

/* Is word in a list separated by blanks or commas? */
bool res_list_has(const char *list, const char *word);

#endif
