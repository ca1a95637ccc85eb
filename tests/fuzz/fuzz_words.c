/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small languages of the command line and of configurations, by number in the first byte: numbers,
 * signals, identifiers, paths, id mappings, sysctls, capabilities, lists.
 */

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bitlist.h"
#include "base/err.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "fuzz.h"
#include "linux/caps.h"
#include "linux/idmap.h"
#include "linux/sysctl.h"
#include "ocispec.h"
#include "runtime/store.h"

static void try_numbers(const char *s)
{
	int64_t i, size;
	uint64_t u, ns;
	uint32_t mode;

	if (str_to_u64(s, &u) == 0) {
		FUZZ_CHECK(*s && strspn(s, "0123456789") == strlen(s));
		FUZZ_CHECK(strtoull(s, NULL, 10) == u);
	}
	if (str_to_i64(s, &i) == 0)
		FUZZ_CHECK(isdigit((unsigned char) s[0]) || s[0] == '-');
	if (str_to_size(s, &size) == 0)
		FUZZ_CHECK(size >= -1);
	if (str_to_mode(s, 07777, &mode) == 0)
		FUZZ_CHECK(mode <= 07777);
	(void) str_to_duration(s, &ns);
}

static void try_signal(const char *s)
{
	int sig = signal_parse(s);

	FUZZ_CHECK(sig == -EINVAL || (sig >= 0 && sig <= SIGRTMAX));
	if (sig > 0 && strncmp(signal_name(sig), "SIG", 3) == 0)
		FUZZ_CHECK(signal_parse(signal_name(sig)) == sig);
}

static void try_id(const char *s)
{
	if (store_check_id(s) < 0) {
		FUZZ_CHECK(err_is_set());
		err_clear();
		return;
	}
	FUZZ_CHECK(*s && *s != '.' && !strchr(s, '/') && strlen(s) <= STORE_ID_MAX);
	for (; *s; s++)
		FUZZ_CHECK(isgraph((unsigned char) *s));
}

static void try_path(const char *s)
{
	autofree char *absolute = path_clean_absolute(s), *clean = path_clean(s);
	autofree char *again = path_clean_absolute(absolute), *twice = path_clean(clean);
	autofree char *joined = path_join("/root", absolute);

	FUZZ_CHECK(str_eq(again, absolute) && str_eq(twice, clean));
	FUZZ_CHECK(absolute[0] == '/' && !path_has_dotdot(absolute) && !strstr(absolute, "//"));
	FUZZ_CHECK(path_is_below(absolute, "/") && path_is_below(joined, "/root"));
	FUZZ_CHECK(path_has_dotdot(s) || path_has_dotdot(clean) == path_has_dotdot(s));
}

static void try_subid(const char *s)
{
	uint32_t start = 0, count = 0;

	if (idmap_subid_find(s, "user", 1000, &start, &count))
		FUZZ_CHECK(count > 0 && start + (count - 1) >= start);
}

static void try_sysctl(const char *s)
{
	autofree char *path = sysctl_path(s);

	if (!path)
		return;
	FUZZ_CHECK(path[0] && path[0] != '/' && !path_has_dotdot(path));
	FUZZ_CHECK(!strstr(path, "//") && path[strlen(path) - 1] != '/');
}

static void try_caps(const char *s)
{
	int cap = caps_parse(s);

	if (cap >= 0)
		FUZZ_CHECK(caps_parse(caps_name(cap)) == cap);
}

static void try_bits(const char *s)
{
	unsigned long bits[8] = { 0 };
	size_t n = 8 * sizeof(bits);
	int r = bitlist_parse(s, bits, n);

	FUZZ_CHECK(r == 0 || r == -EINVAL || r == -ERANGE);
	if (r == 0)
		FUZZ_CHECK(bitlist_count(bits, n) <= n);
}

/* Mappings of twelve bytes each: whatever passes can be written down and is one to one. */
static void try_idmap(const uint8_t *data, size_t size)
{
	struct oci_id_mapping m[8] = { { 0 } };
	size_t n = size / 12 < ARRAY_SIZE(m) ? size / 12 : ARRAY_SIZE(m);
	struct idmap map = { m, n, m, n };
	autofree char *text = NULL;

	for (size_t i = 0; i < n; i++) {
		memcpy(&m[i].container_id, data + 12 * i, 4);
		memcpy(&m[i].host_id, data + 12 * i + 4, 4);
		memcpy(&m[i].size, data + 12 * i + 8, 4);
		m[i].has_size = true;
	}
	if (idmap_check(&map) < 0) {
		err_clear();
		return;
	}
	text = idmap_format(m, n);
	FUZZ_CHECK(*text);
	for (size_t i = 0; i < n; i++) {
		uint32_t last = m[i].container_id + (m[i].size - 1), host;

		FUZZ_CHECK(last >= m[i].container_id);
		FUZZ_CHECK(idmap_to_host(m, n, last, &host) &&
			   host == m[i].host_id + (m[i].size - 1));
		FUZZ_CHECK(host >= m[i].host_id);
	}
}

static void (*const languages[])(const char *s) = {
	try_numbers, try_signal, try_id, try_path, try_subid, try_sysctl, try_caps, try_bits,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = NULL;
	size_t which;

	if (!size)
		return 0;
	which = data[0] % (ARRAY_SIZE(languages) + 1);
	if (which == ARRAY_SIZE(languages)) {
		try_idmap(data + 1, size - 1);
		return 0;
	}
	text = xstrndup((const char *) data + 1, size - 1);
	languages[which](text);
	return 0;
}
