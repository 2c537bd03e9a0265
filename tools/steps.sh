# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#
# The steps that tools/run and tools/test share; sourced, never run. What is said goes to stderr:
# stdout belongs to the program that is started, or to the result.
# shellcheck shell=bash
: "${root:?is set by who sources this}"

if [[ -t 2 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\033[1m' red=$'\033[31m' plain=$'\033[0m' on_terminal=1
else
  bold='' red='' plain='' on_terminal=''
fi
log_tail_lines=30

say() { printf '%s\n' "${bold}$*${plain}" >&2; }

die() {
  printf '%s\n' "${red}$*${plain}" >&2
  exit 1
}

# Runs a command with its output in a file; on a terminal ninja's [n/m] is shown on one line.
# usage: quietly <log file> <what it does, for the failure line> <command...>
quietly() {
  local log=$1 what=$2
  shift 2
  mkdir -p "$(dirname "$log")"
  "$@" 2>&1 | tee "$log" | show_progress
  local status=${PIPESTATUS[0]}
  [[ -z $on_terminal ]] || printf '\r\033[K' >&2
  if [[ $status -ne 0 ]]; then
    tail -n "$log_tail_lines" "$log" >&2
    printf '%s\n' "${red}$what failed; all of its output is in $log${plain}" >&2
  fi
  return "$status"
}

show_progress() {
  local line
  while IFS= read -r line; do
    if [[ -n $on_terminal && $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      printf '\r\033[K  %s of %s' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
    fi
  done
}

# Brings a build directory up to date; made anew when it was configured otherwise. After that ninja
# configures again by itself when a meson.build changed.
# usage: build <name under build/> "<ninja target...>" <meson option...>
build() {
  local dir=$root/build/$1 log=$root/build/log/$1 targets
  read -ra targets <<<"$2"
  shift 2
  if ! mkdir -p "$root/build/log" 2>/dev/null || [[ ! -w $root/build/log ]]; then
    die "cannot write in $root/build; build in a copy of the source that is yours"
  fi
  if [[ ! -f $dir/build.ninja || $(cat "$dir/configured-with" 2>/dev/null) != "$*" ]]; then
    rm -rf "$dir"
    quietly "$log-setup.txt" "meson setup" meson setup "$dir" "$root" "$@" || return 1
    printf '%s\n' "$*" >"$dir/configured-with"
  fi
  quietly "$log-build.txt" "the build of ${dir#"$root"/}" \
    nice -n 5 ninja -C "$dir" "${targets[@]}"
}

# The release that is run, measured and tested: no tests in it, so it needs no test libraries.
# The binary has one name, whatever folder of the build made it; the prefix is the package's.
# usage: build_release "<ninja target...>"
build_release() {
  build release "$1" --prefix=/usr --buildtype=release -Db_lto=true -Dtests=false || return 1
  [[ -x $root/build/release/floe ]] || ln -sfn src/server/floe "$root/build/release/floe"
}
