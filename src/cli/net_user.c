/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/sock.h"
#include "base/str.h"
#include "cli/net.h"

/* ---- have we got the privilege? ---- */

static bool has_net_admin(void)
{
	autofree char *text = proc_status_get(getpid(), "CapEff");

	return text && strtoull(text, NULL, 16) >> CAP_NET_ADMIN & 1;
}

/* The network namespace must belong to our user namespace: with one of more privileged people,
 * root in a user namespace can do nothing. */
int net_is_privileged(void)
{
	autofd int net = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	autofd int owner = FD_NONE;
	struct stat a, b;

	if (net < 0)
		return err_sys("open the own network namespace");
	if (!has_net_admin())
		return 0;
	owner = ioctl(net, NS_GET_USERNS);
	if (owner < 0)
		return errno == EPERM ? 0 : err_sys("ask whose the network namespace is");
	if (stat("/proc/self/ns/user", &a) < 0 || fstat(owner, &b) < 0)
		return err_sys("look at the own user namespace");
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* ---- a socket inside ---- */

__attribute__((noreturn)) static void send_socket(const struct net_job *job, int userns, int sock)
{
	struct netlink nl = NETLINK_INIT;

	/* a container without a user namespace of its own is in ours already */
	if ((userns < 0 || setns(userns, CLONE_NEWUSER) == 0 || errno == EINVAL) &&
	    setns(job->netns_fd, CLONE_NEWNET) == 0 && netlink_open(FD_NONE, &nl) >= 0)
		_exit(sock_send_fd(sock, nl.fd, "s", 1) < 0);
	_exit(1);
}

/* Who owns a user namespace has all capabilities over it, from outside too; but only a process in
 * it can enter the network namespace. */
int net_user_open_inside(struct net_job *job)
{
	autofd int userns = openat(job->proc_fd, "ns/user", O_RDONLY | O_CLOEXEC);
	autofd int ours = FD_NONE, theirs = FD_NONE;
	char byte;
	struct sock_msg msg = { .data = &byte, .len = 1 };
	int r = sock_pair(&ours, &theirs), status;
	pid_t pid;

	if (r < 0)
		return err_sys_r(r, "make a socket pair");
	pid = fork();
	if (pid < 0)
		return err_sys("create a process");
	if (pid == 0)
		send_socket(job, userns, theirs);
	fd_close(&theirs);
	r = sock_recv(ours, &msg);
	(void) proc_reap(pid, &status);
	if (r <= 0 || msg.n_fds != 1)
		return err_code(EPERM, "enter the container's network namespace: "
				       "operation not permitted");
	job->inside = (struct netlink){ .fd = msg.fds[0] };
	return 0;
}

/* ---- lxc-user-nic ---- */

static const char *find_helper(void)
{
	static const char *const paths[] = {
		"/usr/libexec/lxc/lxc-user-nic",
		"/usr/lib/lxc/lxc-user-nic",
		"/usr/lib64/lxc/lxc-user-nic",
		"/usr/local/libexec/lxc/lxc-user-nic",
	};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		if (access(paths[i], X_OK) == 0)
			return paths[i];
	}
	return NULL;
}

static int refuse(const struct net_job *job, const char *why)
{
	return err_code(EPERM,
			"%s; run as root, or take lxc.net out (lxc.net.0.type = empty) and connect "
			"the started container with 'pasta --config-net %u' or 'slirp4netns "
			"--configure %u tap0'",
			why, job->state->pid, job->state->pid);
}

/* What the helper has no way to do. */
static int check_plan(const struct net_job *job, const struct oci_net_interface *n)
{
	const struct oci_net_veth *v = n->veth;

	if (!str_eq(n->type, "veth"))
		return refuse(job, "a user can have interfaces of type veth only");
	if (!n->link)
		return refuse(job, "a user's veth needs a bridge as its link");
	if (v && (str_eq(v->mode, "router") || v->has_vlan || v->tagged_len || v->routes4_len ||
		  v->routes6_len || n->l2proxy))
		return refuse(job, "router mode, VLANs, routes of the host and l2proxy are not "
				   "for a user");
	if (v && v->pair)
		log_warn("interface %u: veth.pair is ignored without privilege, as in LXC",
			 n->index);
	return 0;
}

/* Its answer names the interface: NAME:INDEX:PAIR:INDEX. */
static int take_answer(struct net_job *job, size_t i, char *answer)
{
	autostrv struct strv parts = { NULL, 0 };

	strv_split(&parts, str_trim(answer), ":");
	if (parts.len < 3 || strlen(parts.v[0]) >= IFNAMSIZ || strlen(parts.v[2]) >= IFNAMSIZ)
		return err_code(EBADMSG, "lxc-user-nic answers '%s'", answer);
	memcpy(job->names[i].inside, parts.v[0], strlen(parts.v[0]) + 1);
	memcpy(job->names[i].outside, parts.v[2], strlen(parts.v[2]) + 1);
	return 0;
}

/* The helper leaves it to the kernel. */
static int set_mac(struct net_job *job, size_t i)
{
	const char *hwaddr = job->plan->interfaces[i].hwaddr;
	struct netcfg_change change = NETCFG_CHANGE(job->names[i].inside);
	struct netcfg_link in;
	unsigned char mac[6];
	int r;

	if (!hwaddr)
		return 0;
	netcfg_mac_parse(hwaddr, mac);
	change.mac = mac;
	r = netcfg_find(&job->inside, change.name, &in);
	if (r == 0)
		return err_code(ENODEV, "lxc-user-nic made no '%s'", change.name);
	return r < 0 ? r : netcfg_change(&job->inside, in.index, &change);
}

static int run_helper(const char *path, char *const *args, char **ret_answer)
{
	autofd int in = FD_NONE, out = FD_NONE;
	posix_spawn_file_actions_t actions;
	int status, r = fd_pipe(&in, &out);
	size_t len;
	pid_t pid;

	if (r < 0)
		return err_sys_r(r, "make a pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	r = -posix_spawn(&pid, path, &actions, NULL, args, environ);
	posix_spawn_file_actions_destroy(&actions);
	fd_close(&out);
	if (r < 0)
		return err_sys_r(r, "execute '%s'", path);
	r = fd_read_all(in, 4096, ret_answer, &len);
	if (proc_reap(pid, &status) < 0 || status)
		return err_code(EPERM,
				"lxc-user-nic refuses (is there a line for this user and bridge in "
				"/etc/lxc/lxc-usernet?)");
	return r < 0 ? err_sys_r(r, "read the answer of lxc-user-nic") : 0;
}

/* Where LXC keeps a user's containers: the helper wants to know whom it works for. */
static char *lxcpath(void)
{
	const char *home = getenv("HOME");

	return xasprintf("%s/.local/share/lxc", home ? home : "");
}

int net_user_make(struct net_job *job, size_t i)
{
	const struct oci_net_interface *n = &job->plan->interfaces[i];
	autofree char *path = lxcpath(), *pid = xasprintf("%u", job->state->pid), *answer = NULL;
	const char *helper = find_helper();
	struct netcfg_link in;
	int r;

	if (str_eq(n->type, "empty"))
		return 0;
	r = check_plan(job, n);
	if (r >= 0)
		r = netcfg_find(&job->inside, job->names[i].inside, &in);
	if (r != 0)
		return r < 0 ? r : 0;
	if (!helper)
		return refuse(job, "making an interface needs privilege, and lxc-user-nic is not "
				   "installed");
	r = run_helper(helper,
		       (char *const[]){ (char *) "lxc-user-nic", (char *) "create", path,
					job->state->id, pid, (char *) "veth", n->link,
					job->names[i].inside, NULL },
		       &answer);
	if (r < 0)
		return r;
	r = take_answer(job, i, answer);
	if (r >= 0)
		r = set_mac(job, i);
	return r < 0 ? r : 1;
}
