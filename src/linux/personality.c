/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/personality.h"

#include <sys/personality.h>

#include "base/err.h"
#include "base/table.h"
#include "ocispec.h"

static const struct name_value domains[] = {
	{ "LINUX", PER_LINUX },
	{ "LINUX32", PER_LINUX32 },
};

static int plan(const struct oci_personality *p)
{
	int64_t domain;

	if (!p->domain || !TABLE_FIND(domains, p->domain, &domain))
		return err_code(EINVAL, "unknown personality domain '%s'",
				p->domain ? p->domain : "");
	if (p->flags_len > 0)
		return err_code(EINVAL, "unknown personality flag '%s'", p->flags[0]);
	return domain;
}

int personality_check(const struct oci_personality *p)
{
	int r = plan(p);

	return r < 0 ? r : 0;
}

int personality_apply(const struct oci_personality *p)
{
	int domain = plan(p);

	if (domain < 0)
		return domain;
	if (personality(domain) < 0)
		return err_sys("set personality '%s'", p->domain);
	return 0;
}
