/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_UTS_H
#define HAKO_LINUX_UTS_H

/* Either may be NULL: left as it is. */
int uts_apply(const char *hostname, const char *domainname);

#endif
