/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/libocispec/fill.h"
#include "tests/unit/t.h"

static struct oci_resources *resources(const char *json)
{
	struct oci_error err = { NULL };
	struct oci_resources *r = NULL;

	if (oci_resources_parse(json, strlen(json), &r, &err) < 0)
		t_fail(__FILE__, __LINE__, "%s: %s", err.text, json);
	return r;
}

static void check_merge(const char *into, const char *from, const char *want)
{
	struct oci_resources *a = resources(into), *b = resources(from);
	char *text;

	oci_resources_merge(a, b);
	text = oci_resources_generate(a, 0);
	T_STR(text, want);
	free(text);
	oci_resources_free(a);
	oci_resources_free(b);
}

static void test_merge(void)
{
	check_merge("{}", "{}", "{}");
	check_merge(
		"{\"memory\":{\"limit\":1,\"swap\":2},\"pids\":{\"limit\":3}}",
		"{\"memory\":{\"limit\":7,\"disableOOMKiller\":false},\"cpu\":{\"cpus\":\"0\"}}",
		"{\"memory\":{\"limit\":7,\"swap\":2,\"disableOOMKiller\":false},\"cpu\":{\"cpus\":"
		"\"0\"},"
		"\"pids\":{\"limit\":3}}");
	check_merge("{\"unified\":{\"a\":\"1\",\"b\":\"2\"}}",
		    "{\"unified\":{\"c\":\"3\",\"a\":\"4\"}}",
		    "{\"unified\":{\"a\":\"4\",\"b\":\"2\",\"c\":\"3\"}}");
	check_merge("{\"devices\":[{\"allow\":true},{\"allow\":false}]}",
		    "{\"devices\":[{\"allow\":false}]}", "{\"devices\":[{\"allow\":false}]}");
	check_merge("{\"devices\":[{\"allow\":true}]}", "{\"devices\":[]}", "{\"devices\":[]}");
	check_merge(
		"{\"rdma\":{\"x\":{\"hcaHandles\":1,\"hcaObjects\":2}}}",
		"{\"rdma\":{\"y\":{\"hcaHandles\":9},\"x\":{\"hcaObjects\":3}}}",
		"{\"rdma\":{\"x\":{\"hcaHandles\":1,\"hcaObjects\":3},\"y\":{\"hcaHandles\":9}}}");
	check_merge("{\"cpu\":{\"cpus\":\"0-3\",\"mems\":\"0\"}}", "{\"cpu\":{\"cpus\":\"\"}}",
		    "{\"cpu\":{\"cpus\":\"\",\"mems\":\"0\"}}");
}

/* For every object: merging into nothing is cloning, merging once more changes nothing. */
static void test_merge_every_object(void)
{
	for (const struct oci_desc *const *d = oci_all_descs; *d; d++) {
		void *full = calloc(1, (*d)->size), *low = calloc(1, (*d)->size),
		     *empty = calloc(1, (*d)->size);

		fill_object(*d, full, FILL_HIGH);
		fill_object(*d, low, FILL_LOW);
		T_ASSERT(!ocispec_equal(*d, full, low));
		ocispec_merge(*d, empty, full);
		T_ASSERT(ocispec_equal(*d, full, empty));
		ocispec_merge(*d, empty, full);
		T_ASSERT(ocispec_equal(*d, full, empty));
		ocispec_free(*d, full);
		ocispec_free(*d, low);
		ocispec_free(*d, empty);
	}
}

static void test_equal(void)
{
	static const char *const t[] = {
		"{}",
		"{\"memory\":{}}",
		"{\"memory\":{\"limit\":0}}",
		"{\"memory\":{\"limit\":1}}",
		"{\"devices\":[]}",
		"{\"devices\":[{\"allow\":true}]}",
		"{\"devices\":[{\"allow\":true},{\"allow\":true}]}",
		"{\"unified\":{\"a\":\"1\"}}",
		"{\"unified\":{\"b\":\"1\"}}",
		"{\"unified\":{\"a\":\"2\"}}",
		"{\"unified\":{\"a\":\"1\",\"b\":\"1\"}}",
		"{\"unified\":{}}",
		"{\"cpu\":{\"cpus\":\"\"}}",
		"{\"rdma\":{\"x\":{}}}",
		"{\"rdma\":{\"x\":{\"hcaHandles\":0}}}",
	};
	struct oci_resources *a, *b;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		for (size_t j = 0; j < sizeof(t) / sizeof(t[0]); j++) {
			a = resources(t[i]);
			b = resources(t[j]);
			if (oci_resources_equal(a, b) != (i == j))
				t_fail(__FILE__, __LINE__, "wrong: %s and %s", t[i], t[j]);
			oci_resources_free(a);
			oci_resources_free(b);
		}
	}
	a = resources("{\"unified\":{\"a\":\"1\",\"b\":\"2\"},\"foo\":1}");
	b = resources("{\"unified\":{\"b\":\"2\",\"a\":\"1\"}}");
	T_ASSERT(oci_resources_equal(a, b));
	T_ASSERT(!oci_resources_equal(a, NULL));
	T_ASSERT(oci_resources_equal(NULL, NULL));
	oci_resources_free(a);
	oci_resources_free(b);
	oci_resources_free(NULL);
	T_ASSERT(!oci_resources_clone(NULL));
}

static void test_map(void)
{
	struct oci_map *map = NULL;

	T_STR(oci_map_get(map, "a"), NULL);
	oci_map_set(&map, "a", "1");
	oci_map_set(&map, "b", "2");
	oci_map_set(&map, "a", oci_map_get(map, "b"));
	T_EQ(map->len, 2);
	T_STR(oci_map_get(map, "a"), "2");
	T_STR(oci_map_get(map, "c"), NULL);
	oci_map_set(&map, "a", oci_map_get(map, "a"));
	T_STR(oci_map_get(map, "a"), "2");
	oci_map_free(map);
	oci_map_free(NULL);
}

static void test_clear_keeps_the_struct(void)
{
	struct oci_user u = { .username = strdup("x"), .uid = 3, .has_uid = true };

	oci_user_clear(&u);
	T_STR(u.username, NULL);
	T_ASSERT(!u.has_uid && u.uid == 0);
}

static void test_generate_text(void)
{
	char bad[] = "a\x80"
		     "b\xc3\xa9\xed\xa0\x80\x01\x7f";
	struct oci_hook hook = { .path = bad, .timeout = -5, .has_timeout = true };
	char *text = oci_hook_generate(&hook, 0);
	struct oci_resources *r;

	T_STR(text, "{\"path\":\"a\xef\xbf\xbd"
		    "b\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\u0001\\u007f\","
		    "\"timeout\":-5}");
	free(text);
	r = resources(
		"{\"pids\":{\"limit\":1},\"unified\":{\"a\":\"b\"},\"devices\":[],\"memory\":{},"
		"\"hugepageLimits\":[{\"limit\":1,\"pageSize\":\"2MB\"}]}");
	text = oci_resources_generate(r, OCI_PRETTY);
	T_STR(text,
	      "{\n  \"unified\": {\n    \"a\": \"b\"\n  },\n  \"devices\": [],\n  \"memory\": {},\n"
	      "  \"pids\": {\n    \"limit\": 1\n  },\n  \"hugepageLimits\": [\n    {\n"
	      "      \"pageSize\": \"2MB\",\n      \"limit\": 1\n    }\n  ]\n}");
	free(text);
	oci_resources_free(r);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_merge), T_TEST(test_merge_every_object),	 T_TEST(test_equal),
		T_TEST(test_map),   T_TEST(test_clear_keeps_the_struct), T_TEST(test_generate_text),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
