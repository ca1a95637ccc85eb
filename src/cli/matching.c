/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/matching.h"

#include <errno.h>
#include <regex.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "runtime/container.h"
#include "runtime/store.h"

static int list_ids(const struct runtime_opts *rt, char ***ret)
{
	autofd int root_fd = FD_NONE;
	int r = store_open_root(rt->root, false, &root_fd);

	if (r == -ENOENT && rt->root_is_default) {
		err_forgive(r, "no containers");
		return 0;
	}
	return r < 0 ? r : store_list(root_fd, ret);
}

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
	r = list_ids(rt, &ids);
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
