/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_SYSCTL_H
#define HAKO_LINUX_SYSCTL_H

struct oci_map;

/*
 * Every key must belong to a namespace of the container's own; own is the CLONE_NEW* of those
 * (ns_plan_flags). kernel.hostname is never allowed (the document has a field for it), and
 * kernel.domainname not beside a domainname. Both "net.ipv4.x" and "net/ipv4/x" are understood, as
 * sysctl(8) does. Pure; sysctls and domainname may be NULL.
 */
int sysctl_check(const struct oci_map *sysctls, int own, const char *domainname);
/* "net.ipv4.conf.eth0/1.mtu" -> "net/ipv4/conf/eth0.1/mtu", heap; NULL for no name. Pure. */
char *sysctl_path(const char *key);
/* Writes them below procfs_fd, the root of a procfs with sys/ in it (procfs_open). */
int sysctl_apply(int procfs_fd, const struct oci_map *sysctls);

#endif
