/* SPDX-License-Identifier: Apache-2.0 */
/* What an update changes of the saved resources, and what it leaves. */
#include "base/alloc.h"
#include "ocispec.h"
#include "runtime/update.h"
#include "tests/unit/t.h"

static struct oci_resources *parse(const char *json)
{
	struct oci_resources *res = NULL;
	struct oci_error err = { NULL };

	if (oci_resources_parse(json, strlen(json), &res, &err) < 0)
		t_fail(__FILE__, __LINE__, "%s: %s", json, err.text);
	return res;
}

static void expect(const char *saved, const char *changes, const char *merged)
{
	auto_call(oci_resources_free) struct oci_resources *a = parse(saved), *b = parse(changes);
	autofree char *before = oci_resources_generate(b, 0), *after = NULL, *text = NULL;

	update_merge(a, b);
	text = oci_resources_generate(a, 0);
	T_STR(text, merged);
	/* The caller's document is as it was. */
	after = oci_resources_generate(b, 0);
	T_STR(after, before);
}

static void test_adds_and_replaces(void)
{
	expect("{}", "{\"memory\":{\"limit\":5}}", "{\"memory\":{\"limit\":5}}");
	expect("{\"memory\":{\"limit\":1,\"swap\":9},\"cpu\":{\"shares\":7}}",
	       "{\"memory\":{\"limit\":5}}",
	       "{\"memory\":{\"limit\":5,\"swap\":9},\"cpu\":{\"shares\":7}}");
	expect("{\"unified\":{\"memory.high\":\"1\",\"pids.max\":\"2\"}}",
	       "{\"unified\":{\"memory.high\":\"3\"}}",
	       "{\"unified\":{\"memory.high\":\"3\",\"pids.max\":\"2\"}}");
}

static void test_zeros(void)
{
	static const char saved[] =
		"{\"memory\":{\"limit\":1,\"reservation\":2,\"swap\":3},"
		"\"cpu\":{\"shares\":4,\"quota\":5,\"period\":6,\"cpus\":\"0\",\"mems\":\"0\"},"
		"\"pids\":{\"limit\":7},\"blockIO\":{\"weight\":8}}";

	expect(saved,
	       "{\"memory\":{\"limit\":0,\"reservation\":0,\"swap\":0,\"kernel\":0},"
	       "\"cpu\":{\"shares\":0,\"quota\":0,\"period\":0,\"realtimeRuntime\":0,"
	       "\"realtimePeriod\":0,\"cpus\":\"\",\"mems\":\"\"},\"blockIO\":{\"weight\":0}}",
	       saved);
	/* These are values. */
	expect("{\"cpu\":{\"burst\":1,\"idle\":1},\"pids\":{\"limit\":7}}",
	       "{\"cpu\":{\"burst\":0,\"idle\":0},\"pids\":{\"limit\":0}}",
	       "{\"cpu\":{\"burst\":0,\"idle\":0},\"pids\":{\"limit\":0}}");
}

static void test_lists(void)
{
	static const char saved[] =
		"{\"devices\":[{\"allow\":true}],"
		"\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1}]},"
		"\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1}]}";

	expect(saved,
	       "{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}],"
	       "\"blockIO\":{\"throttleReadBpsDevice\":[]},\"hugepageLimits\":[]}",
	       saved);
	expect("{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1}]}",
	       "{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":2}]}",
	       "{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":2}]}");
}

static void test_no_limit(void)
{
	expect("{\"memory\":{\"limit\":1,\"swap\":2}}", "{\"memory\":{\"limit\":-1}}",
	       "{\"memory\":{\"limit\":-1,\"swap\":-1}}");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_adds_and_replaces),
		T_TEST(test_zeros),
		T_TEST(test_lists),
		T_TEST(test_no_limit),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
