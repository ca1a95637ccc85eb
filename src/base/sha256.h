/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_SHA256_H
#define HAKO_BASE_SHA256_H

/* SHA-256 (FIPS 180-4), for names of cached things; not on data that would make its speed matter.
 */

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE	32
#define SHA256_HEX_SIZE (2 * SHA256_SIZE + 1)

struct sha256 {
	uint32_t h[8];
	uint64_t len;
	unsigned char block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t len);
void sha256_finish(struct sha256 *s, unsigned char ret[SHA256_SIZE]);
void sha256_hex(const unsigned char sum[SHA256_SIZE], char ret[SHA256_HEX_SIZE]);

#endif
