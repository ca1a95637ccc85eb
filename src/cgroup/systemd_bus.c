/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/systemd_bus.h"

#include <ctype.h>

#include "base/path.h"

#define PRIVATE_SOCKET "/systemd/private"

/* What may stand in an address as it is: D-Bus specification, "Server Addresses". */
static bool is_plain(unsigned char c)
{
	return isalnum(c) || strchr("-_/.\\*", c);
}

static void add_socket(struct strv *v, const char *dir, const char *name)
{
	autofree char *path = path_join(dir, name);
	autostrbuf struct strbuf b = STRBUF_INIT;

	strbuf_add(&b, "unix:path=");
	for (const char *p = path; *p; p++) {
		if (is_plain((unsigned char) *p))
			strbuf_add_c(&b, *p);
		else
			strbuf_addf(&b, "%%%02x", (unsigned char) *p);
	}
	strv_add_take(v, strbuf_take(&b));
}

static void add_given(struct strv *v, const char *address)
{
	if (!str_empty(address))
		strv_add(v, address);
}

void systemd_bus_addresses(bool user, char *const *env, uid_t uid, struct strv *ret)
{
	const char *given = env_get(env, "XDG_RUNTIME_DIR");
	autofree char *usual = NULL;

	if (!user) {
		add_given(ret, env_get(env, "DBUS_SYSTEM_BUS_ADDRESS"));
		add_socket(ret, "/run", PRIVATE_SOCKET);
		add_socket(ret, "/run/dbus", "system_bus_socket");
		return;
	}
	usual = xasprintf("/run/user/%u", uid);
	if (str_empty(given))
		given = usual;
	add_given(ret, env_get(env, "DBUS_SESSION_BUS_ADDRESS"));
	add_socket(ret, given, "bus");
	add_socket(ret, given, PRIVATE_SOCKET);
}

bool systemd_bus_is_direct(const char *address)
{
	return str_ends(address, PRIVATE_SOCKET);
}
