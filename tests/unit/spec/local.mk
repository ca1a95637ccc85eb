# SPDX-License-Identifier: Apache-2.0
UNIT_TESTS += \
	tests/unit/spec/test_annotations \
	tests/unit/spec/test_bundle \
	tests/unit/spec/test_documents \
	tests/unit/spec/test_system \
	tests/unit/spec/test_validate \
	tests/unit/spec/test_validate_resources

tests_unit_spec_test_annotations_SOURCES = tests/unit/spec/test_annotations.c
tests_unit_spec_test_annotations_LDADD = $(SPEC_LIBS)
tests_unit_spec_test_bundle_SOURCES = tests/unit/spec/test_bundle.c
tests_unit_spec_test_bundle_LDADD = $(SPEC_LIBS)
tests_unit_spec_test_documents_SOURCES = tests/unit/spec/test_documents.c
tests_unit_spec_test_documents_LDADD = $(SPEC_LIBS)
tests_unit_spec_test_system_SOURCES = tests/unit/spec/test_system.c
tests_unit_spec_test_system_LDADD = $(SPEC_LIBS)
tests_unit_spec_test_validate_SOURCES = tests/unit/spec/test_validate.c
tests_unit_spec_test_validate_LDADD = $(SPEC_LIBS)
tests_unit_spec_test_validate_resources_SOURCES = tests/unit/spec/test_validate_resources.c
tests_unit_spec_test_validate_resources_LDADD = $(SPEC_LIBS)
