# SPDX-License-Identifier: Apache-2.0
# Tests as a user sees them: one bats file per topic. tests/probe is the user space of the containers.

check_PROGRAMS += tests/probe tests/recvtty

# Static and without sanitizers: it runs where there is no library.
tests_probe_SOURCES = \
	tests/init.c \
	tests/init.h \
	tests/init_act.c \
	tests/init_calls.c \
	tests/init_see.c
tests_probe_CFLAGS = -std=gnu11 $(WARN_CFLAGS)
tests_probe_LDFLAGS = -static

tests_recvtty_SOURCES = tests/recvtty.c

BATS_TESTS = \
	tests/integration/annotations.bats \
	tests/integration/cgroups.bats \
	tests/integration/check.bats \
	tests/integration/checkpoint.bats \
	tests/integration/cli.bats \
	tests/integration/complete.bats \
	tests/integration/config.bats \
	tests/integration/dev.bats \
	tests/integration/devices.bats \
	tests/integration/events.bats \
	tests/integration/fallback.bats \
	tests/integration/fault.bats \
	tests/integration/examples.bats \
	tests/integration/exec.bats \
	tests/integration/fields.bats \
	tests/integration/freeze.bats \
	tests/integration/hooks.bats \
	tests/integration/lifecycle.bats \
	tests/integration/lxc-check.bats \
	tests/integration/lxc-tools.bats \
	tests/integration/lxc.bats \
	tests/integration/lxc_convert.bats \
	tests/integration/lxc_devices.bats \
	tests/integration/lxc_verbs.bats \
	tests/integration/mask.bats \
	tests/integration/mounts.bats \
	tests/integration/mounts_change.bats \
	tests/integration/namespaces.bats \
	tests/integration/net.bats \
	tests/integration/netdev.bats \
	tests/integration/notify.bats \
	tests/integration/openrc.bats \
	tests/integration/plan.bats \
	tests/integration/process.bats \
	tests/integration/propagation.bats \
	tests/integration/ps.bats \
	tests/integration/rdt.bats \
	tests/integration/rootfs-tree.bats \
	tests/integration/sameview.bats \
	tests/integration/seccomp.bats \
	tests/integration/selfprotect.bats \
	tests/integration/selftest.bats \
	tests/integration/spec.bats \
	tests/integration/stdio.bats \
	tests/integration/sysctl.bats \
	tests/integration/system.bats \
	tests/integration/systemd.bats \
	tests/integration/terminal.bats \
	tests/integration/update.bats

# Engines drive the runtime as they do in the field; they take some seconds each.
ENGINE_TESTS = \
	tests/engines/buildah.bats \
	tests/engines/containerd.bats \
	tests/engines/cri.bats \
	tests/engines/docker.bats \
	tests/engines/podman.bats \
	tests/engines/rootless.bats

EXTRA_DIST += tests/engines/cri.proto tests/engines/cri.py tests/engines/engines.bash \
	tests/integration/fakebus.py tests/integration/helpers.bash \
	$(BATS_TESTS) $(ENGINE_TESTS)
TESTS += $(BATS_TESTS) $(ENGINE_TESTS)
