//! The mock as its clients see it: over HTTP, on a free port, with a clock that stands still unless moved.
//!
//! * `login`: the whole code flow, and what an ID token says
//! * `authorize`: checks, cancel, `prompt=none`, people made by number
//! * `token`: client checks, single use, expiry, refresh
//! * `api`: user/me per person, userinfo, logout, unlink
//! * `consent`: consent items, signup, service terms, the app's lists
//! * `prompts`: who is asked what, `prompt`, `login_hint`, logout with the account, the account page
//! * `webhooks`: what they say, what receivers answer, when they are sent by themselves
//! * `control`: added people, faults, time, reset, seed, limits, the document
//! * `sets`: security event tokens a test signs itself
//! * `faults`: each kind goes wrong as described, and once
//! * `pages`: the consent page and the control endpoints

mod api;
mod authorize;
mod consent;
mod control;
mod faults;
mod http;
mod login;
mod pages;
mod prompts;
mod receiver;
mod sets;
mod support;
mod token;
mod webhooks;
