/* SPDX-License-Identifier: Apache-2.0 */
/* Our state file, and the places it sends us to: references to cgroups that may be damaged. */

#include "base/err.h"
#include "base/log.h"
#include "cgroup/cgroup.h"
#include "fuzz_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oci_status *s;
	autocgroup struct cgroup cg = CGROUP_INIT;
	enum cgroup_mode mode;

	log_set_level(LOG_L_ERROR);
	s = fuzz_parse(&oci_status_desc, data, size);
	if (!s)
		return 0;
	fuzz_check_round_trip(&oci_status_desc, s);
	if (s->cgroup_mode && cgroup_mode_parse(s->cgroup_mode, &mode) >= 0 &&
	    cgroup_open(mode, s->cgroup_paths, s->cgroup_paths_len, &cg) >= 0) {
		for (size_t i = 0; i < cg.len; i++)
			FUZZ_CHECK(cg.at[i].path[0] == '/' && cg.at[i].mountpoint[0] == '/');
	}
	err_clear();
	oci_status_free(s);
	return 0;
}
