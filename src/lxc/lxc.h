/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_LXC_H
#define HAKO_LXC_LXC_H

/* Reading a container configuration of LXC 2.0 to 7.0 into struct lxc_config. */

#include <stdbool.h>
#include <stddef.h>

#include "lxc/diag.h"
#include "lxc/model.h"

enum lxc_mode {
	LXC_INTENT, /* what the author plainly meant (the default) */
	LXC_EXACT,  /* what LXC does, mistakes included */
};

/* Zero-initialised: intent mode, nothing imported, relative paths from the configuration's
 * directory. */
struct lxc_opts {
	enum lxc_mode mode;
	/* Where relative paths of the configuration start. NULL: the directory of the configuration
	 * ("." for a buffer). LXC itself takes the caller's working directory. */
	const char *cwd;
	/* Every file that the configuration names is looked up inside this directory, as if it were
	 * "/"; a path that already begins with it is not prefixed again. NULL: no such limit. */
	const char *include_root;
	/* NULL-terminated NAME=value list for "lxc.environment = NAME"; NULL = nothing to import.
	 */
	char *const *env;
	/* Lines "lxc.key=value" applied after the file, as lxc-start -s does. NULL-terminated, or
	 * NULL. */
	char *const *defines;
	/* Of Proxmox: "VOLUME=PATH", where volumes are mounted; NULL-terminated, or NULL. */
	char *const *volumes;
	bool any_volume; /* a volume of Proxmox may be anywhere: only what the file says matters */
	const char *lxcpath; /* where containers are kept; NULL: /var/lib/lxc */
	/* Open no file at all: lxc.include and lxc.mount.fstab are refused. For fuzzing. */
	bool no_files;
};

/*
 * Parses a configuration with everything it includes. On errors the parser reads on to report all
 * of them, then returns diag_result(): -EINVAL with the first one recorded, and *ret untouched. A
 * file that cannot be opened or read gives its own errno. After success d->files points into *ret.
 */
int lxc_parse_file(const char *path, const struct lxc_opts *opts, struct lxc_config **ret,
		   struct lxc_diag *d);
/* The same for text in memory; name is what messages call it. */
int lxc_parse_buffer(const char *name, const char *text, size_t len, const struct lxc_opts *opts,
		     struct lxc_config **ret, struct lxc_diag *d);

void lxc_config_free(struct lxc_config *c);
DEFINE_FREEP(struct lxc_config *, lxc_config_free)

#endif
