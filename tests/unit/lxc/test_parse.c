/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc_test.h"

#include "lxc/source.h"

/* Section by section: what a key means, how lines combine, what an empty value clears. */

#define OK(conf)                                  \
	do {                                      \
		parse(conf);                      \
		T_STR(strbuf_str(&got.text), ""); \
		T_EQ(got.r, 0);                   \
	} while (0)

static void test_scalars(void)
{
	OK("lxc.uts.name = c1\nlxc.arch = x86_64\nlxc.init.uid = 010\nlxc.pty.max = 0x400\n"
	   "lxc.init.cwd = /a//b/./c/\nlxc.start.order = -5\nlxc.signal.halt = SIGINT\n");
	T_STR(got.c->uts_name.s, "c1");
	T_EQ(got.c->uts_name.pos.line, 1);
	T_STR(got.c->arch.s, "x86_64");
	T_EQ(got.c->init_uid.n, 8);
	T_EQ(got.c->pty_max.n, 1024);
	T_STR(got.c->init_cwd.s, "/a/b/c");
	T_EQ((int64_t) got.c->start_order.n, -5);
	T_EQ(got.c->signal_halt.n, 2);
	T_ASSERT(!got.c->tty_max.has);
	T_ASSERT(lxc_bool_get(&got.c->autodev, true));
}

static void test_last_wins(void)
{
	OK("lxc.uts.name = a\nlxc.uts.name = b\n");
	T_STR(got.c->uts_name.s, "b");
	T_EQ(got.c->lines.v[0].fate, LXC_LINE_REPLACED);
	T_EQ(got.c->lines.v[0].by.line, 2);
	T_EQ(got.c->lines.v[1].fate, LXC_LINE_LIVE);
}

static void test_clear_scalars(void)
{
	OK("lxc.autodev =\nlxc.uts.name = a\nlxc.uts.name =\nlxc.rootfs.managed = 0\n"
	   "lxc.rootfs.managed =\nlxc.tty.max = 4\nlxc.tty.max =\nlxc.autodev.tmpfs.size = 1\n"
	   "lxc.autodev.tmpfs.size =\nlxc.include =\nlxc.uts.name = \"\"\n");
	T_ASSERT(!lxc_bool_get(&got.c->autodev, true)); /* off, although the default is on */
	T_STR(got.c->uts_name.s, NULL);
	T_ASSERT(lxc_bool_get(&got.c->rootfs_managed, true));
	T_EQ(lxc_num_get(&got.c->tty_max, 9), 0);
	T_EQ(lxc_num_get(&got.c->autodev_size, 500000), 500000);
	T_EQ(got.c->lines.v[1].fate, LXC_LINE_CLEARED);
	T_EQ(got.c->lines.v[2].fate, LXC_LINE_CLEARS);
}

static void test_clear_refused(void)
{
	static const struct saying v[] = {
		{ "lxc.arch =", "config:1: lxc.arch: must not be empty [LXC-E003]\n" },
		{ "lxc.mount.fstab =",
		  "config:1: lxc.mount.fstab: must not be empty [LXC-E003]\n" },
		{ "lxc.net = x", "config:1: lxc.net: takes the empty value only, which clears all "
				 "below it [LXC-E003]\n" },
		{ "lxc.hook = x", "config:1: lxc.hook: takes the empty value only, which clears "
				  "all below it [LXC-E003]\n" },
		{ "lxc.sysctl = x", "config:1: lxc.sysctl: needs a name behind it, as in "
				    "'lxc.sysctl.NAME' [LXC-E003]\n" },
		{ "lxc.proc.\xdf = 1", "config:1: lxc.proc.\\xdf: the name is not valid UTF-8, "
					"which JSON cannot carry [LXC-E003]\n" },
		{ "lxc.net.5.link =", "config:1: lxc.net.5.link: there is no interface 5 to clear "
				      "something of [LXC-E003]\n" },
	};
	check_sayings(v, sizeof(v) / sizeof(v[0]));
}

/* What the table cannot make wrong in general: exact text of the errors of section 10. */
static const struct saying sayings[] = {
	{ "lxc.foo = 1", "config:1: unknown key 'lxc.foo' [LXC-E002]\n" },
	{ "lxc.cap.dorp = x", "config:1: unknown key 'lxc.cap.dorp' (did you mean "
			      "'lxc.cap.drop'?) [LXC-E002]\n" },
	{ "lxc.cgroup2foo = 1", "config:1: unknown key 'lxc.cgroup2foo' (did you mean "
				"'lxc.cgroup2'?) [LXC-E002]\n" },
	{ "\n\nlxc.cap.drop = foo",
	  "config:3: lxc.cap.drop: unknown capability 'foo' [LXC-E003]\n" },
	{ "lxc.cap.drop = mknod \\\nsys_time",
	  "config:1: lxc.cap.drop: unknown capability '\\' [LXC-E003]\n"
	  "config:2: warning: LXC ignores this line: it does not begin with 'lxc.' "
	  "[LXC-W101]\n" },
	{ "lxc.cap.drop = CAP_SYS_TIME",
	  "config:1: lxc.cap.drop: unknown capability 'CAP_SYS_TIME' (did you mean "
	  "'sys_time'?) [LXC-E003]\n" },
	{ "lxc.cap.drop: sys_time", "config:1: missing '=' in 'lxc.cap.drop: sys_time' "
				    "('key: value' is the Proxmox style; "
				    "write 'lxc.cap.drop = sys_time') [LXC-E001]\n" },
	{ "LXC.uts.name = a", "config:1: warning: LXC ignores this line: it does not begin "
			      "with 'lxc.' (case matters: "
			      "write 'lxc.uts.name') [LXC-W101]\n" },
	{ "lxc.namespace.clone = mount net ipc",
	  "config:1: lxc.namespace.clone: unknown namespace 'mount' (did you mean 'mnt'?) "
	  "[LXC-E003]\n" },
	{ "lxc.autodev = yes",
	  "config:1: lxc.autodev: must be 0 or 1, not 'yes' (write 1) [LXC-E003]\n" },
	{ "lxc.autodev.tmpfs.size = 5M", "config:1: warning: lxc.autodev.tmpfs.size: LXC "
					 "cannot read '5M' and takes 500000 "
					 "(write a plain number of bytes) [LXC-W102]\n" },
	{ "lxc.environment = TOKEN", "config:1: lxc.environment: 'TOKEN' is not set where "
				     "it should be imported from (write "
				     "'TOKEN=value') [LXC-E003]\n" },
	{ "lxc.signal.halt = PWR",
	  "config:1: lxc.signal.halt: unknown signal 'PWR' (write SIGPWR) [LXC-E003]\n" },
	{ "lxc.prlimit.nofile = :4096", "config:1: warning: lxc.prlimit.nofile: LXC reads "
					"':4096' as soft limit 0 [LXC-W102]\n" },
	{ "lxc.prlimit.foo = 1", "config:1: lxc.prlimit.foo: unknown resource 'foo' [LXC-E003]\n" },
	{ "lxc.idmap = b 0 100000 65536", "config:1: lxc.idmap: unknown id map type 'b' "
					  "(write two lines: 'u 0 100000 65536' and "
					  "'g 0 100000 65536') [LXC-E003]\n" },
	{ "lxc.time.offset.boot = 5 ms", "config:1: lxc.time.offset.boot: '5 ms' is "
					 "refused by LXC (write '5ms') [LXC-E003]\n" },
	{ "lxc.uts.name = web # prod",
	  "config:1: warning: lxc.uts.name: 'web # prod' is not a host name [LXC-W102]\n" },
	{ "lxc.cgroup2.../x = 1", "config:1: lxc.cgroup2.../x: '../x' is not the name of a "
				  "cgroup file [LXC-E003]\n" },
	{ "lxc.tty.dir = ../x", "config:1: lxc.tty.dir: '../x' must not hold '..' [LXC-E003]\n" },
	{ "lxc.cgroup.dir = /x",
	  "config:1: lxc.cgroup.dir: '/x' must be a relative path [LXC-E003]\n" },
	{ "lxc.rootfs.options = ro,optional",
	  "config:1: lxc.rootfs.options: 'optional' is an option of lxc.mount.entry only "
	  "[LXC-E003]\n" },
	{ "lxc.uts.name = a\x1b[0m",
	  "config:1: lxc.uts.name: control character 0x1b in the value [LXC-E003]\n" },
	{ "lxc.seccomp.notify.proxy = /x", "config:1: lxc.seccomp.notify.proxy: unknown "
					   "address '/x' (unix:/path or unix:@name) "
					   "[LXC-E003]\n" },
	{ "lxc.log.syslog = local8",
	  "config:1: lxc.log.syslog: unknown value 'local8' (one of daemon, local0, "
	  "local1, local2, "
	  "local3, local4, local5, local6, local7) [LXC-E003]\n" },
	{ "lxc.seccomp.profile = p.seccomp",
	  "config:1: warning: lxc.seccomp.profile: relative path 'p.seccomp' is taken as "
	  "'/c/p.seccomp' [LXC-W104]\n" },
	{ "lxc.namespace.share.NET = 1", "config:1: lxc.namespace.share.NET: unknown "
					 "namespace 'NET' (one of user mnt pid uts ipc net "
					 "cgroup time) [LXC-E003]\n" },
	{ "lxc.namespace.clone = net\nlxc.namespace.keep = ipc",
	  "config:2: lxc.namespace.keep: lxc.namespace.clone and lxc.namespace.keep "
	  "exclude each other "
	  "[LXC-E003]\n" },
	{ "lxc.cgroup.dir.container = a",
	  "config:1: lxc.cgroup.dir.container: needs lxc.cgroup.dir.monitor [LXC-E003]\n" },
	{ "lxc.init.uid = 4294967295",
	  "config:1: lxc.init.uid: '4294967295' is larger than 4294967294 [LXC-E003]\n" },
	{ "lxc.net.2147483647.type = veth",
	  "config:1: lxc.net.2147483647.type: the interface number is above 2147483646 "
	  "[LXC-E003]\n" },
};

static void test_sayings(void)
{
	check_sayings(sayings, sizeof(sayings) / sizeof(sayings[0]));
}

static void test_first_error_is_recorded(void)
{
	parse("lxc.uts.name = ok\nlxc.cap.drop = foo\nlxc.bar = 1\n");
	T_EQ(got.r, -EINVAL);
	T_ASSERT(!got.c);
	T_STR(err_get_text(), "config:2: lxc.cap.drop: unknown capability 'foo' (and 1 more)");
	forget();
}

static void test_strict(void)
{
	const struct lxc_opts opts = { .cwd = "/c" };

	forget();
	got.d.strict = true;
	got.r = lxc_parse_buffer("config", "foo", 3, &opts, &got.c, &got.d);
	T_EQ(got.r, -EINVAL);
	T_STR(err_get_text(), "config:1: LXC ignores this line: it does not begin with 'lxc.'");
	T_STR(got.d.v[0].code, "LXC-E101");
	forget();
}

static const char *caps(void)
{
	static char text[256];
	const struct lxc_caps *c = &got.c->caps;

	snprintf(text, sizeof(text), "%s",
		 c->mode == LXC_CAPS_KEEP ? "keep"
		 : c->mode		  ? "drop"
					  : "unset");
	for (size_t i = 0; i < c->len; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %u", c->v[i].number);
	return text;
}

static void test_caps(void)
{
	OK("lxc.cap.drop = sys_time\nlxc.cap.keep =\nlxc.cap.keep = sys_boot\n");
	T_STR(caps(), "keep 22");
	OK("lxc.cap.keep = sys_time none sys_boot");
	T_STR(caps(), "keep 22");
	OK("lxc.cap.keep = none");
	T_STR(caps(), "keep");
	OK("lxc.cap.keep = sys_time\nlxc.cap.keep = none\nlxc.cap.keep = sys_boot");
	T_STR(caps(), "keep 22");
	T_EQ(got.c->lines.v[0].fate, LXC_LINE_REPLACED);
	OK("lxc.cap.drop = 25 0x19 041");
	T_STR(caps(), "drop 25 25 33");
	OK("lxc.cap.drop = sys_module sys_time\nlxc.cap.drop =\nlxc.cap.drop = sys_module\n");
	T_STR(caps(), "drop 16");
	T_EQ(got.c->lines.v[0].fate, LXC_LINE_CLEARED);
	OK("lxc.cap.keep = chown\nlxc.cap.drop =\nlxc.cap.drop = kill\n");
	T_STR(caps(), "drop 5");
	parse("lxc.cap.keep = none\nlxc.cap.drop = sys_time");
	T_STR(strbuf_str(&got.text),
	      "config:2: lxc.cap.drop: lxc.cap.keep is in force since config:1 (an empty "
	      "lxc.cap.keep before it ends that) [LXC-E403]\n");
	parse("lxc.cap.drop = sys_time\nlxc.cap.keep = none");
	T_STR(strbuf_str(&got.text),
	      "config:2: lxc.cap.keep: lxc.cap.drop is in force since config:1 (an empty "
	      "lxc.cap.drop before it ends that) [LXC-E403]\n");
	forget();
}

static void test_lists(void)
{
	OK("lxc.group = onboot a,b\nlxc.group = c\nlxc.init.groups = 1, 2\nlxc.init.groups = 0x10\n"
	   "lxc.environment = A=b=c\nlxc.environment = B=\nlxc.apparmor.raw = x y,\n");
	T_EQ(got.c->groups.len, 3);
	T_STR(got.c->groups.v[1].s, "a,b");
	T_EQ(got.c->init_groups.len, 3);
	T_EQ(got.c->init_groups.v[2].n, 16);
	T_STR(got.c->environment.v[0].name, "A");
	T_STR(got.c->environment.v[0].value, "b=c");
	T_STR(got.c->environment.v[1].value, "");
	OK("lxc.group = a\nlxc.environment = A=1\nlxc.environment.runtime = B=1\nlxc.environment "
	   "=\n"
	   "lxc.group =\nlxc.group = z\n");
	T_EQ(got.c->environment.len, 0);
	T_EQ(got.c->environment_runtime.len, 1);
	T_EQ(got.c->groups.len, 1);
	T_STR(got.c->groups.v[0].s, "z");
}

static void test_environment_import(void)
{
	char *env[] = { (char *) "TOKEN=secret", NULL };
	const char *text = "lxc.environment = TOKEN";

	parse_n(text, strlen(text), (struct lxc_opts){ .env = env });
	T_EQ(got.r, 0);
	T_STR(got.c->environment.v[0].name, "TOKEN");
	T_STR(got.c->environment.v[0].value, "secret");
	forget();
}

static void test_families(void)
{
	OK("lxc.sysctl.a.b = 1\nlxc.sysctl.c = 2\nlxc.sysctl.a.b = 3\nlxc.proc.x = 1\nlxc.proc.x = "
	   "2\n"
	   "lxc.prlimit.nofile = 1\nlxc.prlimit.core = 2\nlxc.prlimit.nofile = 3:4\n");
	T_EQ(got.c->sysctl.len, 2);
	T_STR(got.c->sysctl.v[0].key, "a.b"); /* keeps the first position */
	T_STR(got.c->sysctl.v[0].value, "3");
	T_EQ(got.c->sysctl.v[0].pos.line, 3);
	T_EQ(got.c->proc.len, 2);
	T_EQ(got.c->prlimit.len, 2);
	T_STR(got.c->prlimit.v[0].name, "nofile");
	T_EQ(got.c->prlimit.v[0].hard, 4);
	OK("lxc.sysctl.a = 1\nlxc.sysctl.b = 1\nlxc.sysctl.a =\nlxc.proc.a = 1\nlxc.proc =\n"
	   "lxc.prlimit.core = 1\nlxc.prlimit.cpu = 1\nlxc.prlimit.core =\n");
	T_EQ(got.c->sysctl.len, 1);
	T_STR(got.c->sysctl.v[0].key, "b");
	T_EQ(got.c->proc.len, 0);
	T_EQ(got.c->prlimit.len, 1);
	T_STR(got.c->prlimit.v[0].name, "cpu");
}

/* allow and deny lines stay interleaved; a clearing line takes exactly those of its file. */
static void test_devices(void)
{
	OK("lxc.cgroup2.devices.deny = a\nlxc.cgroup2.devices.allow = c 1:3 "
	   "rwm\nlxc.cgroup2.memory.max = 1G\n"
	   "lxc.cgroup2.devices.deny = c 1:3 w\nlxc.cgroup2.memory.max = 2G\n");
	T_EQ(got.c->cgroup2.len, 2);
	T_EQ(got.c->cgroup2_devices.len, 3);
	T_STR(got.c->cgroup2_devices.v[1].key, "devices.allow");
	T_STR(got.c->cgroup2_devices.v[2].value, "c 1:3 w");
	OK("lxc.cgroup2.devices.deny = a\nlxc.cgroup2.devices.allow = c 1:3 rwm\n"
	   "lxc.cgroup2.devices.deny =\nlxc.cgroup.devices.deny = a\nlxc.cgroup.cpu.shares = 5\n");
	T_EQ(got.c->cgroup2_devices.len, 1);
	T_STR(got.c->cgroup2_devices.v[0].key, "devices.allow");
	T_EQ(got.c->cgroup1_devices.len, 1);
	T_EQ(got.c->cgroup1.len, 1);
	OK("lxc.cgroup2.devices.deny = a\nlxc.cgroup2.pids.max = 5\nlxc.cgroup2 =\n");
	T_EQ(got.c->cgroup2_devices.len + got.c->cgroup2.len, 0);
}

static void test_hooks(void)
{
	OK("lxc.hook.start = /a 'b c'\nlxc.hook.start = /d\nlxc.hook.mount = /m\nlxc.hook.version "
	   "= 1\n");
	T_EQ(got.c->hooks[LXC_HOOK_START].len, 2);
	T_STR(got.c->hooks[LXC_HOOK_START].v[0].s, "/a 'b c'");
	T_EQ(got.c->hook_version.n, 1);
	OK("lxc.hook.start = /a\nlxc.hook.mount = /m\nlxc.hook.start =\n");
	T_EQ(got.c->hooks[LXC_HOOK_START].len, 0);
	T_EQ(got.c->hooks[LXC_HOOK_MOUNT].len, 1);
	OK("lxc.hook.start = /a\nlxc.hook.destroy = /m\nlxc.hook =\n");
	T_EQ(got.c->hooks[LXC_HOOK_START].len + got.c->hooks[LXC_HOOK_DESTROY].len, 0);
	T_EQ(got.c->lines.v[1].fate, LXC_LINE_CLEARED);
}

static void test_namespaces(void)
{
	OK("lxc.namespace.keep = net USER\nlxc.namespace.keep = ipc\nlxc.namespace.share.pid = "
	   "17\n");
	T_ASSERT(got.c->ns_keep.on[LXC_NS_NET] && got.c->ns_keep.on[LXC_NS_USER] &&
		 got.c->ns_keep.on[LXC_NS_IPC]);
	T_ASSERT(!got.c->ns_keep.on[LXC_NS_MNT]);
	T_EQ(got.c->ns_keep.at[LXC_NS_IPC].line, 2);
	T_STR(got.c->ns_share[LXC_NS_PID].s, "17");
	OK("lxc.namespace.keep = net\nlxc.namespace.keep =\nlxc.namespace.clone = mnt\n"
	   "lxc.namespace.share.net = x\nlxc.namespace.share.net =\n");
	T_ASSERT(!got.c->ns_keep.has && got.c->ns_clone.has);
	T_STR(got.c->ns_share[LXC_NS_NET].s, NULL);
}

static void test_time(void)
{
	OK("lxc.time.offset.boot = 1h\nlxc.time.offset.boot = 7ms\nlxc.time.offset.boot = 2m\n"
	   "lxc.time.offset.monotonic = -1ms\n");
	T_EQ(got.c->time_boot.secs, 120);
	T_EQ(got.c->time_boot.nanosecs, 7000000);
	T_EQ(got.c->lines.v[0].fate, LXC_LINE_REPLACED);
	T_EQ(got.c->lines.v[1].fate, LXC_LINE_LIVE);
	T_EQ(got.c->time_monotonic.nanosecs, -1000000);
}

static void test_idmap(void)
{
	static const struct saying v[] = {
		{ "lxc.idmap = u 0 100000 1000\nlxc.idmap = g 0 100000 1000\nlxc.idmap = u 1000 "
		  "1000 1\n",
		  "" },
		{ "lxc.idmap = u 0 100000 1000\nlxc.idmap = u 999 5 1\n",
		  "config:2: lxc.idmap: the ids inside overlap those of config:1 [LXC-E003]\n" },
		{ "lxc.idmap = u 0 100000 1000\nlxc.idmap = u 5000 100999 1\n",
		  "config:2: lxc.idmap: the ids outside overlap those of config:1 [LXC-E003]\n" },
		{ "lxc.idmap = u 0 1 10\nlxc.idmap =\nlxc.idmap = u 0 1 10\n", "" },
	};
	struct strbuf b = STRBUF_INIT;

	check_sayings(v, sizeof(v) / sizeof(v[0]));
	for (unsigned int i = 0; i < 400; i++)
		strbuf_addf(&b, "lxc.idmap = u %u %u 1\n", i * 2, 100000 + i * 2);
	parse(strbuf_str(&b));
	strbuf_clear(&b);
	T_CONTAINS(strbuf_str(&got.text), "the map is longer than 4096 bytes");
	forget();
}

static void test_rootfs(void)
{
	OK("lxc.rootfs.path = dir:/srv//c1/rootfs/");
	T_STR(got.c->rootfs_type.s, "dir");
	T_STR(got.c->rootfs_path.s, "/srv/c1/rootfs");
	OK("lxc.rootfs.path = overlay:/l1:/l2:/u");
	T_STR(got.c->rootfs_type.s, "overlay");
	T_STR(got.c->rootfs_path.s, "/l1:/l2:/u");
	OK("lxc.rootfs.path = zfs:pool/ds");
	T_STR(got.c->rootfs_path.s, "pool/ds");
	parse("lxc.rootfs.path = overlay:/l1:/l2:/u\nlxc.rootfs.path = /plain");
	T_STR(got.c->rootfs_type.s, NULL);
	T_STR(got.c->rootfs_path.s, "/plain");
	T_STR(strbuf_str(&got.text),
	      "config:2: warning: lxc.rootfs.path: LXC keeps the storage type 'overlay' of "
	      "line 1 [LXC-W102]\n");
	parse_exact("lxc.rootfs.path = overlay:/l1:/l2:/u\nlxc.rootfs.path = /plain");
	T_STR(got.c->rootfs_type.s, "overlay");
	parse("lxc.rootfs.path = /srv/a:b");
	T_STR(got.c->rootfs_path.s, "/srv/a:b");
	T_STR(strbuf_str(&got.text),
	      "config:1: warning: lxc.rootfs.path: LXC takes '/srv/a' as the storage type and "
	      "'b' as the path [LXC-W102]\n");
	parse_exact("lxc.rootfs.path = /srv/a:/b");
	T_STR(got.c->rootfs_type.s, "/srv/a");
	T_STR(got.c->rootfs_path.s, "/b");
	parse("lxc.rootfs.path = rootfs");
	T_STR(got.c->rootfs_path.s, "/c/rootfs");
	forget();
}

static void test_bytes(void)
{
	parse("\xef\xbb\xbflxc.cap.drop = sys_admin");
	T_STR(strbuf_str(&got.text),
	      "config:1: warning: a byte order mark makes LXC ignore the first line; it is read "
	      "without it [LXC-W101]\n");
	T_STR(caps(), "drop 21");
	parse_exact("\xef\xbb\xbflxc.cap.drop = sys_admin");
	T_STR(caps(), "unset");
	T_STR(strbuf_str(&got.text),
	      "config:1: warning: LXC ignores this line: it does not begin with 'lxc.' (a byte "
	      "order mark stands in front of it) [LXC-W101]\n");
	parse_n("lxc.uts.name = a\n\0lxc.cap.keep = none", 38, (struct lxc_opts){ 0 });
	T_STR(err_get_text(), "config:2: a NUL byte ends the file for LXC, but text follows it");
	parse_n("lxc.uts.name = a\n\0lxc.cap.keep = none", 38,
		(struct lxc_opts){ .mode = LXC_EXACT });
	T_EQ(got.r, 0);
	T_STR(caps(), "unset");
	OK("lxc.uts.name = c1\r\nlxc.tty.max = 2\r\n");
	T_STR(got.c->uts_name.s, "c1");
	parse("lxc.uts.name = \"a\" \"b\"");
	T_STR(got.c->uts_name.s, "a\" \"b");
	forget();
}

static void test_defines(void)
{
	char *defines[] = { (char *) "lxc.uts.name = d", (char *) "lxc.foo=1", NULL };
	const char *text = "lxc.uts.name = a\n";

	parse_n(text, strlen(text), (struct lxc_opts){ .defines = defines });
	T_STR(strbuf_str(&got.text), "--define:2: unknown key 'lxc.foo' [LXC-E002]\n");
	defines[1] = NULL;
	parse_n(text, strlen(text), (struct lxc_opts){ .defines = defines });
	T_EQ(got.r, 0);
	T_STR(got.c->uts_name.s, "d");
	defines[0] = (char *) "lxc.uts.name = d\nlxc.arch = x";
	parse_n(text, strlen(text), (struct lxc_opts){ .defines = defines });
	T_STR(err_get_text(), "--define:1: one definition is one line");
	forget();
}

static void test_bounds(void)
{
	struct strbuf b = STRBUF_INIT;

	for (int i = 0; i < 100010; i++)
		strbuf_add(&b, "x\n");
	parse(strbuf_str(&b));
	T_CONTAINS(err_get_text(), "config:100001: more than 100000 lines");
	strbuf_clear(&b);
	for (int i = 0; i < 3000; i++)
		strbuf_add(&b, "lxc.foo = 1\n");
	parse(strbuf_str(&b));
	T_EQ(got.d.errors, 1000);
	T_CONTAINS(strbuf_str(&got.text), "too many errors; the rest is not shown");
	strbuf_clear(&b);
	parse_n("", SOURCE_MAX_FILE + 1, (struct lxc_opts){ 0 });
	T_EQ(got.r, -EFBIG);
	forget();
}

static void test_proxmox(void)
{
	parse("#desc\narch: amd64\nmemory: 512\n");
	T_EQ(got.r, 0);
	T_EQ(got.c->is_pve, true);
	parse("lxc.uts.name = a\narch: amd64\n");
	T_EQ(got.r, 0);
	T_EQ(got.c->is_pve, false);
	forget();
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_scalars),	    T_TEST(test_last_wins),
		T_TEST(test_clear_scalars), T_TEST(test_clear_refused),
		T_TEST(test_sayings),	    T_TEST(test_first_error_is_recorded),
		T_TEST(test_strict),	    T_TEST(test_caps),
		T_TEST(test_lists),	    T_TEST(test_environment_import),
		T_TEST(test_families),	    T_TEST(test_devices),
		T_TEST(test_hooks),	    T_TEST(test_namespaces),
		T_TEST(test_time),	    T_TEST(test_idmap),
		T_TEST(test_rootfs),	    T_TEST(test_bytes),
		T_TEST(test_defines),	    T_TEST(test_bounds),
		T_TEST(test_proxmox),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
