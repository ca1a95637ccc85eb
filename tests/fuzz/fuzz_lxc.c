/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An LXC or Proxmox configuration: parsed, mapped for every target, reported. No file is opened and
 * no host is asked. Each line must be accounted for, and a document that comes out must be valid.
 */

#include "base/err.h"
#include "base/log.h"
#include "fuzz_json.h"
#include "lxc/convert.h"
#include "lxc/diag.h"
#include "lxc/lxc.h"
#include "lxc/map.h"
#include "lxc/report.h"
#include "spec/annotations.h"
#include "spec/validate.h"

static void show_finding(void *arg, enum validate_level level, const char *text)
{
	(void) arg;
	if (level == VALIDATE_ERROR)
		fprintf(stderr, "%s\n", text);
}

static void check_document(const struct oci_config *oci)
{
	struct annotations a = { 0 };

	fuzz_check_round_trip(&oci_config_desc, oci);
	FUZZ_CHECK(validate_config_all(oci, show_finding, NULL) == 0);
	FUZZ_CHECK(annotations_parse(oci->annotations, &a) == 0);
	annotations_clear(&a);
}

static void map(const struct lxc_config *c, struct lxc_diag *d, enum lxc_mode mode,
		enum lxc_target target)
{
	const struct lxc_map_opts opts = {
		.mode = mode,
		.target = target,
		.name = "c1",
		.host_root = true,
	};
	struct lxc_report *report = report_new(c);
	autostrbuf struct strbuf text = STRBUF_INIT, json = STRBUF_INIT;
	struct oci_config *oci = NULL;
	int r;

	r = lxc_map(c, &opts, d, report, &oci);
	FUZZ_CHECK((r == 0) == (oci != NULL));
	r = report_finish(report, d);
	if (r < 0 && !d->errors)
		fprintf(stderr, "%s\n", err_get_text());
	FUZZ_CHECK(r >= 0 || d->errors);
	report_format_text(report, d, false, &text);
	report_format_json(report, d, &json);
	fuzz_check_json(strbuf_str(&json));
	if (oci && !d->errors)
		check_document(oci);
	oci_config_free(oci);
	report_free(report);
	err_clear();
}

static void convert(const char *text, size_t size, enum lxc_mode mode, enum lxc_target target)
{
	static const char *const env[] = { "HOME=/root", NULL };
	const struct lxc_opts opts = {
		.mode = mode,
		.cwd = "/cwd",
		.env = (char *const *) env,
		.no_files = true,
	};
	autodiag struct lxc_diag d = { 0 };
	struct lxc_config *c = NULL;
	int r = lxc_parse_buffer("config", text, size, &opts, &c, &d);

	FUZZ_CHECK((r == 0) == (c != NULL));
	FUZZ_CHECK((r < 0) == err_is_set());
	err_clear();
	if (c)
		map(c, &d, mode, target);
	lxc_config_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	log_set_level(LOG_L_ERROR);
	convert((const char *) data, size, LXC_INTENT, LXC_TARGET_HAKO);
	convert((const char *) data, size, LXC_INTENT, LXC_TARGET_GENERIC);
	convert((const char *) data, size, LXC_EXACT, LXC_TARGET_HAKO);
	return 0;
}
