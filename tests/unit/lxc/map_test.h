/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_TESTS_UNIT_LXC_MAP_TEST_H
#define HAKO_TESTS_UNIT_LXC_MAP_TEST_H

/*
 * Maps text on a host that exists nowhere: mapped() with the root file system and a name set, then
 * assertions on the compact JSON, on the codes of the diagnostics and on the verdict of a line.
 */

#include <errno.h>

#include "base/err.h"
#include "base/str.h"
#include "lxc/map.h"
#include "ocispec.h"
#include "spec/validate.h"
#include "tests/unit/t.h"

#define ROOT "lxc.rootfs.path = dir:/srv/c1/rootfs\n"

enum {
	EXACT = 1,
	GENERIC = 2,
	STRICT = 4,
	HOST_ROOT = 8,
	ADD_PATH = 16,
	LATE = 32,
	APPARMOR = 64,
	EXECUTE = 128,
};

struct mapped {
	struct lxc_config *config;
	struct lxc_diag diag;
	struct lxc_report *report;
	struct oci_config *oci;
	char *json;
	int result;
};

/* What the fake host has. */
static const char *fake_profile;
static int fake_apparmor_state;
__attribute__((unused)) static bool fake_no_parser;
static uid_t fake_owner;
__attribute__((unused)) static gid_t fake_group;

__attribute__((unused)) static int fake_read_file(void *arg, const struct lxc_access *access,
						  const char *path, size_t max, char **ret,
						  size_t *ret_len)
{
	(void) access;
	(void) arg;
	(void) max;
	if (!fake_profile || !str_eq(path, "/etc/profile.seccomp"))
		return -ENOENT;
	*ret = xstrdup(fake_profile);
	*ret_len = strlen(fake_profile);
	return 0;
}

__attribute__((unused)) static int fake_stat_node(void *arg, const char *path,
						  struct lxc_device_range *ret)
{
	(void) arg;
	if (!str_eq(path, "/dev/fuse"))
		return -ENOENT;
	*ret = (struct lxc_device_range){ 'c', 10, 229 };
	return 0;
}

__attribute__((unused)) static int fake_path_kind(void *arg, const char *path)
{
	(void) arg;
	if (strstr(path, "missing") || (fake_no_parser && str_ends(path, "/apparmor_parser")))
		return -ENOENT;
	return str_ends(path, ".img") ? LXC_PATH_FILE : LXC_PATH_DIR;
}

__attribute__((unused)) static int fake_path_has_link(void *arg, const char *rootfs,
						      const char *destination)
{
	(void) arg;
	return str_starts(destination, "/var/run") ||
	       (str_eq(destination, "/dev") && str_ends(rootfs, "/linked"));
}

/* Everything is there but what its name says is not. */
__attribute__((unused)) static int fake_path_in_root(void *arg, const char *rootfs,
						     const char *path)
{
	(void) arg;
	(void) rootfs;
	return strstr(path, "missing") ? -ENOENT : 0;
}

__attribute__((unused)) static int fake_path_owner(void *arg, const char *path, uid_t *uid,
						   gid_t *gid)
{
	(void) arg;
	(void) path;
	*uid = fake_owner;
	*gid = fake_group;
	return 0;
}

__attribute__((unused)) static int fake_apparmor(void *arg)
{
	(void) arg;
	return fake_apparmor_state;
}

static const struct lxc_host fake_host = {
	.machine = "x86_64",
	.read_file = fake_read_file,
	.stat_node = fake_stat_node,
	.path_kind = fake_path_kind,
	.path_has_link = fake_path_has_link,
	.path_in_root = fake_path_in_root,
	.path_owner = fake_path_owner,
	.apparmor = fake_apparmor,
};

static void mapped_clear(struct mapped *m)
{
	free(m->json);
	oci_config_free(m->oci);
	report_free(m->report);
	diag_clear(&m->diag);
	lxc_config_free(m->config);
	err_clear();
	*m = (struct mapped){ 0 };
}
#define automapped __attribute__((cleanup(mapped_clear)))

__attribute__((unused)) static struct mapped mapped_with(const char *text, int flags)
{
	const struct lxc_opts parse = { .mode = flags & EXACT ? LXC_EXACT : LXC_INTENT,
					.cwd = "/cwd" };
	const struct lxc_map_opts opts = {
		.mode = parse.mode,
		.target = flags & GENERIC ? LXC_TARGET_GENERIC : LXC_TARGET_HAKO,
		.name = "c1",
		.cwd = "/cwd",
		.host_root = flags & HOST_ROOT,
		.add_path = flags & ADD_PATH,
		.late_devices = flags & LATE,
		.apparmor = flags & APPARMOR,
		.execute = flags & EXECUTE,
		.host = &fake_host,
	};
	struct mapped m = { 0 };
	int r;

	m.diag.strict = flags & STRICT;
	m.result = lxc_parse_buffer("config", text, strlen(text), &parse, &m.config, &m.diag);
	if (m.result < 0)
		return m;
	m.report = report_new(m.config);
	m.result = lxc_map(m.config, &opts, &m.diag, m.report, &m.oci);
	r = report_finish(m.report, &m.diag);
	if (r == -EPROTO)
		m.result = r;
	if (m.oci)
		m.json = oci_config_generate(m.oci, 0);
	return m;
}

/* The text on top of a root file system, intent mode, for hako. */
__attribute__((unused)) static struct mapped mapped(const char *text)
{
	char *all = xasprintf(ROOT "%s", text);
	struct mapped m = mapped_with(all, 0);

	free(all);
	return m;
}

__attribute__((unused)) static const struct lxc_diag_entry *find_code(const struct mapped *m,
								      const char *code)
{
	for (size_t i = 0; i < m->diag.len; i++) {
		if (str_eq(m->diag.v[i].code, code))
			return &m->diag.v[i];
	}
	return NULL;
}

__attribute__((unused)) static enum lxc_verdict verdict(const struct mapped *m, unsigned int line)
{
	return report_verdict(m->report, (struct lxc_pos){ 0, line });
}

/* Converts, is valid, and its JSON has the fragment. */
#define HAS(m, fragment)                                                             \
	do {                                                                         \
		if ((m).result < 0)                                                  \
			t_fail(__FILE__, __LINE__, "refused: %s", err_get_text());   \
		if (validate_config((m).oci) < 0)                                    \
			t_fail(__FILE__, __LINE__, "not valid: %s", err_get_text()); \
		T_CONTAINS((m).json, fragment);                                      \
	} while (0)
#define HAS_NOT(m, fragment)                                                           \
	do {                                                                           \
		if ((m).result < 0)                                                    \
			t_fail(__FILE__, __LINE__, "refused: %s", err_get_text());     \
		if (strstr((m).json, fragment))                                        \
			t_fail(__FILE__, __LINE__, "%s is in %s", fragment, (m).json); \
	} while (0)
#define HAS_CODE(m, code)                                          \
	do {                                                       \
		if (!find_code(&(m), code))                        \
			t_fail(__FILE__, __LINE__, "no %s", code); \
	} while (0)
#define HAS_NO_CODE(m, code)                                                                     \
	do {                                                                                     \
		if (find_code(&(m), code))                                                       \
			t_fail(__FILE__, __LINE__, "%s: %s", code, find_code(&(m), code)->text); \
	} while (0)
#define REFUSED(m, code)                   \
	do {                               \
		T_EQ((m).result, -EINVAL); \
		T_ASSERT(!(m).oci);        \
		HAS_CODE(m, code);         \
	} while (0)

#endif
