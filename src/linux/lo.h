/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_LO_H
#define HAKO_LINUX_LO_H

/* Brings the loopback device of the caller's network namespace up. */
int lo_up(void);

#endif
