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
	/* on containers by name */
	&lxc_cmd_start,
	&lxc_cmd_stop,
	&lxc_cmd_attach,
	&lxc_cmd_console,
	&lxc_cmd_ls,
	&lxc_cmd_info,
	&lxc_cmd_freeze,
	&lxc_cmd_unfreeze,
	&lxc_cmd_wait,
	&lxc_cmd_units,
	NULL,
};
/* clang-format on */

const struct command cmd_lxc = {
	.name = "lxc",
	.args = "COMMAND [ARGUMENT...]",
	.summary = "LXC configurations as OCI bundles",
	.sub = commands,
};
