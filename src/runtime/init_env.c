/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/init_env.h"

#include <unistd.h>

#include "base/str.h"
#include "linux/creds.h"
#include "ocispec.h"
#include "runtime/launch.h"
#include "runtime/notify.h"

/* Is NAME=… at v[i] given again further on? */
static bool is_overridden(char *const *v, size_t n, size_t i)
{
	size_t name_len = strcspn(v[i], "=");

	for (size_t k = i + 1; k < n; k++) {
		if (strncmp(v[i], v[k], name_len) == 0 && v[k][name_len] == '=')
			return true;
	}
	return false;
}

char **init_env_make(const struct launch *l, int root_fd)
{
	const struct oci_process *p = l->bundle.config->process;
	bool need_home = str_empty(p->env ? env_get(p->env, "HOME") : NULL);
	struct strv env = { NULL, 0 };

	for (size_t i = 0; i < p->env_len; i++) {
		if (need_home && str_starts(p->env[i], "HOME="))
			continue;
		/* Ours are set below: a name given twice is read as the reader likes. */
		if (l->listen_fds > 0 && (str_starts(p->env[i], "LISTEN_FDS=") ||
					  str_starts(p->env[i], "LISTEN_PID=")))
			continue;
		if (l->plan.notify_dir && str_starts(p->env[i], "NOTIFY_SOCKET="))
			continue;
		if (!is_overridden(p->env, p->env_len, i))
			strv_add(&env, p->env[i]);
	}
	if (need_home) {
		char *home = creds_home(root_fd, p->user ? p->user->uid : 0);

		strv_addf(&env, "HOME=%s", home);
		free(home);
	}
	if (l->plan.notify_dir)
		strv_addf(&env, "NOTIFY_SOCKET=%s/" NOTIFY_NAME, l->plan.notify_dir);
	if (l->container_ttys)
		strv_addf(&env, "container_ttys=%s", l->container_ttys);
	if (l->listen_fds > 0) {
		strv_addf(&env, "LISTEN_FDS=%d", l->listen_fds);
		strv_addf(&env, "LISTEN_PID=%d", (int) getpid());
	}
	return strv_take(&env);
}
