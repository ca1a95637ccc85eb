# SPDX-License-Identifier: Apache-2.0
# Tools that make things fail, and the lowest layer under them.
check_PROGRAMS += \
	tests/fault/nosys \
	tests/fault/swapper

tests_fault_nosys_SOURCES = tests/fault/nosys.c
tests_fault_swapper_SOURCES = tests/fault/swapper.c

dist_check_SCRIPTS += tests/fault/base.sh
TESTS += tests/fault/base.sh
