//! Rows as the tables have them. Private to `storage`: nothing outside sees an entity.

pub(super) mod audit_event;
pub(super) mod identity;
pub(super) mod outbox;
pub(super) mod refresh_token;
pub(super) mod seen_event;
pub(super) mod session;
pub(super) mod signing_key;
pub(super) mod user;
