/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/dev_read.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/path.h"
#include "base/sys.h"
#include "cgroup/at.h"

#define MAX_PROGS 64 /* BPF_CGROUP_MAX_PROGS */

static uint64_t ptr_to_u64(const void *p)
{
	return (uint64_t) (uintptr_t) p;
}

struct ids {
	uint32_t v[MAX_PROGS];
	uint32_t len;
};

/* Quiet. flags: BPF_F_QUERY_EFFECTIVE, with those of the cgroups above, or 0. */
static int query(int fd, uint32_t flags, struct ids *ret)
{
	union bpf_attr attr = {
		.query = {
			.target_fd = (uint32_t) fd,
			.attach_type = BPF_CGROUP_DEVICE,
			.query_flags = flags,
			.prog_ids = ptr_to_u64(ret->v),
			.prog_cnt = MAX_PROGS,
		},
	};
	int r = sys_bpf(BPF_PROG_QUERY, &attr, sizeof(attr));

	if (r < 0)
		return r;
	ret->len = attr.query.prog_cnt < MAX_PROGS ? attr.query.prog_cnt : MAX_PROGS;
	return 0;
}

static int info_of(int fd, struct bpf_prog_info *info)
{
	union bpf_attr attr = { .info = { .bpf_fd = (uint32_t) fd,
					  .info_len = sizeof(*info),
					  .info = ptr_to_u64(info) } };

	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));
}

static int read_insns(int fd, struct dev_attached *ret)
{
	struct bpf_prog_info info = { 0 };
	size_t size;
	int r = info_of(fd, &info);

	if (r < 0)
		return r;
	memcpy(ret->name, info.name, sizeof(info.name));
	size = info.xlated_prog_len;
	if (!size)
		return 0;
	ret->insns = xcalloc(1, size);
	info = (struct bpf_prog_info){ .xlated_prog_len = (uint32_t) size,
				       .xlated_prog_insns = ptr_to_u64(ret->insns) };
	r = info_of(fd, &info);
	/* A hardened kernel takes the address back instead of filling it. */
	if (r == 0 && info.xlated_prog_insns && info.xlated_prog_len <= size)
		ret->len = info.xlated_prog_len / sizeof(struct bpf_insn);
	else
		free_ptr(&ret->insns), ret->insns = NULL;
	return r;
}

static int read_program(uint32_t id, struct dev_attached *ret)
{
	union bpf_attr get = { .prog_id = id };
	int fd = sys_bpf(BPF_PROG_GET_FD_BY_ID, &get, sizeof(get));
	int r;

	*ret = (struct dev_attached){ .id = id };
	if (fd < 0)
		return fd;
	r = read_insns(fd, ret);
	close(fd);
	return r;
}

static bool has_id(const struct ids *ids, uint32_t id)
{
	for (uint32_t i = 0; i < ids->len; i++) {
		if (ids->v[i] == id)
			return true;
	}
	return false;
}

/* Says of each program without a place that one is attached here. */
static void locate_at(struct dev_attached_list *list, const char *where, bool own)
{
	int fd = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct ids ids = { 0 };

	if (fd < 0)
		return;
	if (query(fd, 0, &ids) == 0) {
		for (size_t i = 0; i < list->len; i++) {
			struct dev_attached *p = &list->v[i];

			if (p->where || !has_id(&ids, p->id))
				continue;
			p->where = xstrdup(where);
			p->ours = own && str_eq(p->name, DEV_V2_NAME);
		}
	}
	close(fd);
}

/* From the container's cgroup up to the root of what is mounted. */
static void locate(const struct cg_at *at, struct dev_attached_list *list)
{
	autofree char *path = xstrdup(at->path);
	bool own = true;

	for (;;) {
		autofree char *where = path_join(at->mountpoint, path);
		char *slash = strrchr(path, '/');

		locate_at(list, where, own);
		own = false;
		if (!slash || !*path || !slash[1])
			return;
		slash[slash == path] = '\0';
	}
}

int dev_read(const struct cgroup *cg, struct dev_attached_list *ret)
{
	const struct cg_at *at = cgroup_find(cg, NULL);
	struct dev_attached_list list = { 0 };
	autofree char *where = NULL;
	struct ids ids = { 0 };
	int r;

	if (!at)
		return err_code(ENOTSUP, "the container has no cgroup of version 2");
	where = at_text(at);
	r = query(at_procs_fd(at), BPF_F_QUERY_EFFECTIVE, &ids);
	if (r < 0)
		return err_sys_r(r, "look for device programs of '%s'", where);
	list.v = xnew_n(struct dev_attached, ids.len + 1);
	for (uint32_t i = 0; i < ids.len; i++) {
		r = read_program(ids.v[i], &list.v[list.len]);
		/* Replaced meanwhile. */
		if (r == -ENOENT)
			continue;
		list.len++;
		if (r < 0) {
			dev_attached_list_clear(&list);
			return err_sys_r(r, "read device program %u of '%s'", ids.v[i], where);
		}
	}
	locate(at, &list);
	*ret = list;
	return 0;
}

void dev_attached_list_clear(struct dev_attached_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		free(list->v[i].where);
		free(list->v[i].insns);
	}
	free(list->v);
	*list = (struct dev_attached_list){ 0 };
}

char *dev_read_v1(const struct cgroup *cg)
{
	const struct cg_at *at = cgroup_find(cg, "devices");
	char *text;

	if (cgroup_find(cg, NULL) || !at || cg_read(at->fd, "devices.list", &text) < 0)
		return NULL;
	return text;
}
