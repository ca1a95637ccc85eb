/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/bundle.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"

#include "spec/validate.h"

/* Adopts the complaint of the parser; name is the file it is about. */
static int parse_failed(const char *name, struct oci_error *err)
{
	int r = err_code(EINVAL, "%s: %s", name, err->text);

	oci_error_clear(err);
	return r;
}

static int load_config(struct bundle *b, const char *name)
{
	autofree char *path = path_resolve_text(b->path, name);
	struct oci_error err = { NULL };
	autofd int fd = FD_NONE;
	int r;

	/* A fifo that nobody writes to must not hang us. */
	fd = openat(b->fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_sys("open configuration '%s'", path);
	(void) fd_set_nonblock(fd, false);
	r = fd_read_all(fd, BUNDLE_CONFIG_MAX, &b->json, &b->json_len);
	if (r < 0)
		return err_sys_r(r, "open configuration '%s'", path);
	if (oci_config_parse(b->json, b->json_len, &b->config, &err) < 0)
		return parse_failed(path, &err);
	return 0;
}

static int open_dir(const char *path, struct bundle *ret)
{
	*ret = (struct bundle) BUNDLE_INIT;
	ret->path = path_make_absolute(path);
	if (!ret->path)
		return err_sys("find bundle '%s'", path);
	ret->fd = open(ret->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ret->fd < 0)
		return err_sys("open bundle '%s'", ret->path);
	return 0;
}

int bundle_open(const char *path, const char *config_name, struct bundle *ret)
{
	int r = open_dir(path, ret);

	if (r >= 0)
		r = load_config(ret, config_name ? config_name : "config.json");
	if (r < 0)
		bundle_clear(ret);
	return r;
}

int bundle_open_rootfs(struct bundle *bundle)
{
	const struct oci_root *root = bundle->config->root;
	autofree char *path = NULL;
	autofd int fd = FD_NONE;

	if (!root)
		return 0;
	path = path_resolve_text(bundle->path, root->path);
	fd = openat(bundle->fd, root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys("open root filesystem '%s'", path);
	fd_close(&bundle->rootfs_fd);
	/* the same text as before the pre-start hook, and a plan may have borrowed that */
	if (!bundle->rootfs)
		bundle->rootfs = path_clean(path);
	bundle->rootfs_fd = take_fd(&fd);
	return 0;
}

/* A pre-start hook may be what makes the root filesystem: then it is opened behind that. */
static int find_rootfs(struct bundle *b)
{
	const struct oci_hook_list *hooks = b->annotations.hooks[ANNOTATIONS_HOOK_PRE_START];
	autofree char *path = NULL;

	if (!hooks || !hooks->items_len || !b->config->root)
		return bundle_open_rootfs(b);
	path = path_resolve_text(b->path, b->config->root->path);
	b->rootfs = path_clean(path);
	return 0;
}

/* Judges the document and opens what it names. */
static int finish(struct bundle *b, const char *name)
{
	int r = validate_config(b->config);

	if (r == 0)
		r = annotations_parse(b->config->annotations, &b->annotations);
	if (r < 0) {
		err_wrap(r, "%s", name);
	} else {
		annotations_warn(b->config->annotations);
		r = find_rootfs(b);
	}
	if (r < 0)
		bundle_clear(b);
	return r;
}

int bundle_load(const char *path, const char *config_name, struct bundle *ret)
{
	int r = bundle_open(path, config_name, ret);

	return r < 0 ? r : finish(ret, config_name ? config_name : "config.json");
}

int bundle_load_text(const char *path, const char *json, struct bundle *ret)
{
	struct oci_error err = { NULL };
	int r = open_dir(path, ret);

	if (r >= 0) {
		ret->json = xstrdup(json);
		ret->json_len = strlen(json);
		if (oci_config_parse(ret->json, ret->json_len, &ret->config, &err) < 0)
			r = parse_failed("configuration", &err);
	}
	if (r < 0) {
		bundle_clear(ret);
		return r;
	}
	return finish(ret, "configuration");
}

void bundle_clear(struct bundle *b)
{
	free(b->json);
	free(b->path);
	free(b->rootfs);
	fd_close(&b->fd);
	fd_close(&b->rootfs_fd);
	oci_config_free(b->config);
	annotations_clear(&b->annotations);
	*b = (struct bundle) BUNDLE_INIT;
}

/* The text of a file, or of stdin, which may be a pipe that cannot be opened by name. */
static int read_document(const char *file, char **ret, size_t *ret_len)
{
	int r;

	if (str_eq(file, "-"))
		r = fd_read_all(STDIN_FILENO, BUNDLE_CONFIG_MAX, ret, ret_len);
	else
		r = file_read_at(AT_FDCWD, file, BUNDLE_CONFIG_MAX, ret, ret_len);
	return r < 0 ? err_sys_r(r, "read '%s'", file) : 0;
}

int bundle_read_process(const char *file, struct oci_process **ret)
{
	struct oci_process *process = NULL;
	struct oci_error err = { NULL };
	autofree char *text = NULL;
	size_t len;
	int r;

	r = read_document(file, &text, &len);
	if (r < 0)
		return r;
	if (oci_process_parse(text, len, &process, &err) < 0)
		return parse_failed(file, &err);
	r = validate_process(process);
	if (r < 0) {
		oci_process_free(process);
		return err_wrap(r, "%s", file);
	}
	*ret = process;
	return 0;
}

int bundle_read_resources(const char *file, struct oci_resources **ret)
{
	struct oci_resources *resources = NULL;
	struct oci_error err = { NULL };
	autofree char *text = NULL;
	size_t len;
	int r;

	r = read_document(file, &text, &len);
	if (r < 0)
		return r;
	if (oci_resources_parse(text, len, &resources, &err) < 0)
		return parse_failed(file, &err);
	r = validate_resources(resources);
	if (r < 0) {
		oci_resources_free(resources);
		return err_wrap(r, "%s", file);
	}
	*ret = resources;
	return 0;
}
