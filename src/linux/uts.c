/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/uts.h"

#include <string.h>
#include <unistd.h>

#include "base/err.h"

int uts_apply(const char *hostname, const char *domainname)
{
	if (hostname && sethostname(hostname, strlen(hostname)) < 0)
		return err_sys("set hostname to '%s'", hostname);
	if (domainname && setdomainname(domainname, strlen(domainname)) < 0)
		return err_sys("set domainname to '%s'", domainname);
	return 0;
}
