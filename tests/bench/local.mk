# SPDX-License-Identifier: Apache-2.0
# make bench: not part of `all` nor of `check`.

EXTRA_PROGRAMS += tests/bench/bare tests/bench/bench
CLEANFILES += tests/bench/bare tests/bench/bench
EXTRA_DIST += tests/bench/run.sh

tests_bench_bare_SOURCES = tests/bench/bare.c
tests_bench_bench_SOURCES = tests/bench/bench.c

bench: all
	@$(MAKE) $(AM_MAKEFLAGS) tests/probe tests/bench/bare tests/bench/bench
	@HAKO='$(abs_top_builddir)/hako' BUILDDIR='$(abs_top_builddir)' $(SHELL) $(srcdir)/tests/bench/run.sh
.PHONY: bench
