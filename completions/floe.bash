# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
# What bash offers after "floe ".

_floe() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  local config='-c --config --set -h --help' asking='--control' options='' command=''
  local i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    [[ ${COMP_WORDS[i]} == -* ]] && continue
    command=${COMP_WORDS[i]}
    break
  done
  COMPREPLY=()
  case $before in
    -c | --config | --control | --binary | -o | --output)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      compopt -o filenames 2>/dev/null
      return
      ;;
    --format)
      mapfile -t COMPREPLY < <(compgen -W 'icecast vibe gocast tinyice legacystream' -- "$word")
      return
      ;;
    --set | --interval | --mount | --source | --days) return ;;
    --role)
      mapfile -t COMPREPLY < <(compgen -W 'source relay read operate configure' -- "$word")
      return
      ;;
    --method)
      mapfile -t COMPREPLY < <(compgen -W 'argon2id bcrypt yescrypt' -- "$word")
      return
      ;;
  esac
  case $command in
    '') options='serve check doctor import reload upgrade status top explain kick token passwd version --version -h --help' ;;
    serve) options="$config --take-over" ;;
    check) options="$config --print" ;;
    doctor) options="$config --json" ;;
    import)
      options='-o --output --format --force --json -h --help'
      if [[ $word != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        compopt -o filenames 2>/dev/null
        return
      fi
      ;;
    reload) options="$config $asking" ;;
    upgrade) options="$config $asking --binary" ;;
    status) options="$config $asking --json --listeners" ;;
    top) options="$config $asking --once --interval" ;;
    explain) options="$config $asking --json" ;;
    kick) options="$config $asking --mount --source" ;;
    token)
      options="$config $asking --role --mount --days --json"
      [[ $word == -* || $before != token ]] || options='add list remove'
      ;;
    passwd) options='-h --help --method --stdin' ;;
    version) options='-h --help' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
}
complete -F _floe floe
