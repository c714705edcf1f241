#!/usr/bin/env bash
# Makes the parser of grammar.js and tries it: the corpus in test/, every right runbook of the repository, and the query
# for highlighting. Nothing that is made stays in the checkout.
#
# tree-sitter comes from PATH where it is there, else as a program from Debian 13, unpacked with the C library that it
# needs into ${XDG_CACHE_HOME:-$HOME/.cache}/slipway-grammar; nothing is installed for others. It needs node and a C
# compiler.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/slipway-grammar"
say() { printf 'tree-sitter: %s\n' "$*" >&2; }

need() { # need COMMAND PACKAGE
  command -v "$1" >/dev/null && return
  command -v apt-get >/dev/null || { say "$1 is needed"; exit 1; }
  local sudo=()
  ((EUID == 0)) || sudo=(sudo -n)
  say "installing $2"
  "${sudo[@]}" apt-get -q update >/dev/null
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get -q -y install --no-install-recommends "$2" >/dev/null
}

unpacked="$cache/tree-sitter-debian-13"
fetch() {
  [[ -f $unpacked/ready ]] && return
  command -v apt-get >/dev/null || { say "install tree-sitter 0.22 or later"; exit 1; }
  local apt="$cache/apt" package
  rm -rf "$apt" "$unpacked"
  mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$unpacked"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main" \
    >"$apt/sources.list"
  # An apt of its own, so that the machine's lists and packages stay what they are.
  printf '%s\n' "Dir::State::lists \"$apt/lists\";" "Dir::Cache \"$apt\";" "Dir::Etc::sourcelist \"$apt/sources.list\";" \
    'Dir::Etc::sourceparts "-";' 'APT::Sandbox::User "";' >"$apt/apt.conf"
  APT_CONFIG="$apt/apt.conf" apt-get -q update >/dev/null
  (cd "$apt" && APT_CONFIG="$apt/apt.conf" apt-get -q download tree-sitter-cli libc6 libgcc-s1 >/dev/null)
  for package in "$apt"/*.deb; do dpkg-deb -x "$package" "$unpacked"; done
  rm -rf "$apt"
  touch "$unpacked/ready"
}

need node nodejs
need cc gcc
if command -v tree-sitter >/dev/null; then
  tree_sitter=(tree-sitter)
else
  fetch
  libraries="$(dirname "$(find "$unpacked/usr/lib" -name libc.so.6 -print -quit)")"
  loader="$(find "$unpacked/usr/lib" "$unpacked/lib64" -name 'ld-linux-*.so.*' -print -quit 2>/dev/null)"
  tree_sitter=("$loader" --library-path "$libraries" "$unpacked/usr/bin/tree-sitter")
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp -r "$here/." "$work/grammar"
cd "$work/grammar"
# Its own home: parsers are kept by name, and another checkout's would be taken for this one.
export HOME="$work" XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config"
mkdir -p "$work/config/tree-sitter"
printf '{"parser-directories":["%s"]}' "$work" >"$work/config/tree-sitter/config.json"
"${tree_sitter[@]}" generate --no-bindings
"${tree_sitter[@]}" test
passed=$(grep -c '^===' -r test/corpus | awk -F: '{ total += $2 } END { print int(total / 2) }')

# Right runbooks have no ERROR and no MISSING.
mapfile -t runbooks < <(find "$root/examples" -name '*.runbook' | sort)
((${#runbooks[@]} > 20)) || { say "the examples are gone"; exit 1; }
"${tree_sitter[@]}" parse --quiet "${runbooks[@]}"
# A wrong one has.
printf 'promote promote promote (\n' >"$work/wrong.runbook"
if "${tree_sitter[@]}" parse --quiet "$work/wrong.runbook" >/dev/null; then
  say "a wrong runbook was taken for a right one"
  exit 1
fi
# The query fits the grammar, and finds what it looks for.
captures="$("${tree_sitter[@]}" query queries/highlights.scm "${runbooks[@]}")"
for capture in comment string number keyword.directive keyword.control keyword.function keyword keyword.operator \
  function.call constant.builtin; do
  grep -qE "capture: ([0-9]+ - )?$capture," <<<"$captures" || { say "nothing is highlighted as $capture"; exit 1; }
done
echo "$((passed + ${#runbooks[@]})) passed, 0 failed"
