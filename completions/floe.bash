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
    -c | --config | --control | --binary)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      compopt -o filenames 2>/dev/null
      return
      ;;
    --set | --interval | --mount | --source) return ;;
  esac
  case $command in
    '') options='serve check doctor reload upgrade status top explain kick version --version -h --help' ;;
    serve) options="$config --take-over" ;;
    check) options="$config --print" ;;
    doctor) options="$config --json" ;;
    reload) options="$config $asking" ;;
    upgrade) options="$config $asking --binary" ;;
    status) options="$config $asking --json --listeners" ;;
    top) options="$config $asking --once --interval" ;;
    explain) options="$config $asking --json" ;;
    kick) options="$config $asking --mount --source" ;;
    version) options='-h --help' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
}
complete -F _floe floe
