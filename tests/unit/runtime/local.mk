# SPDX-License-Identifier: Apache-2.0
UNIT_TESTS += \
	tests/unit/runtime/test_criu_rpc \
	tests/unit/runtime/test_exec_process \
	tests/unit/runtime/test_hooks \
	tests/unit/runtime/test_ps \
	tests/unit/runtime/test_store \
	tests/unit/runtime/test_sync \
	tests/unit/runtime/test_undo \
	tests/unit/runtime/test_update

tests_unit_runtime_test_criu_rpc_SOURCES = tests/unit/runtime/test_criu_rpc.c
tests_unit_runtime_test_criu_rpc_LDADD = $(RUNTIME_LIBS)
tests_unit_runtime_test_exec_process_SOURCES = tests/unit/runtime/test_exec_process.c
tests_unit_runtime_test_exec_process_LDADD = $(RUNTIME_LIBS)
tests_unit_runtime_test_hooks_SOURCES = tests/unit/runtime/test_hooks.c
tests_unit_runtime_test_hooks_LDADD = $(RUNTIME_LIBS)
tests_unit_runtime_test_ps_SOURCES = tests/unit/runtime/test_ps.c
tests_unit_runtime_test_ps_LDADD = $(RUNTIME_LIBS)
tests_unit_runtime_test_store_SOURCES = tests/unit/runtime/test_store.c
tests_unit_runtime_test_store_LDADD = $(RUNTIME_LIBS)
tests_unit_runtime_test_sync_SOURCES = tests/unit/runtime/test_sync.c
tests_unit_runtime_test_sync_LDADD = $(RUNTIME_LIBS)
tests_unit_runtime_test_undo_SOURCES = tests/unit/runtime/test_undo.c
tests_unit_runtime_test_undo_LDADD = $(RUNTIME_LIBS)
tests_unit_runtime_test_update_SOURCES = tests/unit/runtime/test_update.c
tests_unit_runtime_test_update_LDADD = $(RUNTIME_LIBS)

UNIT_TESTS += tests/unit/runtime/test_notify
tests_unit_runtime_test_notify_SOURCES = tests/unit/runtime/test_notify.c
tests_unit_runtime_test_notify_LDADD = $(RUNTIME_LIBS)

UNIT_TESTS += tests/unit/runtime/test_conlog
tests_unit_runtime_test_conlog_SOURCES = tests/unit/runtime/test_conlog.c
tests_unit_runtime_test_conlog_LDADD = $(RUNTIME_LIBS)
