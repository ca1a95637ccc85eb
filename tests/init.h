/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_TESTS_INIT_H
#define HAKO_TESTS_INIT_H

/*
 * The verbs of the probe (init.c). argv[0] is the first argument, argv[argc] is NULL; the table in
 * init.c has checked the number. A verb returns 0 or -errno and prints nothing about a failure.
 */

#define N_ELEMENTS(a) (sizeof(a) / sizeof((a)[0]))

/* 0 or -errno after a system call that returned r. */
int result(long r);
int copy_fd(int from, int to);
/* Copies a file to standard output. */
int copy_file(const char *path);
/* Runs verbs up to the end of argv, separated by ";"; returns the exit status. */
int run_sequence(char **argv);

/* argv of the whole program, for `args` */
extern char **whole_argv;

/* init_calls.c: what the kernel refuses, and the network */
int verb_calls(int argc, char **argv);
int verb_net(int argc, char **argv);

/* init_see.c: what the container sees */
int verb_args(int argc, char **argv);
int verb_caps(int argc, char **argv);
int verb_cwd(int argc, char **argv);
int verb_domainname(int argc, char **argv);
int verb_env(int argc, char **argv);
int verb_fds(int argc, char **argv);
int verb_hostname(int argc, char **argv);
int verb_ids(int argc, char **argv);
int verb_mounts(int argc, char **argv);
int verb_ns(int argc, char **argv);
int verb_oom(int argc, char **argv);
int verb_personality(int argc, char **argv);
int verb_pid(int argc, char **argv);
int verb_rlimit(int argc, char **argv);
int verb_signals(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_sysctl(int argc, char **argv);
int verb_tty(int argc, char **argv);
int verb_umask(int argc, char **argv);

/* init_act.c: files and processes */
int verb_alloc(int argc, char **argv);
int verb_cat(int argc, char **argv);
int verb_chdir(int argc, char **argv);
int verb_chmod(int argc, char **argv);
int verb_chown(int argc, char **argv);
int verb_copy(int argc, char **argv);
int verb_echo(int argc, char **argv);
int verb_exec(int argc, char **argv);
int verb_exit(int argc, char **argv);
int verb_fork(int argc, char **argv);
int verb_kill(int argc, char **argv);
int verb_notify(int argc, char **argv);
int verb_tell(int argc, char **argv);
int verb_lines(int argc, char **argv);
int verb_lock(int argc, char **argv);
int verb_ls(int argc, char **argv);
int verb_mkdir(int argc, char **argv);
int verb_mknod(int argc, char **argv);
int verb_mount(int argc, char **argv);
int verb_open(int argc, char **argv);
int verb_pause(int argc, char **argv);
int verb_read(int argc, char **argv);
int verb_readlink(int argc, char **argv);
int verb_rm(int argc, char **argv);
int verb_save(int argc, char **argv);
int verb_sleep(int argc, char **argv);
int verb_spawn(int argc, char **argv);
int verb_stat(int argc, char **argv);
int verb_statfs(int argc, char **argv);
int verb_trap(int argc, char **argv);
int verb_true(int argc, char **argv);
int verb_wait_for(int argc, char **argv);
int verb_warn(int argc, char **argv);
int verb_write(int argc, char **argv);

#endif
