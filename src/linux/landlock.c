/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/resolve.h"
#include "base/str.h"
#include "ocispec.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
#define SYS_landlock_restrict_self  446
#endif

#define CREATE_VERSION 1u
#define RULE_PATH      1
#define RULE_PORT      2

/* The kernel's structs as of ABI 6; older kernels take the longer one if what is new in it is 0. */
struct ruleset_attr {
	uint64_t fs, net, scope;
};
struct path_attr {
	uint64_t allowed;
	int32_t parent_fd;
} __attribute__((packed));
struct port_attr {
	uint64_t allowed, port;
};

enum kind { KIND_FS, KIND_NET, KIND_SCOPE };

static const struct {
	enum kind kind;
	const char *name;
	unsigned int bit;
	int abi;
} rights[] = {
	{ KIND_FS, "execute", 0, 1 },
	{ KIND_FS, "write_file", 1, 1 },
	{ KIND_FS, "read_file", 2, 1 },
	{ KIND_FS, "read_dir", 3, 1 },
	{ KIND_FS, "remove_dir", 4, 1 },
	{ KIND_FS, "remove_file", 5, 1 },
	{ KIND_FS, "make_char", 6, 1 },
	{ KIND_FS, "make_dir", 7, 1 },
	{ KIND_FS, "make_reg", 8, 1 },
	{ KIND_FS, "make_sock", 9, 1 },
	{ KIND_FS, "make_fifo", 10, 1 },
	{ KIND_FS, "make_block", 11, 1 },
	{ KIND_FS, "make_sym", 12, 1 },
	{ KIND_FS, "refer", 13, 2 },
	{ KIND_FS, "truncate", 14, 3 },
	{ KIND_FS, "ioctl_dev", 15, 5 },
	{ KIND_NET, "bind_tcp", 0, 4 },
	{ KIND_NET, "connect_tcp", 1, 4 },
	{ KIND_SCOPE, "abstract_unix_socket", 0, 6 },
	{ KIND_SCOPE, "signal", 1, 6 },
};

#define FS_EXECUTE (1ull << 0)
#define FS_READ	   (1ull << 2 | 1ull << 3)
/* What a file can have that is no directory: execute, write, read, truncate, ioctl_dev. */
#define FS_OF_FILES (7ull | 1ull << 14 | 1ull << 15)

static uint64_t *of_kind(struct landlock_rights *r, enum kind kind)
{
	return kind == KIND_FS ? &r->fs : kind == KIND_NET ? &r->net : &r->scope;
}

/* ---- plan ---- */

/* A name, or a mask in any of C's bases: rights that are newer than our table. */
static int parse_right(enum kind kind, const char *word, uint64_t *ret)
{
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(rights); i++) {
		if (rights[i].kind == kind && str_eq(rights[i].name, word)) {
			*ret |= 1ull << rights[i].bit;
			return 0;
		}
	}
	if (word[0] < '0' || word[0] > '9')
		return -EINVAL;
	errno = 0;
	*ret |= strtoull(word, &end, 0);
	return errno || *end ? -EINVAL : 0;
}

static int parse_rights(const char *member, enum kind kind, char *const *words, size_t n,
			uint64_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < n; i++) {
		if (parse_right(kind, words[i], ret) < 0)
			return err_code(EINVAL, "landlock: %s: unknown right '%s'", member,
					words[i]);
	}
	return 0;
}

static int check_handled(const char *member, size_t i, uint64_t allowed, uint64_t handled)
{
	if (allowed & ~handled)
		return err_code(EINVAL, "landlock: %s[%zu]: allows what is not handled (%#llx)",
				member, i, (unsigned long long) (allowed & ~handled));
	if (!allowed)
		return err_code(EINVAL, "landlock: %s[%zu]: allows nothing", member, i);
	return 0;
}

static int plan_paths(const struct oci_landlock_path *p, size_t i, struct landlock_plan *ret)
{
	uint64_t allowed;
	int r = parse_rights("pathBeneath", KIND_FS, p->allowed_access, p->allowed_access_len,
			     &allowed);

	if (r == 0)
		r = check_handled("pathBeneath", i, allowed, ret->handled.fs);
	for (size_t k = 0; r == 0 && k < p->paths_len; k++) {
		if (p->paths[k][0] != '/')
			return err_code(EINVAL, "landlock: pathBeneath[%zu]: '%s' is not absolute",
					i, p->paths[k]);
		ret->paths = xreallocarray(ret->paths, ret->paths_len + 1, sizeof(*ret->paths));
		ret->paths[ret->paths_len++] = (struct landlock_path){ allowed, p->paths[k] };
	}
	return r;
}

static int plan_ports(const struct oci_landlock_port *p, size_t i, struct landlock_plan *ret)
{
	uint64_t allowed;
	int r = parse_rights("netPort", KIND_NET, p->allowed_access, p->allowed_access_len,
			     &allowed);

	if (r == 0)
		r = check_handled("netPort", i, allowed, ret->handled.net);
	for (size_t k = 0; r == 0 && k < p->ports_len; k++) {
		if (p->ports[k] > UINT16_MAX)
			return err_code(EINVAL, "landlock: netPort[%zu]: %u is no port", i,
					p->ports[k]);
		ret->ports = xreallocarray(ret->ports, ret->ports_len + 1, sizeof(*ret->ports));
		ret->ports[ret->ports_len++] =
			(struct landlock_port){ allowed, (uint16_t) p->ports[k] };
	}
	return r;
}

int landlock_plan(const struct oci_landlock *doc, struct landlock_plan *ret)
{
	struct landlock_rights *h = &ret->handled;
	int r;

	*ret = (struct landlock_plan){ .wanted = doc, .best_effort = doc && doc->best_effort };
	if (!doc)
		return 0;
	r = parse_rights("handledAccessFS", KIND_FS, doc->handled_access_fs,
			 doc->handled_access_fs_len, &h->fs);
	if (r == 0)
		r = parse_rights("handledAccessNet", KIND_NET, doc->handled_access_net,
				 doc->handled_access_net_len, &h->net);
	if (r == 0)
		r = parse_rights("scoped", KIND_SCOPE, doc->scoped, doc->scoped_len, &h->scope);
	if (r == 0 && !h->fs && !h->net && !h->scope)
		r = err_code(EINVAL, "landlock: nothing is handled, so nothing would be denied");
	for (size_t i = 0; r == 0 && i < doc->path_beneath_len; i++)
		r = plan_paths(&doc->path_beneath[i], i, ret);
	for (size_t i = 0; r == 0 && i < doc->net_port_len; i++)
		r = plan_ports(&doc->net_port[i], i, ret);
	if (r < 0)
		landlock_plan_clear(ret);
	return r;
}

void landlock_plan_clear(struct landlock_plan *plan)
{
	free(plan->paths);
	free(plan->ports);
	*plan = (struct landlock_plan){ 0 };
}

/* ---- the kernel ---- */

static int create_ruleset(const struct landlock_rights *r)
{
	struct ruleset_attr attr = { r->fs, r->net, r->scope };
	/* What is not used is not shown: kernels before each member would say E2BIG. */
	size_t size = r->scope ? sizeof(attr) : r->net ? 16 : 8;
	long fd = syscall(SYS_landlock_create_ruleset, &attr, size, 0);

	return fd < 0 ? -errno : (int) fd;
}

static int add_path(int ruleset, int fd, uint64_t allowed)
{
	struct path_attr attr = { .allowed = allowed, .parent_fd = fd };

	return syscall(SYS_landlock_add_rule, ruleset, RULE_PATH, &attr, 0) < 0 ? -errno : 0;
}

static int add_port(int ruleset, const struct landlock_port *p, uint64_t handled)
{
	struct port_attr attr = { .allowed = p->allowed & handled, .port = p->port };

	if (!attr.allowed)
		return 0;
	return syscall(SYS_landlock_add_rule, ruleset, RULE_PORT, &attr, 0) < 0 ? -errno : 0;
}

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, (void *) 0, 0, CREATE_VERSION);

	return abi < 0 ? 0 : (int) abi;
}

struct landlock_rights landlock_rights_of(int abi)
{
	struct landlock_rights r = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rights); i++) {
		if (rights[i].abi <= abi)
			*of_kind(&r, rights[i].kind) |= 1ull << rights[i].bit;
	}
	return r;
}

static struct landlock_rights both(struct landlock_rights a, struct landlock_rights b)
{
	return (struct landlock_rights){ a.fs & b.fs, a.net & b.net, a.scope & b.scope };
}

/* ---- for the container ---- */

static int open_path(const struct landlock_plan *plan, int ruleset, int root_fd,
		     const struct landlock_path *p, uint64_t handled)
{
	autofd int fd = resolve_open(root_fd, p->path, O_PATH);
	uint64_t allowed = p->allowed & handled;
	struct stat st;
	int r;

	if (fd < 0 && plan->best_effort) {
		log_warn("landlock: '%s' cannot be opened, its rule is left out", p->path);
		return 0;
	}
	if (fd < 0)
		return err_sys_r(fd, "landlock: open '%s'", p->path);
	if (fstat(fd, &st) < 0)
		return err_sys("landlock: look at '%s'", p->path);
	if (!S_ISDIR(st.st_mode))
		allowed &= FS_OF_FILES;
	r = allowed ? add_path(ruleset, fd, allowed) : 0;
	return r < 0 ? err_sys_r(r, "landlock: add a rule for '%s'", p->path) : 0;
}

static int no_landlock(const struct landlock_plan *plan)
{
	if (!plan->best_effort)
		return err_code(ENOTSUP, "landlock: this kernel does not have it, or not enabled");
	log_warn("landlock: this kernel does not have it: no ruleset");
	return 0;
}

int landlock_open(const struct landlock_plan *plan, int root_fd, int *ret_fd)
{
	struct landlock_rights handled = plan->handled;
	autofd int ruleset = FD_NONE;
	int abi = landlock_abi(), r = 0;

	*ret_fd = FD_NONE;
	if (!abi)
		return no_landlock(plan);
	if (plan->best_effort) {
		handled = both(handled, landlock_rights_of(abi));
		if (handled.fs != plan->handled.fs || handled.net != plan->handled.net ||
		    handled.scope != plan->handled.scope)
			log_warn("landlock: version %d of this kernel lacks some of the rights, "
				 "which are left out",
				 abi);
		if (!handled.fs && !handled.net && !handled.scope)
			return 0;
	}
	ruleset = create_ruleset(&handled);
	if (ruleset < 0)
		return err_sys_r(ruleset, "landlock: make the ruleset (version %d of the kernel)",
				 abi);
	for (size_t i = 0; r == 0 && i < plan->paths_len; i++)
		r = open_path(plan, ruleset, root_fd, &plan->paths[i], handled.fs);
	for (size_t i = 0; r == 0 && i < plan->ports_len; i++) {
		r = add_port(ruleset, &plan->ports[i], handled.net);
		if (r < 0)
			r = err_sys_r(r, "landlock: add a rule for port %u", plan->ports[i].port);
	}
	if (r == 0)
		*ret_fd = take_fd(&ruleset);
	return r;
}

int landlock_enter(int ruleset_fd)
{
	if (syscall(SYS_landlock_restrict_self, ruleset_fd, 0) < 0)
		return err_sys("landlock: enter the ruleset");
	return 0;
}

/* ---- for ourselves ---- */

void landlock_confine(const int *dir_fds, size_t n)
{
	struct landlock_rights all = landlock_rights_of(landlock_abi());
	struct landlock_rights handled = { .fs = all.fs & ~FS_READ, .net = all.net };
	autofd int ruleset = FD_NONE;
	int r;

	if (!all.fs)
		return;
	ruleset = create_ruleset(&handled);
	r = ruleset < 0 ? ruleset : 0;
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_path(ruleset, dir_fds[i], handled.fs & ~FS_EXECUTE);
	if (r == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0) {
		r = -errno;
		if (r == -EPERM && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
			r = syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -errno : 0;
	}
	if (r < 0)
		log_debug("landlock: not confined: %s", err_describe(-r));
}
