#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command line itself: version, help, what is refused, exit statuses, the log.

load helpers
setup() { bundle_new; }
teardown() { clean_up; }

COMMANDS="create delete features kill list run spec start state devices lxc"

@test "--version names hako, the commit, the specification and the parts" {
	requires hako
	for flag in --version -v; do
		run -0 "$HAKO" $flag
		matches '^hako version [0-9]+\.[0-9]+'
		matches '^commit: .'
		has_line "spec: 1.3.0"
		matches '^[+-]SYSTEMD( [+-][A-Z]+)*$'
		says "SELINUX" "CAP" "SECCOMP" "EBPF" "YAJL"
	done
}

@test "--help has a usage line and lists the commands" {
	requires hako
	for flag in --help -h; do
		run -0 "$HAKO" $flag
		says "Usage:" "--root" "--log" "--log-format" "--debug" "--systemd-cgroup" \
			"--cgroup-manager"
		for command in $COMMANDS; do
			matches "^ *$command "
		done
	done
}

@test "every command has --help, on stdout, even with arguments missing" {
	requires hako
	for command in $COMMANDS "lxc convert" "lxc run"; do
		for flag in --help -h; do
			# shellcheck disable=SC2086 # two words
			run -0 --separate-stderr "$HAKO" $command $flag
			says "Usage:" "$command"
			[ -z "$stderr" ]
		done
	done
}

@test "create and run offer the options engines use" {
	requires hako
	for command in create run; do
		run -0 "$HAKO" $command --help
		says --bundle --config --console-socket --pid-file --pidfd-socket --no-pivot \
			--no-new-keyring --preserve-fds
	done
	says --detach --keep
}

@test "without a command: help and failure" {
	requires hako
	run "$HAKO"
	exits 1
	says "Usage:"
}

@test "an unknown command or option is refused by name" {
	requires hako
	run "$HAKO" frobnicate
	fails
	says frobnicate
	run "$HAKO" --frobnicate list
	fails
	says frobnicate
	run hako state --frobnicate x
	fails
	says frobnicate
}

@test "a slip of the keyboard: what may have been meant" {
	run hako sttae x
	fails
	says "unknown command 'sttae': did you mean 'state'?"
	run hako lxc covnert x
	fails
	says "hako lxc: unknown command 'covnert': did you mean 'convert'?"
	run hako run --bunlde=x "$ID"
	fails
	says "unknown option --bunlde=x: did you mean '--bundle'?"
	run hako kill "$ID" SIGTREM
	fails
	says "unknown signal 'SIGTREM': did you mean 'TERM'?"
}

@test "a global option behind the command: where it goes" {
	run hako list --root /nowhere
	fails
	says "hako list: --root goes before the command: hako --root list"
	run hako lxc ls --log=/nowhere
	fails
	says "--log goes before the command: hako --log=/nowhere lxc ls"
}

@test "help COMMAND, version, -V" {
	run -0 "$HAKO" help lxc convert
	is_output "$("$HAKO" lxc convert --help)"
	run -0 "$HAKO" help
	is_output "$("$HAKO" --help)"
	run "$HAKO" help strat
	fails
	says "unknown command 'strat': did you mean 'start'?"
	for word in version -V; do
		run -0 "$HAKO" $word
		is_output "$("$HAKO" --version)"
	done
}

@test "a command without its id fails" {
	for command in create run start state kill delete; do
		run hako $command
		fails
	done
}

@test "too many arguments are refused" {
	requires hako
	for command in start state delete create; do
		run hako $command one two
		fails
	done
}

@test "an id nobody has: state, start, kill, delete fail; delete --force is quiet" {
	for command in state start kill delete; do
		run hako $command "$ID"
		fails
		says "$ID"
	done
	run hako delete --force "$ID"
	succeeds
	is_output ""
}

@test "malformed ids are refused with the word invalid" {
	requires hako
	long=$(printf 'x%.0s' {1..1100})
	for id in . .. .foo "foo bar" foo/bar "../$ID" "" $'new\nline' "$long" $'\xff'; do
		for command in "create --bundle $BUNDLE" "run --bundle $BUNDLE" state start kill \
			"delete --force"; do
			# shellcheck disable=SC2086 # options
			run hako $command -- "$id"
			fails
			says invalid
		done
	done
	nothing_left
}

@test "ids with every allowed character" {
	requires hako
	name="a0_Z+-.x"
	run hako run --bundle "$BUNDLE" "$name"
	succeeds
	nothing_left
}

@test "run ends with the status of the program" {
	for n in 0 1 7 42 255; do
		run hako_run exit $n
		exits $n
		is_output ""
	done
	nothing_left
}

@test "run ends with 128 + signal when a signal ended the program" {
	requires busybox
	# As pid 1 a process is safe from its own signals, so a child of the shell tells.
	shell 'sh -c "kill -TERM \$\$"; exit $?'
	run hako_run
	exits 143
	# From outside nothing is safe.
	hako_create pause
	hako start "$ID"
	hako delete --force "$ID"
	nothing_left
}

@test "the program is not in PATH: in the words engines look for" {
	command_line no-such-program
	run hako_run
	exits 1
	says no-such-program 'executable file not found in $PATH'
	run hako --log "$TESTDIR/log" --log-format json create --bundle "$BUNDLE" "$ID"
	exits 1
	jq -e '.msg | contains("exec: \"no-such-program\": executable file not found in $PATH")' \
		"$TESTDIR/log"
	nothing_left
}

@test "the program's path does not exist, is no program, is a directory" {
	command_line /no/such/program
	run hako_run
	exits 1
	says "no such file or directory"
	echo data >"$ROOTFS/data"
	command_line /data
	run hako_run
	exits 1
	says "permission denied"
	command_line /etc
	run hako_run
	exits 1
	matches 'permission denied|is a directory'
	nothing_left
}

@test "an interpreter that is missing" {
	printf '#!/no/such/shell\n' >"$ROOTFS/script"
	chmod 755 "$ROOTFS/script"
	command_line /script
	run hako_run
	fails
	says "no such file or directory"
	nothing_left
}

@test "errors on stderr: text by default" {
	run --separate-stderr hako state "$ID"
	exits 1
	is_output ""
	[[ $stderr == *"level=error"* && $stderr == *"$ID"* && $stderr == *"time="* ]]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
}

@test "--log FILE gets the error, and so does stderr" {
	run --separate-stderr hako --log "$TESTDIR/log" state "$ID"
	[ "$status" -eq 1 ]
	[[ $stderr == *"$ID"* ]]
	grep -q 'level=error' "$TESTDIR/log"
	grep -q "$ID" "$TESTDIR/log"
}

@test "--log-format json: one object a line with level, msg and time" {
	run hako --log "$TESTDIR/log" --log-format json state "$ID"
	[ "$status" -eq 1 ]
	[ "$(wc -l <"$TESTDIR/log")" -eq 1 ]
	jq -e '.level == "error"' "$TESTDIR/log"
	jq -e '(.msg | test($id))' --arg id "$ID" "$TESTDIR/log"
	jq -e '.time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$")' \
		"$TESTDIR/log"
}

@test "--log-format=json with = and --log file:PATH" {
	requires hako
	run hako --log-format=json --log="file:$TESTDIR/log" state "$ID"
	[ "$status" -eq 1 ]
	jq -e '.level == "error"' "$TESTDIR/log"
}

@test "a message with quotes and control characters is valid JSON in the log" {
	requires hako
	run hako --log "$TESTDIR/log" --log-format json state $'a"b\\c\nd'
	fails
	jq -e '.msg' "$TESTDIR/log"
}

@test "an unknown log format is refused" {
	run hako --log-format xml list
	fails
	says xml
}

@test "--debug: only in the log, nothing on stderr" {
	run hako --debug --log "$TESTDIR/log" run --bundle "$BUNDLE" "$ID"
	succeeds
	is_output ""
	grep -q 'level=debug' "$TESTDIR/log"
	run hako --debug --log "$TESTDIR/json" --log-format json run --bundle "$BUNDLE" "$ID"
	succeeds
	grep -q '"level":"debug"' "$TESTDIR/json"
	jq -es 'all(.msg and .level and .time)' "$TESTDIR/json"
}

@test "a log that cannot be opened is an error" {
	run hako --log "$TESTDIR/no/such/dir/log" list
	fails
	says "no/such/dir"
}

@test "the log is not opened through a planted link" {
	requires hako
	echo untouched >"$TESTDIR/victim"
	mkdir -m 777 "$TESTDIR/shared"
	ln -s "$TESTDIR/victim" "$TESTDIR/shared/log"
	run hako --log "$TESTDIR/shared/log" state "$ID"
	fails
	[ "$(cat "$TESTDIR/victim")" = untouched ]
}

@test "output that cannot be written is an error" {
	requires hako
	for command in "--version" "--help" features; do
		# shellcheck disable=SC2086
		if "$HAKO" $command >/dev/full 2>"$TESTDIR/err"; then
			fail "$command: no error on a full disk"
		fi
	done
}

@test "--cgroup-manager: unknown names are refused, disabled needs no cgroup" {
	requires hako
	run hako --cgroup-manager foo list
	fails
	says foo
	run hako --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
	succeeds
	hako_apart --cgroup-manager=disabled create --bundle "$BUNDLE" "$ID"
	[ -z "$(cgroup_dirs)" ]
	hako delete --force "$ID"
	nothing_left
}

@test "--root: made when create needs it, not by list" {
	run hako --root "$TESTDIR/r1" list
	exits 1
	[ ! -e "$TESTDIR/r1" ]
	run hako --root "$TESTDIR/a/b/r2" run --bundle "$BUNDLE" "$ID"
	succeeds
	[ "$(stat -c %a "$TESTDIR/a/b/r2")" = 700 ]
}

@test "a state root that others can write is refused" {
	requires hako
	mkdir -m 777 "$TESTDIR/open"
	run hako --root "$TESTDIR/open" run --bundle "$BUNDLE" "$ID"
	fails
	says "$TESTDIR/open"
	nothing_left
}

@test "closed standard descriptors do no harm" {
	requires hako
	run bash -c '"$0" --root "$1" state nobody <&- >&- 2>&-; echo "status $?"' "$HAKO" "$ROOT"
	is_output "status 1"
	probe true
	run bash -c '"$0" --root "$1" run --bundle "$2" "$3" <&- >&- 2>&-; echo "status $?"' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID"
	is_output "status 0"
	nothing_left
}

@test "features: JSON with what this build does" {
	requires hako
	run -0 hako features
	jq -e '.ociVersionMin and .ociVersionMax == "1.3.0"' <<<"$output"
	jq -e '.hooks | index("prestart") and index("createRuntime") and index("createContainer")
		and index("startContainer") and index("poststart") and index("poststop")' \
		<<<"$output"
	jq -e '.mountOptions | index("rbind") and index("ro") and index("rro")
		and index("rslave")' <<<"$output"
	jq -e '.linux.namespaces
		| sort == ["cgroup","ipc","mount","network","pid","time","user","uts"]' <<<"$output"
	jq -e '.linux.capabilities | index("CAP_CHOWN") and index("CAP_CHECKPOINT_RESTORE")' \
		<<<"$output"
	jq -e '.linux.cgroup | .v1 and .v2' <<<"$output"
	jq -e '.linux.seccomp | .enabled and (.actions | index("SCMP_ACT_ERRNO"))
		and (.operators | index("SCMP_CMP_MASKED_EQ"))
		and (.archs | index("SCMP_ARCH_X86_64"))
		and (.supportedFlags | type == "array")' <<<"$output"
	jq -e '.potentiallyUnsafeConfigAnnotations | type == "array"' <<<"$output"
}
