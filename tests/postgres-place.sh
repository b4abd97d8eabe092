# Sourced by its neighbours: finds PostgreSQL (`bin`), makes a folder for it (`folder`), and what to run it under (`as`).
# Needs `initdb` and `postgres` on PATH or from Debian's package `postgresql`.

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
