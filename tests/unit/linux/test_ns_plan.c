/* SPDX-License-Identifier: Apache-2.0 */
/* The whole table of ns_plan.c, as text: clone flags | steps | middle, late. */
#include <errno.h>

#include "base/err.h"
#include "base/str.h"
#include "linux/ns_plan.h"
#include "ocispec.h"
#include "tests/unit/t.h"

static void add_flags(struct strbuf *b, int flags)
{
	const char *sep = "";

	for (int t = 0; t < NS_COUNT_; t++) {
		if (flags & ns_infos[t].flag) {
			strbuf_addf(b, "%s%s", sep, ns_infos[t].file);
			sep = ",";
		}
	}
	if (!*sep)
		strbuf_add(b, "-");
}

static const char *format(const struct ns_plan *plan)
{
	static const char *const names[] = { "join",	"try",	 "retry",  "pidfd",
					     "unshare", "idmap", "timens", "root" };
	static struct strbuf b;

	strbuf_clear(&b);
	add_flags(&b, plan->clone_flags);
	strbuf_add(&b, " |");
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct ns_step *s = &plan->steps[i];

		strbuf_addf(&b, " %s", names[s->op]);
		if (s->op == NS_OP_JOIN || s->op == NS_OP_TRY)
			strbuf_addf(&b, ":%s", ns_infos[s->type].file);
		if (s->flags) {
			strbuf_add(&b, ":");
			add_flags(&b, s->flags);
		}
	}
	strbuf_addf(&b, " |%s%s", plan->middle ? " middle" : "", plan->late_flags ? " late" : "");
	return strbuf_str(&b);
}

static int try_plan(const char *json, struct ns_plan *plan)
{
	static struct oci_linux *doc;
	struct oci_error e = { 0 };

	if (doc)
		oci_linux_free(doc);
	doc = NULL;
	if (oci_linux_parse(json, strlen(json), &doc, &e) < 0)
		t_fail(__FILE__, __LINE__, "%s", e.text);
	return ns_plan_make(doc, plan);
}

/* namespaces: "pid net=/p user …" in the document's words */
static const char *plan_of(const char *words, const char *more)
{
	autostrbuf struct strbuf json = STRBUF_INIT;
	autostrv struct strv list = { 0 };
	struct ns_plan plan;

	strv_split(&list, words, " ");
	strbuf_add(&json, "{\"namespaces\":[");
	for (size_t i = 0; i < list.len; i++) {
		char *path = strchr(list.v[i], '=');

		if (path)
			*path++ = '\0';
		strbuf_addf(&json, "%s{\"type\":\"%s\"", i ? "," : "", list.v[i]);
		if (path)
			strbuf_addf(&json, ",\"path\":\"%s\"", path);
		strbuf_add(&json, "}");
	}
	strbuf_addf(&json, "]%s}", more);
	T_EQ(try_plan(strbuf_str(&json), &plan), 0);
	return format(&plan);
}

#define OFFSETS ",\"timeOffsets\":{\"monotonic\":{\"secs\":5}}"

static void test_none(void)
{
	struct ns_plan plan;

	T_EQ(ns_plan_make(NULL, &plan), 0);
	T_STR(format(&plan), "- | |");
	T_EQ(ns_plan_flags(&plan), 0);
	T_STR(plan_of("", ""), "- | |");
}

static void test_new_only(void)
{
	T_STR(plan_of("pid network ipc uts mount", ""), "pid,net,mnt,uts,ipc | |");
	T_STR(plan_of("pid network ipc uts mount cgroup time", ""),
	      "pid,net,mnt,uts,ipc,time | | late");
	T_STR(plan_of("mount", ""), "mnt | |");
}

static void test_joined_without_user(void)
{
	T_STR(plan_of("pid network=/n mount", ""), "pid,mnt | join:net |");
	T_STR(plan_of("pid=/p network=/n mount=/m uts", ""),
	      "uts | join:pid join:net join:mnt | middle");
	T_STR(plan_of("pid mount time=/t", ""), "pid,mnt | join:time | middle");
	T_STR(plan_of("cgroup=/c mount", ""), "mnt | join:cgroup |");
}

static void test_new_user(void)
{
	T_STR(plan_of("user pid network ipc uts mount cgroup time", ""),
	      "user,pid,time | idmap root unshare:net,mnt,uts,ipc | late");
	T_STR(plan_of("user mount", ""), "user | idmap root unshare:mnt |");
	T_STR(plan_of("user", ""), "user | idmap root |");
}

static void test_new_user_with_joined(void)
{
	T_STR(plan_of("user pid network=/n mount", ""),
	      "- | join:net unshare:user idmap root unshare:pid,mnt | middle");
	T_STR(plan_of("user network=/n mount", ""),
	      "- | join:net unshare:user idmap root unshare:mnt |");
	T_STR(plan_of("user pid=/p mount", ""),
	      "- | join:pid unshare:user idmap root unshare:mnt | middle");
	T_STR(plan_of("user time=/t mount", ""),
	      "- | join:time unshare:user idmap root unshare:mnt | middle");
	T_STR(plan_of("user time network=/n", ""),
	      "- | join:net unshare:user idmap root unshare:time | middle");
}

static void test_joined_user(void)
{
	T_STR(plan_of("user=/u pid ipc=/i network=/n mount cgroup", ""),
	      "- | try:net try:ipc join:user retry:net,ipc root unshare:pid,mnt | middle late");
	T_STR(plan_of("user=/u mount", ""), "- | join:user root unshare:mnt |");
	T_STR(plan_of("user=/u pid=/p mount", ""),
	      "- | try:pid join:user retry:pid root unshare:mnt | middle");
}

static void test_offsets(void)
{
	T_STR(plan_of("pid mount time", OFFSETS), "mnt | unshare:pid,time timens | middle");
	T_STR(plan_of("mount network=/n time", OFFSETS),
	      "mnt | join:net unshare:time timens | middle");
	T_STR(plan_of("user pid mount time", OFFSETS),
	      "user | idmap unshare:pid,time timens root unshare:mnt | middle");
	T_STR(plan_of("user=/u pid mount time", OFFSETS),
	      "- | join:user unshare:pid,time timens root unshare:mnt | middle");
	T_STR(plan_of("user network=/n mount time", OFFSETS),
	      "- | join:net unshare:user idmap unshare:time timens root unshare:mnt | middle");
	/* an empty object asks for nothing */
	T_STR(plan_of("mount time", ",\"timeOffsets\":{}"), "mnt,time | |");
}

static void test_requests_are_announced(void)
{
	struct ns_plan plan;

	T_EQ(try_plan("{\"namespaces\":[{\"type\":\"user\"},{\"type\":\"time\"}]" OFFSETS "}",
		      &plan),
	     0);
	T_ASSERT(plan.needs_idmap && plan.needs_timens);
	T_EQ(try_plan("{\"namespaces\":[{\"type\":\"user\",\"path\":\"/u\"}]}", &plan), 0);
	T_ASSERT(!plan.needs_idmap && plan.has[NS_USER] && !plan.created[NS_USER]);
	T_STR(plan.path[NS_USER], "/u");
}

static void test_errors(void)
{
	struct oci_namespace ns[2] = { { .type = (char *) "pid" }, { .type = (char *) "pid" } };
	struct oci_linux doc = { .namespaces = ns, .namespaces_len = 2 };
	struct ns_plan plan;

	T_EQ(ns_plan_make(&doc, &plan), -EINVAL);
	T_STR(err_get_text(), "namespace 'pid' is given twice");
	ns[1].type = (char *) "net";
	T_EQ(ns_plan_make(&doc, &plan), -EINVAL);
	T_STR(err_get_text(), "unknown namespace type 'net'");
	ns[1].type = NULL;
	T_EQ(ns_plan_make(&doc, &plan), -EINVAL);
	T_EQ(try_plan("{\"namespaces\":[{\"type\":\"pid\"}]" OFFSETS "}", &plan), -EINVAL);
	T_STR(err_get_text(), "time offsets need a new time namespace");
	T_EQ(try_plan("{\"namespaces\":[{\"type\":\"time\",\"path\":\"/t\"}]" OFFSETS "}", &plan),
	     -EINVAL);
}

static void test_exec(void)
{
	struct ns_plan plan;

	ns_plan_exec(0, &plan);
	T_STR(format(&plan), "- | |");
	ns_plan_exec(ns_infos[NS_MNT].flag | ns_infos[NS_NET].flag, &plan);
	T_STR(format(&plan), "- | pidfd:net,mnt |");
	ns_plan_exec(ns_infos[NS_MNT].flag | ns_infos[NS_PID].flag | ns_infos[NS_USER].flag, &plan);
	T_STR(format(&plan), "- | pidfd:user,pid,mnt root | middle");
}

/* Every namespace joined, new, or the host's, with and without offsets: never too many steps. */
static void test_all_combinations(void)
{
	for (int combination = 0; combination < 6561 * 2; combination++) {
		struct oci_time_offset offset = { .secs = 1, .has_secs = true };
		struct oci_time_offsets offsets = { .boottime = &offset };
		struct oci_namespace ns[NS_COUNT_] = { 0 };
		struct oci_linux doc = { .namespaces = ns };
		struct ns_plan plan;
		int rest = combination / 2;

		for (int t = 0; t < NS_COUNT_; t++, rest /= 3) {
			if (rest % 3 == 0)
				continue;
			ns[doc.namespaces_len].type = (char *) ns_infos[t].name;
			ns[doc.namespaces_len++].path = rest % 3 == 1 ? NULL : (char *) "/x";
		}
		doc.time_offsets = combination % 2 ? &offsets : NULL;
		if (ns_plan_make(&doc, &plan) < 0)
			continue;
		T_ASSERT(plan.n_steps <= NS_STEPS_MAX);
		/* each created one is made exactly once */
		for (int t = 0; t < NS_COUNT_; t++) {
			int made = !!(plan.clone_flags & ns_infos[t].flag) +
				   !!(plan.late_flags & ns_infos[t].flag);

			for (size_t i = 0; i < plan.n_steps; i++)
				made += plan.steps[i].op == NS_OP_UNSHARE &&
					(plan.steps[i].flags & ns_infos[t].flag);
			T_EQ(made, plan.created[t]);
		}
	}
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_none),
		T_TEST(test_new_only),
		T_TEST(test_joined_without_user),
		T_TEST(test_new_user),
		T_TEST(test_new_user_with_joined),
		T_TEST(test_joined_user),
		T_TEST(test_offsets),
		T_TEST(test_requests_are_announced),
		T_TEST(test_errors),
		T_TEST(test_exec),
		T_TEST(test_all_combinations),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
