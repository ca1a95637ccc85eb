/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/notify.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "tests/unit/t.h"

static void test_filter(void)
{
	static const struct {
		const char *message, *passed;
		bool ready;
	} cases[] = {
		{ "READY=1", "READY=1\n", true },
		{ "READY=1\nSTATUS=fine\n", "READY=1\nSTATUS=fine\n", true },
		{ "STATUS=READY=1", "STATUS=READY=1\n", false },
		{ "READY=12", "READY=12\n", false },
		{ "MAINPID=1\nSTOPPING=1", "STOPPING=1\n", false },
		{ "FDSTORE=1\nFDNAME=x\nMAINPIDFDID=7", "", false },
		{ "X_OWN=1\nWATCHDOG=1", "WATCHDOG=1\n", false },
		{ "\n\n", "", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool ready;
		autofree char *text = notify_filter(cases[i].message, &ready);

		T_STR(text, cases[i].passed);
		T_EQ(ready, cases[i].ready);
	}
}

static void test_socket_of_caller(void)
{
	unsetenv("NOTIFY_SOCKET");
	T_STR(notify_socket_of_caller(), NULL);
	setenv("NOTIFY_SOCKET", "relative", 1);
	T_STR(notify_socket_of_caller(), NULL);
	setenv("NOTIFY_SOCKET", "@", 1);
	T_STR(notify_socket_of_caller(), NULL);
	setenv("NOTIFY_SOCKET", "@name", 1);
	T_STR(notify_socket_of_caller(), "@name");
	setenv("NOTIFY_SOCKET", "/run/x", 1);
	T_STR(notify_socket_of_caller(), "/run/x");
}

int main(void)
{
	static const struct t_test tests[] = { T_TEST(test_filter), T_TEST(test_socket_of_caller) };

	return t_run(tests, 2);
}
