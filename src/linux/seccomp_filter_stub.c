/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/seccomp_filter.h"

#include "base/err.h"

/* Built without libseccomp. A profile that cannot be applied must not be ignored. */

int seccomp_filter_build(const struct oci_seccomp *seccomp, int options,
			 struct seccomp_program *ret)
{
	(void) seccomp;
	(void) options;
	(void) ret;
	return err_code(ENOTSUP, "seccomp: this program was built without libseccomp");
}

bool seccomp_is_available(void)
{
	return false;
}
