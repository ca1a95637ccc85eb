/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/host.h"

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"

/* Inode of the initial user namespace: PROC_USER_INIT_INO of include/linux/proc_ns.h, fixed since
 * Linux 3.8 and since 6.18 in the exported <linux/nsfs.h>. */
#define INITIAL_USERNS_INO 0xEFFFFFFDu

int host_probe(struct host_facts *ret)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	struct stat st;

	if (syscall(SYS_capget, &header, data) < 0)
		return err_sys("read own capabilities");
	ret->euid = geteuid();
	ret->egid = getegid();
	ret->caps = data[0].effective | (uint64_t) data[1].effective << 32;
	ret->initial_userns =
		stat("/proc/self/ns/user", &st) == 0 && st.st_ino == INITIAL_USERNS_INO;
	return 0;
}

bool host_has_cap(const struct host_facts *host, int cap)
{
	return host->caps >> cap & 1;
}

bool host_is_rootless(const struct host_facts *host)
{
	return host->euid != 0 || !host->initial_userns;
}
