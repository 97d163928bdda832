#!/bin/sh
# Installs Vọng Gác from this folder. Needs no internet, no Node.js, no package manager: a Linux with glibc, coreutils and a shell.
set -eu

usage() {
  cat <<'USAGE'
usage: ./install.sh [options]
  --prefix DIR      where to install (default /opt/vong)
  --data DIR        where the server keeps everything (default /var/lib/vong)
  --listen ADDR     address and port of the server (default 127.0.0.1:8080)
  --agent           install the service of the agent instead of the server's
  --no-units        install no systemd units (also done without systemd, or without root)
  --start           start it, and wait until it answers
  --verify          only check that this folder is complete and unchanged
  --rollback        go back to the version that was installed before this one
Exit codes: 0 done; 1 the folder is not what was packed, or a step failed; 2 bad arguments; 3 not for this kind of machine
USAGE
}
die() { code=$1; shift; echo "install.sh: $*" >&2; exit "$code"; }

prefix=/opt/vong data=/var/lib/vong listen=127.0.0.1:8080 service=vong units=yes start=no action=install
while [ $# -gt 0 ]; do
  case $1 in
    --prefix | --data | --listen) [ $# -ge 2 ] || die 2 "$1 needs a value" ;;
  esac
  case $1 in
    --prefix) prefix=$2; shift ;;
    --data) data=$2; shift ;;
    --listen) listen=$2; shift ;;
    --agent) service=vong-agent ;;
    --no-units) units=no ;;
    --start) start=yes ;;
    --verify) action=verify ;;
    --rollback) action=rollback ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; die 2 "unknown option $1" ;;
  esac
  shift
done
for path in "$prefix" "$data"; do
  case $path in
    *[!A-Za-z0-9/._-]*) die 2 "$path: only letters, digits and / . _ - may stand in a path" ;;
    /*) ;;
    *) die 2 "$path must begin with /" ;;
  esac
done
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P)
cd "$here"

# Complete, unchanged, and nothing beside it: what would be installed is what was packed.
verify() {
  sha256sum --check --quiet --strict SHA256SUMS >&2 || die 1 'files are missing or not what was packed (see above); bring the archive again'
  packed=$(cut -c67- SHA256SUMS | LC_ALL=C sort)
  found=$(find . -type f ! -name SHA256SUMS | cut -c3- | LC_ALL=C sort)
  [ "$packed" = "$found" ] || die 1 'there are files that were not packed; unpack the archive into an empty folder'
  links=$(find . -type l -exec sh -c 'for link; do printf "%s -> %s\n" "$link" "$(readlink "$link")"; done' sh {} + | LC_ALL=C sort)
  [ "$links" = "$(cat LINKS)" ] || die 1 'the links are not those that were packed'
}

# A link is replaced in one step: who starts the server meanwhile gets the one or the other.
point() {
  ln -s "$1" "$prefix/.link.$$"
  mv -T "$prefix/.link.$$" "$prefix/$2"
}

install_units() {
  if ! getent passwd vong >/dev/null; then
    useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin vong
  fi
  mkdir -p /etc/vong/secrets
  chown root:vong /etc/vong /etc/vong/secrets
  chmod 0751 /etc/vong
  chmod 0750 /etc/vong/secrets
  for unit in "$here"/units/*.service; do
    sed -e "s#/opt/vong#$prefix#g" "$unit" > "/etc/systemd/system/$(basename "$unit")"
  done
  for example in "$here"/units/*.env "$here"/units/agent.json; do
    target=/etc/vong/$(basename "$example")
    # What a person has set stays.
    [ -e "$target" ] && continue
    case $target in
      */vong.env) sed -e "s#^VONG_LISTEN=.*#VONG_LISTEN=$listen#" -e "s#^VONG_DATA=.*#VONG_DATA=$data#" "$example" > "$target" ;;
      *) cp "$example" "$target" ;;
    esac
    chown root:vong "$target"
    chmod 0640 "$target"
  done
  # The agent runs as a user of its own, who reads this one file.
  chmod 0644 /etc/vong/agent.json
  if [ "$service" = vong ] && [ "$data" != /var/lib/vong ]; then
    mkdir -p "$data" /etc/systemd/system/vong.service.d
    chown vong:vong "$data"
    chmod 0700 "$data"
    printf '[Service]\nReadWritePaths=%s\n' "$data" > /etc/systemd/system/vong.service.d/data.conf
  fi
  systemctl daemon-reload
}

health="require('node:http').get('http://$listen/healthz', (r) => process.exit(r.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"
wait_until_it_answers() {
  waited=0
  until "$prefix/current/node/bin/node" -e "$health" 2>/dev/null; do
    waited=$((waited + 1))
    [ $waited -lt 60 ] || die 1 "the server does not answer at http://$listen; see $1"
    sleep 1
  done
  echo "Vọng Gác answers at http://$listen. The link that sets the first password stands in: $1"
}

start_it() {
  if [ "$units" = yes ]; then
    if [ "$service" = vong-agent ] && [ ! -s /etc/vong/agent-token ]; then
      die 1 'installed; before it starts, put the agent'"'"'s token into /etc/vong/agent-token (root, 0600) and the server into /etc/vong/agent.json'
    fi
    systemctl enable "$service.service"
    systemctl restart "$service.service"
    [ "$service" = vong-agent ] || wait_until_it_answers 'journalctl -u vong'
    return
  fi
  [ "$service" = vong ] || die 2 '--agent --start needs systemd; without it run: bin/vong agent --help'
  mkdir -p "$data"
  chmod 0700 "$data"
  VONG_DATA=$data VONG_LISTEN=$listen setsid "$prefix/current/bin/vong" serve > "$data/server.log" 2>&1 < /dev/null &
  echo $! > "$data/server.pid"
  wait_until_it_answers "$data/server.log"
}

if [ "$action" = rollback ]; then
  [ -L "$prefix/previous" ] || die 1 "no version before this one is installed in $prefix"
  before=$(readlink "$prefix/previous")
  now=$(readlink "$prefix/current")
  point "$before" current
  point "$now" previous
  echo "now: $before (was $now). Restart the service to use it."
  exit 0
fi

verify
[ "$action" = verify ] && { echo 'complete and unchanged'; exit 0; }
machine=$(cat MACHINE)
[ "$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m | sed -e s/x86_64/x64/ -e s/aarch64/arm64/)" = "$machine" ] || die 3 "this archive is for $machine"
node/bin/node --version >/dev/null 2>&1 || die 3 'its Node.js does not run here: it needs glibc 2.28 or newer and libstdc++ 6'
if [ "$(id -u)" != 0 ] || [ ! -d /run/systemd/system ]; then units=no; fi

version=$(cat VERSION)
release=releases/$version
mkdir -p "$prefix/releases"
rm -rf "$prefix/$release.new"
mkdir "$prefix/$release.new"
cp -R -P -p ./. "$prefix/$release.new/"
chmod -R u=rwX,go=rX "$prefix/$release.new"
[ "$(id -u)" != 0 ] || chown -R 0:0 "$prefix/$release.new"
if [ -d "$prefix/$release" ]; then
  rm -rf "$prefix/$release.old"
  mv "$prefix/$release" "$prefix/$release.old"
fi
mv "$prefix/$release.new" "$prefix/$release"
rm -rf "$prefix/$release.old"
if [ -L "$prefix/current" ] && [ "$(readlink "$prefix/current")" != "$release" ]; then point "$(readlink "$prefix/current")" previous; fi
point "$release" current
[ "$units" = no ] || install_units
echo "installed $version in $prefix"
[ "$start" = no ] || start_it
