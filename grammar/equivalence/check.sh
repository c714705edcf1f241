#!/usr/bin/env bash
# Compares Slipway's parser with one derived from grammar/runbook.ebnf: `check.sh [SLIPWAY] [OPTION…]`, see compare.py. Before
# that, reads runbooks with the TextMate grammar, see textmate.py.
# The environment variables SLIPWAY_GRAMMAR_SENTENCES, _CHANGED and _SEED set the size (1500 each) and the seed.
# Installs Lark from PyPI into ${XDG_CACHE_HOME:-$HOME/.cache}/slipway-grammar, once.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
slipway="$root/.build/debug/slipway"
if (($#)) && [[ $1 != --* ]]; then
  slipway=$1
  shift
fi
lark=1.3.1
venv="${XDG_CACHE_HOME:-$HOME/.cache}/slipway-grammar/lark-$lark"

python=python3
if [[ -x /usr/bin/python3 ]] && /usr/bin/python3 -c 'import ensurepip' 2>/dev/null; then python=/usr/bin/python3; fi
if [[ ! -f $venv/ready ]]; then
  mkdir -p "$(dirname "$venv")"
  if ! "$python" -c 'import ensurepip' 2>/dev/null && command -v apt-get >/dev/null; then
    sudo=()
    ((EUID == 0)) || sudo=(sudo -n)
    "${sudo[@]}" apt-get -q update >&2
    "${sudo[@]}" apt-get -q -y install --no-install-recommends python3 python3-venv >&2
  fi
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "lark==$lark"
  touch "$venv/ready"
fi
"$venv/bin/python" "$here/textmate.py"
"$venv/bin/python" "$here/compare.py" "$slipway" "$@"
