# SPDX-License-Identifier: Apache-2.0
# Everything speaks TAP: unit test programs, bats files, lint scripts.

TEST_EXTENSIONS = .bats .sh
TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(TAP_DRIVER)
SH_LOG_DRIVER = $(TAP_DRIVER)
BATS_LOG_DRIVER = $(TAP_DRIVER)
BATS_LOG_COMPILER = $(BATS)
AM_BATS_LOG_FLAGS = --tap
AM_TESTS_ENVIRONMENT = \
	HAKO='$(abs_top_builddir)/hako'; export HAKO; \
	SRCDIR='$(abs_top_srcdir)'; export SRCDIR; \
	BUILDDIR='$(abs_top_builddir)'; export BUILDDIR; \
	AWK='$(AWK)'; export AWK;

EXTRA_DIST += tests/unit/t.h

include tests/unit/libocispec/local.mk
include tests/unit/base/local.mk
include tests/unit/bpf/local.mk
include tests/unit/spec/local.mk
include tests/unit/linux/local.mk
include tests/unit/cgroup/local.mk
include tests/unit/lxc/local.mk
include tests/unit/runtime/local.mk
include tests/integration/local.mk
include tests/bench/local.mk
include tests/fault/local.mk
include tests/fuzz/local.mk
include tests/golden/local.mk
include tests/security/local.mk
include tests/lint/local.mk
include tests/vm/local.mk

check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
