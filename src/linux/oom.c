/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/oom.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/err.h"
#include "base/file.h"

int oom_check(int score_adj)
{
	if (score_adj < -1000 || score_adj > 1000)
		return err_code(EINVAL, "oomScoreAdj %d is not between -1000 and 1000", score_adj);
	return 0;
}

int oom_apply(pid_t pid, int score_adj)
{
	char path[64] = "/proc/self/oom_score_adj", text[16];
	int r;

	r = oom_check(score_adj);
	if (r < 0)
		return r;
	if (pid > 0)
		snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	snprintf(text, sizeof(text), "%d", score_adj);
	r = file_write_at(AT_FDCWD, path, text);
	if (r < 0)
		return err_sys_r(r, "set oom_score_adj to %d", score_adj);
	return 0;
}
