/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/self/mountinfo: mount points and sources are named by whoever mounted. */

#include <string.h>

#include "base/alloc.h"
#include "base/mountinfo.h"
#include "fuzz.h"

static int look(void *arg, const struct mountinfo *m)
{
	size_t *total = arg;

	*total += strlen(m->root) + strlen(m->mountpoint) + strlen(m->options) +
		  strlen(m->propagation) + strlen(m->fstype) + strlen(m->source) +
		  strlen(m->super_options);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *) data, size), *before = xstrdup(text);
	size_t total = 0;

	(void) mountinfo_each(text, look, &total);
	FUZZ_CHECK(total <= size);
	FUZZ_CHECK(strcmp(text, before) == 0);
	return 0;
}
