//! What can be made to go wrong, and how often each endpoint was called.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::errors::KoeCode;

/// Something that goes wrong once. In JSON: `{"fault":"token_slow","value":5000}`, and for a variant without a value
/// `{"fault":"token_garbage"}`.
///
/// *Replaces* means that the request is not looked at, so an authorization code stays usable; *spoils* means that the
/// request is carried out first, so the code is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", content = "value", rename_all = "snake_case")]
pub enum Fault {
    /// Replaces the token answer by this error.
    TokenError(KoeCode),
    /// Replaces the token answer by this HTTP status with an HTML body.
    TokenStatus(u16),
    /// Replaces the token answer by status 200 with `text/html`.
    TokenGarbage,
    /// Spoils the token answer: the first half of the JSON only.
    TokenTruncated,
    /// Carries the token request out, then waits this many milliseconds before answering.
    TokenSlow(u64),
    /// Spoils the token answer: the connection breaks before the body.
    TokenReset,
    /// Replaces the token answer by 10 MB of JSON.
    TokenHuge,
    /// Replaces the token answer by a 302 to another path of the mock.
    TokenRedirect,
    /// Changes the ID token of the next successful token answer.
    IdToken(IdTokenFault),
    /// Answers user/me with this API error number, such as -401.
    UserMeError(i64),
    /// Answers user/me with this HTTP status and an HTML body.
    UserMeStatus(u16),
    /// Answers user/me with status 200 and `text/html`.
    UserMeGarbage,
    /// Waits this many milliseconds before user/me is answered.
    UserMeSlow(u64),
    /// Answers user/me with the first half of the JSON.
    UserMeTruncated,
    /// Answers the key set with this HTTP status.
    JwksStatus(u16),
    /// Answers a key set without keys.
    JwksEmpty,
    /// Waits this many milliseconds before the key set is answered.
    JwksSlow(u64),
    /// Answers the key set with status 200 and `text/html`.
    JwksGarbage,
    /// Answers unlink with this API error number; nothing is unlinked.
    UnlinkError(i64),
    /// Answers unlink with this HTTP status and an HTML body; nothing is unlinked.
    UnlinkStatus(u16),
    /// Redirects back from authorize with this error, without showing a page.
    AuthorizeError {
        /// The `error` parameter.
        error: String,
        /// The `error_description` parameter.
        description: String,
    },
    /// Shows the error page of this code instead of the consent page.
    AuthorizePage(KoeCode),
}

/// What is wrong with an ID token. In JSON: `{"fault":"id_token","value":"wrong_audience"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenFault {
    /// `aud` is another app's key.
    WrongAudience,
    /// `iss` is another host.
    WrongIssuer,
    /// `alg` is `none` and the signature is empty.
    AlgNone,
    /// Signed with HS256; the secret is the PEM text of the published RSA key.
    Hs256,
    /// `nonce` is not the one that was sent.
    WrongNonce,
    /// `nonce` is left out.
    NoNonce,
    /// `exp` was an hour ago.
    Expired,
    /// `iat` is in an hour.
    FutureIat,
    /// `iat` is left out.
    NoIat,
    /// `sub` is left out.
    NoSub,
    /// The `kid` in the header is not published.
    UnknownKid,
    /// The header has no `kid`.
    NoKid,
    /// Signed with a key that is not published, under a `kid` that is.
    ForeignKey,
    /// One bit of the signature is flipped.
    BadSignature,
    /// `sub` is somebody else than user/me answers.
    OtherSubject,
    /// The answer has no ID token.
    Missing,
}

/// How often each endpoint was called since the start, faults included. `authorize` counts calls of
/// [`MockKakao::consent`](crate::MockKakao::consent) too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// `GET /oauth/authorize`
    pub authorize: u64,
    /// `POST /oauth/token`
    pub token: u64,
    /// `/v2/user/me`
    pub user_me: u64,
    /// `GET /.well-known/jwks.json`
    pub jwks: u64,
    /// `GET /.well-known/openid-configuration`
    pub discovery: u64,
    /// `GET /v1/user/access_token_info`
    pub access_token_info: u64,
    /// `GET /v1/oidc/userinfo`
    pub userinfo: u64,
    /// `POST /v1/user/logout`
    pub logout: u64,
    /// `POST /v1/user/unlink`
    pub unlink: u64,
}

/// The endpoints that count their calls, in the order of the fields of [`Counts`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum Endpoint {
    Authorize,
    Token,
    UserMe,
    Jwks,
    Discovery,
    AccessTokenInfo,
    Userinfo,
    Logout,
    Unlink,
}

/// Where a fault waits. ID token faults wait apart from those of the token endpoint, for an answer that succeeds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Queue {
    Authorize,
    Token,
    IdToken,
    UserMe,
    Jwks,
    Unlink,
}

/// Queued faults, first in first out per queue, and the counters.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    queues: [Mutex<VecDeque<Fault>>; 6],
    counters: [AtomicU64; 9],
}

impl Faults {
    /// Queues a fault for the endpoint it belongs to.
    pub(crate) fn push(&self, fault: Fault) {
        let queue = queue_of(&fault);
        self.queues[queue as usize].lock().unwrap_or_else(PoisonError::into_inner).push_back(fault);
    }

    /// The fault whose turn it is, if any; it will not come again.
    pub(crate) fn take(&self, queue: Queue) -> Option<Fault> {
        self.queues[queue as usize].lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// Counts a call.
    pub(crate) fn count(&self, endpoint: Endpoint) {
        self.counters[endpoint as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// The counters as they are now.
    pub(crate) fn counts(&self) -> Counts {
        let read = |endpoint: Endpoint| self.counters[endpoint as usize].load(Ordering::Relaxed);
        Counts {
            authorize: read(Endpoint::Authorize),
            token: read(Endpoint::Token),
            user_me: read(Endpoint::UserMe),
            jwks: read(Endpoint::Jwks),
            discovery: read(Endpoint::Discovery),
            access_token_info: read(Endpoint::AccessTokenInfo),
            userinfo: read(Endpoint::Userinfo),
            logout: read(Endpoint::Logout),
            unlink: read(Endpoint::Unlink),
        }
    }
}

/// Reads the body of `POST /__mock/next`: a [`Fault`], or the short form `{"error":"KOE205"}`, which finds the endpoint by
/// the code. The error text is for the developer who sent it.
pub(crate) fn parse(body: &[u8]) -> Result<Fault, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Short {
        error: KoeCode,
    }

    let value: serde_json::Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if value.get("error").is_some() {
        let code = serde_json::from_value::<Short>(value).map_err(|error| error.to_string())?.error;
        return Ok(if code.is_token_code() { Fault::TokenError(code) } else { Fault::AuthorizePage(code) });
    }
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn queue_of(fault: &Fault) -> Queue {
    match fault {
        Fault::AuthorizeError { .. } | Fault::AuthorizePage(_) => Queue::Authorize,
        Fault::TokenError(_)
        | Fault::TokenStatus(_)
        | Fault::TokenGarbage
        | Fault::TokenTruncated
        | Fault::TokenSlow(_)
        | Fault::TokenReset
        | Fault::TokenHuge
        | Fault::TokenRedirect => Queue::Token,
        Fault::IdToken(_) => Queue::IdToken,
        Fault::UserMeError(_)
        | Fault::UserMeStatus(_)
        | Fault::UserMeGarbage
        | Fault::UserMeSlow(_)
        | Fault::UserMeTruncated => Queue::UserMe,
        Fault::JwksStatus(_) | Fault::JwksEmpty | Fault::JwksSlow(_) | Fault::JwksGarbage => Queue::Jwks,
        Fault::UnlinkError(_) | Fault::UnlinkStatus(_) => Queue::Unlink,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_form_finds_the_endpoint_by_the_code() {
        assert_eq!(parse(br#"{"error":"KOE205"}"#), Ok(Fault::AuthorizePage(KoeCode::Koe205)));
        assert_eq!(parse(br#"{"error":"KOE320"}"#), Ok(Fault::TokenError(KoeCode::Koe320)));
        assert!(parse(br#"{"error":"KOE999"}"#).is_err());
    }

    #[test]
    fn the_long_form_names_the_fault_and_its_value() {
        assert_eq!(parse(br#"{"fault":"token_slow","value":5000}"#), Ok(Fault::TokenSlow(5000)));
        assert_eq!(parse(br#"{"fault":"jwks_empty"}"#), Ok(Fault::JwksEmpty));
        assert_eq!(parse(br#"{"fault":"id_token","value":"alg_none"}"#), Ok(Fault::IdToken(IdTokenFault::AlgNone)));
        assert_eq!(
            parse(br#"{"fault":"authorize_error","value":{"error":"server_error","description":"x"}}"#),
            Ok(Fault::AuthorizeError { error: "server_error".to_owned(), description: "x".to_owned() })
        );
    }

    #[test]
    fn each_endpoint_has_its_own_queue_in_order() {
        let faults = Faults::default();
        faults.push(Fault::TokenStatus(502));
        faults.push(Fault::UserMeError(-1));
        faults.push(Fault::TokenGarbage);
        assert_eq!(faults.take(Queue::Token), Some(Fault::TokenStatus(502)));
        assert_eq!(faults.take(Queue::Token), Some(Fault::TokenGarbage));
        assert_eq!(faults.take(Queue::Token), None);
        assert_eq!(faults.take(Queue::UserMe), Some(Fault::UserMeError(-1)));
    }
}
