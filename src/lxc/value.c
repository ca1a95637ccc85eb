/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/table.h"

#define SIZE_AUTO (128U << 10)
#define SIZE_PAGE 4096
#define CAP_MAX	  63

void value_error_clear(struct value_error *e)
{
	strbuf_clear(&e->text);
	strbuf_clear(&e->hint);
}

int value_bad(struct value_error *e, const char *fmt, ...)
{
	autofree char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	value_error_clear(e);
	strbuf_add(&e->text, text);
	return -EINVAL;
}

size_t value_distance(const char *a, const char *b, size_t max)
{
	size_t la = strlen(a), lb = strlen(b);
	size_t row[3][65] = { 0 };
	size_t *before = row[0], *last = row[1], *now = row[2];

	if (la > 64 || lb > 64 || (la > lb ? la - lb : lb - la) > max)
		return max + 1;
	for (size_t j = 0; j <= lb; j++)
		last[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t d = last[j - 1] + (a[i - 1] != b[j - 1]);

			d = last[j] + 1 < d ? last[j] + 1 : d;
			d = now[j - 1] + 1 < d ? now[j - 1] + 1 : d;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < d)
				d = before[j - 2] + 1;
			now[j] = d;
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[lb];
}

const char *value_nearest(const char *word, const char *const *candidates, size_t n)
{
	size_t len = strlen(word);
	size_t best = len < 4	 ? 2
		      : len < 12 ? 3
				 : 4; /* one less is the farthest that still counts */
	const char *found = NULL;

	for (size_t i = 0; i < n && candidates[i]; i++) {
		size_t d = value_distance(word, candidates[i], best);

		if (d < best) {
			best = d;
			found = candidates[i];
		}
	}
	return found;
}

int value_uint(const char *s, uint64_t max, uint64_t *ret, struct value_error *e)
{
	const char *p = s + strspn(s, " \t");
	unsigned long long v;
	char *end;

	if (*p == '-')
		return value_bad(e, "'%s' is negative", s);
	errno = 0;
	v = strtoull(p, &end, 0);
	if (end == p || *end)
		return value_bad(e, "'%s' is not a number", s);
	if (errno || v > max)
		return value_bad(e, "'%s' is larger than %" PRIu64, s, max);
	*ret = v;
	return 0;
}

int value_int(const char *s, int64_t min, int64_t max, int64_t *ret, struct value_error *e)
{
	long long v;
	char *end;

	errno = 0;
	v = strtoll(s, &end, 0);
	if (end == s || *end)
		return value_bad(e, "'%s' is not a number", s);
	if (errno || v < min || v > max)
		return value_bad(e, "'%s' is not between %" PRId64 " and %" PRId64, s, min, max);
	*ret = v;
	return 0;
}

int value_bool(const char *s, bool *ret, struct value_error *e)
{
	static const struct {
		const char *word;
		char digit;
	} usual[] = { { "true", '1' },	{ "yes", '1' }, { "on", '1' },
		      { "false", '0' }, { "no", '0' },	{ "off", '0' } };
	uint64_t v;

	if (value_uint(s, 1, &v, e) == 0) {
		*ret = v;
		return 0;
	}
	value_bad(e, "must be 0 or 1, not '%s'", s);
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++) {
		if (strcasecmp(s, usual[i].word) == 0)
			strbuf_addf(&e->hint, "write %c", usual[i].digit);
	}
	return -EINVAL;
}

static const char *take_size_unit(const char *unit, unsigned int *ret_shift, bool *ret_ignored)
{
	static const char letters[] = "KMG";
	const char *found = *unit ? strchr(letters, toupper((unsigned char) *unit)) : NULL;

	*ret_shift = 0;
	if (found && toupper((unsigned char) unit[1]) == 'B') {
		*ret_shift = 10 * (unsigned int) (found - letters + 1);
		return unit + 2;
	}
	/* LXC looks at the last two bytes only when they are a known pair; a single letter is cut
	 * off. */
	*ret_ignored = *unit != '\0';
	return *unit && isalpha((unsigned char) *unit) ? unit + 1 : unit;
}

int value_size(const char *s, uint64_t *ret, bool *ret_ignored_suffix, struct value_error *e)
{
	size_t digits = strspn(s, "0123456789");
	autofree char *number = xstrndup(s, digits);
	unsigned int shift;
	const char *rest;
	uint64_t v, size = SIZE_PAGE;

	*ret_ignored_suffix = false;
	if (strcmp(s, "auto") == 0) {
		*ret = SIZE_AUTO;
		return 0;
	}
	rest = take_size_unit(s + digits + strspn(s + digits, " \t"), &shift, ret_ignored_suffix);
	if (digits == 0 || *rest) {
		value_bad(e, "'%s' is not a size", s);
		strbuf_add(&e->hint, "a number with KB, MB or GB, or auto");
		return -EINVAL;
	}
	if (str_to_u64(number, &v) < 0 || v > (UINT64_C(1) << 62) >> shift)
		return value_bad(e, "'%s' is too large", s);
	while (size < v << shift)
		size <<= 1;
	*ret = size;
	return 0;
}

static int bad_arch(const char *s, const char *const *names, size_t n, struct value_error *e)
{
	const char *near = value_nearest(s, names, n);

	value_bad(e, "unknown architecture '%s'", s);
	if (near)
		strbuf_addf(&e->hint, "did you mean '%s'?", near);
	return -EINVAL;
}

int value_arch(const char *s, struct value_error *e)
{
	static const char *const names[] = {
		"aarch64",   "amd64",	    "arm",    "arm64",	 "armel",    "armhf",	"armv7l",
		"athlon",    "i386",	    "i486",   "i586",	 "i686",     "linux32", "linux64",
		"loong64",   "loongarch64", "mips",   "mips64",	 "mips64el", "mipsel",	"powerpc",
		"powerpc64", "ppc",	    "ppc64",  "ppc64el", "ppc64le",  "riscv64", "s390x",
		"x32",	     "x86",	    "x86_64",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(s, names[i]) == 0)
			return 0;
	}
	return bad_arch(s, names, ARRAY_SIZE(names), e);
}

const char *value_arch_domain(const char *arch)
{
	static const char *const bits32[] = {
		"arm",	"armel",   "armhf", "armv7l", "athlon", "i386",	   "i486", "i586",
		"i686", "linux32", "mips",  "mipsel", "ppc",	"powerpc", "x32",  "x86",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bits32); i++) {
		if (strcmp(arch, bits32[i]) == 0)
			return "LINUX32";
	}
	return "LINUX";
}

int value_log_level(const char *s, const char **ret, struct value_error *e)
{
	static const char *const names[] = {
		"trace", "debug", "info", "notice", "warn", "error", "crit", "alert", "fatal",
	};
	uint64_t n;

	if (value_uint(s, ARRAY_SIZE(names) - 1, &n, e) == 0) {
		*ret = names[n];
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcasecmp(s, names[i]) == 0) {
			*ret = names[i];
			return 0;
		}
	}
	value_bad(e, "unknown log level '%s'", s);
	strbuf_add(&e->hint, "0 to 8, or trace debug info notice warn error crit alert fatal");
	return -EINVAL;
}

int value_word(const char *s, const char *const *words, struct value_error *e)
{
	autostrbuf struct strbuf list = STRBUF_INIT;

	for (size_t i = 0; words[i]; i++) {
		if (strcmp(s, words[i]) == 0)
			return 0;
		strbuf_addf(&list, "%s%s", i ? ", " : "", words[i]);
	}
	value_bad(e, "unknown value '%s'", s);
	strbuf_addf(&e->hint, "one of %s", strbuf_str(&list));
	return -EINVAL;
}

int value_ns(const char *s, bool any_case, enum lxc_ns *ret, struct value_error *e)
{
	static const struct {
		const char *word, *meant;
	} usual[] = { { "mount", "mnt" },
		      { "network", "net" },
		      { "hostname", "uts" },
		      { "cgroups", "cgroup" } };
	autostrbuf struct strbuf list = STRBUF_INIT;

	for (enum lxc_ns ns = 0; ns < LXC_NS_MAX; ns++) {
		const char *name = model_ns_name(ns);

		if (any_case ? strcasecmp(s, name) == 0 : strcmp(s, name) == 0) {
			*ret = ns;
			return 0;
		}
		strbuf_addf(&list, " %s", name);
	}
	value_bad(e, "unknown namespace '%s'", s);
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++) {
		if (strcasecmp(s, usual[i].word) == 0) {
			strbuf_addf(&e->hint, "did you mean '%s'?", usual[i].meant);
			return -EINVAL;
		}
	}
	strbuf_addf(&e->hint, "one of%s", strbuf_str(&list));
	return -EINVAL;
}

static int cap_by_name(const char *s, unsigned int *ret)
{
	const char *name;

	for (unsigned int i = 0; (name = model_cap_name(i)); i++) {
		if (strcmp(s, name) == 0) {
			*ret = i;
			return 0;
		}
	}
	return -EINVAL;
}

static const struct name_value signals[] = {
	{ "ABRT", SIGABRT }, { "ALRM", SIGALRM },     { "BUS", SIGBUS },     { "CHLD", SIGCHLD },
	{ "CONT", SIGCONT }, { "FPE", SIGFPE },	      { "HUP", SIGHUP },     { "ILL", SIGILL },
	{ "INT", SIGINT },   { "IO", SIGIO },	      { "IOT", SIGIOT },     { "KILL", SIGKILL },
	{ "PIPE", SIGPIPE }, { "POLL", SIGPOLL },     { "PROF", SIGPROF },   { "PWR", SIGPWR },
	{ "QUIT", SIGQUIT }, { "SEGV", SIGSEGV },     { "STKFLT", 16 },	     { "STOP", SIGSTOP },
	{ "SYS", SIGSYS },   { "TERM", SIGTERM },     { "TRAP", SIGTRAP },   { "TSTP", SIGTSTP },
	{ "TTIN", SIGTTIN }, { "TTOU", SIGTTOU },     { "URG", SIGURG },     { "USR1", SIGUSR1 },
	{ "USR2", SIGUSR2 }, { "VTALRM", SIGVTALRM }, { "WINCH", SIGWINCH }, { "XCPU", SIGXCPU },
	{ "XFSZ", SIGXFSZ },
};

static bool signal_by_name(const char *s, uint64_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (strcasecmp(s, signals[i].name) == 0) {
			*ret = (uint64_t) signals[i].value;
			return true;
		}
	}
	return false;
}

/* "RTMIN+n", "RTMAX-n", without the prefix. */
static bool realtime_signal(const char *s, uint64_t *ret)
{
	bool up = strncasecmp(s, "RTMIN+", 6) == 0;
	uint32_t n;

	if (!up && strncasecmp(s, "RTMAX-", 6) != 0)
		return false;
	if (str_to_u32(s + 6, &n) < 0 || n > (uint32_t) (SIGRTMAX - SIGRTMIN))
		return false;
	*ret = (uint64_t) (up ? SIGRTMIN + (int) n : SIGRTMAX - (int) n);
	return true;
}

int value_signal(const char *s, uint64_t *ret, struct value_error *e)
{
	uint64_t n;

	if (isdigit((unsigned char) *s))
		return value_uint(s, INT32_MAX, ret, e);
	if (strncasecmp(s, "SIG", 3) == 0 &&
	    (signal_by_name(s + 3, ret) || realtime_signal(s + 3, ret)))
		return 0;
	value_bad(e, "unknown signal '%s'", s);
	if (strcasecmp(s, "SIGRTMIN") == 0 || strcasecmp(s, "RTMIN") == 0)
		strbuf_add(&e->hint, "write SIGRTMIN+0");
	else if (strcasecmp(s, "SIGRTMAX") == 0 || strcasecmp(s, "RTMAX") == 0)
		strbuf_add(&e->hint, "write SIGRTMAX-0");
	else if (signal_by_name(s, &n) || realtime_signal(s, &n))
		strbuf_addf(&e->hint, "write SIG%s", s);
	return -EINVAL;
}

/* What the author meant: other case, the CAP_ prefix, a slip of the pen. */
static void hint_cap(const char *s, struct value_error *e)
{
	const char *names[CAP_MAX + 1] = { 0 };
	autofree char *lower = xstrdup(s);
	const char *plain, *near;

	for (char *p = lower; *p; p++)
		*p = (char) tolower((unsigned char) *p);
	plain = str_starts(lower, "cap_") ? lower + 4 : lower;
	for (unsigned int i = 0; i < CAP_MAX && model_cap_name(i); i++)
		names[i] = model_cap_name(i);
	near = value_nearest(plain, names, CAP_MAX);
	if (near)
		strbuf_addf(&e->hint, "did you mean '%s'?", near);
}

int value_cap(const char *s, unsigned int *ret, struct value_error *e)
{
	uint64_t n;

	if (cap_by_name(s, ret) == 0)
		return 0;
	if (isdigit((unsigned char) *s)) {
		if (value_uint(s, CAP_MAX, &n, e) < 0)
			return value_bad(e, "unknown capability number '%s'", s);
		*ret = (unsigned int) n;
		return 0;
	}
	value_bad(e, "unknown capability '%s'", s);
	if (strcmp(s, "none") == 0)
		strbuf_add(&e->hint, "'none' works with lxc.cap.keep only");
	else
		hint_cap(s, e);
	return -EINVAL;
}

/* Splits "u 0 100000 65536" at blanks into exactly four words of a scratch copy. */
static int split_idmap(char *s, char *words[4])
{
	char *save = NULL;
	size_t n = 0;

	for (char *w = strtok_r(s, " \t", &save); w; w = strtok_r(NULL, " \t", &save)) {
		if (n == 4)
			return -EINVAL;
		words[n++] = w;
	}
	return n == 4 ? 0 : -EINVAL;
}

int value_idmap(const char *s, struct lxc_idmap *ret, struct value_error *e)
{
	autofree char *copy = xstrdup(s);
	uint64_t nsid, hostid, count;
	char *words[4];

	if (split_idmap(copy, words) < 0) {
		value_bad(e, "'%s' is not an id map", s);
		strbuf_add(&e->hint, "u or g, first id inside, first id outside, count");
		return -EINVAL;
	}
	if (strcmp(words[0], "b") == 0) {
		value_bad(e, "unknown id map type 'b'");
		strbuf_addf(&e->hint, "write two lines: 'u %s %s %s' and 'g %s %s %s'", words[1],
			    words[2], words[3], words[1], words[2], words[3]);
		return -EINVAL;
	}
	if (strcmp(words[0], "u") != 0 && strcmp(words[0], "g") != 0)
		return value_bad(e, "unknown id map type '%s', must be u or g", words[0]);
	if (value_uint(words[1], UINT32_MAX, &nsid, e) < 0 ||
	    value_uint(words[2], UINT32_MAX, &hostid, e) < 0 ||
	    value_uint(words[3], UINT32_MAX, &count, e) < 0)
		return -EINVAL;
	if (count == 0)
		return value_bad(e, "an id map of no ids is refused by the kernel");
	/* 4294967295 is (uid_t) -1, which no range can hold */
	if (nsid + count > UINT32_MAX || hostid + count > UINT32_MAX)
		return value_bad(e, "the id map runs past 4294967294");
	ret->is_gid = words[0][0] == 'g';
	ret->nsid = (uint32_t) nsid;
	ret->hostid = (uint32_t) hostid;
	ret->count = (uint32_t) count;
	return 0;
}

static const char *const prlimit_names[] = {
	"as",	"core",	  "cpu",   "data", "fsize",  "locks",  "memlock",    "msgqueue",
	"nice", "nofile", "nproc", "rss",  "rtprio", "rttime", "sigpending", "stack",
};

int value_prlimit_name(const char *s, struct value_error *e)
{
	const char *near;
	uint32_t n;

	for (size_t i = 0; i < ARRAY_SIZE(prlimit_names); i++) {
		if (strcmp(s, prlimit_names[i]) == 0)
			return 0;
	}
	if (str_to_u32(s, &n) == 0)
		return 0;
	near = value_nearest(s, prlimit_names, ARRAY_SIZE(prlimit_names));
	value_bad(e, "unknown resource '%s'", s);
	if (near)
		strbuf_addf(&e->hint, "did you mean '%s'?", near);
	return -EINVAL;
}

static int one_limit(char *s, uint64_t *ret, struct value_error *e)
{
	s = str_trim(s);
	if (strcmp(s, "unlimited") == 0 || strcmp(s, "-1") == 0) {
		*ret = LXC_UNLIMITED;
		return 0;
	}
	if (str_to_u64(s, ret) < 0) {
		value_bad(e, "'%s' is not a limit", s);
		strbuf_add(&e->hint, "a decimal number or unlimited");
		return -EINVAL;
	}
	return 0;
}

int value_prlimit(const char *s, uint64_t *ret_soft, uint64_t *ret_hard, bool *ret_odd,
		  struct value_error *e)
{
	autofree char *copy = xstrdup(s);
	char *colon = strchr(copy, ':');
	uint64_t soft = 0, hard;

	*ret_odd = false;
	if (colon)
		*colon = '\0';
	if (colon && *str_trim(copy) == '\0')
		*ret_odd = true; /* ":N": the missing number reads as 0 */
	else if (one_limit(copy, &soft, e) < 0)
		return -EINVAL;
	hard = soft;
	if (colon && one_limit(colon + 1, &hard, e) < 0)
		return -EINVAL;
	if (soft > hard)
		return value_bad(e, "the soft limit in '%s' is above the hard one", s);
	*ret_soft = soft;
	*ret_hard = hard;
	return 0;
}

static int scale(int64_t n, int64_t factor, int64_t *ret)
{
	return __builtin_mul_overflow(n, factor, ret) ? -ERANGE : 0;
}

int value_time_offset(const char *s, int64_t *ret, bool *ret_is_secs, struct value_error *e)
{
	static const struct {
		const char *unit;
		int64_t factor;
		bool is_secs;
	} units[] = { { "h", 3600, true },	{ "m", 60, true },     { "s", 1, true },
		      { "ms", 1000000, false }, { "us", 1000, false }, { "ns", 1, false } };
	long long n;
	char *end;
	size_t gap;

	errno = 0;
	n = strtoll(s, &end, 10);
	if (end == s)
		return value_bad(e, "'%s' is not a time offset", s);
	if (errno)
		return value_bad(e, "'%s' is out of range", s);
	gap = strspn(end, " \t");
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(end + gap, units[i].unit) != 0)
			continue;
		/* LXC's unit buffer holds two bytes and the blank is one of them */
		if (gap + strlen(units[i].unit) > 2) {
			value_bad(e, "'%s' is refused by LXC", s);
			strbuf_addf(&e->hint, "write '%lld%s'", n, units[i].unit);
			return -EINVAL;
		}
		if (scale(n, units[i].factor, ret) < 0)
			return value_bad(e, "'%s' is out of range", s);
		*ret_is_secs = units[i].is_secs;
		return 0;
	}
	value_bad(e, "'%s' has no known unit", s);
	strbuf_add(&e->hint, "one of h m s ms us ns");
	return -EINVAL;
}

int value_text(const char *s, struct value_error *e)
{
	if (!str_is_utf8(s, strlen(s)))
		return value_bad(e, "the value is not valid UTF-8, which JSON cannot carry");
	for (const unsigned char *p = (const unsigned char *) s; *p; p++) {
		if ((*p < 0x20 && *p != '\t') || *p == 0x7f)
			return value_bad(e, "control character 0x%02x in the value", *p);
	}
	return 0;
}

bool value_is_hostname(const char *s)
{
	size_t label = 0;

	for (const char *p = s;; p++) {
		if (*p == '.' || *p == '\0') {
			if (label == 0 || label > 63 || p[-1] == '-')
				return false;
			if (*p == '\0')
				return true;
			label = 0;
			continue;
		}
		if (!isalnum((unsigned char) *p) && !(*p == '-' && label))
			return false;
		label++;
	}
}
