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

source ../python-environment.sh
python_environment workflows requirements.txt check-jsonschema

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
  echo "workflows: a broken action was not noticed" >&2
  exit 1
fi
"$environment/bin/python" -W error action_test.py "$slipway"
