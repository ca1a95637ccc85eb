/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/path.h"
#include "ocispec.h"
#include "runtime/criu.h"
#include "runtime/criu_ext.h"
#include "runtime/criu_notify.h"
#include "runtime/criu_refuse.h"
#include "runtime/criu_setup.h"
#include "runtime/delete.h"
#include "runtime/late.h"
#include "runtime/launch.h"
#include "runtime/store.h"

#define FREEZE_MS 5000

struct checkpoint {
	struct launch l; /* nothing is launched: the container, its bundle and its plan */
	const struct checkpoint_opts *opts;
	struct criu_setup setup;
	struct criu_call call;
	int status_fd;
};

/* ---- the container ---- */

/* The plan is made again from the saved document, for where its mounts and namespaces are. */
static int load(struct checkpoint *x, const char *id)
{
	struct launch *l = &x->l;
	autofree char *json = NULL;
	int r;

	r = container_open(l->rt, id, CONTAINER_LOCK, &l->c);
	if (r < 0)
		return r;
	if (l->c.state != CONTAINER_RUNNING && l->c.state != CONTAINER_PAUSED)
		return err_code(EINVAL, "cannot checkpoint container '%s': it is %s", id,
				container_state_name(l->c.state));
	r = store_read_config(l->c.dir_fd, &json, NULL);
	if (r >= 0)
		r = bundle_load_text(l->c.status->bundle, json, &l->bundle);
	if (r >= 0)
		r = criu_refuse(&l->bundle, "checkpoint");
	if (r < 0)
		return r;
	late_assume(&l->bundle, container_pid(&l->c));
	l->notify_socket = l->c.status->notify_socket;
	l->notify_point = l->c.status->notify_point;
	return launch_plan(l);
}

/* ---- the request ---- */

/* criu finds it from the image directory, and says little when it does not. */
static int add_parent(struct checkpoint *x)
{
	const char *path = x->opts->parent_path;
	struct stat st;

	if (!path)
		return 0;
	if (path[0] == '/')
		return err_code(EINVAL,
				"--parent-path: '%s' must be relative to the image directory",
				path);
	if (fstatat(x->setup.image_fd, path, &st, 0) < 0)
		return err_sys("--parent-path: '%s' below '%s'", path, x->setup.image_path);
	if (!S_ISDIR(st.st_mode))
		return err_code(ENOTDIR, "--parent-path: '%s' is not a directory", path);
	criu_add_text(&x->call.opts, CRIU_OPT_PARENT_IMG, path);
	return 0;
}

static int add_page_server(struct checkpoint *x)
{
	const char *text = x->opts->page_server, *colon = text ? strrchr(text, ':') : NULL;
	autofree char *address = NULL;
	uint32_t port;

	if (!text)
		return 0;
	if (!colon || colon == text || str_to_u32(colon + 1, &port) < 0 || port == 0 ||
	    port > 65535)
		return err_code(EINVAL, "--page-server: '%s' is not ADDRESS:PORT", text);
	address = xstrndup(text, (size_t) (colon - text));
	criu_add_numbered(&x->call.opts, CRIU_OPT_PAGE_SERVER, address, port);
	return 0;
}

/* criu tells when it is ready (3.15), and we write the byte: it could not open every descriptor. */
static int check_status_fd(struct checkpoint *x)
{
	const char *text = x->opts->status_fd;
	int flags;

	if (!text)
		return 0;
	if (!x->opts->criu.lazy_pages)
		return err_code(EINVAL, "--status-fd is for --lazy-pages");
	if (str_to_int(text, &x->status_fd) < 0 || x->status_fd < 0)
		return err_code(EINVAL, "--status-fd: '%s' is not a descriptor", text);
	flags = fcntl(x->status_fd, F_GETFL);
	if (flags < 0)
		return err_sys("--status-fd: descriptor %d", x->status_fd);
	if ((flags & O_ACCMODE) == O_RDONLY)
		return err_code(EBADF, "--status-fd: descriptor %d is not writable", x->status_fd);
	return 0;
}

/*
 * The freezer stops processes that fork while criu looks for them. On a hybrid host criu knows the
 * v1 one only.
 */
static int add_freezer(struct checkpoint *x)
{
	autocgroup struct cgroup cg = CGROUP_INIT;
	int r = container_open_cgroup(&x->l.c, &cg);

	for (size_t i = 0; r >= 0 && i < cg.len; i++) {
		const struct cg_at *at = &cg.at[i];
		autofree char *path = path_join(at->mountpoint, at->path);
		bool v2 = cg.mode == CGROUP_MODE_UNIFIED && !*at->controllers;

		if (at->fd < 0 || (!v2 && !str_eq(at->controllers, "freezer")))
			continue;
		criu_add_text(&x->call.opts, CRIU_OPT_FREEZE_CGROUP, path);
		break;
	}
	return r;
}

static int add_outside(struct checkpoint *x)
{
	autofree char *path = xasprintf("/proc/%d/root", container_pid(&x->l.c));
	autofd int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct strbuf *opts = &x->call.opts;
	int r;

	if (root < 0)
		return err_sys("open the root of container '%s'", x->l.c.id);
	r = criu_ext_dump_namespaces(&x->l, opts);
	if (r < 0 || x->opts->pre_dump)
		return r;
	r = criu_ext_dump_mounts(&x->l, root, opts);
	if (r >= 0)
		r = criu_ext_dump_stdio(&x->l.c, x->opts->criu.shell_job, x->setup.image_fd, opts);
	if (r >= 0)
		r = criu_notify_save(x->setup.image_fd, x->l.plan.notify_dir);
	return r;
}

static int make_request(struct checkpoint *x)
{
	const struct checkpoint_opts *o = x->opts;
	struct strbuf *opts = &x->call.opts;
	int r;

	r = check_status_fd(x);
	if (r >= 0)
		r = criu_setup(&x->setup, &o->criu, CRIU_SETUP_DUMP, &x->l.bundle, &x->call);
	if (r >= 0)
		r = add_parent(x);
	if (r >= 0)
		r = add_page_server(x);
	if (r >= 0)
		r = add_freezer(x);
	if (r >= 0)
		r = add_outside(x);
	if (r < 0)
		return r;
	criu_add_number(opts, CRIU_OPT_PID, (uint64_t) container_pid(&x->l.c));
	criu_add_text(opts, CRIU_OPT_ROOT, x->l.bundle.rootfs);
	criu_add_flag(opts, CRIU_OPT_LEAVE_RUNNING, o->leave_running);
	criu_add_flag(opts, CRIU_OPT_TCP_SKIP_IN_FLIGHT, o->tcp_skip_in_flight);
	criu_add_flag(opts, CRIU_OPT_LINK_REMAP, o->link_remap);
	if (o->pre_dump || o->parent_path)
		criu_add_flag(opts, CRIU_OPT_TRACK_MEM, true);
	return 0;
}

/* ---- the dump ---- */

static int on_notify(void *arg, const struct criu_response *n, int *fd)
{
	struct checkpoint *x = arg;

	(void) fd;
	if (!str_eq(n->script, "status-ready") || x->status_fd < 0)
		return 0;
	if (write(x->status_fd, "", 1) < 0)
		return err_sys("write to --status-fd %d", x->status_fd);
	/* Whoever reads waits for the end of the stream. */
	fd_close(&x->status_fd);
	return 0;
}

/*
 * criu copes with a frozen container where it knows the freezer. On a hybrid host that is frozen by
 * cgroup2 and criu knows of v1 alone, it would wait for ever.
 */
static int thaw_for_criu(const struct container *c)
{
	autocgroup struct cgroup cg = CGROUP_INIT;
	int r = container_open_cgroup(c, &cg);

	return r < 0 || cg.mode != CGROUP_MODE_HYBRID ? r : cgroup_thaw(&cg);
}

/* criu lets go of what it dumped, but for a freezer that it did not get to. */
static void go_on(const struct container *c)
{
	autocgroup struct cgroup cg = CGROUP_INIT;
	struct err_saved saved = err_push();
	int r = container_open_cgroup(c, &cg);

	if (r >= 0)
		r = cgroup_is_frozen(&cg);
	if (r >= 0 && r != (c->state == CONTAINER_PAUSED))
		r = r ? cgroup_thaw(&cg) : cgroup_freeze(&cg, FREEZE_MS, FD_NONE);
	if (r < 0)
		err_warn(r, "leave container '%s' %s", c->id, container_state_name(c->state));
	err_pop(saved);
}

static int dump(struct checkpoint *x)
{
	bool gone = !x->opts->pre_dump && !x->opts->leave_running;
	int r;

	x->call.arg = x;
	x->call.notified = on_notify;
	r = thaw_for_criu(&x->l.c);
	if (r >= 0)
		r = criu_run(&x->call, NULL);
	if (r < 0 || !gone)
		go_on(&x->l.c);
	if (r < 0)
		return err_wrap(r, "checkpoint container '%s'", x->l.c.id);
	return gone ? delete_all(&x->l.c, NULL) : 0;
}

static void checkpoint_clear(struct checkpoint *x)
{
	strbuf_clear(&x->call.opts);
	criu_setup_clear(&x->setup);
	launch_clear(&x->l);
}

int checkpoint_container(const struct runtime_opts *rt, const struct checkpoint_opts *opts,
			 const char *id)
{
	static const struct create_opts none;
	__attribute__((cleanup(checkpoint_clear))) struct checkpoint x = {
		.opts = opts,
		.setup = CRIU_SETUP_INIT,
		.call = { .rt = rt,
			  .type = opts->pre_dump ? CRIU_PRE_DUMP : CRIU_DUMP,
			  .verb = opts->pre_dump ? "pre-dump" : "dump" },
		.status_fd = FD_NONE,
	};
	int r;

	launch_init(&x.l, rt, &none);
	r = load(&x, id);
	if (r >= 0)
		r = make_request(&x);
	return r < 0 ? r : dump(&x);
}
