/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc_test.h"

#include "base/alloc.h"
#include "lxc/keys.h"
#include "lxc/legacy.h"

static const char *match(const char *name)
{
	static char text[128];
	struct lxc_key_match m;
	int r = keys_match(name, &m);

	if (r < 0)
		return r == -ERANGE ? "range" : "none";
	snprintf(text, sizeof(text), "%s %u %s", m.key->name, m.index, m.rest ? m.rest : "-");
	return text;
}

static void test_match(void)
{
	T_STR(match("lxc.uts.name"), "lxc.uts.name 0 -");
	T_STR(match("lxc.uts"), "none");
	T_STR(match("lxc.uts.name.x"), "none");
	T_STR(match("lxc.uts.namex"), "none");
	T_STR(match("lxc"), "none");
	T_STR(match("lxc."), "none");
	T_STR(match(""), "none");
	T_STR(match("lxc..uts.name"), "none");
	T_STR(match("lxc.hook.version"), "lxc.hook.version 0 -");
	T_STR(match("lxc.hook.versionx"), "none");
	T_STR(match("lxc.hook"), "lxc.hook 0 -");
}

static void test_families(void)
{
	T_STR(match("lxc.cgroup2.memory.max"), "lxc.cgroup2[.FILE] 0 memory.max");
	T_STR(match("lxc.cgroup2"), "lxc.cgroup2[.FILE] 0 -");
	T_STR(match("lxc.cgroup2foo"), "none");
	T_STR(match("lxc.cgroup2."), "none");
	T_STR(match("lxc.cgroup.memory.limit_in_bytes"),
	      "lxc.cgroup[.FILE] 0 memory.limit_in_bytes");
	T_STR(match("lxc.sysctl.net.ipv4.ip_forward"), "lxc.sysctl[.NAME] 0 net.ipv4.ip_forward");
	T_STR(match("lxc.proc.oom_score_adj"), "lxc.proc[.NAME] 0 oom_score_adj");
	T_STR(match("lxc.prlimit.nofile"), "lxc.prlimit[.RESOURCE] 0 nofile");
	T_STR(match("lxc.namespace.share.net"), "lxc.namespace.share.NS 0 net");
	T_STR(match("lxc.namespace.share"), "none");
}

/* A fixed word wins over the family that would take it too. */
static void test_fixed_wins(void)
{
	T_STR(match("lxc.cgroup.dir"), "lxc.cgroup.dir 0 -");
	T_STR(match("lxc.cgroup.dir.container.inner"), "lxc.cgroup.dir.container.inner 0 -");
	T_STR(match("lxc.cgroup.dirx"), "lxc.cgroup[.FILE] 0 dirx");
	T_STR(match("lxc.cgroup.relative"), "lxc.cgroup.relative 0 -");
}

static void test_nets(void)
{
	T_STR(match("lxc.net"), "lxc.net 0 -");
	T_STR(match("lxc.net.3"), "lxc.net.N 3 -");
	T_STR(match("lxc.net.007.link"), "lxc.net.N.link 7 -");
	T_STR(match("lxc.net.2147483646.link"), "lxc.net.N.link 2147483646 -");
	T_STR(match("lxc.net.2147483647.link"), "range");
	T_STR(match("lxc.net.99999999999999999999999.link"), "range");
	T_STR(match("lxc.net.0x1.link"), "none");
	T_STR(match("lxc.net.-1.link"), "none");
	T_STR(match("lxc.net.+1.link"), "none");
	T_STR(match("lxc.net..link"), "none");
	T_STR(match("lxc.net.0.veth.vlan.tagged.id"), "lxc.net.N.veth.vlan.tagged.id 0 -");
	T_STR(match("lxc.net.0.foo"), "none");
}

static const char *suggest(const char *name)
{
	static char text[128];
	autofree char *s = keys_suggest(name);

	snprintf(text, sizeof(text), "%s", s ? s : "-");
	return text;
}

static void test_suggest(void)
{
	T_STR(suggest("lxc.utsname.foo"), "-");
	T_STR(suggest("lxc.uts.nam"), "lxc.uts.name");
	T_STR(suggest("lxc.hook.prestart"), "lxc.hook.pre-start");
	T_STR(suggest("lxc.net.3.lnik"), "lxc.net.3.link");
	T_STR(suggest("lxc.cap.dorp"), "lxc.cap.drop");
	T_STR(suggest("lxc.nothing.like.this"), "-");
}

/* The counts that the reference gives: 87 rows of LXC 7 with 6 families, of which lxc.net. is our
 * 25 sub-keys; lxc.cgroup.FILE is the one family that 7.0 no longer has. */
static void test_counts(void)
{
	size_t net = 0, gone = 0;

	for (size_t i = 0; i < lxc_keys_len; i++) {
		net += lxc_keys[i].in_net;
		gone += lxc_keys[i].until != 0;
	}
	T_EQ(net, 25);
	T_EQ(gone, 1);
	/* lxc.net.N stands for the prefix row "lxc.net." */
	T_EQ(lxc_keys_len - net - gone, 87);
}

static void test_rows_complete(void)
{
	for (size_t i = 0; i < lxc_keys_len; i++) {
		const struct lxc_key *k = &lxc_keys[i];

		T_ASSERT(str_starts(k->name, "lxc."));
		T_ASSERT(k->since >= 20 && k->since <= 70);
		T_ASSERT(k->carrier);
		T_ASSERT(!str_empty(k->values) && !str_empty(k->oci) && !str_empty(k->doc));
		T_ASSERT(k->store || str_eq(k->name, "lxc.include"));
		T_ASSERT(keys_find(k->name) == k);
		for (size_t j = 0; j < i; j++)
			T_ASSERT(strcmp(k->name, lxc_keys[j].name) != 0);
	}
}

/* Every legacy name leads to a key that exists. */
static void test_legacy_names(void)
{
	const char *now, *old;

	for (size_t i = 0; (old = legacy_name(i, &now)); i++) {
		struct lxc_key_match m;
		char name[64];

		if (!now || str_ends(now, ".N."))
			continue;
		snprintf(name, sizeof(name), "%s%s", now, str_ends(now, ".") ? "x" : "");
		T_EQ(keys_match(name, &m), 0);
		T_EQ(keys_match(old, &m), -ENOENT);
	}
}

static void test_print(void)
{
	struct strbuf b = STRBUF_INIT;

	keys_format_text(&b);
	T_CONTAINS(strbuf_str(&b),
		   "lxc.cap.drop                     mapped   F    2.0-    append bounding");
	T_CONTAINS(strbuf_str(&b),
		   "lxc.cgroup[.FILE]                mapped   F~   2.0-6.0 append cgroup v1");
	T_CONTAINS(
		strbuf_str(&b),
		"lxc.utsname                      legacy   -    1.0-2.1 -      = lxc.uts.name\n");
	strbuf_clear(&b);
	keys_format_json(&b);
	T_CONTAINS(strbuf_str(&b),
		   "{\"key\":\"lxc.autodev\",\"support\":\"mapped\",\"carrier\":\"F~\","
		   "\"since\":\"2.0\",\"combines\":\"last\",\"empty\":\"0\",\"values\":\"0 or 1\"");
	strbuf_clear(&b);
}

static const char *explain(const char *name, bool json)
{
	static struct strbuf texts[2];
	static int n;
	struct strbuf *out = &texts[n++ % 2];

	strbuf_clear(out);
	err_clear();
	return keys_explain(name, json, out) < 0 ? err_get_text() : strbuf_str(out);
}

static void test_explain(void)
{
	T_STR(explain("lxc.net.7.link", true), explain("net.N.link", true));
	T_STR(explain("W220", false), explain("LXC-W220", false));
	T_STR(explain("LXC-W220", false),
	      "LXC-W220: namespace.keep would create an unmapped user namespace\n"
	      "  why       keep means: all others are new, user and time too. Without\n"
	      "            lxc.idmap nobody has an id inside and LXC does not start\n"
	      "  do        write 'lxc.namespace.keep = user ...', or an id map\n");
	T_STR(explain("LXC-I402", true),
	      "{\"code\":\"LXC-I402\",\"text\":\"dropped capability number without a name\","
	      "\"why\":\"what has no name is not granted, so it is dropped anyway\","
	      "\"do\":\"nothing\"}\n");
	T_STR(explain("lxc.autodev", false),
	      "lxc.autodev: populated tmpfs on /dev; default 1, empty is 0\n"
	      "  values    0 or 1\n"
	      "  lines     a later line replaces an earlier one; empty is 0, which need not be the "
	      "default\n"
	      "  versions  LXC 2.0 and later\n"
	      "  becomes   mounts (/dev), org.hako.autodev\n"
	      "  carried   by a field of config.json, with a difference that the report names\n");
	T_CONTAINS(explain("cgroup.memory.limit_in_bytes", false),
		   "versions  LXC 2.0 to 6.0; later ones refuse the file\n");
	T_CONTAINS(explain("lxc.prlimit.nofile", false), "before 3.0 lxc.limit.RESOURCE\n");
	T_CONTAINS(explain("lxc.net.0.hwaddr", false), "before 3.0 lxc.network.hwaddr\n");
	T_CONTAINS(explain("lxc.rootfs.path", false),
		   "before 3.0 lxc.rootfs, lxc.rootfs.backend\n");
	T_CONTAINS(explain("lxc.network.ipv4", false),
		   "now lxc.net.N.ipv4.address\nlxc.net.N.ipv4");
	T_CONTAINS(explain("limit.nofile", false), "now lxc.prlimit.nofile\nlxc.prlimit[");
	T_STR(explain("lxc.kmsg", false),
	      "lxc.kmsg: a name of LXC 2.0, removed in 3.0; it has no successor and no effect\n");
	T_STR(explain("lxc.utsname", true), "{\"key\":\"lxc.utsname\",\"support\":\"legacy\","
					    "\"until\":\"2.1\",\"now\":\"lxc.uts.name\"}\n");
	T_STR(explain("LXC-E999", false), "no diagnostic is called 'LXC-E999'");
	T_STR(explain("uts.nam", false),
	      "no key is called 'uts.nam'; did you mean 'lxc.uts.name'?");
}

/* The page names every key, old ones included, and all of its sections. */
static void test_mdoc(void)
{
	static const char *const titles[] = {
		"INIT AND PROCESS",
		"NAMESPACES, IDS, TIME",
		"ROOT FILE SYSTEM",
		"MOUNTS",
		"CONSOLE AND DEVICES",
		"CAPABILITIES",
		"SECURITY MODULES AND SECCOMP",
		"HOOKS, LOGGING, AUTOSTART",
		"NETWORK",
		"CGROUP",
		"OLD NAMES",
	};
	struct strbuf b = STRBUF_INIT;
	const char *now, *old;
	char item[64];

	keys_format_mdoc(&b);
	for (size_t i = 0; i < lxc_keys_len; i++) {
		snprintf(item, sizeof(item), "\n.It Cm %s\n", lxc_keys[i].name);
		T_CONTAINS(strbuf_str(&b), item);
	}
	for (size_t i = 0; (old = legacy_name(i, &now)); i++) {
		snprintf(item, sizeof(item), "\n.It Cm %s\n", old);
		T_CONTAINS(strbuf_str(&b), item);
	}
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		snprintf(item, sizeof(item), "\n.Sh %s\n", titles[i]);
		T_CONTAINS(strbuf_str(&b), item);
	}
	strbuf_clear(&b);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_match),	    T_TEST(test_families),     T_TEST(test_fixed_wins),
		T_TEST(test_nets),	    T_TEST(test_suggest),      T_TEST(test_counts),
		T_TEST(test_rows_complete), T_TEST(test_legacy_names), T_TEST(test_print),
		T_TEST(test_explain),	    T_TEST(test_mdoc),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
