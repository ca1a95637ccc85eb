/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The probe: a static program that is the whole user space of a test container.
 *
 *	/init VERB [ARG…] [\; VERB [ARG…]]…
 *
 * Runs the verbs in order and tells what happened in words. A verb that shows something prints it;
 * a verb that does something prints "VERB ARGS: ok" or "VERB ARGS: <strerror>". The exit status
 * is 1 if any verb failed, unless `exit N` says otherwise. `/init help` lists the verbs.
 *
 * It uses nothing of the runtime under test, so that a common mistake cannot hide.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

enum verb_flags {
	V_WORDS = 1, /* say "ok" too */
	V_LAST = 2,  /* takes everything that is left, separators included */
};

struct verb {
	const char *name;
	const char *args;
	int min_args;
	int flags;
	int (*run)(int argc, char **argv);
};

char **whole_argv;

static int verb_help(int argc, char **argv);

static const struct verb verbs[] = {
	{ "alloc", "MIB", 1, 0, verb_alloc },
	{ "args", "", 0, 0, verb_args },
	{ "calls", "", 0, 0, verb_calls },
	{ "caps", "", 0, 0, verb_caps },
	{ "cat", "FILE…", 1, 0, verb_cat },
	{ "chdir", "DIR", 1, V_WORDS, verb_chdir },
	{ "chmod", "MODE FILE", 2, V_WORDS, verb_chmod },
	{ "chown", "UID:GID FILE", 2, V_WORDS, verb_chown },
	{ "copy", "", 0, 0, verb_copy },
	{ "cwd", "", 0, 0, verb_cwd },
	{ "domainname", "", 0, 0, verb_domainname },
	{ "echo", "TEXT…", 0, 0, verb_echo },
	{ "env", "[NAME…]", 0, 0, verb_env },
	{ "exec", "PROGRAM [ARG…]", 1, V_LAST, verb_exec },
	{ "exit", "STATUS", 0, 0, verb_exit },
	{ "fds", "", 0, 0, verb_fds },
	{ "fork", "NUMBER", 1, 0, verb_fork },
	{ "help", "", 0, 0, verb_help },
	{ "hostname", "", 0, 0, verb_hostname },
	{ "ids", "", 0, 0, verb_ids },
	{ "kill", "SIGNAL PID", 2, V_WORDS, verb_kill },
	{ "lines", "NUMBER", 1, 0, verb_lines },
	{ "lock", "FILE", 1, V_WORDS, verb_lock },
	{ "ls", "DIR", 1, 0, verb_ls },
	{ "mkdir", "DIR", 1, V_WORDS, verb_mkdir },
	{ "mknod", "PATH c|b|p [MAJOR MINOR]", 2, V_WORDS, verb_mknod },
	{ "mount", "FSTYPE DIR", 2, V_WORDS, verb_mount },
	{ "mounts", "[TARGET]", 0, 0, verb_mounts },
	{ "net", "", 0, 0, verb_net },
	{ "ns", "[NAME]", 0, 0, verb_ns },
	{ "notify", "TEXT…", 1, V_WORDS, verb_notify },
	{ "oom", "", 0, 0, verb_oom },
	{ "open", "FILE [r|w|rw]", 1, V_WORDS, verb_open },
	{ "pause", "", 0, 0, verb_pause },
	{ "personality", "", 0, 0, verb_personality },
	{ "pid", "", 0, 0, verb_pid },
	{ "read", "", 0, 0, verb_read },
	{ "readlink", "PATH", 1, 0, verb_readlink },
	{ "rlimit", "[NAME]", 0, 0, verb_rlimit },
	{ "rm", "PATH", 1, V_WORDS, verb_rm },
	{ "save", "FILE", 1, 0, verb_save },
	{ "signals", "", 0, 0, verb_signals },
	{ "sleep", "SECONDS", 1, 0, verb_sleep },
	{ "spawn", "VERB [ARG…]", 1, 0, verb_spawn },
	{ "stat", "PATH…", 1, 0, verb_stat },
	{ "statfs", "PATH…", 1, 0, verb_statfs },
	{ "status", "FIELD…", 1, 0, verb_status },
	{ "sysctl", "NAME…", 1, 0, verb_sysctl },
	{ "trap", "SIGNAL [STATUS]", 1, 0, verb_trap },
	{ "tell", "PATH TEXT", 2, 0, verb_tell },
	{ "true", "", 0, 0, verb_true },
	{ "tty", "", 0, 0, verb_tty },
	{ "umask", "", 0, 0, verb_umask },
	{ "wait-for", "PATH", 1, 0, verb_wait_for },
	{ "warn", "TEXT…", 0, 0, verb_warn },
	{ "write", "FILE TEXT…", 2, V_WORDS, verb_write },
};

static int verb_help(int argc, char **argv)
{
	(void) argc, (void) argv;
	for (size_t i = 0; i < N_ELEMENTS(verbs); i++)
		printf("%s %s\n", verbs[i].name, verbs[i].args);
	return 0;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < N_ELEMENTS(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static void print_call(FILE *f, const struct verb *v, int argc, char **argv)
{
	fprintf(f, "%s", v->name);
	for (int i = 0; i < argc; i++)
		fprintf(f, " %s", argv[i]);
}

/* Runs one verb with the arguments up to the next ";". Returns the number of words used. */
static int run_one(char **argv, bool *failed)
{
	const struct verb *v = find_verb(argv[0]);
	int argc = 0, r;

	while (argv[1 + argc] && ((v && v->flags & V_LAST) || strcmp(argv[1 + argc], ";") != 0))
		argc++;
	if (!v || argc < v->min_args) {
		fprintf(stderr, "probe: %s '%s'\n", v ? "missing argument of" : "unknown verb",
			argv[0]);
		_exit(2);
	}
	/* The separator becomes the end of the verb's own vector. */
	char *separator = argv[1 + argc];

	argv[1 + argc] = NULL;
	r = v->run(argc, argv + 1);
	if (r < 0 || v->flags & V_WORDS) {
		print_call(stdout, v, argc, argv + 1);
		printf(": %s\n", r < 0 ? strerror(-r) : "ok");
	}
	argv[1 + argc] = separator;
	*failed |= r < 0;
	return 1 + argc;
}

int run_sequence(char **argv)
{
	bool failed = false;

	while (*argv) {
		argv += run_one(argv, &failed);
		if (*argv)
			argv++;
	}
	fflush(stdout);
	return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	(void) argc;
	whole_argv = calloc((size_t) argc + 1, sizeof *argv);
	memcpy(whole_argv, argv, ((size_t) argc + 1) * sizeof *argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	return run_sequence(argv + 1);
}
