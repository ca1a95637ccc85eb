/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha256.h"

#include "tests/unit/t.h"

static void sum(const char *text, size_t times, size_t piece, char ret[SHA256_HEX_SIZE])
{
	unsigned char out[SHA256_SIZE];
	struct sha256 s;

	sha256_init(&s);
	for (size_t i = 0; i < times; i++) {
		for (size_t at = 0, len = strlen(text); at < len; at += piece)
			sha256_add(&s, text + at, len - at < piece ? len - at : piece);
	}
	sha256_finish(&s, out);
	sha256_hex(out, ret);
}

/* The examples of FIPS 180-4, and lengths around the padding's boundaries. */
static void test_known(void)
{
	static const struct {
		const char *text;
		size_t times;
		const char *sum;
	} cases[] = {
		{ "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "a", 1000000,
		  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
		{ "a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
		{ "a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
		{ "a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char hex[SHA256_HEX_SIZE];

		sum(cases[i].text, cases[i].times, 64, hex);
		T_STR(hex, cases[i].sum);
		sum(cases[i].text, cases[i].times, 7, hex);
		T_STR(hex, cases[i].sum);
	}
}

int main(void)
{
	static const struct t_test tests[] = { T_TEST(test_known) };

	return t_run(tests, 1);
}
