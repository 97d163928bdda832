#!/bin/sh
# Prints the folder that holds bin/postgres and bin/initdb (15 or newer). One of the machine is taken; otherwise Debian's package is
# unpacked into ${VONG_TESTBED:-$HOME/.cache/vong-testbed}/postgres: nothing is installed on the machine, no service is started.
# Exit 69: it cannot be had; the last line of stderr says why.
set -eu
works() {
  [ -x "$1/bin/initdb" ] && "$1/bin/postgres" --version 2>/dev/null | grep -Eq ' (1[5-9]|[2-9][0-9])\.'
}
for home in $(ls -d /usr/lib/postgresql/* /usr/local/pgsql 2>/dev/null | sort -rV) "$(dirname "$(dirname "$(readlink -f "$(command -v postgres || echo /)")")")"; do
  if works "$home"; then echo "$home"; exit 0; fi
done
cache=${VONG_TESTBED:-$HOME/.cache/vong-testbed}
# PostgreSQL refuses to run as root, and others cannot read what lies below root's home.
if [ "$(id -u)" = 0 ] && [ -z "${VONG_TESTBED:-}" ]; then cache=/var/tmp/vong-testbed; fi
home=$cache/postgres
mkdir -p "$home"
exec 9>"$home/.lock"
flock 9
if works "$home"; then echo "$home"; exit 0; fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo 'no postgres 15 or newer here, and no apt to fetch one' >&2; exit 69; }
needed() { apt-get install -s --no-install-recommends postgresql 2>/dev/null | awk '/^Inst /{print $2}'; }
if ! needed | grep -q . && [ "$(id -u)" = 0 ]; then apt-get update -qq >&2 || true; fi
needed | grep -q . || { echo 'apt knows no package postgresql' >&2; exit 69; }
rm -rf "$home/packages" "$home/root" "$home/bin"
mkdir -p "$home/packages" "$home/root" "$home/bin"
# shellcheck disable=SC2046 # one word for each package
( cd "$home/packages" && apt-get download -qq -o APT::Sandbox::User=root $(needed) >&2 ) || { echo 'apt cannot download postgresql' >&2; exit 69; }
for package in "$home"/packages/*.deb; do dpkg-deb -x "$package" "$home/root"; done
rm -rf "$home/packages"
real=$(dirname "$(ls "$home"/root/usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)")
for name in postgres initdb; do
  cat > "$home/bin/$name" <<WRAPPER
#!/bin/sh
for lib in "$home"/root/usr/lib/*-linux-gnu*; do LD_LIBRARY_PATH=\$lib\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}; done
export LD_LIBRARY_PATH
exec "$real/$name" "\$@"
WRAPPER
done
chmod -R a+rX "$home"
chmod a+x "$home/bin/postgres" "$home/bin/initdb"
works "$home" || { echo 'the postgres of this release is older than 15 or does not run' >&2; exit 69; }
echo "$home"
