/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/lsm_apparmor_policy.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include "linux/lsm_apparmor.h"

#define POLICY_DIR "/sys/kernel/security/apparmor"
#define SAID_MAX   4096

int apparmor_policy_check(bool incomplete)
{
	if (!apparmor_is_enabled())
		return err_code(ENOTSUP, "AppArmor is not enabled on this host");
	if (access(POLICY_DIR "/.remove", F_OK) < 0)
		return err_sys("AppArmor's policy: open '" POLICY_DIR "'");
	if (!incomplete && access(POLICY_DIR "/features/mount/mask", F_OK) < 0)
		return err_code(ENOTSUP,
				"AppArmor has no rules about mounts on this kernel, and the "
				"profile relies on them (lxc.apparmor.allow_incomplete = 1 starts "
				"without)");
	return 0;
}

/* Starts the program with its words in a pipe, whose read end is *ret_out. */
static int spawn(const char *program, const char *file, pid_t *ret_pid, int *ret_out)
{
	/* not from a cache: what is loaded is what the file says */
	char *const args[] = { (char *) "apparmor_parser", (char *) "--replace",
			       (char *) "--skip-cache", (char *) file, NULL };
	char *const env[] = { (char *) "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	autofd int out = FD_NONE, in = FD_NONE;
	posix_spawn_file_actions_t actions;
	int r = fd_pipe(&out, &in);

	if (r < 0)
		return r;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, in, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, in, STDERR_FILENO);
	r = -posix_spawn(ret_pid, program, &actions, NULL, args, env);
	posix_spawn_file_actions_destroy(&actions);
	if (r == 0)
		*ret_out = take_fd(&out);
	return r;
}

/* What it said, on one line. */
static char *one_line(char *said)
{
	for (char *s = said; s && *s; s++) {
		if (*s == '\n')
			*s = ' ';
	}
	return said ? str_trim(said) : (char *) "";
}

static int run(const char *program, const char *file)
{
	autofree char *said = NULL;
	autofd int out = FD_NONE;
	int r, status;
	pid_t pid;

	r = spawn(program, file, &pid, &out);
	if (r < 0)
		return err_sys_r(r, "run '%s'", program);
	if (fd_read_all(out, SAID_MAX, &said, NULL) < 0)
		said = NULL;
	r = proc_reap(pid, &status);
	if (r < 0)
		return err_sys_r(r, "wait for '%s'", program);
	if (status != 0)
		return err_code(EINVAL, "load '%s': '%s' failed with exit code %d: %s", file,
				program, status, one_line(said));
	return 0;
}

int apparmor_policy_load(const char *file, const char *const *programs)
{
	for (const char *const *p = programs; *p; p++) {
		if (access(*p, X_OK) == 0)
			return run(*p, file);
	}
	return err_code(ENOENT,
			"load '%s': no '%s' is installed to compile it (the package is called "
			"apparmor)",
			file, programs[0]);
}

int apparmor_policy_remove(const char *profile)
{
	int r = file_write_at(AT_FDCWD, POLICY_DIR "/.remove", profile);

	if (r < 0 && r != -ENOENT)
		return err_sys_r(r, "remove apparmor profile '%s'", profile);
	return 0;
}

static char *ns_path(const char *name)
{
	return xasprintf(POLICY_DIR "/policy/namespaces/%s", name);
}

int apparmor_policy_make_ns(const char *name)
{
	autofree char *path = ns_path(name);

	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return err_sys("make apparmor namespace '%s'", name);
	return 0;
}

int apparmor_policy_remove_ns(const char *name)
{
	autofree char *path = ns_path(name);

	if (rmdir(path) < 0 && errno != ENOENT)
		return err_sys("remove apparmor namespace '%s'", name);
	return 0;
}
