/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What other processes and the kernel say to us, by number in the first byte: criu's answers, a
 * container's notifications, /proc/PID/stat with a name that a process chose, properties for
 * systemd and the addresses of its bus.
 */

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/proc.h"
#include "base/str.h"
#include "cgroup/systemd_bus.h"
#include "cgroup/systemd_props.h"
#include "fuzz.h"
#include "runtime/criu_rpc.h"
#include "runtime/notify.h"

static void try_criu(const uint8_t *data, size_t size)
{
	struct criu_response r = { 0 };
	int e = criu_response_parse(data, size, &r);

	FUZZ_CHECK(e == 0 || e == -EBADMSG);
	if (e == 0) {
		FUZZ_CHECK(!r.script || strlen(r.script) <= size);
		FUZZ_CHECK(!r.message || strlen(r.message) <= size);
		criu_response_clear(&r);
	}
}

static void try_notify(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *) data, size), *passed, *again;
	bool ready, ready_again;

	passed = notify_filter(text, &ready);
	again = notify_filter(passed, &ready_again);
	FUZZ_CHECK(str_eq(passed, again) && ready == ready_again);
	FUZZ_CHECK(!str_starts(passed, "MAINPID=") && !strstr(passed, "\nMAINPID="));
	FUZZ_CHECK(!str_starts(passed, "FDSTORE=") && !strstr(passed, "\nFDSTORE="));
}

/* The name is the process's own choice, and the only part of the line that is. */
static void try_stat(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *) data, size), *line = NULL;
	struct proc_stat st = { 0 };

	(void) proc_stat_parse(text, &st);
	line = xasprintf("12 (%s) S 3 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 77 9 10\n", text);
	FUZZ_CHECK(proc_stat_parse(line, &st) == 0);
	FUZZ_CHECK(st.state == 'S' && st.ppid == 3 && st.start == 77);
}

static void try_property(const uint8_t *data, size_t size)
{
	autofree char *name = xstrndup((const char *) data, size);
	char *value = strchr(name, '=');
	struct systemd_props props = { 0 };
	int r;

	if (!value)
		return;
	*value++ = '\0';
	r = systemd_props_parse(name, value, &props);
	FUZZ_CHECK((r < 0) == err_is_set());
	err_clear();
	if (r >= 0) {
		autofree char *text = systemd_props_format(&props);

		FUZZ_CHECK(props.len > 0 && *text);
	}
	systemd_props_clear(&props);
}

static void try_bus(const uint8_t *data, size_t size)
{
	autofree char *dir = xstrndup((const char *) data, size);
	autofree char *runtime = xasprintf("XDG_RUNTIME_DIR=%s", dir);
	char *env[] = { runtime, NULL };
	autostrv struct strv v = { NULL, 0 };

	systemd_bus_addresses(true, env, 1000, &v);
	/* What a directory is called does not become another address, or another key of one. */
	for (size_t i = 0; i < v.len; i++) {
		FUZZ_CHECK(!strpbrk(v.v[i], ";,"));
		FUZZ_CHECK(str_starts(v.v[i], "unix:path="));
	}
}

static void (*const answers[])(const uint8_t *data, size_t size) = {
	try_criu, try_notify, try_stat, try_property, try_bus,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size)
		answers[data[0] % ARRAY_SIZE(answers)](data + 1, size - 1);
	return 0;
}
