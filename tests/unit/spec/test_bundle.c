/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"

#include "spec/bundle.h"

#include "tests/unit/t.h"

#define CONFIG(root, x) "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"" root "\"}" x "}"

static char dir[] = "/tmp/hako-bundle-XXXXXX";

static void put(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "we");

	if (!f)
		t_fail(__FILE__, __LINE__, "cannot write %s", path);
	fputs(text, f);
	fclose(f);
	free(path);
}

/* Loads and expects an error; '@' in its text stands for the directory. */
static void refuse(const char *config, const char *text)
{
	const char *at = strchr(text, '@');
	char *want =
		at ? xasprintf("%.*s%s%s", (int) (at - text), text, dir, at + 1) : xstrdup(text);
	struct bundle b;
	int r = bundle_load(dir, config, &b);

	if (r == 0)
		t_fail(__FILE__, __LINE__, "accepted: %s", config);
	T_STR(err_get_text(), want);
	T_EQ(err_get_code(), -r);
	T_ASSERT(!b.path && !b.config && b.fd == FD_NONE && b.rootfs_fd == FD_NONE);
	bundle_clear(&b);
	err_clear();
	free(want);
}

static void test_load(void)
{
	const char *name;
	struct bundle b;
	struct stat st;

	put("config.json", CONFIG("rootfs", ",\"annotations\":{\"org.hako.autodev\":\"0\"}"));
	T_EQ(bundle_load(dir, NULL, &b), 0);
	T_STR(b.path, dir);
	T_STR(b.rootfs + strlen(dir), "/rootfs");
	name = b.rootfs; /* borrowed by a plan when a pre-start hook has made the directory anew */
	T_EQ(bundle_open_rootfs(&b), 0);
	T_ASSERT(b.rootfs == name);
	T_EQ(fstat(b.rootfs_fd, &st), 0);
	T_ASSERT(S_ISDIR(st.st_mode));
	T_EQ(fcntl(b.rootfs_fd, F_GETFD), FD_CLOEXEC);
	T_EQ(fcntl(b.fd, F_GETFD), FD_CLOEXEC);
	T_ASSERT(b.annotations.no_autodev);
	T_STR(b.config->oci_version, "1.3.0");
	bundle_clear(&b);
	bundle_clear(&b);
}

static void test_other_config_and_relative_bundle(void)
{
	autofree char *absolute = xasprintf("%s/other.json", dir);
	struct bundle b;

	put("other.json", CONFIG("./x/..//rootfs/", ",\"hostname\":\"\""));
	T_EQ(mkdirat(AT_FDCWD, "x", 0755), 0);
	T_EQ(bundle_load(".", "other.json", &b), 0);
	T_STR(b.path, dir);
	T_ASSERT(b.config->hostname != NULL);
	bundle_clear(&b);
	T_EQ(bundle_load("x/..", absolute, &b), 0);
	T_ASSERT(b.config->hostname != NULL);
	bundle_clear(&b);
	T_EQ(unlinkat(AT_FDCWD, "x", AT_REMOVEDIR), 0);
}

static void test_absolute_root(void)
{
	struct bundle b;

	put("abs.json", CONFIG("/tmp/", ""));
	T_EQ(bundle_load(dir, "abs.json", &b), 0);
	T_STR(b.rootfs, "/tmp");
	bundle_clear(&b);
}

static void test_refused(void)
{
	struct bundle b;

	refuse("missing.json", "open configuration '@/missing.json': no such file or directory");
	put("bad.json", CONFIG("rootfs", ",\"process\":{\"cwd\":7}"));
	refuse("bad.json", "@/bad.json: process.cwd: expected a string, not a number");
	put("cut.json", "{\n\"ociVersion\"");
	refuse("cut.json", "@/cut.json: line 2, column 13: syntax error: premature EOF");
	put("rule.json", CONFIG("rootfs", ",\"process\":{\"cwd\":\"x\",\"args\":[\"a\"]}"));
	refuse("rule.json", "rule.json: process.cwd: 'x' is not an absolute path");
	put("note.json", CONFIG("rootfs", ",\"annotations\":{\"run.oci.handler\":\"x\"}"));
	refuse("note.json",
	       "note.json: annotations[\"run.oci.handler\"]: not supported by this version");
	put("root.json", CONFIG("nowhere", ""));
	refuse("root.json", "open root filesystem '@/nowhere': no such file or directory");
	put("file.json", CONFIG("file.json", ""));
	refuse("file.json", "open root filesystem '@/file.json': not a directory");
	T_EQ(bundle_open("/nonexistent/bundle", NULL, &b), -ENOENT);
	T_STR(err_get_text(), "open bundle '/nonexistent/bundle': no such file or directory");
	err_clear();
}

static void test_too_large(void)
{
	int fd = open("big.json", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	T_ASSERT(fd >= 0);
	T_EQ(ftruncate(fd, (off_t) BUNDLE_CONFIG_MAX + 1), 0);
	close(fd);
	refuse("big.json", "open configuration '@/big.json': file too large");
}

static void test_process_and_resources(void)
{
	struct oci_process *p = NULL;
	struct oci_resources *r = NULL;

	put("p.json", "{\"cwd\":\"/\",\"args\":[\"sh\"]}");
	T_EQ(bundle_read_process("p.json", &p), 0);
	T_STR(p->args[0], "sh");
	oci_process_free(p);
	put("p.json", "{\"cwd\":\"/\"}");
	T_EQ(bundle_read_process("p.json", &p), -EINVAL);
	T_STR(err_get_text(), "p.json: process.args: must not be empty");
	put("r.json", "{\"pids\":{\"limit\":5}}");
	T_EQ(bundle_read_resources("r.json", &r), 0);
	T_EQ(r->pids->limit, 5);
	oci_resources_free(r);
	put("r.json", "{\"pids\":{\"limit\":\"5\"}}");
	T_EQ(bundle_read_resources("r.json", &r), -EINVAL);
	T_STR(err_get_text(), "r.json: pids.limit: expected an integer, not a string");
	err_clear();
}

static void test_stdin(void)
{
	struct oci_resources *r = NULL;
	int fds[2], saved = dup(STDIN_FILENO);

	T_EQ(pipe(fds), 0);
	T_EQ(write(fds[1], "{}", 2), 2);
	close(fds[1]);
	dup2(fds[0], STDIN_FILENO);
	close(fds[0]);
	T_EQ(bundle_read_resources("-", &r), 0);
	oci_resources_free(r);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_load),	    T_TEST(test_other_config_and_relative_bundle),
		T_TEST(test_absolute_root), T_TEST(test_refused),
		T_TEST(test_too_large),	    T_TEST(test_process_and_resources),
		T_TEST(test_stdin),
	};
	int r;

	if (!mkdtemp(dir) || chdir(dir) < 0 || mkdir("rootfs", 0755) < 0)
		return 99;
	r = t_run(tests, sizeof tests / sizeof tests[0]);
	if (file_remove_tree_at(AT_FDCWD, dir) < 0)
		return 99;
	return r;
}
