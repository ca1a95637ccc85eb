/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_TESTS_FUZZ_FUZZ_H
#define HAKO_TESTS_FUZZ_FUZZ_H

/*
 * A fuzz target is one function that takes any bytes and either returns or ends the process. With
 * --enable-fuzzing libFuzzer calls it; without, replay.c does, for each file of the target's
 * corpus.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for any input. */
#define FUZZ_CHECK(e)                                                                   \
	do {                                                                            \
		if (!(e)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #e); \
			abort();                                                        \
		}                                                                       \
	} while (0)

#endif
