/* SPDX-License-Identifier: Apache-2.0 */
/* Hooks that a conversion wrote, and annotations that hold a key's value. */
#include <stdlib.h>

#include "base/alloc.h"
#include "lxc/apparmor.h"
#include "lxc/reverse_internal.h"
#include "lxc/value.h"

static const char *arg_after(const struct oci_hook *h, const char *word)
{
	for (size_t i = 0; i + 1 < h->args_len; i++) {
		if (str_eq(h->args[i], word))
			return h->args[i + 1];
	}
	return NULL;
}

/* `hako hook VERB`, or NULL for another program. */
static const char *verb_of(const struct oci_hook *h)
{
	return h->args_len >= 3 && str_ends(h->args[0], "hako") && str_eq(h->args[1], "hook")
		       ? h->args[2]
		       : NULL;
}

/* sh -c "exec LINE 'NAME' 'lxc' 'start' </dev/null", as the conversion writes it. Heap or NULL. */
static char *start_line(const struct reverse *r, const struct oci_hook *h)
{
	autofree char *tail = xasprintf(" '%s' 'lxc' 'start' </dev/null", r->name);
	const char *line = arg_after(h, "-c");
	size_t cut;

	line = line ? str_after(line, "exec ") : NULL;
	if (!line || !str_ends(line, " </dev/null"))
		return NULL;
	cut = str_ends(line, tail) ? strlen(tail) : strlen(" </dev/null");
	return xstrndup(line, strlen(line) - cut);
}

static bool is_lxc_hook(const char *name)
{
	for (int i = 0; i < LXC_HOOK_MAX; i++) {
		if (str_eq(name, model_hook_name((enum lxc_hook) i)))
			return true;
	}
	return false;
}

/* What only hooks see: not LXC's own variables, not what init has as well from elsewhere. */
static void hook_env(struct reverse *r, const char *pointer, const struct oci_hook *h)
{
	for (size_t i = 0; i < h->env_len; i++) {
		autofree char *line = xasprintf("lxc.environment.hooks = %s\n", h->env[i]);

		if (str_starts(h->env[i], "LXC_") || str_starts(h->env[i], "PATH=") ||
		    strstr(strbuf_str(&r->config), line))
			continue;
		reverse_set(r, pointer, "lxc.environment.hooks", "%s", h->env[i]);
	}
}

static void hook_line(struct reverse *r, const char *pointer, const struct oci_hook *h,
		      const char *name, const char *line)
{
	autofree char *key = xasprintf("lxc.hook.%s", name);

	reverse_set(r, pointer, key, "%s", line);
	hook_env(r, pointer, h);
	if (str_eq(env_get(h->env, "LXC_HOOK_VERSION"), "1") &&
	    !strstr(strbuf_str(&r->config), "\nlxc.hook.version = "))
		reverse_set(r, pointer, "lxc.hook.version", "1");
}

static void proc_write(struct reverse *r, const char *pointer, const struct oci_hook *h)
{
	for (size_t i = 3; i < h->args_len; i++) {
		const char *value = strchr(h->args[i], '=');
		autofree char *key = NULL;

		if (!value)
			continue;
		key = xasprintf("lxc.proc.%.*s", (int) (value - h->args[i]), h->args[i]);
		reverse_set(r, pointer, key, "%s", value + 1);
	}
}

/* at: the list it is in. Only those of startContainer run inside, as LXC's start hooks do. */
static void one_hook(struct reverse *r, const char *pointer, const char *at,
		     const struct oci_hook *h)
{
	const char *verb = verb_of(h), *name = arg_after(h, "--hook"), *line = arg_after(h, "--");
	autofree char *start = NULL;

	if (str_eq(verb, "net") || str_eq(verb, "automount") || str_eq(verb, "apparmor")) {
		reverse_kept(r, pointer, 0, "LXC does this itself");
	} else if (str_eq(verb, "proc-write")) {
		proc_write(r, pointer, h);
	} else if (str_eq(verb, "lxc-env") && name && line && is_lxc_hook(name)) {
		hook_line(r, pointer, h, name, line);
	} else if (!verb && str_eq(at, "startContainer") && (start = start_line(r, h))) {
		hook_line(r, pointer, h, "start", start);
	} else {
		reverse_dropped(r, pointer,
				"an OCI hook reads the container's state, which LXC gives to none: "
				"write a script that asks lxc-info");
	}
}

static void hook_list(struct reverse *r, const char *name, const struct oci_hook *v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		autofree char *pointer = xasprintf("/hooks/%s/%zu", name, i);

		one_hook(r, pointer, name, &v[i]);
	}
}

void reverse_hooks(struct reverse *r)
{
	const struct oci_hooks *h = r->oci->hooks;

	if (!h)
		return;
	hook_list(r, "prestart", h->prestart, h->prestart_len);
	hook_list(r, "createRuntime", h->create_runtime, h->create_runtime_len);
	hook_list(r, "createContainer", h->create_container, h->create_container_len);
	hook_list(r, "startContainer", h->start_container, h->start_container_len);
	hook_list(r, "poststart", h->poststart, h->poststart_len);
	hook_list(r, "poststop", h->poststop, h->poststop_len);
}

/* LXC's own moments, which only hako has: an array of hooks as text. */
static void annotated_hooks(struct reverse *r, const char *pointer, const char *text)
{
	autofree char *json = xasprintf("{\"items\":%s}", text);
	struct oci_hook_list *list = NULL;
	struct oci_error err = { NULL };

	if (oci_hook_list_parse(json, strlen(json), &list, &err) < 0) {
		reverse_dropped(r, pointer, "no list of hooks");
		oci_error_clear(&err);
		return;
	}
	for (size_t i = 0; i < list->items_len; i++)
		one_hook(r, pointer, "", &list->items[i]);
	oci_hook_list_free(list);
}

/* --- annotations --- */

/* key NULL: other parts of the reverse have seen to it, or LXC does it anyway. when: the only value
 * that means something. */
static const struct {
	const char *name, *key, *when, *value;
} table[] = {
	{ "org.hako.source", NULL, NULL, NULL },
	{ "org.hako.bootid", NULL, NULL, NULL },
	{ "org.hako.autodev", NULL, NULL, NULL },
	{ "org.hako.init", NULL, NULL, NULL },
	{ "org.hako.mounts.optional", NULL, NULL, NULL },
	{ "org.hako.proc.mixed", NULL, NULL, NULL },
	{ "org.hako.sys.mixed", NULL, NULL, NULL },
	{ "org.hako.tty.max", "lxc.tty.max", NULL, NULL },
	{ "org.hako.tty.dir", "lxc.tty.dir", NULL, NULL },
	{ "org.hako.console.path", "lxc.console.path", NULL, NULL },
	{ "org.hako.console.logfile", "lxc.console.logfile", NULL, NULL },
	{ "org.hako.console.buffer", "lxc.console.buffer.size", NULL, NULL },
	{ "org.hako.console.size", "lxc.console.size", NULL, NULL },
	{ "org.hako.console.rotate", "lxc.console.rotate", NULL, NULL },
	{ "org.hako.keyring", "lxc.keyring.session", "inherit", "1" },
	{ "org.hako.sched.core", "lxc.sched.core", NULL, NULL },
	{ "org.hako.ephemeral", "lxc.ephemeral", NULL, NULL },
	{ "org.hako.pdeath", "lxc.monitor.signal.pdeath", NULL, NULL },
	{ "org.hako.signal.halt", "lxc.signal.halt", NULL, NULL },
	{ "org.hako.signal.reboot", "lxc.signal.reboot", NULL, NULL },
	{ "org.hako.signal.stop", "lxc.signal.stop", NULL, NULL },
	{ "org.hako.start.auto", "lxc.start.auto", NULL, NULL },
	{ "org.hako.start.delay", "lxc.start.delay", NULL, NULL },
	{ "org.hako.start.order", "lxc.start.order", NULL, NULL },
	{ "org.hako.group", "lxc.group", NULL, NULL },
	{ "org.hako.log.level", "lxc.log.level", NULL, NULL },
	{ "org.hako.log.file", "lxc.log.file", NULL, NULL },
	{ "org.hako.log.syslog", "lxc.log.syslog", NULL, NULL },
	{ "org.hako.monitor.unshare", "lxc.monitor.unshare", NULL, NULL },
	{ "org.hako.monitor.cgroup", "lxc.cgroup.dir.monitor", NULL, NULL },
	{ "org.hako.monitor.cgroup.pivot", "lxc.cgroup.dir.monitor.pivot", NULL, NULL },
	{ "org.hako.cgroup.inner", "lxc.cgroup.dir.container.inner", NULL, NULL },
	{ "org.hako.rootfs.propagation", NULL, NULL, NULL },
	{ "org.hako.rootfs.managed", "lxc.rootfs.managed", NULL, NULL },
	{ LXC_APPARMOR_ANNOTATION, "lxc.apparmor.profile", "1", "generated" },
	{ "org.hako.apparmor.allow_incomplete", "lxc.apparmor.allow_incomplete", NULL, NULL },
	{ "org.hako.apparmor.allow_nesting", "lxc.apparmor.allow_nesting", NULL, NULL },
	{ "org.hako.selinux.keyring", "lxc.selinux.context.keyring", NULL, NULL },
};

/* As LXC reads it: "TERM" is SIGTERM, and a real-time signal has its distance. */
static void signal_line(struct reverse *r, const char *pointer, const char *key, const char *text)
{
	static const char *const forms[] = { "%s", "SIG%s", "%s+0", "SIG%s+0", "%s-0", "SIG%s-0" };
	autovalue_error struct value_error e = { 0 };
	uint64_t n;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		autostrbuf struct strbuf form = STRBUF_INIT;
		const char *at = strchr(forms[i], '%');

		strbuf_addf(&form, "%.*s%s%s", (int) (at - forms[i]), forms[i], text, at + 2);
		if (value_signal(strbuf_str(&form), &n, &e) == 0) {
			reverse_set(r, pointer, key, "%s", strbuf_str(&form));
			return;
		}
	}
	reverse_dropped(r, pointer, "'%s' is no signal to LXC", text);
}

/* One line of it a line of the annotation. */
static void apparmor_raw(struct reverse *r, const char *pointer, const char *text)
{
	autostrv struct strv lines = { 0 };

	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.len; i++)
		reverse_set(r, pointer, "lxc.apparmor.raw", "%s", lines.v[i]);
}

static void one_annotation(struct reverse *r, const char *pointer, const char *name,
			   const char *value)
{
	const char *ns = str_after(name, "org.hako.ns.share.");

	if (str_starts(name, "org.hako.hooks.")) {
		annotated_hooks(r, pointer, value);
		return;
	}
	if (str_eq(name, "org.hako.apparmor.raw")) {
		apparmor_raw(r, pointer, value);
		return;
	}
	if (ns) {
		autofree char *key = xasprintf("lxc.namespace.share.%s", ns);

		reverse_set(r, pointer, key, "%s", value);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (!str_eq(table[i].name, name))
			continue;
		if (!table[i].key || str_eq(value, "auto") ||
		    (table[i].when && !str_eq(value, table[i].when)))
			reverse_kept(r, pointer, 0, "LXC does so by itself");
		else if (str_starts(table[i].key, "lxc.signal.") ||
			 str_ends(table[i].key, ".pdeath"))
			signal_line(r, pointer, table[i].key, value);
		else
			reverse_set(r, pointer, table[i].key, "%s",
				    table[i].value ? table[i].value : value);
		return;
	}
	if (str_starts(name, "org.hako."))
		reverse_dropped(r, pointer, "no key of LXC says this");
	else
		reverse_dropped(r, pointer, "LXC has no annotations");
}

void reverse_annotations(struct reverse *r)
{
	static const char STOP[] = "org.opencontainers.image.stopSignal";
	const struct oci_map *map = r->oci->annotations;

	for (size_t i = 0; map && i < map->len; i++) {
		autofree char *pointer = report_pointer("/annotations/%s", map->keys[i]);
		const char *halt = reverse_annotation(r, "org.hako.signal.halt");

		/* these have been seen to with what they are about */
		if (str_eq(map->keys[i], "org.hako.net") ||
		    str_starts(map->keys[i], "org.hako.devices.defaults") ||
		    str_eq(map->keys[i], "org.hako.rootfs.idmap") ||
		    str_eq(map->keys[i], "org.hako.rootfs.options"))
			continue;
		/* storage is part of the path, where it could be said */
		if (reverse_has_row(r, pointer))
			continue;
		if (str_eq(map->keys[i], STOP) && halt && !str_eq(halt, "auto"))
			reverse_kept(r, pointer, 0, "org.hako.signal.halt says the same");
		else if (str_eq(map->keys[i], STOP))
			signal_line(r, pointer, "lxc.signal.halt", map->values[i]);
		else
			one_annotation(r, pointer, map->keys[i], map->values[i]);
	}
}
