/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/lxc.h"

/* clang-format off: one a line */
static const struct command *const commands[] = {
	&lxc_cmd_check,
	&lxc_cmd_convert,
	&lxc_cmd_diff,
	&lxc_cmd_explain,
	&lxc_cmd_from_oci,
	&lxc_cmd_keys,
	&lxc_cmd_run,
	NULL,
};
/* clang-format on */

const struct command cmd_lxc = {
	.name = "lxc",
	.args = "COMMAND [ARGUMENT...]",
	.summary = "LXC configurations as OCI bundles",
	.sub = commands,
};
