/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CHILD_H
#define HAKO_RUNTIME_CHILD_H

struct launch;

/* The first process behind clone3(2): goes through its namespaces and becomes init, or makes it. */
__attribute__((noreturn)) void child_main(struct launch *l);

#endif
