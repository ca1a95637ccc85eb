/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/criu_rpc.h"

#include <errno.h>

#include "../t.h"
#include "runtime/criu.h"

static void same(const struct strbuf *b, const char *bytes, size_t len)
{
	T_EQ(b->len, len);
	T_ASSERT(memcmp(strbuf_str(b), bytes, len) == 0);
}
#define SAME(b, bytes) same((b), (bytes), sizeof(bytes) - 1)

static void test_request(void)
{
	autostrbuf struct strbuf opts = STRBUF_INIT, out = STRBUF_INIT;

	criu_add_number(&opts, CRIU_OPT_PID, 300);
	criu_add_flag(&opts, CRIU_OPT_LEAVE_RUNNING, true);
	criu_add_text(&opts, CRIU_OPT_ROOT, "/r");
	criu_add_text(&opts, CRIU_OPT_LSM_PROFILE, NULL);
	/* 2: varint 300; 3: varint 1; 13: bytes "/r" */
	SAME(&opts, "\x10\xac\x02\x18\x01\x6a\x02/r");
	criu_request(&out, CRIU_DUMP, &opts);
	SAME(&out, "\x08\x01\x12\x09\x10\xac\x02\x18\x01\x6a\x02/r");
}

static void test_nested(void)
{
	autostrbuf struct strbuf opts = STRBUF_INIT;

	criu_add_pair(&opts, CRIU_OPT_CG_ROOT, "", "/c");
	/* 25: message {1: "", 2: "/c"} */
	SAME(&opts, "\xca\x01\x06\x0a\x00\x12\x02/c");
	strbuf_clear(&opts);
	criu_add_numbered(&opts, CRIU_OPT_INHERIT_FD, "pipe:[1]", 2);
	SAME(&opts, "\xda\x01\x0c\x0a\x08pipe:[1]\x10\x02");
}

static void test_notify_answer(void)
{
	autostrbuf struct strbuf out = STRBUF_INIT;

	criu_notify_answer(&out, true);
	SAME(&out, "\x08\x06\x18\x01");
}

#define PARSE(bytes, r) criu_response_parse((bytes), sizeof(bytes) - 1, (r))

static void test_response(void)
{
	struct criu_response r;

	T_EQ(PARSE("\x08\x02\x10\x01\x22\x03\x08\xac\x02", &r), 0);
	T_EQ(r.type, CRIU_RESTORE);
	T_ASSERT(r.success);
	T_EQ(r.restored_pid, 300);
	criu_response_clear(&r);

	T_EQ(PARSE("\x08\x06\x10\x01\x2a\x07\x0a\x03"
		   "abc\x10\x05",
		   &r),
	     0);
	T_STR(r.script, "abc");
	T_EQ(r.notify_pid, 5);
	criu_response_clear(&r);

	/* cr_errno 1, cr_errmsg "no", and fields of all other kinds that nobody here knows */
	T_EQ(PARSE("\x08\x01\x10\x00\x38\x01\x4a\x02no\xa1\x06"
		   "12345678\xa5\x06"
		   "1234\xaa\x06\x01x",
		   &r),
	     0);
	T_ASSERT(!r.success);
	T_EQ(r.error, 1);
	T_STR(r.message, "no");
	criu_response_clear(&r);
}

static void test_malformed(void)
{
	static const char whole[] = "\x08\x06\x10\x01\x2a\x07\x0a\x03"
				    "abc\x10\x05\x4a\x02no";
	struct criu_response r;

	T_EQ(PARSE("", &r), -EBADMSG);
	T_EQ(PARSE("\x10\x01", &r), -EBADMSG);	   /* no type */
	T_EQ(PARSE("\x08\x01\x0b", &r), -EBADMSG); /* a group */
	T_EQ(PARSE("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", &r), -EBADMSG);
	T_EQ(PARSE("\x08\x01\x4a\xff\xff\xff\xff\x0fx", &r), -EBADMSG);
	/* Cut anywhere it is either a shorter message or none; never more than there is. */
	for (size_t len = 0; len < sizeof(whole); len++) {
		char *copy = malloc(len ? len : 1);
		int n;

		memcpy(copy, whole, len);
		n = criu_response_parse(copy, len, &r);
		T_ASSERT(n == 0 || n == -EBADMSG);
		criu_response_clear(&r);
		free(copy);
	}
}

static void test_log_reason(void)
{
	char *s = criu_log_reason("(00.000010) Version: 4.1\n"
				  "(00.040718) Error (criu/util.c:1533): rlimit: not permitted\n"
				  "(00.2)     12: Error (criu/a.c:3): Can't (x): open\n"
				  "(00.2)     13: Error (criu/a.c:3): Can't (x): open\n"
				  "Error: something of another program\n"
				  "(00.3) Warn  (criu/a.c:3): not this\n"
				  "(00.4) Error (criu/cr-dump.c:2111): Dumping FAILED.\n");

	T_STR(s, "rlimit: not permitted; Can't (x): open; Dumping FAILED.");
	free(s);
	T_STR(criu_log_reason("(00.1) fine\n"), NULL);
	T_STR(criu_log_reason(""), NULL);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_request),  T_TEST(test_nested),    T_TEST(test_notify_answer),
		T_TEST(test_response), T_TEST(test_malformed), T_TEST(test_log_reason),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
