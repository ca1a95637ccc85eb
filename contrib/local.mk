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
	contrib/examples/README.md \
	contrib/examples/bridge-static/README.md \
	contrib/examples/bridge-static/config \
	contrib/examples/chrony/README.md \
	contrib/examples/chrony/config \
	contrib/examples/macvlan/README.md \
	contrib/examples/macvlan/config \
	contrib/examples/nesting/README.md \
	contrib/examples/nesting/config \
	contrib/examples/overlay/README.md \
	contrib/examples/overlay/config \
	contrib/examples/privileged/README.md \
	contrib/examples/privileged/config \
	contrib/examples/proxmox/101.conf \
	contrib/examples/proxmox/README.md \
	contrib/examples/unprivileged/README.md \
	contrib/examples/unprivileged/config \
	contrib/lxc/common.conf \
	contrib/lxc/common.conf.d/10-local.conf \
	contrib/lxc/common.seccomp \
	contrib/lxc/show \
	contrib/lxc/userns.conf \
	contrib/try \
	tests/README.md

# They ask the program what may come next, so they are the same for every version of it.
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = contrib/completions/hako.bash
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = contrib/completions/_hako
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_fishcompletion_DATA = contrib/completions/hako.fish
