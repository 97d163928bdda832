#!/usr/bin/env bash
# Makes a real Elasticsearch 9 in ${VONG_TESTBED:-$HOME/.cache/vong-testbed} and prints where it is. There is no archive of it in the
# package registries; its jars are on Maven Central, and elasticsearch-9/ holds what makes a home of them. Needs a JDK 21 or newer,
# on PATH, in JAVA_HOME or under /usr/lib/jvm; where none is and this user may, Debian's is installed.
# Run by several at once, one installs and the others wait.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=${VONG_TESTBED:-$HOME/.cache/vong-testbed}
home=$root/elasticsearch-9
need() { command -v "$1" >/dev/null || { echo "$1 is not installed" >&2; exit 69; }; }
jdk() {
  local javac version
  for javac in "${ES_JAVA_HOME:-}/bin/javac" "${JAVA_HOME:-}/bin/javac" "$(command -v javac)" /usr/lib/jvm/*/bin/javac; do
    [ -x "$javac" ] || continue
    version=$("$javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
    if [ "${version:-0}" -ge 21 ]; then dirname "$(dirname "$(readlink -f "$javac")")"; return; fi
  done
  return 1
}
mkdir -p "$root"
exec 9>"$root/elasticsearch-9.lock"
flock 9
# Made anew when what it is made of has changed.
made_of=$(cat "$0" "$here"/elasticsearch-9/* | cksum)
if [ "$(cat "$home/.installed" 2>/dev/null)" = "$made_of" ] && [ -x "$home/jdk/bin/java" ]; then echo "$home"; exit 0; fi
if ! jdk >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openjdk-21-jdk-headless; } >&2 || true
fi
java=$(jdk) || { echo 'no JDK 21 or newer, and none could be installed' >&2; exit 69; }
need mvn; need unzip
work=$(mktemp -d "$root/elasticsearch-9.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp "$here/elasticsearch-9/pom.xml" "$work"
mvn -q -B -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
  -DoutputDirectory="$work/lib" -DincludeScope=runtime >&2 || { echo 'Maven cannot fetch Elasticsearch 9' >&2; exit 69; }
mkdir -p "$work/modules/transport-netty4" "$work/bin" "$work/config"
mv "$work"/lib/{netty-*,transport-netty4-*,elasticsearch-ssl-config-*}.jar "$work/modules/transport-netty4"
unzip -q -j "$work"/modules/transport-netty4/transport-netty4-*.jar 'META-INF/es-plugins/*/plugin-descriptor.properties' \
  -d "$work/modules/transport-netty4"
# Of native code it needs libzstd alone, for index.codec best_compression; the archive of 8.19 has it.
older=$("$here/install-elasticsearch.sh" 9>&-)
cp -r "$older/lib/platform" "$work/lib/platform"
find "$work/lib/platform" -type f ! -name 'libzstd.*' -delete
"$java/bin/javac" --module-path "$work/lib" --add-modules ALL-MODULE-PATH -d "$work/launcher" "$here/elasticsearch-9/Elasticsearch9.java" >&2
cp "$here/elasticsearch-9/elasticsearch" "$work/bin"
cp "$here"/elasticsearch-9/{jvm.options,log4j2.properties} "$work/config"
ln -s "$java" "$work/jdk"
chmod -R a+rX "$work"
echo "$made_of" > "$work/.installed"
rm -rf "$home"
mv "$work" "$home"
echo "$home"
