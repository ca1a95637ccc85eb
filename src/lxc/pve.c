/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/pve.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/str.h"

static const char *const pve_keys[] = {
	"arch",	      "cmode",	     "console",	     "cores",	     "cpulimit", "cpuunits",
	"debug",      "description", "entrypoint",   "env",	     "features", "hookscript",
	"hostname",   "lock",	     "memory",	     "nameserver",   "onboot",	 "ostype",
	"protection", "rootfs",	     "searchdomain", "startup",	     "swap",	 "tags",
	"template",   "timezone",    "tty",	     "unprivileged",
};

/* Families with a number: mp0, net0, dev0, unused0. */
static const char *const pve_families[] = { "dev", "mp", "net", "unused" };

static bool is_pve_key(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(pve_keys); i++) {
		if (strcmp(key, pve_keys[i]) == 0)
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(pve_families); i++) {
		const char *digits = str_after(key, pve_families[i]);

		if (digits && *digits && strspn(digits, "0123456789") == strlen(digits))
			return true;
	}
	return false;
}

/* 1: Proxmox, -1: not, 0: this line does not tell. */
static int judge_line(const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	autofree char *key = NULL;

	if (len >= 4 && memcmp(line, "lxc.", 4) == 0) {
		const char *assign = memchr(line, '=', len);

		/* "lxc.x: a=b" is a raw line of such a file, "lxc.x = a:b" is LXC's own language */
		return assign && (!colon || assign < colon) ? -1 : 0;
	}
	if (len && *line == '[')
		return -1;
	if (!colon)
		return 0;
	key = xstrndup(line, (size_t) (colon - line));
	return is_pve_key(key) ? 1 : 0;
}

bool pve_detect(const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t) (end - text));
		size_t n = (size_t) ((stop ? stop : end) - text);
		int verdict = judge_line(text, n);

		if (verdict)
			return verdict > 0;
		text += n + 1;
	}
	return false;
}

void pve_parse(struct lxc_parser *p, uint32_t file, const char *text, size_t len)
{
	(void) text;
	(void) len;
	diag_add(p->d, "LXC-E001", (struct lxc_pos){ file, 1 }, NULL,
		 "this is a Proxmox VE container file, not a configuration of LXC");
	diag_hint(p->d, "convert the file that Proxmox generates: /var/lib/lxc/ID/config");
}
