/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>

#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "linux/creds.h"
#include "ocispec.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

#define BIT(c) (UINT64_C(1) << (c))

/* Warnings, joined by newlines. */
static struct strbuf warnings;

static void collect(void *arg, enum log_level level, const char *text)
{
	(void) arg;
	if (level == LOG_L_WARN)
		strbuf_addf(&warnings, "%s\n", text);
}

static const char *warned(void)
{
	return strbuf_str(&warnings);
}

static void test_names(void)
{
	const char *const *names = caps_names();
	size_t n = 0;

	for (; names[n]; n++) {
		if (n)
			T_ASSERT(strcmp(names[n - 1], names[n]) < 0);
		T_STR(caps_name(caps_parse(names[n])), names[n]);
	}
	T_EQ(n, 41);
	T_EQ(caps_parse("CAP_CHOWN"), 0);
	T_EQ(caps_parse("CAP_CHECKPOINT_RESTORE"), 40);
	T_EQ(caps_parse("CAP_FOO"), -EINVAL);
	T_EQ(caps_parse("chown"), -EINVAL);
	T_EQ(caps_parse(""), -EINVAL);
	T_STR(caps_name(41), NULL);
}

static void test_plan(void)
{
	char *bounding[] = { (char *) "CAP_CHOWN", (char *) "CAP_FOO", (char *) "CAP_FOO", NULL };
	char *effective[] = { (char *) "CAP_FOO", (char *) "CAP_SYS_ADMIN", (char *) "cap_bar",
			      NULL };
	char *ambient[] = { (char *) "CAP_BPF", NULL };
	struct oci_capabilities c = { .bounding = bounding,
				      .bounding_len = 3,
				      .effective = effective,
				      .effective_len = 3,
				      .ambient = ambient,
				      .ambient_len = 1 };
	struct caps_sets sets;

	strbuf_clear(&warnings);
	caps_plan(&c, 0, &sets);
	T_EQ(sets.bounding, BIT(CAP_CHOWN));
	T_EQ(sets.effective, BIT(CAP_SYS_ADMIN));
	T_EQ(sets.permitted, 0);
	T_EQ(sets.inheritable, 0);
	T_EQ(sets.ambient, BIT(39));
	T_STR(warned(),
	      "unknown capability 'CAP_FOO' is ignored\nunknown capability 'cap_bar' is ignored\n");
	strbuf_clear(&warnings);
	caps_plan(&c, CAPS_TOLD, &sets);
	caps_limit(&sets, 0, 0);
	T_EQ(sets.effective, 0);
	T_STR(warned(), "");
	caps_plan(NULL, 0, &sets);
	T_EQ(sets.bounding | sets.effective | sets.permitted | sets.inheritable | sets.ambient, 0);
}

static void test_limit(void)
{
	uint64_t ab = BIT(CAP_CHOWN) | BIT(CAP_KILL);
	struct caps_sets s = { ab, ab, ab, ab, ab };

	strbuf_clear(&warnings);
	caps_limit(&s, BIT(CAP_CHOWN), BIT(CAP_CHOWN));
	T_EQ(s.bounding, BIT(CAP_CHOWN));
	T_EQ(s.permitted, BIT(CAP_CHOWN));
	T_EQ(s.effective, BIT(CAP_CHOWN));
	T_EQ(s.inheritable, BIT(CAP_CHOWN));
	T_STR(warned(), "capability 'CAP_KILL' cannot be granted: the runtime does not hold it\n");

	strbuf_clear(&warnings);
	s = (struct caps_sets){ .effective = ab, .permitted = BIT(CAP_CHOWN) };
	caps_limit(&s, ab, ab);
	T_EQ(s.effective, BIT(CAP_CHOWN));
	T_STR(warned(),
	      "capability 'CAP_KILL' cannot be granted: it is effective but not permitted\n");

	strbuf_clear(&warnings);
	s = (struct caps_sets){ .inheritable = ab, .permitted = ab };
	caps_limit(&s, BIT(CAP_KILL), ab);
	T_EQ(s.inheritable, BIT(CAP_KILL));
	T_STR(warned(),
	      "capability 'CAP_CHOWN' cannot be granted: it is inheritable but not in the bounding "
	      "set\n");

	strbuf_clear(&warnings);
	s = (struct caps_sets){ ab, ab, ab, ab, 0 };
	caps_limit(&s, ab, ab);
	T_STR(warned(), "");
}

/* What /proc says of the five sets. */
static bool sets_are(uint64_t bounding, uint64_t effective, uint64_t permitted,
		     uint64_t inheritable, uint64_t ambient)
{
	const struct {
		const char *key;
		uint64_t value;
	} rows[] = { { "CapBnd", bounding },
		     { "CapEff", effective },
		     { "CapPrm", permitted },
		     { "CapInh", inheritable },
		     { "CapAmb", ambient } };
	bool same = true;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		autofree char *text = proc_status_get(getpid(), rows[i].key);
		uint64_t got = text ? strtoull(text, NULL, 16) : 0;

		if (got != rows[i].value) {
			printf("# %s is %llx, expected %llx\n", rows[i].key,
			       (unsigned long long) got, (unsigned long long) rows[i].value);
			same = false;
		}
	}
	fflush(stdout);
	return same;
}

struct become {
	struct caps_sets sets;
	unsigned int uid;
};

static int become(void *arg)
{
	const struct become *b = arg;
	struct oci_user user = { .uid = b->uid, .gid = b->uid };

	CHILD_CHECK(caps_drop_bounding(&b->sets) == 0);
	CHILD_CHECK(caps_keep(b->uid) == 0);
	CHILD_CHECK(creds_apply(&user, 0) == 0);
	CHILD_CHECK(caps_apply(&b->sets) == 0);
	CHILD_CHECK(sets_are(b->sets.bounding, b->sets.effective, b->sets.permitted,
			     b->sets.inheritable, b->sets.ambient));
	return 0;
}

static void test_apply(void)
{
	uint64_t abc = BIT(CAP_CHOWN) | BIT(CAP_KILL) | BIT(CAP_NET_RAW);
	struct become root = { { abc, BIT(CAP_KILL), abc & ~BIT(CAP_CHOWN), 0, 0 }, 0 };
	struct become user = { { abc, BIT(CAP_KILL), abc, abc, BIT(CAP_KILL) }, 1000 };
	struct become none = { { 0, 0, 0, 0, 0 }, 1000 };

	if (geteuid() != 0)
		t_skip("needs root");
	T_EQ(child_run(become, &root), 0);
	T_EQ(child_run(become, &user), 0);
	T_EQ(child_run(become, &none), 0);
}

/* Nothing of the five sets of one's own may be left over from the caller's. */
static int leftovers(void *arg)
{
	struct caps_sets before = { ~0ull >> 23, BIT(CAP_KILL) | BIT(CAP_SETPCAP), ~0ull >> 23,
				    BIT(CAP_KILL) | BIT(CAP_CHOWN), BIT(CAP_KILL) };
	struct caps_sets after = { BIT(CAP_CHOWN) | BIT(CAP_KILL), 0,
				   BIT(CAP_CHOWN) | BIT(CAP_KILL), BIT(CAP_CHOWN) | BIT(CAP_KILL),
				   BIT(CAP_CHOWN) };

	(void) arg;
	CHILD_CHECK(caps_apply(&before) == 0);
	CHILD_CHECK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0) == 1);
	CHILD_CHECK(caps_drop_bounding(&after) == 0);
	CHILD_CHECK(caps_apply(&after) == 0);
	CHILD_CHECK(
		sets_are(after.bounding, 0, after.permitted, after.inheritable, BIT(CAP_CHOWN)));
	return 0;
}

static void test_no_leftovers(void)
{
	if (geteuid() != 0)
		t_skip("needs root");
	T_EQ(child_run(leftovers, NULL), 0);
}

static int ambient_fails(void *arg)
{
	const uint64_t both = BIT(CAP_CHOWN) | BIT(CAP_KILL);
	struct caps_sets s = { both, both, both, 0, both };

	(void) arg;
	strbuf_clear(&warnings);
	CHILD_CHECK(caps_apply(&s) == 0);
	CHILD_CHECK(str_eq(warned(), "can't raise ambient capabilities CAP_CHOWN, CAP_KILL: "
				     "operation not permitted\n"));
	s.ambient = BIT(CAP_CHOWN);
	strbuf_clear(&warnings);
	CHILD_CHECK(caps_apply(&s) == 0);
	CHILD_CHECK(str_eq(warned(),
			   "can't raise ambient capability CAP_CHOWN: operation not permitted\n"));
	return 0;
}

static void test_ambient_failure_is_a_warning(void)
{
	if (geteuid() != 0)
		t_skip("needs root");
	T_EQ(child_run(ambient_fails, NULL), 0);
}

static int bounding_without_right(void *arg)
{
	struct caps_sets drop = { BIT(CAP_CHOWN), 0, 0, 0, 0 };

	(void) arg;
	CHILD_CHECK(caps_drop_bounding(&drop) == 0);
	CHILD_CHECK(caps_apply(&(struct caps_sets){ 0 }) == 0);
	/* nothing is left to be dropped: fine without CAP_SETPCAP */
	CHILD_CHECK(caps_drop_bounding(&drop) == 0);
	drop.bounding = 0;
	CHILD_CHECK(caps_drop_bounding(&drop) == -EPERM);
	CHILD_CHECK(str_eq(
		err_get_text(),
		"drop capability 'CAP_CHOWN' from the bounding set: operation not permitted"));
	return 0;
}

static void test_bounding_without_right(void)
{
	if (geteuid() != 0)
		t_skip("needs root");
	T_EQ(child_run(bounding_without_right, NULL), 0);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_names),
		T_TEST(test_plan),
		T_TEST(test_limit),
		T_TEST(test_apply),
		T_TEST(test_no_leftovers),
		T_TEST(test_ambient_failure_is_a_warning),
		T_TEST(test_bounding_without_right),
	};

	log_set_callback(collect, NULL);
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
