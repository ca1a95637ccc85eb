/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc_test.h"

#include "lxc/parse_mount.h"

/* "source|target|type|option,option|flags" of one entry. */
static const char *show(const struct lxc_mount *m)
{
	static char text[512];

	snprintf(text, sizeof(text), "%s|%s|%s|", m->source, m->target, m->type);
	for (size_t i = 0; i < m->options.len; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? "," : "",
			 m->options.v[i]);
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "|%s%s%s%s%s",
		 m->create == LXC_CREATE_DIR	? "dir "
		 : m->create == LXC_CREATE_FILE ? "file "
						: "",
		 m->optional ? "optional " : "", m->relative ? "relative " : "",
		 m->idmap ? "idmap:" : "", m->idmap ? m->idmap : "");
	return text;
}

static const char *entry(const char *value, bool exact)
{
	char text[512];

	snprintf(text, sizeof(text), "lxc.mount.entry = %s\n", value);
	if (exact)
		parse_exact(text);
	else
		parse(text);
	T_EQ(got.r, 0);
	T_EQ(got.c->mounts.len, 1);
	return show(&got.c->mounts.v[0]);
}

static void test_fields(void)
{
	T_STR(entry("/sys/x sys/x none bind,optional 0 0", false),
	      "/sys/x|sys/x|none|bind|optional ");
	T_STR(entry("\"/a b none bind 0 0\"", false), "/a|b|none|bind|");
	T_STR(entry("/a\\040x b none bind", false), "/a x|b|none|bind|");
	T_STR(entry("/a\\134040x b none bind", false), "/a\\040x|b|none|bind|");
	T_STR(entry("/a\\011x\\q b\t\tnone", false), "/a\tx\\q|b|none||");
	T_STR(entry("proc proc proc", false), "proc|proc|proc||");
	T_STR(entry("a b", false), "a|b|||");
	T_STR(entry("a b c ro,,nosuid, 1 2 3 4", false), "a|b|c|ro,nosuid|");
	forget();
}

static void test_own_options(void)
{
	T_STR(entry("/a b none rw,create=dir,bind,relative", false),
	      "/a|b|none|rw,bind|dir relative ");
	T_STR(entry("/a b none bind,create=file,idmap=/proc/7/ns/user", false),
	      "/a|b|none|bind|file idmap:/proc/7/ns/user");
	T_STR(entry("/a b none bind,create=dir,create=file", false), "/a|b|none|bind|file ");
	T_STR(entry("tmpfs t tmpfs rootcontext=u:r:t,size=1m", false),
	      "tmpfs|t|tmpfs|rootcontext=u:r:t,size=1m|");
	forget();
}

/* LXC finds its options inside longer words. */
static void test_inside(void)
{
	const char *overlay =
		"overlay o overlay lowerdir=/l,upperdir=/srv/optional/u,workdir=/srv/w";

	T_STR(entry(overlay, false),
	      "overlay|o|overlay|lowerdir=/l,upperdir=/srv/optional/u,workdir=/srv/w|");
	T_STR(strbuf_str(&got.text),
	      "config:1: warning: lxc.mount.entry: LXC finds its option 'optional' inside "
	      "'lowerdir=/l,upperdir=/srv/optional/u,workdir=/srv/w' and cuts it out; it is "
	      "left alone here [LXC-W252]\n");
	T_STR(entry(overlay, true),
	      "overlay|o|overlay|lowerdir=/l,upperdir=/srv/workdir=/srv/w|optional ");
	T_STR(entry("/a b none bind,create=dir,ro", true), "/a|b|none|bind,ro|dir ");
	T_STR(entry("/a b none optional", true), "/a|b|none||optional ");
	forget();
}

static void test_refusals(void)
{
	static const struct saying v[] = {
		{ "lxc.mount.entry = /a",
		  "config:1: lxc.mount.entry: the target is missing in '/a' [LXC-E003]\n" },
		{ "lxc.mount.entry = /a b none bind,idmap=",
		  "config:1: lxc.mount.entry: 'idmap=' needs a value [LXC-E003]\n" },
		{ "lxc.mount.entry = /a\\012x b none bind",
		  "config:1: lxc.mount.entry: control character 0x0a in the value [LXC-E003]\n" },
		{ "lxc.mount.entry = '# a b'", "config:1: warning: lxc.mount.entry: LXC takes '# a "
					       "b' as a comment [LXC-W103]\n" },
		{ "lxc.mount.auto = proc:ro",
		  "config:1: lxc.mount.auto: unknown automount 'proc:ro' (proc[:mixed|:rw] "
		  "sys[:mixed|:ro|:rw] "
		  "cgroup[:mixed|:ro|:rw][:force] shmounts:HOST[:CONT]) [LXC-E003]\n" },
		{ "lxc.mount.auto = shmounts:", "config:1: lxc.mount.auto: 'shmounts:' without a "
						"directory lets the start of LXC hang "
						"(shmounts:HOST[:CONTAINER]) [LXC-E262]\n" },
	};
	check_sayings(v, sizeof(v) / sizeof(v[0]));
}

static void test_clear(void)
{
	parse("lxc.mount.entry = a b c\nlxc.mount.entry = d e f\nlxc.mount.entry "
	      "=\nlxc.mount.entry = g h i\n");
	T_EQ(got.c->mounts.len, 1);
	T_STR(got.c->mounts.v[0].source, "g");
	T_EQ(got.c->lines.v[1].fate, LXC_LINE_CLEARED);
	forget();
}

static void test_auto_groups(void)
{
	const struct lxc_mount_auto *a;

	parse("lxc.mount.auto = proc sys:rw\nlxc.mount.auto = cgroup:ro\nlxc.mount.auto = "
	      "sys:ro\n");
	T_STR(strbuf_str(&got.text), "");
	a = &got.c->mount_auto;
	T_EQ(a->proc, LXC_AUTO_PROC_MIXED);
	T_EQ(a->sys, LXC_AUTO_SYS_RO);
	T_EQ(a->cgroup, LXC_AUTO_CGROUP_RO);
	T_EQ(a->sys_pos.line, 3);
	T_EQ(got.c->lines.v[0].fate, LXC_LINE_LIVE); /* proc is still its */
	parse("lxc.mount.auto = proc\nlxc.mount.auto = proc:rw\n");
	T_EQ(got.c->lines.v[0].fate, LXC_LINE_REPLACED);
	parse("lxc.mount.auto = proc sys shmounts:/h:/c\nlxc.mount.auto =\n");
	T_EQ(got.c->mount_auto.proc, LXC_AUTO_PROC_NONE);
	T_STR(got.c->mount_auto.shmounts_host, NULL);
	T_EQ(got.c->lines.v[0].fate, LXC_LINE_CLEARED);
	parse("lxc.mount.auto = shmounts:/h\n");
	T_STR(got.c->mount_auto.shmounts_host, "/h");
	T_STR(got.c->mount_auto.shmounts_cont, "/dev/.lxc-mounts");
	forget();
}

static void test_auto_cgroup(void)
{
	static const struct {
		const char *word;
		int mode; /* -1: refused */
		bool full, v2, force;
	} v[] = {
		{ "cgroup", LXC_AUTO_CGROUP_DEFAULT, false, false, false },
		{ "cgroup:mixed", LXC_AUTO_CGROUP_MIXED, false, false, false },
		{ "cgroup:ro:force", LXC_AUTO_CGROUP_RO, false, false, true },
		{ "cgroup-full:rw:force", LXC_AUTO_CGROUP_RW, true, false, true },
		{ "cgroup-full", LXC_AUTO_CGROUP_DEFAULT, true, false, false },
		{ "cgroup2", LXC_AUTO_CGROUP_DEFAULT, false, true, false },
		{ "cgroup2:ro:force", LXC_AUTO_CGROUP_RO, false, true, true },
		{ "cgroup2:rw", -1, false, false, false },
		{ "cgroup:force:ro", -1, false, false, false },
		{ "cgroups", -1, false, false, false },
	};
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		char text[64];

		snprintf(text, sizeof(text), "lxc.mount.auto = %s", v[i].word);
		parse(text);
		T_EQ(got.r, v[i].mode < 0 ? -EINVAL : 0);
		if (v[i].mode < 0)
			continue;
		T_EQ(got.c->mount_auto.cgroup, v[i].mode);
		T_EQ(got.c->mount_auto.cgroup_full, v[i].full);
		T_EQ(got.c->mount_auto.cgroup_v2_only, v[i].v2);
		T_EQ(got.c->mount_auto.cgroup_force, v[i].force);
	}
	forget();
}

static void test_fstab(void)
{
	const char *conf;

	make_tree();
	put("fstab", "# c\n\n/a b none bind 0 0\n  tmpfs\tt tmpfs ro\n");
	conf = put("config",
		   "lxc.mount.entry = x y z\nlxc.mount.fstab = %s/none\nlxc.mount.fstab = fstab\n",
		   tree);
	parse_path(conf, (struct lxc_opts){ 0 });
	T_EQ(got.r, 0);
	T_EQ(got.c->fstab.len, 2);
	T_STR(show(&got.c->fstab.v[1]), "tmpfs|t|tmpfs|ro|");
	T_EQ(got.c->fstab.v[1].pos.line, 4);
	T_CONTAINS(model_file_name(&got.c->files, got.c->fstab.v[1].pos), "/fstab");
	T_EQ(got.c->lines.v[1].fate, LXC_LINE_REPLACED);
	T_EQ(got.c->lines.v[2].fate, LXC_LINE_CONSUMED);
	T_EQ(got.c->lines.len, 5);
	put("fstab", "/a b none bind\n/only\n");
	parse_path(conf, (struct lxc_opts){ 0 });
	T_CONTAINS(err_get_text(), "/fstab:2: lxc.mount.fstab: the target is missing in '/only'");
	conf = put("config", "lxc.mount.fstab = %s/none\n", tree);
	parse_path(conf, (struct lxc_opts){ 0 });
	T_CONTAINS(err_get_text(), "/config:1: lxc.mount.fstab: open '");
	forget();
	rm_tree();
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_fields),	  T_TEST(test_own_options), T_TEST(test_inside),
		T_TEST(test_refusals),	  T_TEST(test_clear),	    T_TEST(test_auto_groups),
		T_TEST(test_auto_cgroup), T_TEST(test_fstab),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
