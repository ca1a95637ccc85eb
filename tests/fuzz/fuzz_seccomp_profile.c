/* SPDX-License-Identifier: Apache-2.0 */
/* LXC's seccomp profiles: the document that comes out must be one that we take ourselves. */

#include "base/err.h"
#include "base/log.h"
#include "fuzz_json.h"
#include "lxc/notes.h"
#include "lxc/seccomp_profile.h"
#include "spec/validate.h"

static void show_finding(void *arg, enum validate_level level, const char *text)
{
	(void) arg;
	if (level == VALIDATE_ERROR)
		fprintf(stderr, "%s\n", text);
}

static void convert(const char *text, size_t size, bool exact, const char *listener)
{
	const struct lxc_seccomp_opts opts = {
		.exact = exact,
		.machine = lxc_syscall_machine(),
		.listener_path = listener,
		.syscall_name = lxc_syscall_name,
		.syscall_known = lxc_syscall_known,
	};
	struct lxc_notes notes = { 0 };
	struct oci_seccomp *doc = lxc_seccomp_parse(text, size, &opts, &notes);

	FUZZ_CHECK(doc || lxc_notes_refuse(&notes));
	if (doc) {
		struct oci_linux l = { .seccomp = doc };
		struct oci_root root = { .path = (char *) "rootfs" };
		struct oci_config c = {
			.oci_version = (char *) "1.3.0",
			.root = &root,
			.linux = &l,
		};

		fuzz_check_round_trip(&oci_seccomp_desc, doc);
		FUZZ_CHECK(validate_config_all(&c, show_finding, NULL) == 0);
	}
	oci_seccomp_free(doc);
	lxc_notes_clear(&notes);
	err_clear();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	log_set_level(LOG_L_ERROR);
	convert((const char *) data, size, false, "/run/agent");
	convert((const char *) data, size, true, NULL);
	return 0;
}
