/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"

size_t path_next(const char **it, const char **ret_part)
{
	const char *p = *it;
	size_t n;

	do {
		p += strspn(p, "/");
		n = strcspn(p, "/");
		*ret_part = p;
		p += n;
	} while (n == 1 && **ret_part == '.');
	*it = p;
	return n;
}

static bool is_dotdot(const char *part, size_t n)
{
	return n == 2 && part[0] == '.' && part[1] == '.';
}

static void add_part(struct strbuf *b, const char *part, size_t n)
{
	if (b->len && b->s[b->len - 1] != '/')
		strbuf_add_c(b, '/');
	strbuf_add_n(b, part, n);
}

char *path_clean(const char *path)
{
	struct strbuf b = STRBUF_INIT;
	const char *it = path, *part;
	size_t n;

	if (*path == '/')
		strbuf_add_c(&b, '/');
	while ((n = path_next(&it, &part)))
		add_part(&b, part, n);
	if (b.len == 0)
		strbuf_add_c(&b, '.');
	return strbuf_take(&b);
}

static void drop_last(struct strbuf *b)
{
	const char *slash = memrchr(b->s, '/', b->len);

	/* The slash of the root stays. */
	b->len = slash == b->s ? 1 : (size_t) (slash - b->s);
	b->s[b->len] = '\0';
}

char *path_clean_absolute(const char *path)
{
	struct strbuf b = STRBUF_INIT;
	const char *it = path, *part;
	size_t n;

	strbuf_add_c(&b, '/');
	while ((n = path_next(&it, &part))) {
		if (is_dotdot(part, n))
			drop_last(&b);
		else
			add_part(&b, part, n);
	}
	return strbuf_take(&b);
}

char *path_join(const char *a, const char *b)
{
	size_t n = strlen(a);

	while (n && a[n - 1] == '/')
		n--;
	b += strspn(b, "/");
	return xasprintf("%.*s/%s", (int) n, a, b);
}

char *path_resolve_text(const char *a, const char *b)
{
	return *b == '/' ? xstrdup(b) : path_join(a, b);
}

char *path_make_absolute(const char *path)
{
	autofree char *cwd = NULL, *joined = NULL;

	if (*path == '/')
		return path_clean(path);
	cwd = getcwd(NULL, 0);
	if (!cwd)
		return NULL;
	/* Outside our root the kernel says "(unreachable)/...":
	 * joined, that would be a wrong path. */
	if (*cwd != '/') {
		errno = ENOENT;
		return NULL;
	}
	joined = path_join(cwd, path);
	return path_clean(joined);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool path_has_dotdot(const char *path)
{
	const char *it = path, *part;
	size_t n;

	while ((n = path_next(&it, &part))) {
		if (is_dotdot(part, n))
			return true;
	}
	return false;
}

bool path_is_below(const char *path, const char *dir)
{
	const char *rest = str_after(path, dir);

	return rest && (*rest == '\0' || *rest == '/' || str_ends(dir, "/"));
}
