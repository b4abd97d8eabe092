"""A PostgreSQL of our own: loopback, durable, removed at the end."""

import contextlib
import glob
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from . import places
from .processes import NotAvailable, Program, free_port, run


def binaries() -> Path:
    found = shutil.which("initdb")
    candidates = [Path(found).resolve().parent] if found else []
    candidates += [Path(path) for path in sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)]
    for candidate in candidates:
        if (candidate / "initdb").exists() and (candidate / "postgres").exists():
            return candidate
    raise NotAvailable("PostgreSQL is missing: apt-get install postgresql")


def version() -> str:
    return run([binaries() / "postgres", "--version"]).strip()


class Cluster:
    """initdb once; running inside `with`, that is, only while a system uses it."""

    def __init__(self):
        self.bin = binaries()
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="munjigi-bench-pg.", dir=places.SCRATCH))
        self.as_user: list[str] = []
        # PostgreSQL refuses to run as root.
        if os.getuid() == 0:
            try:
                user = pwd.getpwnam("postgres")
            except KeyError:
                user = pwd.getpwnam("nobody")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        options = ["-D", self.folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
        run([*self.as_user, self.bin / "initdb", *options], cwd=self.folder)
        self.program: Program | None = None
        self.names = 0

    def start(self) -> None:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "fsync": "on",
            "synchronous_commit": "on",
            "log_min_messages": "fatal",
        }
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command = [*self.as_user, self.bin / "postgres", "-D", self.folder / "data", *flags]
        log = Path(tempfile.mkstemp(prefix="munjigi-bench-pg.", suffix=".log", dir=places.SCRATCH)[1])
        self.program = Program(command, {}, log, cwd=self.folder)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with contextlib.suppress(NotAvailable):
                self.sql("SELECT 1")
                return
            time.sleep(0.05)
        raise NotAvailable("PostgreSQL does not start: " + log.read_text()[-300:])

    def stop(self) -> None:
        if self.program:
            log = self.program.log
            self.program.stop()
            self.program = None
            log.unlink(missing_ok=True)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def sql(self, text: str, database: str = "postgres") -> str:
        where = ["-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-d", database]
        return run([self.bin / "psql", *where, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", text])

    def sql_from(self, lines, database: str) -> None:
        """Feeds psql line by line, for more than a command line holds."""
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database]
        command = [str(self.bin / "psql"), *where, "-X", "-q", "-v", "ON_ERROR_STOP=1"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as psql:
            psql.stdin.writelines(lines)
        if psql.returncode != 0:
            raise NotAvailable("psql failed")

    def new_database(self) -> str:
        self.names += 1
        name = f"bench{self.names}"
        self.sql(f"CREATE DATABASE {name}")
        return name

    def drop(self, name: str) -> None:
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
