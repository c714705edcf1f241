# Sourced by the tests that need packages of PyPI: an environment of their own below the XDG cache folder, installed once and
# again when what is required changes.
#
#   python_environment NAME REQUIREMENTS WHAT
#
# Sets `environment` to its folder. A machine on which it cannot be installed says so, by WHAT, and ends well; with CI set, that
# is a failure.
python_environment() {
  environment="${XDG_CACHE_HOME:-$HOME/.cache}/slipway-$1"
  local requirements=$2 what=$3 stamp="$environment/requirements.txt"
  mkdir -p "$(dirname "$environment")"
  exec 9>"$environment.lock"
  flock --exclusive --timeout 600 9 || { echo "$1: another installation holds $environment.lock" >&2; exit 1; }
  if ! install_python_environment; then
    echo "$1: $what cannot be installed (see above)" >&2
    [[ -z ${CI:-} ]] || exit 1
    echo "$1: skipped" >&2
    exit 0
  fi
  exec 9>&-
}

install_python_environment() { # with what its caller has set
  cmp -s "$requirements" "$stamp" && return
  rm -rf "$environment"
  python3 -m venv "$environment" || return
  "$environment/bin/pip" install --quiet --disable-pip-version-check --no-input -r "$requirements" || return
  cp "$requirements" "$stamp"
}
