/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/dev_trace.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/sys.h"
#include "cgroup/at.h"

/* A multiple of any page size, and a power of two. */
#define RING_SIZE 65536u

static size_t page_size(void)
{
	return (size_t) sysconf(_SC_PAGESIZE);
}

static int open_ring(struct dev_trace *t)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_RINGBUF, .max_entries = RING_SIZE };
	size_t page = page_size();
	void *p;

	t->map_fd = sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	if (t->map_fd == -EINVAL)
		return err_code(ENOTSUP, "trace devices: this kernel has no BPF ring buffers "
					 "(Linux 5.8)");
	if (t->map_fd < 0)
		return err_sys_r(t->map_fd, "trace devices: make a BPF ring buffer");
	p = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, t->map_fd, 0);
	if (p == MAP_FAILED)
		return err_sys("trace devices: map the ring buffer");
	t->consumer = p;
	/* The data is there twice in a row, so that a record is never in two pieces. */
	p = mmap(NULL, page + 2 * RING_SIZE, PROT_READ, MAP_SHARED, t->map_fd, (off_t) page);
	if (p == MAP_FAILED)
		return err_sys("trace devices: map the ring buffer");
	t->producer = p;
	return 0;
}

static int attach(int cgroup_fd, int prog_fd)
{
	union bpf_attr attr = { .link_create = { .prog_fd = (uint32_t) prog_fd,
						 .target_fd = (uint32_t) cgroup_fd,
						 .attach_type = BPF_CGROUP_DEVICE } };

	return sys_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
}

static int watch(struct dev_trace *t, const struct cg_at *at, const struct dev_attached *p,
		 uint32_t index)
{
	autodev_prog struct dev_prog prog = { 0 };
	autofree char *where = at_text(at);
	autofd int fd = FD_NONE;
	int r;

	if (!p->insns)
		return err_code(EPERM, "trace devices: the kernel does not show program %u '%s'",
				p->id, p->name);
	r = dev_watch_make(p->insns, p->len, index, t->map_fd, &prog);
	if (r < 0)
		return err_wrap(r, "trace devices: program %u '%s'", p->id, p->name);
	r = dev_v2_load(&prog, "hako_watch", &fd);
	if (r < 0)
		return err_wrap(r, "trace devices");
	r = attach(at_procs_fd(at), fd);
	if (r < 0)
		return err_sys_r(r, "trace devices: attach to '%s'", where);
	t->links[t->n_links++] = r;
	return 0;
}

int dev_trace_open(const struct cgroup *cg, const struct dev_attached_list *programs,
		   struct dev_trace *ret)
{
	const struct cg_at *at = cgroup_find(cg, NULL);
	struct dev_trace t = DEV_TRACE_INIT;
	int r;

	if (!at)
		return err_code(ENOTSUP, "trace devices: cgroup v1 does not tell of denied "
					 "accesses");
	if (!programs->len)
		return err_code(ENOTSUP, "trace devices: no device program decides here, so none "
					 "denies anything");
	t.links = xnew_n(int, programs->len);
	r = open_ring(&t);
	for (size_t i = 0; r >= 0 && i < programs->len; i++)
		r = watch(&t, at, &programs->v[i], (uint32_t) i);
	if (r < 0) {
		dev_trace_close(&t);
		return r;
	}
	*ret = t;
	return 0;
}

int dev_trace_next(struct dev_trace *t, struct dev_denial *ret)
{
	unsigned long *consumer = t->consumer, *producer = t->producer;
	unsigned long at = *consumer;
	const uint8_t *data = (const uint8_t *) t->producer + page_size();

	/* The kernel's side of the protocol: kernel/bpf/ringbuf.c. */
	while (at < __atomic_load_n(producer, __ATOMIC_ACQUIRE)) {
		const uint8_t *record = data + (at & (RING_SIZE - 1));
		uint32_t head = __atomic_load_n((const uint32_t *) record, __ATOMIC_ACQUIRE);
		uint32_t len = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		bool use = !(head & BPF_RINGBUF_DISCARD_BIT) && len == sizeof(*ret);

		if (head & BPF_RINGBUF_BUSY_BIT)
			return 0;
		if (use)
			memcpy(ret, record + BPF_RINGBUF_HDR_SZ, sizeof(*ret));
		at += (len + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
		__atomic_store_n(consumer, at, __ATOMIC_RELEASE);
		if (use)
			return 1;
	}
	return 0;
}

void dev_trace_close(struct dev_trace *t)
{
	for (size_t i = 0; i < t->n_links; i++)
		fd_close(&t->links[i]);
	free(t->links);
	if (t->consumer)
		(void) munmap(t->consumer, page_size());
	if (t->producer)
		(void) munmap(t->producer, page_size() + 2 * RING_SIZE);
	fd_close(&t->map_fd);
	*t = (struct dev_trace) DEV_TRACE_INIT;
}
