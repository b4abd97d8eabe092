//! Formats: what is written into tokens and cookies, and how it is read back. Nothing here awaits.

pub mod access;
pub mod form_token;
pub mod jws;
pub mod keyring;
pub mod pseudonym;
pub mod refresh;
pub mod sealed;
pub mod secret;
mod verified;

/// Clocks of two machines may differ by this much (seconds); `exp` and `iat` are judged with it.
pub const LEEWAY_SECS: i64 = 30;

/// A token was not one of ours, or not one for this door. Deliberately says no more: the caller answers 401 either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not issued by us for this use: signature, header, issuer, audience or kind.
    #[error("not a valid token of this kind")]
    Invalid,
    /// Ours, but past its `exp`.
    #[error("the token has expired")]
    Expired,
}
