/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc_test.h"

#include <errno.h>

#include "lxc/audit.h"

#define MAPPED "lxc.idmap = u 0 100000 65536\nlxc.idmap = g 0 100000 65536\n"
#define LIMITS                                                      \
	"lxc.cgroup2.memory.max = 1G\nlxc.cgroup2.pids.max = 500\n" \
	"lxc.cgroup2.cpu.weight = 50\n"
#define SAFE                                     \
	"lxc.rootfs.path = dir:/srv/c1/rootfs\n" \
	"lxc.seccomp.profile = /usr/share/lxc/config/common.seccomp\n" LIMITS

static struct audit audit;
static struct strbuf said;

/* "severity id [line]" of each finding but notes, in the order of adding. */
static const char *audited(const char *text)
{
	/* no diag: what the lines earn is tested with the parser */
	struct audit_subject s = { .name = "c1", .file = "config" };

	parse(text);
	T_EQ(got.r, 0);
	audit_clear(&audit);
	strbuf_clear(&said);
	s.config = got.c;
	audit_container(&s, &audit);
	for (size_t i = 0; i < audit.len; i++) {
		const struct audit_finding *f = &audit.v[i];

		if (f->severity == AUDIT_NOTE)
			continue;
		strbuf_addf(&said, "%s %s", audit_severity_name(f->severity), f->id);
		if (f->line)
			strbuf_addf(&said, " %u", f->line);
		strbuf_add_c(&said, '\n');
	}
	return strbuf_str(&said);
}

static void done(void)
{
	audit_clear(&audit);
	strbuf_clear(&said);
	forget();
}

static void test_safe(void)
{
	T_STR(audited(SAFE MAPPED), "");
	T_EQ(audit_worst(&audit), AUDIT_NOTE);
	done();
}

static void test_bare(void)
{
	T_STR(audited("lxc.rootfs.path = /r\n"),
	      "high privileged\nhigh capabilities\nmedium capabilities-strong\nhigh no-seccomp\n"
	      "high devices-open\nmedium no-memory-limit\nmedium no-pids-limit\n"
	      "low no-cpu-limit\n");
	/* the same in a user namespace */
	T_STR(audited("lxc.rootfs.path = /r\n" MAPPED),
	      "medium no-seccomp\nmedium no-memory-limit\nmedium no-pids-limit\n"
	      "low no-cpu-limit\n");
	T_CONTAINS(audited("lxc.uts.name = c1\n"), "high host-rootfs\n");
	done();
}

static void test_idmap(void)
{
	T_STR(audited(SAFE "lxc.idmap = u 0 0 65536\nlxc.idmap = g 0 100000 65536\n"),
	      "high idmap-host-root 6\n");
	T_STR(audited(SAFE MAPPED "lxc.idmap = u 100000 1000 1\nlxc.idmap = g 100000 1000 10\n"),
	      "low idmap-host-user 8\nmedium idmap-host-user 9\n");
	done();
}

static void test_capabilities(void)
{
	static const char devices[] = SAFE "lxc.cgroup2.devices.deny = a\n"
					   "lxc.cgroup2.devices.allow = c 1:3 rwm\n";
	char text[1024];

	snprintf(text, sizeof(text), "%slxc.cap.drop = sys_module sys_rawio\n", devices);
	T_STR(audited(text),
	      "high privileged\nhigh capabilities 8\nmedium capabilities-strong 8\n");
	T_STR(audit.v[1].text, "this privileged container keeps mac_override, mac_admin: they "
			       "reach the host's kernel");
	T_STR(audit.v[1].fix, "lxc.cap.drop = mac_override mac_admin");
	snprintf(text, sizeof(text), "%slxc.cap.keep = chown sys_time\n", devices);
	T_STR(audited(text), "high privileged\nmedium capabilities-strong 8\n");
	snprintf(text, sizeof(text), "%slxc.cap.keep = none\n", devices);
	T_STR(audited(text), "high privileged\n");
	done();
}

static void test_confinement(void)
{
	T_STR(audited(SAFE MAPPED "lxc.apparmor.profile = unconfined\n"),
	      "medium lsm-unconfined 8\n");
	T_STR(audited(SAFE MAPPED "lxc.apparmor.profile = unconfined\n"
				  "lxc.selinux.context = a:b:container_t:s0\n"),
	      "");
	T_STR(audited(SAFE MAPPED "lxc.selinux.context = unconfined_t\n"),
	      "medium lsm-unconfined 8\n");
	T_STR(audited(SAFE MAPPED "lxc.apparmor.profile = generated\n"
				  "lxc.apparmor.allow_nesting = 1\n"
				  "lxc.apparmor.allow_incomplete = 1\n"),
	      "low apparmor-incomplete 10\nlow nesting 9\n");
	T_STR(audited(SAFE MAPPED "lxc.apparmor.profile = lxc-container-default-with-nesting\n"),
	      "low nesting 8\n");
	T_STR(audited(SAFE MAPPED "lxc.keyring.session = 1\n"), "low keyring-shared 8\n");
	done();
}

static void test_namespaces(void)
{
	T_STR(audited(SAFE MAPPED "lxc.namespace.keep = pid net\n"),
	      "medium host-namespace 8\nmedium host-namespace 8\n");
	T_STR(audited(SAFE MAPPED "lxc.namespace.clone = user mnt uts ipc net cgroup\n"),
	      "medium host-namespace 8\n");
	T_STR(audited(SAFE MAPPED "lxc.net.0.type = none\n"), "medium host-namespace 8\n");
	T_STR(audited(SAFE MAPPED "lxc.net.0.type = none\nlxc.net.1.type = empty\n"), "");
	T_STR(audited(SAFE MAPPED "lxc.namespace.share.pid = 1\nlxc.namespace.share.user = 1\n"),
	      "high shared-namespaces 8\n");
	done();
}

static void test_limits(void)
{
	T_STR(audited("lxc.rootfs.path = /r\nlxc.seccomp.profile = /p\n" MAPPED
		      "lxc.cgroup2.memory.max = max\nlxc.cgroup.pids.max = 5\n"
		      "lxc.cgroup2.cpu.max = max 100000\n"),
	      "medium no-memory-limit\nmedium no-pids-limit 6\nlow no-cpu-limit\n"
	      "medium lxc7-cgroup1 6\n");
	T_CONTAINS(audit.v[1].text, "LXC ignores 'pids.max' on a cgroup2 host");
	/* the last line counts */
	T_CONTAINS(audited(SAFE MAPPED "lxc.cgroup2.memory.max = max\n"), "no-memory-limit");
	T_STR(audited(SAFE MAPPED "lxc.cgroup2.memory.high = 1G\n"), "");
	done();
}

static void test_devices(void)
{
	static const struct {
		const char *lines, *want;
	} cases[] = {
		{ "lxc.cgroup2.devices.deny = a\n", "high devices-open 8\n" },
		{ "lxc.cgroup.devices.deny = a\n", "high devices-open 8\n" },
		{ "lxc.cgroup2.devices.allow = c 1:3 rwm\n", "" },
		/* two blanks: refused and skipped */
		{ "lxc.cgroup2.devices.allow = c 1:5 rwm\nlxc.cgroup2.devices.deny = c  1:3 w\n",
		  "high devices-refused 9\n" },
		{ "lxc.cgroup2.devices.allow = a\nlxc.cgroup2.devices.deny = b 8:0 w\n",
		  "medium devices-partial-deny 9\nhigh devices-dangerous\n" },
		{ "lxc.cgroup2.devices.deny = a\nlxc.cgroup2.devices.allow = c *:* rwm\n"
		  "lxc.cgroup2.devices.deny = c 10:200 rwm\n",
		  "medium devices-not-enforced 10\nhigh devices-dangerous 9\n" },
		{ "lxc.cgroup2.devices.deny = a\nlxc.cgroup2.devices.allow = b *:* m\n", "" },
		{ "lxc.cgroup2.devices.deny = a\nlxc.cgroup2.devices.allow = b 8:0 r\n",
		  "high devices-dangerous 9\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[1024];

		snprintf(text, sizeof(text), "%slxc.cap.keep = none\nlxc.no_new_privs = 0\n%s",
			 SAFE, cases[i].lines);
		T_CONTAINS(audited(text), "high privileged\n");
		T_CONTAINS(strbuf_str(&said), cases[i].want);
		if (!*cases[i].want)
			T_STR(strbuf_str(&said), "high privileged\n");
	}
	/* in a user namespace the kernel keeps devices away by itself */
	T_STR(audited(SAFE MAPPED "lxc.cgroup2.devices.deny = a\n"), "");
	done();
}

static void test_mounts(void)
{
	T_STR(audited(SAFE MAPPED "lxc.mount.entry = /srv/a a none bind,ro 0 0\n"
				  "lxc.mount.entry = /srv/b b none bind 0 0\n"
				  "lxc.mount.entry = /etc etc none rbind,create=dir 0 0\n"
				  "lxc.mount.entry = /run/docker.sock d none bind,ro 0 0\n"
				  "lxc.mount.entry = /dev/dri dev/dri none bind 0 0\n"
				  "lxc.mount.entry = tmp t tmpfs size=1m 0 0\n"
				  "lxc.mount.entry = /dev dev none bind 0 0\n"
				  "lxc.mount.entry = / h none bind 0 0\n"),
	      "low writable-host-mount 9\nmedium writable-host-mount 10\nmedium host-socket 11\n"
	      "medium writable-host-mount 14\nmedium writable-host-mount 15\n");
	T_CONTAINS(audited(SAFE "lxc.mount.auto = proc:rw sys:rw cgroup-full:rw\n"
				"lxc.mount.entry = proc p proc defaults 0 0\n"
				"lxc.mount.entry = /srv b none bind 0 0\n"),
		   "high proc-writable 6\nhigh sys-writable 6\nhigh cgroup-full 6\n");
	T_CONTAINS(strbuf_str(&said), "high proc-writable 7\nmedium writable-host-mount 8\n");
	done();
}

/* What the container can write must not decide what the host does. */
static void test_in_rootfs(void)
{
	T_STR(audited(SAFE MAPPED "lxc.hook.pre-start = /srv/c1/rootfs/bin/x --y\n"
				  "lxc.hook.start = /srv/c1/rootfs/bin/x\n"
				  "lxc.hook.post-stop = /srv/c1/rootfs2/x\n"),
	      "high file-in-rootfs 8\n");
	T_STR(audited(SAFE MAPPED "lxc.seccomp.profile = /srv/c1/rootfs/etc/s\n"),
	      "high file-in-rootfs 8\n");
	done();
}

static const char *versions(const char *text)
{
	audited(text);
	for (size_t i = 0; i < audit.len; i++) {
		if (str_eq(audit.v[i].id, "versions") || str_eq(audit.v[i].id, "no-version"))
			return audit.v[i].text;
	}
	return NULL;
}

static void test_versions(void)
{
	T_STR(versions("lxc.rootfs.path = /r\n"), "loads on LXC 2.1 and later");
	T_STR(versions("lxc.environment.runtime = A=b\n"), "loads on LXC 7.0 and later");
	T_STR(versions("lxc.cgroup.cpu.shares = 5\n"), "loads on LXC 2.0 to 6.0");
	T_STR(versions("lxc.utsname = c1\n"), "loads on LXC 2.0 to 2.1");
	T_CONTAINS(strbuf_str(&said), "medium lxc3-names 1\n");
	T_STR(versions("lxc.utsname = c1\nlxc.init.cwd = /x\n"),
	      "no version of LXC loads all lines: some are for 3.0 and later, some for 2.1 and "
	      "earlier");
	/* also where a later line replaces it */
	T_STR(versions("lxc.cgroup.cpu.shares = 5\nlxc.cgroup.cpu.shares =\n"),
	      "loads on LXC 2.0 to 6.0");
	done();
}

/* --- more than one container --- */

static struct lxc_config *configs[3];

static const char *together(const char *a, const char *b, const char *c,
			    const struct audit_ids *ids)
{
	const char *texts[] = { a, b, c };
	struct audit_subject v[] = { { .name = "a" }, { .name = "b" }, { .name = "c" } };

	audit_clear(&audit);
	strbuf_clear(&said);
	for (size_t i = 0; i < 3; i++) {
		parse(texts[i]);
		T_EQ(got.r, 0);
		lxc_config_free(configs[i]);
		configs[i] = got.c;
		got.c = NULL;
		v[i].file = "config";
		v[i].order = i;
		v[i].config = configs[i];
		v[i].ids = ids;
	}
	audit_host(v, 3, &audit);
	for (size_t i = 0; i < audit.len; i++)
		strbuf_addf(&said, "%s: %s\n", audit.v[i].container, audit.v[i].text);
	return strbuf_str(&said);
}

static void done_together(void)
{
	for (size_t i = 0; i < 3; i++) {
		lxc_config_free(configs[i]);
		configs[i] = NULL;
	}
	done();
}

static void test_ids_shared(void)
{
	T_STR(together("lxc.idmap = u 0 100000 1000\n", "lxc.idmap = u 0 100999 1\n",
		       "lxc.idmap = u 0 101000 9\nlxc.idmap = g 0 100000 9\n", NULL),
	      "a: host uids 100000-100999 are also those of b: one that gets out reaches the files "
	      "and processes of the others, and ulimits are shared\n"
	      "b: host uids 100999-100999 are also those of a: one that gets out reaches the files "
	      "and processes of the others, and ulimits are shared\n");
	done_together();
}

static void test_bridge_shared(void)
{
#define NIC "lxc.net.0.type = veth\nlxc.net.0.link = br0\n"
	T_STR(together(NIC, NIC "lxc.net.0.veth.vlan.id = 5\n", NIC, NULL),
	      "a: bridge br0 is shared with c: containers on it can take each other's addresses\n"
	      "c: bridge br0 is shared with a: containers on it can take each other's addresses\n");
	T_STR(together(NIC, NIC "lxc.net.0.veth.mode = router\n",
		       "lxc.net.0.type = macvlan\nlxc.net.0.link = br0\n", NULL),
	      "");
	done_together();
}

static void test_reserved(void)
{
	struct audit_ids ids = { .user = strdup("root"), .is_root = true };

	audit_ids_parse(&ids, "# x\nother:0:5\nroot:100000:1000\n0:101000:1000\nroot:x:5\nroot:1\n",
			false, "root", 0);
	audit_ids_parse(&ids, "", true, "root", 0);
	T_EQ(ids.len, 2);
	/* both lines together, the second by number */
	T_STR(together("lxc.idmap = u 0 100500 1500\n", "lxc.idmap = u 0 300000 2\n",
		       "lxc.idmap = g 0 500000 2\nlxc.idmap = u 9 1000 1\n", &ids),
	      "b: uids 300000-300001 are not reserved for root in /etc/subuid: others may be given "
	      "the same\n"
	      "c: gids 500000-500001 are not reserved for root in /etc/subgid: others may be given "
	      "the same\n");
	T_STR(audit.v[0].fix, "root:300000:2 in /etc/subuid");
	ids.known = false;
	T_STR(together("lxc.idmap = u 0 300000 2\n", "", "", &ids), "");
	audit_ids_clear(&ids);
	done_together();
}

/* --- printing --- */

static void test_print(void)
{
	struct strbuf out = STRBUF_INIT;
	enum audit_severity s;

	audited("lxc.rootfs.path = /r\nlxc.keyring.session = 1\nlxc.cgroup2.pids.max = 5\n" MAPPED
		"lxc.seccomp.profile = /p\nlxc.cgroup2.memory.max = 1\n");
	audit_format_text(&audit, AUDIT_LOW, 1, false, &out);
	T_STR(strbuf_str(&out),
	      "config: low: the container can use every processor, at the same weight as the "
	      "host's services [no-cpu-limit]\n"
	      "\tfix: lxc.cgroup2.cpu.max = 200000 100000, or lxc.cgroup2.cpu.weight = 50\n"
	      "config:2: low: lxc.keyring.session: 1 keeps the session keyring of whoever starts "
	      "the container [keyring-shared]\n"
	      "\tfix: lxc.keyring.session = 0\n"
	      "1 container: 0 high, 0 medium, 2 low, 1 note\n");
	strbuf_clear(&out);
	audit_format_text(&audit, AUDIT_HIGH, 1, true, &out);
	T_STR(strbuf_str(&out), "1 container: 0 high, 0 medium, 2 low, 1 note\n");
	strbuf_clear(&out);
	audit_format_json(&audit, AUDIT_NOTE, 1, &out);
	T_CONTAINS(strbuf_str(&out),
		   "{\"container\":\"c1\",\"severity\":\"note\",\"area\":\"version\",\"id\":"
		   "\"versions\",\"file\":\"config\",\"text\":\"loads on LXC 4.0 and later\"}");
	strbuf_clear(&out);
	T_EQ(audit_severity_parse("medium", &s), 0);
	T_EQ(s, AUDIT_MEDIUM);
	T_EQ(audit_severity_parse("grave", &s), -EINVAL);
	done();
}

/* A configuration that LXC refuses is a finding with the parser's words. */
static void test_refused(void)
{
	struct audit_subject s = { .name = "c1", .file = "config", .diag = &got.d };

	parse("lxc.cap.drop = nosuch\n");
	T_EQ(got.r, -EINVAL);
	audit_container(&s, &audit);
	T_EQ(audit.refused, 1);
	T_EQ(audit.len, 1);
	T_EQ(audit.v[0].severity, AUDIT_HIGH);
	T_EQ(audit.v[0].line, 1);
	T_STR(audit.v[0].key, "lxc.cap.drop");
	done();
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_safe),	    T_TEST(test_bare),	      T_TEST(test_idmap),
		T_TEST(test_capabilities),  T_TEST(test_confinement), T_TEST(test_namespaces),
		T_TEST(test_limits),	    T_TEST(test_devices),     T_TEST(test_mounts),
		T_TEST(test_in_rootfs),	    T_TEST(test_versions),    T_TEST(test_ids_shared),
		T_TEST(test_bridge_shared), T_TEST(test_reserved),    T_TEST(test_print),
		T_TEST(test_refused),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
