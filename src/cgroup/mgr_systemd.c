/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/mgr_systemd.h"

#include <dlfcn.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "cgroup/at.h"
#include "cgroup/systemd_bus.h"
#include "cgroup/systemd_props.h"

#define DESTINATION "org.freedesktop.systemd1"
#define OBJECT	    "/org/freedesktop/systemd1"
#define MANAGER	    "org.freedesktop.systemd1.Manager"

#define WAIT_SEC     10
#define USEC_PER_SEC 1000000
#define USEC_PER_MS  1000

/* What is used of libsystemd: loaded by name, so that other managers do not pay for it (2 ms). */
struct lib {
	__typeof__(sd_bus_new) *bus_new;
	__typeof__(sd_bus_set_address) *set_address;
	__typeof__(sd_bus_set_bus_client) *set_bus_client;
	__typeof__(sd_bus_set_method_call_timeout) *set_timeout;
	__typeof__(sd_bus_start) *start;
	__typeof__(sd_bus_is_ready) *is_ready;
	__typeof__(sd_bus_process) *process;
	__typeof__(sd_bus_wait) *wait;
	__typeof__(sd_bus_close_unref) *close_unref;
	__typeof__(sd_bus_call) *call;
	__typeof__(sd_bus_match_signal) *match_signal;
	__typeof__(sd_bus_get_property_string) *get_property_string;
	__typeof__(sd_bus_message_new_method_call) *new_call;
	__typeof__(sd_bus_message_append) *append;
	__typeof__(sd_bus_message_append_basic) *append_basic;
	__typeof__(sd_bus_message_open_container) *open;
	__typeof__(sd_bus_message_close_container) *close;
	__typeof__(sd_bus_message_read) *read;
	__typeof__(sd_bus_message_unref) *message_unref;
	__typeof__(sd_bus_error_free) *error_free;
};

static int load(struct lib *lib)
{
	const struct {
		const char *name;
		void *slot;
	} symbols[] = {
		{ "sd_bus_new", &lib->bus_new },
		{ "sd_bus_set_address", &lib->set_address },
		{ "sd_bus_set_bus_client", &lib->set_bus_client },
		{ "sd_bus_set_method_call_timeout", &lib->set_timeout },
		{ "sd_bus_start", &lib->start },
		{ "sd_bus_is_ready", &lib->is_ready },
		{ "sd_bus_process", &lib->process },
		{ "sd_bus_wait", &lib->wait },
		{ "sd_bus_close_unref", &lib->close_unref },
		{ "sd_bus_call", &lib->call },
		{ "sd_bus_match_signal", &lib->match_signal },
		{ "sd_bus_get_property_string", &lib->get_property_string },
		{ "sd_bus_message_new_method_call", &lib->new_call },
		{ "sd_bus_message_append", &lib->append },
		{ "sd_bus_message_append_basic", &lib->append_basic },
		{ "sd_bus_message_open_container", &lib->open },
		{ "sd_bus_message_close_container", &lib->close },
		{ "sd_bus_message_read", &lib->read },
		{ "sd_bus_message_unref", &lib->message_unref },
		{ "sd_bus_error_free", &lib->error_free },
	};
	/* Never unloaded: the library keeps things per thread that are freed at exit. */
	void *handle = dlopen(SYSTEMD_SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (!handle)
		return err_code(ENOTSUP, "systemd: %s", dlerror());
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		void *p = dlsym(handle, symbols[i].name);

		if (!p)
			return err_code(ENOTSUP, "systemd: %s lacks '%s'", SYSTEMD_SONAME,
					symbols[i].name);
		memcpy(symbols[i].slot, &p, sizeof(p));
	}
	return 0;
}

/* ---- connection ---- */

struct bus {
	struct lib lib;
	sd_bus *bus;
	char *job;    /* awaited */
	char *result; /* of it, once it is known: "done", "failed", … */
};

static void bus_close(struct bus *b)
{
	if (b->bus)
		b->lib.close_unref(b->bus);
	free(b->job);
	free(b->result);
}
#define autobus __attribute__((cleanup(bus_close)))

/* One round: handles a message, or waits for one. 0, or -errno; -ETIMEDOUT after end. */
static int bus_round(struct bus *b, int64_t end)
{
	int64_t left = end - cg_now_ms();
	int r = b->lib.process(b->bus, NULL);

	if (r != 0)
		return r < 0 ? r : 0;
	if (left <= 0)
		return -ETIMEDOUT;
	r = b->lib.wait(b->bus, (uint64_t) left * USEC_PER_MS);
	return r < 0 && r != -EINTR ? r : 0;
}

/* Quiet. sd_bus_call() would wait for the greeting as long as it likes. */
static int bus_connect_to(struct bus *b, const char *address)
{
	int64_t end = cg_now_ms() + WAIT_SEC * 1000;
	int r;

	if ((r = b->lib.bus_new(&b->bus)) < 0 || (r = b->lib.set_address(b->bus, address)) < 0 ||
	    (r = b->lib.set_bus_client(b->bus, !systemd_bus_is_direct(address))) < 0 ||
	    /* For the greeting our own clock is the one that runs out. */
	    (r = b->lib.set_timeout(b->bus, 2 * WAIT_SEC * USEC_PER_SEC)) < 0 ||
	    (r = b->lib.start(b->bus)) < 0)
		return r;
	while ((r = b->lib.is_ready(b->bus)) == 0) {
		r = bus_round(b, end);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : b->lib.set_timeout(b->bus, WAIT_SEC * USEC_PER_SEC);
}

static const char *describe(int r)
{
	static const char *const late = "no answer within 10 seconds";

	_Static_assert(WAIT_SEC == 10, "the words above");
	return r == -ETIMEDOUT ? late : err_describe(-r);
}

static int bus_open(struct bus *b, bool user)
{
	autostrbuf struct strbuf tried = STRBUF_INIT;
	autostrv struct strv addresses = { 0 };
	int r = load(&b->lib);

	if (r < 0)
		return r;
	systemd_bus_addresses(user, environ, geteuid(), &addresses);
	for (size_t i = 0; i < addresses.len; i++) {
		r = bus_connect_to(b, addresses.v[i]);
		if (r >= 0)
			return 0;
		b->bus = b->lib.close_unref(b->bus);
		strbuf_addf(&tried, "%s'%s': %s", tried.len ? ", " : "", addresses.v[i],
			    describe(r));
		/* It is there and does not work: another way to it would not help, but take
		 * as long again. */
		if (r == -ETIMEDOUT)
			break;
	}
	return err_code(-r, "systemd: connect to the %s: %s",
			user ? "user's manager" : "system manager", strbuf_str(&tried));
}

/* ---- messages ---- */

static int append_value(const struct lib *l, sd_bus_message *m, const char *type,
			const struct systemd_value *v)
{
	uint32_t n32 = (uint32_t) v->number;
	uint8_t n8 = (uint8_t) v->number;
	int boolean = v->number != 0;

	if (str_eq(type, "(st)"))
		return l->append(m, type, v->text, v->number);
	if (str_eq(type, "(ss)"))
		return l->append(m, type, v->text, v->more);
	switch (*type) {
	case 's':
		return l->append_basic(m, 's', v->text);
	case 'b':
		return l->append_basic(m, 'b', &boolean);
	case 'y':
		return l->append_basic(m, 'y', &n8);
	case 'i':
	case 'u':
		return l->append_basic(m, *type, &n32);
	default:
		return l->append_basic(m, *type, &v->number);
	}
}

static int append_prop(const struct lib *l, sd_bus_message *m, const struct systemd_prop *p)
{
	const char *item = *p->type == 'a' ? p->type + 1 : p->type;
	int r;

	if ((r = l->open(m, 'r', "sv")) < 0 || (r = l->append_basic(m, 's', p->name)) < 0 ||
	    (r = l->open(m, 'v', p->type)) < 0 ||
	    (item != p->type && (r = l->open(m, 'a', item)) < 0))
		return r;
	for (size_t i = 0; r >= 0 && i < p->len; i++)
		r = append_value(l, m, item, &p->v[i]);
	if (r >= 0 && item != p->type)
		r = l->close(m);
	if (r >= 0)
		r = l->close(m);
	return r < 0 ? r : l->close(m);
}

/* a(sv) of several lists. */
static int append_props(const struct lib *l, sd_bus_message *m,
			const struct systemd_props *const *lists, size_t n)
{
	int r = l->open(m, 'a', "(sv)");

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; r >= 0 && j < lists[i]->len; j++)
			r = append_prop(l, m, &lists[i]->v[j]);
	}
	return r < 0 ? r : l->close(m);
}

/* ---- calls ---- */

/* A call under construction; the verb and the unit are for messages. */
struct call {
	struct bus *bus;
	sd_bus_message *m;
	sd_bus_message *reply;
	const char *verb;
	const char *unit;
	sd_bus_error error;
};

static void call_clear(struct call *c)
{
	c->bus->lib.message_unref(c->m);
	c->bus->lib.message_unref(c->reply);
	c->bus->lib.error_free(&c->error);
}
#define autocall __attribute__((cleanup(call_clear)))

static int call_new(struct call *c, const char *method)
{
	struct lib *l = &c->bus->lib;
	int r = l->new_call(c->bus->bus, &c->m, DESTINATION, OBJECT, MANAGER, method);

	return r < 0 ? r : l->append_basic(c->m, 's', c->unit);
}

static int call_fail(const struct call *c, int r)
{
	/* The library's own words for no answer are less than ours. */
	const char *why = r == -ETIMEDOUT || !c->error.message ? describe(r) : c->error.message;

	return err_code(-r, "systemd: %s unit '%s': %s", c->verb, c->unit, why);
}

/* Quiet: the caller may know what to do about a refusal. */
static int call_send(struct call *c)
{
	struct lib *l = &c->bus->lib;

	return l->call(c->bus->bus, c->m, WAIT_SEC * USEC_PER_SEC, &c->error, &c->reply);
}

static bool call_refused(const struct call *c, const char *error)
{
	return c->error.name && str_eq(str_after(c->error.name, DESTINATION "."), error);
}

/* ---- jobs ---- */

static int on_job_removed(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct bus *b = arg;
	const char *job, *unit, *result;
	uint32_t id;

	(void) error;
	if (b->job && b->lib.read(m, "uoss", &id, &job, &unit, &result) >= 0 &&
	    str_eq(job, b->job) && !b->result)
		b->result = xstrdup(result);
	return 0;
}

/* Before the request, or its end could be missed. */
static int jobs_watch(struct bus *b)
{
	int r = b->lib.match_signal(b->bus, NULL, NULL, OBJECT, MANAGER, "JobRemoved",
				    on_job_removed, b);

	if (r < 0)
		return err_code(-r, "systemd: watch jobs: %s", describe(r));
	return 0;
}

/* The call's reply is a job: waits for its end. */
static int job_wait(struct call *c)
{
	int64_t end = cg_now_ms() + WAIT_SEC * 1000;
	struct bus *b = c->bus;
	const char *path;
	int r = b->lib.read(c->reply, "o", &path);

	if (r < 0)
		return call_fail(c, r);
	b->job = xstrdup(path);
	while (!b->result) {
		r = bus_round(b, end);
		if (r < 0)
			return err_code(-r, "systemd: %s unit '%s': wait for its job: %s", c->verb,
					c->unit, describe(r));
	}
	if (!str_eq(b->result, "done"))
		return err_code(EIO, "systemd: %s unit '%s': the job ended as '%s'", c->verb,
				c->unit, b->result);
	return 0;
}

/* ---- requests ---- */

static int ask(struct bus *b, const char *property, char **ret)
{
	/* Their allocator's, which is ours. */
	int r = b->lib.get_property_string(b->bus, DESTINATION, OBJECT, MANAGER, property, NULL,
					   ret);

	return r < 0 ? err_code(-r, "systemd: ask for '%s': %s", property, describe(r)) : 0;
}

int cgroup_host_probe_systemd(struct cgroup_host *host, bool user)
{
	autobus struct bus b = { 0 };
	autofree char *root = NULL, *version = NULL;
	int r;

	if ((r = bus_open(&b, user)) < 0 || (r = ask(&b, "ControlGroup", &root)) < 0 ||
	    (r = ask(&b, "Version", &version)) < 0)
		return r;
	host->systemd_root = *root ? take_ptr(&root) : xstrdup("/");
	/* "257.13-1~deb13u1"; distributions add what they like, some in front. */
	host->systemd_version =
		(unsigned int) strtoul(version + strcspn(version, "0123456789"), NULL, 10);
	host->systemd_user = user;
	return 0;
}

/* It failed, and is remembered for it. Nothing to forget is fine. */
static void forget(struct bus *b, const char *unit)
{
	autocall struct call c = { b, .verb = "forget", .unit = unit };
	int r = call_new(&c, "ResetFailedUnit");

	if (r >= 0)
		r = call_send(&c);
	if (r < 0 && !call_refused(&c, "NoSuchUnit"))
		err_forgive(call_fail(&c, r), "left-over unit");
}

/* 1: there is one of that name. */
static int start(struct bus *b, const struct cgroup_plan *plan, pid_t pid, bool *ret_ours)
{
	autocall struct call c = { b, .verb = "start", .unit = plan->unit };
	struct systemd_props with_pid = { 0 };
	const struct systemd_props *lists[] = { &with_pid, plan->limit_props, plan->unit_props };
	struct lib *l = &b->lib;
	int r;

	systemd_props_pid(pid, &with_pid);
	if ((r = call_new(&c, "StartTransientUnit")) >= 0 &&
	    (r = l->append_basic(c.m, 's', "fail")) >= 0 &&
	    (r = append_props(l, c.m, lists, ARRAY_SIZE(lists))) >= 0 &&
	    (r = l->append(c.m, "a(sa(sv))", 0)) >= 0)
		r = call_send(&c);
	/* Without an answer it may still be started. */
	*ret_ours = r >= 0 || r == -ETIMEDOUT || r == -ECONNRESET;
	systemd_props_clear(&with_pid);
	if (r < 0) {
		r = call_fail(&c, r);
		return call_refused(&c, "UnitExists") ? 1 : r;
	}
	return job_wait(&c);
}

int mgr_systemd_start(const struct cgroup_plan *plan, pid_t pid, bool *ret_ours)
{
	autobus struct bus b = { 0 };
	int r;

	*ret_ours = false;
	if ((r = bus_open(&b, plan->unit_user)) < 0 || (r = jobs_watch(&b)) < 0)
		return r;
	r = start(&b, plan, pid, ret_ours);
	if (r > 0) {
		err_forgive(-err_get_code(), "once more");
		forget(&b, plan->unit);
		r = start(&b, plan, pid, ret_ours);
	}
	return r > 0 ? -err_get_code() : r;
}

int mgr_systemd_set(const char *unit, bool user, const struct systemd_props *props)
{
	autobus struct bus b = { 0 };
	const int runtime = 1;
	int r;

	if (!props->len)
		return 0;
	r = bus_open(&b, user);
	if (r < 0)
		return r;
	autocall struct call c = { &b, .verb = "change", .unit = unit };
	if ((r = call_new(&c, "SetUnitProperties")) >= 0 &&
	    (r = b.lib.append_basic(c.m, 'b', &runtime)) >= 0 &&
	    (r = append_props(&b.lib, c.m, &props, 1)) >= 0)
		r = call_send(&c);
	return r < 0 ? call_fail(&c, r) : 0;
}

/* 1, 0, or -errno. StopUnit would look for a unit file of that name, and may not be allowed to. */
static int is_loaded(struct bus *b, const char *unit)
{
	autocall struct call c = { b, .verb = "look for", .unit = unit };
	int r = call_new(&c, "GetUnit");

	if (r >= 0)
		r = call_send(&c);
	if (r < 0)
		return call_refused(&c, "NoSuchUnit") ? 0 : call_fail(&c, r);
	return 1;
}

static int stop(struct bus *b, const char *unit)
{
	autocall struct call c = { b, .verb = "stop", .unit = unit };
	int r;

	if ((r = call_new(&c, "StopUnit")) >= 0 &&
	    (r = b->lib.append_basic(c.m, 's', "replace")) >= 0)
		r = call_send(&c);
	if (r < 0 && call_refused(&c, "NoSuchUnit"))
		return 0;
	return r < 0 ? call_fail(&c, r) : job_wait(&c);
}

int mgr_systemd_stop(const char *unit, bool user)
{
	autobus struct bus b = { 0 };
	int r;

	/* Most often it has ended with its last process. */
	if ((r = bus_open(&b, user)) < 0 || (r = is_loaded(&b, unit)) <= 0 ||
	    (r = jobs_watch(&b)) < 0)
		return r;
	r = stop(&b, unit);
	if (r >= 0)
		forget(&b, unit);
	return r;
}
