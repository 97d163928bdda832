#!/bin/sh
# Prints the folder that holds bin/redis-server (7 or newer). One that is on PATH is taken; otherwise Debian's package is unpacked
# into ${VONG_TESTBED:-$HOME/.cache/vong-testbed}/redis: nothing is installed on the machine, no service is started, no root needed.
# Exit 69: it cannot be had; the last line of stderr says why.
set -eu
home=${VONG_TESTBED:-$HOME/.cache/vong-testbed}/redis
mkdir -p "$home"
exec 9>"$home/.lock"
flock 9
works() { "$1" --version 2>/dev/null | grep -Eq 'v=([7-9]|[1-9][0-9])\.'; }
if works "$home/bin/redis-server"; then echo "$home"; exit 0; fi
if present=$(command -v redis-server) && works "$present"; then
  mkdir -p "$home/bin"
  ln -sf "$present" "$home/bin/redis-server"
  echo "$home"
  exit 0
fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo 'no redis-server 7 on PATH, and no apt to fetch one' >&2; exit 69; }
missing() { apt-get install -s --no-install-recommends redis-tools 2>/dev/null | awk '/^Inst /{print $2}'; }
if ! missing | grep -q . && [ "$(id -u)" = 0 ]; then apt-get update -qq >&2 || true; fi
rm -rf "$home/packages" "$home/root"
mkdir -p "$home/packages" "$home/root" "$home/bin"
# The names come from apt itself: what this release needs beyond what is there. redis-tools holds the server's binary as well.
( cd "$home/packages" && apt-get download -qq -o APT::Sandbox::User=root $( { echo redis-tools; missing; } | sort -u ) >&2 ) || { echo 'apt cannot download redis-tools' >&2; exit 69; }
for package in "$home"/packages/*.deb; do dpkg-deb -x "$package" "$home/root"; done
rm -rf "$home/packages"
ln -sf "$home/root/usr/bin/redis-check-rdb" "$home/root/usr/bin/redis-server"
cat > "$home/bin/redis-server" <<WRAPPER
#!/bin/sh
for lib in "$home"/root/usr/lib/*-linux-gnu*; do LD_LIBRARY_PATH=\$lib\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}; done
export LD_LIBRARY_PATH
exec "$home/root/usr/bin/redis-server" "\$@"
WRAPPER
chmod +x "$home/bin/redis-server"
works "$home/bin/redis-server" || { echo 'the redis-server of this release is older than 7 or does not run' >&2; exit 69; }
echo "$home"
