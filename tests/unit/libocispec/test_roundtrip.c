/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/libocispec/fill.h"
#include "tests/unit/t.h"

/* struct → text → struct → text, in both forms; the clone is equal too. */
static void check_round_trip(const struct oci_desc *desc, const void *doc)
{
	for (int flags = 0; flags <= OCI_PRETTY; flags++) {
		char *text = ocispec_generate(desc, doc, flags), *again;
		struct oci_error err = { NULL };
		void *back = NULL, *copy;

		if (ocispec_parse(desc, text, strlen(text), &back, &err) < 0)
			t_fail(__FILE__, __LINE__, "%s: %s\n# %s", desc->name, err.text, text);
		if (!ocispec_equal(desc, doc, back))
			t_fail(__FILE__, __LINE__, "%s: not equal after parse: %s", desc->name,
			       text);
		again = ocispec_generate(desc, back, flags);
		T_STR(again, text);
		copy = ocispec_clone(desc, back);
		T_ASSERT(ocispec_equal(desc, copy, doc));
		ocispec_free(desc, back);
		ocispec_free(desc, copy);
		free(again);
		free(text);
	}
}

static void test_every_object_full(void)
{
	for (const struct oci_desc *const *d = oci_all_descs; *d; d++) {
		for (enum fill_style style = FILL_LOW; style <= FILL_HIGH; style++) {
			void *doc = calloc(1, (*d)->size);

			fill_object(*d, doc, style);
			check_round_trip(*d, doc);
			ocispec_free(*d, doc);
		}
	}
}

/* Each field beside what is required: one that is lost, or stored over another, cannot hide. */
static void test_every_field_alone(void)
{
	size_t fields = 0;

	for (const struct oci_desc *const *d = oci_all_descs; *d; d++) {
		for (size_t i = 0; i < (*d)->n_fields; i++, fields++) {
			void *doc = calloc(1, (*d)->size), *bare = calloc(1, (*d)->size);

			if (!((*d)->fields[i].flags & OCI_REQUIRED)) {
				fill_required(*d, doc);
				fill_required(*d, bare);
				fill_field(&(*d)->fields[i], doc, FILL_HIGH);
				check_round_trip(*d, doc);
				if (ocispec_equal(*d, doc, bare))
					t_fail(__FILE__, __LINE__, "%s.%s does not count",
					       (*d)->name, (*d)->fields[i].name);
			}
			ocispec_free(*d, doc);
			ocispec_free(*d, bare);
		}
	}
	printf("# %zu fields\n", fields);
	T_ASSERT(fields > 200);
}

static void test_empty_containers_stay(void)
{
	static const char text[] =
		"{\"ociVersion\":\"1.3.0\",\"process\":{\"args\":[],\"cwd\":\"/\"},\"mounts\":[],"
		"\"annotations\":{},\"linux\":{\"resources\":{},\"netDevices\":{}}}";
	struct oci_error err = { NULL };
	struct oci_config *c = NULL;
	char *again;

	T_EQ(oci_config_parse(text, strlen(text), &c, &err), 0);
	T_ASSERT(c->mounts && c->process->args && c->annotations && c->linux->net_devices);
	T_ASSERT(!c->process->args[0]);
	again = oci_config_generate(c, 0);
	T_STR(again, text);
	free(again);
	oci_config_free(c);
}

/* Rows must be sorted for the search by name, and the order a permutation of them. */
static void test_tables_are_sound(void)
{
	for (const struct oci_desc *const *d = oci_all_descs; *d; d++) {
		uint64_t seen = 0;

		for (size_t i = 0; i < (*d)->n_fields; i++) {
			const struct oci_field *f = &(*d)->fields[i];

			T_ASSERT(i == 0 || strcmp(f[-1].name, f->name) < 0);
			T_ASSERT(f->offset + sizeof(bool) <= (*d)->size);
			T_EQ(f->sub != NULL, f->kind == OCI_OBJECT || f->kind == OCI_ARRAY_OBJECT ||
						     f->kind == OCI_MAP_OBJECT);
			seen |= 1ULL << (*d)->order[i];
		}
		T_ASSERT(seen == ((*d)->n_fields == 64 ? ~0ULL : (1ULL << (*d)->n_fields) - 1));
	}
}

/* --- walking --- */

static char walked[4096];

static void see(void *arg, const char *pointer, const char *text)
{
	size_t len = strlen(walked);

	(void) arg;
	snprintf(walked + len, sizeof(walked) - len, "%s=%s\n", pointer, text);
}

static void test_walk(void)
{
	static const char json[] =
		"{\"ociVersion\":\"1.3.0\",\"process\":{\"terminal\":true,\"args\":[\"a\",\"\"],"
		"\"user\":{\"uid\":0,\"gid\":5,\"additionalGids\":[7]},\"cwd\":\"/\","
		"\"env\":[],\"oomScoreAdj\":-3},\"root\":{\"path\":\"r\"},"
		"\"annotations\":{\"a/b~c\":\"x y\"},\"linux\":{\"resources\":{},"
		"\"intelRdt\":{},\"sysctl\":{}}}";
	struct oci_error err = { NULL };
	struct oci_config *c = NULL;

	T_EQ(oci_config_parse(json, strlen(json), &c, &err), 0);
	walked[0] = '\0';
	ocispec_walk(&oci_config_desc, c, see, NULL);
	T_STR(walked,
	      "/ociVersion=1.3.0\n/process/terminal=true\n/process/user/uid=0\n"
	      "/process/user/gid=5\n/process/user/additionalGids/0=7\n/process/args/0=a\n"
	      "/process/args/1=\n/process/env=[]\n/process/cwd=/\n/process/oomScoreAdj=-3\n"
	      "/root/path=r\n/annotations/a~1b~0c=x y\n/linux/sysctl={}\n/linux/resources={}\n"
	      "/linux/intelRdt={}\n");
	oci_config_free(c);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_walk),
		T_TEST(test_every_object_full),
		T_TEST(test_every_field_alone),
		T_TEST(test_empty_containers_stay),
		T_TEST(test_tables_are_sound),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
