/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/matching.h"

#include <errno.h>
#include <regex.h>

#include "base/err.h"
#include "base/str.h"
#include "runtime/container.h"

int matching_each(const struct runtime_opts *rt, const char *expression,
		  int (*one)(const struct runtime_opts *rt, const char *id, const void *arg),
		  const void *arg)
{
	char **ids = NULL;
	size_t failed = 0;
	regex_t re;
	int r;

	if (regcomp(&re, expression, REG_EXTENDED | REG_NOSUB) != 0)
		return err_code(EINVAL, "'%s' is no regular expression", expression);
	r = container_list(rt, &ids);
	for (char **id = ids; id && *id; id++) {
		int done = regexec(&re, *id, 0, NULL, 0) == 0 ? one(rt, *id, arg) : 0;

		if (done < 0)
			err_warn(done, "'%s'", *id);
		failed += done < 0;
	}
	strs_free(ids);
	regfree(&re);
	return failed ? err_code(ECANCELED, "failed for %zu of the containers", failed) : r;
}
