# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += \
	.ci/run \
	LICENSE \
	README.md \
	contrib/check \
	contrib/common.sh \
	contrib/lxc/common.conf \
	contrib/lxc/common.conf.d/10-local.conf \
	contrib/lxc/common.seccomp \
	contrib/lxc/show \
	contrib/try \
	tests/README.md
