/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/net.h"

/*
 * With its last process the container's network namespace ends: the kernel would give hardware back
 * to the first namespace of the machine, under the name it has then, and destroy what is virtual.
 * So a mount keeps the namespace until the poststop hook, which knows what it gives back from a
 * file.
 */
#define NS_FILE	  "ns"
#define LENT_FILE "lent.json"
#define LENT_MAX  (1u << 20)

static int open_dir(const struct net_job *job, bool make, int *ret)
{
	int r = make ? file_mkdir_p(job->keep, 0700) : 0;

	if (r < 0)
		return err_sys_r(r, "make directory '%s'", job->keep);
	*ret = open(job->keep, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* a user has borrowed nothing */
	if (*ret < 0 && !make && (errno == ENOENT || (errno == EACCES && geteuid() != 0)))
		return -ENOENT;
	return *ret < 0 ? err_sys("open directory '%s'", job->keep) : 0;
}

/* ---- the namespace ---- */

/* The namespace that is kept, FD_NONE when there is none. */
static int open_kept(int dir)
{
	autofd int fd = openat(dir, NS_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && fd_fs_magic(fd) == NSFS_MAGIC ? take_fd(&fd) : FD_NONE;
}

static bool same_file(int a, int b)
{
	struct stat s, t;

	return fstat(a, &s) == 0 && fstat(b, &t) == 0 && s.st_dev == t.st_dev &&
	       s.st_ino == t.st_ino;
}

static void drop_kept(const struct net_job *job, int dir)
{
	autofree char *path = xasprintf("%s/" NS_FILE, job->keep);

	(void) umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
	(void) unlinkat(dir, NS_FILE, 0);
}

static int keep(const struct net_job *job, int dir)
{
	autofree char *path = xasprintf("%s/" NS_FILE, job->keep);
	autofd int kept = open_kept(dir), fd = FD_NONE;
	char from[FD_PATH_MAX];

	if (kept >= 0 && same_file(kept, job->netns_fd))
		return 0;
	drop_kept(job, dir);
	fd = openat(dir, NS_FILE, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys("make '%s'", path);
	if (mount(fd_proc_path(job->netns_fd, from), path, NULL, MS_BIND, NULL) < 0)
		return err_sys("keep the container's network namespace at '%s'", path);
	return 0;
}

/* ---- the file ---- */

static int read_lent(const struct net_job *job, int dir, struct oci_net_lent **ret)
{
	struct oci_error err = { NULL };
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(dir, LENT_FILE, LENT_MAX, &text, &len);

	if (r == -ENOENT) {
		*ret = xnew(struct oci_net_lent);
		return 0;
	}
	if (r < 0)
		return err_sys_r(r, "read '%s/" LENT_FILE "'", job->keep);
	if (oci_net_lent_parse(text, len, ret, &err) < 0) {
		r = err_code(EINVAL, "'%s/" LENT_FILE "': %s", job->keep, err.text);
		oci_error_clear(&err);
		return r;
	}
	return 0;
}

static int write_lent(const struct net_job *job, int dir, size_t i, const struct netcfg_link *link)
{
	auto_call(oci_net_lent_free) struct oci_net_lent *lent = NULL;
	autofree char *json = NULL;
	int r = read_lent(job, dir, &lent);

	if (r < 0)
		return r;
	lent->devices = xreallocarray(lent->devices, lent->devices_len + 1, sizeof(*lent->devices));
	lent->devices[lent->devices_len++] = (struct oci_net_lent_device){
		.inside = xstrdup(job->names[i].inside),
		.name = xstrdup(link->name),
		.mtu = link->mtu,
		.has_mtu = true,
	};
	json = oci_net_lent_generate(lent, 0);
	r = file_replace_at(dir, LENT_FILE, json, strlen(json), 0600, 0);
	return r < 0 ? err_sys_r(r, "write '%s/" LENT_FILE "'", job->keep) : 0;
}

/* ---- there and back ---- */

/* It is still here and still the host's. */
static int up_again(struct net_job *job, const struct netcfg_link *link, int reason)
{
	struct netcfg_change up = NETCFG_CHANGE(link->name);
	struct err_saved saved = err_push();
	int r = 0;

	up.up = true;
	if (link->up)
		r = netcfg_change(&job->host, link->index, &up);
	if (r < 0)
		err_warn(r, "bring '%s' up again", link->name);
	err_pop(saved);
	return reason;
}

int net_lend(struct net_job *job, size_t i, const struct netcfg_link *link)
{
	const struct oci_net_interface *n = &job->plan->interfaces[i];
	struct netcfg_change down = NETCFG_CHANGE(link->name), move = down;
	unsigned char mac[6];
	autofd int dir = FD_NONE;
	int r = open_dir(job, true, &dir);

	if (!job->names[i].inside[0])
		memcpy(job->names[i].inside, link->name, IFNAMSIZ);
	if (r >= 0)
		r = keep(job, dir);
	if (r >= 0)
		r = write_lent(job, dir, i, link);
	if (r < 0)
		return r;
	down.down = true;
	move.netns_fd = job->netns_fd;
	move.rename = job->names[i].inside;
	move.mtu = n->has_mtu ? n->mtu : 0;
	if (n->hwaddr) {
		netcfg_mac_parse(n->hwaddr, mac);
		move.mac = mac;
	}
	r = netcfg_change(&job->host, link->index, &down);
	if (r < 0)
		return r;
	r = netcfg_change(&job->host, link->index, &move);
	return r < 0 ? up_again(job, link, r) : 0;
}

static void give_back(struct net_job *job, int host_fd, const struct oci_net_lent_device *d)
{
	struct netcfg_change down = NETCFG_CHANGE(d->inside), move = down;
	struct netcfg_link link;
	int r = netcfg_find(&job->inside, d->inside, &link);

	if (r == 0) {
		err_forgive(-ENODEV, "'%s' is in the container no more", d->name);
		return;
	}
	down.down = true;
	move.netns_fd = host_fd;
	move.rename = d->name;
	move.mtu = d->mtu;
	if (r > 0)
		r = netcfg_change(&job->inside, link.index, &down);
	if (r >= 0)
		r = netcfg_change(&job->inside, link.index, &move);
	if (r < 0)
		err_warn(r, "give '%s' back to the host", d->name);
}

static int give_all_back(struct net_job *job, int dir)
{
	auto_call(oci_net_lent_free) struct oci_net_lent *lent = NULL;
	autofd int host = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	autofd int kept = open_kept(dir);
	int r = read_lent(job, dir, &lent);

	if (r < 0 || kept < 0)
		return r; /* the machine was started anew: so were its devices */
	if (host < 0)
		return err_sys("open the own network namespace");
	netlink_close(&job->inside);
	r = netlink_open(kept, &job->inside);
	for (size_t i = 0; i < lent->devices_len && r >= 0; i++)
		give_back(job, host, &lent->devices[i]);
	return r;
}

int net_take_back(struct net_job *job)
{
	autofd int dir = FD_NONE;
	int r = open_dir(job, false, &dir);

	if (r == -ENOENT)
		return 0;
	if (r >= 0)
		r = give_all_back(job, dir);
	if (r < 0)
		return r;
	drop_kept(job, dir);
	(void) unlinkat(dir, LENT_FILE, 0);
	(void) rmdir(job->keep);
	return 0;
}
