/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/validate.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/rlimit.h"
#include "base/str.h"

#include "spec/namespaces.h"
#include "spec/validate_rules.h"

#define DEADLINE_RUNTIME_MIN 1024 /* nanoseconds, sched(7) */
#define HOST_NAME_LEN	     64 /* __NEW_UTS_LEN of uname(2) */

/* --- findings --- */

__attribute__((format(printf, 3, 0)))
static void report(struct validator *v, enum validate_level level, const char *fmt, va_list ap)
{
	autofree char *text = xvasprintf(fmt, ap);

	/* A finding is one line, whatever the values in it hold. */
	for (char *c = text; *c; c++)
		*c = (unsigned char) *c < 0x20 || *c == 0x7f ? '?' : *c;
	if (level == VALIDATE_ERROR)
		v->errors++;
	v->fn(v->arg, level, text);
}

void rule_error(struct validator *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(v, VALIDATE_ERROR, fmt, ap);
	va_end(ap);
}

void rule_warn(struct validator *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(v, VALIDATE_WARNING, fmt, ap);
	va_end(ap);
}

void rule_absolute(struct validator *v, const char *where, const char *path)
{
	if (path[0] != '/')
		rule_error(v, "%s: '%s' is not an absolute path", where, path);
}

void rule_absolute_all(struct validator *v, const char *where, char *const *paths, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (paths[i][0] != '/')
			rule_error(v, "%s[%zu]: '%s' is not an absolute path", where, i, paths[i]);
	}
}

/* --- version --- */

#define VERSION_LABEL \
	"-.+0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Reads a number without leading zeros; NULL if there is none. */
static const char *skip_number(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n == 0 || (n > 1 && s[0] == '0') ? NULL : s + n;
}

bool validate_version_ok(const char *version)
{
	const char *s = str_after(version, "1."); /* semver: compatible within the major number */

	s = s ? skip_number(s) : NULL;
	s = s && *s == '.' ? skip_number(s + 1) : NULL;
	if (!s)
		return false;
	if (*s == '-' || *s == '+') /* pre-release, build */
		return s[1] && s[1 + strspn(s + 1, VERSION_LABEL)] == '\0';
	return *s == '\0';
}

/* --- process --- */

const char *const validate_capability_names[] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL",
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
};
const unsigned int validate_capability_count = ARRAY_SIZE(validate_capability_names);

static bool is_capability(const char *name)
{
	for (unsigned int i = 0; i < validate_capability_count; i++) {
		if (strcmp(validate_capability_names[i], name) == 0)
			return true;
	}
	return false;
}

static void rules_capability_set(struct validator *v, const char *set, char *const *names,
				 size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!is_capability(names[i]))
			rule_warn(v, "process.capabilities.%s[%zu]: unknown capability '%s' is "
				     "ignored", set, i, names[i]);
	}
}

static void rules_capabilities(struct validator *v, const struct oci_capabilities *c)
{
	rules_capability_set(v, "bounding", c->bounding, c->bounding_len);
	rules_capability_set(v, "effective", c->effective, c->effective_len);
	rules_capability_set(v, "inheritable", c->inheritable, c->inheritable_len);
	rules_capability_set(v, "permitted", c->permitted, c->permitted_len);
	rules_capability_set(v, "ambient", c->ambient, c->ambient_len);
}

static void rules_rlimits(struct validator *v, const struct oci_rlimit *limits, size_t len)
{
	unsigned int seen = 0;

	for (size_t i = 0; i < len; i++) {
		const struct oci_rlimit *l = &limits[i];
		int n = rlimit_parse(l->type);

		if (n < 0) {
			rule_error(v, "process.rlimits[%zu].type: unknown resource limit '%s'", i,
				   l->type);
			continue;
		}
		if (seen & (1u << n))
			rule_error(v, "process.rlimits[%zu].type: '%s' is given twice", i, l->type);
		seen |= 1u << n;
		if (l->soft > l->hard)
			rule_error(v,
				   "process.rlimits[%zu].soft: %" PRIu64
				   " is above hard, which is %" PRIu64,
				   i, l->soft, l->hard);
	}
}

/* What sched_setattr(2) would answer with EINVAL, in the words that callers look for. */
static void rules_deadline(struct validator *v, const struct oci_scheduler *s)
{
	static const char needs[] = "process.scheduler: sched_setattr: `SCHED_DEADLINE` requires";
	uint64_t period = s->has_period && s->period ? s->period : s->deadline;

	if (!s->has_runtime || s->runtime == 0)
		rule_error(v, "%s `runtime`", needs);
	else if (!s->has_deadline || s->deadline == 0)
		rule_error(v, "%s `deadline`", needs);
	else if (s->runtime < DEADLINE_RUNTIME_MIN)
		rule_error(v, "%s `runtime` >= %d", needs, DEADLINE_RUNTIME_MIN);
	else if (s->runtime > s->deadline || s->deadline > period)
		rule_error(v, "%s `runtime` <= `deadline` <= `period`", needs);
}

static void rules_scheduler(struct validator *v, const struct oci_scheduler *s)
{
	static const char where[] = "process.scheduler";
	bool realtime = str_eq(s->policy, "SCHED_FIFO") || str_eq(s->policy, "SCHED_RR");

	if (s->nice < -20 || s->nice > 19)
		rule_error(v, "%s.nice: %d is out of range (-20 to 19)", where, s->nice);
	if (realtime && (s->priority < 1 || s->priority > 99))
		rule_error(v, "%s.priority: %d is out of range (1 to 99) for %s", where,
			   s->priority, s->policy);
	else if (!realtime && s->priority != 0)
		rule_error(v, "%s.priority: only SCHED_FIFO and SCHED_RR have it", where);
	if (str_eq(s->policy, "SCHED_DEADLINE"))
		rules_deadline(v, s);
	else if (s->runtime || s->deadline || s->period)
		rule_error(v, "%s: only SCHED_DEADLINE has runtime, deadline and period", where);
}

static void rules_environment(struct validator *v, char *const *env, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const char *equals = strchr(env[i], '=');

		if (!equals)
			rule_error(v, "process.env[%zu]: '%s' has no '='", i, env[i]);
		else if (equals == env[i])
			rule_error(v, "process.env[%zu]: the name is empty", i);
	}
}

static void rules_affinity(struct validator *v, const struct oci_exec_cpu_affinity *a)
{
	if (a->initial && !rule_is_cpu_list(a->initial))
		rule_error(v, "process.execCPUAffinity.initial: '%s' is not a list of CPUs",
			   a->initial);
	if (a->final && !rule_is_cpu_list(a->final))
		rule_error(v, "process.execCPUAffinity.final: '%s' is not a list of CPUs",
			   a->final);
}

/* 4294967295 is -1: "leave it" to setuid(2) and chown(2). */
static void rules_user(struct validator *v, const struct oci_user *user)
{
	if (user->uid == UINT32_MAX)
		rule_error(v, "process.user.uid: %u is not an id", user->uid);
	if (user->gid == UINT32_MAX)
		rule_error(v, "process.user.gid: %u is not an id", user->gid);
	for (size_t i = 0; i < user->additional_gids_len; i++) {
		if (user->additional_gids[i] == UINT32_MAX)
			rule_error(v, "process.user.additionalGids[%zu]: %u is not an id", i,
				   user->additional_gids[i]);
	}
	if (user->umask > 0777)
		rule_error(v, "process.user.umask: %u is more than 511 (0777)", user->umask);
}

void rules_process(struct validator *v, const struct oci_process *p)
{
	const struct oci_console_size *size = p->console_size;

	if (p->args_len == 0)
		rule_error(v, "process.args: must not be empty");
	if (p->cwd)
		rule_absolute(v, "process.cwd", p->cwd);
	else
		rule_error(v, "process.cwd: required, but missing");
	rules_environment(v, p->env, p->env_len);
	if (size && (size->height > USHRT_MAX || size->width > USHRT_MAX))
		rule_error(v, "process.consoleSize: more than %d rows or columns", USHRT_MAX);
	if (p->user)
		rules_user(v, p->user);
	if (p->command_line)
		rule_warn(v, "process.commandLine: ignored, it is for Windows");
	if (p->oom_score_adj < -1000 || p->oom_score_adj > 1000)
		rule_error(v, "process.oomScoreAdj: %d is out of range (-1000 to 1000)",
			   p->oom_score_adj);
	if (p->io_priority && (p->io_priority->priority < 0 || p->io_priority->priority > 7))
		rule_error(v, "process.ioPriority.priority: %d is out of range (0 to 7)",
			   p->io_priority->priority);
	if (p->capabilities && v->all) /* linux/caps.c warns of those it drops */
		rules_capabilities(v, p->capabilities);
	rules_rlimits(v, p->rlimits, p->rlimits_len);
	if (p->scheduler)
		rules_scheduler(v, p->scheduler);
	if (p->exec_cpu_affinity)
		rules_affinity(v, p->exec_cpu_affinity);
}

/* --- the rest of the document --- */

static void rules_mounts(struct validator *v, const struct oci_mount *mounts, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const struct oci_mount *m = &mounts[i];
		char where[64];

		if (str_empty(m->destination))
			rule_error(v, "mounts[%zu].destination: must not be empty", i);
		else if (m->destination[0] != '/')
			rule_warn(v, "mounts[%zu].destination: '%s' is relative, taken as below /",
				  i, m->destination);
		if ((m->uid_mappings_len == 0) != (m->gid_mappings_len == 0))
			rule_error(v, "mounts[%zu]: uidMappings and gidMappings belong together",
				   i);
		snprintf(where, sizeof(where), "mounts[%zu].uidMappings", i);
		rule_mappings(v, where, m->uid_mappings, m->uid_mappings_len);
		snprintf(where, sizeof(where), "mounts[%zu].gidMappings", i);
		rule_mappings(v, where, m->gid_mappings, m->gid_mappings_len);
	}
}

static void rules_hook_list(struct validator *v, const char *name, const struct oci_hook *hooks,
			    size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (hooks[i].path[0] != '/')
			rule_error(v, "hooks.%s[%zu].path: '%s' is not an absolute path", name, i,
				   hooks[i].path);
		if (hooks[i].has_timeout && hooks[i].timeout <= 0)
			rule_error(v, "hooks.%s[%zu].timeout: %d is not above zero", name, i,
				   hooks[i].timeout);
	}
}

static void rules_hooks(struct validator *v, const struct oci_hooks *h)
{
	rules_hook_list(v, "prestart", h->prestart, h->prestart_len);
	rules_hook_list(v, "createRuntime", h->create_runtime, h->create_runtime_len);
	rules_hook_list(v, "createContainer", h->create_container, h->create_container_len);
	rules_hook_list(v, "startContainer", h->start_container, h->start_container_len);
	rules_hook_list(v, "poststart", h->poststart, h->poststart_len);
	rules_hook_list(v, "poststop", h->poststop, h->poststop_len);
}

static void rules_host_name(struct validator *v, const struct oci_linux *l, const char *field,
			    const char *name)
{
	if (str_empty(name))
		return;
	if (strlen(name) > HOST_NAME_LEN)
		rule_error(v, "%s: longer than %d bytes", field, HOST_NAME_LEN);
	if (!spec_has_namespace(l, "uts"))
		rule_error(v, "%s: cannot be set without a uts namespace", field);
}

static void rules_config(struct validator *v, const struct oci_config *c)
{
	if (!c->oci_version || !validate_version_ok(c->oci_version))
		rule_error(v, "ociVersion: unsupported version '%s'",
			   c->oci_version ? c->oci_version : "");
	if (c->process)
		rules_process(v, c->process);
	if (!c->root)
		rule_error(v, "root: required, but missing");
	else if (str_empty(c->root->path))
		rule_error(v, "root.path: must not be empty");
	rules_host_name(v, c->linux, "hostname", c->hostname);
	rules_host_name(v, c->linux, "domainname", c->domainname);
	rules_mounts(v, c->mounts, c->mounts_len);
	if (c->hooks)
		rules_hooks(v, c->hooks);
	for (size_t i = 0; c->annotations && i < c->annotations->len; i++) {
		if (c->annotations->keys[i][0] == '\0')
			rule_error(v, "annotations[\"\"]: the key is empty");
	}
	if (c->linux)
		rules_linux(v, c);
}

/* --- ways to ask --- */

int validate_config_all(const struct oci_config *config, validate_fn fn, void *arg)
{
	struct validator v = { fn, arg, 0, true };

	rules_config(&v, config);
	return v.errors;
}

/* Records the first error and logs warnings; arg: bool, whether one was recorded. */
static void keep_first(void *arg, enum validate_level level, const char *text)
{
	bool *recorded = arg;

	if (level == VALIDATE_WARNING) {
		log_warn("%s", text);
	} else if (!*recorded) {
		*recorded = true;
		err_code(EINVAL, "%s", text);
	}
}

int validate_config(const struct oci_config *config)
{
	bool recorded = false;
	struct validator v = { keep_first, &recorded, 0, false };

	rules_config(&v, config);
	return v.errors ? -EINVAL : 0;
}

int validate_process(const struct oci_process *process)
{
	bool recorded = false;
	struct validator v = { keep_first, &recorded, 0, false };

	rules_process(&v, process);
	return v.errors ? -EINVAL : 0;
}

int validate_resources(const struct oci_resources *resources)
{
	bool recorded = false;
	struct validator v = { keep_first, &recorded, 0, false };

	rules_resources(&v, "", resources);
	return v.errors ? -EINVAL : 0;
}
