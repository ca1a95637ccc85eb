/* SPDX-License-Identifier: Apache-2.0 */
/* What each finding means, at more length than the finding itself. */
#include "base/alloc.h"
#include "base/str.h"
#include "lxc/audit.h"

static const struct {
	const char *id, *text;
} words[] = {
	{ "apparmor-incomplete",
	  "lxc.apparmor.allow_incomplete lets the container start on a kernel whose AppArmor "
	  "cannot mediate mounts: root inside can then mount over what the profile protects" },
	{ "bridge-shared",
	  "containers on one bridge share a link: each can answer for the others' addresses. "
	  "Give each a bridge or a VLAN of its own, route (veth.mode = router), or filter" },
	{ "capabilities",
	  "without a user namespace these capabilities are those of the host's kernel: "
	  "sys_module, sys_rawio, mac_admin and mac_override end all confinement" },
	{ "capabilities-strong",
	  "capabilities that a container rarely needs and with which a hole in the security "
	  "module or the seccomp profile is enough to get out" },
	{ "cgroup-full",
	  "the container sees and may write the cgroups of the host or of other containers" },
	{ "cgroup2-on-v1",
	  "lxc.cgroup2 lines have effect on a host whose /sys/fs/cgroup is a cgroup2 file "
	  "system only; elsewhere LXC passes over them, and hako refuses a limit that it cannot "
	  "set" },
	{ "devices-dangerous",
	  "the rules allow a device through which memory, disks or the kernel of the host can "
	  "be reached" },
	{ "devices-not-enforced",
	  "on cgroup2 LXC compares rules letter for letter: a later rule that overlaps an "
	  "earlier one without being equal to it is stored and never enforced" },
	{ "devices-open",
	  "LXC attaches no device program when its list of rules is empty, be it after "
	  "'devices.deny = a': every device is open to who can make its node" },
	{ "devices-partial-deny",
	  "a rule matches a request whose bits are all in it: denying w alone does not stop an "
	  "open for reading and writing" },
	{ "devices-refused",
	  "LXC logs a device rule that it cannot read and starts without it; a lost deny is a "
	  "hole" },
	{ "devices-unloadable",
	  "the kernel refuses the program that LXC makes of these rules" },
	{ "file-in-rootfs",
	  "a file that the host reads lies where root in the container can rewrite it" },
	{ "host-namespace",
	  "the container keeps a namespace of the host: its processes, network, IPC or mounts "
	  "are not separated" },
	{ "host-rootfs",
	  "the container's root is the root of the host" },
	{ "host-socket",
	  "a socket of a service of the host: who may talk to it can often do what the service "
	  "can" },
	{ "idmap-host-root",
	  "an id of the container is root on the host" },
	{ "idmap-host-user",
	  "an id of the container is that of a user of the host: files and processes of the one "
	  "are those of the other" },
	{ "idmap-not-reserved",
	  "a range of ids that /etc/subuid and /etc/subgid do not give to who starts the "
	  "container may be given to somebody else, and newuidmap refuses it" },
	{ "idmap-shared",
	  "containers whose ids are the same on the host can reach each other's files once "
	  "outside, and count against the same ulimits" },
	{ "keyring-shared",
	  "lxc.keyring.session = 1 keeps the keyring of who starts the container, and the keys "
	  "in it; the manual has it the other way round" },
	{ "lsm-unconfined",
	  "no profile of AppArmor and no label of SELinux: what namespaces and capabilities let "
	  "through is allowed" },
	{ "lxc3-names",
	  "names of keys of LXC 2.0, removed in 3.0: newer versions refuse the whole file" },
	{ "lxc7-cgroup1",
	  "lxc.cgroup.CONTROLLER keys were removed in LXC 7.0, which refuses the whole file" },
	{ "nesting",
	  "containers inside the container need a profile that allows mounts, and see a proc "
	  "and a sysfs of their own" },
	{ "no-cpu-limit",
	  "nothing keeps the container from using all processors. cpu.max is a ceiling, "
	  "cpu.weight a share when others want the time too" },
	{ "no-memory-limit",
	  "nothing keeps the container from taking all memory: the host's own services are "
	  "killed for it" },
	{ "no-pids-limit",
	  "a fork bomb inside fills the process table of the host. ulimits are no help: they "
	  "count per id of the host" },
	{ "no-seccomp",
	  "every system call is allowed, those that loaded kernels and modules in past exploits "
	  "included" },
	{ "no-version",
	  "no version of LXC knows all the keys of the file" },
	{ "privileged",
	  "without lxc.idmap root in the container is root on the host: LXC does not call that "
	  "a security boundary" },
	{ "proc-writable",
	  "proc:rw leaves /proc/sys and /proc/sysrq-trigger writable: settings of the whole "
	  "host" },
	{ "shared-namespaces",
	  "a namespace is shared with another container: who is root there can enter this one" },
	{ "sys-writable",
	  "a writable sysfs reaches devices and modules of the host" },
	{ "versions",
	  "the versions of LXC that know all keys of the file" },
	{ "writable-host-mount",
	  "a directory or file of the host that the container can change: with ids of the "
	  "host's, setuid programs can be left there" },
};

const char *audit_catalogue(const char *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (str_eq(words[i].id, id))
			return words[i].text;
	}
	return NULL;
}
