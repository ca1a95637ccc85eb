# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libocispec/libocispec.a
libocispec_libocispec_a_SOURCES = \
	libocispec/desc.h \
	libocispec/engine.h \
	libocispec/generate.c \
	libocispec/jsonpath.c \
	libocispec/life.c \
	libocispec/number.c \
	libocispec/ocispec.h \
	libocispec/parse.c \
	libocispec/prescan.c \
	libocispec/unknown.c \
	libocispec/util.c \
	libocispec/walk.c \
	$(OCISPEC_GENERATED)

# Made in the build tree and shipped: a tarball builds from a read-only tree without running Python.
OCISPEC_GENERATED = \
	libocispec/oci_tables.c \
	libocispec/oci_types.h
OCISPEC_SCHEMAS = \
	libocispec/schema/config.json \
	libocispec/schema/device_paths.json \
	libocispec/schema/features.json \
	libocispec/schema/hook_list.json \
	libocispec/schema/landlock.json \
	libocispec/schema/list.json \
	libocispec/schema/net.json \
	libocispec/schema/net_lent.json \
	libocispec/schema/overlay.json \
	libocispec/schema/process.json \
	libocispec/schema/resources.json \
	libocispec/schema/seccomp.json \
	libocispec/schema/seccomp_state.json \
	libocispec/schema/state.json \
	libocispec/schema/state_ext.json \
	libocispec/schema/status.json \
	libocispec/schema/types.json
OCISPEC_GEN_INPUT = libocispec/gen/ocispec_gen.py libocispec/gen/names.json $(OCISPEC_SCHEMAS)

EXTRA_DIST += $(OCISPEC_GEN_INPUT)
BUILT_SOURCES += $(OCISPEC_GENERATED)

OCISPEC_GEN = $(AM_V_GEN)$(MKDIR_P) libocispec && cd $(srcdir) && \
	$(PYTHON) libocispec/gen/ocispec_gen.py --names libocispec/gen/names.json \
	--output '$(abs_top_builddir)'/$@

libocispec/oci_types.h: $(OCISPEC_GEN_INPUT)
	$(OCISPEC_GEN) --types $(OCISPEC_SCHEMAS)

libocispec/oci_tables.c: $(OCISPEC_GEN_INPUT)
	$(OCISPEC_GEN) --tables $(OCISPEC_SCHEMAS)

$(libocispec_libocispec_a_OBJECTS): libocispec/oci_types.h
