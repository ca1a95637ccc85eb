/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc_test.h"

#include "ocispec.h"

static struct lxc_report *r;
static struct strbuf out;

static void start(const char *text)
{
	parse(text);
	T_EQ(got.r, 0);
	report_free(r);
	r = report_new(got.c);
	strbuf_clear(&out);
}

static void done(void)
{
	report_free(r);
	r = NULL;
	strbuf_clear(&out);
	forget();
}

static struct lxc_pos at(uint32_t line)
{
	return (struct lxc_pos){ 0, line };
}

static void test_verdicts(void)
{
	start("lxc.uts.name = c1\nlxc.uts.name = c2\nfoo\nlxc.cap.drop =\nlxc.ephemeral = 1\n"
	      "lxc.mount.entry = /a /b none bind\nlxc.idmap = u 0 1 2\n");
	report_kept(r, at(2), "/hostname", NULL);
	report_kept(r, at(6), "/mounts/3", NULL);
	report_changed(r, at(6), "/mounts/3", "target becomes '%s'", "b");
	report_kept(r, at(7), "/linux/uidMappings/0", NULL);
	report_kept(r, at(7), "/linux/namespaces/6", "needs a user namespace");
	report_unmapped(r, at(5), "why");
	report_kept(r, at(0), "/x", NULL); /* a default: nobody's line */
	report_added(r, "/process/terminal", "LXC gives init a console");
	T_EQ(report_finish(r, &got.d), 0);
	report_format_text(r, &got.d, false, &out);
	T_STR(strbuf_str(&out),
	      "config:1: overridden lxc.uts.name = c1 (replaced by config:2)\n"
	      "config:2: kept       lxc.uts.name = c2 -> /hostname\n"
	      "config:3: dropped    foo (not a setting: LXC ignores such lines)\n"
	      "config:4: kept       lxc.cap.drop = (clears what was set before)\n"
	      "config:5: not mapped lxc.ephemeral = 1 (why)\n"
	      "config:6: changed    lxc.mount.entry = /a /b none bind -> /mounts/3 (target becomes "
	      "'b')\n"
	      "config:7: kept       lxc.idmap = u 0 1 2 -> /linux/uidMappings/0, "
	      "/linux/namespaces/6 (needs a user "
	      "namespace)\n"
	      "added /process/terminal (LXC gives init a console)\n"
	      "config:3: warning: LXC ignores this line: it does not begin with 'lxc.' [LXC-W101]\n"
	      "config:5: warning: lxc.ephemeral: not carried by this version (why) "
	      "[LXC-W002]\n"
	      "7 lines: 3 kept, 1 overridden, 1 changed, 1 dropped, 1 not mapped; 0 errors, 2 "
	      "warnings\n");
	done();
}

/* The report notices what nobody spoke for. */
static void test_lost_line(void)
{
	start("lxc.uts.name = c1\nlxc.pty.max = 5\n");
	report_kept(r, at(1), "/hostname", NULL);
	T_EQ(report_finish(r, &got.d), -EPROTO);
	T_STR(err_get_text(),
	      "config:2: lxc.pty.max: the conversion does not account for this line");
	done();
}

static void test_errors_refuse(void)
{
	start("lxc.uts.name = c1\n");
	report_kept(r, at(1), "/hostname", NULL);
	diag_add(&got.d, "LXC-E240", at(1), "lxc.uts.name", "because");
	T_EQ(report_finish(r, &got.d), 0);
	T_EQ(report_verdict(r, at(1)), LXC_V_REFUSED);
	T_EQ(report_verdict(r, at(9)), LXC_V_NONE);
	done();
}

static void test_strict_refuses_unmapped(void)
{
	start("lxc.signal.stop = 9\n");
	got.d.strict = true;
	report_unmapped(r, at(1), "why");
	T_EQ(report_finish(r, &got.d), 0);
	T_EQ(report_verdict(r, at(1)), LXC_V_REFUSED);
	T_EQ(diag_result(&got.d), -EINVAL);
	T_STR(err_get_text(), "config:1: lxc.signal.stop: not carried by this version (why)");
	done();
}

/* The mapping's own reason stands in the warning, and its own warning is enough. */
static void test_unmapped_by_mapping(void)
{
	start("lxc.uts.name = c1\nlxc.arch = x86\n");
	report_unmapped(r, at(1), "not %s", "yet");
	report_unmapped(r, at(2), "not yet");
	diag_add(&got.d, "LXC-W300", at(2), "lxc.arch", "needs more");
	T_EQ(report_finish(r, &got.d), 0);
	T_EQ(got.d.len, 2);
	diag_format_all(&got.d, &out);
	T_STR(strbuf_str(&out),
	      "config:1: warning: lxc.uts.name: not carried by this version (not yet) [LXC-W002]\n"
	      "config:2: warning: lxc.arch: needs more [LXC-W300]\n");
	done();
}

static void test_gravest_wins(void)
{
	start("lxc.uts.name = c1\n");
	report_dropped(r, at(1), "no");
	report_kept(r, at(1), "/a", "yes");
	report_kept(r, at(1), "/a", "yes");
	T_EQ(report_verdict(r, at(1)), LXC_V_DROPPED);
	report_format_text(r, &got.d, true, &out);
	T_STR(strbuf_str(&out),
	      "config:1: \033[35mdropped   \033[0m lxc.uts.name = c1 -> /a (no; yes)\n"
	      "1 line: 1 dropped; 0 errors, 0 warnings\n");
	done();
}

static void test_json(void)
{
	start("lxc.uts.name = c1\nfoo\n");
	report_kept(r, at(1), "/hostname", NULL);
	report_added(r, "/root", "why");
	T_EQ(report_finish(r, &got.d), 0);
	report_format_json(r, &got.d, &out);
	T_STR(strbuf_str(&out),
	      "{\n\"files\":[\n  {\"name\":\"config\"}\n],\n\"lines\":[\n"
	      "  "
	      "{\"file\":0,\"line\":1,\"key\":\"lxc.uts.name\",\"value\":\"c1\",\"verdict\":"
	      "\"kept\","
	      "\"pointers\":[\"/hostname\"],\"notes\":[]},\n"
	      "  {\"file\":0,\"line\":2,\"text\":\"foo\",\"verdict\":\"dropped\",\"pointers\":[],"
	      "\"notes\":[\"not a setting: LXC ignores such lines\"]}\n],\n"
	      "\"added\":[\n  {\"pointer\":\"/root\",\"why\":\"why\"}\n],\n\"diagnostics\":[\n"
	      "  {\"code\":\"LXC-W101\",\"severity\":\"warning\",\"file\":\"config\",\"line\":2,"
	      "\"text\":\"LXC ignores this line: it does not begin with 'lxc.'\"}\n],\n"
	      "\"summary\":{\"lines\":2,\"kept\":1,\"overridden\":0,\"changed\":0,\"dropped\":1,"
	      "\"not mapped\":0,"
	      "\"refused\":0,\"errors\":0,\"warnings\":1}\n}\n");
	done();
}

/* Every value has a line or a default; pointers that lead nowhere are forgotten. */
static void test_trace(void)
{
	static const char json[] =
		"{\"ociVersion\":\"1.3.0\",\"process\":{\"cwd\":\"/\",\"user\":{\"uid\":0,"
		"\"gid\":0},\"args\":[\"a\",\"b\"]},\"hostname\":\"c2\",\"mounts\":[{"
		"\"destination\":\"/a\"},{\"destination\":\"/b\",\"options\":[\"ro\"]}],"
		"\"annotations\":{\"x/y\":\"1\"}}";
	struct oci_error err = { NULL };
	struct oci_config *oci = NULL;

	T_EQ(oci_config_parse(json, strlen(json), &oci, &err), 0);
	start("lxc.uts.name = c1\nlxc.uts.name = c2\nlxc.mount.entry = /a b none bind\n"
	      "lxc.no_new_privs = 0\nlxc.init.cmd = a b\n");
	report_kept(r, at(2), "/hostname", NULL);
	report_kept(r, at(3), "/mounts/1", NULL);
	report_kept(r, at(3), "/mounts/1/options", NULL);
	report_kept(r, at(4), "/process/noNewPrivileges", NULL);
	report_kept(r, at(4), "/mounts/1/options", NULL);
	report_kept(r, at(5), "/process/args", NULL);
	report_added(r, "/mounts/0", "why");
	report_added(r, "/process/args", "a line says it better");
	report_trace(r, oci);
	T_STR(report_unexplained(r), "/annotations/x~1y");
	report_format_json(r, &got.d, &out);
	T_CONTAINS(strbuf_str(&out),
		   ",\n\"values\":[\n"
		   "  {\"pointer\":\"/ociVersion\",\"default\":\"the version of the specification "
		   "that is written\"},\n"
		   "  {\"pointer\":\"/process/user\",\"default\":\"LXC runs init as root without "
		   "supplementary groups\"},\n"
		   "  {\"pointer\":\"/process/args\",\"lines\":[{\"file\":0,\"line\":5}]},\n"
		   "  {\"pointer\":\"/process/cwd\",\"default\":\"LXC starts init in /\"},\n"
		   "  {\"pointer\":\"/hostname\",\"lines\":[{\"file\":0,\"line\":2}]},\n"
		   "  {\"pointer\":\"/mounts/0\",\"default\":\"why\"},\n"
		   "  {\"pointer\":\"/mounts/1\",\"lines\":[{\"file\":0,\"line\":3}]},\n"
		   "  {\"pointer\":\"/mounts/1/options\",\"lines\":[{\"file\":0,\"line\":3},"
		   "{\"file\":0,\"line\":4}]},\n"
		   "  {\"pointer\":\"/annotations/x~1y\",\"default\":\"\"}\n],\n");
	T_CONTAINS(strbuf_str(&out), "\"value\":\"0\",\"verdict\":\"kept\",\"pointers\":["
				     "\"/mounts/1/options\"]");
	oci_config_free(oci);
	done();
}

static void test_pointer(void)
{
	char *p = report_pointer("/linux/sysctl/%s/%zu", "net/a~b", (size_t) 3);

	T_STR(p, "/linux/sysctl/net~1a~0b/3");
	free(p);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_verdicts),
		T_TEST(test_lost_line),
		T_TEST(test_errors_refuse),
		T_TEST(test_strict_refuses_unmapped),
		T_TEST(test_unmapped_by_mapping),
		T_TEST(test_gravest_wins),
		T_TEST(test_json),
		T_TEST(test_trace),
		T_TEST(test_pointer),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
