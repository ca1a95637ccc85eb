/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/resolve.h"
#include "base/sock.h"
#include "base/str.h"
#include "linux/host.h"
#include "linux/lsm.h"
#include "linux/mount_apply.h"
#include "linux/ns_enter.h"
#include "linux/seal.h"
#include "linux/userns_fd.h"
#include "ocispec.h"
#include "runtime/container.h"
#include "runtime/store.h"
#include "runtime/sync.h"
#include "spec/annotations.h"

/*
 * Sources are the host's, so their trees are cloned here, and file systems of a device or of
 * directories are made here: in there the names would be the container's, whose devices may be
 * others. A child with the container's namespaces puts all in place and makes the other file
 * systems, which belong to the container's user namespace then as if init had made them.
 */
struct change {
	const struct container *c;
	enum mounts_verb verb;
	const struct oci_config *list; /* its mounts */
	struct ns_plan ns;
	struct ns_files files;
	struct mount_api api;
	struct mount_plan plan;
	int *trees; /* for each operation, or FD_NONE */
	size_t at;  /* the operation that is being done */
	int sync;   /* the child's end */
};

static void change_clear(struct change *x)
{
	for (size_t i = 0; x->trees && i < x->plan.len; i++)
		fd_close(&x->trees[i]);
	free(x->trees);
	mount_plan_clear(&x->plan);
	mount_api_close(&x->api);
	ns_files_close(&x->files);
	fd_close(&x->sync);
}

/* ---- the list ---- */

static int read_list(const char *file, struct oci_config **ret)
{
	autofree char *text = NULL, *json = NULL;
	struct oci_error err = { NULL };
	size_t len;
	int r;

	if (str_eq(file, "-"))
		r = fd_read_all(STDIN_FILENO, OCI_MAX_SIZE, &text, &len);
	else
		r = file_read_at(AT_FDCWD, file, OCI_MAX_SIZE, &text, &len);
	if (r < 0)
		return err_sys_r(r, "read mounts from '%s'", file);
	if (strlen(text) != len || *str_trim(text) != '[')
		return err_code(EINVAL, "mounts of '%s': not a JSON array", file);
	json = xasprintf("{\"ociVersion\":\"1.3.0\",\"mounts\":%s}", text);
	if (oci_config_parse(json, strlen(json), ret, &err) < 0) {
		r = err_code(EINVAL, "mounts of '%s': %s", file, err.text);
		oci_error_clear(&err);
		return r;
	}
	/* A text may hold more than the array: "[], \"hooks\": …". */
	if ((*ret)->process || (*ret)->root || (*ret)->hooks || (*ret)->linux || (*ret)->extra)
		return err_code(EINVAL, "mounts of '%s': not a JSON array alone", file);
	return 0;
}

static int check_list(const struct oci_config *list)
{
	for (size_t i = 0; i < list->mounts_len; i++) {
		const struct oci_mount *m = &list->mounts[i];

		if (str_eq(m->type, "cgroup") || str_eq(m->type, "cgroup2"))
			return err_code(ENOTSUP,
					"mounts[%zu]: a cgroup mount can only be there "
					"from the start",
					i);
		if (str_empty(m->destination))
			return err_code(EINVAL, "mounts[%zu]: no destination", i);
	}
	return 0;
}

static int plan(struct change *x, const struct oci_config *config)
{
	const struct oci_linux *l = config->linux;
	struct mount_plan_args args = {
		.mounts = x->list->mounts,
		.mounts_len = x->list->mounts_len,
		.bundle = x->c->status->bundle,
		.userns = x->ns.has[NS_USER],
		.pidns = x->ns.has[NS_PID],
		.cgroupns = x->ns.has[NS_CGROUP],
	};
	int r;

	if (l && l->mount_label && lsm_selinux_is_enabled())
		args.label = l->mount_label;
	if (l)
		args.userns_map = (struct idmap){ l->uid_mappings, l->uid_mappings_len,
						  l->gid_mappings, l->gid_mappings_len };
	r = mount_plan(&args, &x->plan);
	for (size_t i = 0; r >= 0 && i < x->plan.notes.len; i++)
		log_warn("%s", x->plan.notes.v[i]);
	return r;
}

/* ---- sources ---- */

/* What a link on the host says is read on the host. */
static int settle_symlink(struct mount_op *op)
{
	char text[PATH_MAX];
	ssize_t n;

	if (op->kind != MOUNT_OP_BIND || !(op->flags & MOUNT_OP_COPY_SYMLINK))
		return 0;
	op->flags &= ~(unsigned int) MOUNT_OP_COPY_SYMLINK;
	n = readlink(op->source, text, sizeof(text) - 1);
	if (n < 0)
		return errno == EINVAL ? 0 : err_sys("read the link '%s'", op->source);
	free(op->source);
	op->source = xstrndup(text, (size_t) n);
	op->kind = MOUNT_OP_SYMLINK;
	return 0;
}

static int clone_tree(struct change *x, const struct mount_op *op, struct userns_fds *cache,
		      int *ret_fd)
{
	autofree char *path = xasprintf("/proc/%d/ns/user", container_pid(x->c));
	autofd int own = FD_NONE;
	struct host_facts host;
	int userns = FD_NONE, r;

	if (!(op->flags & MOUNT_OP_IDMAP))
		return mount_api_host_tree(op, FD_NONE, ret_fd);
	r = host_probe(&host);
	if (r < 0)
		return r;
	if (op->flags & MOUNT_OP_IDMAP_USERNS) {
		own = userns = open(path, O_RDONLY | O_CLOEXEC);
		r = own < 0 ? err_sys("open the container's user namespace") : 0;
	} else {
		r = userns_fds_get(cache, &op->map, &host, &userns);
	}
	return r < 0 ? r : mount_api_host_tree(op, userns, ret_fd);
}

/* Does it name something by a path? "//" begins the name of a server, which the container's network
 * reaches. */
static bool names_paths(const struct mount_op *op)
{
	return (op->source[0] == '/' && op->source[1] != '/') || str_eq(op->fstype, "overlay");
}

/* Put in place like a tree from then on. */
static int make_fs(struct change *x, struct mount_op *op, int *ret_fd)
{
	int r;

	if (x->ns.has[NS_USER])
		return err_code(ENOTSUP,
				"mount '%s' on '%s': it is of the host, and the container's user "
				"namespace could not mount it",
				op->source, op->destination);
	r = mount_api_host_fs(op, ret_fd);
	op->kind = MOUNT_OP_BIND;
	op->flags |= MOUNT_OP_KEEP_ATTRS;
	return r;
}

static int take_source(struct change *x, struct mount_op *op, struct userns_fds *cache, int *ret_fd)
{
	int r = settle_symlink(op);

	if (r >= 0 && op->kind == MOUNT_OP_BIND)
		r = clone_tree(x, op, cache, ret_fd);
	else if (r >= 0 && op->kind == MOUNT_OP_FS && names_paths(op))
		r = make_fs(x, op, ret_fd);
	return r;
}

static int clone_trees(struct change *x)
{
	struct userns_fds cache = USERNS_FDS_INIT;
	int r = 0;

	x->trees = xnew_n(int, x->plan.len + 1);
	for (size_t i = 0; i < x->plan.len; i++)
		x->trees[i] = FD_NONE;
	for (size_t i = 0; r >= 0 && i < x->plan.len; i++)
		r = take_source(x, &x->plan.ops[i], &cache, &x->trees[i]);
	userns_fds_clear(&cache);
	return r;
}

static int give_tree(void *arg, size_t op_index, int *ret_tree_fd)
{
	struct change *x = arg;

	*ret_tree_fd = take_fd(&x->trees[x->at + op_index]);
	return 0;
}

/* ---- in the container ---- */

/* By its parent and name: the object itself would need a path, through a /proc that may be
 * anything. */
static int unmount(int root_fd, const char *destination)
{
	autofd int dir = FD_NONE;
	autofree char *name = NULL;
	int r = resolve_parent(root_fd, destination, false, &dir, &name);

	if (r == 0 && (fchdir(dir) < 0 || umount2(name, MNT_DETACH | UMOUNT_NOFOLLOW) < 0))
		r = -errno;
	if (r == -EINVAL)
		return err_code(EINVAL, "unmount '%s': nothing of the container's is mounted there",
				destination);
	return r < 0 ? err_sys_r(r, "unmount '%s'", destination) : 0;
}

static int remove_all(const struct change *x, int root_fd)
{
	int r = 0;

	for (size_t i = x->list->mounts_len; r >= 0 && i-- > 0;) {
		autofree char *path = path_clean_absolute(x->list->mounts[i].destination);

		r = unmount(root_fd, path);
	}
	return r;
}

static void take_back(struct change *x, int root_fd, size_t done)
{
	struct err_saved saved = err_push();

	for (size_t i = done; i-- > 0;) {
		enum mount_op_kind kind = x->plan.ops[i].kind;

		if (kind == MOUNT_OP_FS || kind == MOUNT_OP_BIND)
			(void) unmount(root_fd, x->plan.ops[i].destination);
	}
	err_pop(saved);
}

/* One by one, to know which of them are there when one fails. */
static int add_all(struct change *x, int root_fd)
{
	struct mount_plan one = { .len = 1 };
	struct mount_apply_args args = { .api = &x->api,
					 .root_fd = root_fd,
					 .plan = &one,
					 .host_tree = give_tree,
					 .arg = x,
					 .away = true };
	int r = 0;

	for (x->at = 0; r >= 0 && x->at < x->plan.len; x->at++) {
		one.ops = &x->plan.ops[x->at];
		r = mount_apply(&args, NULL);
		if (r < 0)
			take_back(x, root_fd, x->at);
	}
	if (r < 0)
		return r;
	r = mount_apply_late(&x->api, root_fd, &x->plan);
	if (r < 0)
		take_back(x, root_fd, x->plan.len);
	return r;
}

static int change_inside(struct change *x)
{
	autofd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_sys("open the container's root directory");
	return x->verb == MOUNTS_ADD ? add_all(x, root) : remove_all(x, root);
}

static int request(void *arg, enum ns_request what)
{
	(void) arg;
	(void) what;
	return err_code(EPROTO, "nothing is to be asked for");
}

/* A pid namespace is entered by children only, and a procfs is of the namespace one is in. */
static int fork_inside(const struct change *x)
{
	pid_t pid;
	int status;

	if (!x->ns.middle)
		return 0;
	pid = fork();
	if (pid < 0)
		return err_sys("fork in the container's namespaces");
	if (pid > 0) {
		(void) proc_reap(pid, &status);
		_exit(0);
	}
	return 0;
}

__attribute__((noreturn)) static void child_main(struct change *x)
{
	int r;

	proc_set_name("hako:mounts");
	(void) prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* What joins a running container is seen by it: CVE-2016-9962. */
	r = prctl(PR_SET_DUMPABLE, 0) < 0 ? err_sys("become undumpable") : 0;
	if (r >= 0)
		r = ns_enter_run(&x->ns, &x->files, request, NULL);
	if (r >= 0)
		r = fork_inside(x);
	if (r >= 0)
		r = change_inside(x);
	if (r >= 0)
		r = sync_send(x->sync, SYNC_READY, 0, NULL, FD_NONE);
	if (r < 0)
		sync_send_failure(x->sync);
	_exit(0);
}

static int read_result(int sock)
{
	autosync struct sync_msg m = SYNC_MSG_INIT;
	int r = sync_recv(sock, &m);

	if (r < 0)
		return r;
	if (r == 0)
		return err_code(EPIPE, "the process in the container's namespaces has died");
	return m.type == SYNC_READY ? 0 : err_adopt((int) m.index, m.text ? m.text : "unknown");
}

static int run_inside(struct change *x)
{
	autofd int ours = FD_NONE;
	int status, r = sock_pair(&ours, &x->sync);
	pid_t pid;

	if (r < 0)
		return err_sys_r(r, "make a socket pair");
	pid = fork();
	if (pid < 0)
		return err_sys("fork");
	if (pid == 0) {
		fd_close(&ours);
		child_main(x);
	}
	fd_close(&x->sync);
	r = read_result(ours);
	(void) proc_reap(pid, &status);
	return r;
}

/* ---- all of it ---- */

static int find_namespaces(struct change *x)
{
	int flags = ns_enter_diff(container_pid(x->c));

	if (flags < 0)
		return flags;
	ns_plan_exec(flags, &x->ns);
	if (!x->ns.has[NS_MNT])
		return err_code(ENOTSUP, "container '%s' has no mount namespace of its own",
				x->c->id);
	x->files.pid = container_pid(x->c);
	x->files.pidfd = fd_dup_above(x->c->pidfd, 3);
	return x->files.pidfd < 0 ? err_sys_r(x->files.pidfd, "keep the container's process") : 0;
}

/* Everything that can be known before anything is changed. */
static int prepare_add(struct change *x, const struct oci_config *config)
{
	int r = mount_api_open(&x->api);

	if (r >= 0 && !x->api.detached)
		r = err_code(ENOTSUP, "mounts of a running container need Linux 5.2");
	if (r >= 0)
		r = plan(x, config);
	return r < 0 ? r : clone_trees(x);
}

static int change(struct change *x)
{
	auto_call(oci_config_free) struct oci_config *config = NULL;
	int r = container_load_config(x->c, &config);

	if (r >= 0)
		r = find_namespaces(x);
	if (r >= 0 && x->verb == MOUNTS_ADD)
		r = prepare_add(x, config);
	if (r < 0)
		return r;
	/* In there the container can stop us: it must not keep others from deleting it. */
	store_unlock(x->c->dir_fd);
	return run_inside(x);
}

static int check_state(const struct container *c)
{
	if (c->state == CONTAINER_CREATED || c->state == CONTAINER_RUNNING ||
	    c->state == CONTAINER_PAUSED)
		return 0;
	return err_code(ESRCH,
			"cannot change mounts of container '%s': container not running (it "
			"is %s)",
			c->id, container_state_name(c->state));
}

int mounts_change(const struct runtime_opts *rt, const char *id, const char *file,
		  enum mounts_verb verb)
{
	auto_call(oci_config_free) struct oci_config *list = NULL;
	autocontainer struct container c = CONTAINER_INIT;
	__attribute__((cleanup(change_clear))) struct change x = {
		.c = &c,
		.verb = verb,
		.files = NS_FILES_INIT,
		.api = MOUNT_API_INIT,
		.sync = FD_NONE,
	};
	int r;

	/* What enters the container's namespaces is a copy of us: CVE-2019-5736. */
	r = seal_self(rt->argv);
	if (r >= 0)
		r = read_list(file, &list);
	if (r >= 0)
		r = check_list(list);
	if (r >= 0)
		r = container_open(rt, id, CONTAINER_LOCK, &c);
	if (r >= 0)
		r = check_state(&c);
	x.list = list;
	return r < 0 ? r : change(&x);
}
