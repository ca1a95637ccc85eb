/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/mount_serve.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "linux/dev_outside.h"
#include "linux/mount_api.h"
#include "linux/userns_fd.h"
#include "runtime/launch.h"
#include "runtime/sync.h"

/* The user namespace whose mappings the mount gets: init's own, or one made for it. */
static int userns_of(struct launch *l, const struct mount_op *op, int *ret_own, int *ret_borrowed)
{
	autofree char *path = NULL;

	if (!(op->flags & (MOUNT_OP_IDMAP | MOUNT_OP_IDMAP_REC)))
		return 0;
	if (!(op->flags & MOUNT_OP_IDMAP_USERNS))
		return userns_fds_get(&l->userns_fds, &op->map, &l->host, ret_borrowed);
	path = xasprintf("/proc/%d/ns/user", (int) l->pid);
	*ret_own = open(path, O_RDONLY | O_CLOEXEC);
	if (*ret_own < 0)
		return err_sys("open the container's user namespace");
	*ret_borrowed = *ret_own;
	return 0;
}

/* The index is the child's word: it names an operation of our own plan, or it is refused. */
static const struct mount_op *op_of(const struct launch *l, uint32_t index)
{
	const struct mount_plan *plan = &l->plan.mounts;

	if (index == MOUNT_SERVE_ROOTFS)
		return l->plan.rootfs_idmap.source ? &l->plan.rootfs_idmap : NULL;
	return index < plan->len && plan->ops[index].kind == MOUNT_OP_BIND ? &plan->ops[index]
									   : NULL;
}

static int serve_rootfs_tree(struct launch *l)
{
	autofd int tree = FD_NONE;
	int r = rootfs_tree_make(&l->plan.rootfs_tree, &tree);

	return r < 0 ? r : sync_send(l->sync, SYNC_TREE, 0, NULL, tree);
}

static int serve_devices(struct launch *l)
{
	autofd int tree = FD_NONE;
	int r = dev_outside_make(&l->plan.devices, &tree);

	return r < 0 ? r : sync_send(l->sync, SYNC_TREE, 0, NULL, tree);
}

int mount_serve(struct launch *l, struct sync_msg *m)
{
	const struct mount_op *op = op_of(l, m->index);
	autofd int own = FD_NONE, tree = FD_NONE;
	int userns = FD_NONE, r;

	if (m->index == MOUNT_SERVE_ROOTFS && rootfs_tree_wanted(&l->plan.rootfs_tree))
		return serve_rootfs_tree(l);
	if (m->index == MOUNT_SERVE_DEVICES && l->plan.serve_devices)
		return serve_devices(l);
	if (!op)
		return err_code(EPROTO,
				"the container's init asks for a mount that is not planned");
	r = userns_of(l, op, &own, &userns);
	if (r >= 0)
		r = mount_api_host_tree(op, userns, &tree);
	if (r < 0)
		return r;
	return sync_send(l->sync, SYNC_TREE, 0, NULL, tree);
}
