//! Nouns: the values the rest of the code agrees on. Pure; nothing here awaits or knows the wire.

pub mod authorization;
pub mod device;
pub mod identity;
pub mod login_attempt;
pub mod private_fields;
pub mod provider_event;
pub mod refresh_token;
pub mod return_url;
pub mod session;
pub mod user;
