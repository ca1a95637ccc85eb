/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lxc_usage.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "runtime/container.h"

#define FILE_MAX (1u << 20)

/* Where a number is: the word behind each key of the file, all of them added; without a key the
 * file is the number. The first file that is there counts. */
static const struct source {
	enum lxc_usage_kind kind;
	const char *v1; /* the controller of cgroup v1; NULL = cgroup2 */
	const char *file;
	const char *keys[2];
	uint64_t unit;
} sources[] = {
	{ USAGE_CPU_NS, NULL, "cpu.stat", { "usage_usec " }, 1000 },
	{ USAGE_CPU_NS, "cpuacct", "cpuacct.usage", { NULL }, 1 },
	{ USAGE_IO, NULL, "io.stat", { "rbytes=", "wbytes=" }, 1 },
	{ USAGE_IO, "blkio", "blkio.throttle.io_service_bytes", { "Total " }, 1 },
	{ USAGE_MEMORY, NULL, "memory.current", { NULL }, 1 },
	{ USAGE_MEMORY, "memory", "memory.usage_in_bytes", { NULL }, 1 },
	{ USAGE_KERNEL, NULL, "memory.stat", { "kernel " }, 1 },
	{ USAGE_KERNEL, "memory", "memory.kmem.usage_in_bytes", { NULL }, 1 },
	{ USAGE_SWAP, NULL, "memory.swap.current", { NULL }, 1 },
	{ USAGE_SWAP, "memory", "memory.stat", { "swap " }, 1 },
	{ USAGE_TASKS, NULL, "pids.current", { NULL }, 1 },
	{ USAGE_TASKS, "pids", "pids.current", { NULL }, 1 },
};

/* All numbers behind the key, which begins a line, or is any word of one if it ends in '='. False
 * when it is nowhere. */
static bool add_key(const char *text, const char *key, uint64_t *sum)
{
	bool at_line = !str_ends(key, "="), found = false;

	for (const char *p = text; (p = strstr(p, key)); p += strlen(key)) {
		char before = p == text ? '\n' : p[-1];

		if (before != '\n' && (at_line || before != ' '))
			continue;
		*sum += strtoull(p + strlen(key), NULL, 10);
		found = true;
	}
	return found;
}

static bool add_text(const struct source *s, const char *text, uint64_t *ret)
{
	uint64_t sum = 0;
	bool found = !s->keys[0];

	if (found)
		sum = strtoull(text, NULL, 10);
	for (size_t i = 0; i < ARRAY_SIZE(s->keys) && s->keys[i]; i++)
		found |= add_key(text, s->keys[i], &sum);
	/* no device has been used yet */
	found |= s->kind == USAGE_IO;
	*ret = sum * s->unit;
	return found;
}

static bool has_controller(const char *list, const char *wanted)
{
	autostrv struct strv names = { 0 };

	strv_split(&names, list, ",");
	return strv_has(&names, wanted);
}

static bool read_source(const struct cgroup *cg, const struct source *s, uint64_t *ret)
{
	for (size_t i = 0; i < cg->len; i++) {
		const struct cg_at *at = &cg->at[i];
		autofree char *text = NULL;

		if (at->fd < 0 ||
		    (s->v1 ? !has_controller(at->controllers, s->v1) : *at->controllers != '\0'))
			continue;
		if (file_read_at(at->fd, s->file, FILE_MAX, &text, NULL) == 0 &&
		    add_text(s, text, ret))
			return true;
	}
	return false;
}

void lxc_usage_read(const struct container *c, struct lxc_usage *ret)
{
	autocgroup struct cgroup cg = CGROUP_INIT;
	int r = container_open_cgroup(c, &cg);

	*ret = (struct lxc_usage){ 0 };
	if (r < 0) {
		err_forgive(r, "open the container's cgroup");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		enum lxc_usage_kind kind = sources[i].kind;

		if (!ret->known[kind])
			ret->known[kind] = read_source(&cg, &sources[i], &ret->value[kind]);
	}
}
