/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <time.h>

#include "ocispec.h"
#include "tests/unit/t.h"

#ifdef HAKO_SANITIZED
#define LONG_TIME 20
#else
#define LONG_TIME 2
#endif

#define V	     "\"ociVersion\":\"1.3.0\""
#define CONFIG(x)    "{" V "," x "}"
#define PROCESS(x)   CONFIG("\"process\":{\"cwd\":\"/\"," x "}")
#define RESOURCES(x) CONFIG("\"linux\":{\"resources\":{" x "}}")

struct refused {
	const char *json;
	const char *text;
};

static void expect_refused(const char *json, size_t len, const char *text)
{
	struct oci_config *c = (struct oci_config *) 1;
	struct oci_error err = { NULL };
	int r = oci_config_parse(json, len, &c, &err);

	if (r == 0)
		oci_config_free(c);
	if (r == 0)
		t_fail(__FILE__, __LINE__, "accepted: %.200s", json);
	T_ASSERT(c == (struct oci_config *) 1);
	if (strcmp(err.text, text) != 0)
		t_fail(__FILE__, __LINE__, "text is \"%s\", expected \"%s\"", err.text, text);
	oci_error_clear(&err);
}

static void expect_all_refused(const struct refused *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect_refused(t[i].json, strlen(t[i].json), t[i].text);
}
#define EXPECT_REFUSED(t) expect_all_refused(t, sizeof(t) / sizeof((t)[0]))

static struct oci_config *parse(const char *json)
{
	struct oci_error err = { NULL };
	struct oci_config *c = NULL;

	if (oci_config_parse(json, strlen(json), &c, &err) < 0)
		t_fail(__FILE__, __LINE__, "refused: %s: %s", err.text, json);
	return c;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}

static void test_types(void)
{
	static const struct refused t[] = {
		{ "[]", "expected an object, not an array" },
		{ "3", "expected an object, not a number" },
		{ "null", "expected an object, not null" },
		{ "{\"ociVersion\":1}", "ociVersion: expected a string, not a number" },
		{ PROCESS("\"noNewPrivileges\":\"true\""),
		  "process.noNewPrivileges: expected a boolean, not a string" },
		{ PROCESS("\"args\":\"sh\""), "process.args: expected an array, not a string" },
		{ PROCESS("\"args\":{}"), "process.args: expected an array, not an object" },
		{ PROCESS("\"args\":[\"a\",true]"),
		  "process.args[1]: expected a string, not a boolean" },
		{ PROCESS("\"args\":[\"a\",null]"),
		  "process.args[1]: expected a string, not null" },
		{ PROCESS("\"user\":[]"), "process.user: expected an object, not an array" },
		{ PROCESS("\"user\":{\"additionalGids\":[1,{}]}"),
		  "process.user.additionalGids[1]: expected an integer, not an object" },
		{ RESOURCES("\"memory\":{\"limit\":\"1G\"}"),
		  "linux.resources.memory.limit: expected an integer, not a string" },
		{ CONFIG("\"mounts\":[{\"destination\":\"/\"},7]"),
		  "mounts[1]: expected an object, not a number" },
		{ CONFIG("\"annotations\":{\"a.b\":1}"),
		  "annotations[\"a.b\"]: expected a string, not a number" },
		{ CONFIG("\"annotations\":{\"a\":null}"),
		  "annotations.a: expected a string, not null" },
		{ CONFIG("\"annotations\":[]"), "annotations: expected an object, not an array" },
		{ RESOURCES("\"rdma\":{\"mlx5_1\":{\"hcaHandles\":false}}"),
		  "linux.resources.rdma.mlx5_1.hcaHandles: expected an integer, not a boolean" },
		{ RESOURCES("\"rdma\":{\"mlx5_1\":0}"),
		  "linux.resources.rdma.mlx5_1: expected an object, not a number" },
	};

	EXPECT_REFUSED(t);
}

static void test_required_and_listed(void)
{
	static const struct refused t[] = {
		{ "{}", "ociVersion: required, but missing" },
		{ "{\"ociVersion\":null}", "ociVersion: required, but missing" },
		{ CONFIG("\"process\":{}"), "process.cwd: required, but missing" },
		{ CONFIG("\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{}]}"),
		  "linux.namespaces[1].type: required, but missing" },
		{ PROCESS("\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":1}]"),
		  "process.rlimits[0].hard: required, but missing" },
		{ CONFIG("\"linux\":{\"namespaces\":[{\"type\":\"net\"}]}"),
		  "linux.namespaces[0].type: 'net' is not one of mount, pid, network, uts, ipc, "
		  "user, cgroup, time" },
		{ CONFIG("\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_LOG\",\"flags\":["
			 "\"x\\u001b[2J\"]}}"),
		  "linux.seccomp.flags[0]: 'x?[2J' is not one of SECCOMP_FILTER_FLAG_TSYNC, "
		  "SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_SPEC_ALLOW, "
		  "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" },
		{ CONFIG("\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":"
			 "[{\"names\":[],\"action\":\"SCMP_ACT_LOG\"}]}}"),
		  "linux.seccomp.syscalls[0].names: expected at least 1 item" },
	};

	EXPECT_REFUSED(t);
}

static void test_numbers_refused(void)
{
	static const struct refused t[] = {
		{ PROCESS("\"user\":{\"uid\":-1}"),
		  "process.user.uid: '-1' is out of range (0 to 4294967295)" },
		{ PROCESS("\"user\":{\"uid\":4294967296}"),
		  "process.user.uid: '4294967296' is out of range (0 to 4294967295)" },
		{ PROCESS("\"user\":{\"additionalGids\":[4294967296]}"),
		  "process.user.additionalGids[0]: '4294967296' is out of range (0 to "
		  "4294967295)" },
		{ RESOURCES("\"blockIO\":{\"weight\":65536}"),
		  "linux.resources.blockIO.weight: '65536' is out of range (0 to 65535)" },
		{ RESOURCES("\"memory\":{\"limit\":9223372036854775808}"),
		  "linux.resources.memory.limit: '9223372036854775808' is out of range "
		  "(-9223372036854775808 to 9223372036854775807)" },
		{ RESOURCES("\"memory\":{\"limit\":-9223372036854775809}"),
		  "linux.resources.memory.limit: '-9223372036854775809' is out of range "
		  "(-9223372036854775808 to 9223372036854775807)" },
		{ RESOURCES("\"cpu\":{\"shares\":18446744073709551616}"),
		  "linux.resources.cpu.shares: '18446744073709551616' is out of range (0 to "
		  "18446744073709551615)" },
		{ RESOURCES("\"cpu\":{\"shares\":1e400}"),
		  "linux.resources.cpu.shares: '1e400' is out of range (0 to "
		  "18446744073709551615)" },
		{ RESOURCES("\"cpu\":{\"shares\":1e99999999999999999999}"),
		  "linux.resources.cpu.shares: '1e99999999999999999999' is out of range (0 to "
		  "18446744073709551615)" },
		{ RESOURCES("\"cpu\":{\"shares\":1.5}"),
		  "linux.resources.cpu.shares: '1.5' is not an integer" },
		{ RESOURCES("\"cpu\":{\"shares\":1e-1}"),
		  "linux.resources.cpu.shares: '1e-1' is not an integer" },
		{ RESOURCES("\"cpu\":{\"shares\":1.00000000000000000000000000001}"),
		  "linux.resources.cpu.shares: '1.00000000000000000000000000001' is not an "
		  "integer" },
	};

	EXPECT_REFUSED(t);
}

/* The schema of the status file begins a range above zero. */
static void test_number_above_zero(void)
{
	static const char *const numbers[] = { "-1", "0", "-0", "2" };

	for (size_t i = 0; i < 4; i++) {
		struct oci_error err = { NULL };
		struct oci_status *s;
		char json[64], want[64];

		snprintf(json, sizeof(json), "{\"version\":%s}", numbers[i]);
		snprintf(want, sizeof(want), "version: '%s' is out of range (1 to 1)", numbers[i]);
		T_EQ(oci_status_parse(json, strlen(json), &s, &err), -1);
		T_STR(err.text, want);
		oci_error_clear(&err);
	}
}

static void test_numbers_exact(void)
{
	static const struct {
		const char *text;
		uint64_t value;
	} t[] = {
		{ "0", 0 },
		{ "-0", 0 },
		{ "0.000", 0 },
		{ "0e99999999999", 0 },
		{ "-0.0e-5", 0 },
		{ "1.0", 1 },
		{ "1e3", 1000 },
		{ "1E+3", 1000 },
		{ "1.5e1", 15 },
		{ "1500e-2", 15 },
		{ "10.0", 10 },
		{ "1.000000000000000000000000000000", 1 },
		{ "100e-2", 1 },
		{ "18446744073709551615", UINT64_MAX },
		{ "9007199254740993", 9007199254740993ULL },
		{ "1.8446744073709551615e19", UINT64_MAX },
		{ "0.5e1", 5 },
		{ "184467440737095516150e-1", UINT64_MAX },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char json[256];
		struct oci_config *c;

		snprintf(json, sizeof(json), RESOURCES("\"cpu\":{\"shares\":%s}"), t[i].text);
		c = parse(json);
		T_ASSERT(c->linux->resources->cpu->has_shares);
		if (c->linux->resources->cpu->shares != t[i].value)
			t_fail(__FILE__, __LINE__, "%s became %" PRIu64, t[i].text,
			       c->linux->resources->cpu->shares);
		oci_config_free(c);
	}
}

static void test_signed_ends(void)
{
	struct oci_config *c =
		parse(CONFIG("\"process\":{\"cwd\":\"/"
			     "\",\"oomScoreAdj\":-2147483648},\"linux\":{\"resources\":{\"memory\":"
			     "{\"limit\":-9223372036854775808,\"swap\":9223372036854775807,"
			     "\"reservation\":-1}}}"));

	T_EQ(c->process->oom_score_adj, INT32_MIN);
	T_EQ(c->linux->resources->memory->limit, INT64_MIN);
	T_EQ(c->linux->resources->memory->swap, INT64_MAX);
	T_EQ(c->linux->resources->memory->reservation, -1);
	T_ASSERT(!c->linux->resources->memory->has_kernel);
	oci_config_free(c);
}

static void test_duplicates(void)
{
	static const struct refused t[] = {
		{ CONFIG("\"hostname\":\"a\",\"hostname\":\"b\""), "'hostname' is given twice" },
		{ CONFIG("\"hostname\":null,\"hostname\":\"b\""), "'hostname' is given twice" },
		{ CONFIG("\"hostname\":\"a\",\"host\\u006eame\":\"b\""),
		  "'hostname' is given twice" },
		{ PROCESS("\"cwd\":\"/\""), "process: 'cwd' is given twice" },
		{ CONFIG("\"mounts\":[{\"type\":\"a\",\"destination\":\"/\",\"type\":\"b\"}]"),
		  "mounts[0]: 'type' is given twice" },
		{ CONFIG("\"annotations\":{\"b\":\"\",\"a\":\"\",\"b\":\"\"}"),
		  "annotations: 'b' is given twice" },
		{ CONFIG("\"windows\":1,\"hostname\":\"a\",\"windows\":2"),
		  "'windows' is given twice" },
		{ CONFIG("\"vm\":{\"x\":[{\"a\":1,\"b\":{},\"a\":2}]}"),
		  "vm.x[0]: 'a' is given twice" },
		{ CONFIG("\"linux\":{\"netDevices\":{\"eth0\":{},\"eth0\":{}}}"),
		  "linux.netDevices: 'eth0' is given twice" },
	};
	struct oci_config *c;

	EXPECT_REFUSED(t);
	/* The same name at different places is fine. */
	c = parse(CONFIG("\"x\":{\"a\":{\"a\":{}},\"b\":{\"a\":1}},\"y\":{\"a\":1},"
			 "\"annotations\":{\"a\":\"\",\"b\":\"a\"},\"a\":1"));
	oci_config_free(c);
}

static void test_strings(void)
{
	static const struct refused t[] = {
		{ CONFIG("\"hostname\":\"a\\u0000b\""), "hostname: the string contains a NUL" },
		{ CONFIG("\"x\":[\"a\\u0000b\"]"), "x[0]: the string contains a NUL" },
		{ CONFIG("\"annotations\":{\"a\\u0000b\":\"\"}"),
		  "annotations[\"a?b\"]: the key contains a NUL" },
		{ CONFIG("\"root\\u0000x\":{}"), "[\"root?x\"]: the key contains a NUL" },
		{ CONFIG("\"root\\u0000\":{}"), "[\"root?\"]: the key contains a NUL" },
		{ CONFIG("\"\\u0000\":{}"), "[\"?\"]: the key contains a NUL" },
		{ CONFIG("\"hostname\":\"\\ud800\""),
		  "line 1, column 35: half of a surrogate pair" },
		{ CONFIG("\"hostname\":\"\\udc00\""),
		  "line 1, column 35: half of a surrogate pair" },
		{ CONFIG("\"hostname\":\"\\ud800\\u0041\""),
		  "line 1, column 35: half of a surrogate pair" },
		{ CONFIG("\"hostname\":\"\\ud800x\""),
		  "line 1, column 35: half of a surrogate pair" },
		{ "{\"ociVersion\":\"\\ud800", "line 1, column 16: half of a surrogate pair" },
		{ "{\n\n \"x\":\"\xff\"}", "line 3, column 7: invalid UTF-8" },
		{ "{\"\xc0\x80\":1}", "line 1, column 3: invalid UTF-8" },
		{ "{\"\xe0\x80\xaf\":1}", "line 1, column 3: invalid UTF-8" },
		{ "{\"\xed\xa0\x80\":1}", "line 1, column 3: invalid UTF-8" },
		{ "{\"\xf4\x90\x80\x80\":1}", "line 1, column 3: invalid UTF-8" },
		{ "{\"\xf8\x88\x80\x80\x80\":1}", "line 1, column 3: invalid UTF-8" },
		{ "{\"\xe2\x82", "line 1, column 3: invalid UTF-8" },
	};
	struct oci_config *c;

	EXPECT_REFUSED(t);
	c = parse(CONFIG("\"hostname\":\"\\ud83d\\udce6 \\\\\\\"\\/\\b\\f\\n\\r\\t\\u00e9 "
			 "\xf0\x9f\x93\xa6\\\\\\\\u0000\""));
	T_STR(c->hostname, "\xf0\x9f\x93\xa6 \\\"/\b\f\n\r\t\xc3\xa9 \xf0\x9f\x93\xa6\\\\u0000");
	oci_config_free(c);
}

static void test_syntax(void)
{
	static const struct refused t[] = {
		{ "", "line 1, column 1: syntax error: premature EOF" },
		{ "  \n ", "line 2, column 2: syntax error: premature EOF" },
		{ "{", "line 1, column 2: syntax error: premature EOF" },
		{ "{" V, "line 1, column 22: syntax error: premature EOF" },
		{ "{" V "\n}}", "line 2, column 3: syntax error: trailing garbage" },
		{ "{" V "} x", NULL },
		{ "{" V "}{}", "line 1, column 24: syntax error: trailing garbage" },
		{ "{" V ",}", NULL },
		{ "{" V ","
		  "\n\n  hostname: 1}",
		  NULL },
		{ "{" V "} // c", NULL },
		{ CONFIG("\"hostname\":'a'"), NULL },
		{ CONFIG("\"hostname\":\"a\nb\""), NULL },
		{ CONFIG("\"hostname\":\"\\x\""), NULL },
		{ CONFIG("\"hostname\":\"\\u12g4\""), NULL },
		{ CONFIG("\"hostname\":\"a"), NULL },
		{ CONFIG("\"x\":01"), NULL },
		{ CONFIG("\"x\":+1"), NULL },
		{ CONFIG("\"x\":NaN"), NULL },
		{ CONFIG("\"x\":[1,]"), NULL },
		{ "\xef\xbb\xbf{" V "}", NULL },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct oci_error err = { NULL };
		struct oci_config *c;

		if (t[i].text) {
			expect_refused(t[i].json, strlen(t[i].json), t[i].text);
			continue;
		}
		if (oci_config_parse(t[i].json, strlen(t[i].json), &c, &err) == 0)
			t_fail(__FILE__, __LINE__, "accepted: %s", t[i].json);
		T_ASSERT(strncmp(err.text, "line ", 5) == 0);
		T_CONTAINS(err.text, "syntax error: ");
		T_ASSERT(!strchr(err.text, '\n'));
		oci_error_clear(&err);
	}
	expect_refused("{" V "}\0", strlen("{" V "}") + 1,
		       "line 1, column 24: syntax error: trailing garbage");
}

static char *repeat(const char *head, const char *s, size_t n, const char *tail)
{
	size_t len = strlen(s);
	char *r = malloc(strlen(head) + n * len + strlen(tail) + 1), *p = stpcpy(r, head);

	for (size_t i = 0; i < n; i++)
		p = mempcpy(p, s, len);
	strcpy(p, tail);
	return r;
}

static void refuse_fast(char *json, const char *text)
{
	double begin = now(), took;

	expect_refused(json, strlen(json), text);
	took = now() - begin;
	free(json);
	if (took > LONG_TIME)
		t_fail(__FILE__, __LINE__, "took %.1f s", took);
}

static void test_depth(void)
{
	struct oci_config *c;
	char *open, *json;

	refuse_fast(repeat("", "[", 100000, ""), "expected an object, not an array");
	refuse_fast(repeat("", "{\"a\":", 100000, ""),
		    "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
		    "a.a.a.a.a.a.a.a.a.a.a."
		    "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
		    "a.a.a.a.a.a.a.a.a.a.a: "
		    "nested deeper than 100 levels");
	open = repeat("{" V ",\"x\":", "[", 99, "");
	json = repeat(open, "]", 99, "}");
	c = parse(json);
	oci_config_free(c);
	free(open);
	free(json);
}

static void test_bombs(void)
{
	char *big = repeat("{" V ",\"hostname\":\"", "x", OCI_MAX_SIZE, "\"}");

	refuse_fast(big, "larger than 64 MiB");
	refuse_fast(repeat("{" V, ",\"k\":0", 1000000, "}"), "'k' is given twice");
	refuse_fast(repeat("{" V ",\"annotations\":{\"\":\"\"", ",\"k\":\"\"", 1000000, "}}"),
		    "annotations: 'k' is given twice");
	refuse_fast(repeat("{" V, ",\"hostname\":\"\"", 1000000, "}"), "'hostname' is given twice");
	refuse_fast(repeat("{" V ",\"mounts\":[", "{\"destination\":\"\"},", 1000000, "0]}"),
		    "mounts[524286].destination: more than 1048576 values");
	refuse_fast(repeat("{" V ",\"x\":[0", ",0", 2000000, "]}"),
		    "x[1048572]: more than 1048576 values");
	refuse_fast(repeat("{" V ",\"x\":\"", "\\u0000", 1000000, "\"}"),
		    "x: the string contains a NUL");
	refuse_fast(
		repeat("{" V ",\"linux\":{\"resources\":{\"cpu\":{\"shares\":1", "0", 10000000,
		       "}}}}"),
		"linux.resources.cpu.shares: "
		"'1000000000000000000000000000000000000000000000000000000000000000000"
		"0000000000000000000000000000000000000000000000000000000000000...' is out of range "
		"(0 to 18446744073709551615)");
}

static void collect(void *arg, const char *path)
{
	char *text = arg;

	strcat(strcat(text, path), "\n");
}

static void test_unknown_fields(void)
{
	struct oci_config *c =
		parse(CONFIG("\"windows\":{\"ociVersion\":7,\"deep\":[[{\"a\":[]}]]},\"a b\":null,"
			     "\"mounts\":[{\"destination\":\"/\"},{\"destination\":\"/\",\"x\":1}],"
			     "\"linux\":{\"zz\":true,\"resources\":{\"foo\":1e400,\"rdma\":{\"m."
			     "5\":{\"q\":1}}}}"));
	char text[512] = "";

	ocispec_each_unknown(&oci_config_desc, c, collect, text);
	T_STR(text, "windows\n[\"a b\"]\nmounts[1].x\nlinux.zz\nlinux.resources.foo\n"
		    "linux.resources.rdma[\"m.5\"].q\n");
	oci_config_free(c);
}

static void test_null_is_absent(void)
{
	struct oci_config *c = parse(
		CONFIG("\"process\":null,\"mounts\":null,\"annotations\":null,\"hostname\":null,"
		       "\"linux\":{\"resources\":{\"memory\":{\"limit\":null,\"disableOOMKiller\":"
		       "null}}}"));

	T_ASSERT(!c->process && !c->mounts && !c->annotations && !c->hostname);
	T_ASSERT(!c->linux->resources->memory->has_limit &&
		 !c->linux->resources->memory->has_disable_oom_killer);
	oci_config_free(c);
}

/* Every beginning of a document is refused and frees what it took (the sanitizer build looks). */
static void test_every_cut(void)
{
	static const char json[] =
		"{" V ",\"process\":{\"cwd\":\"/"
		      "\",\"args\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"],\"user\":"
		"{\"additionalGids\":[1,2,3,4,5,6]}},\"mounts\":[{\"destination\":\"/"
		"\",\"options\":[\"ro\"]},"
		"{\"destination\":\"/"
		"a\"}],\"annotations\":{\"a\":\"1\",\"b\":\"2\"},\"unknown\":[{\"x\":{}}],"
		"\"linux\":{\"netDevices\":{\"eth0\":{\"name\":\"x\"},\"eth1\":{}}}}";

	for (size_t len = 0; len < sizeof(json) - 1; len++) {
		struct oci_error err = { NULL };
		struct oci_config *c;
		char *copy = malloc(len + 1);

		memcpy(copy, json, len);
		if (oci_config_parse(copy, len, &c, &err) == 0)
			t_fail(__FILE__, __LINE__, "accepted: %.*s", (int) len, json);
		oci_error_clear(&err);
		free(copy);
	}
	oci_config_free(parse(json));
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_types),	      T_TEST(test_required_and_listed),
		T_TEST(test_numbers_refused), T_TEST(test_number_above_zero),
		T_TEST(test_numbers_exact),   T_TEST(test_signed_ends),
		T_TEST(test_duplicates),      T_TEST(test_strings),
		T_TEST(test_syntax),	      T_TEST(test_depth),
		T_TEST(test_bombs),	      T_TEST(test_unknown_fields),
		T_TEST(test_null_is_absent),  T_TEST(test_every_cut),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
