/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/ioprio.h"

#include <linux/ioprio.h>

#include "base/err.h"
#include "base/sys.h"
#include "base/table.h"
#include "ocispec.h"

static const struct name_value classes[] = {
	{ "IOPRIO_CLASS_RT", IOPRIO_CLASS_RT },
	{ "IOPRIO_CLASS_BE", IOPRIO_CLASS_BE },
	{ "IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE },
};

int ioprio_plan(const struct oci_io_priority *p)
{
	int64_t class;

	if (!p->class || !TABLE_FIND(classes, p->class, &class))
		return err_code(EINVAL, "unknown I/O priority class '%s'",
				p->class ? p->class : "");
	if (p->priority < 0 || p->priority > 7)
		return err_code(EINVAL, "I/O priority %d is not between 0 and 7", p->priority);
	return IOPRIO_PRIO_VALUE(class, p->priority);
}

int ioprio_apply(const struct oci_io_priority *p)
{
	int r, value = ioprio_plan(p);

	if (value < 0)
		return value;
	r = sys_ioprio_set(IOPRIO_WHO_PROCESS, 0, value);
	if (r < 0)
		return err_sys_r(r, "set I/O priority %s %d", p->class, p->priority);
	return 0;
}
