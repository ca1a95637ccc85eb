/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/ps.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/proc.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "ocispec.h"
#include "runtime/container.h"

#define PS_OUTPUT_MAX (64u << 20)
#define BLANKS	      " \t"

static int compare_pids(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int ps_list(const struct runtime_opts *rt, const char *id, pid_t **ret, size_t *ret_len)
{
	autocontainer struct container c = CONTAINER_INIT;
	autocgroup struct cgroup cg = CGROUP_INIT;
	int r;

	r = container_open(rt, id, 0, &c);
	if (r < 0)
		return r;
	if (!c.status->cgroup_paths_len)
		return err_code(ENOTSUP,
				"container '%s' has no cgroup that would tell its processes", id);
	r = container_open_cgroup(&c, &cg);
	if (r >= 0)
		r = cgroup_pids(&cg, true, ret, ret_len);
	if (r >= 0 && *ret_len)
		qsort(*ret, *ret_len, sizeof(**ret), compare_pids);
	return r;
}

/* ---- ps(1) ---- */

/* The n-th word of a line, not terminated; *len is 0 when there are fewer. */
static const char *word_at(const char *line, size_t n, size_t *len)
{
	line += strspn(line, BLANKS);
	for (; n > 0; n--) {
		line += strcspn(line, BLANKS "\n");
		line += strspn(line, BLANKS);
	}
	*len = strcspn(line, BLANKS "\n");
	return line;
}

static int find_pid_column(const char *heading, size_t *ret)
{
	for (size_t i = 0;; i++) {
		size_t len;
		const char *word = word_at(heading, i, &len);

		if (len == 0)
			return err_code(EINVAL, "ps: no column PID in its output");
		if (len == 3 && strncmp(word, "PID", 3) == 0) {
			*ret = i;
			return 0;
		}
	}
}

static bool line_is_wanted(const char *line, size_t column, const pid_t *pids, size_t n)
{
	size_t len;
	const char *word = word_at(line, column, &len);
	autofree char *text = xstrndup(word, len);
	int pid;

	if (str_to_int(text, &pid) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (pids[i] == pid)
			return true;
	}
	return false;
}

int ps_filter(const char *table, const pid_t *pids, size_t n, struct strbuf *out)
{
	size_t column = 0;
	int r = find_pid_column(table, &column);

	if (r < 0)
		return r;
	for (const char *line = table; *line;) {
		size_t len = strcspn(line, "\n");

		if (line == table || line_is_wanted(line, column, pids, n)) {
			strbuf_add_n(out, line, len);
			strbuf_add_c(out, '\n');
		}
		line += len + (line[len] == '\n');
	}
	return 0;
}

/* Standard output goes into the pipe; ps complains on our standard error. */
static int spawn_ps(char *const *argv, int output, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	int r;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	r = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return r ? err_sys_r(-r, "execute ps") : 0;
}

static int run_ps(char *const *argv, char **ret)
{
	autofree char *text = NULL;
	autofd int in = FD_NONE, out = FD_NONE;
	int r, status;
	pid_t pid;

	r = fd_pipe(&in, &out);
	if (r < 0)
		return err_sys_r(r, "make a pipe");
	r = spawn_ps(argv, out, &pid);
	if (r < 0)
		return r;
	fd_close(&out);
	r = fd_read_all(in, PS_OUTPUT_MAX, &text, NULL);
	fd_close(&in);
	if (r < 0)
		(void) err_sys_r(r, "read the output of ps");
	if (proc_reap(pid, &status) >= 0 && status != 0 && r >= 0)
		r = err_code(EIO, "ps ended with exit status %d", status);
	if (r < 0)
		return r;
	*ret = take_ptr(&text);
	return 0;
}

int ps_table(char *const *options, const pid_t *pids, size_t n, struct strbuf *out)
{
	autostrv struct strv argv = { NULL, 0 };
	autofree char *table = NULL;
	int r;

	strv_add(&argv, "ps");
	for (; *options; options++)
		strv_add(&argv, *options);
	if (argv.len == 1)
		strv_add(&argv, "-ef");
	r = run_ps(argv.v, &table);
	return r < 0 ? r : ps_filter(table, pids, n, out);
}
