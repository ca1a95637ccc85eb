# SPDX-License-Identifier: Apache-2.0
# Completion of hako for fish: as ~/.config/fish/completions/hako.fish or in vendor_completions.d.

function __hako_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path (commandline -ct)
            case :dirs
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $line
        end
    end
end

complete -c hako -f -a '(__hako_complete)'
