#!/bin/sh
# Prints a folder whose lib/ holds Apache Kafka 4 and its tools as jars, fetched with Maven into ${VONG_TESTBED:-$HOME/.cache/vong-testbed}/kafka.
# Needs java 17 or newer and mvn on PATH; where they are missing and this user may, Debian's are installed.
# Exit 69: it cannot be had; the last line of stderr says why.
set -eu
# 4.4.0 has a broken POM.
version=4.3.1
home=${VONG_TESTBED:-$HOME/.cache/vong-testbed}/kafka
folder=$home/$version-with-tools
mkdir -p "$home"
exec 9>"$home/.lock"
flock 9
java_works() { [ "$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')" -ge 17 ] 2>/dev/null; }
if ! java_works || ! { [ -e "$folder/.complete" ] || command -v mvn >/dev/null; }; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends default-jre-headless maven; } >&2 || true
  fi
fi
java_works || { echo 'no java 17 or newer on PATH, and none could be installed' >&2; exit 69; }
if [ -e "$folder/.complete" ]; then echo "$folder"; exit 0; fi
command -v mvn >/dev/null || { echo 'no mvn on PATH to fetch Kafka with' >&2; exit 69; }
rm -rf "$folder"
mkdir -p "$folder"
cat > "$folder/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>vong</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.3</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>2.25.3</version></dependency>
  </dependencies>
</project>
POM
mvn -q -B -f "$folder/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder/lib" -DincludeScope=runtime >&2 \
  || { echo "Maven cannot fetch Kafka $version" >&2; exit 69; }
touch "$folder/.complete"
echo "$folder"
