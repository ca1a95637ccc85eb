# SPDX-License-Identifier: Apache-2.0
# Lints over the source tree.
LINTS = \
	tests/lint/layers.sh \
	tests/lint/man.sh \
	tests/lint/size.sh \
	tests/lint/words.sh

dist_check_SCRIPTS += $(LINTS)
TESTS += $(LINTS)
EXTRA_DIST += \
	tests/lint/layers.awk \
	tests/lint/lib.sh \
	tests/lint/rootfs.allow \
	tests/lint/rootfs.awk \
	tests/lint/size.awk
