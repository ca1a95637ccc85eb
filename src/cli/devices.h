/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_DEVICES_H
#define HAKO_CLI_DEVICES_H

/* Parts of the `devices` command: of a configuration, and of a running container. */

#include "bpf/dev_compile.h"
#include "bpf/dev_rule.h"

struct annotations;
struct oci_config;
struct runtime_opts;

struct devices_opts {
	const char *bundle, *config, *lxc;
	bool exact, as_asm, as_json, trace;
};

/* The policy of a configuration with its program (empty: everything is allowed). */
struct devices_view {
	struct dev_policy full, simple;
	struct dev_prog prog;
};
int devices_view_from_config(const struct oci_config *config, const struct annotations *a,
			     struct devices_view *ret);
void devices_view_clear(struct devices_view *v);

/* An entry by its place in the document; the runtime's own in words. Returns the buffer. */
#define DEVICES_SOURCE_MAX 64
const char *devices_source_text(int source, char buf[DEVICES_SOURCE_MAX]);
/* A line for each rule, and one for the rest. */
void devices_text_policy(const struct dev_policy *p, struct strbuf *out);
/* {"allow":…,"source":…} */
void devices_json_rule(const struct dev_rule *rule, struct strbuf *out);
/* ["r2 = …", …] */
void devices_json_listing(const struct bpf_insn *insns, size_t len, struct strbuf *out);

/* The programs that decide for a container, read back from the kernel; its answers to probes; or,
 * with --trace, what they deny, until the container ends or we are interrupted. */
int devices_of_running(const struct runtime_opts *rt, const char *id, const struct devices_opts *o,
		       char **probes);

#endif
