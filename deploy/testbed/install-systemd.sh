#!/bin/sh
# Prints the folder that holds bin/systemd-analyze (250 or newer, which rates units without a running systemd). One that is on PATH is
# taken; otherwise Debian's package is unpacked into ${VONG_TESTBED:-$HOME/.cache/vong-testbed}/systemd: nothing is installed.
# Exit 69: it cannot be had; the last line of stderr says why.
set -eu
home=${VONG_TESTBED:-$HOME/.cache/vong-testbed}/systemd
mkdir -p "$home/bin"
exec 9>"$home/.lock"
flock 9
works() { [ "$("$1" --version 2>/dev/null | awk 'NR==1{print int($2)}')" -ge 250 ] 2>/dev/null; }
if works "$home/bin/systemd-analyze"; then echo "$home"; exit 0; fi
if present=$(command -v systemd-analyze) && works "$present"; then
  ln -sf "$present" "$home/bin/systemd-analyze"
  echo "$home"
  exit 0
fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo 'no systemd-analyze 250 on PATH, and no apt to fetch one' >&2; exit 69; }
missing() { apt-get install -s --no-install-recommends systemd 2>/dev/null | awk '/^Inst /{print $2}'; }
if ! missing | grep -q . && [ "$(id -u)" = 0 ]; then apt-get update -qq >&2 || true; fi
rm -rf "$home/packages" "$home/root"
mkdir -p "$home/packages" "$home/root"
( cd "$home/packages" && apt-get download -qq -o APT::Sandbox::User=root $( { echo systemd; missing; } | sort -u ) >&2 ) || { echo 'apt cannot download systemd' >&2; exit 69; }
for package in "$home"/packages/*.deb; do dpkg-deb -x "$package" "$home/root"; done
rm -rf "$home/packages"
cat > "$home/bin/systemd-analyze" <<WRAPPER
#!/bin/sh
for lib in "$home"/root/usr/lib/*-linux-gnu* "$home"/root/lib/*-linux-gnu* "$home"/root/usr/lib/*-linux-gnu*/systemd "$home"/root/lib/systemd; do
  LD_LIBRARY_PATH=\$lib\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}
done
export LD_LIBRARY_PATH
exec "$home/root/usr/bin/systemd-analyze" "\$@"
WRAPPER
chmod +x "$home/bin/systemd-analyze"
works "$home/bin/systemd-analyze" || { echo 'the systemd-analyze of this release is older than 250 or does not run' >&2; exit 69; }
echo "$home"
