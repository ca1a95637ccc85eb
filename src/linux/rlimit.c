/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/rlimit.h"

#include <sys/resource.h>

#include "base/err.h"
#include "base/rlimit.h"
#include "ocispec.h"

int rlimit_check(const struct oci_rlimit *limits, size_t n)
{
	unsigned int seen = 0;

	for (size_t i = 0; i < n; i++) {
		int resource = rlimit_parse(limits[i].type);

		if (resource < 0)
			return err_code(EINVAL, "unknown rlimit '%s'",
					limits[i].type ? limits[i].type : "");
		if (seen & 1u << resource)
			return err_code(EINVAL, "rlimit '%s' is given twice", limits[i].type);
		seen |= 1u << resource;
		if (limits[i].soft > limits[i].hard)
			return err_code(EINVAL,
					"rlimit '%s': soft limit %llu is above the hard limit %llu",
					limits[i].type, (unsigned long long) limits[i].soft,
					(unsigned long long) limits[i].hard);
	}
	return 0;
}

int rlimit_apply(pid_t pid, const struct oci_rlimit *limits, size_t n)
{
	int r = rlimit_check(limits, n);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		/* RLIM_INFINITY is 2^64-1 in the document, too */
		struct rlimit64 lim = { .rlim_cur = limits[i].soft, .rlim_max = limits[i].hard };

		if (prlimit64(pid, rlimit_parse(limits[i].type), &lim, NULL) < 0)
			return err_sys("set %s to %llu:%llu", limits[i].type,
				       (unsigned long long) limits[i].soft,
				       (unsigned long long) limits[i].hard);
	}
	return 0;
}
