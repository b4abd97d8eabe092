//! The gateway as its users meet it: the real server on a free port, a database per test, the mock Kakao on another port, a
//! clock that moves only when told to. One binary, so that it links once.
//!
//! Every test runs on SQLite, and again on PostgreSQL with `MUNJIGI_TEST_ENGINE=postgres` (`make test` does both).

#![expect(
    clippy::disallowed_methods,
    reason = "tests are clients: they build HTTP clients and read their own environment"
)]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

mod support;

mod architecture;
mod command_line;
mod concurrency;
mod config;
mod http_surface;
mod keys;
mod login;
mod logs;
mod oauth;
mod openapi;
mod outage;
mod people;
mod refresh;
mod rotation_model;
mod sign_out;
mod spa_login;
mod strictness;
mod tokens;
mod upstream;
