/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "cli/cli.h"

int out_text(const char *text)
{
	int r = fd_write_full(STDOUT_FILENO, text, strlen(text));

	if (r < 0)
		return err_sys_r(r, "write to standard output");
	return 0;
}
