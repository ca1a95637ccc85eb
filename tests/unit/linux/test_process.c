/* SPDX-License-Identifier: Apache-2.0 */
/* The small mechanisms: host facts, uts, loopback, oom score, personality, I/O priority, clock
 * offsets, labels. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "linux/host.h"
#include "linux/ioprio.h"
#include "linux/lo.h"
#include "linux/lsm.h"
#include "linux/oom.h"
#include "linux/personality.h"
#include "linux/procfs.h"
#include "linux/timens.h"
#include "linux/uts.h"
#include "ocispec.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

static int host_inside(void *arg)
{
	struct host_facts host;

	(void) arg;
	CHILD_CHECK(host_probe(&host) == 0);
	CHILD_CHECK(!host.initial_userns && host_is_rootless(&host));
	/* of its own user namespace */
	CHILD_CHECK(host_has_cap(&host, CAP_SYS_ADMIN));
	return 0;
}

static void test_host(void)
{
	struct host_facts host, user = { .euid = 1000, .initial_userns = true };

	T_EQ(host_probe(&host), 0);
	T_EQ(host.euid, geteuid());
	T_EQ(host.egid, getegid());
	T_ASSERT(host_is_rootless(&user));
	T_ASSERT(!host_has_cap(&user, CAP_CHOWN));
	T_CHILD(child_run_unshared(CLONE_NEWUSER, host_inside, NULL));
}

static int uts(void *arg)
{
	struct utsname name;
	char longname[80];

	(void) arg;
	CHILD_CHECK(uts_apply(NULL, NULL) == 0);
	CHILD_CHECK(uts_apply("box", "example") == 0);
	CHILD_CHECK(uname(&name) == 0 && str_eq(name.nodename, "box") &&
		    str_eq(name.domainname, "example"));
	memset(longname, 'x', sizeof(longname) - 1);
	longname[sizeof(longname) - 1] = '\0';
	CHILD_CHECK(uts_apply(longname, NULL) == -EINVAL);
	CHILD_CHECK(str_starts(err_get_text(), "set hostname to 'xxx"));
	return 0;
}

static void test_uts(void)
{
	T_CHILD(child_run_unshared(CLONE_NEWUTS, uts, NULL));
}

static int loopback(void *arg)
{
	struct ifreq req = { .ifr_name = "lo" };
	autofd int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void) arg;
	CHILD_CHECK(ioctl(sock, SIOCGIFFLAGS, &req) == 0 && !(req.ifr_flags & IFF_UP));
	CHILD_CHECK(lo_up() == 0);
	CHILD_CHECK(ioctl(sock, SIOCGIFFLAGS, &req) == 0 && req.ifr_flags & IFF_UP &&
		    req.ifr_flags & IFF_RUNNING);
	CHILD_CHECK(lo_up() == 0);
	return 0;
}

static void test_loopback(void)
{
	T_CHILD(child_run_unshared(CLONE_NEWNET, loopback, NULL));
}

static int oom(void *arg)
{
	autofree char *text = NULL;

	(void) arg;
	CHILD_CHECK(oom_apply(0, 500) == 0);
	CHILD_CHECK(file_read_at(AT_FDCWD, "/proc/self/oom_score_adj", 16, &text, NULL) == 0);
	CHILD_CHECK(str_eq(text, "500\n"));
	CHILD_CHECK(oom_apply(getpid(), 600) == 0);
	CHILD_CHECK(oom_apply(0, 1001) == -EINVAL);
	CHILD_CHECK(str_eq(err_get_text(), "oomScoreAdj 1001 is not between -1000 and 1000"));
	CHILD_CHECK(oom_apply(0, -1001) == -EINVAL);
	return 0;
}

static void test_oom(void)
{
	T_EQ(child_run(oom, NULL), 0);
}

static int persona(void *arg)
{
	struct oci_personality p = { .domain = (char *) "LINUX32" };
	struct utsname name;

	(void) arg;
	CHILD_CHECK(personality_apply(&p) == 0);
	CHILD_CHECK(personality(0xffffffff) == PER_LINUX32);
	CHILD_CHECK(uname(&name) == 0 && !str_eq(name.machine, "x86_64"));
	p.domain = (char *) "LINUX";
	CHILD_CHECK(personality_apply(&p) == 0 && personality(0xffffffff) == PER_LINUX);
	return 0;
}

static void test_personality(void)
{
	char *flags[] = { (char *) "ADDR_NO_RANDOMIZE", NULL };
	struct oci_personality p = { .domain = (char *) "BSD" };

	T_EQ(child_run(persona, NULL), 0);
	T_EQ(personality_check(&p), -EINVAL);
	T_STR(err_get_text(), "unknown personality domain 'BSD'");
	p = (struct oci_personality){ .domain = (char *) "LINUX", .flags = flags, .flags_len = 1 };
	T_EQ(personality_check(&p), -EINVAL);
	T_STR(err_get_text(), "unknown personality flag 'ADDR_NO_RANDOMIZE'");
}

static int ioprio(void *arg)
{
	struct oci_io_priority p = { .class = (char *) "IOPRIO_CLASS_BE", .priority = 6 };

	(void) arg;
	CHILD_CHECK(ioprio_apply(&p) == 0);
	CHILD_CHECK(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0) ==
		    IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6));
	return 0;
}

static void test_ioprio(void)
{
	struct oci_io_priority p = { .class = (char *) "IOPRIO_CLASS_IDLE" };

	T_EQ(ioprio_plan(&p), IOPRIO_CLASS_IDLE << 13);
	p.class = (char *) "IOPRIO_CLASS_RT";
	p.priority = 7;
	T_EQ(ioprio_plan(&p), 1 << 13 | 7);
	p.priority = 8;
	T_EQ(ioprio_plan(&p), -EINVAL);
	T_STR(err_get_text(), "I/O priority 8 is not between 0 and 7");
	p.class = (char *) "RT";
	T_EQ(ioprio_plan(&p), -EINVAL);
	T_STR(err_get_text(), "unknown I/O priority class 'RT'");
	T_EQ(child_run(ioprio, NULL), 0);
}

static void test_timens_format(void)
{
	struct oci_time_offset mono = { .secs = -5, .nanosecs = 999999999 }, boot = { .secs = 7 };
	struct oci_time_offsets both = { .monotonic = &mono, .boottime = &boot },
				one = { .boottime = &boot };
	autofree char *a = NULL, *b = NULL, *c = NULL;

	T_EQ(timens_format(&both, &a), 0);
	T_STR(a, "monotonic -5 999999999\nboottime 7 0\n");
	T_EQ(timens_format(&one, &b), 0);
	T_STR(b, "boottime 7 0\n");
	mono.nanosecs = 1000000000;
	T_EQ(timens_format(&both, &c), -EINVAL);
	T_STR(err_get_text(),
	      "time offset of 'monotonic': 1000000000 nanoseconds are a second or more");
}

/* --- labels --- */

static void test_lsm_without_modules(void)
{
	struct lsm_labels none = { NULL, "" }, open = { "unconfined", NULL },
			  foo = { "unconfined_foo", NULL };
	struct lsm_labels selinux = { NULL, "system_u:system_r:container_t:s0:c1,c2" };
	autofd int proc = procfs_open(PROCFS_PIDS_ONLY);

	if (lsm_apparmor_is_enabled() || lsm_selinux_is_enabled())
		t_skip("a module is enabled here");
	T_ASSERT(!lsm_wanted(&none) && lsm_wanted(&open) && lsm_wanted(&foo) &&
		 lsm_wanted(&selinux));
	T_EQ(lsm_check(&none), 0);
	T_EQ(lsm_check(&open), 0);
	T_EQ(lsm_set_exec(proc, &none), 0);
	T_EQ(lsm_set_exec(proc, &open), 0);
	T_EQ(lsm_check(&foo), -ENOTSUP);
	T_STR(err_get_text(),
	      "apparmor profile 'unconfined_foo': AppArmor is not enabled on this host");
	T_ASSERT(lsm_set_exec(proc, &foo) < 0);
	T_EQ(lsm_check(&selinux), -ENOTSUP);
	T_STR(err_get_text(),
	      "selinux label 'system_u:system_r:container_t:s0:c1,c2': SELinux is not enabled "
	      "on this host");
	T_ASSERT(lsm_set_exec(proc, &selinux) < 0);
	T_ASSERT(lsm_set_keyring(proc, &selinux) < 0);
	T_EQ(lsm_set_keyring(proc, &none), 0);
	T_STR(lsm_mount_option(LSM_CONTEXT, "x"), NULL);
}

static void test_lsm_mount_context(void)
{
	enum lsm_mount_context c;

	T_EQ(lsm_mount_context_parse("rootcontext", &c), 0);
	T_EQ(c, LSM_ROOTCONTEXT);
	T_STR(lsm_mount_context_name(LSM_FSCONTEXT), "fscontext");
	T_EQ(lsm_mount_context_parse("foo", &c), -EINVAL);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_host),
		T_TEST(test_uts),
		T_TEST(test_loopback),
		T_TEST(test_oom),
		T_TEST(test_personality),
		T_TEST(test_ioprio),
		T_TEST(test_timens_format),
		T_TEST(test_lsm_without_modules),
		T_TEST(test_lsm_mount_context),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
