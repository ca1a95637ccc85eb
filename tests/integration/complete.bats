#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What shells are told, and what they make of it.

# shellcheck disable=SC2016 # scripts for other shells

load helpers

setup() {
	requires hako
	TESTDIR=$(mktemp -d "${TMPDIR:-/tmp}/hako-it-XXXXXX")
	MARK=${TESTDIR##*/}
	ROOT=$TESTDIR/state
	mkdir "$TESTDIR/bin"
	ln -s "$HAKO" "$TESTDIR/bin/hako"
	PATH=$TESTDIR/bin:$PATH
	SCRIPTS=$SRCDIR/contrib/completions
}

teardown() { rm -rf "$TESTDIR"; }

candidates() { hako complete -- "$@" | cut -f1 | sort; }
commands() {
	"$HAKO" "$@" --help |
		awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }'
}
options() {
	"$HAKO" "$@" --help |
		sed -n 's/^ *\(-[a-zA-Z0-9], \)\{0,1\}\(--[a-z0-9-]*\).*/\2/p' | sort -u
}
same_options() {
	diff <(options "$@") <(candidates "$@" -) || fail "of: hako $*"
}

@test "commands and options are those of --help, for every command" {
	diff <(commands | sort) <(candidates '')
	same_options
	for command in $(commands); do
		same_options "$command"
		subs=$(commands "$command")
		[ -z "$subs" ] || diff <(sort <<<"$subs") <(candidates "$command" '')
		for sub in $subs; do
			same_options "$command" "$sub"
		done
	done
}

@test "values, arguments, prefixes" {
	[ "$(candidates run --bundle '')" = :dirs ]
	[ "$(candidates run -b '')" = :dirs ]
	[ "$(candidates --log-level debug run --pid-file '')" = :files ]
	[ "$(candidates run --preserve-fds '')" = "" ]
	[ "$(candidates che)" = $'check\ncheckpoint' ]
	[ "$(candidates run --detach --no-su)" = --no-subreaper ]
	[ "$(candidates run -- --no-su)" = "" ]
	[ "$(candidates lxc convert '')" = :files ]
	# Behind the container the words are the program's.
	[ "$(candidates exec c1 -)" = "" ]
	[ "$(candidates no-such-command -)" = "" ]
}

@test "containers" {
	requires root
	mkdir -p "$ROOT/web" "$ROOT/db"
	chmod -R 700 "$ROOT"
	[ "$(candidates --root "$ROOT" start '')" = $'db\nweb' ]
	[ "$(candidates --root="$ROOT" kill w)" = web ]
	[ "$(candidates --root "$ROOT/none" start '')" = "" ]
}

@test "names of LXC's containers" {
	mkdir -p "$TESTDIR/lxc/web" "$TESTDIR/lxc/db" "$TESTDIR/lxc/empty"
	touch "$TESTDIR/lxc/web/config" "$TESTDIR/lxc/db/config" "$TESTDIR/lxc/100.conf"
	run -0 "$HAKO" complete -- lxc start -P "$TESTDIR/lxc" ""
	[ "$output" = $'100\tcontainer\ndb\tcontainer\nweb\tcontainer' ]
	run -0 "$HAKO" complete -- lxc check "--lxcpath=$TESTDIR/lxc" w
	[ "$output" = $'web\tcontainer\n:files' ]
	run -0 "$HAKO" complete -- lxc stop -P "$TESTDIR/lxc" -n d
	[ "$output" = $'db\tcontainer' ]
	run bash -c 'source "$1/hako.bash"; cd "$2"
		COMP_WORDS=(hako lxc convert -P lxc w) COMP_CWORD=5; _hako
		echo "${COMPREPLY[*]}"' \
		- "$SCRIPTS" "$TESTDIR"
	is_output web
}

@test "bash" {
	run bash -c 'source "$1/hako.bash"; COMP_WORDS=(hako run --b) COMP_CWORD=2; _hako
		echo "${COMPREPLY[*]}"; cd "$2"; COMP_WORDS=(hako run -b bi) COMP_CWORD=3; _hako
		echo "${COMPREPLY[*]}"' - "$SCRIPTS" "$TESTDIR"
	is_output $'--bundle\nbin'
}

@test "zsh" {
	have zsh || skip_or_fail "needs zsh"
	run zsh -f -c 'words=(hako lxc c) CURRENT=3
		_describe() { print -l -- "${(@P)2}" | sort; }; _files() { print files $*; }
		source $1/_hako; words=(hako run -b "") CURRENT=4; source $1/_hako' - "$SCRIPTS"
	has_line "files -/"
	matches '^convert:'
}

@test "fish" {
	have fish || skip_or_fail "needs fish"
	run env HOME="$TESTDIR" fish --no-config -c 'source $argv[1]/hako.fish
		complete -C "hako run --b"; complete -C "hako lxc conv"' "$SCRIPTS"
	matches $'^--bundle\tthe bundle'
	matches '^convert'
}
