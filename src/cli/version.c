/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/version.h"

#include "cli/cli.h"

#ifdef HAVE_SYSTEMD
#define V_SYSTEMD "+SYSTEMD "
#else
#define V_SYSTEMD ""
#endif
#ifdef HAVE_SELINUX
#define V_SELINUX "+SELINUX "
const bool version_has_selinux = true;
#else
#define V_SELINUX ""
const bool version_has_selinux = false;
#endif
#ifdef HAVE_SECCOMP
#define V_SECCOMP "+SECCOMP "
#else
#define V_SECCOMP ""
#endif

int version_print(void)
{
	return out_text("hako version " PACKAGE_VERSION "\n"
			"commit: " HAKO_COMMIT "\n"
			"spec: 1.3.0\n" V_SYSTEMD V_SELINUX "+APPARMOR +CAP " V_SECCOMP
			"+EBPF +CRIU +YAJL\n");
}
