/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of a mount, one a line; the first line is its type ("-": none), the second its
 * destination, the third its source ("-": none). Parsed alone and planned as a configuration's.
 */

#include <linux/mount.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "fuzz_json.h"
#include "linux/mount_plan.h"

static void check_attrs(const struct mount_attrs *a)
{
	const uint64_t known = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			       MOUNT_ATTR_NOEXEC | MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME |
			       MOUNT_ATTR_NOSYMFOLLOW;
	const uint64_t flags = known & ~(uint64_t) MOUNT_ATTR__ATIME;

	FUZZ_CHECK(!((a->set | a->clear | a->rec_set | a->rec_clear) & ~known));
	FUZZ_CHECK(!(a->set & a->clear & flags) && !(a->rec_set & a->rec_clear & flags));
	/* What the kernel demands: a mode is set only where the whole field is cleared. */
	FUZZ_CHECK(!(a->set & MOUNT_ATTR__ATIME) ||
		   (a->clear & MOUNT_ATTR__ATIME) == MOUNT_ATTR__ATIME);
	FUZZ_CHECK(a->propagation_len <= ARRAY_SIZE(a->propagation));
	for (size_t i = 0; i < a->propagation_len; i++) {
		for (size_t k = 0; k < i; k++)
			FUZZ_CHECK(a->propagation[i] != a->propagation[k]);
	}
}

static void plan(const struct oci_mount *m, bool userns)
{
	struct oci_id_mapping id = { .size = 65536, .host_id = 100000 };
	static const struct mount_cgroup cgroup = { "", "/sys/fs/cgroup", "/c1" };
	const struct mount_plan_args args = {
		.mounts = m,
		.mounts_len = 1,
		.bundle = "/bundle",
		.userns = userns,
		.pidns = userns,
		.cgroupns = userns,
		.cgroup_mode = userns ? MOUNT_CGROUP_V2 : MOUNT_CGROUP_V1,
		.cgroups = &cgroup,
		.cgroups_len = 1,
		.userns_map = { &id, userns, &id, userns },
	};
	struct mount_plan p;

	if (mount_plan(&args, &p) < 0) {
		FUZZ_CHECK(strncmp(err_get_text(), "mounts[0]", strlen("mounts[0]")) == 0);
		err_clear();
		return;
	}
	for (size_t i = 0; i < p.len; i++) {
		autostrbuf struct strbuf text = STRBUF_INIT;
		const char *d = p.ops[i].destination;

		FUZZ_CHECK(d[0] == '/' && !strstr(d, "/../") && !strstr(d, "//"));
		FUZZ_CHECK(d[1] || p.ops[i].kind == MOUNT_OP_REMOUNT);
		check_attrs(&p.ops[i].attrs);
		mount_op_format(&p.ops[i], &text);
		fuzz_check_json(strbuf_str(&text));
	}
	mount_plan_clear(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *) data, size);
	autostrv struct strv lines = { 0 };
	struct mount_opts opts;
	size_t n;

	log_set_level(LOG_L_ERROR);
	strv_split(&lines, text, "\n");
	n = lines.len < 3 ? lines.len : 3;
	mount_opts_parse(lines.v ? lines.v + n : NULL, lines.len - n, &opts);
	check_attrs(&opts.attrs);
	FUZZ_CHECK(!(opts.sb_set & opts.sb_clear));
	FUZZ_CHECK(!(opts.flags & MOUNT_OPT_IDMAP_REC) || opts.flags & MOUNT_OPT_IDMAP);
	mount_opts_clear(&opts);
	if (n == 3) {
		const struct oci_mount m = {
			.type = str_eq(lines.v[0], "-") ? NULL : lines.v[0],
			.destination = lines.v[1],
			.source = str_eq(lines.v[2], "-") ? NULL : lines.v[2],
			.options = lines.v + n,
			.options_len = lines.len - n,
		};

		plan(&m, false);
		plan(&m, true);
	}
	return 0;
}
