# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# What contrib/try and contrib/check share: packages and the build. Sourced with $top set.

BUILD_PACKAGES="gcc libc6-dev make autoconf automake pkg-config python3-minimal
	libyajl-dev libcap-dev libseccomp-dev libselinux1-dev libsystemd-dev"

say() { printf '==> %s\n' "$*"; }

# packages NAME…: installs those that are missing. Only as root, and only where there is apt;
# elsewhere they are named, and what follows decides whether it can do without.
packages() {
	missing=
	for package; do
		case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
		"install ok installed") ;;
		*) missing="$missing $package" ;;
		esac
	done
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
		say "not installed:$missing"
		return 0
	fi
	say "installing:$missing"
	export DEBIAN_FRONTEND=noninteractive
	# shellcheck disable=SC2086 # a list
	{ apt-get -q update && apt-get -qy install --no-install-recommends $missing; } >/dev/null ||
		say "apt-get could not install all of:$missing"
}

# build [CONFIGURE-OPTION…]: sets $build. A tree that was configured in place is built in place,
# otherwise the build is in build/ beside the sources. A tree that was configured without one of the
# options is left alone: they would mean nothing.
build() {
	cd "$top" || return
	if [ ! -x configure ]; then
		say "autogen.sh"
		./autogen.sh >/dev/null 2>&1 || { ./autogen.sh; return 1; }
	fi
	build=$top/build
	[ ! -f config.status ] || build=$top
	mkdir -p "$build" && cd "$build" || return
	if [ ! -f config.status ]; then
		say "configure"
		"$top/configure" -q "$@" || return
	fi
	for option; do
		case " $(./config.status --config) " in
		*" $option "* | *" '$option' "*) ;;
		*) say "$build is configured without $option; remove it first"; return 1 ;;
		esac
	done
	say "make"
	make -j"$(nproc)" >/dev/null
}
