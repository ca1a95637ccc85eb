/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel says about cgroups and what users write about them, by number in the first byte:
 * /proc/self/cgroup with a mount table, cgroupsPath for both managers, references in a state file,
 * files of statistics.
 */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "cgroup/at.h"
#include "cgroup/cgpath.h"
#include "cgroup/host.h"
#include "cgroup/stat.h"
#include "fuzz_json.h"

/* The text of /proc/self/cgroup, an empty line, that of mountinfo. */
static void try_host(char *text)
{
	char *table = strstr(text, "\n\n");
	struct cgroup_host host;

	if (table)
		table[1] = '\0';
	host_parse_self(text, "/sys/fs/cgroup", &host);
	for (size_t i = 0; i < host.len; i++)
		FUZZ_CHECK(host.at[i].own[0] == '/' && !path_has_dotdot(host.at[i].own));
	(void) host_mode(&host);
	if (table && host_apply_mountinfo(table + 2, &host) < 0)
		err_clear();
	for (size_t i = 0; i < host.len; i++)
		FUZZ_CHECK(host.at[i].own[0] == '/' && !path_has_dotdot(host.at[i].own));
	cgroup_host_clear(&host);
}

static void try_path(char *text)
{
	autofree char *path = NULL;

	if (cgpath_plan(text, "c1", "/own", &path) < 0) {
		err_clear();
		return;
	}
	FUZZ_CHECK(path[0] == '/' && path[1] && !path_has_dotdot(path) && !strstr(path, "//"));
	FUZZ_CHECK(text[0] == '/' || path_is_below(path, "/own"));
}

static void try_scope(char *text)
{
	struct cgpath_scope scope = { 0 };

	if (cgpath_scope_plan(text, "c1", "/", false, &scope) < 0) {
		FUZZ_CHECK(err_is_set());
		err_clear();
		return;
	}
	FUZZ_CHECK(str_ends(scope.unit, ".scope") && !strchr(scope.unit, '/'));
	FUZZ_CHECK(!strchr(scope.slice, '/') && !path_has_dotdot(scope.path));
	cgpath_scope_clear(&scope);
}

static void try_ref(char *text)
{
	autofree char *controllers = NULL, *mountpoint = NULL, *path = NULL;
	bool user;

	(void) cgpath_unit_parse(text, &user);
	if (cgpath_ref_parse(text, &controllers, &mountpoint, &path) == 0) {
		autofree char *again = cgpath_ref_format(controllers, mountpoint, path);

		FUZZ_CHECK(path[0] == '/' && !path_has_dotdot(path));
		FUZZ_CHECK(str_eq(again, text));
	}
	err_clear();
	(void) cg_keyed_value(text, "populated");
	(void) cg_keyed_value(text, "oom_kill");
}

static const char *const files[] = {
	"cpu.stat",
	"memory.stat",
	"memory.events",
	"io.stat",
	"cpu.pressure",
	"memory.max",
	"memory.current",
	"pids.current",
	"pids.max",
	"memory.peak",
	"io.pressure",
	"hugetlb.2MB.current",
	"cpuacct.usage_percpu",
	"blkio.throttle.io_serviced",
};

static char scratch[] = "/dev/shm/hako-fuzz-XXXXXX";

static void remove_scratch(void)
{
	(void) file_remove_tree_at(AT_FDCWD, scratch);
}

/* The same text in every file, for a container on each version. */
static void try_stat(char *text)
{
	static int dir = FD_NONE;
	struct cg_at at = { 0 };
	const struct cgroup cg = { .mode = CGROUP_MODE_UNIFIED, .len = 1, .at = &at };

	if (dir < 0 && mkdtemp(scratch)) {
		dir = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		atexit(remove_scratch);
	}
	for (size_t i = 0; dir >= 0 && i < ARRAY_SIZE(files); i++) {
		autofd int fd =
			openat(dir, files[i], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		if (fd < 0 || fd_write_full(fd, text, strlen(text)) < 0)
			return;
	}
	for (int v2 = 0; dir >= 0 && v2 < 2; v2++) {
		autofree char *json = NULL;

		at = (struct cg_at){ .fd = dir,
				     .inner_fd = FD_NONE,
				     .controllers =
					     v2 ? (char *) ""
						: (char *) "cpu,cpuacct,memory,pids,blkio,hugetlb",
				     .mountpoint = (char *) "/sys/fs/cgroup",
				     .path = (char *) "/c1" };
		json = cgroup_stat_json(&cg);
		fuzz_check_json(json);
	}
	err_clear();
}

static void (*const languages[])(char *text) = {
	try_host, try_path, try_scope, try_ref, try_stat,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = NULL;

	if (!size)
		return 0;
	text = xstrndup((const char *) data + 1, size - 1);
	languages[data[0] % ARRAY_SIZE(languages)](text);
	return 0;
}
