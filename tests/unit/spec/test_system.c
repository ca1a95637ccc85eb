/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "spec/initsys.h"
#include "spec/system.h"
#include "spec/template.h"
#include "spec/validate.h"

#include "tests/unit/t.h"

static const struct oci_mount *mount_at(const struct oci_config *c, const char *destination)
{
	for (size_t i = 0; i < c->mounts_len; i++) {
		if (str_eq(c->mounts[i].destination, destination))
			return &c->mounts[i];
	}
	return NULL;
}

static bool has_option(const struct oci_mount *m, const char *option)
{
	for (size_t i = 0; m && i < m->options_len; i++) {
		if (str_eq(m->options[i], option))
			return true;
	}
	return false;
}

static bool has_namespace(const struct oci_config *c, const char *type)
{
	for (size_t i = 0; i < c->linux->namespaces_len; i++) {
		if (str_eq(c->linux->namespaces[i].type, type))
			return true;
	}
	return false;
}

static struct oci_config *make(bool rootless)
{
	struct template_opts t = { .rootless = rootless, .uid = 1000, .gid = 1000 };

	return template_config(&t);
}

static void test_template(void)
{
	struct system_opts o = { .id = "c", .terminal = true };
	struct oci_config *c = make(false);

	system_apply(c, &o, "/sbin/init");
	T_EQ(validate_config(c), 0);
	T_STR(c->process->args[0], "/sbin/init");
	T_STR(env_get(c->process->env, "container"), "lxc");
	T_ASSERT(c->process->terminal && !c->process->no_new_privileges);
	T_EQ(c->process->rlimits_len, 0);
	T_EQ(c->process->capabilities->bounding_len, 36);
	T_EQ(c->process->capabilities->inheritable_len, 0);
	T_ASSERT(!c->root->readonly);
	T_STR(mount_at(c, "/run")->type, "tmpfs");
	T_ASSERT(!has_option(mount_at(c, "/sys/fs/cgroup"), "ro"));
	T_ASSERT(has_namespace(c, "cgroup") && !has_namespace(c, "user"));
	T_STR(oci_map_get(c->annotations, "org.hako.signal.halt"), "auto");
	T_ASSERT(c->linux->masked_paths_len > 0);
	oci_config_free(c);
}

static void test_rootless(void)
{
	struct system_opts o = { .id = "c", .rootless = true };
	struct oci_config *c = make(true);

	system_apply(c, &o, NULL);
	T_EQ(validate_config(c), 0);
	T_ASSERT(has_namespace(c, "user") && has_namespace(c, "network"));
	T_STR(mount_at(c, "/sys")->type, "sysfs");
	T_EQ(c->process->capabilities->bounding_len, 41);
	T_EQ(c->linux->masked_paths_len, 0);
	T_STR(c->process->args[0], "sh"); /* no init to put in its place */
	T_ASSERT(!c->process->terminal);
	oci_config_free(c);
}

/* What the document says and an init can live with stays. */
static void test_own_words(void)
{
	struct system_opts o = { .id = "c" };
	struct oci_config *c = make(false);

	free(c->process->args[0]);
	c->process->args[0] = xstrdup("/bin/other");
	c->process->rlimits[0].hard = 4096;
	oci_map_set(&c->annotations, "org.hako.signal.halt", "SIGQUIT");
	system_apply(c, &o, "/sbin/init");
	T_STR(c->process->args[0], "/bin/other");
	T_EQ(c->process->rlimits_len, 1);
	T_STR(oci_map_get(c->annotations, "org.hako.signal.halt"), "SIGQUIT");
	oci_config_free(c);
}

/* ---- which init ---- */

static char dir[] = "/tmp/hako-initsys-XXXXXX";

static void file(const char *path, const char *link)
{
	autofree char *full = xasprintf("%s/%s", dir, path);

	(void) unlink(full);
	if (link ? symlink(link, full) < 0 : mknod(full, S_IFREG | 0755, 0) < 0)
		t_fail(__FILE__, __LINE__, "cannot make %s", full);
}

static void expect(const char *name, int halt, const char *path)
{
	autofd int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *found = NULL;
	const struct initsys *s = initsys_find(fd, &found);

	T_STR(s->name, name);
	T_EQ(s->halt, halt);
	T_STR(found, path);
}

static void test_initsys(void)
{
	static const char *const dirs[] = { "sbin", "bin", "lib", "lib/systemd" };

	T_ASSERT(mkdtemp(dir));
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		autofree char *path = xasprintf("%s/%s", dir, dirs[i]);

		T_EQ(mkdir(path, 0755), 0);
	}
	expect("init", SIGPWR, NULL);
	file("lib/systemd/systemd", NULL);
	expect("systemd", SIGRTMIN + 3, "/lib/systemd/systemd");
	file("sbin/init", "/lib/systemd/systemd");
	expect("systemd", SIGRTMIN + 3, "/sbin/init");
	file("bin/busybox", NULL);
	file("sbin/init", "../../../bin/busybox");
	expect("busybox", SIGUSR2, "/sbin/init");
	file("sbin/openrc-init", NULL);
	file("sbin/init", "openrc-init");
	expect("openrc-init", SIGTERM, "/sbin/init");
	T_EQ(file_remove_tree_at(AT_FDCWD, dir), 0);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_template),
		T_TEST(test_rootless),
		T_TEST(test_own_words),
		T_TEST(test_initsys),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
