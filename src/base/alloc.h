/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_ALLOC_H
#define HAKO_BASE_ALLOC_H

/*
 * Memory. A short-lived process has no better plan for exhaustion than to stop, so the x* family
 * ends the process with one line on stderr instead of returning NULL; nothing here records an
 * error.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *p, size_t size) __attribute__((returns_nonnull));
/* Like realloc for arrays; an overflow of n * size is memory that is not there. */
void *xreallocarray(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));
void *xmemdup(const void *p, size_t n) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), malloc, returns_nonnull));
char *xvasprintf(const char *fmt, va_list ap)
	__attribute__((format(printf, 1, 0), malloc, returns_nonnull));

#define xnew(type)	((type *) xcalloc(1, sizeof(type)))
#define xnew_n(type, n) ((type *) xcalloc((n), sizeof(type)))

static inline void free_ptr(void *p)
{
	free(*(void **) p);
}

/* Frees the variable's heap block when it goes out of scope. */
#define autofree __attribute__((cleanup(free_ptr)))

/*
 * For pointers to objects with a destructor: DEFINE_FREEP(struct thing *, thing_free) once, then
 * auto_call(thing_free) struct thing *t = NULL;
 */
#define DEFINE_FREEP(ptrtype, destructor)                   \
	static inline void destructor##_cleanup(ptrtype *p) \
	{                                                   \
		if (*p)                                     \
			destructor(*p);                     \
	}
#define auto_call(destructor) __attribute__((cleanup(destructor##_cleanup)))

/* Moves the value out of *pp, leaving NULL: return take_ptr(&p). */
#define take_ptr(pp)                        \
	({                                  \
		__typeof__(pp) pp_ = (pp);  \
		__typeof__(*pp_) v_ = *pp_; \
		*pp_ = NULL;                \
		v_;                         \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
