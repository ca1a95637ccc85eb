/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines that people write and that LXC reads in its own way: what becomes of each, in intent mode
 * unless the row says otherwise. Those that need files (an include that includes itself, relative
 * paths, CR LF) are golden files and tests of the parser.
 */
#include "tests/unit/lxc/map_test.h"

struct snippet {
	int number;
	const char *text;
	const char *code; /* expected; an E refuses. NULL: none is asked for */
	const char *json; /* fragment; NULL: none is asked for */
	const char *not_json;
	int flags;
};

#define NET_VETH  "lxc.net.0.type = veth\n"
#define PROC_AUTO "lxc.mount.auto = proc:mixed\n"

static const struct snippet snippets[] = {
	{ 1, "\xef\xbb\xbflxc.cap.drop = sys_admin\n", "LXC-W101", NULL, "CAP_SYS_ADMIN" },
	{ 1, "\xef\xbb\xbflxc.cap.drop = sys_admin\n", "LXC-W101", "CAP_SYS_ADMIN", NULL, EXACT },
	{ 2, "lxc.uts.name = web # prod\n", NULL, "\"hostname\":\"web # prod\"" },
	{ 3, "lxc.uts.name = \"a\" \"b\"\n", NULL, "\"hostname\":\"a\\\" \\\"b\"" },
	{ 4, "lxc.cap.drop = mknod \\\nsys_time\n", "LXC-E003" },
	{ 5, "lxc.cap.drop = CAP_SYS_TIME\n", "LXC-E003" },
	{ 6, "lxc.cap.drop = sys_time\nlxc.cap.keep =\nlxc.cap.keep = sys_boot\n", NULL,
	  "\"bounding\":[\"CAP_SYS_BOOT\"]" },
	{ 7, "lxc.cap.keep = none\nlxc.cap.drop = sys_time\n", "LXC-E403" },
	{ 8, "lxc.cap.keep = sys_time none sys_boot\n", NULL, "\"bounding\":[\"CAP_SYS_BOOT\"]" },
	{ 9, "lxc.cap.drop = 25 0x19 041\n", NULL, NULL, "CAP_SYS_TIME" },
	{ 9, "lxc.cap.drop = 25 0x19 041\n", NULL, NULL, "CAP_MAC_ADMIN" },
	{ 10, "lxc.net.0.flags = up\nlxc.net.0.link = br0\n" NET_VETH, NULL,
	  "{\\\"index\\\":0,\\\"type\\\":\\\"veth\\\"", "br0" },
	{ 11, NET_VETH "lxc.net.0.flags = down\n", NULL, "\\\"up\\\":true" },
	{ 12,
	  NET_VETH "lxc.net.0.flags = up\nlxc.net.0.ipv4.address = 10.0.0.2/24\n"
		   "lxc.net.0.ipv4.gateway = dev\nlxc.net.0.ipv4.gateway = 10.0.0.1\n",
	  NULL, "\\\"gw4dev\\\":true" },
	{ 13, "lxc.net.5.link =\n", "LXC-E003" },
	{ 15, NET_VETH "lxc.net.0.name = averyverylongifname0\n", NULL, "averyverylongif\\\"" },
	{ 16, "", "LXC-I301", "{\"type\":\"network\"}" },
	{ 17, "lxc.net.0.type = none\nlxc.net.1.type = veth\n", NULL, "{\"type\":\"network\"}" },
	{ 18, "lxc.namespace.keep = net\n", "LXC-W220", NULL, "\"network\"" },
	{ 18, "lxc.namespace.keep = net\n", "LXC-W220", NULL, "\"user\"}" },
	{ 19, "lxc.namespace.clone = mount net ipc\n", "LXC-E003" },
	{ 20, "lxc.mount.entry = /data /data none bind,create=dir 0 0\n", "LXC-W250",
	  "\"destination\":\"/data\"" },
	{ 20, "lxc.mount.entry = /data /data none bind,create=dir 0 0\n", "LXC-W250", NULL,
	  "\"/data\"", EXACT },
	{ 21, "lxc.mount.entry = /srv/x missing none ro,bind\n", "LXC-I256",
	  "\"options\":[\"ro\",\"bind\"]" },
	{ 22, "lxc.mount.entry = tmpfs t tmpfs rootcontext=u:r:t,size=1m\n", "LXC-W252",
	  "\"options\":[\"rootcontext=u:r:t\",\"size=1m\"]" },
	{ 23,
	  "lxc.mount.entry = overlay o overlay "
	  "lowerdir=/l,upperdir=/srv/optional/u,workdir=/srv/w\n",
	  "LXC-W252", "\"upperdir=/srv/optional/u\"" },
	{ 24, "lxc.mount.entry = dev/null proc/kcore none bind,relative 0 0\n", "LXC-W250",
	  "\"destination\":\"/proc/kcore\",\"type\":\"none\",\"source\":\"/dev/null\"" },
	{ 25, "lxc.mount.entry = \"/a b none bind 0 0\"\n", NULL, "\"source\":\"/a\"" },
	{ 26, "lxc.mount.entry = /a\\040x b none bind\n", NULL, "\"source\":\"/a x\"" },
	{ 27, "lxc.mount.auto = proc sys:rw\nlxc.mount.auto = cgroup:ro\nlxc.mount.auto = sys:ro\n",
	  NULL, "\"source\":\"sysfs\",\"options\":[\"ro\"]" },
	{ 28, "lxc.mount.auto = proc:ro\n", "LXC-E003" },
	{ 29, PROC_AUTO "lxc.sysctl.kernel.msgmax = 4096\n", "LXC-W211",
	  "\"kernel.msgmax\":\"4096\"" },
	{ 32, "lxc.tty.max = 2\nlxc.tty.dir = lxc\nlxc.console.path = none\n", NULL,
	  "\"terminal\":false" },
	{ 33, "lxc.autodev =\n", "LXC-W503", "\"org.hako.autodev\":\"0\"" },
	{ 34, "lxc.autodev.tmpfs.size = 5M\n", NULL, "size=500000" },
	{ 35, "lxc.keyring.session = 1\n", NULL, "\"org.hako.keyring\":\"inherit\"" },
	{ 36, "lxc.environment = TOKEN\n", "LXC-E003" },
	{ 37, "lxc.environment = container=docker\n", NULL, "\"container=lxc\"", "docker" },
	{ 38, "lxc.signal.halt = PWR\n", "LXC-E003" },
	{ 39, "lxc.prlimit.nofile = :4096\n", NULL, "\"hard\":4096,\"soft\":0" },
	{ 40, "lxc.idmap = b 0 100000 65536\n", "LXC-E003" },
	{ 41, "lxc.idmap = u 0 100000 65536\n", "LXC-E230" },
	{ 42, "lxc.time.offset.boot = 5 ms\n", "LXC-E003" },
	{ 42, "lxc.time.offset.boot = 5ms\n", NULL, "\"nanosecs\":5000000" },
	{ 43, "lxc.time.offset.monotonic = -1ms\n", NULL, "\"secs\":-1,\"nanosecs\":999000000" },
	{ 44,
	  "lxc.cgroup2.io.max = 8:0 rbps=1048576\n"
	  "lxc.cgroup2.io.max = 8:16 wbps=1\n",
	  NULL, "\"io.max\":\"8:0 rbps=1048576\\n8:16 wbps=1\"" },
	{ 45, "lxc.cgroup2.memory.max = 1G\nlxc.cgroup2.memory.max = 2G\n", NULL,
	  "\"memory.max\":\"2G\"" },
	{ 46, "lxc.cgroup.memory.limit_in_bytes = 512M\n", NULL, "\"limit\":536870912" },
	{ 46, "lxc.cgroup.memory.limit_in_bytes = 512M\n", "LXC-W320", NULL, "536870912", EXACT },
	{ 47, "lxc.cgroup2.devices.deny = a\n", "LXC-W332", "{\"allow\":false" },
	{ 48, "lxc.cgroup2.devices.allow = /dev/fuse rwm\n", "LXC-I333",
	  "\"type\":\"c\",\"major\":10,\"minor\":229" },
	{ 49, "lxc.cgroup2.devices.deny = /dev/sda rw\n", "LXC-E330" },
	{ 52, "lxc.hook.start = /bin/a\n", NULL, "exec /bin/a 'c1' 'lxc' 'start'" },
	{ 53, "lxc.hook.mount = /opt/h --x \"y z\"\n", NULL, "\"/opt/h --x \\\"y z\\\"\"" },
	{ 56, "lxc.init.cmd = /sbin/init \"a b\"\n", NULL, "\"args\":[\"/sbin/init\",\"a b\"]" },
	{ 58, "lxc.cap.drop: sys_time\n", "LXC-E001" },
	{ 59, "lxc.network.type = veth\n", "LXC-I106",
	  "{\\\"index\\\":0,\\\"type\\\":\\\"veth\\\"" },
	{ 61, PROC_AUTO "lxc.sysctl.net.ipv4.ip_forward = 1\nlxc.cap.drop = net_admin\n",
	  "LXC-W211", "\"net.ipv4.ip_forward\":\"1\"" },
	{ 62, "lxc.apparmor.allow_nesting = 1\n", NULL, "\"/dev/.lxc/proc\"" },
	{ 62, "lxc.apparmor.allow_nesting = 1\n", NULL, NULL, "/dev/.lxc/proc", EXACT },
	{ 64, "lxc.mount.entry = /srv/x ../../srv/y none bind,create=dir\n", "LXC-E254" },
	{ 65, "lxc.mount.entry = /srv/x var/run/x none bind,create=dir\n", "LXC-I255",
	  "\"destination\":\"/var/run/x\"" },
	{ 67, "lxc.mount.entry = /srv/f etc/f none bind,nosuid,noexec 0 0\n", "LXC-W252",
	  "[\"bind\",\"nosuid\",\"noexec\"]" },
	{ 67, "lxc.mount.entry = /srv/f etc/f none bind,nosuid,noexec 0 0\n", "LXC-W252",
	  "\"options\":[\"bind\"]", NULL, EXACT },
	{ 68, "lxc.cgroup2.devices.deny = a\nlxc.cgroup2.devices.allow = a *:* rwm\n", "LXC-W330" },
	{ 69, "lxc.hook.start = /bin/touch /x\n", "LXC-W705", "exec /bin/touch /x 'c1'" },
};

/* With a profile: the line in question is one of its own. */
static const struct snippet profiles[] = {
	{ 54, "2\ndenylist\nioctl [1,0x5412,==]\n", "LXC-E602" },
	{ 54, "2\ndenylist\nioctl errno 1 [1,0x5412,==]\n", NULL, "\"value\":21522" },
	{ 55, "2\ndenylist errno 5\n[x86]\nmkdir kill\n[x86_64]\nmkdir kill\nrmdir kill\n",
	  "LXC-I605" },
	{ 57, "2\r\ndenylist\r\n[all]\r\nmkdir\r\n", "LXC-W608", "\"mkdir\"" },
	{ 63, "2\ndenylist\nmknod notify\n", "LXC-E610" },
	{ 66, "2\ndenylist\nmkdir allow\n", "LXC-I609", NULL, "\"mkdir\"" },
};

static void check(const struct snippet *s, const struct mapped *m)
{
	bool refused = s->code && s->code[4] == 'E';

	if (refused != (m->result < 0))
		t_fail(__FILE__, __LINE__, "snippet %d: %s", s->number,
		       m->result < 0 ? err_get_text() : "is not refused");
	if (s->code && !find_code(m, s->code))
		t_fail(__FILE__, __LINE__, "snippet %d: no %s", s->number, s->code);
	if (refused)
		return;
	if (validate_config(m->oci) < 0)
		t_fail(__FILE__, __LINE__, "snippet %d: not valid: %s", s->number, err_get_text());
	if (s->json && !strstr(m->json, s->json))
		t_fail(__FILE__, __LINE__, "snippet %d: %s is not in %s", s->number, s->json,
		       m->json);
	if (s->not_json && strstr(m->json, s->not_json))
		t_fail(__FILE__, __LINE__, "snippet %d: %s is in %s", s->number, s->not_json,
		       m->json);
}

static void test_snippets(void)
{
	for (size_t i = 0; i < sizeof snippets / sizeof snippets[0]; i++) {
		/* behind the lines, as a byte order mark is at the beginning or nowhere */
		char *text = xasprintf("%s" ROOT, snippets[i].text);
		automapped struct mapped m = mapped_with(text, snippets[i].flags);

		free(text);
		check(&snippets[i], &m);
	}
}

static void test_profiles(void)
{
	for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
		fake_profile = profiles[i].text;
		{
			automapped struct mapped m =
				mapped("lxc.seccomp.profile = /etc/profile.seccomp\n");

			check(&profiles[i], &m);
		}
	}
	fake_profile = NULL;
}

int main(void)
{
	static const struct t_test tests[] = { T_TEST(test_snippets), T_TEST(test_profiles) };

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
