/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/str.h"

#include "spec/features.h"
#include "spec/state.h"
#include "spec/template.h"

#include "tests/unit/t.h"

/* state.c, features.c, template.c: the texts others read. */

static void test_state(void)
{
	struct state_info info = {
		.id = "c1",
		.status = "running",
		.bundle = "/b",
		.rootfs = "/b/rootfs",
		.created = "2026-01-02T03:04:05Z",
		.owner = "root",
		.pid = 42,
	};
	autofree char *hook = state_hook_json(&info);
	autofree char *command = state_command_json(&info);

	T_STR(hook, "{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"status\":\"running\",\"pid\":42,"
		    "\"bundle\":\"/b\"}");
	T_STR(command, "{\n  \"ociVersion\": \"1.3.0\",\n  \"id\": \"c1\",\n  \"pid\": 42,\n  "
		       "\"status\": \"running\",\n"
		       "  \"bundle\": \"/b\",\n  \"rootfs\": \"/b/rootfs\",\n  \"created\": "
		       "\"2026-01-02T03:04:05Z\",\n"
		       "  \"owner\": \"root\"\n}\n");
}

static void test_state_list(void)
{
	struct oci_map *annotations = NULL, empty = { 0 };
	struct state_info infos[2] = {
		{ .oci_version = "1.0.2",
		  .id = "a",
		  .status = "stopped",
		  .bundle = "/b",
		  .rootfs = "/r",
		  .created = "t",
		  .owner = "root",
		  .annotations = &empty },
		{ .id = "b", .status = "paused", .bundle = "/b\"", .pid = 7 },
	};
	autofree char *none = state_list_json(NULL, 0), *two = NULL, *hook = NULL;

	oci_map_set(&annotations, "x", "\xc3\xa9");
	infos[1].annotations = annotations;
	two = state_list_json(infos, 2);
	hook = state_hook_json(&infos[0]);
	oci_map_free(annotations);
	T_STR(none, "[]\n");
	T_STR(two, "[{\"ociVersion\":\"1.0.2\",\"id\":\"a\",\"pid\":0,\"status\":\"stopped\","
		   "\"bundle\":\"/b\","
		   "\"rootfs\":\"/"
		   "r\",\"created\":\"t\",\"owner\":\"root\"},{\"ociVersion\":\"1.3.0\",\"id\":"
		   "\"b\",\"pid\":7,"
		   "\"status\":\"paused\",\"bundle\":\"/"
		   "b\\\"\",\"annotations\":{\"x\":\"\xc3\xa9\"}}]\n");
	T_STR(hook,
	      "{\"ociVersion\":\"1.0.2\",\"id\":\"a\",\"status\":\"stopped\",\"bundle\":\"/b\"}");
}

static void test_state_seccomp(void)
{
	static const char *const fds[] = { "seccompFd" };
	struct state_info info = { .id = "c", .status = "creating", .bundle = "/b", .pid = 9 };
	autofree char *with = state_seccomp_json(&info, 9, "meta", fds, 1);
	autofree char *without = state_seccomp_json(&info, 10, NULL, fds, 1);

	T_STR(with, "{\"ociVersion\":\"1.3.0\",\"fds\":[\"seccompFd\"],\"pid\":9,\"metadata\":"
		    "\"meta\",\"state\":"
		    "{\"ociVersion\":\"1.3.0\",\"id\":\"c\",\"status\":\"creating\",\"pid\":9,"
		    "\"bundle\":\"/b\"}}");
	T_CONTAINS(without, "\"pid\":10,\"state\":");
}

static void test_features(void)
{
	static const char *const options[] = { "ro", "bind", "nosuid" }, *const names[] = {
		"SCMP_ACT_LOG"
	};
	struct features_input in = {
		.mount_options = { options, 3 },
		.seccomp_actions = { names, 1 },
		.cgroup_v2 = true,
		.mount_idmap = true,
	};
	autofree char *without = features_json(&in), *with = NULL;
	struct oci_features *f = NULL;
	struct oci_error err = { NULL };

	T_ASSERT(!strstr(without, "actions"));
	T_ASSERT(!strstr(without, "memoryPolicy") && !strstr(without, "capabilities"));
	in.seccomp = true;
	with = features_json(&in);
	T_EQ(oci_features_parse(with, strlen(with), &f, &err), 0);
	T_STR(f->oci_version_min, "1.0.0");
	T_STR(f->oci_version_max, "1.3.0");
	T_EQ(f->mount_options_len, 3);
	T_STR(f->mount_options[0], "bind");
	T_STR(f->mount_options[2], "ro");
	T_STR(f->linux->seccomp->actions[0], "SCMP_ACT_LOG");
	T_ASSERT(f->linux->seccomp->enabled && f->linux->cgroup->v2 && !f->linux->cgroup->v1);
	T_ASSERT(f->linux->cgroup->has_v1 && f->linux->mount_extensions->idmap->enabled);
	T_ASSERT(f->linux->selinux->has_enabled && !f->linux->selinux->enabled);
	T_ASSERT(!f->linux->intel_rdt->enabled && !f->linux->intel_rdt->has_schemata);
	T_ASSERT(f->potentially_unsafe_config_annotations_len > 0 && !f->extra);
	T_EQ(with[strlen(with) - 1], '\n');
	oci_features_free(f);
}

static bool has_namespace(const struct oci_config *c, const char *type)
{
	for (size_t i = 0; i < c->linux->namespaces_len; i++) {
		if (str_eq(c->linux->namespaces[i].type, type))
			return true;
	}
	return false;
}

static void test_template(void)
{
	struct template_opts opts = { 0 };
	struct oci_config *c = template_config(&opts);

	T_ASSERT(c->process->terminal && c->process->no_new_privileges && c->root->readonly);
	T_STR(c->process->args[0], "sh");
	T_EQ(c->process->env_len, 2);
	T_STR(c->process->env[1], "TERM=xterm");
	T_EQ(c->process->capabilities->bounding_len, 3);
	T_ASSERT(!c->process->capabilities->inheritable && !c->process->capabilities->ambient);
	T_EQ(c->process->rlimits[0].soft, 1024);
	T_EQ(c->mounts_len, 7);
	T_STR(c->mounts[1].options[3], "size=65536k");
	T_STR(c->mounts[2].options[5], "gid=5");
	T_ASSERT(!c->linux->resources->devices[0].allow &&
		 c->linux->resources->devices[0].has_allow);
	T_EQ(c->linux->namespaces_len, 5);
	T_ASSERT(has_namespace(c, "network") && !has_namespace(c, "cgroup") &&
		 !has_namespace(c, "user"));
	T_ASSERT(c->linux->masked_paths_len >= 10 && c->linux->readonly_paths_len == 5);
	oci_config_free(c);
}

static void test_template_rootless(void)
{
	struct template_opts opts = {
		.rootless = true, .cgroup2_only = true, .uid = 1000, .gid = 100
	};
	struct oci_config *c = template_config(&opts);
	autofree char *json = template_json(&opts);
	struct oci_config *parsed = NULL;
	struct oci_error err = { NULL };

	T_ASSERT(has_namespace(c, "user") && has_namespace(c, "cgroup") &&
		 !has_namespace(c, "network"));
	T_EQ(c->linux->uid_mappings[0].host_id, 1000);
	T_EQ(c->linux->gid_mappings[0].host_id, 100);
	T_EQ(c->linux->gid_mappings[0].size, 1);
	T_ASSERT(!c->linux->resources && !strstr(json, "gid=5"));
	T_STR(c->mounts[5].destination, "/sys");
	T_STR(c->mounts[5].options[0], "rbind");
	T_EQ(oci_config_parse(json, strlen(json), &parsed, &err), 0);
	T_ASSERT(oci_config_equal(c, parsed));
	oci_config_free(parsed);
	oci_config_free(c);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_state),    T_TEST(test_state_list), T_TEST(test_state_seccomp),
		T_TEST(test_features), T_TEST(test_template),	T_TEST(test_template_rootless),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
