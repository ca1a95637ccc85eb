/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/lent.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "cgroup/cgroup.h"
#include "linux/idmap.h"
#include "linux/userns_fd.h"
#include "ocispec.h"
#include "runtime/container.h"
#include "runtime/launch.h"

static int run_as_both(const struct idmap *map, const struct host_facts *host,
		       struct userns_fds *cache, int (*fn)(void *arg), void *arg)
{
	struct idmap both = { 0 };
	int r, fd;

	idmap_with_caller(map, host, &both);
	r = userns_fds_get(cache, &both, host, &fd);
	free(both.uid);
	free(both.gid);
	return r < 0 ? r : userns_run(fd, fn, arg);
}

static struct idmap map_of(const struct oci_config *c)
{
	const struct oci_linux *x = c->linux;

	return x ? (struct idmap){ x->uid_mappings, x->uid_mappings_len, x->gid_mappings,
				   x->gid_mappings_len }
		 : (struct idmap){ 0 };
}

/* ---- share ---- */

/* There the container's ids are what they are in the container: its root's group is 0. */
static int share_inside(void *arg)
{
	return cgroup_share(arg, 0);
}

void lent_share(struct launch *l)
{
	int r;

	if (!l->plan.cgroup_lent || cgroup_fd(&l->cgroup) < 0)
		return;
	r = run_as_both(&l->plan.idmap, &l->host, &l->userns_fds, share_inside, &l->cgroup);
	/* most programs make none */
	if (r < 0)
		err_warn(r, "the container cannot make cgroups");
}

/* ---- enter ---- */

bool lent_is_refused(struct launch *l, int r)
{
	struct idmap map = map_of(l->bundle.config);
	struct err_saved saved;
	bool known;

	if (r != -EACCES && r != -EPERM)
		return false;
	saved = err_push();
	known = host_probe(&l->host) >= 0;
	err_pop(saved);
	return known && idmap_is_foreign(&map, &l->host);
}

struct entry {
	const struct cgroup *cg;
	pid_t pid;
	int flags;
};

static int enter_inside(void *arg)
{
	const struct entry *e = arg;

	return cgroup_enter(e->cg, e->pid, e->flags);
}

int lent_enter(struct launch *l, pid_t pid, int flags)
{
	struct entry e = { &l->cgroup, pid, flags };
	struct idmap map = map_of(l->bundle.config);

	return run_as_both(&map, &l->host, &l->userns_fds, enter_inside, &e);
}

/* ---- remove ---- */

struct removal {
	struct cgroup dirs;
	int timeout_ms;
};

static int remove_inside(void *arg)
{
	const struct removal *r = arg;

	return cgroup_remove(&r->dirs, r->timeout_ms);
}

static int remove_foreign(const struct idmap *map, const struct host_facts *host,
			  const struct cgroup *cg, int timeout_ms)
{
	struct removal removal = { *cg, timeout_ms };
	struct userns_fds fds = USERNS_FDS_INIT;
	int r;

	removal.dirs.unit = NULL; /* the service manager has been asked already */
	r = run_as_both(map, host, &fds, remove_inside, &removal);
	userns_fds_clear(&fds);
	return r;
}

int lent_remove(const struct container *c, const struct cgroup *cg, int timeout_ms)
{
	struct oci_config *config = NULL;
	struct host_facts host;
	int r;

	/* root is in nobody's way */
	if (geteuid() == 0)
		return cgroup_remove(cg, timeout_ms);
	r = cgroup_remove(cg, 0);
	if (r != -EBUSY)
		return r;
	err_forgive(r, "remove the cgroup at once");
	r = host_probe(&host);
	if (r >= 0)
		r = container_load_config(c, &config);
	if (r < 0) {
		err_forgive(r, "whose cgroups are they");
	} else {
		struct idmap map = map_of(config);

		if (idmap_is_foreign(&map, &host)) {
			r = remove_foreign(&map, &host, cg, timeout_ms);
			oci_config_free(config);
			return r;
		}
	}
	oci_config_free(config);
	return cgroup_remove(cg, timeout_ms);
}
