/* SPDX-License-Identifier: Apache-2.0 */

/*
 * swapper A B [SECONDS]
 *
 * The attacker of the race tests: exchanges two names (a directory and a link to somewhere else) as
 * fast as it can, until the time is over or it is told to stop. Prints how often.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void) sig;
	stopped = 1;
}

int main(int argc, char **argv)
{
	const struct sigaction act = { .sa_handler = stop };
	unsigned long n = 0;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: swapper A B [SECONDS]\n");
		return 125;
	}
	sigaction(SIGALRM, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	if (argc == 4)
		alarm((unsigned int) strtoul(argv[3], NULL, 10));
	while (!stopped) {
		if (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) == 0) {
			n++;
			continue;
		}
		/* The victim removes and makes the names meanwhile, or mounts on one. */
		if (errno != ENOENT && errno != EBUSY) {
			fprintf(stderr, "swapper: exchange '%s' and '%s': %s\n", argv[1], argv[2],
				strerror(errno));
			return 1;
		}
	}
	printf("%lu\n", n);
	return 0;
}
