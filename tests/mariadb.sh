#!/bin/sh
# Starts a private MariaDB on a Unix socket and prints its folder. Stops and removes it when standard input ends, that is,
# when whoever started it is gone. Needs `mariadbd` and `mariadb-install-db` from Debian's package `mariadb-server`.
set -eu

PATH=$PATH:/usr/sbin:/usr/local/sbin
if ! command -v mariadbd >/dev/null || ! command -v mariadb-install-db >/dev/null; then
    echo "MariaDB is missing: install Debian's package mariadb-server, or put mariadbd and mariadb-install-db on PATH" >&2
    exit 1
fi

folder=$(mktemp -d /tmp/munjigi-my.XXXXXX)
# MariaDB refuses to run as root.
as=""
if [ "$(id -u)" = 0 ]; then
    user=nobody
    if id mysql >/dev/null 2>&1; then user=mysql; fi
    chown "$user" "$folder"
    as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
fi

cd "$folder"
# No settings of this machine, and on purpose not those munjigi needs: it has to bring its own.
if ! $as mariadb-install-db --no-defaults --datadir="$folder/data" --auth-root-authentication-method=normal \
    --skip-test-db >"$folder/log" 2>&1; then
    cat "$folder/log" >&2
    rm -rf "$folder"
    exit 1
fi
$as mariadbd --no-defaults --datadir="$folder/data" --socket="$folder/socket" --pid-file="$folder/pid" --skip-networking \
    --max-connections=500 --sql-mode= --character-set-server=latin1 --transaction-isolation=REPEATABLE-READ \
    --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --skip-innodb-file-per-table --skip-name-resolve \
    >"$folder/log" 2>&1 &
server=$!
stop() {
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    cd /
    rm -rf "$folder"
}
trap stop EXIT

tries=0
until [ -S "$folder/socket" ] && grep -q "ready for connections" "$folder/log"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 400 ]; then cat "$folder/log" >&2; exit 1; fi
    sleep 0.05
done
echo "$folder"
cat >/dev/null
