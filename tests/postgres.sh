#!/bin/sh
# Starts a private PostgreSQL on a Unix socket and prints its folder. Stops and removes it when standard input ends, that is,
# when whoever started it is gone.
set -eu

. "$(dirname "$0")/postgres-place.sh"

$as "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null
$as "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c max_connections=500 -c fsync=off \
    -c full_page_writes=off -c log_min_messages=fatal >"$folder/log" 2>&1 &
server=$!
pooler=""
stop() {
    [ -z "$pooler" ] || kill -TERM "$pooler" 2>/dev/null || true
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
# A pooler in front of it, on the same folder with port 6432, for runs of the suite by hand. Sharing statements needs 1.21.
if [ -n "${MUNJIGI_TEST_PGBOUNCER:-}" ]; then
    cat >"$folder/pooler.ini" <<END
[databases]
* = host=$folder user=postgres
[pgbouncer]
unix_socket_dir = $folder
listen_port = 6432
auth_type = any
pool_mode = transaction
max_prepared_statements = 200
max_client_conn = 2000
default_pool_size = 10
server_idle_timeout = 5
END
    $as "$MUNJIGI_TEST_PGBOUNCER" "$folder/pooler.ini" >"$folder/pooler.log" 2>&1 &
    pooler=$!
    tries=0
    until [ -S "$folder/.s.PGSQL.6432" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 200 ]; then cat "$folder/pooler.log" >&2; exit 1; fi
        sleep 0.05
    done
fi
echo "$folder"
cat >/dev/null
