/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/seccomp_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sha256.h"
#include "base/str.h"
#include "linux/seccomp_filter.h"
#include "ocispec.h"

#define DIRECTORY   ".seccomp"
#define ENTRIES_MAX 128
#define FORMAT	    "1" /* of an entry, and of what the compiler makes of a document */
#define MAGIC	    "hakoscmp"

struct header {
	char magic[8];
	unsigned char key[SHA256_SIZE];
	unsigned char sum[SHA256_SIZE]; /* of key, flags, listener, and the instructions */
	uint32_t flags;
	uint32_t listener;
	uint64_t len;
};

struct key {
	unsigned char sum[SHA256_SIZE];
	char name[SHA256_HEX_SIZE];
};

/* ---- names ---- */

/* What the dynamic loader finds changes with each library that is installed. */
static void add_libraries(struct sha256 *s)
{
	struct stat st;

	if (stat("/etc/ld.so.cache", &st) < 0)
		return;
	sha256_add(s, &st.st_dev, sizeof(st.st_dev));
	sha256_add(s, &st.st_ino, sizeof(st.st_ino));
	sha256_add(s, &st.st_size, sizeof(st.st_size));
	sha256_add(s, &st.st_mtim, sizeof(st.st_mtim));
}

static void make_key(const struct oci_seccomp *seccomp, int options, struct key *ret)
{
	autofree char *json = oci_seccomp_generate(seccomp, 0);
	struct utsname name = { 0 };
	struct sha256 s;

	(void) uname(&name);
	sha256_init(&s);
	/* with their NUL bytes, which keep them apart */
	sha256_add(&s, FORMAT, sizeof(FORMAT));
	sha256_add(&s, HAKO_COMMIT, sizeof(HAKO_COMMIT));
	sha256_add(&s, name.machine, strlen(name.machine) + 1);
	sha256_add(&s, json, strlen(json) + 1);
	sha256_add(&s, &options, sizeof(options));
	add_libraries(&s);
	sha256_finish(&s, ret->sum);
	sha256_hex(ret->sum, ret->name);
}

static void sum_of(const struct header *h, const void *insns, unsigned char ret[SHA256_SIZE])
{
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, h->key, sizeof(h->key));
	sha256_add(&s, &h->flags, sizeof(h->flags));
	sha256_add(&s, &h->listener, sizeof(h->listener));
	sha256_add(&s, insns, h->len * sizeof(struct sock_filter));
	sha256_finish(&s, ret);
}

/* ---- trust ---- */

static bool is_ours(const struct stat *st)
{
	return st->st_uid == geteuid() && !(st->st_mode & 022);
}

static int open_directory(int dir_fd)
{
	struct stat st;
	autofd int fd = FD_NONE;

	if (mkdirat(dir_fd, DIRECTORY, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(dir_fd, DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return is_ours(&st) ? take_fd(&fd) : -EPERM;
}

/* The whole file, or -errno. */
static int read_entry(int cache_fd, const char *name, char **ret, size_t *ret_len)
{
	struct stat st;
	autofd int fd = FD_NONE;

	fd = openat(cache_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1 || !is_ours(&st))
		return -EPERM;
	return fd_read_all(fd, sizeof(struct header) + BPF_MAXINSNS * sizeof(struct sock_filter),
			   ret, ret_len);
}

static bool is_valid(const struct header *h, const struct key *key, const char *text, size_t len)
{
	unsigned char sum[SHA256_SIZE];

	if (memcmp(h->magic, MAGIC, sizeof(h->magic)) != 0 ||
	    memcmp(h->key, key->sum, sizeof(h->key)) != 0 || h->len == 0 || h->len > BPF_MAXINSNS ||
	    len != sizeof(*h) + h->len * sizeof(struct sock_filter))
		return false;
	sum_of(h, text + sizeof(*h), sum);
	return memcmp(sum, h->sum, sizeof(sum)) == 0;
}

static int load(int cache_fd, const struct key *key, struct seccomp_program *ret)
{
	autofree char *text = NULL;
	struct header h;
	size_t len;
	int r = read_entry(cache_fd, key->name, &text, &len);

	if (r < 0)
		return r;
	if (len < sizeof(h))
		return -EBADMSG;
	memcpy(&h, text, sizeof(h));
	if (!is_valid(&h, key, text, len))
		return -EBADMSG;
	*ret = (struct seccomp_program){
		.insns = xmemdup(text + sizeof(h), h.len * sizeof(struct sock_filter)),
		.len = h.len,
		.flags = h.flags,
		.listener = h.listener,
	};
	return 0;
}

/* ---- keeping ---- */

static int count_entry(void *arg, int dirfd, const char *name)
{
	size_t *n = arg;

	(void) dirfd;
	(void) name;
	++*n;
	return 0;
}

static int drop_entry(void *arg, int dirfd, const char *name)
{
	(void) arg;
	(void) unlinkat(dirfd, name, 0);
	return 0;
}

/* Profiles are few. Where they are not (a generator writes one for each container), from time to
 * time the cache begins anew. */
static void make_room(int cache_fd)
{
	size_t n = 0;

	if (file_each_at(cache_fd, ".", count_entry, &n) == 0 && n >= ENTRIES_MAX)
		(void) file_each_at(cache_fd, ".", drop_entry, NULL);
}

static int save(int cache_fd, const struct key *key, const struct seccomp_program *p)
{
	struct header h = { .flags = p->flags, .listener = p->listener, .len = p->len };
	autostrbuf struct strbuf b = STRBUF_INIT;

	memcpy(h.magic, MAGIC, sizeof(h.magic));
	memcpy(h.key, key->sum, sizeof(h.key));
	sum_of(&h, p->insns, h.sum);
	strbuf_add_n(&b, (const char *) &h, sizeof(h));
	strbuf_add_n(&b, p->insns, p->len * sizeof(struct sock_filter));
	make_room(cache_fd);
	return file_replace_at(cache_fd, key->name, b.s, b.len, 0600, 0);
}

int seccomp_cache_build(int dir_fd, const struct oci_seccomp *seccomp, int options,
			struct seccomp_program *ret)
{
	autofd int cache = FD_NONE;
	struct key key;
	int r;

	/* Another library than the one installed: what it compiles is for this caller only. */
	if (dir_fd >= 0 && !getenv("LD_LIBRARY_PATH") && !getenv("LD_PRELOAD"))
		cache = open_directory(dir_fd);
	if (cache < 0)
		return seccomp_filter_build(seccomp, options, ret);
	make_key(seccomp, options, &key);
	r = load(cache, &key, ret);
	if (r == 0) {
		log_debug("seccomp: compiled before: %s", key.name);
		return 0;
	}
	if (r != -ENOENT)
		log_debug("seccomp: entry %s is of no use: %s", key.name, err_describe(-r));
	r = seccomp_filter_build(seccomp, options, ret);
	if (r < 0)
		return r;
	r = save(cache, &key, ret);
	if (r < 0)
		err_forgive(r, "keep the compiled filter");
	return 0;
}
