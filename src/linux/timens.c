/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/timens.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "ocispec.h"

static int add_clock(struct strbuf *text, const char *clock, const struct oci_time_offset *o)
{
	if (!o)
		return 0;
	if (o->nanosecs >= 1000000000)
		return err_code(EINVAL, "time offset of '%s': %u nanoseconds are a second or more",
				clock, o->nanosecs);
	strbuf_addf(text, "%s %lld %u\n", clock, (long long) o->secs, o->nanosecs);
	return 0;
}

int timens_format(const struct oci_time_offsets *offsets, char **ret)
{
	autostrbuf struct strbuf text = STRBUF_INIT;
	int r;

	r = add_clock(&text, "monotonic", offsets->monotonic);
	if (r == 0)
		r = add_clock(&text, "boottime", offsets->boottime);
	if (r < 0)
		return r;
	*ret = xstrdup(strbuf_str(&text));
	return 0;
}

int timens_write(pid_t pid, const struct oci_time_offsets *offsets)
{
	autofree char *text = NULL;
	char path[64];
	int r;

	r = timens_format(offsets, &text);
	if (r < 0 || !*text)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/timens_offsets", pid);
	r = file_write_at(AT_FDCWD, path, text);
	if (r < 0)
		return err_sys_r(r, "write time offsets");
	return 0;
}
