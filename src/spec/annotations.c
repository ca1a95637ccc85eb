/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/annotations.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"

/* --- values: 0, or what was expected --- */

typedef const char *(*value_fn)(const char *value, void *field);

static const char *value_flag(const char *value, void *field)
{
	bool on = str_eq(value, "1") || str_eq(value, "true");

	if (!on && !str_eq(value, "0") && !str_eq(value, "false"))
		return "expected 0 or 1";
	*(bool *) field = on;
	return NULL;
}

static const char *value_unless(const char *value, void *field)
{
	const char *expected = value_flag(value, field);

	*(bool *) field = !*(bool *) field && !expected;
	return expected;
}

static const char *value_text(const char *value, void *field)
{
	*(char **) field = xstrdup(value);
	return NULL;
}

static const char *value_absolute(const char *value, void *field)
{
	return value[0] == '/' ? value_text(value, field) : "expected an absolute path";
}

/* Below the container's own cgroup, or its /dev: never upwards. */
static const char *value_below(const char *value, void *field)
{
	if (path_has_dotdot(value))
		return "`..` components are not allowed";
	return value[0] && value[0] != '/' ? value_text(value, field) : "expected a relative path";
}

static const char *value_name(const char *value, void *field)
{
	return strchr(value, '/') ? "expected one name" : value_below(value, field);
}

static const char *value_pdeath(const char *value, void *field)
{
	struct annotations *a = field;

	int sig = signal_parse(value);

	a->pdeath = sig < 0 ? 0 : sig;
	return sig < 0 ? "expected a signal" : NULL;
}

static const char *value_context(const char *value, void *field)
{
	if (!str_eq(value, "context") && !str_eq(value, "fscontext") &&
	    !str_eq(value, "defcontext") && !str_eq(value, "rootcontext"))
		return "expected context, fscontext, defcontext or rootcontext";
	return value_text(value, field);
}

static const char *value_devices(const char *value, void *field)
{
	*(enum annotations_devices *) field =
		str_eq(value, "none") ? ANNOTATIONS_DEVICES_NONE : ANNOTATIONS_DEVICES_OCI;
	return str_eq(value, "none") || str_eq(value, "oci") ? NULL : "expected none or oci";
}

static const char *value_bootid(const char *value, void *field)
{
	*(enum annotations_bootid *) field =
		str_eq(value, "random") ? ANNOTATIONS_BOOTID_RANDOM : ANNOTATIONS_BOOTID_HOST;
	return str_eq(value, "random") || str_eq(value, "host") ? NULL : "expected random or host";
}

static const char *value_keyring(const char *value, void *field)
{
	*(enum annotations_keyring *) field =
		str_eq(value, "inherit") ? ANNOTATIONS_KEYRING_INHERIT : ANNOTATIONS_KEYRING_NEW;
	return str_eq(value, "inherit") || str_eq(value, "new") ? NULL : "expected inherit or new";
}

static const char *value_signal(const char *value, void *field)
{
	int sig = str_eq(value, "auto") ? ANNOTATIONS_SIGNAL_AUTO : signal_parse(value);

	if (sig < 0 && sig != ANNOTATIONS_SIGNAL_AUTO)
		return "expected a signal or auto";
	*(int *) field = sig;
	return NULL;
}

#define TTYS_MAX 64

static const char *value_ttys(const char *value, void *field)
{
	uint32_t *ttys = field;

	if (str_to_u32(value, ttys) < 0 || *ttys > TTYS_MAX)
		return "expected a number up to 64";
	return NULL;
}

static const char *value_bytes(const char *value, void *field)
{
	uint64_t *bytes = field;

	if (str_to_u64(value, bytes) < 0 || *bytes > INT64_MAX)
		return "expected a number of bytes";
	return NULL;
}

static const char *value_buffer(const char *value, void *field)
{
	uint64_t *bytes = field;

	return value_bytes(value, field) || *bytes > 1u << 30 ? "expected up to 1 GiB in bytes"
							      : NULL;
}

static const char *value_reboot(const char *value, void *field)
{
	bool restart = str_eq(value, "restart");

	*(bool *) field = restart;
	return restart || str_eq(value, "stop") ? NULL : "expected restart or stop";
}

static const char *value_propagation(const char *value, void *field)
{
	*(bool *) field = str_eq(value, "shared");
	return *(bool *) field ? NULL : "expected shared";
}

static const char *value_idmap(const char *value, void *field)
{
	if (!str_eq(value, "container") && value[0] != '/')
		return "expected container or an absolute path";
	return value_text(value, field);
}

/* Which rights there are is for linux/landlock.c to say; what is no ruleset is said here. A member
 * nobody reads would be a rule that is not kept. */
static void note_unknown(void *arg, const char *path)
{
	(void) path;
	*(bool *) arg = true;
}

static const char *value_landlock(const char *value, void *field)
{
	struct oci_landlock **doc = field;
	struct oci_error err = { NULL };
	bool unknown = false;

	if (oci_landlock_parse(value, strlen(value), doc, &err) < 0) {
		oci_error_clear(&err);
		return "expected a ruleset in JSON, hako-landlock(7)";
	}
	ocispec_each_unknown(&oci_landlock_desc, *doc, note_unknown, &unknown);
	return unknown ? "expected nothing but the members of hako-landlock(7)" : NULL;
}

/* Other storage is mounted by whoever has it, before the container is made. */
static const char *value_storage(const char *value, void *field)
{
	return str_eq(value, "loop") ? value_text(value, field) : "expected loop";
}

static const char *value_overlay(const char *value, void *field)
{
	struct oci_overlay **ret = field, *o;
	struct oci_error err = { NULL };

	if (oci_overlay_parse(value, strlen(value), ret, &err) < 0) {
		oci_error_clear(&err);
		return "expected a JSON object with lower, upper and work";
	}
	o = *ret;
	if (o->extra)
		return "expected no more than lower, upper and work";
	for (size_t i = 0; i < o->lower_len; i++) {
		if (o->lower[i][0] != '/')
			return "expected absolute paths";
	}
	if (!o->upper != !o->work)
		return "expected both upper and work";
	if (o->upper && (o->upper[0] != '/' || o->work[0] != '/'))
		return "expected absolute paths";
	return NULL;
}

/* A JSON array of strings; it gets a key for the parser of documents. */
static const char *value_destinations(const char *value, void *field)
{
	autofree char *json = xasprintf("{\"items\":%s}", value);
	struct oci_error err = { NULL };
	struct annotations *a = field;
	struct oci_list *list = NULL;

	if (oci_list_parse(json, strlen(json), &list, &err) < 0) {
		oci_error_clear(&err);
		return "expected a JSON array of strings";
	}
	if (!list->extra) { /* the text held no more than the array */
		a->mounts_optional = take_ptr(&list->items);
		a->mounts_optional_len = list->items_len;
	}
	oci_list_free(list);
	return a->mounts_optional ? NULL : "expected a JSON array of strings";
}

/* A JSON array of hooks as in the document. */
static const char *value_hooks(const char *value, void *field)
{
	autofree char *json = xasprintf("{\"items\":%s}", value);
	struct oci_hook_list **list = field;
	struct oci_error err = { NULL };

	if (oci_hook_list_parse(json, strlen(json), list, &err) < 0) {
		oci_error_clear(&err);
		return "expected a JSON array of hooks";
	}
	if ((*list)->extra)
		return "expected a JSON array of hooks";
	for (size_t i = 0; i < (*list)->items_len; i++) {
		if ((*list)->items[i].path[0] != '/')
			return "expected absolute paths";
		if ((*list)->items[i].has_timeout && (*list)->items[i].timeout <= 0)
			return "expected timeouts above zero";
	}
	return NULL;
}

static const char *value_device_paths(const char *value, void *field)
{
	autofree char *json = xasprintf("{\"items\":%s}", value);
	struct oci_device_paths **list = field;
	struct oci_error err = { NULL };

	if (oci_device_paths_parse(json, strlen(json), list, &err) < 0) {
		oci_error_clear(&err);
		return "expected a JSON array of paths with their access";
	}
	for (size_t i = 0; i < (*list)->items_len; i++) {
		const struct oci_device_path *d = &(*list)->items[i];

		if (d->path[0] != '/' || !d->access[0] || d->access[strspn(d->access, "rwm")])
			return "expected absolute paths, and access of r, w and m";
	}
	return (*list)->extra ? "expected a JSON array of paths with their access" : NULL;
}

/* --- the table --- */

enum support {
	HONOURED,
	DATA,	   /* for others, or for commands that read the status file */
	NO_EFFECT, /* behaviour that is missing yet; the container works without: a warning */
	REFUSED,   /* the same, but the container would be another one: an error */
};

/* A name that ends in '.' stands for all that begin so. */
struct row {
	const char *name;
	enum support support;
	value_fn value;
	size_t offset;
};
#define ALPHANUMERIC "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define FIELD(name)  offsetof(struct annotations, name)

static const struct row rows[] = {
	{ "io.kubernetes.cri.container-type", DATA },
	{ "org.criu.config", HONOURED, value_absolute, FIELD(criu_config) },
	{ "org.hako.apparmor.allow_incomplete", DATA }, /* the hook has it as an option */
	{ "org.hako.apparmor.allow_nesting", DATA },	/* of the bundle's profile, as the next */
	{ "org.hako.apparmor.generate", HONOURED, value_flag, FIELD(apparmor_generate) },
	{ "org.hako.apparmor.raw", DATA },
	{ "org.hako.apparmor.", REFUSED },
	{ "org.hako.autodev", HONOURED, value_unless, FIELD(no_autodev) },
	{ "org.hako.bootid", HONOURED, value_bootid, FIELD(bootid) },
	{ "org.hako.cgroup.inner", HONOURED, value_name, FIELD(cgroup_inner) },
	{ "org.hako.console.buffer", HONOURED, value_buffer, FIELD(console_buffer) },
	{ "org.hako.console.logfile", HONOURED, value_absolute, FIELD(console_logfile) },
	{ "org.hako.console.path", HONOURED, value_absolute, FIELD(console_path) },
	{ "org.hako.console.rotate", HONOURED, value_flag, FIELD(console_rotate) },
	{ "org.hako.console.size", HONOURED, value_bytes, FIELD(console_size) },
	{ "org.hako.devices.defaults", HONOURED, value_devices, FIELD(devices) },
	{ "org.hako.devices.paths", HONOURED, value_device_paths, FIELD(device_paths) },
	{ "org.hako.ephemeral", HONOURED, value_flag, FIELD(ephemeral) },
	{ "org.hako.group", DATA },
	{ "org.hako.hooks.destroy", HONOURED, value_hooks, FIELD(hooks[ANNOTATIONS_HOOK_DESTROY]) },
	{ "org.hako.hooks.pre-mount", HONOURED, value_hooks,
	  FIELD(hooks[ANNOTATIONS_HOOK_PRE_MOUNT]) },
	{ "org.hako.hooks.pre-start", HONOURED, value_hooks,
	  FIELD(hooks[ANNOTATIONS_HOOK_PRE_START]) },
	{ "org.hako.hooks.start-host", HONOURED, value_hooks,
	  FIELD(hooks[ANNOTATIONS_HOOK_START_HOST]) },
	{ "org.hako.hooks.", REFUSED },
	{ "org.hako.init", NO_EFFECT },
	{ "org.hako.keyring", HONOURED, value_keyring, FIELD(keyring) },
	{ "org.hako.landlock", HONOURED, value_landlock, FIELD(landlock) },
	{ "org.hako.late", REFUSED },
	{ "org.hako.log.", DATA },
	{ "org.hako.monitor.", DATA },
	{ "org.hako.mounts.optional", HONOURED, value_destinations, 0 },
	{ "org.hako.net", DATA },
	{ "org.hako.ns.share.", HONOURED }, /* a list: add_ns_share() */
	{ "org.hako.pdeath", HONOURED, value_pdeath, 0 },
	{ "org.hako.proc.mixed", HONOURED, value_flag, FIELD(proc_mixed) },
	{ "org.hako.reboot", HONOURED, value_reboot, FIELD(reboot_restart) },
	{ "org.hako.rootfs.idmap", HONOURED, value_idmap, FIELD(rootfs_idmap) },
	{ "org.hako.rootfs.managed", DATA },
	{ "org.hako.rootfs.options", HONOURED, value_text, FIELD(rootfs_options) },
	{ "org.hako.rootfs.overlay", HONOURED, value_overlay, FIELD(rootfs_overlay) },
	{ "org.hako.rootfs.partition", REFUSED },
	{ "org.hako.rootfs.propagation", HONOURED, value_propagation, FIELD(rootfs_shared) },
	{ "org.hako.rootfs.source", HONOURED, value_absolute, FIELD(rootfs_source) },
	{ "org.hako.rootfs.type", HONOURED, value_storage, FIELD(rootfs_type) },
	{ "org.hako.sched.core", HONOURED, value_flag, FIELD(sched_core) },
	{ "org.hako.selinux.keyring", HONOURED, value_text, FIELD(selinux_keyring) },
	{ "org.hako.signal.halt", HONOURED, value_signal, FIELD(signal_halt) },
	{ "org.hako.signal.reboot", HONOURED, value_signal, FIELD(signal_reboot) },
	{ "org.hako.signal.stop", HONOURED, value_signal, FIELD(signal_stop) },
	{ "org.hako.source", DATA },
	{ "org.hako.start.", DATA },
	{ "org.hako.sys.mixed", HONOURED, value_flag, FIELD(sys_mixed) },
	{ "org.hako.tty.dir", HONOURED, value_below, FIELD(tty_dir) },
	{ "org.hako.tty.max", HONOURED, value_ttys, FIELD(tty_max) },
	{ "org.systemd.property.", HONOURED }, /* a list: add_property() */
	{ "run.oci.delegate-cgroup", HONOURED, value_below, FIELD(delegate_cgroup) },
	{ "run.oci.handler", REFUSED },
	{ "run.oci.hooks.stderr", HONOURED, value_absolute, FIELD(hooks_stderr) },
	{ "run.oci.hooks.stdout", HONOURED, value_absolute, FIELD(hooks_stdout) },
	{ "run.oci.keep_original_groups", HONOURED, value_flag, FIELD(keep_original_groups) },
	{ "run.oci.mount_context_type", HONOURED, value_context, FIELD(mount_context_type) },
	{ "run.oci.pidfd_receiver", HONOURED, value_absolute, FIELD(pidfd_receiver) },
	{ "run.oci.seccomp.receiver", HONOURED, value_absolute, FIELD(seccomp_receiver) },
	{ "run.oci.seccomp_fail_unknown_syscall", HONOURED, value_flag,
	  FIELD(seccomp_fail_unknown_syscall) },
	{ "run.oci.systemd.force_cgroup_v1", REFUSED },
	{ "run.oci.systemd.subgroup", HONOURED, value_below, FIELD(systemd_subgroup) },
};

static const struct row *find_row(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *rest = str_after(name, rows[i].name);

		if (rest && (str_ends(rows[i].name, ".") ? *rest != '\0' : *rest == '\0'))
			return &rows[i];
	}
	return NULL;
}

/* --- parse --- */

/* The name reaches systemd as that of a property: letters and digits, so nothing else can be
 * meant. */
static const char *add_property(struct annotations *a, const char *name, const char *value)
{
	struct annotations_property *p;

	if (name[strspn(name, ALPHANUMERIC)] != '\0')
		return "not a name of a property";
	a->properties = xreallocarray(a->properties, a->properties_len + 1, sizeof(*a->properties));
	p = &a->properties[a->properties_len++];
	*p = (struct annotations_property){ xstrdup(name), xstrdup(value) };
	return NULL;
}

static const char *add_ns_share(struct annotations *a, const char *name, const char *value)
{
	static const char *const kinds[ANNOTATIONS_NS_COUNT][2] = {
		{ "mount", "mnt" }, { "pid", "pid" },	  { "uts", "uts" },
		{ "ipc", "ipc" },   { "network", "net" }, { "cgroup", "cgroup" },
		{ "user", "user" }, { "time", "time" },
	};

	if (str_empty(value))
		return "expected a container";
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!str_eq(name, kinds[i][1]))
			continue;
		a->ns_share[a->ns_share_len++] =
			(struct annotations_ns_share){ kinds[i][0], kinds[i][1], xstrdup(value) };
		return NULL;
	}
	return "not a kind of namespace";
}

static int honour(struct annotations *a, const struct row *row, const char *name, const char *value)
{
	const char *expected;

	if (row->value)
		expected = row->value(value, (char *) a + row->offset);
	else if (str_starts(name, "org.hako.ns.share."))
		expected = add_ns_share(a, str_after(name, row->name), value);
	else
		expected = add_property(a, str_after(name, row->name), value);
	if (expected)
		return err_code(EINVAL, "annotations[\"%s\"]: %s, not '%s'", name, expected, value);
	return 0;
}

static int parse_one(struct annotations *a, const char *name, const char *value)
{
	const struct row *row = find_row(name);

	if (row && row->support == HONOURED)
		return honour(a, row, name, value);
	if (row && row->support == REFUSED)
		return err_code(ENOTSUP, "annotations[\"%s\"]: not supported by this version",
				name);
	return 0;
}

int annotations_parse(const struct oci_map *map, struct annotations *ret)
{
	int r = 0;

	for (size_t i = 0; map && i < map->len && r == 0; i++)
		r = parse_one(ret, map->keys[i], map->values[i]);
	if (r < 0)
		annotations_clear(ret);
	return r;
}

void annotations_warn(const struct oci_map *map)
{
	for (size_t i = 0; map && i < map->len; i++) {
		const struct row *row = find_row(map->keys[i]);

		if (row && row->support == NO_EFFECT)
			log_warn("annotations[\"%s\"]: has no effect in this version",
				 map->keys[i]);
		else if (!row && str_starts(map->keys[i], "org.hako."))
			log_warn("annotations[\"%s\"]: unknown, ignored", map->keys[i]);
	}
}

void annotations_clear(struct annotations *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		value_fn value = rows[i].value;

		if (value == value_text || value == value_absolute || value == value_below ||
		    value == value_context || value == value_idmap || value == value_name ||
		    value == value_storage)
			free(*(char **) ((char *) a + rows[i].offset));
	}
	strs_free(a->mounts_optional);
	oci_landlock_free(a->landlock);
	oci_device_paths_free(a->device_paths);
	for (size_t i = 0; i < ANNOTATIONS_HOOK_COUNT_; i++)
		oci_hook_list_free(a->hooks[i]);
	for (size_t i = 0; i < a->ns_share_len; i++)
		free(a->ns_share[i].container);
	oci_overlay_free(a->rootfs_overlay);
	for (size_t i = 0; i < a->properties_len; i++) {
		free(a->properties[i].name);
		free(a->properties[i].value);
	}
	free(a->properties);
	memset(a, 0, sizeof(*a));
}

const char *const *annotations_unsafe(void)
{
	static const char *const unsafe[] = {
		"org.criu.config", "org.hako.", "org.systemd.property.", "run.oci.", NULL,
	};

	return unsafe;
}
