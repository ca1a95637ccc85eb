/* SPDX-License-Identifier: Apache-2.0 */
/* LXC's seccomp profiles, version 1 and 2. */
#include "lxc/seccomp_profile.h"

#include "base/str.h"
#include "ocispec.h"
#include "tests/unit/t.h"

static const char *fake_name(void *arg, unsigned nr)
{
	(void) arg;
	return nr == 0 ? "read" : nr == 1 ? "write" : NULL;
}

static bool fake_known(void *arg, const char *name)
{
	(void) arg;
	return !str_eq(name, "mkdri");
}

static struct oci_seccomp *parse_on(const char *machine, const char *text, bool exact,
				    struct lxc_notes *notes)
{
	const struct lxc_seccomp_opts opts = {
		.exact = exact,
		.machine = machine,
		.syscall_name = fake_name,
		.syscall_known = fake_known,
	};

	*notes = (struct lxc_notes){ 0 };
	return lxc_seccomp_parse(text, strlen(text), &opts, notes);
}

static struct oci_seccomp *parse(const char *text, struct lxc_notes *notes)
{
	return parse_on("x86_64", text, false, notes);
}

/* The rules as "name,name=ACTION(errno) [index op value two]; ..." */
static char *format(const struct oci_seccomp *s)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_add(&b, s->default_action + strlen("SCMP_ACT_"));
	if (s->has_default_errno_ret)
		strbuf_addf(&b, "(%u)", s->default_errno_ret);
	for (size_t i = 0; i < s->syscalls_len; i++) {
		const struct oci_syscall *e = &s->syscalls[i];

		strbuf_add(&b, "; ");
		for (size_t k = 0; k < e->names_len; k++)
			strbuf_addf(&b, "%s%s", k ? "," : "", e->names[k]);
		strbuf_addf(&b, "=%s", e->action + strlen("SCMP_ACT_"));
		if (e->has_errno_ret)
			strbuf_addf(&b, "(%u)", e->errno_ret);
		for (size_t k = 0; k < e->args_len; k++) {
			const struct oci_syscall_arg *a = &e->args[k];

			strbuf_addf(&b, " [%u %s %llu", a->index, a->op + strlen("SCMP_CMP_"),
				    (unsigned long long) a->value);
			if (a->has_value_two)
				strbuf_addf(&b, " %llu", (unsigned long long) a->value_two);
			strbuf_add(&b, "]");
		}
	}
	return strbuf_take(&b);
}

/* code: a note that must be there, or NULL for "none at all". */
static void check(const char *text, const char *want, const char *code)
{
	struct lxc_notes notes;
	struct oci_seccomp *s = parse(text, &notes);
	char *got;

	if (!s)
		t_fail(__FILE__, __LINE__, "'%s' is refused: %s", text,
		       notes.len ? notes.v[0].text : "(no note)");
	got = format(s);
	if (strcmp(got, want) != 0)
		t_fail(__FILE__, __LINE__, "'%s' gives '%s', expected '%s'", text, got, want);
	if (code && !lxc_notes_find(&notes, code))
		t_fail(__FILE__, __LINE__, "'%s': no %s", text, code);
	if (!code && notes.len)
		t_fail(__FILE__, __LINE__, "'%s': %s: %s", text, notes.v[0].code, notes.v[0].text);
	free(got);
	oci_seccomp_free(s);
	lxc_notes_clear(&notes);
}

static void check_refused(const char *text, int line, const char *code)
{
	struct lxc_notes notes;
	struct oci_seccomp *s = parse(text, &notes);
	const struct lxc_note *n = lxc_notes_find(&notes, code);

	if (s || !n || n->line != line)
		t_fail(__FILE__, __LINE__, "'%s': %s, %s at %d", text, s ? "taken" : "refused",
		       code, n ? n->line : 0);
	lxc_notes_clear(&notes);
}

#define COMMON                                                                        \
	"2\ndenylist\nreject_force_umount  # comment this to allow umount -f\n"       \
	"[all]\nkexec_load errno 1\nopen_by_handle_at errno 1\ninit_module errno 1\n" \
	"finit_module errno 1\ndelete_module errno 1\n"

static void test_common(void)
{
	check(COMMON,
	      "ALLOW; umount2=ERRNO(13) [1 MASKED_EQ 1 1]; "
	      "kexec_load,open_by_handle_at,init_module,finit_module,delete_module=ERRNO(1)",
	      NULL);
}

static void test_defaults(void)
{
	check("2\ndenylist\nmkdir\n", "ALLOW; mkdir=KILL", NULL);
	check("2\nblacklist\nmkdir\n", "ALLOW; mkdir=KILL", NULL);
	check("2\nallowlist\nread\nwrite\n", "KILL; read,write=ALLOW", NULL);
	check("2\nwhitelist trap\nread", "TRAP; read=ALLOW", NULL);
	check("2\nallowlist errno 38\nread\n", "ERRNO(38); read=ALLOW", NULL);
	/* success without doing anything must be explicit: OCI's default is EPERM */
	check("2\ndenylist\nmknod errno 0\n", "ALLOW; mknod=ERRNO(0)", NULL);
	check("2\nallowlist errno 0\nread\n", "ERRNO(0); read=ALLOW", NULL);
	check("2\ndenylist\nmkdir trap\nrmdir   errno 5 # why\nmknod # x\n\n# y\n",
	      "ALLOW; mkdir=TRAP; rmdir=ERRNO(5); mknod=KILL", NULL);
	check("\n 2 \n\ndenylist\n", "ALLOW", NULL);
}

static void test_refused(void)
{
	check_refused("", 0, "LXC-E602");
	check_refused("3\ndenylist\n", 1, "LXC-E602");
	check_refused("2\n", 1, "LXC-E602");
	check_refused("2\nlist\n", 2, "LXC-E602");
	check_refused("2\ndenylist \n", 2, "LXC-E602");
	check_refused("2\ndenylist # x\n", 2, "LXC-E602");
	check_refused("2\ndenylist log\n", 2, "LXC-E602");
	check_refused("2\ndenylist\nmkdir errno EPERM\n", 3, "LXC-E602");
	check_refused("2\ndenylist\nmkdir log\n", 3, "LXC-E602");
	check_refused("2\ndenylist\nmkdir kill_process\n", 3, "LXC-E602");
	check_refused("2\ndenylist\nmkdir errno 4096\n", 3, "LXC-E602");
	check_refused("2\ndenylist\nmkdir errno -1\n", 3, "LXC-E602");
	check_refused("2\ndenylist\nioctl [1,2,==]\n", 3, "LXC-E602");
	check_refused("2\ndenylist\nioctl[1,2,==]\n", 3, "LXC-E602");
	check_refused("2\ndenylist\n mkdir\n", 3, "LXC-E602");
	check_refused("2\ndenylist\nmknod\terrno 1\n", 3, "LXC-E602");
	check_refused("2\ndenylist\n[vax]\n", 3, "LXC-E602");
	check_refused("2\ndenylist\n[X86_Arm]\n", 3, "LXC-E602");
	check_refused("2\ndenylist\n[all] # x\n", 3, "LXC-E602");
}

static void test_args(void)
{
	check("2\ndenylist\nioctl errno 1 [1,0x5412,==]\n", "ALLOW; ioctl=ERRNO(1) [1 EQ 21522]",
	      NULL);
	check("2\ndenylist\nfoo kill [0,010,SCMP_CMP_GT][2,3,!=] # c\n",
	      "ALLOW; foo=KILL [0 GT 8] [2 NE 3]", NULL);
	check("2\ndenylist\nfoo kill [0,1,<] [1,2,<=] [2,3,>=] [3,4,>]\n",
	      "ALLOW; foo=KILL [0 LT 1] [1 LE 2] [2 GE 3] [3 GT 4]", NULL);
	check("2\ndenylist\nfoo kill [5,18446744073709551615,==]\n",
	      "ALLOW; foo=KILL [5 EQ 18446744073709551615]", NULL);
	/* (arg & 0xff00) == 0x9400: OCI has the mask first */
	check("2\ndenylist\nioctl errno 1 [1,0x9400,&=,0xff00]\n",
	      "ALLOW; ioctl=ERRNO(1) [1 MASKED_EQ 65280 37888]", NULL);
	/* LXC's library masks the value, too */
	check("2\ndenylist\nioctl errno 1 [1,0x94ff,&=,0xff00]\n",
	      "ALLOW; ioctl=ERRNO(1) [1 MASKED_EQ 65280 37888]", NULL);
	check_refused("2\ndenylist\nfoo kill [6,1,==]\n", 3, "LXC-E602");
	check_refused("2\ndenylist\nfoo kill [0,1,=]\n", 3, "LXC-E602");
	check_refused("2\ndenylist\nfoo kill [0,1]\n", 3, "LXC-E602");
	check_refused("2\ndenylist\nfoo kill [0,x,==]\n", 3, "LXC-E602");
	check_refused("2\ndenylist\nfoo kill [0,1,==\n", 3, "LXC-E602");
	check_refused("2\ndenylist\nfoo kill [1,1,==][1,2,==]\n", 3, "LXC-E602");
	check_refused(
		"2\ndenylist\nfoo kill [0,1,==][1,1,==][2,1,==][3,1,==][4,1,==][5,1,==][0,1,==]\n",
		3, "LXC-E602");
	/* several conditions on one call are several rules */
	check("2\ndenylist\nioctl errno 1 [1,1,==]\nioctl errno 1 [1,2,==]\n",
	      "ALLOW; ioctl=ERRNO(1) [1 EQ 1]; ioctl=ERRNO(1) [1 EQ 2]", NULL);
}

static void test_duplicates(void)
{
	struct lxc_notes notes;
	struct oci_seccomp *s;

	check("2\ndenylist\nmkdir errno 1\nmkdir errno 1\n", "ALLOW; mkdir=ERRNO(1)", NULL);
	check("2\ndenylist\nmkdir errno 1\nrmdir\nmkdir kill\n",
	      "ALLOW; mkdir=ERRNO(1); rmdir=KILL", "LXC-W606");
	s = parse("2\ndenylist\nmkdir errno 1\nrmdir\nmkdir kill\n", &notes);
	T_EQ(lxc_notes_find(&notes, "LXC-W606")->line, 5);
	T_EQ(lxc_notes_find(&notes, "LXC-W606")->other, 3);
	oci_seccomp_free(s);
	lxc_notes_clear(&notes);
	check("2\ndenylist\nmkdir allow\nrmdir\n", "ALLOW; rmdir=KILL", "LXC-I609");
	T_ASSERT(!parse_on("x86_64", "2\ndenylist\nmkdir allow\n", true, &notes));
	T_ASSERT(lxc_notes_find(&notes, "LXC-E602"));
	lxc_notes_clear(&notes);
}

static void test_names(void)
{
	check("2\ndenylist\nmkdri\n", "ALLOW; mkdri=KILL", "LXC-I604");
}

static void test_tabs(void)
{
	struct lxc_notes notes;
	struct oci_seccomp *s;

	check("2\ndenylist\nmknod\tkill\n", "ALLOW; mknod=KILL", "LXC-W603");
	check("2\ndenylist\n\tmknod errno 1\n", "ALLOW; mknod=ERRNO(1)", "LXC-W603");
	s = parse_on("x86_64", "2\ndenylist\nmknod\tkill\nmkdir\n", true, &notes);
	T_ASSERT(s);
	T_EQ(s->syscalls_len, 1);
	T_STR(s->syscalls[0].names[0], "mkdir");
	T_EQ(s->syscalls[0].names_len, 1);
	oci_seccomp_free(s);
	lxc_notes_clear(&notes);
}

static void test_crlf(void)
{
	struct lxc_notes notes;

	check("2\r\ndenylist\r\n[all]\r\nmkdir\r\nrmdir errno 1\r\n",
	      "ALLOW; mkdir=KILL; rmdir=ERRNO(1)", "LXC-W608");
	/* LXC does not know the section "[all]<CR>" */
	T_ASSERT(!parse_on("x86_64", "2\r\ndenylist\r\n[all]\r\nmkdir\r\n", true, &notes));
	T_EQ(lxc_notes_find(&notes, "LXC-E602")->line, 3);
	lxc_notes_clear(&notes);
}

static void test_sections(void)
{
	struct lxc_notes notes;
	struct oci_seccomp *s;

	/* of another family: not even read */
	check("2\ndenylist\nmkdir\n[arm]\nrmdir log\n[ALL]\nmknod\n", "ALLOW; mkdir,mknod=KILL",
	      NULL);
	check("2\ndenylist\n[x86]\nmkdir\n[x86_64]\nmkdir\n", "ALLOW; mkdir=KILL", NULL);
	check("2\ndenylist\n[x86]\nmkdir\n[x86_64]\nmkdir\nrmdir\n", "ALLOW; mkdir,rmdir=KILL",
	      "LXC-I605");
	check("2\ndenylist\n[x86]\nmkdir\n", "ALLOW; mkdir=KILL", "LXC-I605");
	s = parse_on("aarch64", "2\ndenylist\n[x86]\nmkdir\n[arm64]\nrmdir\n", false, &notes);
	T_STR(s->syscalls[0].names[0], "rmdir");
	T_EQ(s->syscalls_len, 1);
	T_EQ(s->architectures_len, 2);
	T_STR(s->architectures[0], "SCMP_ARCH_AARCH64");
	T_STR(s->architectures[1], "SCMP_ARCH_ARM");
	oci_seccomp_free(s);
	lxc_notes_clear(&notes);
	T_ASSERT(!parse_on("pdp11", "2\ndenylist\n", false, &notes));
	lxc_notes_clear(&notes);
}

static void test_shape(void)
{
	struct lxc_notes notes;
	struct oci_seccomp *s = parse("2\ndenylist\n", &notes);

	T_EQ(s->architectures_len, 3);
	T_STR(s->architectures[1], "SCMP_ARCH_X86");
	T_STR(s->architectures[2], "SCMP_ARCH_X32");
	T_ASSERT(s->flags && s->flags_len == 0);
	oci_seccomp_free(s);
	lxc_notes_clear(&notes);
}

static void test_notify(void)
{
	const struct lxc_seccomp_opts opts = { .machine = "x86_64",
					       .listener_path = "/run/l.sock",
					       .listener_metadata = "c1" };
	const char *text = "2\ndenylist\nmknod notify\n";
	struct lxc_notes notes = { 0 };
	struct oci_seccomp *s;

	check_refused(text, 3, "LXC-E610");
	check_refused("2\nallowlist notify\nread\n", 2, "LXC-E610");
	s = lxc_seccomp_parse(text, strlen(text), &opts, &notes);
	T_STR(s->syscalls[0].action, "SCMP_ACT_NOTIFY");
	T_STR(s->listener_path, "/run/l.sock");
	T_STR(s->listener_metadata, "c1");
	oci_seccomp_free(s);
	T_ASSERT(!lxc_seccomp_parse("2\nallowlist notify\nread\n", 24, &opts, &notes));
	T_CONTAINS(lxc_notes_find(&notes, "LXC-E610")->text, "every call");
	lxc_notes_clear(&notes);
	/* not announced where nothing asks for it */
	s = lxc_seccomp_parse(COMMON, strlen(COMMON), &opts, &notes);
	T_ASSERT(!s->listener_path);
	oci_seccomp_free(s);
	lxc_notes_clear(&notes);
}

static void test_version_1(void)
{
	check("1\nallowlist\n0\n1\n", "KILL; read,write=ALLOW", NULL);
	check("1\nallowlist\n0\n7\n", "KILL; read=ALLOW", "LXC-W601");
	{
		struct lxc_notes notes;
		struct oci_seccomp *s = parse("1\nallowlist\n7\n9\n8\n0\n10\n11\n12\n", &notes);

		T_EQ(notes.len, 1);
		T_EQ(notes.v[0].line, 3);
		T_STR(notes.v[0].text, "no system calls of x86_64 have these numbers, they are "
				       "left out: 7, 9, 8, 10, 11 and 1 more");
		oci_seccomp_free(s);
		lxc_notes_clear(&notes);
	}
	check_refused("1\ndenylist\n0\n", 2, "LXC-E602");
	check_refused("1\nallowlist\nread\n", 3, "LXC-E602");
	check_refused("1\nallowlist\n0\n\n", 4, "LXC-E602");
}

static void test_hostile(void)
{
	const struct lxc_seccomp_opts opts = { .machine = "x86_64" };
	struct lxc_notes notes = { 0 };
	struct oci_seccomp *s;

	T_ASSERT(!lxc_seccomp_parse("2\ndeny\0list\n", 13, &opts, &notes));
	T_CONTAINS(notes.v[0].text, "NUL");
	lxc_notes_clear(&notes);
	s = lxc_seccomp_parse("2\ndenylist\nmou\xcfnt errno 1\nmkdir\n", 32, &opts, &notes);
	T_ASSERT(s && s->syscalls_len == 1);
	T_STR(s->syscalls[0].names[0], "mkdir");
	T_EQ(lxc_notes_find(&notes, "LXC-I604")->line, 3);
	oci_seccomp_free(s);
	lxc_notes_clear(&notes);
	check_refused("2\ndenylist\n[\n", 3, "LXC-E602");
	check_refused("2\ndenylist\n[]\n", 3, "LXC-E602");
	check_refused("2\ndenylist\na kill [,,]\n", 3, "LXC-E602");
	check_refused("2\ndenylist\na kill [\n", 3, "LXC-E602");
}

static void test_native_table(void)
{
	T_ASSERT(lxc_syscall_known(NULL, "openat"));
	T_ASSERT(!lxc_syscall_known(NULL, "openta"));
	if (str_eq(lxc_syscall_machine(), "x86_64"))
		T_STR(lxc_syscall_name(NULL, 39), "getpid");
	T_ASSERT(!lxc_syscall_name(NULL, 99999));
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_common),  T_TEST(test_defaults),	 T_TEST(test_refused),
		T_TEST(test_args),    T_TEST(test_duplicates),	 T_TEST(test_names),
		T_TEST(test_tabs),    T_TEST(test_crlf),	 T_TEST(test_sections),
		T_TEST(test_shape),   T_TEST(test_notify),	 T_TEST(test_version_1),
		T_TEST(test_hostile), T_TEST(test_native_table),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
