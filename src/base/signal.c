/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <strings.h>

#include "base/err.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/suggest.h"

/* The first name of a number is the one printed. */
static const struct {
	const char *name;
	int sig;
} signals[] = {
	{ "SIGHUP", SIGHUP },	    { "SIGINT", SIGINT },   { "SIGQUIT", SIGQUIT },
	{ "SIGILL", SIGILL },	    { "SIGTRAP", SIGTRAP }, { "SIGABRT", SIGABRT },
	{ "SIGBUS", SIGBUS },	    { "SIGFPE", SIGFPE },   { "SIGKILL", SIGKILL },
	{ "SIGUSR1", SIGUSR1 },	    { "SIGSEGV", SIGSEGV }, { "SIGUSR2", SIGUSR2 },
	{ "SIGPIPE", SIGPIPE },	    { "SIGALRM", SIGALRM }, { "SIGTERM", SIGTERM },
#ifdef SIGSTKFLT
	{ "SIGSTKFLT", SIGSTKFLT },
#endif
	{ "SIGCHLD", SIGCHLD },	    { "SIGCONT", SIGCONT }, { "SIGSTOP", SIGSTOP },
	{ "SIGTSTP", SIGTSTP },	    { "SIGTTIN", SIGTTIN }, { "SIGTTOU", SIGTTOU },
	{ "SIGURG", SIGURG },	    { "SIGXCPU", SIGXCPU }, { "SIGXFSZ", SIGXFSZ },
	{ "SIGVTALRM", SIGVTALRM }, { "SIGPROF", SIGPROF }, { "SIGWINCH", SIGWINCH },
	{ "SIGIO", SIGIO },	    { "SIGPWR", SIGPWR },   { "SIGSYS", SIGSYS },
	{ "SIGIOT", SIGABRT },	    { "SIGCLD", SIGCHLD },  { "SIGPOLL", SIGIO },
	{ "SIGUNUSED", SIGSYS },
};

/* "+3" up from low or "-1" down from high; nothing is 0. */
static int real_time(int base, const char *offset)
{
	uint32_t n = 0;

	if (*offset) {
		if (*offset != (base == SIGRTMIN ? '+' : '-') || str_to_u32(offset + 1, &n) < 0 ||
		    n > (uint32_t) (SIGRTMAX - SIGRTMIN))
			return -EINVAL;
	}
	return base == SIGRTMIN ? base + (int) n : base - (int) n;
}

int signal_parse(const char *s)
{
	uint32_t n;

	if (str_to_u32(s, &n) == 0)
		return n <= (uint32_t) SIGRTMAX ? (int) n : -EINVAL;
	if (strncasecmp(s, "SIG", 3) == 0)
		s += 3;
	if (strncasecmp(s, "RTMIN", 5) == 0)
		return real_time(SIGRTMIN, s + 5);
	if (strncasecmp(s, "RTMAX", 5) == 0)
		return real_time(SIGRTMAX, s + 5);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (strcasecmp(signals[i].name + 3, s) == 0)
			return signals[i].sig;
	}
	return -EINVAL;
}

int signal_unknown(const char *s)
{
	struct suggest nearest = { .word = strncasecmp(s, "SIG", 3) == 0 ? s + 3 : s };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		suggest_offer(&nearest, signals[i].name + strlen("SIG"));
	return err_code(EINVAL, "unknown signal '%s'%s", s, suggest_text(&nearest));
}

const char *signal_name(int sig)
{
	static char text[32];

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (signals[i].sig == sig)
			return signals[i].name;
	}
	if (sig == SIGRTMIN)
		return "SIGRTMIN";
	if (sig == SIGRTMAX)
		return "SIGRTMAX";
	if (sig > SIGRTMIN && sig < SIGRTMAX)
		snprintf(text, sizeof(text), "SIGRTMIN+%d", sig - SIGRTMIN);
	else
		snprintf(text, sizeof(text), "signal %d", sig);
	return text;
}
