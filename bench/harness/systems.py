"""The systems: how each is installed, migrated and started, and what it can do."""

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from . import places
from .processes import NotAvailable, run

# Of this bench alone.
SECRET = "2LfiKfheSFCU5i6zMgkP2FyIxYIwQZ52JIMGxI4ZPHvE4WK6ZtZzUcZzMKPsQDtr"

GUNICORN = ["--workers", "2", "--threads", "16", "--worker-class", "gthread", "--keep-alive", "75"]


@dataclass
class Setting:
    """What one start of a system is given."""

    port: int
    kakao: str
    folder: Path
    pg_port: int | None = None
    pg_name: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sqlite(self) -> Path:
        return self.folder / "bench.db"

    def peer_environment(self) -> dict:
        env = {
            "BENCH_URL": self.url,
            "BENCH_KAKAO": self.kakao,
            "KAKAO_CLIENT_ID": "bench",
            "KAKAO_CLIENT_SECRET": "bench",
            "JWT_SECRET_KEY": SECRET,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if self.pg_port:
            return {**env, "BENCH_PG_PORT": str(self.pg_port), "BENCH_PG_NAME": self.pg_name}
        return {**env, "BENCH_SQLITE": str(self.sqlite)}


@dataclass
class System:
    name: str
    # As the driver calls it.
    driver: str
    label: str
    engine: str
    health: str
    scenarios: list[str]
    versions: dict = field(default_factory=dict)

    def install(self) -> None: ...

    def prepare(self, setting: Setting) -> None: ...

    def command(self, setting: Setting) -> tuple[list, dict, Path | None]:
        raise NotImplementedError

    def size_on_disk(self) -> int:
        raise NotImplementedError


class Munjigi(System):
    def install(self):
        if not places.MUNJIGI.exists():
            raise NotAvailable(f"{places.MUNJIGI} is missing: cargo build --release")

    def environment(self, setting: Setting) -> dict:
        database = f"sqlite://{setting.sqlite}"
        if setting.pg_port:
            database = f"postgres://postgres@127.0.0.1:{setting.pg_port}/{setting.pg_name}"
        return {
            "APP_ENV": "development",
            "LISTEN_ADDR": f"127.0.0.1:{setting.port}",
            "PUBLIC_URL": setting.url,
            "DATABASE_URL": database,
            "KAKAO_CLIENT_ID": "bench",
            "KAKAO_CLIENT_SECRET": "bench",
            "KAKAO_AUTH_BASE_URL": setting.kakao,
            "KAKAO_API_BASE_URL": setting.kakao,
            "JWT_SECRET_KEY": SECRET,
            "RATE_LIMIT_LOGIN_PER_MINUTE": "0",
            "LOG_LEVEL": "warn",
        }

    def command(self, setting):
        return [places.MUNJIGI, "serve"], self.environment(setting), setting.folder

    def size_on_disk(self):
        stripped = places.INSTALLED / "munjigi-stripped"
        places.INSTALLED.mkdir(parents=True, exist_ok=True)
        if shutil.which("strip"):
            run(["strip", "-o", stripped, places.MUNJIGI])
        else:
            shutil.copy(places.MUNJIGI, stripped)
        return stripped.stat().st_size


class Django(System):
    """A Django project in peers/, with a virtual environment of its own."""

    folder: str
    project: str

    @property
    def home(self) -> Path:
        return places.BENCH / "peers" / self.folder

    @property
    def python(self) -> Path:
        return places.INSTALLED / self.folder / "bin" / "python"

    def install(self):
        wanted = (self.home / "requirements.txt").read_text() + sys.version
        mark = places.INSTALLED / self.folder / "installed"
        if not mark.exists() or mark.read_text() != wanted:
            shutil.rmtree(mark.parent, ignore_errors=True)
            run([sys.executable, "-m", "venv", mark.parent])
            quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:"]
            run([self.python, "-m", "pip", "install", *quiet, "-r", self.home / "requirements.txt"])
            mark.write_text(wanted)
        pins = dict(line.split("==") for line in (self.home / "requirements.txt").read_text().split())
        named = [name for name in pins if name in {"Django", "django-ninja", "django-allauth", "gunicorn", "PyJWT"}]
        self.versions = {name: pins[name] for name in named}

    def environment(self, setting: Setting) -> dict:
        return {**setting.peer_environment(), "DJANGO_SETTINGS_MODULE": f"{self.project}.settings"}

    def prepare(self, setting):
        run([self.python, "-m", "django", "migrate"], self.environment(setting), self.home)

    def command(self, setting):
        where = ["--bind", f"127.0.0.1:{setting.port}", "--log-level", "warning"]
        command = [self.python, "-m", "gunicorn", *GUNICORN, *where, f"{self.project}.wsgi"]
        return command, self.environment(setting), self.home

    def size_on_disk(self):
        packages = [path for path in self.python.parent.parent.glob("lib/python*/site-packages/*")]
        return sum(size(path) for path in packages if not path.name.startswith(("pip", "setuptools")))


class DjangoNinja(Django):
    folder, project = "django-ninja", "gateway"


class Allauth(Django):
    folder, project = "django-allauth", "site_auth"


class BetterAuth(System):
    @property
    def home(self) -> Path:
        return places.INSTALLED / "better-auth"

    def install(self):
        if not shutil.which("node") or not shutil.which("npm"):
            raise NotAvailable("Node.js with npm is missing: apt-get install nodejs npm")
        source = places.BENCH / "peers" / "better-auth"
        self.home.mkdir(parents=True, exist_ok=True)
        for file in source.iterdir():
            if file.is_file():
                shutil.copy(file, self.home / file.name)
        lock = (source / "package-lock.json").read_text() + run(["node", "--version"])
        mark = self.home / "installed"
        if not mark.exists() or mark.read_text() != lock:
            run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"], cwd=self.home)
            # Its native part is made by an install script: only this one runs.
            run(["npm", "rebuild", "better-sqlite3", "--loglevel=error"], cwd=self.home)
            run(["node", "-e", "new (require('better-sqlite3'))(':memory:')"], cwd=self.home)
            mark.write_text(lock)
        package = (self.home / "package.json").read_text()
        pins = [line.strip().strip(",").replace('"', "").split(": ") for line in package.splitlines() if '": "' in line]
        self.versions = {name: pin for name, pin in pins if name in {"better-auth", "better-sqlite3", "pg"}}
        self.versions["Node.js"] = run(["node", "--version"]).strip().lstrip("v")

    def environment(self, setting: Setting) -> dict:
        return {**setting.peer_environment(), "NODE_ENV": "production"}

    def prepare(self, setting):
        run(["node", "server.js", "migrate"], self.environment(setting), self.home)

    def command(self, setting):
        return ["node", "server.js", setting.port], self.environment(setting), self.home

    def size_on_disk(self):
        return size(self.home / "node_modules")


def size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.lstat().st_size for file in path.rglob("*") if file.is_file() and not file.is_symlink())


EVERYTHING = ["health", "protected", "profile", "refresh", "login-returning", "login-new"]
# They keep a session and have no refresh tokens, and no route that asks no database.
SESSIONS = ["health", "profile", "login-returning", "login-new"]


def all_systems() -> list[System]:
    systems = []
    for engine in ("SQLite", "PostgreSQL"):
        end = engine.lower().replace("postgresql", "postgres")
        systems += [
            Munjigi(f"munjigi-{end}", "munjigi", "munjigi", engine, "/livez", EVERYTHING),
            DjangoNinja(
                f"django-ninja-{end}",
                "django-ninja",
                "Django Ninja, as the tutorial",
                engine,
                "/api/health",
                EVERYTHING,
            ),
            BetterAuth(f"better-auth-{end}", "better-auth", "better-auth", engine, "/api/auth/ok", SESSIONS),
            Allauth(f"allauth-{end}", "allauth", "django-allauth", engine, "/api/health", SESSIONS),
        ]
    return systems
