# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += \
	.ci/run \
	LICENSE \
	README.md \
	contrib/check \
	contrib/common.sh \
	contrib/deb \
	contrib/debian/changelog \
	contrib/debian/control \
	contrib/debian/copyright \
	contrib/debian/hako.examples \
	contrib/debian/rules \
	contrib/debian/source/format \
	contrib/engines/containerd.toml \
	contrib/engines/crio.conf \
	contrib/engines/docker-daemon.json \
	contrib/engines/hako@.service \
	contrib/engines/podman.conf \
	contrib/engines/runtimeclass.yaml \
	contrib/lxc/common.conf \
	contrib/lxc/common.conf.d/10-local.conf \
	contrib/lxc/common.seccomp \
	contrib/lxc/show \
	contrib/try \
	tests/README.md

# They ask the program what may come next, so they are the same for every version of it.
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = contrib/completions/hako.bash
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = contrib/completions/_hako
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_fishcompletion_DATA = contrib/completions/hako.fish
