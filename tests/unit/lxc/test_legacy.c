/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc_test.h"

static void test_renamed(void)
{
	parse("lxc.utsname = c1\nlxc.pts = 1024\nlxc.tty = 2\nlxc.devttydir = lxc\nlxc.aa_profile "
	      "= unconfined\n"
	      "lxc.id_map = u 0 100000 10\nlxc.limit.nofile = 5\nlxc.haltsignal = "
	      "SIGINT\nlxc.init_cmd = /i\n"
	      "lxc.loglevel = 3\n");
	T_EQ(got.r, 0);
	T_STR(got.c->uts_name.s, "c1");
	T_EQ(got.c->pty_max.n, 1024);
	T_EQ(got.c->tty_max.n, 2);
	T_STR(got.c->tty_dir.s, "lxc");
	T_STR(got.c->apparmor_profile.s, "unconfined");
	T_EQ(got.c->idmap.len, 1);
	T_STR(got.c->prlimit.v[0].name, "nofile");
	T_EQ(got.c->signal_halt.n, 2);
	T_STR(got.c->init_cmd.s, "/i");
	T_STR(got.c->log_level.s, "notice");
	T_EQ(got.d.len, 10);
	T_STR(got.c->lines.v[0].name, "lxc.utsname"); /* the report shows what was written */
	T_CONTAINS(strbuf_str(&got.text),
		   "config:1: note: lxc.utsname: name of LXC 2.0, removed in 3.0 (now "
		   "lxc.uts.name) [LXC-I106]\n");
	parse("lxc.tty = x");
	T_STR(err_get_text(), "config:1: lxc.tty: 'x' is not a number");
	forget();
}

static void test_dropped(void)
{
	parse("lxc.pivotdir = x\nlxc.kmsg = 1\n");
	T_EQ(got.r, 0);
	T_EQ(got.c->lines.v[0].fate, LXC_LINE_IGNORED);
	T_CONTAINS(strbuf_str(&got.text),
		   "config:2: note: lxc.kmsg: key of LXC 2.0, removed without replacement; it has "
		   "no effect [LXC-I106]\n");
	forget();
}

static void test_backend(void)
{
	parse("lxc.rootfs.backend = btrfs\nlxc.rootfs = /srv/c\n");
	T_EQ(got.r, 0);
	T_STR(got.c->rootfs_type.s, "btrfs");
	T_STR(got.c->rootfs_path.s, "/srv/c");
	T_EQ(got.d.warnings, 0);
	parse("lxc.rootfs = /srv/c\nlxc.rootfs.backend = btrfs\n");
	T_STR(got.c->rootfs_type.s, "btrfs");
	parse("lxc.rootfs.backend = btrfs\nlxc.rootfs = dir:/srv/c\n");
	T_STR(got.c->rootfs_type.s, "dir");
	forget();
}

static void test_network(void)
{
	parse("lxc.network.type = veth\nlxc.network.flags = up\nlxc.network.link = br0\n"
	      "lxc.network.ipv4 = 10.0.0.5/24\nlxc.network.type = empty\nlxc.network.0.mtu = "
	      "1400\n");
	T_EQ(got.r, 0);
	T_EQ(got.d.warnings, 0);
	T_EQ(got.c->nets.len, 2);
	T_STR(got.c->nets.v[0].link.s, "br0");
	T_STR(got.c->nets.v[0].ipv4.v[0].addr, "10.0.0.5");
	T_EQ(got.c->nets.v[0].mtu.n, 1400);
	T_EQ(got.c->nets.v[1].type, LXC_NET_EMPTY);
	parse("lxc.network.link = br0");
	T_STR(err_get_text(),
	      "config:1: lxc.network.link: stands before the first lxc.network.type");
	parse("lxc.network.type = veth\nlxc.network.foo = 1");
	T_STR(err_get_text(), "config:2: unknown key 'lxc.network.foo'");
	parse("lxc.network.type = veth\nlxc.network =\n");
	T_EQ(got.c->nets.len, 0);
	forget();
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_renamed),
		T_TEST(test_dropped),
		T_TEST(test_backend),
		T_TEST(test_network),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
