# SPDX-License-Identifier: Apache-2.0

# HAKO_CHECK_FLAG(VARIABLE, FLAG): appends FLAG to VARIABLE if the compiler takes it.
AC_DEFUN([HAKO_CHECK_FLAG], [
  AS_VAR_PUSHDEF([cache], [hako_cv_flag_$2])
  AC_CACHE_CHECK([whether $CC takes $2], [cache], [
    save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])], [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    CFLAGS=$save_CFLAGS
  ])
  AS_VAR_IF([cache], [yes], [$1="$$1 $2"])
  AS_VAR_POPDEF([cache])
])

AC_DEFUN([HAKO_WARNINGS], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat warnings as errors])])
  WARN_CFLAGS=
  m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
      -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wimplicit-fallthrough -Wdate-time -Wnested-externs
      -Wold-style-definition -Wno-missing-field-initializers -fno-common -fno-strict-aliasing
      -fstack-protector-strong],
    [HAKO_CHECK_FLAG([WARN_CFLAGS], flag)])
  AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])
])

AC_DEFUN([HAKO_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers@<:@=LIST@:>@], [build with these sanitizers (address,undefined)])],
    [], [enable_sanitizers=no])
  AS_IF([test "x$enable_sanitizers" = xyes], [enable_sanitizers=address,undefined])
  AS_IF([test "x$enable_sanitizers" != xno], [
    SAN_CFLAGS="-fsanitize=$enable_sanitizers -fno-omit-frame-pointer -fno-sanitize-recover=undefined"
    AC_DEFINE([HAKO_SANITIZED], [1], [Define when a sanitizer is built in.])
  ])
  AC_SUBST([SAN_CFLAGS])
])

AC_DEFUN([HAKO_FUZZING], [
  AC_ARG_ENABLE([fuzzing],
    [AS_HELP_STRING([--enable-fuzzing], [build the fuzz targets with libFuzzer (needs clang)])],
    [], [enable_fuzzing=no])
  AS_IF([test "x$enable_fuzzing" = xyes], [
    FUZZ_CFLAGS="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined"
    FUZZ_LDFLAGS="-fsanitize=fuzzer,address,undefined"
  ])
  AM_CONDITIONAL([FUZZING], [test "x$enable_fuzzing" = xyes])
  AC_SUBST([FUZZ_CFLAGS])
  AC_SUBST([FUZZ_LDFLAGS])
])

# Relative relocations as a bitmap (DT_RELR): an eighth less of binary. The linker takes the option where the
# C library cannot do it, too, so the program must run; a cross build goes without.
AC_DEFUN([HAKO_RELR], [
  AC_CACHE_CHECK([for packed relative relocations], [hako_cv_relr], [
    save_LDFLAGS=$LDFLAGS
    LDFLAGS="$LDFLAGS -Wl,--fatal-warnings -Wl,-z,pack-relative-relocs"
    AC_RUN_IFELSE([AC_LANG_PROGRAM([[#include <string.h>
      static const char *const words[] = { "one", "two" };]],
      [[const char *const volatile *p = words; return strcmp(p[1], "two");]])],
      [hako_cv_relr=yes], [hako_cv_relr=no], [hako_cv_relr=no])
    LDFLAGS=$save_LDFLAGS
  ])
  AS_IF([test "x$hako_cv_relr" = xyes], [RELR_LDFLAGS="-Wl,-z,pack-relative-relocs"])
  AC_SUBST([RELR_LDFLAGS])
])

# HAKO_OPTIONAL(NAME, PREFIX, MODULES, SONAME, PURPOSE): --with-NAME; sets HAVE_PREFIX (conditional and
# define), PREFIX_CFLAGS and the name of the library to load at run time.
AC_DEFUN([HAKO_OPTIONAL], [
  AC_ARG_WITH([$1], [AS_HELP_STRING([--without-$1], [leave out $5])], [], [with_$1=check])
  have_$1=no
  AS_IF([test "x$with_$1" != xno], [
    PKG_CHECK_MODULES([$2], [$3], [have_$1=yes], [
      AS_IF([test "x$with_$1" = xyes], [AC_MSG_ERROR([$5: $3 not found])])
    ])
  ])
  AS_IF([test "x$have_$1" = xyes], [
    AC_DEFINE([HAVE_$2], [1], [Define to build $5.])
    AC_DEFINE([$2_SONAME], ["$4"], [Library to load for $5.])
  ])
  AM_CONDITIONAL([HAVE_$2], [test "x$have_$1" = xyes])
])

# HAKO_STATIC_DEPS: yajl and libcap are small and needed by every command; each shared library that the
# dynamic loader has to map costs every start about 0.1 ms. Where their archives are installed (Debian's
# -dev packages have them) they are linked in.
AC_DEFUN([HAKO_STATIC_DEPS], [
  AC_ARG_ENABLE([static-deps],
    [AS_HELP_STRING([--disable-static-deps], [link yajl and libcap dynamically even where archives are installed])],
    [], [enable_static_deps=check])
  AS_IF([test "x$enable_static_deps" != xno], [
    AC_MSG_CHECKING([for static yajl and libcap])
    save_LIBS=$LIBS
    LIBS="-l:libyajl_s.a -l:libcap.a $LIBS"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[char yajl_alloc(void); char cap_get_proc(void);]],
                                    [[return yajl_alloc() + cap_get_proc();]])],
      [have_static=yes], [have_static=no])
    LIBS=$save_LIBS
    AC_MSG_RESULT([$have_static])
    AS_IF([test "x$have_static" = xyes], [
      YAJL_LIBS=-l:libyajl_s.a
      LIBCAP_LIBS=-l:libcap.a
    ], [test "x$enable_static_deps" = xyes], [AC_MSG_ERROR([libyajl_s.a and libcap.a not found])])
  ])
])
