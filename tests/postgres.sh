#!/bin/sh
# Starts a private PostgreSQL on a Unix socket and prints its folder. Stops and removes it when standard input ends, that is,
# when whoever started it is gone. Needs `initdb` and `postgres` on PATH or from Debian's package `postgresql`.
set -eu

bin=""
for candidate in "$(dirname "$(command -v initdb 2>/dev/null || echo /nowhere/initdb)")" /usr/lib/postgresql/*/bin; do
    if [ -x "$candidate/initdb" ] && [ -x "$candidate/postgres" ]; then bin=$candidate; fi
done
if [ -z "$bin" ]; then
    echo "PostgreSQL is missing: install Debian's package postgresql, or put initdb and postgres on PATH" >&2
    exit 1
fi

folder=$(mktemp -d /tmp/munjigi-pg.XXXXXX)
# PostgreSQL refuses to run as root.
as=""
if [ "$(id -u)" = 0 ]; then
    user=nobody
    if id postgres >/dev/null 2>&1; then user=postgres; fi
    chown "$user" "$folder"
    as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
fi

cd "$folder"
$as "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null
$as "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c max_connections=500 -c fsync=off \
    -c full_page_writes=off -c log_min_messages=fatal >"$folder/log" 2>&1 &
server=$!
stop() {
    kill -INT "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    cd /
    rm -rf "$folder"
}
trap stop EXIT

tries=0
until [ -S "$folder/.s.PGSQL.5432" ] && grep -q ready "$folder/data/postmaster.pid" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 200 ]; then cat "$folder/log" >&2; exit 1; fi
    sleep 0.05
done
echo "$folder"
cat >/dev/null
