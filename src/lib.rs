//! munjigi (문지기, "gatekeeper"): a Kakao login gateway.
//!
//! It exchanges Kakao's authorization codes for people, keeps them as users, and issues access and refresh JWTs of its own
//! that any back end verifies by JWKS.
//!
//! # The map, in reading order
//!
//! | module | what |
//! |---|---|
//! | [`domain`] | nouns: user, identity, login attempt, authorization code, session, refresh token, provider event; pure |
//! | [`token`] | formats: access and refresh JWTs, sealed cookies, the keyring; pure |
//! | [`flow`] | verbs: begin and finish a login, redeem a code, rotate, sign out, leave, take a webhook; one transaction each |
//! | [`storage`] | the database: one file a subject, entities private; hot writes of all requests in batches ([`storage::writer`]) |
//! | [`provider`] | the outside world: Kakao, its keys and tokens, manners per endpoint, the one HTTP client |
//! | [`replicas`] | what replicas share through Redis: the budget of logins, news of revoked sessions |
//! | [`http`] | the wire: routes, middleware, problem+json, OpenAPI; everything that knows poem |
//! | [`pages`] | the few HTML pages |
//! | [`config`] | environment -> settings, or every problem at once |
//! | [`error_code`] | every error code with its texts |
//! | [`kakao_code`] | every error code of Kakao's: what it means, cause, remedy |
//! | [`explain`] | one text about a code of either, for the command line and the pages |
//! | [`clock`], [`telemetry`], [`metrics`] | time as a parameter; logs; what is counted of them, for Prometheus |
//! | [`app`] | composition root: the only file that names every concrete type |
//! | [`cli`] | one file a command; `cli/reference` writes the generated pages of `docs` |
//!
//! Who may use whom: `http -> {flow, replicas} -> {storage, provider} -> domain`; `token`, `config`, `clock`, `error_code`,
//! `kakao_code`, `explain` and `metrics` are leaves anyone may use; `cli -> app`; only `app` sees everything. `tests/api/architecture.rs` keeps it so.
//!
//! # Invariants
//!
//! * `domain` and `token` never await.
//! * No entity leaves `storage`; no wire struct leaves `provider/kakao`; no poem type leaves `http`.
//! * Only `config/env.rs` reads the environment, only `clock.rs` the time, only `provider/http.rs` builds an HTTP client.
//! * A flow is one transaction and holds none across a network call.
//! * Consume first, then check: one conditional statement; its row count decides.
//! * A checked value has another type than an unchecked one: [`CallbackParams`](domain::login_attempt::CallbackParams) ->
//!   [`VerifiedCallback`](domain::login_attempt::VerifiedCallback).
//! * A secret has a type that cannot be printed.
//! * Deliberately absent: sessions in memory, repository traits, a `utils` module, globals.

pub mod app;
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks")]
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod error_code;
pub mod explain;
pub mod flow;
pub mod http;
pub mod kakao_code;
pub mod metrics;
pub mod pages;
pub mod provider;
pub mod replicas;
pub mod storage;
pub mod telemetry;
pub mod token;
