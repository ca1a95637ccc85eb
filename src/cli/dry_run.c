/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/dry_run.h"

#include "cli/cli.h"

int cli_dry_run(const struct runtime_opts *rt, const struct run_opts *opts, const char *id)
{
	autofree char *json = NULL;
	int r = dry_run_json(rt, opts, id, &json);

	return r < 0 ? r : out_text(json);
}
