"""Rows of a gateway that has been busy for a while, and refresh tokens that it accepts as its own."""

import base64
import hashlib
import hmac
import http.client
import itertools
import json
import os
import random
import sqlite3
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from .systems import SECRET, Setting

FIRST_PERSON = 5_000_000_000
TOKENS_PER_SESSION = 5
DAY_MS = 86_400_000
# Tokens live seven days: what was issued up to six days ago is still to be presented.
SPAN_MS = 6 * DAY_MS


@dataclass
class Tables:
    users: list
    identities: list
    sessions: list
    refresh_tokens: list
    audit_events: list


COLUMNS = {
    "users": "id, username, nickname, nickname_is_own, email, email_verified, profile_image, created_at, updated_at",
    "identities": "provider, subject, user_id, profile_read_at, created_at, last_login_at",
    "sessions": "id, user_id, client_id, ip, user_agent, created_at, last_used_at, expires_at, ends_at, attempt_hash, "
    "code_hash, first_token, first_login",
    "refresh_tokens": "jti, session_id, issued_at, expires_at, consumed_at, successor",
    "audit_events": "id, at, event, user_id, session_id, ip, request_id",
}


class Writer:
    """Refresh tokens as the gateway writes them, learnt from one of its own."""

    def __init__(self, token: str):
        self.head, claims, signature = token.split(".")
        self.claims = json.loads(decode(claims))
        self.client_claims = {name: self.claims[name] for name in ("iss", "aud", "token_type")}
        self.key = hkdf(SECRET.encode(), b"munjigi", b"munjigi/v1/refresh-token")
        if self.sign(f"{self.head}.{claims}") != signature:
            raise SystemExit("bench: refresh tokens are made in another way now; bench/harness/seed.py has to follow")

    def sign(self, text: str) -> str:
        return encode(hmac.digest(self.key, text.encode(), "sha256"))

    def write(self, user: bytes, session: bytes, jti: bytes, issued_ms: int, expires_ms: int) -> str:
        ids = {"sub": dashed(user), "sid": dashed(session), "jti": dashed(jti)}
        claims = {**self.client_claims, **ids, "iat": issued_ms // 1000, "exp": expires_ms // 1000}
        text = f"{self.head}.{encode(json.dumps(claims).encode())}"
        return f"{text}.{self.sign(text)}"


def batches(users: int, live: list, size: int = 20_000):
    """Rows of so many people, a batch at a time; `live` gets person, user, session, jti, issued, expires of each."""
    now = time.time_ns() // 1_000_000
    for first in range(0, users, size):
        rows = Tables([], [], [], [], [])
        for index in range(first, min(first + size, users)):
            add_person(rows, index, now - SPAN_MS + SPAN_MS * index // users, now, live)
        yield rows


def add_person(rows: Tables, index: int, at: int, now: int, live: list) -> None:
    person, user, session = FIRST_PERSON + index, uuid7(at), uuid7(at)
    email, name = f"{person}@example.com", f"사람 {index}"
    rows.users.append((user, f"kakao_{person}", name, False, email, True, None, at, at))
    rows.identities.append(("kakao", str(person), user, now, at, at))
    # Whole seconds, as the gateway rounds what stands in tokens.
    times = [(at + (now - at) * step // TOKENS_PER_SESSION) // 1000 * 1000 for step in range(TOKENS_PER_SESSION)]
    jtis = [uuid7(issued) for issued in times]
    last, expires = times[-1], times[-1] + 7 * DAY_MS
    hashes = (os.urandom(32), os.urandom(32))
    device = ("203.0.113.7", "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36")
    ends = at + 90 * DAY_MS
    rows.sessions.append((session, user, "munjigi", *device, at, last, expires, ends, *hashes, jtis[0], True))
    for jti, issued, successor in itertools.zip_longest(jtis, times, jtis[1:]):
        consumed = None if successor is None else issued + 900_000
        rows.refresh_tokens.append((jti, session, issued, issued + 7 * DAY_MS, consumed, successor))
    rows.audit_events.append((uuid7(at), at, "signed_in", user, session, device[0], None))
    live.append((person, user, session, jtis[-1], last, expires))


def fill_sqlite(setting: Setting, users: int, live: list) -> None:
    db = sqlite3.connect(setting.sqlite, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("PRAGMA cache_size = -262144")
    for rows in batches(users, live):
        db.execute("BEGIN IMMEDIATE")
        for table, columns in COLUMNS.items():
            marks = ", ".join("?" * len(columns.split(",")))
            db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", getattr(rows, table))
        db.execute("COMMIT")
    db.execute("ANALYZE")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def fill_postgres(setting: Setting, cluster, users: int, live: list) -> None:
    def lines():
        # Without the triggers of foreign keys: the rows are right by construction.
        yield "SET session_replication_role = replica;\n"
        for rows in batches(users, live):
            for table, columns in COLUMNS.items():
                yield f"COPY {table} ({columns}) FROM STDIN;\n"
                yield from (copied(row) for row in getattr(rows, table))
                yield "\\.\n"
        yield "VACUUM ANALYZE;\nCHECKPOINT;\n"

    cluster.sql_from(lines(), setting.pg_name)


def copied(row: tuple) -> str:
    return "\t".join(map(as_copied, row)) + "\n"


def as_copied(value) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return dashed(value) if len(value) == 16 else "\\\\x" + value.hex()
    return str(value).lower() if isinstance(value, bool) else str(value)


def sign_in(setting: Setting, person: int) -> str:
    """A login through the wire; the refresh token."""
    app = http.client.HTTPConnection("127.0.0.1", setting.port)
    app.request("GET", "/api/auth/kakao/login-url")
    answer = app.getresponse()
    cookie = (answer.getheader("set-cookie") or "").split(";")[0]
    url = urlsplit(json.load(answer)["login_url"])
    kakao = http.client.HTTPConnection("127.0.0.1", urlsplit(setting.kakao).port)
    kakao.request("GET", f"{url.path}?{url.query}&mock_user={person}")
    query = parse_qs(urlsplit(kakao.getresponse().getheader("location")).query)
    body = json.dumps({"code": query["code"][0], "state": query["state"][0]})
    headers = {"cookie": cookie, "content-type": "application/json"}
    app.request("POST", "/api/auth/kakao/callback", body, headers)
    return json.load(app.getresponse())["refresh_token"]


def uuid7(at_ms: int) -> bytes:
    tail = bytearray(random.randbytes(10))
    tail[0] = 0x70 | tail[0] & 0x0F
    tail[2] = 0x80 | tail[2] & 0x3F
    return at_ms.to_bytes(6) + bytes(tail)


def dashed(uuid: bytes) -> str:
    text = uuid.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def hkdf(secret: bytes, salt: bytes, label: bytes) -> bytes:
    """RFC 5869 for one block of SHA-256."""
    return hmac.digest(hmac.digest(salt, secret, hashlib.sha256), label + b"\x01", hashlib.sha256)


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
