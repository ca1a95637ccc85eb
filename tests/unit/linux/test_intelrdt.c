/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/intelrdt.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "ocispec.h"
#include "tests/unit/base/tmpdir.h"
#include "tests/unit/t.h"

/* ---- decisions ---- */

struct plan_case {
	struct oci_intel_rdt rdt;
	const char *clos;
	bool own, make;
	const char *monitor, *schemata;
};

static char *lines[] = { (char *) "L2:0=f", (char *) "MB:1=5" };

static void test_plan(void)
{
	struct plan_case cases[] = {
		{ { .schemata = lines, .schemata_len = 2 },
		  "id",
		  true,
		  true,
		  NULL,
		  "L2:0=f\nMB:1=5\n" },
		{ { 0 }, "id", true, true, NULL, NULL },
		{ { .enable_monitoring = true }, ".", false, false, "./mon_groups/id", NULL },
		{ { .clos_id = (char *) "gold" }, "gold", false, false, NULL, NULL },
		{ { .clos_id = (char *) "gold", .enable_monitoring = true },
		  "gold",
		  false,
		  false,
		  "gold/mon_groups/id",
		  NULL },
		{ { .clos_id = (char *) "gold", .l3_cache_schema = (char *) "L3:0=f\nMB:0=9" },
		  "gold",
		  false,
		  true,
		  NULL,
		  "L3:0=f\nMB:0=9\n" },
		{ { .l3_cache_schema = (char *) "L3:0=f\nMB:0=9",
		    .mem_bw_schema = (char *) "MB:0=10",
		    .schemata = lines,
		    .schemata_len = 1 },
		  "id",
		  true,
		  true,
		  NULL,
		  "L3:0=f\nMB:0=10\nL2:0=f\n" },
		{ { .clos_id = (char *) "/", .mem_bw_schema = (char *) "MB:0=10" },
		  ".",
		  false,
		  false,
		  NULL,
		  "MB:0=10\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct intelrdt_plan p = { NULL };

		T_EQ(intelrdt_plan(&cases[i].rdt, "id", &p), 0);
		T_STR(p.clos, cases[i].clos);
		T_EQ(p.own, cases[i].own);
		T_EQ(p.make, cases[i].make);
		T_STR(p.monitor, cases[i].monitor);
		T_STR(p.schemata, cases[i].schemata);
		intelrdt_plan_clear(&p);
	}
}

/* A container of this name must not get the directory that is there for something else. */
static void test_reserved(void)
{
	struct oci_intel_rdt rdt = { .schemata = lines, .schemata_len = 1 };
	struct intelrdt_plan p = { NULL };

	T_EQ(intelrdt_plan(&rdt, "info", &p), -EINVAL);
	rdt.clos_id = (char *) "mon_groups";
	T_EQ(intelrdt_plan(&rdt, "id", &p), -EINVAL);
	T_ASSERT(!p.clos);
	err_clear();
}

/* ---- a stand-in for the kernel's file system ---- */

static void put(int dirfd, const char *path, const char *text)
{
	int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	T_ASSERT(fd >= 0);
	T_EQ(fd_write_full(fd, text, strlen(text)), 0);
	close(fd);
}

/* Room for what is written: the kernel's files are rewritten, these are overwritten. */
static int make_group(int dirfd, const char *path)
{
	autofree char *tasks = xasprintf("%s/tasks", path);
	autofree char *schemata = xasprintf("%s/schemata", path);
	autofree char *groups = xasprintf("%s/mon_groups", path);

	if (mkdirat(dirfd, path, 0755) < 0)
		return -errno;
	put(dirfd, tasks, "");
	put(dirfd, schemata, "");
	return mkdirat(dirfd, groups, 0755) < 0 ? -errno : 0;
}

static int remove_group(int dirfd, const char *path)
{
	return file_exists_at(dirfd, path) ? file_remove_tree_at(dirfd, path) : -ENOENT;
}

static struct intelrdt open_tree(void)
{
	struct intelrdt t = { tmpdir_new("resctrl"), make_group, remove_group };

	put(t.root_fd, "tasks", "");
	put(t.root_fd, "schemata", "    L3:0=7ff;1=7ff\n    MB:0=100;1=100\n");
	T_EQ(mkdirat(t.root_fd, "mon_groups", 0755), 0);
	T_EQ(mkdirat(t.root_fd, "info", 0755), 0);
	put(t.root_fd, "info/last_cmd_status", "ok\n");
	return t;
}

static void is(const struct intelrdt *t, const char *path, const char *text)
{
	autofree char *now = NULL;

	T_EQ(file_read_at(t->root_fd, path, 4096, &now, NULL), 0);
	T_STR(now, text);
}

static struct intelrdt_plan plan_for(const struct oci_intel_rdt *rdt)
{
	struct intelrdt_plan p;

	T_EQ(intelrdt_plan(rdt, "id", &p), 0);
	return p;
}

static void test_own_class(void)
{
	struct oci_intel_rdt doc = { .schemata = lines,
				     .schemata_len = 2,
				     .enable_monitoring = true };
	struct intelrdt t = open_tree();
	struct intelrdt_plan p = plan_for(&doc);
	bool made = false;

	T_EQ(intelrdt_make(&t, &p, &made), 0);
	T_ASSERT(made);
	is(&t, "id/schemata", "L2:0=f\nMB:1=5\n");
	T_EQ(intelrdt_enter(&t, &p, 4711), 0);
	is(&t, "id/tasks", "4711");
	is(&t, "id/mon_groups/id/tasks", "4711");
	/* another container's, or a leftover: not ours to use */
	T_EQ(intelrdt_make(&t, &p, &made), -EEXIST);
	T_ASSERT(!made);
	err_clear();
	T_EQ(intelrdt_remove(&t, &p, false), 0);
	T_ASSERT(!file_exists_at(t.root_fd, "id"));
	T_EQ(intelrdt_remove(&t, &p, false), 0);
	intelrdt_plan_clear(&p);
	intelrdt_close(&t);
}

static void test_named_class(void)
{
	struct oci_intel_rdt doc = { .clos_id = (char *) "gold", .enable_monitoring = true };
	struct intelrdt t = open_tree();
	struct intelrdt_plan p = plan_for(&doc);
	bool made;

	T_EQ(intelrdt_make(&t, &p, &made), -ENOENT);
	T_STR(err_get_text(),
	      "linux.intelRdt.closID: there is no class 'gold', and no schema to make one");
	err_clear();
	T_EQ(make_group(t.root_fd, "gold"), 0);
	T_EQ(intelrdt_make(&t, &p, &made), 0);
	T_ASSERT(!made);
	T_EQ(intelrdt_enter(&t, &p, 1), 0);
	is(&t, "gold/tasks", "1");
	T_EQ(intelrdt_remove(&t, &p, false), 0);
	T_ASSERT(file_exists_at(t.root_fd, "gold"));
	T_ASSERT(!file_exists_at(t.root_fd, "gold/mon_groups/id"));
	intelrdt_plan_clear(&p);

	/* made for the first container, joined by others, and nobody's to remove */
	doc = (struct oci_intel_rdt){ .clos_id = (char *) "new",
				      .mem_bw_schema = (char *) "MB:0=9" };
	p = plan_for(&doc);
	T_EQ(intelrdt_make(&t, &p, &made), 0);
	T_ASSERT(made);
	T_EQ(intelrdt_remove(&t, &p, false), 0);
	T_ASSERT(file_exists_at(t.root_fd, "new"));
	T_EQ(intelrdt_make(&t, &p, &made), 0);
	T_ASSERT(!made);
	T_EQ(intelrdt_remove(&t, &p, true), 0);
	T_ASSERT(!file_exists_at(t.root_fd, "new"));
	intelrdt_plan_clear(&p);
	intelrdt_close(&t);
}

static void test_schema_of_a_class_that_exists(void)
{
	static const struct {
		const char *wanted;
		int r;
	} cases[] = {
		{ "L3:0=7ff;1=c0", 0 },	  { "L3:1=C0", 0 },	     { "L3:0=007ff;1=0c0", 0 },
		{ "MB:0= 20", 0 },	  { "L3:1=c0\nMB:1=70", 0 }, { "L3:0=7fe", -EEXIST },
		{ "L3:2=7ff", -EEXIST },  { "L2:0=7ff", -EEXIST },   { "MB:0=2", -EEXIST },
		{ "L3:0=7ff0", -EEXIST }, { "L3:0", -EEXIST },	     { "L3CODE:0=7ff", -EEXIST },
	};
	struct intelrdt t = open_tree();
	bool made;

	T_EQ(make_group(t.root_fd, "gold"), 0);
	put(t.root_fd, "gold/schemata", "    MB:0= 20;1= 70\n    L3:0=7ff;1=0c0\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct oci_intel_rdt doc = { .clos_id = (char *) "gold",
					     .l3_cache_schema = (char *) cases[i].wanted };
		struct intelrdt_plan p = plan_for(&doc);
		int r = intelrdt_make(&t, &p, &made);

		if (r != cases[i].r)
			t_fail(__FILE__, __LINE__, "'%s': %d", cases[i].wanted, r);
		intelrdt_plan_clear(&p);
	}
	err_clear();
	intelrdt_close(&t);
}

static void test_default_class(void)
{
	struct oci_intel_rdt doc = { .enable_monitoring = true };
	struct intelrdt t = open_tree();
	struct intelrdt_plan p = plan_for(&doc);
	bool made;

	T_EQ(intelrdt_make(&t, &p, &made), 0);
	T_ASSERT(!made);
	T_EQ(intelrdt_enter(&t, &p, 33), 0);
	is(&t, "tasks", "33");
	is(&t, "mon_groups/id/tasks", "33");
	is(&t, "schemata", "    L3:0=7ff;1=7ff\n    MB:0=100;1=100\n");
	T_EQ(intelrdt_remove(&t, &p, true), 0);
	T_ASSERT(!file_exists_at(t.root_fd, "mon_groups/id"));
	T_ASSERT(file_exists_at(t.root_fd, "schemata"));
	intelrdt_plan_clear(&p);
	intelrdt_close(&t);
}

static void test_update(void)
{
	struct oci_intel_rdt doc = { .clos_id = (char *) "gold",
				     .mem_bw_schema = (char *) "MB:0=20;1=70" };
	struct intelrdt t = open_tree();
	struct intelrdt_plan p = plan_for(&doc);
	autofree char *old = NULL;

	T_EQ(make_group(t.root_fd, "gold"), 0);
	put(t.root_fd, "gold/schemata", "    MB:0=10;1=10\n");
	T_EQ(intelrdt_update(&t, &p, &old), 0);
	T_STR(old, "    MB:0=10;1=10\n");
	put(t.root_fd, "gold/schemata", "");
	T_EQ(intelrdt_restore(&t, &p, old), 0);
	is(&t, "gold/schemata", "MB:0=10;1=10\n");
	intelrdt_plan_clear(&p);
	intelrdt_close(&t);
}

/* What the kernel says about a schema it does not take is in the message. */
static void test_words(void)
{
	struct oci_intel_rdt doc = { .schemata = lines, .schemata_len = 1 };
	struct intelrdt t = open_tree();
	struct intelrdt_plan p = plan_for(&doc);

	put(t.root_fd, "info/last_cmd_status", "mask f not consecutive\n");
	T_EQ(intelrdt_enter(&t, &p, 5), -ENOENT);
	T_STR(err_get_text(), "linux.intelRdt: write to 'id/tasks': no such file or directory "
			      "(mask f not consecutive)");
	err_clear();
	intelrdt_plan_clear(&p);
	intelrdt_close(&t);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_plan),	    T_TEST(test_reserved),
		T_TEST(test_own_class),	    T_TEST(test_named_class),
		T_TEST(test_default_class), T_TEST(test_schema_of_a_class_that_exists),
		T_TEST(test_update),	    T_TEST(test_words),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
