/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_STORE_H
#define HAKO_LXC_STORE_H

/*
 * Store functions of the key table: each combines one line into the model, the empty value
 * included. 0, or -EINVAL after a diagnostic.
 */

#include "lxc/parse.h"

#define STORE_FN(name) int name(struct lxc_parser *p, const struct lxc_setting *s)

/* by type: SETTING_FIELD() is of the type named */
STORE_FN(store_bool);	    /* struct lxc_bool */
STORE_FN(store_uint);	    /* struct lxc_num, 32 bits */
STORE_FN(store_id);	    /* struct lxc_num, a uid or gid */
STORE_FN(store_int);	    /* struct lxc_num, signed */
STORE_FN(store_flag);	    /* struct lxc_num 0 or 1 */
STORE_FN(store_size);	    /* struct lxc_num */
STORE_FN(store_signal);	    /* struct lxc_num */
STORE_FN(store_str);	    /* struct lxc_str, as it stands */
STORE_FN(store_word);	    /* struct lxc_str, one of key->words */
STORE_FN(store_path);	    /* struct lxc_str, cleaned; a path of the container */
STORE_FN(store_host_path);  /* struct lxc_str, cleaned, absolute */
STORE_FN(store_dir_name);   /* struct lxc_str, relative and without ".." */
STORE_FN(store_strs);	    /* struct lxc_strs: the value is one element */
STORE_FN(store_words);	    /* struct lxc_strs: one element per word */
STORE_FN(store_env);	    /* struct lxc_envs */
STORE_FN(store_ns_set);	    /* struct lxc_ns_set */
STORE_FN(store_time);	    /* struct lxc_time_offset */
STORE_FN(store_pairs);	    /* struct lxc_pairs, appended; key->offset */
STORE_FN(store_pairs_last); /* struct lxc_pairs, replaced by name */

/* one key each */
STORE_FN(store_arch);
STORE_FN(store_uts_name);
STORE_FN(store_console_path);
STORE_FN(store_log_level);
STORE_FN(store_autodev_size);
STORE_FN(store_init_groups);
STORE_FN(store_rootfs_path);
STORE_FN(store_rootfs_options);
STORE_FN(store_caps_drop);
STORE_FN(store_caps_keep);
STORE_FN(store_idmap);
STORE_FN(store_ns_share);
STORE_FN(store_prlimit);
STORE_FN(store_cgroup1);
STORE_FN(store_cgroup2);
STORE_FN(store_hook_all);
STORE_FN(store_seccomp_proxy);
/* What only the whole shows: overlapping id maps, keys that exclude each other. */
void store_check_whole(struct lxc_parser *p);

#endif
