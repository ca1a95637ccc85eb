/* SPDX-License-Identifier: Apache-2.0 */
/* From a file to a bundle, on a real directory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "lxc/convert.h"
#include "lxc/writer.h"
#include "ocispec.h"
#include "tests/unit/t.h"

#define MINIMAL "lxc.rootfs.path = dir:/srv/c1/rootfs\nlxc.apparmor.profile = unchanged\n"

static char dir[] = "/tmp/hako-convert-XXXXXX";

static char *in_dir(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static void write_text(const char *name, const char *text)
{
	autofree char *path = in_dir(name);

	T_EQ(file_replace_at(AT_FDCWD, path, text, strlen(text), 0644, 0), 0);
}

static size_t count_entries(void)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static int convert(const char *text, const char *output, bool strict,
		   struct lxc_convert_result *ret)
{
	autofree char *config = in_dir("c1.conf"), *bundle = output ? in_dir(output) : NULL;
	const struct lxc_convert_opts opts = { .config = config,
					       .strict = strict,
					       .output = bundle };

	write_text("c1.conf", text);
	*ret = (struct lxc_convert_result){ 0 };
	return lxc_convert(&opts, ret);
}

static void test_name(void)
{
	static const struct {
		const char *config, *name;
	} cases[] = {
		{ "/var/lib/lxc/web/config", "web" },
		{ "/srv/web.conf", "web" },
		{ "/srv/web", "web" },
		{ "/config", "config" },
		{ "/srv/.conf", ".conf" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *name = lxc_convert_name(cases[i].config);

		T_STR(name, cases[i].name);
	}
}

static void test_bundle(void)
{
	autofree char *path = in_dir("b/config.json"), *report = in_dir("b/report.json");
	autofree char *text = NULL, *again = NULL;
	struct oci_error err = { 0 };
	struct lxc_convert_result res;
	struct oci_config *oci = NULL;
	size_t len;

	T_EQ(convert(MINIMAL, "b", false, &res), 0);
	T_STR(res.name, "c1");
	T_EQ(lxc_convert_status(0, &res), 0);
	T_EQ(file_read_at(AT_FDCWD, path, 1 << 20, &text, &len), 0);
	T_EQ(oci_config_parse(text, len, &oci, &err), 0);
	T_ASSERT(oci_config_equal(oci, res.oci));
	T_EQ(file_read_at(AT_FDCWD, report, 1 << 20, &again, NULL), 0);
	T_CONTAINS(again, "lxc.rootfs.path");
	oci_config_free(oci);
	lxc_convert_clear(&res);
	/* nothing but the bundle and the configuration */
	T_EQ(count_entries(), 2);
}

static void test_never_overwrites(void)
{
	struct lxc_convert_result res;
	autofree char *path = in_dir("empty");

	T_EQ(convert(MINIMAL, "b", false, &res), -EEXIST);
	T_CONTAINS(err_get_text(), "exists already");
	lxc_convert_clear(&res);
	T_EQ(mkdir(path, 0755), 0);
	T_EQ(convert(MINIMAL, "empty", false, &res), -EEXIST);
	lxc_convert_clear(&res);
	T_EQ(rmdir(path), 0);
	/* a dangling link is a name that is taken */
	T_EQ(symlink("/nowhere", path), 0);
	T_EQ(convert(MINIMAL, "empty", false, &res), -EEXIST);
	lxc_convert_clear(&res);
	T_EQ(unlink(path), 0);
	err_clear();
}

static void test_nothing_left(void)
{
	struct lxc_convert_result res;
	int r;

	r = convert(MINIMAL "lxc.cap.drop = nonsense\n", "bad", false, &res);
	T_EQ(r, -EINVAL);
	T_ASSERT(!res.oci);
	T_EQ(lxc_convert_status(r, &res), 2);
	lxc_convert_clear(&res);
	T_EQ(convert(MINIMAL "lxc.cgroup2.devices.deny = /dev/sda rw\n", "bad", false, &res),
	     -EINVAL);
	T_CONTAINS(err_get_text(), "c1.conf:3");
	T_ASSERT(res.report);
	lxc_convert_clear(&res);
	T_EQ(convert(MINIMAL, "no/such/parent", false, &res), -ENOENT);
	lxc_convert_clear(&res);
	T_EQ(convert(MINIMAL, "..", false, &res), -EINVAL);
	lxc_convert_clear(&res);
	T_EQ(count_entries(), 2);
	err_clear();
}

static void test_strict(void)
{
	struct lxc_convert_result res;
	int r;

	r = convert(MINIMAL "lxc.hook.mount = /bin/x\n", NULL, false, &res);
	T_EQ(r, 0);
	lxc_convert_clear(&res);
	r = convert(MINIMAL "lxc.hook.mount = /bin/x\n", "strict", true, &res);
	T_EQ(r, -EINVAL);
	T_EQ(lxc_convert_status(r, &res), 1);
	lxc_convert_clear(&res);
	r = convert(MINIMAL "lxc.hook.mount = /bin/x\nlxc.nonsense = 1\n", "strict", true, &res);
	T_EQ(lxc_convert_status(r, &res), 2);
	lxc_convert_clear(&res);
	T_EQ(count_entries(), 2);
	err_clear();
}

static void test_bad_name(void)
{
	autofree char *config = in_dir("c1.conf");
	static const char *const names[] = { "", ".", "..", "a/b", "a b", ".hidden", "a\n" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct lxc_convert_opts opts = { .config = config, .name = names[i] };
		struct lxc_convert_result res = { 0 };

		T_EQ(lxc_convert(&opts, &res), -EINVAL);
		T_CONTAINS(err_get_text(), "cannot be a container's name");
		lxc_convert_clear(&res);
	}
	err_clear();
}

static void test_missing_file(void)
{
	const struct lxc_convert_opts opts = { .config = "/nonexistent/c.conf" };
	struct lxc_convert_result res = { 0 };

	T_EQ(lxc_convert(&opts, &res), -ENOENT);
	T_ASSERT(!res.config && !res.report && !res.oci);
	lxc_convert_clear(&res);
	err_clear();
}

static int convert_below(const char *root, const char *profile, struct lxc_convert_result *ret)
{
	autofree char *config = in_dir("c1.conf");
	autofree char *text = xasprintf(MINIMAL "lxc.seccomp.profile = %s\n", profile);
	const struct lxc_convert_opts opts = { .config = config, .parse.include_root = root };

	write_text("c1.conf", text);
	*ret = (struct lxc_convert_result){ 0 };
	return lxc_convert(&opts, ret);
}

/* A seccomp profile is no other than an included file: nothing outside the root is read. */
static void test_include_root(void)
{
	static const char *const outside[] = { "/profile", "/../profile", "/link" };
	autofree char *root = in_dir("root"), *link = in_dir("root/link");
	autofree char *full = in_dir("root/in");
	struct lxc_convert_result res;

	T_EQ(mkdir(root, 0755), 0);
	write_text("profile", "2\ndenylist\nkexec_load errno 1\n");
	write_text("root/in", "2\ndenylist\nmkdir errno 1\n");
	T_EQ(symlink("../profile", link), 0);
	T_EQ(convert_below(root, "/in", &res), 0);
	T_STR(res.oci->linux->seccomp->syscalls[0].names[0], "mkdir");
	lxc_convert_clear(&res);
	T_EQ(convert_below(root, full, &res), 0);
	lxc_convert_clear(&res);
	for (size_t i = 0; i < ARRAY_SIZE(outside); i++) {
		T_EQ(convert_below(root, outside[i], &res), -EINVAL);
		T_CONTAINS(err_get_text(), "No such file or directory");
		lxc_convert_clear(&res);
	}
	T_EQ(file_remove_tree_at(AT_FDCWD, root), 0);
	err_clear();
}

/* The file is in the bundle, and config.json names what is in it. */
static void test_apparmor(void)
{
	static const char text[] = "lxc.rootfs.path = dir:/srv/c1/rootfs\n"
				   "lxc.apparmor.profile = generated\n";
	autofree char *config = in_dir("c1.conf"), *bundle = in_dir("aa");
	autofree char *file = in_dir("aa/apparmor.profile"), *profile = NULL, *label = NULL;
	const struct lxc_convert_opts opts = { .config = config,
					       .output = bundle,
					       .map.apparmor = true };
	struct lxc_convert_result res = { 0 };
	char *name;

	write_text("c1.conf", text);
	T_EQ(lxc_convert(&opts, &res), 0);
	T_EQ(file_read_at(AT_FDCWD, file, 1 << 20, &profile, NULL), 0);
	label = xstrdup(res.oci->process->apparmor_profile);
	T_CONTAINS(label, "//&:");
	*strstr(label, "//&:") = '\0';
	name = xasprintf("\nprofile \"%s\" ", label);
	T_CONTAINS(profile, name);
	free(name);
	lxc_convert_clear(&res);
	T_EQ(file_remove_tree_at(AT_FDCWD, bundle), 0);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_name),	   T_TEST(test_bundle),	      T_TEST(test_never_overwrites),
		T_TEST(test_nothing_left), T_TEST(test_strict),	      T_TEST(test_bad_name),
		T_TEST(test_missing_file), T_TEST(test_include_root), T_TEST(test_apparmor),
	};
	int r;

	if (!mkdtemp(dir))
		return 1;
	r = t_run(tests, sizeof tests / sizeof tests[0]);
	file_remove_tree_at(AT_FDCWD, dir);
	return r;
}
