/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target without libFuzzer: on the files given, or on its corpus. The corpus of
 * fuzz_NAME is tests/fuzz/corpus/NAME. TAP on stdout; an input that ends the process is the one
 * named last.
 */

#include <dirent.h>
#include <string.h>

#include "fuzz.h"

static void replay(const char *path, int number)
{
	FILE *f = fopen(path, "re");
	uint8_t *data = NULL;
	size_t size = 0, room = 0;

	printf("# %s\n", path);
	fflush(stdout);
	while (f && !feof(f) && !ferror(f)) {
		if (size == room) {
			room = room ? room * 2 : 4096;
			data = realloc(data, room);
			if (!data)
				abort();
		}
		size += fread(data + size, 1, room - size, f);
	}
	if (!f || ferror(f)) {
		printf("not ok %d - cannot be read\n", number);
	} else {
		/* In a block of exactly its size, so that a sanitizer sees a read behind it. */
		uint8_t *exact = malloc(size ? size : 1);

		if (!exact)
			abort();
		if (size)
			memcpy(exact, data, size);
		LLVMFuzzerTestOneInput(exact, size);
		free(exact);
		printf("ok %d - %s\n", number, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
	}
	if (f)
		fclose(f);
	free(data);
}

static int is_input(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static int replay_corpus(const char *target)
{
	const char *source = getenv("SRCDIR"), *name = strstr(target, "fuzz_");
	struct dirent **entries;
	char path[4096];
	int n;

	snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", source ? source : ".",
		 name ? name + strlen("fuzz_") : target);
	n = scandir(path, &entries, is_input, alphasort);
	if (n <= 0) {
		printf("Bail out! no corpus in %s\n", path);
		return 1;
	}
	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		char file[sizeof path + sizeof entries[i]->d_name + 1];

		snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
		replay(file, i + 1);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

int main(int argc, char **argv)
{
	const char *base = strrchr(argv[0], '/');

	if (argc == 1)
		return replay_corpus(base ? base + 1 : argv[0]);
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++)
		replay(argv[i], i);
	return 0;
}
