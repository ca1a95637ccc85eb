/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/bpf.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/sys.h"
#include "cgroup/at.h"

static const char prog_license[] = "Apache-2.0";

#define MAX_PROGS	  64 /* BPF_CGROUP_MAX_PROGS */
#define VERIFIER_LOG_SIZE (64u << 10)

static uint64_t ptr_to_u64(const void *p)
{
	return (uint64_t) (uintptr_t) p;
}

static int prog_load_with(const struct dev_prog *prog, const char *name, char *log,
			  unsigned int log_size)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE, /* Linux 4.15 */
		.insns = ptr_to_u64(prog->insns),
		.insn_cnt = (unsigned int) prog->len,
		.license = ptr_to_u64(prog_license),
		.log_buf = ptr_to_u64(log),
		.log_size = log_size,
		.log_level = log ? 1 : 0,
	};

	strncpy(attr.prog_name, name, sizeof(attr.prog_name) - 1);
	return sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* Before Linux 5.11 programs count against RLIMIT_MEMLOCK, which is small by default. */
static int prog_load_unlocked(const struct dev_prog *prog, const char *name)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit old;
	int r;

	if (getrlimit(RLIMIT_MEMLOCK, &old) < 0 || setrlimit(RLIMIT_MEMLOCK, &unlimited) < 0)
		return -EPERM;
	r = prog_load_with(prog, name, NULL, 0);
	(void) setrlimit(RLIMIT_MEMLOCK, &old);
	return r;
}

int dev_v2_load(const struct dev_prog *prog, const char *name, int *ret_fd)
{
	int r = prog_load_with(prog, name, NULL, 0);

	if (r == -EPERM)
		r = prog_load_unlocked(prog, name);
	if (r == -EINVAL || r == -EACCES) {
		/* Refused by the verifier: only worth its log's cost now. */
		autofree char *log = xcalloc(1, VERIFIER_LOG_SIZE);

		(void) prog_load_with(prog, name, log, VERIFIER_LOG_SIZE);
		log_debug("verifier: %s", log);
	}
	if (r < 0)
		return err_sys_r(r, "load device program");
	*ret_fd = r;
	return 0;
}

static bool prog_is_ours(int fd)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = {
		.info = { .bpf_fd = (unsigned int) fd,
			  .info_len = sizeof(info),
			  .info = ptr_to_u64(&info) },
	};

	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) >= 0 &&
	       strncmp(info.name, DEV_V2_NAME, sizeof(info.name)) == 0;
}

/* The program of an earlier run at this very cgroup; others (systemd's) are left alone. FD_NONE:
 * none. */
static int prog_find(int cgroup_fd, int *ret_fd)
{
	uint32_t ids[MAX_PROGS];
	union bpf_attr query = {
		.query = {
			.target_fd = (unsigned int) cgroup_fd,
			.attach_type = BPF_CGROUP_DEVICE,
			.prog_ids = ptr_to_u64(ids),
			.prog_cnt = MAX_PROGS,
		},
	};
	int r = sys_bpf(BPF_PROG_QUERY, &query, sizeof(query));

	if (r < 0)
		return r;
	for (uint32_t i = 0; i < query.query.prog_cnt; i++) {
		union bpf_attr get = { .prog_id = ids[i] };
		autofd int fd = sys_bpf(BPF_PROG_GET_FD_BY_ID, &get, sizeof(get));

		if (fd >= 0 && prog_is_ours(fd)) {
			*ret_fd = take_fd(&fd);
			return 0;
		}
	}
	*ret_fd = FD_NONE;
	return 0;
}

/* old FD_NONE: added beside whatever is attached; else in its place, in one step (Linux 5.6). */
static int prog_attach(int cgroup_fd, int prog_fd, int old_fd)
{
	union bpf_attr attr = {
		.target_fd = (unsigned int) cgroup_fd,
		.attach_bpf_fd = (unsigned int) prog_fd,
		.attach_type = BPF_CGROUP_DEVICE,
		.attach_flags = BPF_F_ALLOW_MULTI,
	};

	if (old_fd >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (unsigned int) old_fd;
	}
	return sys_bpf(BPF_PROG_ATTACH, &attr, sizeof(attr));
}

static int prog_detach(int cgroup_fd, int prog_fd)
{
	union bpf_attr attr = {
		.target_fd = (unsigned int) cgroup_fd,
		.attach_bpf_fd = (unsigned int) prog_fd,
		.attach_type = BPF_CGROUP_DEVICE,
	};

	return sys_bpf(BPF_PROG_DETACH, &attr, sizeof(attr));
}

int dev_v2_apply(int cgroup_fd, const struct dev_prog *prog, const char *where)
{
	autofd int prog_fd = FD_NONE, old_fd = FD_NONE;
	int r;

	if (prog->len) {
		r = dev_v2_load(prog, DEV_V2_NAME, &prog_fd);
		if (r < 0)
			return r;
	}
	r = prog_find(cgroup_fd, &old_fd);
	/* Not to be asked is as good as none when everything is allowed anyway. */
	if (r < 0 && prog->len)
		return err_sys_r(r, "look for device programs of '%s'", where);
	if (prog->len) {
		r = prog_attach(cgroup_fd, prog_fd, old_fd);
		if (r < 0 && old_fd >= 0) {
			/* Without BPF_F_REPLACE: first the new, then away with the old; both hold
			 * in between. */
			r = prog_attach(cgroup_fd, prog_fd, FD_NONE);
			if (r >= 0)
				r = prog_detach(cgroup_fd, old_fd);
		}
		return r < 0 ? err_sys_r(r, "attach device program to '%s'", where) : 0;
	}
	if (old_fd < 0)
		return 0;
	r = prog_detach(cgroup_fd, old_fd);
	return r < 0 ? err_sys_r(r, "detach device program from '%s'", where) : 0;
}
