/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/rootfs_tree.h"

#include "tests/unit/t.h"

static unsigned char head[ROOTFS_TREE_HEAD];

static const char *detect(size_t at, const char *magic, size_t len)
{
	memset(head, 0, sizeof(head));
	memcpy(head + at, magic, strlen(magic));
	return rootfs_tree_detect(head, len);
}

static void test_detect(void)
{
	T_STR(detect(0x438, "\x53\xef", sizeof(head)), "ext4");
	T_STR(detect(0, "XFSB", sizeof(head)), "xfs");
	T_STR(detect(0x10040, "_BHRfS_M", sizeof(head)), "btrfs");
	T_STR(detect(0, "hsqs", sizeof(head)), "squashfs");
	T_STR(detect(0x400, "\xe2\xe1\xf5\xe0", sizeof(head)), "erofs");
	T_STR(detect(0x400, "\x10\x20\xf5\xf2", sizeof(head)), "f2fs");
	T_STR(detect(0x439, "\x53\xef", sizeof(head)), NULL);
}

static void test_short(void)
{
	T_STR(detect(0x438, "\x53\xef", 0x439), NULL);
	T_STR(detect(0x438, "\x53\xef", 0x43a), "ext4");
	T_STR(detect(0, "XFSB", 3), NULL);
	T_STR(rootfs_tree_detect(head, 0), NULL);
}

int main(void)
{
	static const struct t_test tests[] = { T_TEST(test_detect), T_TEST(test_short) };

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
