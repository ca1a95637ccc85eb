/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_TESTS_UNIT_LXC_TEST_H
#define HAKO_TESTS_UNIT_LXC_TEST_H

/* Parsing pieces of configuration text in memory, for the tests of src/lxc. */

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../t.h"
#include "base/err.h"
#include "base/str.h"
#include "lxc/lxc.h"
#include "lxc/report.h"

/* One parse and all it said; static so that a failed assertion, which jumps, does not lose it. */
static struct {
	struct lxc_config *c;
	struct lxc_diag d;
	struct strbuf text; /* all diagnostics, one a line */
	int r;
} got;

static void forget(void)
{
	lxc_config_free(got.c);
	diag_clear(&got.d);
	strbuf_clear(&got.text);
	err_clear();
	memset(&got, 0, sizeof(got));
}

__attribute__((unused)) static void parse_n(const char *text, size_t len, struct lxc_opts opts)
{
	forget();
	opts.cwd = opts.cwd ? opts.cwd : "/c";
	got.r = lxc_parse_buffer("config", text, len, &opts, &got.c, &got.d);
	diag_format_all(&got.d, &got.text);
}

__attribute__((unused)) static void parse(const char *text)
{
	parse_n(text, strlen(text), (struct lxc_opts){ 0 });
}

__attribute__((unused)) static void parse_exact(const char *text)
{
	parse_n(text, strlen(text), (struct lxc_opts){ .mode = LXC_EXACT });
}

__attribute__((unused)) static void parse_path(const char *path, struct lxc_opts opts)
{
	forget();
	got.r = lxc_parse_file(path, &opts, &got.c, &got.d);
	diag_format_all(&got.d, &got.text);
}

/* A text and what it must say, to the letter. */
struct saying {
	const char *text;
	const char *said;
};

__attribute__((unused)) static void check_sayings(const struct saying *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		parse(v[i].text);
		T_STR(strbuf_str(&got.text), v[i].said);
	}
	forget();
}

/* A temporary directory with files, removed by rm_tree(). */
static char tree[64];

__attribute__((unused)) static void make_tree(void)
{
	strcpy(tree, "/tmp/hako-lxc-XXXXXX");
	T_ASSERT(mkdtemp(tree));
}

__attribute__((unused, format(printf, 2, 3))) static const char *put(const char *name,
								     const char *fmt, ...)
{
	static char path[4][256];
	static unsigned int n;
	char *at = path[n++ % 4];
	va_list ap;
	FILE *f;

	snprintf(at, sizeof(path[0]), "%s/%s", tree, name);
	f = fopen(at, "we");
	T_ASSERT(f);
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	fclose(f);
	return at;
}

__attribute__((unused)) static void rm_tree(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", tree);
	T_EQ(system(command), 0);
}

#endif
