#!/bin/bash
# As the entries of the official images of PostgreSQL and Elasticsearch, in what the tests use of them: makes the databases at the
# first start, takes settings from the environment, gives up root. Every other command runs as it is.
set -e
. /etc/homes
as_postgres() { setpriv --reuid=70 --regid=70 --clear-groups "$@"; }
case $1 in
  postgres)
    shift
    data=/var/lib/postgresql/data
    if [ ! -s "$data/PG_VERSION" ]; then
      mkdir -p "$data"
      printf %s "$POSTGRES_PASSWORD" > /tmp/password
      chown postgres "$data" /tmp/password
      # shellcheck disable=SC2086 # one word for each argument
      as_postgres "$postgres/bin/initdb" -D "$data" -U "$POSTGRES_USER" --pwfile=/tmp/password $POSTGRES_INITDB_ARGS
      rm /tmp/password
      echo 'host all all all scram-sha-256' >> "$data/pg_hba.conf"
    fi
    set -- "$postgres/bin/postgres" -D "$data" "$@"
    ;;
  eswrapper)
    shift
    mkdir -p "$elasticsearch/data" "$elasticsearch/logs"
    chown -R postgres "$elasticsearch/data" "$elasticsearch/logs" "$elasticsearch/config"
    while IFS='=' read -r name value; do
      case $name in *.*) set -- "$@" "-E$name=$value" ;; esac
    done < <(env)
    export ES_JAVA_HOME=$java CLI_JAVA_OPTS='-Xmx64m -XX:+UseSerialGC' HOME=/tmp
    set -- "$elasticsearch/bin/elasticsearch" "$@"
    ;;
  *) exec "$@" ;;
esac
exec setpriv --reuid=70 --regid=70 --clear-groups "$@"
