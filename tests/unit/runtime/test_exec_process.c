/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/alloc.h"
#include "base/err.h"
#include "ocispec.h"
#include "runtime/exec.h"
#include "tests/unit/t.h"

static const char container_json[] =
	"{\"terminal\":true,\"user\":{\"uid\":33,\"gid\":50,\"umask\":54,\"additionalGids\":[5]},"
	"\"args\":[\"init\"],\"env\":[\"A=1\"],\"cwd\":\"/srv\",\"noNewPrivileges\":true,"
	"\"apparmorProfile\":\"prof\",\"selinuxLabel\":\"label\",\"oomScoreAdj\":7,"
	"\"capabilities\":{\"bounding\":[\"CAP_KILL\"],\"permitted\":[\"CAP_KILL\"],"
	"\"effective\":[],\"inheritable\":[\"CAP_KILL\"],\"ambient\":[\"CAP_KILL\"]}}";

static struct oci_process *parse(const char *json)
{
	struct oci_error err = { NULL };
	struct oci_process *p = NULL;

	T_EQ(oci_process_parse(json, strlen(json), &p, &err), 0);
	return p;
}

/* The result as JSON, or NULL with the error recorded. */
static char *make(const char *file, const struct exec_opts *opts)
{
	auto_call(oci_process_free) struct oci_process *container = parse(container_json);
	auto_call(oci_process_free) struct oci_process *f = file ? parse(file) : NULL;
	auto_call(oci_process_free) struct oci_process *p = NULL;

	if (exec_process_make(container, f, opts, &p) < 0)
		return NULL;
	return oci_process_generate(p, 0);
}

static char *const command[] = { (char *) "sh", (char *) "-c", NULL };

static void test_inherits(void)
{
	struct exec_opts o = { .args = command };
	autofree char *json = make(NULL, &o);

	T_ASSERT(json);
	T_ASSERT(strstr(json, "\"args\":[\"sh\",\"-c\"]"));
	T_ASSERT(strstr(json, "\"umask\":54"));
	T_ASSERT(strstr(json, "\"cwd\":\"/srv\""));
	T_ASSERT(strstr(json, "\"apparmorProfile\":\"prof\""));
	T_ASSERT(!strstr(json, "\"terminal\":true"));
}

/* What confines is let go neither by silence nor by an empty string. */
static void test_file_confined(void)
{
	struct exec_opts o = { NULL };
	autofree char *json = make("{\"args\":[\"x\"],\"cwd\":\"/\",\"apparmorProfile\":\"\","
				   "\"selinuxLabel\":\"\"}",
				   &o);

	T_ASSERT(json);
	T_ASSERT(strstr(json, "\"apparmorProfile\":\"prof\""));
	T_ASSERT(strstr(json, "\"selinuxLabel\":\"label\""));
	T_ASSERT(strstr(json, "\"noNewPrivileges\":true"));
	T_ASSERT(strstr(json, "\"bounding\":[\"CAP_KILL\"]"));
	T_ASSERT(strstr(json, "\"oomScoreAdj\":7"));
	T_ASSERT(!strstr(json, "A=1"));
	T_ASSERT(!strstr(json, "\"uid\":33"));
}

static void test_file_capabilities_whole(void)
{
	struct exec_opts o = { NULL };
	autofree char *json = make("{\"args\":[\"x\"],\"cwd\":\"/\",\"apparmorProfile\":\"other\","
				   "\"capabilities\":{\"bounding\":[\"CAP_CHOWN\"]}}",
				   &o);

	T_ASSERT(json);
	T_ASSERT(strstr(json, "\"capabilities\":{\"bounding\":[\"CAP_CHOWN\"]}"));
	T_ASSERT(strstr(json, "\"apparmorProfile\":\"other\""));
	T_ASSERT(!strstr(json, "CAP_KILL"));
}

static void test_caps(void)
{
	struct exec_opts o = { .args = command };
	autofree char *json = NULL;

	strv_add(&o.caps, "CAP_KILL");
	strv_add(&o.caps, "CAP_CHOWN");
	json = make(NULL, &o);
	strv_clear(&o.caps);
	T_ASSERT(json);
	T_ASSERT(strstr(json, "\"bounding\":[\"CAP_KILL\",\"CAP_CHOWN\"]"));
	T_ASSERT(strstr(json, "\"effective\":[\"CAP_KILL\",\"CAP_CHOWN\"]"));
	T_ASSERT(strstr(json, "\"inheritable\":[\"CAP_KILL\"]"));
	T_ASSERT(strstr(json, "\"ambient\":[\"CAP_KILL\"]"));
}

static void test_users(void)
{
	static const struct {
		const char *text, *json; /* NULL: refused */
	} cases[] = {
		{ "0", "\"uid\":0,\"gid\":50" },
		{ "1:2", "\"uid\":1,\"gid\":2" },
		{ "4294967294", "\"uid\":4294967294,\"gid\":50" },
		{ "4294967295", NULL },
		{ "1:4294967295", NULL },
		{ "4294967296", NULL },
		{ "-1", NULL },
		{ "+1", NULL },
		{ "0x1", NULL },
		{ "1 ", NULL },
		{ " 1", NULL },
		{ "1a", NULL },
		{ ":2", NULL },
		{ "1:", NULL },
		{ "1:2:3", NULL },
		{ "root", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct exec_opts o = { .args = command, .user = cases[i].text };
		autofree char *json = make(NULL, &o);

		T_EQ(!!json, !!cases[i].json);
		if (json)
			T_ASSERT(strstr(json, cases[i].json));
		else
			T_ASSERT(strstr(err_get_text(), "is not UID or UID:GID in numbers"));
		err_clear();
	}
}

static void test_refused(void)
{
	struct exec_opts o = { .args = command };

	T_ASSERT(!make("{\"args\":[\"x\"],\"cwd\":\"/\"}", &o));
	T_STR(err_get_text(), "a command is given, and --process as well");
	o.args = NULL;
	T_ASSERT(!make(NULL, &o));
	T_STR(err_get_text(), "a command to execute is missing");
	o.args = command;
	o.cwd = "relative";
	T_ASSERT(!make(NULL, &o));
	T_ASSERT(strstr(err_get_text(), "process.cwd"));
	o.cwd = NULL;
	strv_add(&o.env, "=x");
	T_ASSERT(!make(NULL, &o));
	T_STR(err_get_text(), "--env: '=x' has not the form NAME=VALUE");
	strv_clear(&o.env);
	err_clear();
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_inherits),
		T_TEST(test_file_confined),
		T_TEST(test_file_capabilities_whole),
		T_TEST(test_caps),
		T_TEST(test_users),
		T_TEST(test_refused),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
