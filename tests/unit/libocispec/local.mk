# SPDX-License-Identifier: Apache-2.0
UNIT_TESTS += \
	tests/unit/libocispec/test_life \
	tests/unit/libocispec/test_parse \
	tests/unit/libocispec/test_roundtrip

EXTRA_DIST += tests/unit/libocispec/fill.h

tests_unit_libocispec_test_life_SOURCES = tests/unit/libocispec/test_life.c
tests_unit_libocispec_test_life_LDADD = $(OCISPEC_LIBS)
tests_unit_libocispec_test_parse_SOURCES = tests/unit/libocispec/test_parse.c
tests_unit_libocispec_test_parse_LDADD = $(OCISPEC_LIBS)
tests_unit_libocispec_test_roundtrip_SOURCES = tests/unit/libocispec/test_roundtrip.c
tests_unit_libocispec_test_roundtrip_LDADD = $(OCISPEC_LIBS)
