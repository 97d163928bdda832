#!/bin/sh
# Prints the folder that holds bin/dockerd, bin/docker and what they start. Those on PATH are taken; otherwise Debian's packages are
# unpacked into ${VONG_TESTBED:-$HOME/.cache/vong-testbed}/docker: nothing is installed on the machine, no service is started.
# Exit 69: it cannot be had, or this user may not start it; the last line of stderr says why.
set -eu
home=${VONG_TESTBED:-$HOME/.cache/vong-testbed}/docker
mkdir -p "$home/bin"
exec 9>"$home/.lock"
flock 9
parts='dockerd docker containerd containerd-shim-runc-v2 runc docker-proxy'
[ "$(uname -s)" = Linux ] || { echo 'containers run on Linux only' >&2; exit 69; }
[ "$(id -u)" = 0 ] || { echo 'dockerd needs root' >&2; exit 69; }
command -v ip >/dev/null || { echo 'the network of containers needs ip (iproute2)' >&2; exit 69; }
if ! unshare --mount --net true 2>/dev/null; then echo 'this machine does not let namespaces be made' >&2; exit 69; fi
complete() {
  for part in $parts; do
    [ -x "$home/bin/$part" ] || return 1
  done
}
if complete; then echo "$home"; exit 0; fi
lookup() { PATH="$PATH:/usr/sbin:/sbin:$home/root/usr/bin:$home/root/usr/sbin" command -v "$1"; }
gather() {
  for part in $parts; do
    found=$(lookup "$part") || return 1
    ln -sf "$found" "$home/bin/$part"
  done
}
if gather; then echo "$home"; exit 0; fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo 'no dockerd on PATH, and no apt to fetch one' >&2; exit 69; }
missing() { apt-get install -s --no-install-recommends docker.io 2>/dev/null | awk '/^Inst /{print $2}'; }
if ! missing | grep -q .; then apt-get update -qq >&2 || true; fi
rm -rf "$home/packages" "$home/root"
mkdir -p "$home/packages" "$home/root"
( cd "$home/packages" && apt-get download -qq -o APT::Sandbox::User=root $(missing) >&2 ) || { echo 'apt cannot download docker.io' >&2; exit 69; }
for package in "$home"/packages/*.deb; do dpkg-deb -x "$package" "$home/root"; done
rm -rf "$home/packages"
gather || { echo 'the package docker.io of this release lacks a part' >&2; exit 69; }
echo "$home"
