/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/check.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"

#define SUBID_MAX (1u << 20)

struct subject {
	struct lxc_convert_result result;
	struct audit_ids ids;
};

static void read_ids(struct audit_ids *ids, const char *path, bool is_gid, uid_t uid)
{
	autofree char *text = NULL;

	if (file_read_at(AT_FDCWD, path, SUBID_MAX, &text, NULL) == 0)
		audit_ids_parse(ids, text, is_gid, ids->user, uid);
}

/* A container is started by the user whose configuration it is. */
static void find_ids(struct audit_ids *ids, const char *config)
{
	struct passwd *pw;
	struct stat st;

	if (stat(config, &st) < 0)
		return;
	pw = getpwuid(st.st_uid);
	ids->user = pw ? xstrdup(pw->pw_name) : xasprintf("%u", st.st_uid);
	ids->is_root = st.st_uid == 0;
	read_ids(ids, "/etc/subuid", false, st.st_uid);
	read_ids(ids, "/etc/subgid", true, st.st_uid);
}

static void read_subject(const struct place *place, const struct lxc_convert_opts *opts,
			 struct subject *s)
{
	/* what only a conversion loses is no matter here */
	static char *const everything[] = { (char *) "lxc", NULL };
	struct lxc_convert_opts mine = *opts;
	int r;

	mine.map.allow = everything;
	mine.map.host_root = true;
	mine.config = place->path;
	mine.name = place->name;
	r = lxc_convert(&mine, &s->result);
	/* not about a line: the file could not be opened, the name is none */
	if (r < 0 && !s->result.diag.errors)
		diag_add(&s->result.diag, "LXC-E004", (struct lxc_pos){ 0 }, NULL, "%s",
			 err_get_text());
	err_clear();
	find_ids(&s->ids, place->path);
}

void lxc_check(const struct places *places, const struct lxc_convert_opts *opts, bool cgroup1,
	       struct audit *out)
{
	size_t n = places->len;
	struct subject *subjects = xnew_n(struct subject, n + 1);
	struct audit_subject *v = xnew_n(struct audit_subject, n + 1);

	for (size_t i = 0; i < n; i++) {
		struct subject *s = &subjects[i];

		read_subject(&places->v[i], opts, s);
		v[i] = (struct audit_subject){
			.name = places->v[i].name,
			.file = places->v[i].path,
			.order = i,
			.config = s->result.config,
			.diag = &s->result.diag,
			.ids = &s->ids,
			.cgroup1 = cgroup1,
			.stat_node = lxc_host_real.stat_node,
		};
		audit_container(&v[i], out);
	}
	audit_host(v, n, out);
	for (size_t i = 0; i < n; i++) {
		lxc_convert_clear(&subjects[i].result);
		audit_ids_clear(&subjects[i].ids);
	}
	free(subjects);
	free(v);
}

int lxc_check_status(const struct audit *a, enum audit_severity least)
{
	if (a->refused)
		return 2;
	return audit_worst(a) >= (int) least;
}
