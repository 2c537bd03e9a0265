# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
# What fish offers after "floe ".

set -l commands serve check doctor import reload upgrade status top explain kick token passwd version
set -l configured serve check doctor reload upgrade status top explain kick token
set -l asking reload upgrade status top explain kick token

complete -c floe -f
complete -c floe -n "not __fish_seen_subcommand_from $commands" -l version -d 'Print the version'
complete -c floe -s h -l help -d 'What there is'

complete -c floe -n "not __fish_seen_subcommand_from $commands" -a serve -d 'Start the server'
complete -c floe -n "not __fish_seen_subcommand_from $commands" -a check \
    -d 'Say what is wrong with the configuration'
complete -c floe -n "not __fish_seen_subcommand_from $commands" -a doctor \
    -d 'Look at the host and say what to set'
complete -c floe -n "not __fish_seen_subcommand_from $commands" -a import \
    -d "Make a configuration of another server's"
complete -c floe -n "not __fish_seen_subcommand_from $commands" -a reload \
    -d 'Have the server read its configuration again'
complete -c floe -n "not __fish_seen_subcommand_from $commands" -a upgrade \
    -d 'Have another binary take over, with all who listen'
complete -c floe -n "not __fish_seen_subcommand_from $commands" -a status \
    -d 'What the server plays, to whom, and how it does'
complete -c floe -n "not __fish_seen_subcommand_from $commands" -a top -d 'Watch the server'
complete -c floe -n "not __fish_seen_subcommand_from $commands" -a explain \
    -d 'Why a mount plays what it plays'
complete -c floe -n "not __fish_seen_subcommand_from $commands" -a kick \
    -d 'Close listeners, or a source'
complete -c floe -n "not __fish_seen_subcommand_from $commands" -a token \
    -d 'Make, list or remove tokens for programs'
complete -c floe -n "not __fish_seen_subcommand_from $commands" -a passwd \
    -d 'Make a hash of a password'
complete -c floe -n "not __fish_seen_subcommand_from $commands" -a version -d 'Print the version'

complete -c floe -n "__fish_seen_subcommand_from $configured" -s c -l config -r -F \
    -d 'Configuration file'
complete -c floe -n "__fish_seen_subcommand_from $configured" -l set -x \
    -d 'One key over file and environment'
complete -c floe -n "__fish_seen_subcommand_from $asking" -l control -r -F \
    -d "The server's control socket"
complete -c floe -n '__fish_seen_subcommand_from serve' -l take-over \
    -d 'Go on for the server that runs'
complete -c floe -n '__fish_seen_subcommand_from check' -l print \
    -d 'Print the configuration in force'
complete -c floe -n '__fish_seen_subcommand_from doctor import status explain token' -l json \
    -d 'Answer in JSON'
complete -c floe -n '__fish_seen_subcommand_from upgrade' -l binary -r -F -d 'The next binary'
complete -c floe -n '__fish_seen_subcommand_from status' -l listeners -d 'List the listeners'
complete -c floe -n '__fish_seen_subcommand_from top' -l once -d 'Print it once'
complete -c floe -n '__fish_seen_subcommand_from top' -l interval -x -d 'Seconds between looks'
complete -c floe -n '__fish_seen_subcommand_from kick' -l mount -x -d 'All who hear this mount'
complete -c floe -n '__fish_seen_subcommand_from kick' -l source -x -d 'Who feeds this mount'
complete -c floe -n '__fish_seen_subcommand_from import' -F
complete -c floe -n '__fish_seen_subcommand_from import' -s o -l output -r -F -d 'Where to write it'
complete -c floe -n '__fish_seen_subcommand_from import' -l format -x \
    -a 'icecast vibe gocast tinyice legacystream' -d 'Of what it is'
complete -c floe -n '__fish_seen_subcommand_from import' -l force -d 'Replace what is there'
complete -c floe -n '__fish_seen_subcommand_from token' -a 'add list remove'
complete -c floe -n '__fish_seen_subcommand_from token' -l role -x \
    -a 'source relay read operate configure' -d 'What it may do'
complete -c floe -n '__fish_seen_subcommand_from token' -l mount -x -d 'A mount it is held to'
complete -c floe -n '__fish_seen_subcommand_from token' -l days -x -d 'How long it is good'
complete -c floe -n '__fish_seen_subcommand_from passwd' -l method -x \
    -a 'argon2id bcrypt yescrypt' -d 'How it is hashed'
complete -c floe -n '__fish_seen_subcommand_from passwd' -l stdin -d 'Read it from standard input'
