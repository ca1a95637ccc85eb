/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"

#include "spec/annotations.h"

#include "tests/unit/t.h"

/* One annotation: parsed into *a, or the error's text. */
static int parse_one(const char *name, const char *value, struct annotations *a)
{
	struct oci_map *map = NULL;
	int r;

	*a = (struct annotations){ 0 };
	oci_map_set(&map, name, value);
	r = annotations_parse(map, a);
	oci_map_free(map);
	return r;
}

static void refuse(const char *name, const char *value, int code, const char *text)
{
	struct annotations a;

	T_EQ(parse_one(name, value, &a), -code);
	T_STR(err_get_text(), text);
	err_clear();
}

static void test_defaults(void)
{
	struct annotations a = { 0 };

	T_EQ(annotations_parse(NULL, &a), 0);
	T_ASSERT(a.devices == ANNOTATIONS_DEVICES_OCI && a.bootid == ANNOTATIONS_BOOTID_HOST);
	T_ASSERT(a.keyring == ANNOTATIONS_KEYRING_NEW && !a.no_autodev && !a.mounts_optional);
	annotations_clear(&a);
}

static void test_all_honoured(void)
{
	static const char *const pairs[][2] = {
		{ "run.oci.hooks.stdout", "/o" },
		{ "run.oci.hooks.stderr", "/e" },
		{ "run.oci.keep_original_groups", "1" },
		{ "run.oci.seccomp_fail_unknown_syscall", "true" },
		{ "run.oci.seccomp.receiver", "/s" },
		{ "run.oci.pidfd_receiver", "/p" },
		{ "run.oci.mount_context_type", "rootcontext" },
		{ "run.oci.systemd.subgroup", "init" },
		{ "run.oci.delegate-cgroup", "a/b" },
		{ "org.criu.config", "/c" },
		{ "org.systemd.property.TimeoutStopUSec", "uint64 1" },
		{ "org.systemd.property.CollectMode", "'x'" },
		{ "org.hako.devices.defaults", "none" },
		{ "org.hako.mounts.optional", "[\"/a\",\"/b\\u00e9\"]" },
		{ "org.hako.proc.mixed", "1" },
		{ "org.hako.sys.mixed", "1" },
		{ "org.hako.signal.halt", "auto" },
		{ "org.hako.signal.stop", "SIGRTMIN+5" },
		{ "org.hako.reboot", "restart" },
		{ "org.hako.autodev", "0" },
		{ "org.hako.bootid", "random" },
		{ "org.hako.keyring", "inherit" },
		{ "org.hako.rootfs.options", "nosuid,nodev" },
		{ "org.hako.rootfs.idmap", "container" },
	};
	struct oci_map *map = NULL;
	struct annotations a = { 0 };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		oci_map_set(&map, pairs[i][0], pairs[i][1]);
	T_EQ(annotations_parse(map, &a), 0);
	oci_map_free(map);
	T_STR(a.hooks_stdout, "/o");
	T_STR(a.hooks_stderr, "/e");
	T_ASSERT(a.keep_original_groups && a.seccomp_fail_unknown_syscall);
	T_STR(a.seccomp_receiver, "/s");
	T_STR(a.pidfd_receiver, "/p");
	T_STR(a.mount_context_type, "rootcontext");
	T_STR(a.systemd_subgroup, "init");
	T_STR(a.delegate_cgroup, "a/b");
	T_STR(a.criu_config, "/c");
	T_EQ(a.properties_len, 2);
	T_STR(a.properties[0].name, "TimeoutStopUSec");
	T_STR(a.properties[1].value, "'x'");
	T_ASSERT(a.devices == ANNOTATIONS_DEVICES_NONE && a.bootid == ANNOTATIONS_BOOTID_RANDOM);
	T_ASSERT(a.keyring == ANNOTATIONS_KEYRING_INHERIT && a.proc_mixed && a.sys_mixed &&
		 a.no_autodev);
	T_EQ(a.mounts_optional_len, 2);
	T_STR(a.mounts_optional[1], "/b\xc3\xa9");
	T_STR(a.mounts_optional[2], NULL);
	T_STR(a.rootfs_options, "nosuid,nodev");
	T_STR(a.rootfs_idmap, "container");
	T_EQ(a.signal_halt, ANNOTATIONS_SIGNAL_AUTO);
	T_ASSERT(a.signal_stop == SIGRTMIN + 5 && a.reboot_restart);
	annotations_clear(&a);
	T_STR(a.rootfs_idmap, NULL);
	annotations_clear(&a);
}

static void test_honoured_of_lxc(void)
{
	static const char *const pairs[][2] = {
		{ "org.hako.apparmor.generate", "1" },
		{ "org.hako.cgroup.inner", "payload" },
		{ "org.hako.devices.paths", "[{\"path\":\"/dev/x\",\"access\":\"rw\"}]" },
		{ "org.hako.ephemeral", "1" },
		{ "org.hako.hooks.pre-start", "[{\"path\":\"/a\"},{\"path\":\"/b\"}]" },
		{ "org.hako.ns.share.net", "web" },
		{ "org.hako.ns.share.mnt", "db" },
		{ "org.hako.pdeath", "SIGTERM" },
		{ "org.hako.sched.core", "1" },
		{ "org.hako.selinux.keyring", "u:r:t:s0" },
	};
	struct oci_map *map = NULL;
	struct annotations a = { 0 };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		oci_map_set(&map, pairs[i][0], pairs[i][1]);
	T_EQ(annotations_parse(map, &a), 0);
	oci_map_free(map);
	T_STR(a.cgroup_inner, "payload");
	T_EQ(a.device_paths->items_len, 1);
	T_ASSERT(a.apparmor_generate && a.ephemeral && a.sched_core && a.pdeath == 15);
	T_EQ(a.hooks[ANNOTATIONS_HOOK_PRE_START]->items_len, 2);
	T_ASSERT(!a.hooks[ANNOTATIONS_HOOK_DESTROY]);
	T_EQ(a.ns_share_len, 2);
	T_STR(a.ns_share[0].type, "network");
	T_STR(a.ns_share[0].container, "web");
	T_STR(a.ns_share[1].file, "mnt");
	T_STR(a.selinux_keyring, "u:r:t:s0");
	annotations_clear(&a);
}

static void test_values_that_change_nothing(void)
{
	struct annotations a;

	T_EQ(parse_one("org.hako.autodev", "1", &a), 0);
	T_ASSERT(!a.no_autodev);
	T_EQ(parse_one("run.oci.keep_original_groups", "0", &a), 0);
	T_ASSERT(!a.keep_original_groups);
	T_EQ(parse_one("org.hako.mounts.optional", "[]", &a), 0);
	T_EQ(a.mounts_optional_len, 0);
	annotations_clear(&a);
}

static void test_malformed(void)
{
	refuse("run.oci.keep_original_groups", "yes", EINVAL,
	       "annotations[\"run.oci.keep_original_groups\"]: expected 0 or 1, not 'yes'");
	refuse("org.hako.autodev", "no", EINVAL,
	       "annotations[\"org.hako.autodev\"]: expected 0 or 1, not 'no'");
	refuse("run.oci.hooks.stdout", "log", EINVAL,
	       "annotations[\"run.oci.hooks.stdout\"]: expected an absolute path, not 'log'");
	refuse("run.oci.delegate-cgroup", "a/../../b", EINVAL,
	       "annotations[\"run.oci.delegate-cgroup\"]: `..` components are not allowed, not "
	       "'a/../../b'");
	refuse("run.oci.systemd.subgroup", "/a", EINVAL,
	       "annotations[\"run.oci.systemd.subgroup\"]: expected a relative path, not '/a'");
	refuse("run.oci.mount_context_type", "x", EINVAL,
	       "annotations[\"run.oci.mount_context_type\"]: expected context, fscontext, "
	       "defcontext or rootcontext, "
	       "not 'x'");
	refuse("org.hako.devices.defaults", "", EINVAL,
	       "annotations[\"org.hako.devices.defaults\"]: expected none or oci, not ''");
	refuse("org.hako.bootid", "1", EINVAL,
	       "annotations[\"org.hako.bootid\"]: expected random or host, not '1'");
	refuse("org.hako.keyring", "1", EINVAL,
	       "annotations[\"org.hako.keyring\"]: expected inherit or new, not '1'");
	refuse("org.hako.rootfs.idmap", "x", EINVAL,
	       "annotations[\"org.hako.rootfs.idmap\"]: expected container or an absolute path, "
	       "not 'x'");
	refuse("org.hako.mounts.optional", "/a", EINVAL,
	       "annotations[\"org.hako.mounts.optional\"]: expected a JSON array of strings, not "
	       "'/a'");
	refuse("org.hako.mounts.optional", "[1]", EINVAL,
	       "annotations[\"org.hako.mounts.optional\"]: expected a JSON array of strings, not "
	       "'[1]'");
	refuse("org.hako.mounts.optional", "[],\"x\":1", EINVAL,
	       "annotations[\"org.hako.mounts.optional\"]: expected a JSON array of strings, not "
	       "'[],\"x\":1'");
	refuse("org.systemd.property.Exec-Start", "x", EINVAL,
	       "annotations[\"org.systemd.property.Exec-Start\"]: not a name of a property, not "
	       "'x'");
}

static void test_not_supported(void)
{
	refuse("org.hako.hooks.unheard-of", "[]", ENOTSUP,
	       "annotations[\"org.hako.hooks.unheard-of\"]: not supported by this version");
	refuse("org.hako.rootfs.partition", "1", ENOTSUP,
	       "annotations[\"org.hako.rootfs.partition\"]: not supported by this version");
	refuse("run.oci.handler", "krun", ENOTSUP,
	       "annotations[\"run.oci.handler\"]: not supported by this version");
}

static void keep_text(void *arg, enum log_level level, const char *text)
{
	T_EQ(level, LOG_L_WARN);
	strbuf_addf(arg, "%s\n", text);
}

/* Nothing of our own name space passes without a word; everything of others does. */
static void test_warnings(void)
{
	autostrbuf struct strbuf b = STRBUF_INIT;
	struct annotations a = { 0 };
	struct oci_map *map = NULL;
	static const char *const names[] = {
		"org.hako.init",	"org.hako.autodevv",	 "org.hako.source",
		"org.hako.log.level",	"org.systemd.property.", "run.oci.unheard-of",
		"com.example",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		oci_map_set(&map, names[i], "x");
	log_set_callback(keep_text, &b);
	T_EQ(annotations_parse(map, &a), 0);
	T_STR(strbuf_str(&b), "");
	annotations_warn(map);
	annotations_warn(NULL);
	oci_map_free(map);
	log_set_callback(NULL, NULL);
	T_STR(strbuf_str(&b), "annotations[\"org.hako.init\"]: has no effect in this version\n"
			      "annotations[\"org.hako.autodevv\"]: unknown, ignored\n");
}

static void test_unsafe(void)
{
	const char *const *names = annotations_unsafe();

	T_ASSERT(strs_len((char *const *) names) == 4);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_defaults),
		T_TEST(test_all_honoured),
		T_TEST(test_honoured_of_lxc),
		T_TEST(test_values_that_change_nothing),
		T_TEST(test_malformed),
		T_TEST(test_not_supported),
		T_TEST(test_warnings),
		T_TEST(test_unsafe),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
