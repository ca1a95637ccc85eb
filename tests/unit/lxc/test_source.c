/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc_test.h"

#include "lxc/source.h"

/* Files: lxc.include of files and directories, bounds, cycles, --include-root. */

static const char *tail(const char *text)
{
	const char *at = strstr(text, tree);

	return at ? at + strlen(tree) : text;
}

static void test_include_is_pasted(void)
{
	const char *conf;

	make_tree();
	put("a.conf", "lxc.uts.name = a\nlxc.cap.drop = sys_time\n");
	conf = put("config",
		   "lxc.uts.name = first\nlxc.include = %s/a.conf\nlxc.cap.drop = sys_boot\n"
		   "lxc.tty.max = 1\n",
		   tree);
	parse_path(conf, (struct lxc_opts){ 0 });
	T_STR(strbuf_str(&got.text), "");
	T_STR(got.c->uts_name.s, "a");
	T_EQ(got.c->caps.v[0].number, 25);
	T_EQ(got.c->caps.v[1].number, 22);
	T_EQ(got.c->uts_name.pos.file, 1);
	T_EQ(got.c->files.v[1].from.line, 2);
	T_EQ(got.c->lines.v[0].fate, LXC_LINE_REPLACED);
	T_EQ(got.c->lines.v[1].fate, LXC_LINE_CONSUMED);
	/* the same file twice: each reading has positions of its own */
	conf = put("config", "lxc.include = %s/a.conf\nlxc.include = %s/a.conf\n", tree, tree);
	parse_path(conf, (struct lxc_opts){ 0 });
	T_EQ(got.c->files.len, 3);
	T_EQ(got.c->caps.len, 2);
	T_EQ(model_line(got.c, (struct lxc_pos){ 1, 1 })->fate, LXC_LINE_REPLACED);
	T_EQ(model_line(got.c, (struct lxc_pos){ 2, 1 })->fate, LXC_LINE_LIVE);
	forget();
	rm_tree();
}

static void test_relative(void)
{
	const char *conf;

	make_tree();
	put("extra.conf", "lxc.uts.name = e\n");
	conf = put("config", "lxc.include = ./extra.conf\n");
	parse_path(conf, (struct lxc_opts){ 0 });
	T_EQ(got.r, 0);
	T_STR(got.c->uts_name.s, "e");
	T_EQ(got.d.len, 1);
	T_STR(got.d.v[0].code, "LXC-W104");
	T_CONTAINS(got.d.v[0].text, "relative path './extra.conf' is taken as '/tmp/hako-lxc-");
	parse_path(conf, (struct lxc_opts){ .cwd = "/" });
	T_STR(tail(err_get_text()),
	      "/config:1: lxc.include: open '/extra.conf': no such file or directory");
	forget();
	rm_tree();
}

static void test_directory(void)
{
	char path[128];
	const char *conf;

	make_tree();
	snprintf(path, sizeof(path), "%s/d", tree);
	T_EQ(mkdir(path, 0755), 0);
	put("d/b.conf", "lxc.uts.name = b\n");
	put("d/a.conf", "lxc.uts.name = a\n");
	put("d/.h.conf", "lxc.tty.max = 7\n");
	put("d/.conf", "lxc.foo = 1\n");
	put("d/x.conf~", "lxc.foo = 1\n");
	conf = put("config", "lxc.include = %s/d\nlxc.include = %s/missing/\n", tree, tree);
	parse_path(conf, (struct lxc_opts){ 0 });
	T_EQ(got.r, 0);
	T_STR(got.c->uts_name.s, "b"); /* bytewise order */
	T_EQ(got.c->tty_max.n, 7);
	T_EQ(got.d.len, 1);
	T_STR(got.d.v[0].code, "LXC-I105");
	T_EQ(got.c->files.len, 4);
	put("d/c.conf", "lxc.foo = 1\n");
	parse_path(conf, (struct lxc_opts){ 0 });
	T_STR(tail(err_get_text()), "/d/c.conf:1: unknown key 'lxc.foo'");
	conf = put("config", "lxc.include = %s/missing\n", tree);
	parse_path(conf, (struct lxc_opts){ 0 });
	T_EQ(got.r, -EINVAL);
	T_STR(got.d.v[0].code, "LXC-E004");
	forget();
	rm_tree();
}

static void test_cycles(void)
{
	const char *conf;

	make_tree();
	conf = put("self", "lxc.uts.name = a\nlxc.include = %s/self\n", tree);
	parse_path(conf, (struct lxc_opts){ 0 });
	T_CONTAINS(tail(err_get_text()), "/self:2: lxc.include: '/tmp/hako-lxc-");
	T_CONTAINS(err_get_text(), "/self' includes itself");
	put("b", "lxc.include = %s/a\n", tree);
	conf = put("a", "lxc.include = %s/b\n", tree);
	parse_path(conf, (struct lxc_opts){ 0 });
	T_CONTAINS(err_get_text(), "/b:1: lxc.include: ");
	T_CONTAINS(err_get_text(), "/a' includes itself through ");
	/* a link does not hide it */
	{
		char path[128];

		snprintf(path, sizeof(path), "%s/link", tree);
		T_EQ(symlink("c", path), 0);
	}
	conf = put("c", "lxc.include = %s/link\n", tree);
	parse_path(conf, (struct lxc_opts){ 0 });
	T_CONTAINS(err_get_text(), "includes itself");
	forget();
	rm_tree();
}

static void test_depth_and_number(void)
{
	struct strbuf b = STRBUF_INIT;
	const char *conf = NULL;
	char name[16];

	make_tree();
	for (int i = 0; i < 18; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		conf = put(name, "lxc.include = %s/f%d\n", tree, i - 1);
	}
	put("f0", "lxc.tty.max = 1\n");
	parse_path(conf, (struct lxc_opts){ 0 });
	T_CONTAINS(err_get_text(), "is included more than 16 files deep");
	snprintf(name, sizeof(name), "f%d", 15);
	parse_path(put(name, "lxc.include = %s/f14\n", tree), (struct lxc_opts){ 0 });
	T_EQ(got.r, 0);
	/* each of a chain includes the next one many times: the number of files is bounded too */
	for (int i = 0; i < 3; i++) {
		strbuf_clear(&b);
		for (int j = 0; j < 20; j++)
			strbuf_addf(&b, "lxc.include = %s/g%d\n", tree, i + 1);
		snprintf(name, sizeof(name), "g%d", i);
		put(name, "%s", strbuf_str(&b));
	}
	strbuf_clear(&b);
	put("g3", "lxc.tty.max = 1\n");
	snprintf(name, sizeof(name), "g0");
	{
		char path[128];

		snprintf(path, sizeof(path), "%s/g0", tree);
		parse_path(path, (struct lxc_opts){ 0 });
	}
	T_CONTAINS(err_get_text(), "more than 1000 files");
	forget();
	rm_tree();
}

static void test_bad_files(void)
{
	char path[128];
	const char *conf;

	make_tree();
	snprintf(path, sizeof(path), "%s/fifo", tree);
	T_EQ(mkfifo(path, 0600), 0);
	conf = put("config", "lxc.include = %s/fifo\n", tree); /* must not hang */
	parse_path(conf, (struct lxc_opts){ 0 });
	T_CONTAINS(err_get_text(), "/fifo' is not a regular file");
	conf = put("config", "lxc.include = /dev/zero\n");
	parse_path(conf, (struct lxc_opts){ 0 });
	T_CONTAINS(err_get_text(), "'/dev/zero' is not a regular file");
	snprintf(path, sizeof(path), "%s/big", tree);
	put("big", "x");
	T_EQ(truncate(path, SOURCE_MAX_FILE + 1), 0);
	conf = put("config", "lxc.include = %s\n", path);
	parse_path(conf, (struct lxc_opts){ 0 });
	T_CONTAINS(err_get_text(), "/big' is larger than 1024 KiB");
	parse_path(path, (struct lxc_opts){ 0 });
	T_EQ(got.r, -EFBIG);
	snprintf(path, sizeof(path), "%s/none", tree);
	parse_path(path, (struct lxc_opts){ 0 });
	T_EQ(got.r, -ENOENT);
	T_CONTAINS(err_get_text(), "/none': no such file or directory");
	parse_path(tree, (struct lxc_opts){ 0 });
	T_ASSERT(got.r < 0);
	forget();
	rm_tree();
}

/* Nothing outside is read: not by "..", not by a link, not by an absolute path. */
static void test_include_root(void)
{
	char root[128], path[160];
	const char *conf;

	make_tree();
	snprintf(root, sizeof(root), "%s/root", tree);
	T_EQ(mkdir(root, 0755), 0);
	put("secret", "lxc.uts.name = outside\n");
	put("root/in", "lxc.uts.name = inside\n");
	snprintf(path, sizeof(path), "%s/link", root);
	T_EQ(symlink("../secret", path), 0);
	conf = put("config", "lxc.include = /in\n");
	parse_path(conf, (struct lxc_opts){ .include_root = root });
	T_EQ(got.r, 0);
	T_STR(got.c->uts_name.s, "inside");
	conf = put("config", "lxc.include = %s/in\n", root);
	parse_path(conf, (struct lxc_opts){ .include_root = root });
	T_EQ(got.r, 0);
	conf = put("config", "lxc.include = %s/secret\n", tree);
	parse_path(conf, (struct lxc_opts){ .include_root = root });
	T_CONTAINS(err_get_text(), "no such file or directory");
	conf = put("config", "lxc.include = %s/../secret\n", root);
	parse_path(conf, (struct lxc_opts){ .include_root = root });
	T_CONTAINS(err_get_text(), "no such file or directory");
	conf = put("config", "lxc.include = /link\n");
	parse_path(conf, (struct lxc_opts){ .include_root = root });
	T_CONTAINS(err_get_text(), "no such file or directory");
	forget();
	rm_tree();
}

static void test_no_files(void)
{
	const char *text = "lxc.include = /etc/passwd\nlxc.mount.fstab = /etc/fstab\n";

	parse_n(text, strlen(text), (struct lxc_opts){ .no_files = true });
	T_STR(strbuf_str(&got.text),
	      "config:1: lxc.include: open '/etc/passwd': files are not allowed here [LXC-E004]\n"
	      "config:2: lxc.mount.fstab: open '/etc/fstab': files are not allowed here "
	      "[LXC-E004]\n");
	forget();
}

/* Every configuration that Debian's package ships loads without an error. */
static void test_shipped(void)
{
	DIR *dir = opendir("/usr/share/lxc/config");
	size_t loaded = 0;
	struct dirent *e;

	if (!dir)
		t_skip("the lxc package is not installed");
	while ((e = readdir(dir))) {
		char path[512];

		if (!str_ends(e->d_name, ".conf"))
			continue;
		snprintf(path, sizeof(path), "/usr/share/lxc/config/%s", e->d_name);
		parse_path(path, (struct lxc_opts){ 0 });
		T_STR(strbuf_str(&got.text), "");
		T_EQ(got.r, 0);
		loaded++;
	}
	closedir(dir);
	T_ASSERT(loaded > 0);
	forget();
}

/* The usual unprivileged stack: userns.conf takes back what common.conf set. */
static void test_shipped_stack(void)
{
	const char *text = "lxc.include = /usr/share/lxc/config/common.conf\n"
			   "lxc.include = /usr/share/lxc/config/userns.conf\n";

	if (access("/usr/share/lxc/config/userns.conf", R_OK) < 0)
		t_skip("the lxc package is not installed");
	parse(text);
	T_EQ(got.r, 0);
	T_EQ(got.c->cgroup2_devices.len, 0);
	T_EQ(got.c->cgroup1_devices.len, 0);
	T_EQ(got.c->caps.mode, LXC_CAPS_UNSET);
	T_EQ(got.c->mount_auto.sys, LXC_AUTO_SYS_RW);
	T_EQ(got.c->mount_auto.proc, LXC_AUTO_PROC_MIXED);
	T_STR(got.c->tty_dir.s, NULL);
	T_EQ(got.c->tty_max.n, 4);
	T_STR(got.c->seccomp_profile.s, "/usr/share/lxc/config/common.seccomp");
	T_EQ(got.c->mounts.len, 1);
	forget();
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_include_is_pasted), T_TEST(test_relative),
		T_TEST(test_directory),		T_TEST(test_cycles),
		T_TEST(test_depth_and_number),	T_TEST(test_bad_files),
		T_TEST(test_include_root),	T_TEST(test_no_files),
		T_TEST(test_shipped),		T_TEST(test_shipped_stack),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
