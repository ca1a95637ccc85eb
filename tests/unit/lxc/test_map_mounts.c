/* SPDX-License-Identifier: Apache-2.0 */
#include "map_test.h"

static void test_default(void)
{
	automapped struct mapped m = mapped("");
	automapped struct mapped exact = mapped_with(ROOT, EXACT);

	HAS(m, "\"mounts\":[{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"none\","
	       "\"options\":[\"mode=755\",\"size=500000\"]},{\"destination\":\"/dev/pts\","
	       "\"type\":\"devpts\",\"source\":\"devpts\",\"options\":[\"nosuid\",\"noexec\","
	       "\"newinstance\",\"ptmxmode=0666\",\"mode=0620\",\"gid=5\"]}]");
	HAS(m, "\"maskedPaths\":[],\"readonlyPaths\":[]");
	HAS(m, "\"org.hako.bootid\":\"random\"");
	HAS_CODE(m, "LXC-I271");
	/* LXC mounts neither proc nor sys nor devpts unless asked to */
	HAS(exact, "\"size=500000\"]}],");
}

static void test_dev(void)
{
	automapped struct mapped m = mapped("lxc.autodev.tmpfs.size = 1000000\nlxc.pty.max = 1024\n"
					    "lxc.tty.max = 4\n");
	automapped struct mapped off = mapped("lxc.autodev =\n");

	HAS(m, "\"size=1000000\"");
	HAS(m, "\"max=1028\"");
	HAS(off, "\"mounts\":[{\"destination\":\"/dev\",\"type\":\"bind\","
		 "\"source\":\"/srv/c1/rootfs/dev\",\"options\":[\"bind\",\"src-nofollow\"]}");
	HAS(off, "\"org.hako.autodev\":\"0\"");
	HAS_NOT(off, "bootid");
	HAS_CODE(off, "LXC-W503");
}

static void test_dev_of_root(void)
{
	automapped struct mapped generic = mapped_with(ROOT "lxc.autodev = 0\n", GENERIC);
	automapped struct mapped linked =
		mapped_with("lxc.rootfs.path = dir:/srv/linked\nlxc.autodev = 0\n", 0);

	HAS(generic, "\"source\":\"/srv/c1/rootfs/dev\",\"options\":[\"bind\"]}");
	REFUSED(linked, "LXC-E254");
}

static void test_devpts_gid(void)
{
	automapped struct mapped m = mapped("lxc.idmap = u 0 1000 5\nlxc.idmap = g 0 1000 5\n");
	automapped struct mapped six = mapped("lxc.idmap = u 0 1000 6\nlxc.idmap = g 0 1000 6\n");

	HAS_NOT(m, "gid=5");
	HAS(six, "gid=5");
}

static void test_proc(void)
{
	automapped struct mapped mixed = mapped("lxc.mount.auto = proc\n");
	automapped struct mapped rw = mapped("lxc.mount.auto = proc:rw\n");
	automapped struct mapped weak =
		mapped("lxc.mount.auto = proc:mixed\nlxc.cap.drop = net_admin\n");
	automapped struct mapped other = mapped_with(ROOT "lxc.mount.auto = proc:mixed\n", GENERIC);

	HAS(mixed, "{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\","
		   "\"options\":[\"nosuid\",\"nodev\",\"noexec\"]}");
	HAS(mixed, "\"readonlyPaths\":[\"/proc/sys\",\"/proc/sysrq-trigger\"]");
	HAS(mixed, "\"org.hako.proc.mixed\":\"1\"");
	HAS_NO_CODE(mixed, "LXC-W260");
	HAS(rw, "\"readonlyPaths\":[]");
	HAS_NOT(rw, "proc.mixed");
	HAS_NOT(weak, "proc.mixed");
	HAS(weak, "\"/proc/sys\"");
	HAS(other, "\"automount\",\"--rootfs\",\"/srv/c1/rootfs\",\"boot-id\",\"proc:mixed\"]");
	HAS(other, "\"readonlyPaths\":[]");
}

static void test_sys(void)
{
	automapped struct mapped mixed = mapped("lxc.mount.auto = sys\n");
	automapped struct mapped ro = mapped("lxc.mount.auto = sys:ro\n");
	automapped struct mapped rw = mapped("lxc.mount.auto = sys:ro\nlxc.mount.auto = sys:rw\n");

	HAS(mixed, "\"type\":\"sysfs\",\"source\":\"sysfs\","
		   "\"options\":[\"ro\",\"nosuid\",\"nodev\",\"noexec\"]}");
	HAS(mixed, "\"org.hako.sys.mixed\":\"1\"");
	HAS(ro, "\"source\":\"sysfs\",\"options\":[\"ro\"]}");
	HAS(rw, "\"source\":\"sysfs\"}");
}

static void test_cgroup(void)
{
	automapped struct mapped m = mapped("lxc.mount.auto = cgroup:mixed\n"
					    "lxc.mount.entry = /a b none bind 0 0\n");
	automapped struct mapped ro = mapped("lxc.mount.auto = cgroup2:ro:force\n");
	automapped struct mapped full = mapped("lxc.mount.auto = cgroup-full\n");

	HAS(m, "{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\",\"source\":\"cgroup\","
	       "\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"relatime\"]}],");
	HAS(ro, "\"relatime\",\"ro\"]");
	HAS_CODE(full, "LXC-W261");
}

static void test_entry(void)
{
	automapped struct mapped m =
		mapped("lxc.mount.entry = /a\\040x b//c none bind,create=dir 0 0\n"
		       "lxc.mount.entry = tmpfs run tmpfs nosuid,size=1m,mode=755\n");

	HAS(m, "{\"destination\":\"/b/c\",\"type\":\"none\",\"source\":\"/a "
	       "x\",\"options\":[\"bind\"]},"
	       "{\"destination\":\"/run\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
	       "\"options\":[\"nosuid\",\"size=1m\",\"mode=755\"]}");
	T_EQ(verdict(&m, 2), LXC_V_KEPT);
	T_EQ(verdict(&m, 3), LXC_V_KEPT);
}

static void test_absolute_target(void)
{
	automapped struct mapped below =
		mapped("lxc.mount.entry = /d /srv/c1/rootfs/data none bind 0 0\n"
		       "lxc.mount.entry = /d /var/lib/lxc/c1/rootfs/more none bind 0 0\n");
	automapped struct mapped m =
		mapped("lxc.mount.entry = /data /data none bind,create=dir 0 0\n");
	automapped struct mapped exact =
		mapped_with(ROOT "lxc.mount.entry = /data /data none bind,create=dir 0 0\n", EXACT);

	HAS(below, "\"destination\":\"/data\"");
	HAS(below, "\"destination\":\"/more\"");
	HAS_NO_CODE(below, "LXC-W250");
	HAS(m, "\"destination\":\"/data\"");
	HAS_CODE(m, "LXC-W250");
	HAS_NOT(exact, "\"/data\"");
	HAS_CODE(exact, "LXC-W250");
	T_EQ(verdict(&exact, 2), LXC_V_DROPPED);
}

static void test_escape(void)
{
	automapped struct mapped m = mapped("lxc.mount.entry = /srv/x ../../srv/y none bind 0 0\n");
	automapped struct mapped later =
		mapped("lxc.mount.entry = /srv/x a/../../b none bind 0 0\n");
	automapped struct mapped inside = mapped("lxc.mount.entry = /srv/x a/../b none bind 0 0\n");
	automapped struct mapped root = mapped("lxc.mount.entry = /srv/x a/.. none bind 0 0\n");

	REFUSED(m, "LXC-E254");
	REFUSED(later, "LXC-E254");
	HAS(inside, "\"destination\":\"/b\"");
	REFUSED(root, "LXC-E003");
}

static void test_options(void)
{
	automapped struct mapped ctx =
		mapped("lxc.mount.entry = t t tmpfs rootcontext=u:r:t,size=1m\n");
	automapped struct mapped exact =
		mapped_with(ROOT "lxc.mount.entry = t t tmpfs rootcontext=u:r:t,size=1m\n", EXACT);
	automapped struct mapped sync = mapped("lxc.mount.entry = t t tmpfs sync,defaults,rw\n");
	automapped struct mapped prop = mapped("lxc.mount.entry = /a t none rbind,rslave,ro\n");

	HAS(ctx, "\"options\":[\"rootcontext=u:r:t\",\"size=1m\"]");
	HAS_CODE(ctx, "LXC-W252");
	HAS(exact, "\"options\":[\"ro\",\"size=1m\"]");
	HAS(sync, "\"options\":[\"sync\",\"rw\"]");
	HAS_CODE(sync, "LXC-W252");
	HAS(prop, "\"options\":[\"rbind\",\"rslave\",\"ro\"]");
	HAS_NO_CODE(prop, "LXC-W252");
}

static void test_bind_forgets(void)
{
	const char *line = ROOT "lxc.mount.entry = /srv/f etc/f none bind,nosuid,noexec 0 0\n";
	automapped struct mapped m = mapped_with(line, 0);
	automapped struct mapped exact = mapped_with(line, EXACT);
	automapped struct mapped ro =
		mapped("lxc.mount.entry = /srv/f f none bind,ro,nosuid 0 0\n");

	HAS(m, "\"options\":[\"bind\",\"nosuid\",\"noexec\"]");
	HAS_CODE(m, "LXC-W252");
	HAS(exact, "\"source\":\"/srv/f\",\"options\":[\"bind\"]");
	HAS(ro, "\"options\":[\"bind\",\"ro\",\"nosuid\"]");
	HAS_NO_CODE(ro, "LXC-W252");
}

static void test_optional(void)
{
	const char *line = ROOT "lxc.mount.entry = /missing m none bind,optional 0 0\n"
				"lxc.mount.entry = /there t none bind,optional,create=file 0 0\n";
	automapped struct mapped m = mapped_with(line, 0);
	automapped struct mapped other = mapped_with(line, GENERIC);

	HAS(m, "\"org.hako.mounts.optional\":\"[\\\"/m\\\",\\\"/t\\\"]\"");
	HAS_CODE(m, "LXC-I251");
	HAS_NOT(other, "\"/missing\"");
	T_EQ(verdict(&other, 2), LXC_V_DROPPED);
}

static void test_sources(void)
{
	automapped struct mapped m = mapped("lxc.mount.entry = rel r none bind 0 0\n"
					    "lxc.mount.entry = etc/x y none bind,relative 0 0\n");
	automapped struct mapped null =
		mapped("lxc.mount.entry = dev/null proc/kcore none bind,relative\n");

	HAS(m, "\"source\":\"/cwd/rel\"");
	HAS_CODE(m, "LXC-W104");
	HAS(m, "\"source\":\"/srv/c1/rootfs/etc/x\"");
	/* LXC fails: its /dev is still empty then */
	HAS(null, "{\"destination\":\"/proc/kcore\",\"type\":\"none\",\"source\":\"/dev/null\"");
	HAS_CODE(null, "LXC-W250");
}

static void test_entry_errors(void)
{
	automapped struct mapped unbound = mapped("lxc.mount.entry = /a b none ro 0 0\n");
	automapped struct mapped move = mapped("lxc.mount.entry = /a b none move 0 0\n");
	automapped struct mapped idmap =
		mapped("lxc.mount.entry = /a b none bind,idmap=container 0 0\n");
	automapped struct mapped link = mapped("lxc.mount.entry = /a var/run/x none bind 0 0\n");

	REFUSED(unbound, "LXC-E253");
	REFUSED(move, "LXC-E003");
	REFUSED(idmap, "LXC-E003");
	HAS_CODE(link, "LXC-I255");
}

static void test_idmapped_last(void)
{
	automapped struct mapped m =
		mapped("lxc.idmap = u 0 1000 10\nlxc.idmap = g 0 1000 10\n"
		       "lxc.mount.entry = /a first none rbind,idmap=container 0 0\n"
		       "lxc.mount.entry = /b second none bind 0 0\n");

	HAS(m, "\"destination\":\"/second\",\"type\":\"none\",\"source\":\"/"
	       "b\",\"options\":[\"bind\"]},"
	       "{\"destination\":\"/first\",\"type\":\"none\",\"source\":\"/a\","
	       "\"options\":[\"rbind\",\"ridmap\"]}");
}

static void test_pts_order(void)
{
	automapped struct mapped m = mapped("lxc.mount.entry = /a dev/pts/x none bind 0 0\n");

	/* LXC's devpts would hide it */
	T_ASSERT(m.json);
	T_ASSERT(strstr(m.json, "\"/dev/pts\"") < strstr(m.json, "\"/dev/pts/x\""));
}

static void test_nesting(void)
{
	automapped struct mapped m = mapped("lxc.apparmor.allow_nesting = 1\n");
	automapped struct mapped exact =
		mapped_with(ROOT "lxc.apparmor.allow_nesting = 1\n", EXACT);

	HAS(m, "{\"destination\":\"/dev/.lxc/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	       "{\"destination\":\"/dev/.lxc/sys\",\"type\":\"sysfs\",\"source\":\"sys\"}");
	HAS_NOT(exact, ".lxc/proc");
}

static void test_shmounts(void)
{
	automapped struct mapped m = mapped("lxc.mount.auto = shmounts:/srv/shm\n");

	HAS(m, "{\"destination\":\"/dev/.lxc-mounts\",\"type\":\"none\",\"source\":\"/srv/shm\","
	       "\"options\":[\"rbind\",\"rslave\"]}");
}

static void test_root(void)
{
	automapped struct mapped none = mapped_with("lxc.uts.name = x\n", 0);
	automapped struct mapped host = mapped_with("lxc.uts.name = x\n", HOST_ROOT);
	automapped struct mapped overlay = mapped_with("lxc.rootfs.path = overlay:/a:/b\n", 0);
	automapped struct mapped image = mapped_with("lxc.rootfs.path = /srv/a.img\n", 0);
	automapped struct mapped generic = mapped_with("lxc.rootfs.path = /srv/a.img\n", GENERIC);
	automapped struct mapped strange = mapped_with("lxc.rootfs.path = tape:/dev/st0\n", 0);
	automapped struct mapped ro = mapped("lxc.rootfs.options = ro,nosuid,idmap=container\n"
					     "lxc.idmap = u 0 1000 10\nlxc.idmap = g 0 1000 10\n");

	REFUSED(none, "LXC-E240");
	HAS(host, "\"root\":{\"path\":\"/\"}");
	REFUSED(strange, "LXC-E240");
	HAS(overlay, "\"root\":{\"path\":\"rootfs\"}");
	HAS(overlay, "\"org.hako.rootfs.overlay\":\"{\\\"lower\\\":[\\\"/a\\\"],\\\"upper\\\":"
		     "\\\"/b\\\",\\\"work\\\":\\\"/work\\\"}\"");
	HAS(image, "\"org.hako.rootfs.source\":\"/srv/a.img\"");
	HAS_CODE(generic, "LXC-W241");
	HAS_NOT(generic, "org.hako.rootfs.source");
	HAS(ro, "\"root\":{\"path\":\"/srv/c1/rootfs\",\"readonly\":true}");
	HAS(ro, "\"org.hako.rootfs.idmap\":\"container\"");
	HAS(ro, "\"org.hako.rootfs.options\":\"nosuid\"");
	HAS_NO_CODE(ro, "LXC-W505");
}

static void test_owner(void)
{
	const char *text = ROOT "lxc.idmap = u 0 1000 10\nlxc.idmap = g 0 1000 10\n";

	/* plain: the container's own */
	fake_owner = fake_group = 1000;
	{
		automapped struct mapped m = mapped_with(text, 0);

		HAS_NO_CODE(m, "LXC-W505");
		HAS_NOT(m, "rootfs.idmap");
	}
	/* not shifted */
	fake_owner = fake_group = 0;
	{
		automapped struct mapped m = mapped_with(text, 0), exact = mapped_with(text, EXACT),
					 foreign = mapped_with(text, GENERIC);

		HAS(m, "\"org.hako.rootfs.idmap\":\"container\"");
		HAS_CODE(m, "LXC-W505");
		HAS_NOT(exact, "rootfs.idmap");
		HAS_CODE(exact, "LXC-W505");
		REFUSED(foreign, "LXC-E505");
	}
	/* shifted for another one */
	fake_owner = fake_group = 500;
	{
		automapped struct mapped m = mapped_with(text, 0);

		REFUSED(m, "LXC-E505");
		T_CONTAINS(find_code(&m, "LXC-E505")->hint, "find '/srv/c1/rootfs' -xdev");
		T_CONTAINS(find_code(&m, "LXC-E505")->hint, "\"$f\")+500)):");
	}
	/* shifted, and no map */
	fake_owner = 100000;
	fake_group = 200000;
	{
		automapped struct mapped m = mapped("");

		HAS_CODE(m, "LXC-W505");
		T_STR(find_code(&m, "LXC-W505")->hint,
		      "lxc.idmap = u 0 100000 65536, and lxc.idmap = g 0 200000 65536");
	}
	fake_owner = fake_group = 0;
	{
		automapped struct mapped m = mapped("");

		HAS_NO_CODE(m, "LXC-W505");
	}
}

static void test_mount8(void)
{
	automapped struct mapped m = mapped("lxc.mount.entry = host:/x srv/x nfs "
					    "_netdev,nofail,x-systemd.automount,vers=4.2 0 0\n"),
				 exact = mapped_with(ROOT "lxc.mount.entry = host:/x srv/x nfs "
							  "_netdev,addr=10.0.0.1 0 0\n",
						     EXACT),
				 bind = mapped("lxc.mount.entry = /srv/x srv/x none "
					       "bind,nofail,create=dir 0 0\n");

	HAS(m, "\"type\":\"nfs\",\"source\":\"host:/x\",\"options\":[\"vers=4.2\"]");
	HAS(m, "\"org.hako.mounts.optional\":\"[\\\"/srv/x\\\"]\"");
	HAS_CODE(m, "LXC-W252");
	HAS_CODE(m, "LXC-W257");
	HAS(exact, "\"options\":[\"_netdev\",\"addr=10.0.0.1\"]");
	HAS_NO_CODE(exact, "LXC-W257");
	HAS(bind, "\"options\":[\"bind\"]");
	HAS(bind, "org.hako.mounts.optional");
	HAS_NO_CODE(bind, "LXC-W252");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_default),	    T_TEST(test_dev),
		T_TEST(test_devpts_gid),    T_TEST(test_proc),
		T_TEST(test_sys),	    T_TEST(test_cgroup),
		T_TEST(test_entry),	    T_TEST(test_absolute_target),
		T_TEST(test_escape),	    T_TEST(test_options),
		T_TEST(test_bind_forgets),  T_TEST(test_optional),
		T_TEST(test_sources),	    T_TEST(test_entry_errors),
		T_TEST(test_idmapped_last), T_TEST(test_pts_order),
		T_TEST(test_nesting),	    T_TEST(test_shmounts),
		T_TEST(test_root),	    T_TEST(test_owner),
		T_TEST(test_mount8),	    T_TEST(test_dev_of_root),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
