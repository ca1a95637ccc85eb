/* SPDX-License-Identifier: Apache-2.0 */
/* The document of `exec --process`. */

#include "base/err.h"
#include "base/log.h"
#include "fuzz_json.h"
#include "spec/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oci_process *p;

	log_set_level(LOG_L_ERROR);
	p = fuzz_parse(&oci_process_desc, data, size);
	if (!p)
		return 0;
	fuzz_check_round_trip(&oci_process_desc, p);
	FUZZ_CHECK((validate_process(p) < 0) == err_is_set());
	err_clear();
	oci_process_free(p);
	return 0;
}
