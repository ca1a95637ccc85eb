/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/mountinfo.h"
#include "tests/unit/t.h"

static char shown[4096];

static int show(void *arg, const struct mountinfo *m)
{
	size_t n = strlen(shown);

	snprintf(shown + n, sizeof(shown) - n, "%d %d %u:%u <%s> <%s> <%s> <%s> <%s> <%s> <%s>\n",
		 m->id, m->parent, m->dev_major, m->dev_minor, m->root, m->mountpoint, m->options,
		 m->propagation, m->fstype, m->source, m->super_options);
	return arg ? *(int *) arg : 0;
}

static int parse(const char *text)
{
	shown[0] = '\0';
	return mountinfo_each(text, show, NULL);
}

static void test_lines(void)
{
	T_EQ(parse("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root "
		   "rw,errors=continue\n"
		   "1 0 0:2 / / rw - rootfs none rw\n"
		   "40 1 0:30 / /x ro shared:1 master:2 unbindable - tmpfs tmpfs rw,size=1k\n"),
	     0);
	T_STR(shown, "36 35 98:0 </mnt1> </mnt2> <rw,noatime> <master:1> <ext3> </dev/root> "
		     "<rw,errors=continue>\n"
		     "1 0 0:2 </> </> <rw> <> <rootfs> <none> <rw>\n"
		     "40 1 0:30 </> </x> <ro> <shared:1 master:2 unbindable> <tmpfs> <tmpfs> "
		     "<rw,size=1k>\n");
}

static void test_escapes(void)
{
	/* A mount point may look like the separator. */
	T_EQ(parse("1 0 0:2 /a\\134b /m\\040-\\040n\\012o\\011 rw - ext4 /dev/a\\040b rw"), 0);
	T_STR(shown, "1 0 0:2 </a\\b> </m - n\no\t> <rw> <> <ext4> </dev/a b> <rw>\n");
	/* An empty source, as mount(2) with "" leaves it. */
	T_EQ(parse("1 0 0:2 / /a rw - tmpfs  rw,size=1k\n"), 0);
	T_STR(shown, "1 0 0:2 </> </a> <rw> <> <tmpfs> <> <rw,size=1k>\n");
	/* What is not three octal digits is text. */
	T_EQ(parse("1 0 0:2 / /a\\04 rw - x y\\9 z\n"), 0);
	T_STR(shown, "1 0 0:2 </> </a\\04> <rw> <> <x> <y\\9> <z>\n");
}

static void test_malformed(void)
{
	static const char *const bad[] = {
		"\n",
		"1\n",
		"1 0 0:2 / /a rw\n",
		"1 0 0:2 / /a rw shared:1\n",
		"1 0 02 / /a rw - x y z\n",
		"x 0 0:2 / /a rw - x y z\n",
		"1 0 0:-2 / /a rw - x y z\n",
		"1 0 0:2 / /a rw - \n",
		"1 0 0:2 / /a rw - x\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		T_EQ(parse(bad[i]), -EINVAL);
	T_EQ(parse(""), 0);
}

static void test_stop(void)
{
	int stop = 42;

	shown[0] = '\0';
	T_EQ(mountinfo_each("1 0 0:2 / / rw - a b c\n2 0 0:2 / / rw - a b c\n", show, &stop), 42);
	T_STR(shown, "1 0 0:2 </> </> <rw> <> <a> <b> <c>\n");
}

static int count(void *arg, const struct mountinfo *m)
{
	(void) m;
	++*(int *) arg;
	return 0;
}

static void test_own(void)
{
	autofree char *text = NULL;
	int n = 0;

	T_EQ(file_read_at(AT_FDCWD, "/proc/self/mountinfo", 1 << 24, &text, NULL), 0);
	T_EQ(mountinfo_each(text, count, &n), 0);
	T_ASSERT(n > 0);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_lines), T_TEST(test_escapes), T_TEST(test_malformed),
		T_TEST(test_stop),  T_TEST(test_own),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
