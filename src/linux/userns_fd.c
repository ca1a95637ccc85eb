/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/userns_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/proc.h"

#define RECORD_MAX (1u << 20)

struct userns_fd_entry {
	char *uid_text; /* as in /proc/PID/uid_map: two maps are the same when their texts are */
	char *gid_text;
	int fd;
};

/* The child: makes the namespace, says so, and stays until the parent closes its end. */
__attribute__((noreturn)) static void hold_namespace(int ready_fd, int stay_fd)
{
	int code = unshare(CLONE_NEWUSER) < 0 ? errno : 0;
	char c;

	(void) fd_write_full(ready_fd, &code, sizeof(code));
	(void) fd_read_full(stay_fd, &c, 1);
	_exit(0);
}

static int open_mapped(pid_t pid, const struct idmap *map, const struct host_facts *host,
		       int *ret_fd)
{
	autofree char *path = xasprintf("/proc/%d/ns/user", (int) pid);
	int r = idmap_write(pid, map, host), fd;

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys("open a user namespace of id mappings");
	*ret_fd = fd;
	return 0;
}

static int make_namespace(const struct idmap *map, const struct host_facts *host, int *ret_fd)
{
	autofd int ready_in = FD_NONE, ready_out = FD_NONE, stay_in = FD_NONE, stay_out = FD_NONE;
	int r = fd_pipe(&ready_in, &ready_out), code = 0, status;
	pid_t pid;

	if (r == 0)
		r = fd_pipe(&stay_in, &stay_out);
	if (r < 0)
		return err_sys_r(r, "make a pipe");
	pid = fork();
	if (pid < 0)
		return err_sys("fork for a user namespace of id mappings");
	if (pid == 0) {
		fd_close(&stay_out);
		hold_namespace(ready_out, stay_in);
	}
	fd_close(&ready_out);
	r = fd_read_full(ready_in, &code, sizeof(code));
	if (r == 0 && code != 0)
		r = -code;
	r = r < 0 ? err_sys_r(r, "make a user namespace of id mappings")
		  : open_mapped(pid, map, host, ret_fd);
	fd_close(&stay_out);
	(void) proc_reap(pid, &status);
	return r;
}

int userns_fds_get(struct userns_fds *cache, const struct idmap *map, const struct host_facts *host,
		   int *ret_fd)
{
	autofree char *uid_text = NULL, *gid_text = NULL;
	int r = idmap_check(map), fd = FD_NONE;

	if (r < 0)
		return r;
	uid_text = idmap_format(map->uid, map->uid_len);
	gid_text = idmap_format(map->gid, map->gid_len);
	for (size_t i = 0; i < cache->len; i++) {
		struct userns_fd_entry *e = &cache->v[i];

		if (strcmp(e->uid_text, uid_text) == 0 && strcmp(e->gid_text, gid_text) == 0) {
			*ret_fd = e->fd;
			return 0;
		}
	}
	r = make_namespace(map, host, &fd);
	if (r < 0)
		return r;
	cache->v = xreallocarray(cache->v, cache->len + 1, sizeof(*cache->v));
	cache->v[cache->len++] = (struct userns_fd_entry){ .uid_text = take_ptr(&uid_text),
							   .gid_text = take_ptr(&gid_text),
							   .fd = fd };
	*ret_fd = fd;
	return 0;
}

/* The child: a number, and the record's text behind it. */
__attribute__((noreturn)) static void run_inside(int userns_fd, int out_fd, int (*fn)(void *arg),
						 void *arg)
{
	int r = setns(userns_fd, CLONE_NEWUSER) < 0 ? err_sys("join a user namespace") : fn(arg);
	const char *text = err_get_text();

	(void) fd_write_full(out_fd, &r, sizeof(r));
	(void) fd_write_full(out_fd, text, strlen(text));
	_exit(0);
}

int userns_run(int userns_fd, int (*fn)(void *arg), void *arg)
{
	autofd int in = FD_NONE, out = FD_NONE;
	int r = fd_pipe(&in, &out), result, status;
	autofree char *text = NULL;
	pid_t pid;

	if (r < 0)
		return err_sys_r(r, "make a pipe");
	pid = fork();
	if (pid < 0)
		return err_sys("fork for a user namespace");
	if (pid == 0)
		run_inside(userns_fd, out, fn, arg);
	fd_close(&out);
	r = fd_read_full(in, &result, sizeof(result));
	if (r == 0)
		r = fd_read_all(in, RECORD_MAX, &text, NULL);
	(void) proc_reap(pid, &status);
	if (r < 0)
		return err_sys_r(r, "hear from the process in a user namespace");
	return result < 0 ? err_adopt(-result, text) : result;
}

void userns_fds_clear(struct userns_fds *cache)
{
	for (size_t i = 0; i < cache->len; i++) {
		free(cache->v[i].uid_text);
		free(cache->v[i].gid_text);
		fd_close(&cache->v[i].fd);
	}
	free(cache->v);
	*cache = (struct userns_fds) USERNS_FDS_INIT;
}
