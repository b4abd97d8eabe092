//! A stand-in for Kakao Login's servers, for development, demonstrations and tests.
//!
//! One listener serves what Kakao serves from two hosts (`kauth` and `kapi`). Reading order:
//!
//! * [`MockConfig`]: what the mock accepts (`config`)
//! * `server`: routes, start and stop; [`MockKakao`] is the handle
//! * `authorize`: checks of the authorize request, the consent page, the redirect back
//! * `token`, `id_token`, `keys`: the token endpoint and what it signs
//! * `kapi`, `profile`: what is answered about a person
//! * `persons`: who can sign in
//! * `faults`: what can be made to go wrong, [`Fault`]
//! * `errors`: Kakao's error codes, [`KoeCode`]
//! * `state`: authorization codes and tokens, bounded in number
//! * `pages`, `answers`: HTML and response helpers
//!
//! Time comes only from [`MockConfig::clock`]. Nothing is written to disk, and no request leaves the process.

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
