/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/idmap.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <spawn.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include "linux/host.h"
#include "ocispec.h"

extern char **environ;

#define SUBID_FILE_MAX (4u << 20)

/* What differs between the two maps. */
struct id_kind {
	const char *word;     /* in messages */
	const char *file;     /* below /proc/PID */
	const char *helper;   /* setuid (or file capability) program of shadow/uidmap */
	const char *sub_file; /* ranges that an administrator lent */
};
static const struct id_kind kinds[] = {
	{ "uid", "uid_map", "newuidmap", "/etc/subuid" },
	{ "gid", "gid_map", "newgidmap", "/etc/subgid" },
};
enum { UIDS, GIDS };

static bool ranges_overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a < (uint64_t) b + b_size && b < (uint64_t) a + a_size;
}

static int check_kind(const char *word, const struct oci_id_mapping *m, size_t n)
{
	if (n == 0)
		return err_code(EINVAL, "no %s mapping for the user namespace", word);
	if (n > IDMAP_MAX)
		return err_code(EINVAL, "%zu %s mappings, the kernel takes %d", n, word, IDMAP_MAX);
	for (size_t i = 0; i < n; i++) {
		/* 4294967295 is "no id" and cannot be mapped */
		if (m[i].size == 0 || (uint64_t) m[i].container_id + m[i].size > UINT32_MAX ||
		    (uint64_t) m[i].host_id + m[i].size > UINT32_MAX)
			return err_code(EINVAL, "%s mapping %u:%u:%u is empty or out of range",
					word, m[i].container_id, m[i].host_id, m[i].size);
		for (size_t j = 0; j < i; j++) {
			if (ranges_overlap(m[i].container_id, m[i].size, m[j].container_id,
					   m[j].size) ||
			    ranges_overlap(m[i].host_id, m[i].size, m[j].host_id, m[j].size))
				return err_code(EINVAL, "%s mappings %u:%u:%u and %u:%u:%u overlap",
						word, m[j].container_id, m[j].host_id, m[j].size,
						m[i].container_id, m[i].host_id, m[i].size);
		}
	}
	return 0;
}

int idmap_check(const struct idmap *map)
{
	int r = check_kind("uid", map->uid, map->uid_len);

	return r < 0 ? r : check_kind("gid", map->gid, map->gid_len);
}

char *idmap_format(const struct oci_id_mapping *m, size_t n)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < n; i++)
		strbuf_addf(&text, "%u %u %u\n", m[i].container_id, m[i].host_id, m[i].size);
	return strbuf_take(&text);
}

bool idmap_to_host(const struct oci_id_mapping *m, size_t n, uint32_t id, uint32_t *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (id >= m[i].container_id && id - m[i].container_id < m[i].size) {
			*ret = m[i].host_id + (id - m[i].container_id);
			return true;
		}
	}
	return false;
}

bool idmap_is_foreign(const struct idmap *map, const struct host_facts *host)
{
	uint32_t root;

	return host->euid != 0 && idmap_to_host(map->uid, map->uid_len, 0, &root) &&
	       root != host->euid;
}

static void add_id(const struct oci_id_mapping *m, size_t n, uint32_t id,
		   struct oci_id_mapping **ret, size_t *ret_len)
{
	struct oci_id_mapping *v = xnew_n(struct oci_id_mapping, n + 1);
	uint32_t end = 0;
	bool there = false;

	for (size_t i = 0; i < n; i++) {
		v[i] = m[i];
		there |= ranges_overlap(m[i].host_id, m[i].size, id, 1);
		if (m[i].container_id + m[i].size > end)
			end = m[i].container_id + m[i].size;
	}
	v[n] = (struct oci_id_mapping){ .container_id = end,
					.host_id = id,
					.size = 1,
					.has_container_id = true,
					.has_host_id = true,
					.has_size = true };
	*ret = v;
	*ret_len = there ? n : n + 1;
}

void idmap_with_caller(const struct idmap *map, const struct host_facts *host, struct idmap *ret)
{
	add_id(map->uid, map->uid_len, host->euid, &ret->uid, &ret->uid_len);
	add_id(map->gid, map->gid_len, host->egid, &ret->gid, &ret->gid_len);
}

static int write_direct(pid_t pid, const struct id_kind *kind, const struct oci_id_mapping *m,
			size_t n)
{
	autofree char *text = idmap_format(m, n);
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, kind->file);
	r = file_write_at(AT_FDCWD, path, text);
	if (r < 0)
		return err_sys_r(r, "write %s mappings", kind->word);
	return 0;
}

/* Starts the helper with its stderr in a pipe, whose read end is *ret_out. */
static int spawn_helper(char **argv, pid_t *ret_pid, int *ret_out)
{
	autofd int out = FD_NONE, in = FD_NONE;
	posix_spawn_file_actions_t actions;
	int r;

	r = fd_pipe(&out, &in);
	if (r < 0)
		return r;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDERR_FILENO);
	r = -posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r == 0)
		*ret_out = take_fd(&out);
	return r;
}

static int write_by_helper(pid_t pid, const struct id_kind *kind, const struct oci_id_mapping *m,
			   size_t n)
{
	autostrv struct strv args = { 0 };
	autofree char *said = NULL;
	autofd int out = FD_NONE;
	int r, status;
	pid_t helper;

	strv_add(&args, kind->helper);
	strv_addf(&args, "%d", pid);
	for (size_t i = 0; i < n; i++) {
		strv_addf(&args, "%u", m[i].container_id);
		strv_addf(&args, "%u", m[i].host_id);
		strv_addf(&args, "%u", m[i].size);
	}
	r = spawn_helper(args.v, &helper, &out);
	if (r < 0)
		return err_sys_r(r, "write %s mappings: run '%s'", kind->word, kind->helper);
	if (fd_read_all(out, 4096, &said, NULL) < 0)
		said = NULL;
	r = proc_reap(helper, &status);
	if (r < 0)
		return err_sys_r(r, "wait for '%s'", kind->helper);
	if (status != 0)
		return err_code(EPERM, "write %s mappings: '%s' failed with exit code %d%s%s",
				kind->word, kind->helper, status, str_empty(said) ? "" : ": ",
				said ? str_trim(said) : "");
	return 0;
}

static bool is_self(const struct oci_id_mapping *m, size_t n, uint32_t id)
{
	return n == 1 && m[0].size == 1 && m[0].host_id == id;
}

/* Without it an unprivileged process could leave a group that denies it something (Linux 3.19). */
static int deny_setgroups(pid_t pid)
{
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/setgroups", pid);
	r = file_write_at(AT_FDCWD, path, "deny");
	if (r < 0)
		return err_sys_r(r, "deny setgroups in the user namespace");
	return 0;
}

int idmap_write(pid_t pid, const struct idmap *map, const struct host_facts *host)
{
	bool may_gid = host_has_cap(host, CAP_SETGID);
	bool may_uid = host_has_cap(host, CAP_SETUID);
	int r;

	r = idmap_check(map);
	if (r < 0)
		return r;
	if (may_gid) {
		r = write_direct(pid, &kinds[GIDS], map->gid, map->gid_len);
	} else if (is_self(map->gid, map->gid_len, host->egid)) {
		r = deny_setgroups(pid);
		if (r == 0)
			r = write_direct(pid, &kinds[GIDS], map->gid, map->gid_len);
	} else {
		r = write_by_helper(pid, &kinds[GIDS], map->gid, map->gid_len);
	}
	if (r < 0)
		return r;
	if (may_uid || is_self(map->uid, map->uid_len, host->euid))
		return write_direct(pid, &kinds[UIDS], map->uid, map->uid_len);
	return write_by_helper(pid, &kinds[UIDS], map->uid, map->uid_len);
}

/* NAME:START:COUNT; false for another user's line, and for one that is no such line. */
static bool parse_subid(char *line, const char *name, uint32_t id, uint32_t *ret_start,
			uint32_t *ret_count)
{
	char *start = strchr(line, ':'), *count;
	uint32_t number, first, n;

	if (!start)
		return false;
	*start++ = '\0';
	count = strchr(start, ':');
	if (!count)
		return false;
	*count++ = '\0';
	if (!str_eq(line, name) && (str_to_u32(line, &number) < 0 || number != id))
		return false;
	if (str_to_u32(start, &first) < 0 || str_to_u32(str_trim(count), &n) < 0 || n == 0)
		return false;
	/* ends behind the last id */
	if (n - 1 > UINT32_MAX - first)
		return false;
	*ret_start = first;
	*ret_count = n;
	return true;
}

bool idmap_subid_find(const char *text, const char *name, uint32_t id, uint32_t *ret_start,
		      uint32_t *ret_count)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		autofree char *line = xstrndup(text, len);

		if (parse_subid(line, name, id, ret_start, ret_count))
			return true;
		text += len + (text[len] == '\n');
	}
	return false;
}

static void make_default(const struct id_kind *kind, const char *name,
			 const struct host_facts *host, struct oci_id_mapping **ret,
			 size_t *ret_len)
{
	uint32_t self = kind == &kinds[UIDS] ? host->euid : host->egid;
	bool all = self == 0 && host->initial_userns && host_has_cap(host, CAP_SETUID);
	struct oci_id_mapping *m = xnew_n(struct oci_id_mapping, 2);
	autofree char *text = NULL;
	uint32_t start, count;

	m[0] = (struct oci_id_mapping){ .host_id = self,
					.size = 1,
					.has_container_id = true,
					.has_host_id = true,
					.has_size = true };
	*ret = m;
	*ret_len = 1;
	if (file_read_at(AT_FDCWD, kind->sub_file, SUBID_FILE_MAX, &text, NULL) < 0 ||
	    !idmap_subid_find(text, name, host->euid, &start, &count)) {
		/* Whoever may have all ids gets them, each as it is: with one alone no file system
		 * with another owner (devpts with gid=5) could be mounted. */
		if (all)
			m[0].size = UINT32_MAX;
		return;
	}
	/* a range around the caller's own id would make the map overlap */
	if ((uint64_t) start + count > UINT32_MAX || ranges_overlap(start, count, self, 1))
		return;
	m[1] = m[0];
	m[1].container_id = 1;
	m[1].host_id = start;
	m[1].size = count;
	*ret_len = 2;
}

int idmap_default(const struct host_facts *host, struct idmap *ret)
{
	struct passwd *user = getpwuid(host->euid);
	autofree char *name = user ? xstrdup(user->pw_name) : NULL;

	make_default(&kinds[UIDS], name, host, &ret->uid, &ret->uid_len);
	make_default(&kinds[GIDS], name, host, &ret->gid, &ret->gid_len);
	return 0;
}
