//! A stand-in for Kakao Login's servers, for development, demonstrations and tests.
//!
//! One listener serves what Kakao serves from two hosts (`kauth` and `kapi`). Reading order:
//!
//! * [`MockConfig`]: what would be set in Kakao's console (`config`, `consent`)
//! * `server`: start and stop; [`MockKakao`] is the handle. `routes`: every route, once
//! * `authorize`: checks of the authorize request, who is asked what, the redirect back
//! * `token`, `id_token`, `jws`, `keys`: the token endpoint and what it signs; `kauth`: the rest of the login server
//! * `caller`, `kapi`, `kapi_app`, `kapi_consent`, `profile`: what the API server answers about people
//! * `persons`, `new_person`: who can sign in
//! * `serve`, `faults`, `fault_queue`, `fault_kinds`: what can be made to go wrong, [`Fault`]
//! * `errors`: Kakao's error codes, [`KoeCode`]
//! * `state`, `links`, `limits`, `random`: codes, tokens and links, bounded in number
//! * `webhooks`, `sets`, `sender`: what Kakao tells the app, sound or with a defect, and what the app answers
//! * `pages`, `account`, `webhook_page`, `control`, `same_site`, `answers`: HTML, control routes, response helpers
//!
//! Time comes only from [`MockConfig::clock`], except how long a receiver took. Nothing is written to disk, and the only
//! requests that leave the process are webhooks the operator configured or asked for.

mod account;
mod answers;
mod authorize;
mod caller;
mod config;
mod consent;
mod control;
mod errors;
mod fault_kinds;
mod fault_queue;
mod faults;
mod id_token;
mod jws;
mod kapi;
mod kapi_app;
mod kapi_consent;
mod kauth;
mod keys;
mod limits;
mod links;
mod listener;
mod new_person;
mod pages;
mod persons;
mod profile;
mod random;
mod routes;
mod same_site;
mod sender;
mod serve;
mod server;
mod sets;
mod state;
mod times;
mod token;
mod webhook_page;
mod webhooks;

pub use config::{ADMIN_KEY, APP_ID, Clock, MockClient, MockConfig, ServiceTerm, UnlinkMethod, UnlinkWebhook};
pub use consent::{Ask, ConsentItem};
pub use errors::KoeCode;
pub use fault_queue::Counts;
pub use faults::{ApiError, Endpoint, Failure, Fault, IdTokenFault};
pub use persons::Person;
pub use server::{MockKakao, SdkTokens};
