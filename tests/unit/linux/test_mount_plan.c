/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/mount_plan.h"

#include <errno.h>
#include <sys/mount.h>

#include "../t.h"
#include "base/alloc.h"
#include "base/err.h"

/* The plan of a JSON array of mounts, one operation a line. Static storage: one at a time. */
static char *text;
static struct mount_plan plan;
static struct oci_config *config;

static int make(const char *mounts, struct mount_plan_args args)
{
	autostrbuf struct strbuf json = STRBUF_INIT, out = STRBUF_INIT;
	struct oci_error err = { 0 };
	int r;

	mount_plan_clear(&plan);
	oci_config_free(config);
	config = NULL;
	free(text);
	text = NULL;
	err_clear();
	strbuf_addf(&json, "{\"ociVersion\":\"1.3.0\",\"mounts\":%s}", mounts);
	if (oci_config_parse(json.s, json.len, &config, &err) < 0) {
		printf("# %s\n", err.text);
		T_ASSERT(!"the JSON of the test is right");
	}
	args.mounts = config->mounts;
	args.mounts_len = config->mounts_len;
	args.bundle = "/b";
	r = mount_plan(&args, &plan);
	for (size_t i = 0; i < plan.len; i++) {
		mount_op_format(&plan.ops[i], &out);
		strbuf_add_c(&out, '\n');
	}
	text = xstrdup(strbuf_str(&out));
	return r;
}

#define PLAN(mounts, ...) make(mounts, (struct mount_plan_args){ __VA_ARGS__ })
#define REFUSED(mounts, message, ...)                     \
	do {                                              \
		T_EQ(PLAN(mounts, __VA_ARGS__), -EINVAL); \
		T_STR(err_get_text(), message);           \
		T_EQ(plan.len, 0);                        \
	} while (0)

static const char usual[] =
	"[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
	" \"options\":[\"nosuid\",\"strictatime\",\"mode=755\",\"size=65536k\"]},"
	"{\"destination\":\"/dev/pts\",\"type\":\"devpts\",\"source\":\"devpts\","
	" \"options\":[\"nosuid\",\"noexec\",\"newinstance\",\"ptmxmode=0666\",\"mode=0620\","
	"\"gid=5\"]},"
	"{\"destination\":\"/dev/mqueue\",\"type\":\"mqueue\",\"source\":\"mqueue\","
	" \"options\":[\"nosuid\",\"noexec\",\"nodev\"]},"
	"{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\","
	" \"options\":[\"nosuid\",\"noexec\",\"nodev\",\"ro\"]}]";

static void test_usual(void)
{
	T_EQ(PLAN(usual, .pidns = true), 0);
	T_STR(text,
	      "{\"op\":\"fs\",\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\","
	      "\"flags\":[\"plain-dir\"]}\n"
	      "{\"op\":\"fs\",\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
	      "\"flags\":[\"plain-dir\"],\"set\":[\"nosuid\",\"strictatime\"],"
	      "\"data\":[\"mode=755\",\"size=65536k\"]}\n"
	      "{\"op\":\"fs\",\"destination\":\"/dev/pts\",\"type\":\"devpts\","
	      "\"source\":\"devpts\",\"set\":[\"nosuid\",\"noexec\"],"
	      "\"data\":[\"newinstance\",\"ptmxmode=0666\",\"mode=0620\",\"gid=5\"]}\n"
	      "{\"op\":\"fs\",\"destination\":\"/dev/mqueue\",\"type\":\"mqueue\","
	      "\"source\":\"mqueue\",\"set\":[\"nosuid\",\"nodev\",\"noexec\"]}\n"
	      "{\"op\":\"fs\",\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\","
	      "\"flags\":[\"plain-dir\"],\"set\":[\"ro\",\"nosuid\",\"nodev\",\"noexec\"]}\n");
	T_EQ(plan.notes.len, 0);
	T_ASSERT(!plan.dev_bound);
}

/*
 * In a user namespace some file systems may not be ours to mount; the host's /proc only does when
 * the pid namespace is the same.
 */
static void test_alternatives(void)
{
	T_EQ(PLAN(usual, .userns = true), 0);
	T_STR(plan.ops[0].alternative, "/proc");
	T_STR(plan.ops[1].alternative, NULL);
	T_STR(plan.ops[3].alternative, "/dev/mqueue");
	T_STR(plan.ops[4].alternative, "/sys");
	T_EQ(PLAN(usual, .userns = true, .pidns = true), 0);
	T_STR(plan.ops[0].alternative, NULL);
}

static void test_binds(void)
{
	T_EQ(PLAN("[{\"destination\":\"a//b/../c/\",\"source\":\"rel/x\",\"options\":[\"bind\"]},"
		  "{\"destination\":\"/d\",\"type\":\"bind\",\"source\":\"/s\",\"options\":[\"ro\","
		  "\"rprivate\"]},"
		  "{\"destination\":\"/e\",\"type\":\"none\",\"source\":\"/s\",\"options\":"
		  "[\"rbind\",\"bind\",\"rro\",\"src-nofollow\",\"dest-nofollow\","
		  "\"copy-symlink\"]}]"),
	     0);
	T_STR(text,
	      "{\"op\":\"bind\",\"destination\":\"/a/c\",\"source\":\"/b/rel/x\","
	      "\"flags\":[\"keep-attrs\"]}\n"
	      "{\"op\":\"bind\",\"destination\":\"/d\",\"source\":\"/s\",\"set\":[\"ro\"],"
	      "\"propagation\":[\"rprivate\"]}\n"
	      "{\"op\":\"bind\",\"destination\":\"/e\",\"source\":\"/s\",\"flags\":[\"recursive\","
	      "\"src-nofollow\",\"dest-nofollow\",\"copy-symlink\"],\"recSet\":[\"ro\"]}\n");
}

static void test_bind_ignores_data(void)
{
	T_EQ(PLAN("[{\"destination\":\"/d\",\"source\":\"/s\",\"options\":[\"bind\",\"size=1k\"]},"
		  "{\"destination\":\"/d\",\"source\":\"/s\",\"options\":[\"bind\","
		  "\"tmpcopyup\"]}]"),
	     0);
	T_EQ(plan.notes.len, 2);
	T_STR(plan.notes.v[0], "mounts[0]: option 'size=1k' means nothing to a bind mount");
	T_STR(plan.notes.v[1], "mounts[1]: tmpcopyup means nothing to a bind mount");
	T_EQ(plan.ops[0].data.len, 0);
	T_EQ(plan.ops[1].flags, MOUNT_OP_KEEP_ATTRS);
}

static void test_private_root(void)
{
	T_EQ(PLAN("[{\"destination\":\"/d\",\"source\":\"/s\",\"options\":[\"bind\"]},"
		  "{\"destination\":\"/e\",\"source\":\"/s\",\"options\":[\"bind\",\"rslave\"]}]",
		  .rootfs_propagation = MS_PRIVATE | MS_REC),
	     0);
	T_EQ(plan.ops[0].attrs.propagation_len, 1);
	T_EQ(plan.ops[0].attrs.propagation[0], MS_PRIVATE | MS_REC);
	T_EQ(plan.ops[1].attrs.propagation[0], MS_SLAVE | MS_REC);
}

/* CVE-2023-25809: the cgroup file systems below the host's /sys. */
static void test_readonly_sys_is_recursive(void)
{
	T_EQ(PLAN("[{\"destination\":\"/sys\",\"source\":\"/sys\",\"options\":[\"rbind\","
		  "\"ro\"]}]"),
	     0);
	T_EQ(plan.ops[0].attrs.rec_set, MOUNT_ATTR_RDONLY);
}

static void test_tmpfs(void)
{
	T_EQ(PLAN("[{\"destination\":\"/run\",\"type\":\"tmpfs\",\"options\":[\"ro\","
		  "\"tmpcopyup\"]},"
		  "{\"destination\":\"/dev\",\"source\":\"/x\",\"options\":[\"bind\","
		  "\"ro\"]}]"),
	     0);
	T_STR(text,
	      "{\"op\":\"fs\",\"destination\":\"/run\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
	      "\"flags\":[\"copy-up\",\"inherit-mode\",\"late-ro\"]}\n"
	      "{\"op\":\"bind\",\"destination\":\"/dev\",\"source\":\"/x\","
	      "\"flags\":[\"plain-dir\",\"late-ro\"]}\n");
	T_ASSERT(plan.dev_bound);
}

static void test_disk_file_system(void)
{
	T_EQ(PLAN("[{\"destination\":\"/mnt\",\"type\":\"ext4\",\"source\":\"/dev/sda\","
		  "\"options\":[\"ro\",\"sync\",\"errors=continue\"]}]"),
	     0);
	T_STR(text,
	      "{\"op\":\"fs\",\"destination\":\"/mnt\",\"type\":\"ext4\",\"source\":\"/dev/sda\","
	      "\"set\":[\"ro\"],\"superblock\":[\"ro\",\"sync\"],"
	      "\"data\":[\"errors=continue\"]}\n");
}

static void test_remount(void)
{
	T_EQ(PLAN("[{\"destination\":\"/\",\"options\":[\"remount\",\"bind\",\"nosuid\"]},"
		  "{\"destination\":\"/run\",\"options\":[\"remount\",\"size=1m\",\"ro\"]}]"),
	     0);
	T_STR(text, "{\"op\":\"remount\",\"destination\":\"/\",\"set\":[\"nosuid\"]}\n"
		    "{\"op\":\"remount\",\"destination\":\"/run\",\"flags\":[\"superblock\"],"
		    "\"set\":[\"ro\"],\"data\":[\"size=1m\"]}\n");
}

static void test_label(void)
{
	T_EQ(PLAN(usual, .label = "u:r:t:s0:c1,c2", .pidns = true), 0);
	T_EQ(plan.ops[0].data.len, 0);
	T_STR(plan.ops[1].data.v[2], "context=\"u:r:t:s0:c1,c2\"");
	T_STR(plan.ops[2].data.v[4], "context=\"u:r:t:s0:c1,c2\"");
	T_EQ(plan.ops[3].flags, MOUNT_OP_LABEL_ROOT);
	T_STR(plan.ops[3].label, "u:r:t:s0:c1,c2");
	T_EQ(plan.ops[4].data.len, 0);
	T_EQ(PLAN(usual, .label = "x", .label_type = "fscontext"), 0);
	T_STR(plan.ops[1].data.v[2], "fscontext=\"x\"");
}

static void test_optional(void)
{
	struct oci_map *map = NULL;

	oci_map_set(&map, "sys/fs/fuse/", "1");
	T_EQ(PLAN("[{\"destination\":\"/sys/fs/fuse\",\"source\":\"/s\",\"options\":[\"bind\"]},"
		  "{\"destination\":\"/sys/fs/fus\",\"source\":\"/s\",\"options\":[\"bind\"]}]",
		  .optional = map),
	     0);
	T_EQ(plan.ops[0].flags, MOUNT_OP_OPTIONAL | MOUNT_OP_KEEP_ATTRS);
	T_EQ(plan.ops[1].flags, MOUNT_OP_KEEP_ATTRS);
	free(map->keys[0]);
	free(map->values[0]);
	free(map->keys);
	free(map->values);
	free(map);
}

static void test_refused(void)
{
	REFUSED("[{\"destination\":\"\",\"type\":\"tmpfs\"}]", "mounts[0]: no destination");
	REFUSED("[{\"destination\":\"/a\",\"type\":\"tmpfs\"},{\"destination\":\"/../\","
		"\"type\":\"tmpfs\"}]",
		"mounts[1]: nothing can be mounted on '/', use root.path");
	REFUSED("[{\"destination\":\"/\",\"type\":\"tmpfs\",\"options\":[\"tmpcopyup\"]}]",
		"mounts[0]: tmpcopyup is for a tmpfs that is not on '/'");
	REFUSED("[{\"destination\":\"/a\",\"type\":\"ramfs\",\"options\":[\"tmpcopyup\"]}]",
		"mounts[0]: tmpcopyup is for a tmpfs that is not on '/'");
	REFUSED("[{\"destination\":\"/a\",\"source\":\"/x\"}]",
		"mounts[0]: mount on '/a' without a type");
	REFUSED("[{\"destination\":\"/a\",\"source\":\"/x\",\"type\":\"none\"}]",
		"mounts[0]: mount on '/a' without a type");
	REFUSED("[{\"destination\":\"/a\",\"options\":[\"bind\"]}]",
		"mounts[0]: bind mount on '/a' without a source");
}

/* CVE-2019-16884, CVE-2025-52881. */
static void test_proc(void)
{
	REFUSED("[{\"destination\":\"/proc\",\"type\":\"tmpfs\"}]",
		"mounts[0]: 'tmpfs' cannot be mounted on '/proc' because it is not of type proc");
	REFUSED("[{\"destination\":\"/x/../proc/self/attr\",\"source\":\"/v\","
		"\"options\":[\"bind\"]}]",
		"mounts[0]: '/proc/self/attr' cannot be mounted because it is inside /proc");
	REFUSED("[{\"destination\":\"/proc/net/dev\",\"source\":\"/v\",\"options\":[\"bind\"]}]",
		"mounts[0]: '/proc/net/dev' cannot be mounted because it is inside /proc");
	REFUSED("[{\"destination\":\"/proc/sys\",\"options\":[\"remount\",\"ro\"]}]",
		"mounts[0]: '/proc/sys' cannot be mounted because it is inside /proc");
	T_EQ(PLAN("[{\"destination\":\"/proc\",\"source\":\"/proc\",\"options\":[\"rbind\"]},"
		  "{\"destination\":\"/proc/meminfo\",\"source\":\"/x\",\"options\":[\"bind\"]},"
		  "{\"destination\":\"/process\",\"type\":\"tmpfs\"}]"),
	     0);
	T_EQ(plan.ops[0].flags,
	     MOUNT_OP_REC | MOUNT_OP_PLAIN_DIR | MOUNT_OP_KEEP_ATTRS | MOUNT_OP_SOURCE_PROC);
	T_EQ(plan.ops[1].flags, MOUNT_OP_KEEP_ATTRS);
}

static void test_idmap(void)
{
	struct oci_id_mapping own[] = { { .container_id = 0, .host_id = 100000, .size = 1000 } };
	struct idmap userns = { own, 1, own, 1 };

	T_EQ(PLAN("[{\"destination\":\"/a\",\"source\":\"/s\",\"options\":[\"bind\",\"idmap\"]}]",
		  .userns = true),
	     0);
	T_EQ(plan.ops[0].flags, MOUNT_OP_KEEP_ATTRS | MOUNT_OP_IDMAP | MOUNT_OP_IDMAP_USERNS);
	T_EQ(PLAN("[{\"destination\":\"/a\",\"source\":\"/s\",\"options\":[\"rbind\",\"ridmap\"],"
		  "\"uidMappings\":[{\"containerID\":0,\"hostID\":5,\"size\":2}],"
		  "\"gidMappings\":[{\"containerID\":0,\"hostID\":7,\"size\":3}]}]"),
	     0);
	T_STR(text, "{\"op\":\"bind\",\"destination\":\"/a\",\"source\":\"/s\","
		    "\"flags\":[\"recursive\",\"keep-attrs\",\"idmap\",\"idmap-recursive\"],"
		    "\"uidMap\":[[0,5,2]],\"gidMap\":[[0,7,3]]}\n");
	T_EQ(PLAN("[{\"destination\":\"/a\",\"source\":\"/s\",\"options\":[\"bind\","
		  "\"idmap=uids=0-9-1#@5-10-20;gids=0-9-1\"]}]",
		  .userns_map = userns),
	     0);
	T_STR(text, "{\"op\":\"bind\",\"destination\":\"/a\",\"source\":\"/s\",\"flags\":["
		    "\"keep-attrs\",\"idmap\"],\"uidMap\":[[0,9,1],[5,100010,20]],"
		    "\"gidMap\":[[0,9,1]]}\n");
}

static void test_idmap_refused(void)
{
	struct oci_id_mapping own[] = { { .container_id = 0, .host_id = 100000, .size = 1000 } };
	struct idmap userns = { own, 1, own, 1 };

	REFUSED("[{\"destination\":\"/a\",\"source\":\"/s\",\"options\":[\"bind\",\"idmap\"]}]",
		"mounts[0]: idmap without mappings in a container without a user namespace");
	REFUSED("[{\"destination\":\"/a\",\"type\":\"tmpfs\",\"options\":[\"idmap\"]}]",
		"mounts[0]: only bind mounts can have id mappings", .userns = true);
	REFUSED("[{\"destination\":\"/a\",\"source\":\"/s\",\"options\":[\"bind\","
		"\"idmap=uids=0-9;gids=0-9-1\"]}]",
		"mounts[0]: 'uids=0-9;gids=0-9-1' is no id mapping");
	REFUSED("[{\"destination\":\"/a\",\"source\":\"/s\",\"options\":[\"bind\","
		"\"idmap=uids=0-0-1;gids=@0-990-11\"]}]",
		"mounts[0]: 'uids=0-0-1;gids=@0-990-11' is no id mapping within that of the "
		"container",
		.userns_map = userns);
	T_EQ(PLAN("[{\"destination\":\"/a\",\"source\":\"/s\",\"options\":[\"bind\"],"
		  "\"uidMappings\":[{\"containerID\":0,\"hostID\":5,\"size\":2}]}]"),
	     -EINVAL);
	T_CONTAINS(err_get_text(), "mounts[0]: ");
}

/* ---- cgroups ---- */

static const char cgroup[] =
	"[{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\",\"source\":\"cgroup\","
	"\"options\":[\"nosuid\",\"ro\"]}]";

static const struct mount_cgroup v2[] = { { "", "/sys/fs/cgroup", "/x" } };
static const struct mount_cgroup hybrid[] = {
	{ "", "/sys/fs/cgroup/unified", "/x" },
	{ "cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct", "/y" },
	{ "name=systemd", "/sys/fs/cgroup/systemd", "/" },
};

static void test_cgroup2(void)
{
	T_EQ(PLAN(cgroup, .cgroup_mode = MOUNT_CGROUP_V2, .cgroups = v2, .cgroups_len = 1,
		  .cgroupns = true),
	     0);
	T_STR(text, "{\"op\":\"fs\",\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup2\","
		    "\"source\":\"cgroup\",\"set\":[\"ro\",\"nosuid\"]}\n");
	T_EQ(PLAN(cgroup, .cgroup_mode = MOUNT_CGROUP_V2, .cgroups = v2, .cgroups_len = 1), 0);
	T_STR(text, "{\"op\":\"bind\",\"destination\":\"/sys/fs/cgroup\","
		    "\"source\":\"/sys/fs/cgroup/x\",\"flags\":[\"mask-missing\"],"
		    "\"set\":[\"ro\",\"nosuid\"]}\n");
}

/* What is there is then the caller's own cgroup, or the whole host's. */
static void test_cgroup2_none_of_our_own(void)
{
	const char rw[] = "[{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\","
			  "\"options\":[\"rw\"]}]";

	T_EQ(PLAN(rw, .cgroup_mode = MOUNT_CGROUP_V2, .cgroupns = true), 0);
	T_STR(text, "{\"op\":\"fs\",\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup2\","
		    "\"source\":\"cgroup\",\"set\":[\"ro\"]}\n");
	T_EQ(PLAN(rw, .cgroup_mode = MOUNT_CGROUP_V2, .cgroups = v2, .cgroups_len = 1,
		  .cgroupns = true, .cgroups_may_fail = true),
	     0);
	T_EQ(plan.ops[0].attrs.set, MOUNT_ATTR_RDONLY);
	T_EQ(plan.ops[0].attrs.clear, 0);
	T_EQ(PLAN(rw, .cgroup_mode = MOUNT_CGROUP_V2, .userns = true), 0);
	T_EQ(plan.ops[0].attrs.set, MOUNT_ATTR_RDONLY);
	T_STR(plan.ops[0].alternative, "/sys/fs/cgroup");
}

static void test_cgroup_hybrid(void)
{
	T_EQ(PLAN(cgroup, .cgroup_mode = MOUNT_CGROUP_V1, .cgroups = hybrid, .cgroups_len = 3), 0);
	T_STR(text, "{\"op\":\"fs\",\"destination\":\"/sys/fs/cgroup\",\"type\":\"tmpfs\","
		    "\"source\":\"tmpfs\",\"flags\":[\"late-ro\"],\"set\":[\"nosuid\",\"nodev\","
		    "\"noexec\"],\"data\":[\"mode=755\"]}\n"
		    "{\"op\":\"bind\",\"destination\":\"/sys/fs/cgroup/unified\","
		    "\"source\":\"/sys/fs/cgroup/unified/x\",\"flags\":[\"mask-missing\"],"
		    "\"set\":[\"ro\",\"nosuid\"]}\n"
		    "{\"op\":\"bind\",\"destination\":\"/sys/fs/cgroup/cpu,cpuacct\","
		    "\"source\":\"/sys/fs/cgroup/cpu,cpuacct/y\",\"flags\":[\"mask-missing\"],"
		    "\"set\":[\"ro\",\"nosuid\"]}\n"
		    "{\"op\":\"symlink\",\"destination\":\"/sys/fs/cgroup/cpu\","
		    "\"source\":\"cpu,cpuacct\"}\n"
		    "{\"op\":\"symlink\",\"destination\":\"/sys/fs/cgroup/cpuacct\","
		    "\"source\":\"cpu,cpuacct\"}\n"
		    "{\"op\":\"bind\",\"destination\":\"/sys/fs/cgroup/systemd\","
		    "\"source\":\"/sys/fs/cgroup/systemd\",\"flags\":[\"mask-missing\"],"
		    "\"set\":[\"ro\",\"nosuid\"]}\n");
}

static void test_cgroup_hybrid_namespace(void)
{
	T_EQ(PLAN(cgroup, .cgroup_mode = MOUNT_CGROUP_V1, .cgroups = hybrid, .cgroups_len = 3,
		  .cgroupns = true, .userns = true),
	     0);
	T_STR(plan.ops[1].fstype, "cgroup2");
	T_STR(plan.ops[2].fstype, "cgroup");
	T_STR(plan.ops[2].alternative, "/sys/fs/cgroup/cpu,cpuacct/y");
	T_EQ(plan.ops[2].data.len, 2);
	T_STR(plan.ops[2].data.v[1], "cpuacct");
	T_STR(plan.ops[5].data.v[0], "name=systemd");
	T_STR(plan.ops[5].data.v[1], "none");
}

static void test_cgroup_absent(void)
{
	T_EQ(PLAN(cgroup, .cgroup_mode = MOUNT_CGROUP_NONE), 0);
	T_STR(text, "{\"op\":\"fs\",\"destination\":\"/sys/fs/cgroup\",\"type\":\"tmpfs\","
		    "\"source\":\"tmpfs\",\"flags\":[\"late-ro\"],\"set\":[\"nosuid\",\"nodev\","
		    "\"noexec\"],\"data\":[\"mode=755\"]}\n");
	T_EQ(plan.notes.len, 1);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_usual),
		T_TEST(test_alternatives),
		T_TEST(test_binds),
		T_TEST(test_bind_ignores_data),
		T_TEST(test_private_root),
		T_TEST(test_readonly_sys_is_recursive),
		T_TEST(test_tmpfs),
		T_TEST(test_disk_file_system),
		T_TEST(test_remount),
		T_TEST(test_label),
		T_TEST(test_optional),
		T_TEST(test_refused),
		T_TEST(test_proc),
		T_TEST(test_idmap),
		T_TEST(test_idmap_refused),
		T_TEST(test_cgroup2),
		T_TEST(test_cgroup2_none_of_our_own),
		T_TEST(test_cgroup_hybrid),
		T_TEST(test_cgroup_hybrid_namespace),
		T_TEST(test_cgroup_absent),
	};
	int r = t_run(tests, ARRAY_SIZE(tests));

	mount_plan_clear(&plan);
	oci_config_free(config);
	free(text);
	return r;
}
