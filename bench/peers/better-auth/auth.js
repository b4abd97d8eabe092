// better-auth with its own Kakao provider, as its documentation sets it up.

import { betterAuth } from "better-auth";
import Database from "better-sqlite3";
import pg from "pg";

const { BENCH_KAKAO, BENCH_URL, BENCH_SQLITE, BENCH_PG_PORT, BENCH_PG_NAME } = process.env;

// The provider's addresses are constants: what is meant for Kakao goes to the mock.
const kakaos = /^https:\/\/k(?:auth|api)\.kakao\.com/;
const fetchAnything = globalThis.fetch;
globalThis.fetch = (resource, options) =>
  fetchAnything(resource instanceof Request ? resource : String(resource).replace(kakaos, BENCH_KAKAO), options);

function sqlite() {
  const db = new Database(BENCH_SQLITE);
  db.pragma("journal_mode = WAL");
  // better-sqlite3 is built with NORMAL for WAL; every system here commits durably.
  db.pragma("synchronous = FULL");
  db.pragma("busy_timeout = 20000");
  return db;
}

export const auth = betterAuth({
  baseURL: BENCH_URL,
  secret: process.env.JWT_SECRET_KEY,
  database: BENCH_PG_PORT
    ? new pg.Pool({ host: "127.0.0.1", port: Number(BENCH_PG_PORT), database: BENCH_PG_NAME, user: "postgres" })
    : sqlite(),
  socialProviders: {
    kakao: { clientId: process.env.KAKAO_CLIENT_ID, clientSecret: process.env.KAKAO_CLIENT_SECRET },
  },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: "error" },
});
