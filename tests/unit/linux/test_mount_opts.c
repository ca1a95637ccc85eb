/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/mount_opts.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "../t.h"
#include "base/alloc.h"

#define PARSE(o, ...)                                \
	const char *const items[] = { __VA_ARGS__ }; \
	struct mount_opts o;                         \
	mount_opts_parse((char *const *) items, ARRAY_SIZE(items), &o)

static void test_names_are_sorted(void)
{
	size_t n;
	const char *const *names = mount_opts_names(&n);

	for (size_t i = 1; i < n; i++)
		T_ASSERT(strcmp(names[i - 1], names[i]) < 0);
}

/* All that the runtime specification 1.3 lists in config.md, "Linux mount options". */
static const char spec[] =
	"async atime bind defaults dev diratime dirsync exec iversion lazytime loud "
	"mand noatime nodev nodiratime noexec noiversion nolazytime nomand norelatime "
	"nostrictatime nosuid nosymfollow private ratime rbind rdev rdiratime relatime "
	"remount rexec rnoatime rnodev rnodiratime rnoexec rnorelatime rnostrictatime "
	"rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave "
	"rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime "
	"suid symfollow sync tmpcopyup unbindable idmap ridmap";

static void test_specification(void)
{
	autostrv struct strv list = { 0 };

	strv_split(&list, spec, " ");
	T_EQ(list.len, 62);
	for (size_t i = 0; i < list.len; i++) {
		struct mount_opts o;

		mount_opts_parse(&list.v[i], 1, &o);
		if (o.data.len)
			printf("# not known: %s\n", list.v[i]);
		T_EQ(o.data.len, 0);
		mount_opts_clear(&o);
	}
}

static void test_last_one_wins(void)
{
	PARSE(o, "ro", "nosuid", "rw", "suid", "nosuid", "nodev");
	T_EQ(o.attrs.set, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	T_EQ(o.attrs.clear, MOUNT_ATTR_RDONLY);
	mount_opts_clear(&o);
}

static void test_access_time(void)
{
	PARSE(o, "noatime", "strictatime", "nodiratime");
	T_EQ(o.attrs.set, MOUNT_ATTR_STRICTATIME | MOUNT_ATTR_NODIRATIME);
	T_EQ(o.attrs.clear, MOUNT_ATTR__ATIME);
	mount_opts_clear(&o);
}

/* relatime is the number 0: only what is cleared tells that it was named. */
static void test_relatime(void)
{
	PARSE(o, "noatime", "relatime");
	T_EQ(o.attrs.set, 0);
	T_EQ(o.attrs.clear, MOUNT_ATTR__ATIME);
	mount_opts_clear(&o);
}

static void test_recursive(void)
{
	PARSE(o, "rbind", "rro", "rexec", "rnoatime", "nosuid");
	T_EQ(o.flags, MOUNT_OPT_BIND | MOUNT_OPT_REC);
	T_EQ(o.attrs.set, MOUNT_ATTR_NOSUID);
	T_EQ(o.attrs.rec_set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME);
	T_EQ(o.attrs.rec_clear, MOUNT_ATTR_NOEXEC | MOUNT_ATTR__ATIME);
	mount_opts_clear(&o);
}

static void test_superblock(void)
{
	PARSE(o, "sync", "dirsync", "async", "lazytime");
	T_EQ(o.sb_set, MS_DIRSYNC | MS_LAZYTIME);
	T_EQ(o.sb_clear, MS_SYNCHRONOUS);
	mount_opts_clear(&o);
}

static void test_propagation(void)
{
	PARSE(o, "slave", "rprivate", "shared", "slave", "rprivate");
	T_EQ(o.attrs.propagation_len, 3);
	T_EQ(o.attrs.propagation[0], MS_SHARED);
	T_EQ(o.attrs.propagation[1], MS_SLAVE);
	T_EQ(o.attrs.propagation[2], MS_PRIVATE | MS_REC);
	mount_opts_clear(&o);
}

static void test_propagation_name(void)
{
	unsigned int v = 0;

	T_EQ(mount_opts_propagation("runbindable", &v), 0);
	T_EQ(v, MS_UNBINDABLE | MS_REC);
	T_EQ(mount_opts_propagation("ro", &v), -EINVAL);
	T_EQ(mount_opts_propagation("", &v), -EINVAL);
}

static void test_data(void)
{
	PARSE(o, "mode=755,size=1m", "gid=5", "context=\"a:b:c0,c1\"", "lowerdir=/a\\,b:/c,x=y",
	      ",,");
	T_EQ(o.data.len, 6);
	T_STR(o.data.v[0], "mode=755");
	T_STR(o.data.v[1], "size=1m");
	T_STR(o.data.v[2], "gid=5");
	T_STR(o.data.v[3], "context=\"a:b:c0,c1\"");
	T_STR(o.data.v[4], "lowerdir=/a\\,b:/c");
	T_STR(o.data.v[5], "x=y");
	mount_opts_clear(&o);
}

/* Names are matched whole: LXC takes "rolling" for "ro". */
static void test_no_prefixes(void)
{
	PARSE(o, "rolling", "RO", "ro ", "");
	T_EQ(o.attrs.set, 0);
	T_EQ(o.data.len, 3);
	mount_opts_clear(&o);
}

static void test_idmap(void)
{
	PARSE(o, "idmap", "ridmap=uids=0-1-2;gids=0-1-2");
	T_EQ(o.flags, MOUNT_OPT_IDMAP | MOUNT_OPT_IDMAP_REC);
	T_STR(o.idmap, "uids=0-1-2;gids=0-1-2");
	mount_opts_clear(&o);
	T_ASSERT(!o.idmap);
}

static void test_ms_flags(void)
{
	T_EQ(mount_attr_to_ms(0), MS_RELATIME);
	T_EQ(mount_attr_to_ms(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOATIME),
	     MS_RDONLY | MS_NOEXEC | MS_NOATIME);
	T_EQ(mount_attr_to_ms(MOUNT_ATTR_STRICTATIME), MS_STRICTATIME);
	T_EQ(mount_attr_from_statvfs(ST_NOSUID | ST_RELATIME), MOUNT_ATTR_NOSUID);
	T_EQ(mount_attr_from_statvfs(ST_NOATIME | ST_RDONLY),
	     MOUNT_ATTR_NOATIME | MOUNT_ATTR_RDONLY);
	T_EQ(mount_attr_from_statvfs(0), MOUNT_ATTR_STRICTATIME);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_names_are_sorted), T_TEST(test_specification),
		T_TEST(test_last_one_wins),    T_TEST(test_access_time),
		T_TEST(test_relatime),	       T_TEST(test_recursive),
		T_TEST(test_superblock),       T_TEST(test_propagation),
		T_TEST(test_propagation_name), T_TEST(test_data),
		T_TEST(test_no_prefixes),      T_TEST(test_idmap),
		T_TEST(test_ms_flags),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
