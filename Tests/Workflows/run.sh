#!/usr/bin/env bash
# `action.yml` and the example workflows: GitHub's own schemas say that they are well formed, and the action's step is run.
#
#   Tests/Workflows/run.sh [SLIPWAY]
#
# A machine on which it cannot be installed says so and ends well; with CI set, that is a failure.
set -euo pipefail
cd "$(dirname "$0")"
slipway=$(realpath "${1:-../../.build/debug/slipway}")
[[ -x $slipway ]] || { echo "workflows: $slipway is not built" >&2; exit 1; }

environment="${XDG_CACHE_HOME:-$HOME/.cache}/slipway-workflows"
stamp="$environment/requirements.txt"
say() { echo "workflows: $*" >&2; }

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
  say "check-jsonschema cannot be installed (see above)"
  [[ -z ${CI:-} ]] || exit 1
  say "skipped"
  exit 0
fi
exec 9>&-

lint() { # lint SCHEMA FILE…: the schemas come with the program, so nothing is fetched
  "$environment/bin/check-jsonschema" --builtin-schema "vendor.$1" "${@:2}"
}
lint github-actions ../../action.yml
workflows=(../../examples/workflows/*.yml)
if [[ -e ${workflows[0]} ]]; then lint github-workflows "${workflows[@]}"; fi

# The linter must be able to find something.
broken=$(mktemp --suffix=.yml)
trap 'rm -f "$broken"' EXIT
sed 's/using: composite/using: magic/' ../../action.yml >"$broken"
if lint github-actions "$broken" >/dev/null 2>&1; then
  say "a broken action was not noticed"
  exit 1
fi
"$environment/bin/python" -W error action_test.py "$slipway"
