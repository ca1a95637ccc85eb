# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/spec/libspec.a
src_spec_libspec_a_SOURCES = \
	src/spec/annotations.c \
	src/spec/annotations.h \
	src/spec/bundle.c \
	src/spec/bundle.h \
	src/spec/features.c \
	src/spec/features.h \
	src/spec/initsys.c \
	src/spec/initsys.h \
	src/spec/namespaces.c \
	src/spec/namespaces.h \
	src/spec/state.c \
	src/spec/state.h \
	src/spec/system.c \
	src/spec/system.h \
	src/spec/template.c \
	src/spec/template.h \
	src/spec/validate.c \
	src/spec/validate.h \
	src/spec/validate_linux.c \
	src/spec/validate_resources.c \
	src/spec/validate_rules.h \
	src/spec/validate_seccomp.c

$(src_spec_libspec_a_OBJECTS): libocispec/oci_types.h
