#!/bin/sh
# Prints the folder that holds bin/docker-compose. Docker's plugin or a docker-compose on PATH is taken; otherwise Debian's package (1.29,
# Python) is unpacked into ${VONG_TESTBED:-$HOME/.cache/vong-testbed}/compose: nothing is installed on the machine.
# Exit 69: it cannot be had; the last line of stderr says why.
set -eu
home=${VONG_TESTBED:-$HOME/.cache/vong-testbed}/compose
mkdir -p "$home/bin"
exec 9>"$home/.lock"
flock 9
works() { "$1" version >/dev/null 2>&1; }
if works "$home/bin/docker-compose"; then echo "$home"; exit 0; fi
if docker compose version >/dev/null 2>&1; then
  printf '#!/bin/sh\nexec docker compose "$@"\n' > "$home/bin/docker-compose"
  chmod +x "$home/bin/docker-compose"
  echo "$home"
  exit 0
fi
if present=$(command -v docker-compose) && works "$present"; then
  ln -sf "$present" "$home/bin/docker-compose"
  echo "$home"
  exit 0
fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo 'no docker compose on PATH, and no apt to fetch one' >&2; exit 69; }
command -v python3 >/dev/null || { echo 'the docker-compose of Debian needs python3' >&2; exit 69; }
missing() { apt-get install -s --no-install-recommends docker-compose 2>/dev/null | awk '/^Inst /{print $2}'; }
if ! missing | grep -q . && [ "$(id -u)" = 0 ]; then apt-get update -qq >&2 || true; fi
rm -rf "$home/packages" "$home/root"
mkdir -p "$home/packages" "$home/root"
( cd "$home/packages" && apt-get download -qq -o APT::Sandbox::User=root $(missing) >&2 ) || { echo 'apt cannot download docker-compose' >&2; exit 69; }
for package in "$home"/packages/*.deb; do dpkg-deb -x "$package" "$home/root"; done
rm -rf "$home/packages"
cat > "$home/bin/docker-compose" <<WRAPPER
#!/bin/sh
PYTHONPATH="$home/root/usr/lib/python3/dist-packages" exec python3 "$home/root/usr/bin/docker-compose" "\$@"
WRAPPER
chmod +x "$home/bin/docker-compose"
works "$home/bin/docker-compose" || { echo 'the docker-compose of this release does not run' >&2; exit 69; }
echo "$home"
