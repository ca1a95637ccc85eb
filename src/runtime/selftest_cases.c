/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/resolve.h"
#include "runtime/selftest.h"

/* ---- what is looked at ---- */

/* Without the right to look into init (that is as it should be) nothing can be said. */
static int open_of(pid_t init, const char *what, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int) init, what);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static const char *masks_hold(pid_t init)
{
	static const char *const files[] = { "/proc/keys", "/proc/timer_list", "/etc/secret" };
	autofd int root = open_of(init, "root", O_PATH | O_DIRECTORY);

	for (size_t i = 0; root >= 0 && i < ARRAY_SIZE(files); i++) {
		autofd int fd = resolve_open(root, files[i], O_PATH | O_NOFOLLOW);
		struct stat st;

		if (fd == -ENOENT)
			continue;
		if (fd < 0 || fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) ||
		    st.st_rdev != makedev(1, 3))
			return "a masked file is not masked";
	}
	return root < 0 && root != -EACCES ? "init's root cannot be opened" : NULL;
}

static int check_fd(void *arg, int dirfd, const char *name)
{
	const char **problem = arg;
	char text[256];
	ssize_t n = readlinkat(dirfd, name, text, sizeof(text) - 1);

	if (n < 0 || name[0] <= '2')
		return 0;
	text[n] = '\0';
	if (!str_starts(text, "socket:") && !str_starts(text, "anon_inode:") &&
	    !str_starts(text, "/memfd:hako"))
		*problem = "init holds a descriptor of the host";
	return 0;
}

static const char *descriptors_are_few(pid_t init)
{
	autofd int dir = open_of(init, "fd", O_RDONLY | O_DIRECTORY);
	const char *problem = NULL;

	if (dir >= 0)
		(void) file_each_at(dir, ".", check_fd, &problem);
	return dir < 0 && dir != -EACCES ? "init's descriptors cannot be listed" : problem;
}

#ifndef F_GET_SEALS
#define F_GET_SEALS 1034
#endif
#define SEAL_WRITE 0x0008

static const char *executable_is_safe(pid_t init)
{
	autofd int fd = open_of(init, "exe", O_RDONLY);
	struct statvfs fs;
	int seals;

	if (fd == -EACCES)
		return NULL;
	if (fd < 0 || fstatvfs(fd, &fs) < 0)
		return "init's executable cannot be opened";
	seals = fcntl(fd, F_GET_SEALS);
	if (fs.f_flag & ST_RDONLY || (seals >= 0 && (seals & SEAL_WRITE)))
		return NULL;
	return "init runs from an executable that could be written to";
}

/* ---- the table ---- */

#define TMPFS(at) "{\"destination\":\"" at "\",\"type\":\"tmpfs\",\"source\":\"t\"}"
#define BIND(at)                                                                           \
	"{\"destination\":\"" at "\",\"type\":\"bind\",\"source\":\"source\",\"options\":" \
	"[\"bind\"]}"
#define ORDINARY "ordinary directory"

const struct selftest_case selftest_cases[] = {
	{ "an ordinary container", .expect = SELFTEST_CREATED, .inspect = masks_hold },
	{ "descriptors of a waiting init", .expect = SELFTEST_CREATED,
	  .inspect = descriptors_are_few },
	{ "our executable seen from a container", .expect = SELFTEST_CREATED,
	  .inspect = executable_is_safe },
	{ "/dev is a link to the host",
	  { { 'l', "dev", "@" } },
	  .expect = SELFTEST_REFUSED,
	  .says = ORDINARY },
	{ "/dev is a link, nothing is mounted there", { { 'l', "dev", "@" } }, .image_dev = true },
	{ "/proc is a link to the host",
	  { { 'l', "proc", "@" } },
	  .expect = SELFTEST_REFUSED,
	  .says = ORDINARY },
	{ "/proc is a link upwards",
	  { { 'l', "proc", "../../../.." } },
	  .expect = SELFTEST_REFUSED,
	  .says = ORDINARY },
	{ "/proc is a fifo",
	  { { 'p', "proc", NULL } },
	  .expect = SELFTEST_REFUSED,
	  .says = ORDINARY },
	{ "/dev/null is a link",
	  { { 'l', "dev/null", "@/file" } },
	  .image_dev = true,
	  .inspect = masks_hold },
	{ "/dev/null is a file",
	  { { 'f', "dev/null", NULL } },
	  .image_dev = true,
	  .inspect = masks_hold },
	{ "a mount point is a link to a missing file",
	  { { 'l', "etc/target", "@/new" } },
	  .mounts = BIND("/etc/target"),
	  .expect = SELFTEST_CREATED },
	{ "a mount point is a link to a file",
	  { { 'l', "etc/target", "@/file" } },
	  .mounts = BIND("/etc/target"),
	  .expect = SELFTEST_CREATED },
	{ "a parent of a mount point is a link out",
	  { { 'l', "out", "@" } },
	  .mounts = TMPFS("/out/made/here"),
	  .expect = SELFTEST_CREATED },
	{ "a parent of a mount point is a link upwards",
	  { { 'l', "out", "../../../../../../.." } },
	  .mounts = TMPFS("/out@/made"),
	  .expect = SELFTEST_CREATED },
	{ "links in a circle",
	  { { 'l', "a", "b" }, { 'l', "b", "a" } },
	  .mounts = TMPFS("/a/x"),
	  .expect = SELFTEST_REFUSED,
	  .says = "symbolic link" },
	{ "masked paths are links out",
	  { { 'l', "etc/secret", "@/file" } },
	  .expect = SELFTEST_EITHER },
	{ "a device behind a link out",
	  { { 'l', "out", "@" } },
	  .members = ",\"devices\":[{\"path\":\"/out/null\",\"type\":\"c\",\"major\":1,\"minor\":3,"
		     "\"uid\":7}]" },
	{ "a working directory behind a link out", { { 'l', "out", "@" } }, .cwd = "/out/made" },
	{ "a working directory that is a descriptor", .cwd = "/proc/self/fd/4",
	  .expect = SELFTEST_REFUSED },
	{ "a mount on what labels are written to", .mounts = BIND("/proc/self/attr/exec"),
	  .expect = SELFTEST_REFUSED, .says = "/proc" },
	{ "a setting of the host", .members = ",\"sysctl\":{\"kernel.core_pattern\":\"x\"}",
	  .expect = SELFTEST_REFUSED, .says = "kernel.core_pattern" },
	{ "a setting whose name climbs", .members = ",\"sysctl\":{\"net/../kernel/x\":\"1\"}",
	  .expect = SELFTEST_REFUSED },
	{ "a filter that nobody knows",
	  .members = ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_NONSENSE\"}",
	  .expect = SELFTEST_REFUSED, .says = "seccomp" },
	{ "a mount point becomes a link while it is used",
	  { { 'd', "vol", NULL }, { 'd', "vol/x", NULL }, { 'l', "vol/l", "@" } },
	  .mounts = TMPFS("/vol/x/made/dir"),
	  .swap = { "vol/x", "vol/l" } },
	{ "/proc becomes a link while it is mounted",
	  { { 'l', "other", "@" } },
	  .swap = { "proc", "other" },
	  .inspect = masks_hold },
};
const size_t selftest_n_cases = ARRAY_SIZE(selftest_cases);
