/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_TESTS_UNIT_BASE_TMPDIR_H
#define HAKO_TESTS_UNIT_BASE_TMPDIR_H

/* One temporary directory for each test program, removed when it exits. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static char tmpdir_path[64];
static pid_t tmpdir_owner;

__attribute__((unused)) static void tmpdir_remove(void)
{
	if (getpid() == tmpdir_owner)
		(void) file_remove_tree_at(AT_FDCWD, tmpdir_path);
}

/* Its path, made at the first call. */
__attribute__((unused)) static const char *tmpdir(void)
{
	if (!*tmpdir_path) {
		snprintf(tmpdir_path, sizeof(tmpdir_path), "/tmp/hako-test-XXXXXX");
		if (!mkdtemp(tmpdir_path))
			abort();
		tmpdir_owner = getpid();
		atexit(tmpdir_remove);
	}
	return tmpdir_path;
}

/* A fresh empty directory in it, as descriptor of the caller's. */
__attribute__((unused)) static int tmpdir_new(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", tmpdir(), name);
	if (file_remove_tree_at(AT_FDCWD, path) < 0 || mkdir(path, 0755) < 0)
		abort();
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

#endif
