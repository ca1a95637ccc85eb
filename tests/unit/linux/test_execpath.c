/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/execpath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "tests/unit/t.h"

static char dir[] = "/tmp/hako-exec-XXXXXX";

static void make(const char *name, mode_t mode)
{
	autofree char *path = xasprintf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	T_ASSERT(fd >= 0 && fchmod(fd, mode) == 0);
	close(fd);
}

/* The hit without the test directory, or NULL; path_var has $ for that directory. */
static const char *find(const char *file, const char *path_var)
{
	static char *hit;
	autostrbuf struct strbuf var = STRBUF_INIT;
	char *env[] = { (char *) "X=1", NULL, NULL };

	strbuf_add(&var, "PATH=");
	for (const char *p = path_var; p && *p; p++) {
		if (*p == '$')
			strbuf_add(&var, dir);
		else
			strbuf_add_c(&var, *p);
	}
	if (path_var)
		env[1] = var.s;
	free(hit);
	hit = NULL;
	if (execpath_find(file, env, &hit) < 0)
		return NULL;
	return str_after(hit, dir) ? str_after(hit, dir) : hit;
}

static void test_path(void)
{
	make("a/prog", 0755);
	make("b/prog", 0755);
	make("b/plain", 0644);
	make("b/shadow", 0755);
	make("a/shadow", 0644);
	T_STR(find("prog", "$/a:$/b"), "/a/prog");
	T_STR(find("prog", "/nonexistent:$/b:$/a"), "/b/prog");
	/* what cannot be executed does not hide what can */
	T_STR(find("shadow", "$/a:$/b"), "/b/shadow");
	T_STR(find("prog", "$/a/prog:$/b"), "/b/prog");
	/* a directory of that name is not it */
	T_STR(find("a", "$"), NULL);
	T_STR(err_get_text(), "exec: \"a\": executable file not found in $PATH");
	T_EQ(err_get_code(), ENOENT);
	T_STR(find("plain", "$/a:$/b"), NULL);
	T_STR(err_get_text(), "exec: \"plain\": permission denied");
	T_EQ(err_get_code(), EACCES);
	T_STR(find("none", "$/a:$/b"), NULL);
	T_STR(find("none", ""), NULL);
	T_STR(find("", "$/a"), NULL);
	T_STR(err_get_text(), "exec: \"\": executable file not found in $PATH");
}

static void test_default_path(void)
{
	T_STR(find("sh", NULL) ? "found" : "not found", "found");
}

static void test_empty_part_is_the_current_directory(void)
{
	autofree char *a = xasprintf("%s/a", dir);
	int cwd = open(".", O_PATH);

	T_EQ(chdir(a), 0);
	T_STR(find("prog", ":/nonexistent"), "./prog");
	T_STR(find("prog", "/nonexistent:"), "./prog");
	T_STR(find("prog", "/nonexistent::/x"), "./prog");
	T_EQ(fchdir(cwd), 0);
	close(cwd);
}

static void test_with_slash(void)
{
	autofree char *prog = xasprintf("%s/a/prog", dir), *plain = xasprintf("%s/b/plain", dir),
		      *text = NULL;

	T_STR(find(prog, ""), "/a/prog");
	T_STR(find(plain, ""), NULL);
	text = xasprintf("exec: \"%s\": permission denied", plain);
	T_STR(err_get_text(), text);
	T_EQ(err_get_code(), EACCES);
	T_STR(find("/nonexistent/x", ""), NULL);
	T_STR(err_get_text(),
	      "exec: \"/nonexistent/x\": stat /nonexistent/x: no such file or directory");
	T_EQ(err_get_code(), ENOENT);
	T_STR(find("/etc", ""), NULL);
	T_STR(err_get_text(), "exec: \"/etc\": is a directory");
	T_EQ(err_get_code(), EISDIR);
}

static void test_failed(void)
{
	T_EQ(execpath_failed("/run.sh", ENOENT), -ENOENT);
	T_STR(err_get_text(), "exec /run.sh: no such file or directory");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_path),
		T_TEST(test_default_path),
		T_TEST(test_empty_part_is_the_current_directory),
		T_TEST(test_with_slash),
		T_TEST(test_failed),
	};
	autofree char *a = NULL, *b = NULL;
	int r;

	if (!mkdtemp(dir))
		return 1;
	a = xasprintf("%s/a", dir);
	b = xasprintf("%s/b", dir);
	mkdir(a, 0755);
	mkdir(b, 0755);
	r = t_run(tests, sizeof(tests) / sizeof(tests[0]));
	file_remove_tree_at(AT_FDCWD, dir);
	return r;
}
