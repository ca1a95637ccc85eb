/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_APPARMOR_H
#define HAKO_LXC_APPARMOR_H

/*
 * The AppArmor profile that lxc.apparmor.profile = generated asks for: a file of the bundle, which
 * a hook loads before the container starts and unloads when it has ended. Pure.
 */

#include "lxc/model.h"

#define LXC_APPARMOR_FILE "apparmor.profile" /* in the bundle */
/* Says that there is one. */
#define LXC_APPARMOR_ANNOTATION "org.hako.apparmor.generate"

/* Where there may be a program that compiles and loads profiles; ends with NULL. */
extern const char *const lxc_apparmor_parsers[];

struct lxc_aa_profile {
	/*
	 * "hako-NAME-DIGEST", of the container's name and of the rules: profiles of one name are
	 * the same, so one container's cannot take the place of another's. The profile and the
	 * policy namespace of the container are called so.
	 */
	char *name;
	char *label; /* for process.apparmorProfile: the profile, and the namespace stacked on it */
	char *text;  /* of the file */
};

/* name: of the container, lxc_convert_check_name() has seen it. */
void lxc_apparmor_make(const struct lxc_config *c, const char *name, struct lxc_aa_profile *ret);
void lxc_apparmor_clear(struct lxc_aa_profile *a);
#define autoapparmor __attribute__((cleanup(lxc_apparmor_clear)))

/*
 * lxc.apparmor.raw stands inside of the profile: a line that closes it would write policy for
 * others. Returns the index of the first line that does, or that is left open at the end (the last
 * one), or -1.
 */
int lxc_apparmor_check_raw(const struct lxc_strs *raw);

/*
 * Patterns that together match what is below a directory, but for some names; AppArmor has no word
 * for that. dir ends in '/'. Each of except, NULL-terminated, begins with dir and stands for itself
 * and all below, or for all names that begin so when it ends in '*'. Each pattern is written as
 * before + pattern + after.
 */
void lxc_apparmor_all_but(struct strbuf *out, const char *dir, const char *const *except,
			  const char *before, const char *after);

#endif
