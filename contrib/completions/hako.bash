# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion of hako for bash: as /usr/share/bash-completion/completions/hako, or sourced.

_hako() {
	local line files=
	COMPREPLY=()
	while IFS= read -r line; do
		case $line in
		:files) files=-f ;;
		:dirs) files=-d ;;
		*) COMPREPLY+=("${line%%$'\t'*}") ;;
		esac
	done < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
	if [ -n "$files" ]; then
		compopt -o filenames 2>/dev/null
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < \
			<(compgen "$files" -- "${COMP_WORDS[COMP_CWORD]}")
	fi
}

complete -F _hako hako
