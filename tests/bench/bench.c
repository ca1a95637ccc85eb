/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench [-n ROUNDS] NAME COMMAND [ARG…] [, COMMAND…]… [\; NAME COMMAND…]…
 *
 * Runs the contenders in turn, ROUNDS times, so that whatever else the machine does hits all of
 * them alike. A contender is one command or several (separated by ","), timed together. Prints for
 * each: median and smallest time, the median of the ratio to the first contender of the same round,
 * and the largest resident set of a process of it. A command that fails ends everything.
 */

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONTENDERS 8
#define MAX_COMMANDS   8

struct contender {
	const char *name;
	char **commands[MAX_COMMANDS];
	int n_commands;
	double *ms;    /* of each round */
	double *ratio; /* to the first contender */
	long max_rss;  /* KiB */
};

static struct contender contenders[MAX_CONTENDERS];
static int n_contenders;

__attribute__((noreturn)) static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}

static void run_command(char **argv, long *max_rss)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int status, r;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	r = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r != 0)
		die(argv[0], strerror(r));
	if (wait4(pid, &status, 0, &usage) < 0)
		die("wait", strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die(argv[0], "failed");
	if (usage.ru_maxrss > *max_rss)
		*max_rss = usage.ru_maxrss;
}

static double run_contender(struct contender *c)
{
	double start = now_ms();

	for (int i = 0; i < c->n_commands; i++)
		run_command(c->commands[i], &c->max_rss);
	return now_ms() - start;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *) a, y = *(const double *) b;

	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t) n, sizeof *v, compare);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void print_table(int rounds)
{
	printf("%-28s %10s %10s %8s %9s\n", "", "median ms", "best ms", "ratio", "RSS KiB");
	for (int i = 0; i < n_contenders; i++) {
		struct contender *c = &contenders[i];
		double m = median(c->ms, rounds);

		printf("%-28s %10.2f %10.2f %8.2f %9ld\n", c->name, m, c->ms[0],
		       median(c->ratio, rounds), c->max_rss);
	}
}

/* Cuts argv at the separators; what it points to stays in place. */
static void parse(char **argv, int rounds)
{
	struct contender *c = NULL;

	for (; *argv; argv++) {
		if (strcmp(*argv, ";") == 0) {
			*argv = NULL;
			c = NULL;
		} else if (strcmp(*argv, ",") == 0) {
			*argv = NULL;
			if (!c || c->n_commands == MAX_COMMANDS || !argv[1])
				die("arguments", "misplaced ','");
			c->commands[c->n_commands++] = argv + 1;
		} else if (!c) {
			if (n_contenders == MAX_CONTENDERS || !argv[1])
				die(*argv, "too many contenders, or no command");
			c = &contenders[n_contenders++];
			c->name = *argv;
			c->commands[c->n_commands++] = argv + 1;
			c->ms = calloc((size_t) rounds, sizeof *c->ms);
			c->ratio = calloc((size_t) rounds, sizeof *c->ratio);
		}
	}
	if (n_contenders == 0)
		die("arguments", "no contender");
}

int main(int argc, char **argv)
{
	int rounds = 100, opt;
	long ignored = 0;

	while ((opt = getopt(argc, argv, "+n:")) != -1) {
		if (opt != 'n' || (rounds = atoi(optarg)) < 1)
			return 2;
	}
	parse(argv + optind, rounds);
	/* Once for the page cache, unmeasured. */
	for (int i = 0; i < n_contenders; i++)
		for (int k = 0; k < contenders[i].n_commands; k++)
			run_command(contenders[i].commands[k], &ignored);
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < n_contenders; i++) {
			contenders[i].ms[round] = run_contender(&contenders[i]);
			contenders[i].ratio[round] =
				contenders[i].ms[round] / contenders[0].ms[round];
		}
	}
	print_table(rounds);
	return 0;
}
