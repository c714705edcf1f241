#!/usr/bin/env bash
# `slipway lsp` with a real client: pygls, in a folder of its own under the XDG cache.
#
#   Tests/LanguageClient/run.sh [SLIPWAY]
#
# A machine on which it cannot be installed says so and ends well; with CI set, that is a failure.
set -euo pipefail
cd "$(dirname "$0")"
slipway=$(realpath "${1:-../../.build/debug/slipway}")
[[ -x $slipway ]] || { echo "language client: $slipway is not built" >&2; exit 1; }

environment="${XDG_CACHE_HOME:-$HOME/.cache}/slipway-language-client"
stamp="$environment/requirements.txt"
say() { echo "language client: $*" >&2; }

install() {
  cmp -s requirements.txt "$stamp" && return
  rm -rf "$environment"
  python3 -m venv "$environment" || return
  "$environment/bin/pip" install --quiet --disable-pip-version-check --no-input -r requirements.txt || return
  cp requirements.txt "$stamp"
}

mkdir -p "$(dirname "$environment")"
exec 9>"$environment.lock"
flock --exclusive --timeout 600 9 || { say "another installation holds $environment.lock"; exit 1; }
if ! install; then
  say "pygls cannot be installed (see above)"
  [[ -z ${CI:-} ]] || exit 1
  say "skipped"
  exit 0
fi
exec 9>&-
exec "$environment/bin/python" -W error client_test.py "$slipway"
