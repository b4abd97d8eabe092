#!/bin/sh
# A primary and its synchronous standby on 127.0.0.1, ports $1 and $2, for the test that takes the first away. Prints "ready", then
# answers each command on standard input with "done": pause, resume, kill, promote. Everything ends with standard input.
set -eu

. "$(dirname "$0")/postgres-place.sh"

serve() {
    $as "$bin/postgres" -D "$folder/$1" -k "$folder" -p "$2" -c listen_addresses=127.0.0.1 -c max_connections=200 -c fsync=off \
        -c full_page_writes=off -c log_min_messages=fatal >"$folder/$1.log" 2>&1 &
}

# A server and every process it has begun.
all_of() {
    echo "$1"
    ps -o pid= --ppid "$1" || true
}

stop() {
    for server in "${primary:-}" "${standby:-}"; do
        [ -z "$server" ] || kill -KILL $(all_of "$server") 2>/dev/null || true
    done
    wait
    cd /
    rm -rf "$folder"
}
trap stop EXIT

await() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ "$tries" -gt 400 ]; then cat "$folder"/*.log >&2; exit 1; fi
        sleep 0.05
    done
}

ask() {
    [ "$("$bin/psql" -h 127.0.0.1 -p "$1" -U postgres -Atc "$2")" = "$3" ]
}

$as "$bin/initdb" -D "$folder/one" -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null
serve one "$1"
primary=$!
await ask "$1" "SELECT 1" 1
$as "$bin/pg_basebackup" -D "$folder/two" -R -X stream -c fast --no-sync -h 127.0.0.1 -p "$1" -U postgres
serve two "$2"
standby=$!
# After the copy: once promoted the standby has none of its own to wait for.
"$bin/psql" -q -h 127.0.0.1 -p "$1" -U postgres -c "ALTER SYSTEM SET synchronous_standby_names = '*'" -c "SELECT pg_reload_conf()" >/dev/null
await ask "$1" "SELECT sync_state FROM pg_stat_replication" sync
echo ready

# Sends signal $1 to the primary and every process it has begun. Those that end meanwhile need none, and as it stands still no
# other begins.
signal() {
    kill -STOP "$primary"
    kill -"$1" $(ps -o pid= --ppid "$primary") 2>/dev/null || true
    kill -"$1" "$primary"
}

while read -r command; do
    case "$command" in
        pause) signal STOP ;;
        resume) signal CONT ;;
        kill)
            signal KILL
            wait "$primary" || true
            primary=""
            ;;
        promote) $as "$bin/pg_ctl" promote -w -D "$folder/two" >/dev/null ;;
    esac
    echo done
done
