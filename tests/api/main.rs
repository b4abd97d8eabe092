//! The gateway as its users meet it: the real server on a free port, a database per test, the mock Kakao on another port, a
//! clock that moves only when told to. One binary, so that it links once.
//!
//! Every test runs on SQLite, again on PostgreSQL with `MUNJIGI_TEST_ENGINE=postgres` and on MariaDB with
//! `MUNJIGI_TEST_ENGINE=mariadb` (`make test` does all three).

#![expect(
    clippy::disallowed_methods,
    reason = "tests are clients: they build HTTP clients and read their own environment"
)]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

mod support;

// Signing in.
mod login; // the redirect flow: same browser, once, in ten minutes
mod native; // apps bring ID tokens of Kakao's SDK
mod native_access; // or access tokens
mod people; // each kind of person, with and without an email
mod spa_login; // the front end owns the redirect URI
mod upstream; // every fault of Kakao's
mod upstream_stub; // the same byte by byte, reads tried again, rests, keys

// Agreeing to more, and leaving.
mod consent; // what was declined and how to ask for it, KakaoTalk, private fields
mod leaving; // sessions and data go at once, Kakao is told until it has heard; comparing both sides

// Sessions and tokens.
mod cleanup; // what nobody needs any more
mod keys; // signing keys, the schema
mod refresh; // rotation, replay, recovery, reuse, limits
mod rotation_model; // random histories against a reference model
mod sign_out; // logout scopes and devices
mod tokens; // forged, foreign and misplaced tokens

// What Kakao reports by itself.
mod account_status; // what security events do
mod forged_events; // and which are believed
mod unlink_webhook; // people who took the app off their account

// Many at once, and bad days.
mod batch_writer; // against a transaction a write
mod concurrency; // first logins, one code, one refresh token, two instances
mod failover; // a replica dies, the primary stands still, its standby takes over
mod outage; // the database is away
mod replicas; // what one tells the others, and what they count together

// The wire.
mod account; // the built-in page, without JavaScript
mod front_door; // GET /oauth/authorize and its codes
mod http_surface; // problem+json, CORS, CSRF, headers, limits, documents
mod oauth; // RFC 6749, 7009, 7662, OIDC userinfo, metadata
mod openapi; // the committed document
mod strictness; // what is documented is what is accepted

// The operator.
mod command_line; // the binary itself
mod config; // every problem at once
mod doctor; // what stands in the way of a login, before anybody tries one
mod explain; // every code, in both languages
mod logs;
mod metrics; // what Prometheus is told, and where // the steps of a login, and no secret

// The house.
mod architecture; // who may use whom
mod documentation; // both languages say the same, and name nothing that does not exist
