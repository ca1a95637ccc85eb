/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/mount_apply.h"

#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "linux/mount_old.h"
#include "linux/userns_fd.h"
#include "tests/unit/linux/box.h"

#define OPEN(b)                                   \
	do {                                      \
		CHILD_CHECK(box_open(b) == 0);    \
		CHILD_CHECK(box_prepare(b) == 0); \
	} while (0)
#define MOUNT(b, mounts) CHILD_CHECK(box_mount((b), (mounts)) == 0)
#define REFUSED(b, mounts, code, message)                            \
	do {                                                         \
		CHILD_CHECK(box_mount((b), (mounts)) == -(code));    \
		CHILD_CHECK(strcmp(err_get_text(), (message)) == 0); \
	} while (0)

static long magic(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) < 0 ? -1 : fs.f_type;
}

static const char usual[] =
	"[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
	" \"options\":[\"nosuid\",\"strictatime\",\"mode=755\",\"size=65536k\"]},"
	"{\"destination\":\"/dev/pts\",\"type\":\"devpts\",\"source\":\"devpts\","
	" \"options\":[\"nosuid\",\"noexec\",\"newinstance\",\"ptmxmode=0666\",\"mode=0620\"]},"
	"{\"destination\":\"/dev/shm\",\"type\":\"tmpfs\",\"source\":\"shm\","
	" \"options\":[\"nosuid\",\"noexec\",\"nodev\",\"mode=1777\",\"size=65536k\"]},"
	"{\"destination\":\"/dev/mqueue\",\"type\":\"mqueue\",\"source\":\"mqueue\","
	" \"options\":[\"nosuid\",\"noexec\",\"nodev\"]},"
	"{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\","
	" \"options\":[\"nosuid\",\"noexec\",\"nodev\",\"ro\"]}]";

static int usual_mounts(void *arg)
{
	struct box *b = arg;
	struct stat st;

	OPEN(b);
	MOUNT(b, usual);
	CHILD_CHECK(magic("/tmp/r/proc") == PROC_SUPER_MAGIC);
	CHILD_CHECK(magic("/tmp/r/dev") == TMPFS_MAGIC);
	CHILD_CHECK(magic("/tmp/r/dev/pts") == DEVPTS_SUPER_MAGIC);
	CHILD_CHECK(magic("/tmp/r/dev/mqueue") == 0x19800202);
	CHILD_CHECK(magic("/tmp/r/sys") == SYSFS_MAGIC);
	CHILD_CHECK((box_flags("/tmp/r/sys") & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC)) ==
		    (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC));
	CHILD_CHECK((box_flags("/tmp/r/dev") & (ST_NOSUID | ST_RELATIME | ST_NOATIME)) ==
		    ST_NOSUID);
	CHILD_CHECK(stat("/tmp/r/dev/shm", &st) == 0 && (st.st_mode & 07777) == 01777);
	CHILD_CHECK(fstat(b->proc_fd, &st) == 0 && st.st_ino == 1);
	CHILD_CHECK(fd_fs_magic(b->proc_fd) == PROC_SUPER_MAGIC);
	return 0;
}
static void test_usual(void)
{
	box_run(usual_mounts);
}

static int binds(void *arg)
{
	struct box *b = arg;

	OPEN(b);
	CHILD_CHECK(mkdir("/tmp/d", 0755) == 0 && box_write("/tmp/d/f", "f\n"));
	CHILD_CHECK(mkdir("/tmp/d/below", 0755) == 0);
	CHILD_CHECK(mount("below", "/tmp/d/below", "tmpfs", MS_NOSUID, NULL) == 0);
	MOUNT(b, "[{\"destination\":\"new/dir/x\",\"source\":\"/tmp/d\",\"options\":[\"rbind\"]},"
		 "{\"destination\":\"/new/file\",\"source\":\"d/f\",\"options\":[\"bind\",\"ro\"]},"
		 "{\"destination\":\"/flat\",\"source\":\"/tmp/d\",\"options\":[\"bind\","
		 "\"nodev\"]}]");
	CHILD_CHECK(box_is("/tmp/r/new/dir/x/f", "f\n"));
	CHILD_CHECK(magic("/tmp/r/new/dir/x/below") == TMPFS_MAGIC);
	CHILD_CHECK(box_flags("/tmp/r/new/dir/x/below") & ST_NOSUID);
	CHILD_CHECK(box_is("/tmp/r/new/file", "f\n"));
	CHILD_CHECK(open("/tmp/r/new/file", O_WRONLY) < 0 && errno == EROFS);
	CHILD_CHECK(box_write("/tmp/r/flat/below/not-in-the-mount", ""));
	CHILD_CHECK(!box_exists("/tmp/d/below/not-in-the-mount"));
	CHILD_CHECK(box_flags("/tmp/r/flat") & ST_NODEV);
	return 0;
}
static void test_binds(void)
{
	box_run(binds);
}

/*
 * Without options those of the source stay; with any, the ones that are not named go, the access
 * time mode excepted.
 */
static int bind_flags(void *arg)
{
	const unsigned long shown = ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_NOATIME;
	struct box *b = arg;

	OPEN(b);
	CHILD_CHECK(mkdir("/tmp/s", 0755) == 0);
	CHILD_CHECK(mount("s", "/tmp/s", "tmpfs", MS_NOSUID | MS_NOEXEC | MS_NOATIME, NULL) == 0);
	MOUNT(b, "[{\"destination\":\"/a\",\"source\":\"/tmp/s\",\"options\":[\"bind\"]},"
		 "{\"destination\":\"/b\",\"source\":\"/tmp/s\",\"options\":[\"bind\",\"ro\"]},"
		 "{\"destination\":\"/c\",\"source\":\"/tmp/s\",\"options\":[\"bind\",\"rw\"]},"
		 "{\"destination\":\"/d\",\"source\":\"/tmp/s\",\"options\":[\"bind\",\"relatime\","
		 "\"noexec\"]}]");
	CHILD_CHECK((box_flags("/tmp/r/a") & shown) == (ST_NOSUID | ST_NOEXEC | ST_NOATIME));
	CHILD_CHECK((box_flags("/tmp/r/b") & shown) == (ST_RDONLY | ST_NOATIME));
	CHILD_CHECK((box_flags("/tmp/r/c") & shown) == ST_NOATIME);
	CHILD_CHECK((box_flags("/tmp/r/d") & shown) == ST_NOEXEC);
	return 0;
}
static void test_bind_flags(void)
{
	box_run(bind_flags);
}

static int recursive(void *arg)
{
	const char rro[] = "[{\"destination\":\"/a\",\"source\":\"/tmp/s\","
			   "\"options\":[\"rbind\",\"rro\"]}]";
	struct box *b = arg;

	OPEN(b);
	CHILD_CHECK(mkdir("/tmp/s", 0755) == 0 && mount("s", "/tmp/s", "tmpfs", 0, NULL) == 0);
	CHILD_CHECK(mkdir("/tmp/s/t", 0755) == 0 && mount("t", "/tmp/s/t", "tmpfs", 0, NULL) == 0);
	if (b->mode != BOX_NEW) {
		REFUSED(b, rro, ENOTSUP,
			"mount '/tmp/s' on '/a': recursive attributes need Linux 5.12");
		return 0;
	}
	MOUNT(b, rro);
	CHILD_CHECK(box_flags("/tmp/r/a") & ST_RDONLY);
	CHILD_CHECK(box_flags("/tmp/r/a/t") & ST_RDONLY);
	CHILD_CHECK(!(box_flags("/tmp/s/t") & ST_RDONLY));
	return 0;
}
static void test_recursive(void)
{
	box_run(recursive);
}

static int tmpfs_mode(void *arg)
{
	struct box *b = arg;
	struct stat st;

	OPEN(b);
	CHILD_CHECK(mkdir("/tmp/r/a", 0755) == 0 && chmod("/tmp/r/a", 02710) == 0);
	MOUNT(b,
	      "[{\"destination\":\"/a\",\"type\":\"tmpfs\"},"
	      "{\"destination\":\"/new/b\",\"type\":\"tmpfs\",\"options\":[\"ro\",\"mode=0700\"]},"
	      "{\"destination\":\"/new/b/c\",\"type\":\"tmpfs\",\"options\":[\"size=4k\"]}]");
	CHILD_CHECK(stat("/tmp/r/a", &st) == 0 && (st.st_mode & 07777) == 02710);
	CHILD_CHECK(stat("/tmp/r/new", &st) == 0 && (st.st_mode & 07777) == 0755);
	CHILD_CHECK(stat("/tmp/r/new/b", &st) == 0 && (st.st_mode & 07777) == 0700);
	CHILD_CHECK(stat("/tmp/r/new/b/c", &st) == 0 && (st.st_mode & 07777) == 0755);
	CHILD_CHECK(!(box_flags("/tmp/r/new/b") & ST_RDONLY));
	CHILD_CHECK(mount_apply_late(&b->api, b->root_fd, &b->plan) == 0);
	CHILD_CHECK(box_flags("/tmp/r/new/b") & ST_RDONLY);
	CHILD_CHECK(!(box_flags("/tmp/r/new/b/c") & ST_RDONLY));
	return 0;
}
static void test_tmpfs_mode(void)
{
	box_run(tmpfs_mode);
}

/* S12: a directory full of traps. */
static int copy_up(void *arg)
{
	struct box *b = arg;
	struct stat st, other;
	char text[64];

	OPEN(b);
	CHILD_CHECK(mkdir("/tmp/r/d", 0750) == 0 && chown("/tmp/r/d", 7, 8) == 0);
	CHILD_CHECK(mkdir("/tmp/r/d/sub", 0711) == 0 && box_write("/tmp/r/d/sub/f", "hello\n"));
	CHILD_CHECK(chown("/tmp/r/d/sub/f", 3, 4) == 0 && chmod("/tmp/r/d/sub/f", 04755) == 0);
	CHILD_CHECK(link("/tmp/r/d/sub/f", "/tmp/r/d/hard") == 0);
	CHILD_CHECK(symlink("/tmp/h/file", "/tmp/r/d/out") == 0);
	CHILD_CHECK(symlink("../../h", "/tmp/r/d/up") == 0);
	CHILD_CHECK(mkfifo("/tmp/r/d/fifo", 0600) == 0);
	CHILD_CHECK(mknod("/tmp/r/d/null", S_IFCHR | 0640, makedev(1, 3)) == 0);
	MOUNT(b, "[{\"destination\":\"/d\",\"type\":\"tmpfs\",\"options\":[\"tmpcopyup\"]}]");
	CHILD_CHECK(stat("/tmp/r/d", &st) == 0 && (st.st_mode & 07777) == 0750 && st.st_uid == 7 &&
		    st.st_gid == 8);
	CHILD_CHECK(stat("/tmp/r/d/sub", &other) == 0 && other.st_dev == st.st_dev &&
		    (other.st_mode & 07777) == 0711);
	CHILD_CHECK(box_is("/tmp/r/d/sub/f", "hello\n"));
	CHILD_CHECK(stat("/tmp/r/d/sub/f", &st) == 0 && st.st_uid == 3 && st.st_gid == 4 &&
		    (st.st_mode & 07777) == 04755 && st.st_nlink == 2);
	CHILD_CHECK(stat("/tmp/r/d/hard", &other) == 0 && other.st_ino == st.st_ino);
	CHILD_CHECK(readlink("/tmp/r/d/out", text, sizeof(text)) == 11);
	CHILD_CHECK(lstat("/tmp/r/d/fifo", &st) == 0 && S_ISFIFO(st.st_mode));
	CHILD_CHECK(lstat("/tmp/r/d/null", &st) == 0 && S_ISCHR(st.st_mode) &&
		    st.st_rdev == makedev(1, 3));
	CHILD_CHECK(box_host_untouched());
	return 0;
}
static void test_copy_up(void)
{
	box_run(copy_up);
}

/* "/tmp/r/d/NAME7": which of the two names comes first in the directory is not ours to say. */
static const char *numbered(char *buf, const char *name, int i)
{
	sprintf(buf, "/tmp/r/d/%s%d", name, i);
	return buf;
}

static int copy_up_links(void *arg)
{
	struct box *b = arg;
	struct stat one, other;
	char name[32], link_name[32];

	OPEN(b);
	CHILD_CHECK(mkdir("/tmp/r/d", 0755) == 0);
	for (int i = 0; i < 300; i++) {
		numbered(name, "one", i);
		CHILD_CHECK(box_write(name, name));
		CHILD_CHECK(link(name, numbered(link_name, "other", i)) == 0);
	}
	MOUNT(b, "[{\"destination\":\"/d\",\"type\":\"tmpfs\",\"options\":[\"tmpcopyup\"]}]");
	for (int i = 0; i < 300; i++) {
		CHILD_CHECK(stat(numbered(name, "one", i), &one) == 0 && one.st_nlink == 2);
		CHILD_CHECK(stat(numbered(link_name, "other", i), &other) == 0);
		CHILD_CHECK(one.st_ino == other.st_ino && box_is(link_name, name));
	}
	return 0;
}
static void test_copy_up_links(void)
{
	box_run(copy_up_links);
}

/* S4, S5, S6. */
static int proc_not_ordinary(void *arg)
{
	static const char proc[] =
		"[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"}]";
	static const char *const to[] = { "/d", "/tmp/h", "../../..", "/nowhere" };
	const char text[] = "mount 'proc': filesystem 'proc' must be mounted on ordinary "
			    "directory, and '/proc' is none";
	struct box *b = arg;

	OPEN(b);
	CHILD_CHECK(mkdir("/tmp/r/d", 0755) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(to); i++) {
		CHILD_CHECK(symlink(to[i], "/tmp/r/proc") == 0);
		REFUSED(b, proc, ENOTDIR, text);
		CHILD_CHECK(unlink("/tmp/r/proc") == 0);
	}
	CHILD_CHECK(box_write("/tmp/r/proc", ""));
	REFUSED(b, proc, ENOTDIR, text);
	CHILD_CHECK(unlink("/tmp/r/proc") == 0 && mkfifo("/tmp/r/proc", 0600) == 0);
	REFUSED(b, proc, ENOTDIR, text);
	CHILD_CHECK(symlink("/tmp/h", "/tmp/r/sys") == 0);
	CHILD_CHECK(box_mount(b, "[{\"destination\":\"/sys\",\"source\":\"/sys\","
				 "\"options\":[\"rbind\"]}]") == -ENOTDIR);
	CHILD_CHECK(symlink("/tmp/h", "/tmp/r/dev") == 0);
	CHILD_CHECK(box_mount(b, "[{\"destination\":\"/dev\",\"type\":\"tmpfs\"}]") == -ENOTDIR);
	CHILD_CHECK(box_host_untouched());
	return 0;
}
static void test_proc_not_ordinary(void)
{
	box_run(proc_not_ordinary);
}

static int bind_over_proc(void *arg)
{
	struct box *b = arg;

	OPEN(b);
	CHILD_CHECK(mkdir("/tmp/fake", 0755) == 0);
	REFUSED(b, "[{\"destination\":\"/proc\",\"source\":\"/tmp/fake\",\"options\":[\"bind\"]}]",
		EINVAL, "mount '/tmp/fake' on '/proc': it is not a procfs");
	REFUSED(b, "[{\"destination\":\"/proc\",\"source\":\"/proc/sys\",\"options\":[\"bind\"]}]",
		EINVAL, "mount '/proc/sys' on '/proc': it is not a procfs");
	MOUNT(b, "[{\"destination\":\"/proc\",\"source\":\"/proc\",\"options\":[\"rbind\"]}]");
	CHILD_CHECK(fd_fs_magic(b->proc_fd) == PROC_SUPER_MAGIC);
	return 0;
}
static void test_bind_over_proc(void)
{
	box_run(bind_over_proc);
}

/* S7, S8, S9, S10. */
static int hostile_targets(void *arg)
{
	struct box *b = arg;
	struct stat st;

	OPEN(b);
	CHILD_CHECK(box_write("/tmp/f", "f\n") && mkdir("/tmp/r/etc", 0755) == 0);
	CHILD_CHECK(symlink("/tmp/h/new", "/tmp/r/etc/resolv.conf") == 0);
	CHILD_CHECK(symlink("/tmp/h", "/tmp/r/a") == 0);
	CHILD_CHECK(symlink("../../../../tmp/h/up", "/tmp/r/up") == 0);
	CHILD_CHECK(symlink("loop", "/tmp/r/loop") == 0);
	CHILD_CHECK(mkfifo("/tmp/r/fifo", 0600) == 0);
	MOUNT(b, "[{\"destination\":\"/etc/resolv.conf\",\"source\":\"/tmp/f\",\"options\":["
		 "\"bind\"]},"
		 "{\"destination\":\"/a/b/c\",\"source\":\"/tmp/f\",\"options\":[\"bind\"]},"
		 "{\"destination\":\"/up\",\"type\":\"tmpfs\"},"
		 "{\"destination\":\"/fifo\",\"source\":\"/tmp/f\",\"options\":[\"bind\"]}]");
	CHILD_CHECK(box_is("/tmp/r/tmp/h/new", "f\n"));
	CHILD_CHECK(box_is("/tmp/r/tmp/h/b/c", "f\n"));
	CHILD_CHECK(magic("/tmp/r/tmp/h/up") == TMPFS_MAGIC);
	CHILD_CHECK(stat("/tmp/r/fifo", &st) == 0 && S_ISREG(st.st_mode));
	REFUSED(b, "[{\"destination\":\"/loop\",\"type\":\"tmpfs\"}]", ELOOP,
		"open or make the mount point '/loop': too many levels of symbolic links");
	REFUSED(b, "[{\"destination\":\"/loop/x\",\"source\":\"/tmp/f\",\"options\":[\"bind\"]}]",
		ELOOP, "open or make the mount point '/loop/x': too many levels of symbolic links");
	CHILD_CHECK(box_host_untouched());
	return 0;
}
static void test_hostile_targets(void)
{
	box_run(hostile_targets);
}

static int links(void *arg)
{
	struct box *b = arg;
	char text[32] = "";

	OPEN(b);
	CHILD_CHECK(box_write("/tmp/f", "f\n") && symlink("f", "/tmp/l") == 0);
	CHILD_CHECK(box_write("/tmp/r/target", "target\n"));
	CHILD_CHECK(symlink("target", "/tmp/r/dest") == 0);
	MOUNT(b, "[{\"destination\":\"/copied\",\"source\":\"/tmp/l\",\"options\":[\"bind\","
		 "\"copy-symlink\"]},"
		 "{\"destination\":\"/followed\",\"source\":\"/tmp/l\",\"options\":[\"bind\"]},"
		 "{\"destination\":\"/file\",\"source\":\"/tmp/f\",\"options\":[\"bind\","
		 "\"copy-symlink\"]}]");
	CHILD_CHECK(readlink("/tmp/r/copied", text, sizeof(text)) == 1 && strcmp(text, "f") == 0);
	CHILD_CHECK(box_is("/tmp/r/followed", "f\n") && box_is("/tmp/r/file", "f\n"));
	/* A mount on a link, or of one: a matter of descriptors, which mount(2) cannot do. */
	if (b->mode == BOX_OLD)
		return 0;
	MOUNT(b, "[{\"destination\":\"/dest\",\"source\":\"/tmp/f\",\"options\":[\"bind\","
		 "\"dest-nofollow\"]}]");
	CHILD_CHECK(box_is("/tmp/r/target", "target\n"));
	CHILD_CHECK(box_is("/tmp/r/dest", "f\n"));
	MOUNT(b, "[{\"destination\":\"/raw\",\"source\":\"/tmp/l\",\"options\":[\"bind\","
		 "\"src-nofollow\"]}]");
	CHILD_CHECK(readlink("/tmp/r/raw", text, sizeof(text)) == 1);
	return 0;
}
static void test_links(void)
{
	box_run(links);
}

static int messages(void *arg)
{
	struct box *b = arg;

	OPEN(b);
	REFUSED(b, "[{\"destination\":\"/x\",\"type\":\"tmpfs\",\"options\":[\"foo=1\"]}]", EINVAL,
		b->mode == BOX_OLD ? "mount 'tmpfs' on '/x': invalid argument"
				   : "mount 'tmpfs' on '/x': invalid argument: tmpfs: Unknown "
				     "parameter 'foo'");
	REFUSED(b, "[{\"destination\":\"/x\",\"type\":\"nofs\",\"source\":\"/dev/sdz\"}]", ENODEV,
		"mount '/dev/sdz' on '/x': the kernel has no file system 'nofs'");
	REFUSED(b, "[{\"destination\":\"/x\",\"source\":\"/no\",\"options\":[\"bind\"]}]", ENOENT,
		"open '/no' to mount it on '/x': no such file or directory");
	CHILD_CHECK(box_write("/tmp/f", "") && mkdir("/tmp/r/dir", 0755) == 0);
	CHILD_CHECK(box_mount(b, "[{\"destination\":\"/dir\",\"source\":\"/tmp/f\","
				 "\"options\":[\"bind\"]}]") < 0);
	CHILD_CHECK(str_starts(err_get_text(), "mount '/tmp/f' on '/dir': "));
	REFUSED(b,
		"[{\"destination\":\"/x\",\"source\":\"/tmp/f\",\"options\":[\"bind\","
		"\"idmap=uids=0-1-1;gids=0-1-1\"]}]",
		ENOTSUP, "map the ids of '/tmp/f' for '/x': nobody to ask");
	return 0;
}
static void test_messages(void)
{
	box_run(messages);
}

static int optional(void *arg)
{
	struct box *b = arg;
	struct mount_apply_args args = { .api = &b->api, .plan = &b->plan };
	char *keys[] = { (char *) "/a" }, *values[] = { (char *) "" };
	struct oci_map map = { 1, keys, values };
	struct mount_plan_args how = { .optional = &map };

	OPEN(b);
	CHILD_CHECK(box_plan(b,
			     "[{\"destination\":\"/a\",\"source\":\"/no\","
			     "\"options\":[\"bind\"]},"
			     "{\"destination\":\"/b\",\"type\":\"tmpfs\"}]",
			     how) == 0);
	args.root_fd = b->root_fd;
	CHILD_CHECK(mount_apply(&args, NULL) == 0);
	CHILD_CHECK(!err_is_set());
	CHILD_CHECK(magic("/tmp/r/b") == TMPFS_MAGIC);
	return 0;
}
static void test_optional(void)
{
	box_run(optional);
}

static int remount(void *arg)
{
	struct box *b = arg;
	struct statvfs vfs;

	OPEN(b);
	MOUNT(b, "[{\"destination\":\"/a\",\"type\":\"tmpfs\",\"options\":[\"nodev\",\"size=8k\"]},"
		 "{\"destination\":\"/a\",\"options\":[\"remount\",\"bind\",\"nosuid\"]},"
		 "{\"destination\":\"/a\",\"options\":[\"remount\",\"size=64k\",\"noexec\"]}]");
	CHILD_CHECK(statvfs("/tmp/r/a", &vfs) == 0 && vfs.f_blocks * vfs.f_frsize == 65536);
	CHILD_CHECK((vfs.f_flag & (ST_NODEV | ST_NOSUID | ST_NOEXEC)) == ST_NOEXEC);
	CHILD_CHECK(mkdir("/tmp/r/plain", 0755) == 0);
	REFUSED(b, "[{\"destination\":\"/plain\",\"options\":[\"remount\",\"bind\",\"ro\"]}]",
		EINVAL, "set attributes of the mount on '/plain': invalid argument");
	return 0;
}
static void test_remount(void)
{
	box_run(remount);
}

/* The kernel takes 255 bytes of a value by fsconfig(2). */
static int long_data(void *arg)
{
	autostrbuf struct strbuf json = STRBUF_INIT;
	struct box *b = arg;

	OPEN(b);
	CHILD_CHECK(mkdir("/tmp/l", 0755) == 0);
	strbuf_add(&json, "[{\"destination\":\"/o\",\"type\":\"overlay\",\"options\":[\"lowerdir=");
	for (int i = 0; i < 12; i++) {
		autofree char *path = xasprintf("/tmp/l/a-directory-with-a-long-name-%d", i);
		autofree char *file = xasprintf("%s/f%d", path, i);

		CHILD_CHECK(mkdir(path, 0755) == 0 && box_write(file, "x"));
		strbuf_addf(&json, "%s%s", i ? ":" : "", path);
	}
	strbuf_add(&json, "\"]}]");
	if (box_mount(b, json.s) == -ENODEV)
		return CHILD_SKIP;
	CHILD_CHECK(!err_is_set());
	CHILD_CHECK(box_is("/tmp/r/o/f0", "x") && box_is("/tmp/r/o/f11", "x"));
	return 0;
}
static void test_long_data(void)
{
	box_run(long_data);
}

/* Descriptors are closed as we go. */
static int many(void *arg)
{
	autostrbuf struct strbuf json = STRBUF_INIT;
	const struct rlimit limit = { 64, 64 };
	struct box *b = arg;

	OPEN(b);
	CHILD_CHECK(box_write("/tmp/f", "f\n") && mkdir("/tmp/d", 0755) == 0);
	for (int i = 0; i < 1000; i++)
		strbuf_addf(&json,
			    "%s{\"destination\":\"/m/%d\",\"source\":\"/tmp/%s\","
			    "\"options\":[\"bind\",\"ro\"]}",
			    i ? "," : "[", i, i % 2 ? "f" : "d");
	strbuf_add(&json, "]");
	CHILD_CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	MOUNT(b, json.s);
	CHILD_CHECK(box_flags("/tmp/r/m/998") & ST_RDONLY);
	CHILD_CHECK(box_is("/tmp/r/m/999", "f\n"));
	return 0;
}
static void test_many(void)
{
	box_run(many);
}

/*
 * What happens between the look-up and mount(2): somebody exchanges the directory for another one.
 */
static int exchanged(void *arg)
{
	const struct mount_attrs none = { 0 };
	const struct mount_fs fs = { .type = "tmpfs", .source = "x", .attrs = &none };
	struct box *b = arg;
	struct mount_at at = { .path = "/v/x" };
	autofd int target = FD_NONE;
	int r;

	OPEN(b);
	CHILD_CHECK(mkdir("/tmp/r/v", 0755) == 0 && mkdir("/tmp/r/v/x", 0755) == 0);
	CHILD_CHECK(mkdir("/tmp/r/v/y", 0755) == 0 && mkdir("/tmp/r/other", 0755) == 0);
	CHILD_CHECK(mount("other", "/tmp/r/other", "tmpfs", 0, NULL) == 0);
	target = open("/tmp/r/v/x", O_PATH | O_CLOEXEC);
	CHILD_CHECK(rename("/tmp/r/v/x", "/tmp/r/v/z") == 0);
	CHILD_CHECK(symlink("/other", "/tmp/r/v/x") == 0);
	at.root_fd = b->root_fd;
	at.target_fd = target;
	r = mount_api_fs(&b->api, &fs, &at, NULL);
	if (b->mode == BOX_OLD) {
		CHILD_CHECK(r == -ESTALE);
		return 0;
	}
	/* With the mount API it lands on the very directory, wherever that is now. */
	CHILD_CHECK(r == 0);
	CHILD_CHECK(magic("/tmp/r/v/z") == TMPFS_MAGIC);
	return 0;
}
static void test_exchanged(void)
{
	box_run(exchanged);
}

/* ---- id mappings ---- */

struct host {
	struct userns_fds fds;
	struct host_facts facts;
	struct box *box;
	int asked;
};

static int host_tree(void *arg, size_t op_index, int *ret_tree_fd)
{
	struct host *h = arg;
	const struct mount_op *op = &h->box->plan.ops[op_index];
	int fd = FD_NONE, r;

	h->asked++;
	r = userns_fds_get(&h->fds, &op->map, &h->facts, &fd);
	return r < 0 ? r : mount_api_host_tree(op, fd, ret_tree_fd);
}

static int idmapped(void *arg)
{
	struct box *b = arg;
	struct host h = { .box = b };
	struct mount_apply_args args = {
		.api = &b->api, .plan = &b->plan, .host_tree = host_tree, .arg = &h
	};
	struct mount_plan_args how = { 0 };
	struct stat st;

	OPEN(b);
	CHILD_CHECK(host_probe(&h.facts) == 0);
	CHILD_CHECK(mkdir("/tmp/s", 0755) == 0 && box_write("/tmp/s/f", "f\n"));
	CHILD_CHECK(box_plan(b,
			     "[{\"destination\":\"/a\",\"source\":\"/tmp/s\","
			     "\"options\":[\"bind\",\"ro\","
			     "\"idmap=uids=0-1000-10;gids=0-2000-10\"]},"
			     "{\"destination\":\"/b\",\"source\":\"/tmp/s\",\"options\":[\"rbind\","
			     "\"ridmap=uids=0-1000-10;gids=0-2000-10\"]}]",
			     how) == 0);
	args.root_fd = b->root_fd;
	if (b->mode == BOX_OLD)
		return 0;
	CHILD_CHECK(mount_apply(&args, NULL) == 0);
	CHILD_CHECK(stat("/tmp/r/a/f", &st) == 0 && st.st_uid == 1000 && st.st_gid == 2000);
	CHILD_CHECK(stat("/tmp/r/b/f", &st) == 0 && st.st_uid == 1000 && st.st_gid == 2000);
	CHILD_CHECK(box_flags("/tmp/r/a") & ST_RDONLY);
	CHILD_CHECK(h.asked == 2 && h.fds.len == 1);
	userns_fds_clear(&h.fds);
	return 0;
}
static void test_idmapped(void)
{
	box_run(idmapped);
}

/* ---- in a user namespace ---- */

static bool map_root(void)
{
	return box_write("/proc/self/setgroups", "deny") &&
	       box_write("/proc/self/uid_map", "0 0 1\n") &&
	       box_write("/proc/self/gid_map", "0 0 1\n");
}

static int user_namespace(void *arg)
{
	const unsigned long shown = ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC;
	struct box *b = arg;

	CHILD_CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHILD_CHECK(mount("l", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV, NULL) == 0);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return CHILD_SKIP;
	CHILD_CHECK(map_root());
	b->userns = true;
	OPEN(b);
	MOUNT(b, "[{\"destination\":\"/keep\",\"source\":\"/mnt\",\"options\":[\"bind\"]},"
		 "{\"destination\":\"/ro\",\"source\":\"/mnt\",\"options\":[\"bind\",\"ro\"]},"
		 "{\"destination\":\"/noexec\",\"source\":\"/mnt\",\"options\":[\"bind\","
		 "\"noexec\"]}]");
	CHILD_CHECK((box_flags("/tmp/r/keep") & shown) == (ST_NOSUID | ST_NODEV));
	CHILD_CHECK((box_flags("/tmp/r/ro") & shown) == (ST_RDONLY | ST_NOSUID | ST_NODEV));
	CHILD_CHECK((box_flags("/tmp/r/noexec") & shown) == (ST_NOEXEC | ST_NOSUID | ST_NODEV));
	/* S43: asked for, and not to be had. */
	REFUSED(b,
		"[{\"destination\":\"/suid\",\"source\":\"/mnt\",\"options\":[\"bind\","
		"\"suid\"]}]",
		EPERM, "mount '/mnt' on '/suid': operation not permitted");
	/*
	 * The host's network namespace: sysfs is not ours, the host's /sys is taken, read-only all
	 * of it. S41, S42.
	 */
	MOUNT(b, "[{\"destination\":\"/sys\",\"type\":\"sysfs\",\"options\":[\"ro\",\"nosuid\"]}]");
	CHILD_CHECK(magic("/tmp/r/sys") == SYSFS_MAGIC);
	CHILD_CHECK(box_flags("/tmp/r/sys") & ST_RDONLY);
	if (box_exists("/tmp/r/sys/fs/cgroup/unified"))
		CHILD_CHECK(box_flags("/tmp/r/sys/fs/cgroup/unified") & ST_RDONLY);
	return 0;
}
static void test_user_namespace(void)
{
	struct box b = { .mode = BOX_NEW };

	if (geteuid() != 0)
		t_skip("needs root");
	T_CHILD(child_run_unshared(CLONE_NEWNS, user_namespace, &b));
}

/* ---- cgroups of this machine ---- */

static int cgroups(void *arg)
{
	struct box *b = arg;
	struct mount_apply_args args = { .api = &b->api, .plan = &b->plan };
	const struct mount_cgroup own[] = { { "pids", "/sys/fs/cgroup/pids", "/" },
					    { "cpu", "/sys/fs/cgroup/cpu", "/hako-not-made" } };
	struct mount_plan_args how = { .cgroup_mode = MOUNT_CGROUP_V1,
				       .cgroups = own,
				       .cgroups_len = 2 };

	if (!box_exists("/sys/fs/cgroup/pids/tasks"))
		return CHILD_SKIP;
	OPEN(b);
	CHILD_CHECK(box_plan(b,
			     "[{\"destination\":\"/cg\",\"type\":\"cgroup\","
			     "\"options\":[\"ro\"]}]",
			     how) == 0);
	args.root_fd = b->root_fd;
	CHILD_CHECK(mount_apply(&args, NULL) == 0);
	CHILD_CHECK(mount_apply_late(&b->api, b->root_fd, &b->plan) == 0);
	CHILD_CHECK(box_flags("/tmp/r/cg") & ST_RDONLY);
	CHILD_CHECK(box_exists("/tmp/r/cg/pids/tasks"));
	CHILD_CHECK(box_flags("/tmp/r/cg/pids") & ST_RDONLY);
	CHILD_CHECK(magic("/tmp/r/cg/cpu") == TMPFS_MAGIC);
	CHILD_CHECK(mkdir("/tmp/r/cg/cpu/x", 0755) < 0 && errno == EROFS);
	return 0;
}
static void test_cgroups(void)
{
	box_run(cgroups);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_usual),
		T_TEST(test_binds),
		T_TEST(test_bind_flags),
		T_TEST(test_recursive),
		T_TEST(test_tmpfs_mode),
		T_TEST(test_copy_up),
		T_TEST(test_copy_up_links),
		T_TEST(test_proc_not_ordinary),
		T_TEST(test_bind_over_proc),
		T_TEST(test_hostile_targets),
		T_TEST(test_links),
		T_TEST(test_messages),
		T_TEST(test_optional),
		T_TEST(test_remount),
		T_TEST(test_long_data),
		T_TEST(test_many),
		T_TEST(test_exchanged),
		T_TEST(test_idmapped),
		T_TEST(test_user_namespace),
		T_TEST(test_cgroups),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
