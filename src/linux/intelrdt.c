/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/intelrdt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/mountinfo.h"
#include "base/str.h"

#define ROOT	   "/sys/fs/resctrl"
#define FILE_MAX   65536
#define MOUNTS_MAX (64u << 20)
#define MODE	   0755

/* ---- the file system ---- */

static int find_mount(void *arg, const struct mountinfo *m)
{
	char **ret = arg;

	if (!str_eq(m->fstype, "resctrl"))
		return 0;
	*ret = xstrdup(m->mountpoint);
	return 1;
}

static char *find_root(void)
{
	autofree char *text = NULL;
	char *root = NULL;

	if (access(ROOT "/schemata", F_OK) == 0)
		return xstrdup(ROOT);
	if (file_read_at(AT_FDCWD, "/proc/self/mountinfo", MOUNTS_MAX, &text, NULL) == 0)
		(void) mountinfo_each(text, find_mount, &root);
	return root;
}

int intelrdt_open(struct intelrdt *ret)
{
	autofree char *root = find_root();
	int fd;

	if (!root)
		return err_code(ENOTSUP, "linux.intelRdt: resctrl is not mounted at " ROOT);
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys("open '%s'", root);
	*ret = (struct intelrdt){ .root_fd = fd };
	return 0;
}

void intelrdt_close(struct intelrdt *rdt)
{
	fd_close(&rdt->root_fd);
}

static int make_group(const struct intelrdt *rdt, const char *path)
{
	int r;

	if (rdt->make)
		r = rdt->make(rdt->root_fd, path);
	else
		r = mkdirat(rdt->root_fd, path, MODE) < 0 ? -errno : 0;
	return r;
}

/* The kernel's own words about the last failure, or nothing. */
static int explain(const struct intelrdt *rdt, int r, const char *what, const char *path)
{
	autofree char *status = NULL;
	const char *text = "";

	if (file_read_at(rdt->root_fd, "info/last_cmd_status", FILE_MAX, &status, NULL) == 0)
		text = str_trim(status);
	if (!*text || str_eq(text, "ok"))
		return err_sys_r(r, "linux.intelRdt: %s '%s'", what, path);
	return err_code(-r, "linux.intelRdt: %s '%s': %s (%s)", what, path, err_describe(-r), text);
}

static int write_file(const struct intelrdt *rdt, const char *group, const char *file,
		      const char *text)
{
	autofree char *path = xasprintf("%s/%s", group, file);
	int r = file_write_at(rdt->root_fd, path, text);

	return r < 0 ? explain(rdt, r, "write to", path) : 0;
}

/* ---- comparing ---- */

/* The text of NAME's line in a schemata file, behind the colon; the kernel indents lines. */
static const char *find_line(const char *text, const char *name, size_t name_len)
{
	while (*text) {
		text += strspn(text, " \t");
		if (strncmp(text, name, name_len) == 0 && text[name_len] == ':')
			return text + name_len + 1;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return NULL;
}

/* A value without the zeros before it; "0" is nothing. */
static size_t trim_value(const char **s)
{
	*s += strspn(*s, " ");
	*s += strspn(*s, "0");
	return strcspn(*s, "; \n");
}

/* Does the line give the domain ("0=") this value? */
static bool has_value(const char *line, const char *domain, size_t domain_len, const char *value)
{
	size_t len = trim_value(&value);

	while (*line && *line != '\n') {
		const char *v = line + strspn(line, " ;");

		if (strncmp(v, domain, domain_len) == 0 && v[domain_len] == '=') {
			size_t n;

			v += domain_len + 1;
			n = trim_value(&v);
			return n == len && strncasecmp(v, value, n) == 0;
		}
		line = v + strcspn(v, ";\n");
	}
	return false;
}

/* Is all that a line of the document asks for so already? */
static bool has_line(const char *current, const char *line, size_t len)
{
	autofree char *copy = xstrndup(line, len);
	char *values = strchr(copy, ':');
	const char *there = values ? find_line(current, copy, (size_t) (values - copy)) : NULL;
	char *save = NULL;

	if (!there)
		return false;
	for (char *d = strtok_r(values + 1, ";", &save); d; d = strtok_r(NULL, ";", &save)) {
		size_t n = strcspn(d += strspn(d, " "), "=");

		if (d[n] != '=' || !has_value(there, d, n, d + n + 1))
			return false;
	}
	return true;
}

static int read_schemata(const struct intelrdt *rdt, const char *clos, char **ret)
{
	autofree char *path = xasprintf("%s/schemata", clos);
	int r = file_read_at(rdt->root_fd, path, FILE_MAX, ret, NULL);

	return r < 0 ? err_sys_r(r, "linux.intelRdt: read '%s'", path) : 0;
}

/* It is somebody else's class, perhaps with processes in it: nothing of it is changed. */
static int compare(const struct intelrdt *rdt, const struct intelrdt_plan *plan)
{
	autofree char *current = NULL;
	int r = read_schemata(rdt, plan->clos, &current);

	for (const char *s = plan->schemata; r == 0 && *s;) {
		size_t len = strcspn(s, "\n");

		if (!has_line(current, s, len))
			return err_code(EEXIST,
					"linux.intelRdt: class '%s' exists, and its schema is not "
					"'%.*s'",
					plan->clos, (int) len, s);
		s += len + (s[len] == '\n');
	}
	return r;
}

/* ---- verbs ---- */

static int make_class(const struct intelrdt *rdt, const struct intelrdt_plan *plan, bool *ret_made)
{
	int r;

	*ret_made = false;
	if (!plan->make) {
		if (!file_exists_at(rdt->root_fd, plan->clos))
			return err_code(ENOENT,
					"linux.intelRdt.closID: there is no class '%s', and no "
					"schema to make one",
					plan->clos);
		/* the default class, with a schema */
		return plan->schemata ? write_file(rdt, plan->clos, "schemata", plan->schemata) : 0;
	}
	r = make_group(rdt, plan->clos);
	if (r == -EEXIST && !plan->own)
		return compare(rdt, plan);
	if (r < 0)
		return explain(rdt, r, "make class", plan->clos);
	*ret_made = true;
	return plan->schemata ? write_file(rdt, plan->clos, "schemata", plan->schemata) : 0;
}

int intelrdt_make(const struct intelrdt *rdt, const struct intelrdt_plan *plan, bool *ret_made)
{
	int r = make_class(rdt, plan, ret_made);

	if (r < 0 || !plan->monitor)
		return r;
	r = make_group(rdt, plan->monitor);
	return r < 0 && r != -EEXIST ? explain(rdt, r, "make group", plan->monitor) : 0;
}

int intelrdt_enter(const struct intelrdt *rdt, const struct intelrdt_plan *plan, pid_t pid)
{
	char text[16];
	int r;

	snprintf(text, sizeof(text), "%d", (int) pid);
	/* The class first: a monitoring group takes only who is in the class around it. */
	r = write_file(rdt, plan->clos, "tasks", text);
	if (r >= 0 && plan->monitor)
		r = write_file(rdt, plan->monitor, "tasks", text);
	return r;
}

int intelrdt_update(const struct intelrdt *rdt, const struct intelrdt_plan *plan, char **ret_old)
{
	autofree char *old = NULL;
	int r = read_schemata(rdt, plan->clos, &old);

	if (r >= 0)
		r = write_file(rdt, plan->clos, "schemata", plan->schemata);
	if (r >= 0)
		*ret_old = take_ptr(&old);
	return r;
}

int intelrdt_restore(const struct intelrdt *rdt, const struct intelrdt_plan *plan, const char *old)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	/* As it was read, but for the indentation, which older kernels do not take. */
	while (*old) {
		size_t len = strcspn(old += strspn(old, " \t"), "\n");

		strbuf_add_n(&b, old, len);
		strbuf_add_c(&b, '\n');
		old += len + (old[len] == '\n');
	}
	return write_file(rdt, plan->clos, "schemata", strbuf_str(&b));
}

static int remove_group(const struct intelrdt *rdt, const char *path)
{
	int r;

	if (rdt->remove)
		r = rdt->remove(rdt->root_fd, path);
	else
		r = unlinkat(rdt->root_fd, path, AT_REMOVEDIR) < 0 ? -errno : 0;
	return r < 0 && r != -ENOENT ? err_sys_r(r, "linux.intelRdt: remove '%s'", path) : 0;
}

int intelrdt_remove(const struct intelrdt *rdt, const struct intelrdt_plan *plan, bool with_class)
{
	int r = plan->monitor ? remove_group(rdt, plan->monitor) : 0;

	if (r >= 0 && plan->make && (plan->own || with_class))
		r = remove_group(rdt, plan->clos);
	return r;
}
