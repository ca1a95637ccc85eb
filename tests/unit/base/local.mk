# SPDX-License-Identifier: Apache-2.0
# Unit tests of src/base.
EXTRA_DIST += tests/unit/base/tmpdir.h

UNIT_TESTS += \
	tests/unit/base/test_alloc \
	tests/unit/base/test_bitlist \
	tests/unit/base/test_err \
	tests/unit/base/test_fd \
	tests/unit/base/test_file \
	tests/unit/base/test_log \
	tests/unit/base/test_mountinfo \
	tests/unit/base/test_path \
	tests/unit/base/test_proc \
	tests/unit/base/test_resolve \
	tests/unit/base/test_sock \
	tests/unit/base/test_str \
	tests/unit/base/test_suggest \
	tests/unit/base/test_sys

tests_unit_base_test_alloc_SOURCES = tests/unit/base/test_alloc.c
tests_unit_base_test_alloc_LDADD = $(BASE_LIBS)

tests_unit_base_test_bitlist_SOURCES = tests/unit/base/test_bitlist.c
tests_unit_base_test_bitlist_LDADD = $(BASE_LIBS)

tests_unit_base_test_err_SOURCES = tests/unit/base/test_err.c
tests_unit_base_test_err_LDADD = $(BASE_LIBS)

tests_unit_base_test_fd_SOURCES = tests/unit/base/test_fd.c
tests_unit_base_test_fd_LDADD = $(BASE_LIBS)

tests_unit_base_test_file_SOURCES = tests/unit/base/test_file.c
tests_unit_base_test_file_LDADD = $(BASE_LIBS)

tests_unit_base_test_log_SOURCES = tests/unit/base/test_log.c
tests_unit_base_test_log_LDADD = $(BASE_LIBS)

tests_unit_base_test_mountinfo_SOURCES = tests/unit/base/test_mountinfo.c
tests_unit_base_test_mountinfo_LDADD = $(BASE_LIBS)

tests_unit_base_test_path_SOURCES = tests/unit/base/test_path.c
tests_unit_base_test_path_LDADD = $(BASE_LIBS)

tests_unit_base_test_proc_SOURCES = tests/unit/base/test_proc.c
tests_unit_base_test_proc_LDADD = $(BASE_LIBS)

tests_unit_base_test_resolve_SOURCES = tests/unit/base/test_resolve.c
tests_unit_base_test_resolve_LDADD = $(BASE_LIBS)

tests_unit_base_test_sock_SOURCES = tests/unit/base/test_sock.c
tests_unit_base_test_sock_LDADD = $(BASE_LIBS)

tests_unit_base_test_str_SOURCES = tests/unit/base/test_str.c
tests_unit_base_test_str_LDADD = $(BASE_LIBS)

tests_unit_base_test_suggest_SOURCES = tests/unit/base/test_suggest.c
tests_unit_base_test_suggest_LDADD = $(BASE_LIBS)

tests_unit_base_test_sys_SOURCES = tests/unit/base/test_sys.c
tests_unit_base_test_sys_LDADD = $(BASE_LIBS)

UNIT_TESTS += tests/unit/base/test_sha256
tests_unit_base_test_sha256_SOURCES = tests/unit/base/test_sha256.c
tests_unit_base_test_sha256_LDADD = $(BASE_LIBS)
