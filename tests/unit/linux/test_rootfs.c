/* SPDX-License-Identifier: Apache-2.0 */
/* Root, devices and masks: from the outside to the inside of a container's root. */
#include "linux/rootfs.h"

#include <linux/magic.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/mountinfo.h"
#include "linux/dev.h"
#include "linux/mask.h"
#include "tests/unit/linux/box.h"

#define OPEN(b)                                   \
	do {                                      \
		CHILD_CHECK(box_open(b) == 0);    \
		CHILD_CHECK(box_prepare(b) == 0); \
	} while (0)
#define MOUNT(b, mounts) CHILD_CHECK(box_mount((b), (mounts)) == 0)
#define ENTER(b)	 CHILD_CHECK(rootfs_enter(&(b)->api, &(b)->args, (b)->root_fd) == 0)
#define FINISH(b)	 CHILD_CHECK(rootfs_finish(&(b)->api, &(b)->args, (b)->root_fd) == 0)

static const char basic[] =
	"[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"options\":[\"nosuid\",\"mode=755\"]},"
	"{\"destination\":\"/sys\",\"type\":\"sysfs\",\"options\":[\"nosuid\",\"nodev\"]}]";

/* ---- propagation, as /proc/self/mountinfo has it ---- */

struct wanted {
	const char *mountpoint;
	char *propagation;
};

static int find(void *arg, const struct mountinfo *m)
{
	struct wanted *w = arg;

	if (str_eq(m->mountpoint, w->mountpoint)) {
		free(w->propagation);
		w->propagation = xstrdup(m->propagation);
	}
	return 0;
}

/* Of the topmost mount there; NULL when there is none. Heap. */
static char *propagation(const char *mountpoint)
{
	struct wanted w = { .mountpoint = mountpoint };
	autofree char *text = NULL;

	if (file_read_at(AT_FDCWD, "/proc/self/mountinfo", 1 << 24, &text, NULL) == 0)
		(void) mountinfo_each(text, find, &w);
	return w.propagation;
}

/* ---- root ---- */

static int pivot(void *arg)
{
	struct box *b = arg;
	char cwd[64];

	CHILD_CHECK(box_open(b) == 0);
	CHILD_CHECK(mkdir("/tmp/r/sub", 0755) == 0);
	CHILD_CHECK(mount("sub", "/tmp/r/sub", "tmpfs", 0, NULL) == 0);
	CHILD_CHECK(box_write("/tmp/r/sub/f", "sub\n"));
	b->args.readonly = true;
	CHILD_CHECK(box_prepare(b) == 0);
	MOUNT(b, basic);
	ENTER(b);
	CHILD_CHECK(getcwd(cwd, sizeof(cwd)) && strcmp(cwd, "/") == 0);
	CHILD_CHECK(box_is("/sub/f", "sub\n"));
	CHILD_CHECK(!box_exists("/tmp") && !box_exists("/../tmp"));
	CHILD_CHECK(mkdir("/still-writable", 0755) == 0);
	FINISH(b);
	CHILD_CHECK(mkdir("/x", 0755) < 0 && errno == EROFS);
	CHILD_CHECK(box_write("/sub/only-the-top", ""));
	/* Nothing of the host is left in the namespace. */
	CHILD_CHECK(!propagation("/tmp") && !propagation("/tmp/r"));
	return 0;
}
static void test_pivot(void)
{
	box_run(pivot);
}

static int no_pivot(void *arg)
{
	struct box *b = arg;

	CHILD_CHECK(box_open(b) == 0);
	b->args.enter = ROOTFS_MOVE;
	b->args.readonly = true;
	CHILD_CHECK(box_prepare(b) == 0);
	MOUNT(b, basic);
	ENTER(b);
	CHILD_CHECK(box_exists("/proc/self/stat") && !box_exists("/tmp"));
	FINISH(b);
	CHILD_CHECK(mkdir("/x", 0755) < 0 && errno == EROFS);
	return 0;
}
static void test_no_pivot(void)
{
	box_run(no_pivot);
}

static int only_chroot(void *arg)
{
	struct box *b = arg;

	CHILD_CHECK(box_open(b) == 0);
	b->args.enter = ROOTFS_CHROOT;
	b->args.readonly = true;
	CHILD_CHECK(box_prepare(b) == 0);
	ENTER(b);
	FINISH(b);
	CHILD_CHECK(mkdir("/x", 0755) == 0 && !box_exists("/tmp"));
	return 0;
}
static void test_only_chroot(void)
{
	box_run(only_chroot);
}

/*
 * A host whose mounts are all shared, as systemd makes them: a child namespace must not change it.
 */
struct host {
	struct box *box;
	unsigned int propagation;
	const char *expect; /* of "/" inside: "shared", "master" or "" */
};

static int in_shared_host(void *arg)
{
	struct host *h = arg;
	struct box *b = h->box;
	autofree char *inside = NULL;

	b->args.propagation = h->propagation;
	mount_api_close(&b->api);
	CHILD_CHECK(mount_api_open(&b->api) == 0 && box_prepare(b) == 0);
	MOUNT(b, "[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
		 "{\"destination\":\"/v\",\"source\":\"/tmp/v\",\"options\":[\"bind\"]}]");
	ENTER(b);
	FINISH(b);
	inside = propagation("/");
	CHILD_CHECK(inside != NULL);
	CHILD_CHECK(!strstr(inside, "shared:") == !strstr(h->expect, "shared"));
	CHILD_CHECK(!strstr(inside, "master:") == !strstr(h->expect, "master"));
	CHILD_CHECK(!strstr(inside, "unbindable") == !strstr(h->expect, "unbindable"));
	CHILD_CHECK(mkdir("/v/inside", 0755) == 0);
	CHILD_CHECK(mount("inside", "/v/inside", "tmpfs", 0, NULL) == 0);
	return 0;
}

static int shared_host(struct box *b, unsigned int flags, const char *expect, bool reaches_host)
{
	struct host h = { .box = b, .propagation = flags, .expect = expect };

	CHILD_CHECK(box_open(b) == 0);
	CHILD_CHECK(mkdir("/tmp/v", 0755) == 0 && mount("v", "/tmp/v", "tmpfs", 0, NULL) == 0);
	CHILD_CHECK(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) == 0);
	CHILD_CHECK(child_run_unshared(CLONE_NEWNS, in_shared_host, &h) == 0);
	CHILD_CHECK(!propagation("/tmp/r"));
	CHILD_CHECK(!propagation("/tmp/r/v") && !propagation("/tmp/r/proc"));
	CHILD_CHECK(propagation("/tmp") && propagation("/proc") && propagation("/"));
	CHILD_CHECK(!propagation("/tmp/v/inside") == !reaches_host);
	return 0;
}

static int slave_by_default(void *arg)
{
	return shared_host(arg, 0, "master", false);
}
static int slave_said(void *arg)
{
	return shared_host(arg, MS_SLAVE | MS_REC, "master", false);
}
static int private_root(void *arg)
{
	return shared_host(arg, MS_PRIVATE, "", false);
}
static int private_all(void *arg)
{
	return shared_host(arg, MS_PRIVATE | MS_REC, "", false);
}
static int unbindable_root(void *arg)
{
	return shared_host(arg, MS_UNBINDABLE, "unbindable", false);
}
/*
 * Its own peer group; but a volume stays in that of the host, which is what engines ask for it for.
 */
static int shared_root(void *arg)
{
	return shared_host(arg, MS_SHARED, "shared", true);
}
static int shared_all(void *arg)
{
	return shared_host(arg, MS_SHARED | MS_REC, "shared", true);
}
static void test_propagation(void)
{
	box_run(slave_by_default);
	box_run(slave_said);
	box_run(private_root);
	box_run(private_all);
	box_run(unbindable_root);
	box_run(shared_root);
	box_run(shared_all);
}

static int root_attributes(void *arg)
{
	const struct mount_attrs attrs = { .set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY };
	struct box *b = arg;

	CHILD_CHECK(box_open(b) == 0);
	b->args.attrs = &attrs;
	CHILD_CHECK(box_prepare(b) == 0);
	MOUNT(b, basic);
	ENTER(b);
	FINISH(b);
	CHILD_CHECK((box_flags("/") & (ST_NOSUID | ST_RDONLY)) == (ST_NOSUID | ST_RDONLY));
	return 0;
}
static void test_root_attributes(void)
{
	box_run(root_attributes);
}

/* ---- devices ---- */

static int devices(const struct box *b, bool bind)
{
	struct dev_plan plan;
	struct dev_args args = {
		.api = &b->api,
		.root_fd = b->root_fd,
		.plan = &plan,
		.bind = bind,
		.outside_fd = FD_NONE,
		.links = true,
	};
	int r = dev_plan(NULL, 0, true, &plan);

	if (r == 0)
		r = dev_apply(&args);
	dev_plan_clear(&plan);
	return r;
}

static bool is_char(const char *path, unsigned int major_nr, unsigned int minor_nr)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(major_nr, minor_nr) && (st.st_mode & 0777) == 0666;
}

static bool is_link(const char *path, const char *to)
{
	char text[64];
	ssize_t n = readlink(path, text, sizeof(text) - 1);

	if (n < 0)
		return false;
	text[n] = '\0';
	return strcmp(text, to) == 0;
}

static int check_devices(void)
{
	CHILD_CHECK(is_char("/tmp/r/dev/null", 1, 3) && is_char("/tmp/r/dev/zero", 1, 5));
	CHILD_CHECK(is_char("/tmp/r/dev/full", 1, 7) && is_char("/tmp/r/dev/random", 1, 8));
	CHILD_CHECK(is_char("/tmp/r/dev/urandom", 1, 9) && is_char("/tmp/r/dev/tty", 5, 0));
	CHILD_CHECK(is_link("/tmp/r/dev/fd", "/proc/self/fd"));
	CHILD_CHECK(is_link("/tmp/r/dev/stdin", "/proc/self/fd/0"));
	CHILD_CHECK(is_link("/tmp/r/dev/stderr", "/proc/self/fd/2"));
	CHILD_CHECK(is_link("/tmp/r/dev/ptmx", "pts/ptmx"));
	CHILD_CHECK(box_write("/tmp/r/dev/null", "gone"));
	return 0;
}

static int make_devices(void *arg)
{
	struct box *b = arg;

	OPEN(b);
	umask(077);
	CHILD_CHECK(devices(b, false) == 0);
	CHILD_CHECK(umask(022) == 077);
	/* Again: what is there already is right. */
	CHILD_CHECK(unlink("/tmp/r/dev/ptmx") == 0 && box_write("/tmp/r/dev/ptmx", ""));
	CHILD_CHECK(devices(b, false) == 0);
	return check_devices();
}
static void test_devices(void)
{
	box_run(make_devices);
}

static int bind_devices(void *arg)
{
	struct box *b = arg;

	OPEN(b);
	MOUNT(b, basic);
	CHILD_CHECK(devices(b, true) == 0);
	return check_devices();
}
static void test_bound_devices(void)
{
	box_run(bind_devices);
}

static int configured_devices(void *arg)
{
	struct oci_device list[] = {
		{ .path = (char *) "/dev/null",
		  .type = (char *) "c",
		  .major = 1,
		  .has_major = true,
		  .minor = 3,
		  .has_minor = true,
		  .file_mode = S_IFCHR | 0640,
		  .has_file_mode = true,
		  .uid = 5,
		  .has_uid = true,
		  .gid = 6,
		  .has_gid = true },
		{ .path = (char *) "/dev/sub/../sub/pipe/",
		  .type = (char *) "p",
		  .major = 9,
		  .has_major = true,
		  .minor = 9,
		  .has_minor = true },
		{ .path = (char *) "/lnk/x",
		  .type = (char *) "b",
		  .major = 4095,
		  .has_major = true,
		  .minor = 1048575,
		  .has_minor = true },
	};
	struct box *b = arg;
	struct dev_plan plan;
	struct dev_args args = { .api = &b->api, .plan = &plan, .outside_fd = FD_NONE };
	struct stat st;

	OPEN(b);
	CHILD_CHECK(symlink("/tmp/h", "/tmp/r/lnk") == 0);
	CHILD_CHECK(dev_plan(list, ARRAY_SIZE(list), true, &plan) == 0 && plan.len == 8);
	args.root_fd = b->root_fd;
	CHILD_CHECK(dev_apply(&args) == 0);
	CHILD_CHECK(stat("/tmp/r/dev/null", &st) == 0 && st.st_uid == 5 && st.st_gid == 6 &&
		    (st.st_mode & 07777) == 0640);
	CHILD_CHECK(stat("/tmp/r/dev/sub/pipe", &st) == 0 && S_ISFIFO(st.st_mode));
	CHILD_CHECK(stat("/tmp/r/tmp/h/x", &st) == 0 && S_ISBLK(st.st_mode) &&
		    st.st_rdev == makedev(4095, 1048575));
	CHILD_CHECK(box_host_untouched());
	dev_plan_clear(&plan);
	return 0;
}
static void test_configured_devices(void)
{
	box_run(configured_devices);
}

static void refused_device(struct oci_device d, const char *text)
{
	struct dev_plan plan;

	T_EQ(dev_plan(&d, 1, true, &plan), -EINVAL);
	T_STR(err_get_text(), text);
	T_EQ(plan.len, 0);
}

static void test_device_plan_refused(void)
{
	static const char numbers[] = "linux.devices[0]: '/dev/x' needs a major number of 0 to "
				      "4095 and a minor number of 0 to 1048575";
	struct oci_device d = { .path = (char *) "/dev/x", .type = (char *) "q" };

	refused_device(d, "linux.devices[0]: type 'q' is none of c, u, b, p");
	d.type = (char *) "c";
	refused_device(d, numbers);
	d.has_major = d.has_minor = true;
	d.minor = 1048576;
	refused_device(d, numbers);
	d.minor = 0;
	d.path = (char *) "/dev/../";
	refused_device(d, "linux.devices[0]: '/dev/../' is no path for a device");
}

/* S1, S3. */
static int hostile_dev(void *arg)
{
	struct box *b = arg;

	OPEN(b);
	CHILD_CHECK(symlink("/tmp/h", "/tmp/r/dev") == 0);
	CHILD_CHECK(devices(b, false) == -ENOTDIR);
	CHILD_CHECK(str_eq(err_get_text(), "make devices: '/dev' of the root file system must be "
					   "an ordinary directory"));
	CHILD_CHECK(unlink("/tmp/r/dev") == 0 && symlink("../h", "/tmp/r/dev") == 0);
	CHILD_CHECK(devices(b, true) == -ENOTDIR);
	CHILD_CHECK(unlink("/tmp/r/dev") == 0 && mkdir("/tmp/r/dev", 0755) == 0);
	CHILD_CHECK(symlink("/tmp/h/file", "/tmp/r/dev/null") == 0);
	CHILD_CHECK(devices(b, false) == -EEXIST);
	CHILD_CHECK(strcmp(err_get_text(), "'/dev/null' is not the character device 1:3") == 0);
	CHILD_CHECK(devices(b, true) < 0);
	CHILD_CHECK(unlink("/tmp/r/dev/null") == 0);
	CHILD_CHECK(mknod("/tmp/r/dev/null", S_IFBLK | 0666, makedev(1, 3)) == 0);
	CHILD_CHECK(devices(b, false) == -EEXIST);
	CHILD_CHECK(unlink("/tmp/r/dev/null") == 0 && mkfifo("/tmp/r/dev/null", 0666) == 0);
	CHILD_CHECK(devices(b, false) == -EEXIST);
	CHILD_CHECK(devices(b, true) == -EEXIST);
	CHILD_CHECK(box_host_untouched());
	return 0;
}
static void test_hostile_dev(void)
{
	box_run(hostile_dev);
}

/* ---- masks ---- */

struct masks {
	const char *masked[8];
	const char *readonly[8];
	const char *writable[2];
};

static size_t count(const char *const *v, size_t max)
{
	size_t n = 0;

	while (n < max && v[n])
		n++;
	return n;
}

/* Mounts, masks and enters as a container does. */
static int mask(struct box *b, const struct masks *m, const char *mounts)
{
	struct mask_args args = {
		.api = &b->api,
		.masked = (char *const *) m->masked,
		.masked_len = count(m->masked, ARRAY_SIZE(m->masked)),
		.readonly = (char *const *) m->readonly,
		.readonly_len = count(m->readonly, ARRAY_SIZE(m->readonly)),
		.writable = (char *const *) m->writable,
		.writable_len = count(m->writable, ARRAY_SIZE(m->writable)),
		.null_fd = FD_NONE,
	};
	autofd int null_fd = FD_NONE;
	int r = mask_open_null(&null_fd);

	if (r == 0)
		r = box_prepare(b);
	if (r == 0)
		r = box_mount(b, mounts);
	if (r == 0)
		r = devices(b, b->args.propagation & MS_SHARED);
	if (r == 0)
		r = rootfs_enter(&b->api, &b->args, b->root_fd);
	args.null_fd = null_fd;
	args.root_fd = b->root_fd;
	args.proc_fd = b->proc_fd;
	return r < 0 ? r : mask_apply(&args);
}

static int masks(void *arg)
{
	const struct masks m = {
		.masked = { "/proc/kcore", "/proc/kcore", "/proc/timer_list", "/proc/no-such",
			    "/proc/fs", "/sys/kernel", "/sys/firmware", "/etc/secret" },
		.readonly = { "/proc/sys", "/proc/sys", "/proc/irq", "/no/such", "/sys/devices" },
		.writable = { "/proc/sys/net", "/proc/no-such" },
	};
	struct box *b = arg;
	struct stat a, c;

	CHILD_CHECK(box_open(b) == 0);
	CHILD_CHECK(mkdir("/tmp/r/etc", 0755) == 0 && box_write("/tmp/r/etc/secret", "secret"));
	CHILD_CHECK(mask(b, &m, basic) == 0);
	CHILD_CHECK(stat("/proc/timer_list", &a) == 0 && S_ISCHR(a.st_mode) &&
		    a.st_rdev == makedev(1, 3));
	CHILD_CHECK(box_is("/etc/secret", ""));
	CHILD_CHECK(stat("/proc/fs", &a) == 0 && stat("/sys/kernel", &c) == 0);
	CHILD_CHECK(a.st_dev == c.st_dev && a.st_ino == c.st_ino);
	CHILD_CHECK(mkdir("/sys/kernel/x", 0755) < 0 && errno == EROFS);
	CHILD_CHECK((box_flags("/sys/kernel") & (ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_RDONLY)) ==
		    (ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_RDONLY));
	CHILD_CHECK(box_flags("/proc/sys") & ST_RDONLY);
	CHILD_CHECK(!(box_flags("/proc/sys/net") & ST_RDONLY));
	CHILD_CHECK(!(box_flags("/proc") & ST_RDONLY));
	CHILD_CHECK((box_flags("/sys/devices") & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC)) ==
		    (ST_RDONLY | ST_NOSUID | ST_NODEV));
	return 0;
}
static void test_masks(void)
{
	box_run(masks);
}

static int masks_of_root(void *arg)
{
	const struct masks masked = { .masked = { "/a/../" } };
	struct box *b = arg;

	CHILD_CHECK(box_open(b) == 0);
	CHILD_CHECK(mask(b, &masked, basic) == -EINVAL);
	CHILD_CHECK(strcmp(err_get_text(), "mask '/a/../': not the root itself") == 0);
	return 0;
}
static void test_masks_of_root(void)
{
	box_run(masks_of_root);
}

/* S13: links that point out of the root, or to other places in it. */
static int hostile_masks(void *arg)
{
	const struct masks m = { .masked = { "/out", "/up", "/inside" },
				 .readonly = { "/outdir" } };
	struct box *b = arg;

	CHILD_CHECK(box_open(b) == 0);
	CHILD_CHECK(symlink("/tmp/h/file", "/tmp/r/out") == 0);
	CHILD_CHECK(symlink("../../h/file", "/tmp/r/up") == 0);
	CHILD_CHECK(symlink("/tmp/h", "/tmp/r/outdir") == 0);
	CHILD_CHECK(symlink("target", "/tmp/r/inside") == 0 && box_write("/tmp/r/target", "x"));
	CHILD_CHECK(mask(b, &m, basic) == 0);
	CHILD_CHECK(box_is("/target", ""));
	return 0;
}
static void test_hostile_masks(void)
{
	box_run(hostile_masks);
}

/* A name that is a mount point elsewhere can be renamed by those who see the directory only. */
static int rename_proc(void *arg)
{
	const struct box *b = arg;

	CHILD_CHECK(umount2("/proc", MNT_DETACH) == 0);
	CHILD_CHECK(renameat(b->root_fd, "proc", b->root_fd, "else") == 0);
	CHILD_CHECK(mkdirat(b->root_fd, "proc", 0755) == 0);
	return 0;
}

/* The image has moved the mount point of proc away: its files are masked all the same. */
static int moved_proc(void *arg)
{
	struct box *b = arg;
	char *paths[] = { (char *) "/proc/timer_list" };
	struct mask_args args = { .api = &b->api, .masked = paths, .masked_len = 1 };
	autofd int null_fd = FD_NONE;
	struct stat st;

	CHILD_CHECK(box_open(b) == 0);
	CHILD_CHECK(mask_open_null(&null_fd) == 0 && box_prepare(b) == 0);
	MOUNT(b, basic);
	CHILD_CHECK(devices(b, false) == 0);
	ENTER(b);
	CHILD_CHECK(child_run_unshared(CLONE_NEWNS, rename_proc, b) == 0);
	CHILD_CHECK(!box_exists("/proc/timer_list") && box_exists("/else/timer_list"));
	args.null_fd = null_fd;
	args.root_fd = b->root_fd;
	args.proc_fd = b->proc_fd;
	CHILD_CHECK(mask_apply(&args) == 0);
	CHILD_CHECK(fstatat(b->proc_fd, "timer_list", &st, 0) == 0 && S_ISCHR(st.st_mode));
	return 0;
}
static void test_moved_proc(void)
{
	box_run(moved_proc);
}

/* S24: without detached mounts the container's own node serves, if it is the device. */
static int fake_null(void *arg)
{
	const char no_dev[] = "[{\"destination\":\"/proc\",\"type\":\"proc\"}]";
	struct box *b = arg;
	char *paths[] = { (char *) "/proc/timer_list" };
	struct mask_args args = { .api = &b->api, .masked = paths, .masked_len = 1 };
	autofd int null_fd = FD_NONE;

	CHILD_CHECK(box_open(b) == 0);
	CHILD_CHECK(mkdir("/tmp/r/dev", 0755) == 0);
	CHILD_CHECK(symlink("/proc/self/comm", "/tmp/r/dev/null") == 0);
	CHILD_CHECK(mask_open_null(&null_fd) == 0 && box_prepare(b) == 0);
	MOUNT(b, no_dev);
	ENTER(b);
	args.null_fd = null_fd;
	args.root_fd = b->root_fd;
	args.proc_fd = b->proc_fd;
	if (b->mode == BOX_OLD) {
		CHILD_CHECK(mask_apply(&args) == -EINVAL);
		CHILD_CHECK(str_eq(err_get_text(), "'/dev/null' is not the character device 1:3"));
		return 0;
	}
	CHILD_CHECK(mask_apply(&args) == 0);
	CHILD_CHECK(is_char("/proc/timer_list", 1, 3));
	return 0;
}
static void test_fake_null(void)
{
	box_run(fake_null);
}

/*
 * What a container mounts over a masked file or a device must not appear on the host's /dev/null.
 */
static int cover_null(void *arg)
{
	const struct masks m = { .masked = { "/proc/timer_list", "/proc/uptime" } };
	struct box *b = arg;

	b->args.propagation = MS_SHARED;
	mount_api_close(&b->api);
	CHILD_CHECK(mount_api_open(&b->api) == 0);
	CHILD_CHECK(mask(b, &m, "[{\"destination\":\"/proc\",\"type\":\"proc\"}]") == 0);
	CHILD_CHECK(is_char("/proc/uptime", 1, 3));
	CHILD_CHECK(mount("/proc/version", "/proc/uptime", NULL, MS_BIND, NULL) == 0);
	CHILD_CHECK(mount("/proc/version", "/proc/timer_list", NULL, MS_BIND, NULL) == 0);
	CHILD_CHECK(mount("/proc/version", "/dev/null", NULL, MS_BIND, NULL) == 0);
	return 0;
}

static int null_of_shared_host(void *arg)
{
	struct box *b = arg;

	CHILD_CHECK(box_open(b) == 0);
	CHILD_CHECK(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) == 0);
	CHILD_CHECK(child_run_unshared(CLONE_NEWNS, cover_null, b) == 0);
	CHILD_CHECK(is_char("/dev/null", 1, 3));
	return 0;
}
static void test_null_of_shared_host(void)
{
	box_run(null_of_shared_host);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_pivot),
		T_TEST(test_no_pivot),
		T_TEST(test_only_chroot),
		T_TEST(test_propagation),
		T_TEST(test_root_attributes),
		T_TEST(test_devices),
		T_TEST(test_bound_devices),
		T_TEST(test_configured_devices),
		T_TEST(test_device_plan_refused),
		T_TEST(test_hostile_dev),
		T_TEST(test_masks),
		T_TEST(test_masks_of_root),
		T_TEST(test_hostile_masks),
		T_TEST(test_moved_proc),
		T_TEST(test_fake_null),
		T_TEST(test_null_of_shared_host),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
