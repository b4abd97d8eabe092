//! What can be made to go wrong, and how it is written in JSON.

use serde::{Deserialize, Serialize};

use crate::errors::KoeCode;
use crate::fault_queue::Queue;

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
    /// Carries user/me out, then waits this many milliseconds before answering.
    UserMeSlow(u64),
    /// Answers user/me with the first half of the JSON.
    UserMeTruncated,
    /// Spoils the token answer: members nobody documented, one inside another, beside those that belong there.
    TokenUnknownFields,
    /// Spoils the token answer: status 200 and no body.
    TokenEmpty,
    /// Answers the key set with this HTTP status.
    JwksStatus(u16),
    /// Answers a key set without keys.
    JwksEmpty,
    /// Answers the key set with another `kid` on every key, so that no token's is found.
    JwksUnknownKid,
    /// Waits this many milliseconds before answering the key set.
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
    /// Any failure of any machine endpoint. In JSON:
    /// `{"fault":"endpoint","value":{"endpoint":"scopes","how":{"slow":3000}}}`.
    Endpoint {
        /// Which one.
        endpoint: Endpoint,
        /// What goes wrong.
        how: Failure,
    },
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

/// How an endpoint fails. *Replaces* and *spoils* as for [`Fault`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Replaces the answer by an error of Kakao's API server.
    Error(ApiError),
    /// Replaces the answer by this HTTP status with an HTML body.
    Status(u16),
    /// Replaces the answer by status 200 with `text/html`.
    Garbage,
    /// Replaces the answer by 10 MB of JSON.
    Huge,
    /// Replaces the answer by a 302 to another path of the mock.
    Redirect,
    /// Carries the request out, then waits this many milliseconds before answering.
    Slow(u64),
    /// Spoils the answer: the first half of it only.
    Truncated,
    /// Spoils the answer: the connection breaks before the body.
    Reset,
    /// Spoils the answer: its status and no body.
    Empty,
    /// Spoils the answer: members nobody documented beside those that belong there.
    UnknownFields,
}

/// An error of Kakao's API server. `ApiError::from(-402)` is the usual one of that number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiError {
    /// The number, such as -402.
    pub code: i64,
    /// Another HTTP status than the usual one; -10 is documented as 400 and as 429.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Seconds for a `Retry-After` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// The items a -402 asks for; without any it is `account_email`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_scopes: Vec<String>,
}

impl From<i64> for ApiError {
    fn from(code: i64) -> Self {
        Self { code, status: None, retry_after: None, required_scopes: Vec::new() }
    }
}

impl Fault {
    /// The next call of `endpoint` is answered with this error of Kakao's API server.
    pub fn api(endpoint: Endpoint, error: impl Into<ApiError>) -> Self {
        Self::Endpoint { endpoint, how: Failure::Error(error.into()) }
    }

    /// The next call of `endpoint` says that these consent items are missing (-402).
    pub fn missing_consent(endpoint: Endpoint, scopes: &[&str]) -> Self {
        let required_scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
        Self::api(endpoint, ApiError { required_scopes, ..ApiError::from(-402) })
    }

    /// What happens to any answer, if this fault is not special to its endpoint.
    pub(crate) fn failure(&self) -> Option<Failure> {
        Some(match self {
            Self::Endpoint { how, .. } => how.clone(),
            Self::TokenStatus(status)
            | Self::UserMeStatus(status)
            | Self::JwksStatus(status)
            | Self::UnlinkStatus(status) => Failure::Status(*status),
            Self::TokenGarbage | Self::UserMeGarbage | Self::JwksGarbage => Failure::Garbage,
            Self::TokenTruncated | Self::UserMeTruncated => Failure::Truncated,
            Self::TokenSlow(ms) | Self::UserMeSlow(ms) | Self::JwksSlow(ms) => Failure::Slow(*ms),
            Self::TokenReset => Failure::Reset,
            Self::TokenHuge => Failure::Huge,
            Self::TokenRedirect => Failure::Redirect,
            Self::TokenUnknownFields => Failure::UnknownFields,
            Self::TokenEmpty => Failure::Empty,
            Self::UserMeError(code) | Self::UnlinkError(code) => Failure::Error(ApiError::from(*code)),
            _ => return None,
        })
    }

    /// Where the fault waits.
    pub(crate) fn queue(&self) -> Queue {
        match self {
            Self::AuthorizeError { .. } | Self::AuthorizePage(_) => Queue::Of(Endpoint::Authorize),
            Self::TokenError(_)
            | Self::TokenStatus(_)
            | Self::TokenGarbage
            | Self::TokenTruncated
            | Self::TokenSlow(_)
            | Self::TokenReset
            | Self::TokenHuge
            | Self::TokenRedirect
            | Self::TokenUnknownFields
            | Self::TokenEmpty => Queue::Of(Endpoint::Token),
            Self::IdToken(_) => Queue::IdToken,
            Self::UserMeError(_)
            | Self::UserMeStatus(_)
            | Self::UserMeGarbage
            | Self::UserMeSlow(_)
            | Self::UserMeTruncated => Queue::Of(Endpoint::UserMe),
            Self::JwksStatus(_) | Self::JwksEmpty | Self::JwksUnknownKid | Self::JwksSlow(_) | Self::JwksGarbage => {
                Queue::Of(Endpoint::Jwks)
            }
            Self::UnlinkError(_) | Self::UnlinkStatus(_) => Queue::Of(Endpoint::Unlink),
            Self::Endpoint { endpoint, .. } => Queue::Of(*endpoint),
        }
    }
}

/// The endpoints that count their calls and can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `GET /oauth/authorize`
    Authorize,
    /// `POST /oauth/token`
    Token,
    /// `/v2/user/me`
    UserMe,
    /// `GET /.well-known/jwks.json`
    Jwks,
    /// `GET /.well-known/openid-configuration`
    Discovery,
    /// `GET /v1/user/access_token_info`
    AccessTokenInfo,
    /// `/v1/oidc/userinfo`
    Userinfo,
    /// `POST /v1/user/logout`
    Logout,
    /// `POST /v1/user/unlink`
    Unlink,
    /// `POST /v1/user/signup`
    Signup,
    /// `POST /v1/user/update_profile`
    UpdateProfile,
    /// `GET /v1/user/ids`
    UserIds,
    /// `GET /v2/app/users`
    AppUsers,
    /// `GET /v2/user/scopes`
    Scopes,
    /// `POST /v2/user/revoke/scopes`
    RevokeScopes,
    /// `GET /v2/user/service_terms`
    ServiceTerms,
    /// `POST /v2/user/revoke/service_terms`
    RevokeServiceTerms,
    /// `POST /v2/user/upgrade/service_terms`
    UpgradeServiceTerms,
    /// `GET /v1/user/shipping_address`
    ShippingAddress,
    /// `POST /oauth/tokeninfo`
    Tokeninfo,
}

impl Endpoint {
    /// How many there are.
    pub(crate) const COUNT: usize = Self::Tokeninfo as usize + 1;
}

/// Reads the body of `POST /__mock/next`: a [`Fault`] and for how many requests it holds. Beside the long form there are two
/// short ones: `{"error":"KOE205"}` finds the endpoint by the code, and `{"endpoint":"scopes","code":-402}` is an API error.
/// The error text is for the developer who sent it.
pub(crate) fn parse(body: &[u8]) -> Result<(Fault, u32), String> {
    let mut value: serde_json::Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let object = value.as_object_mut().ok_or("a JSON object is expected")?;
    let times = match object.remove("times") {
        Some(times) => serde_json::from_value(times).map_err(|error| format!("times: {error}"))?,
        None => 1,
    };
    let (koe, endpoint) = (object.contains_key("error"), object.remove("endpoint"));
    let fault = match endpoint {
        Some(endpoint) => {
            let endpoint = serde_json::from_value(endpoint).map_err(|error| error.to_string())?;
            let how = match object.remove("how") {
                Some(how) => serde_json::from_value(how).map_err(|error| error.to_string())?,
                None => Failure::Error(serde_json::from_value(value).map_err(|error| error.to_string())?),
            };
            Fault::Endpoint { endpoint, how }
        }
        None if koe => by_code(value)?,
        None => serde_json::from_value(value).map_err(|error| error.to_string())?,
    };
    let impossible = matches!(fault, Fault::Endpoint { endpoint: Endpoint::Authorize, .. });
    if impossible {
        return Err("authorize fails with authorize_page or authorize_error".to_owned());
    }
    if times == 0 { Err("times: at least 1".to_owned()) } else { Ok((fault, times)) }
}

fn by_code(value: serde_json::Value) -> Result<Fault, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Short {
        error: KoeCode,
    }

    let code = serde_json::from_value::<Short>(value).map_err(|error| error.to_string())?.error;
    Ok(if code.is_token_code() { Fault::TokenError(code) } else { Fault::AuthorizePage(code) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_form_finds_the_endpoint_by_the_code() {
        assert_eq!(parse(br#"{"error":"KOE205"}"#), Ok((Fault::AuthorizePage(KoeCode::Koe205), 1)));
        assert_eq!(parse(br#"{"error":"KOE320"}"#), Ok((Fault::TokenError(KoeCode::Koe320), 1)));
        assert!(parse(br#"{"error":"KOE999"}"#).is_err());
    }

    #[test]
    fn the_long_form_names_the_fault_and_its_value() {
        assert_eq!(parse(br#"{"fault":"token_slow","value":5000}"#), Ok((Fault::TokenSlow(5000), 1)));
        assert_eq!(parse(br#"{"fault":"jwks_empty"}"#), Ok((Fault::JwksEmpty, 1)));
        assert_eq!(
            parse(br#"{"fault":"id_token","value":"alg_none"}"#),
            Ok((Fault::IdToken(IdTokenFault::AlgNone), 1))
        );
        assert_eq!(
            parse(br#"{"fault":"authorize_error","value":{"error":"server_error","description":"x"}}"#),
            Ok((Fault::AuthorizeError { error: "server_error".to_owned(), description: "x".to_owned() }, 1))
        );
    }

    #[test]
    fn an_api_error_names_its_endpoint_and_a_fault_can_hold_several_times() {
        let error = ApiError { status: Some(400), ..ApiError::from(-10) };
        assert_eq!(
            parse(br#"{"endpoint":"user_ids","code":-10,"status":400,"times":3}"#),
            Ok((Fault::api(Endpoint::UserIds, error), 3))
        );
        let long = br#"{"fault":"endpoint","value":{"endpoint":"scopes","how":"garbage"}}"#;
        assert_eq!(parse(long), Ok((Fault::Endpoint { endpoint: Endpoint::Scopes, how: Failure::Garbage }, 1)));
        let short = br#"{"endpoint":"scopes","how":"garbage"}"#;
        assert_eq!(parse(short), parse(long));
        for refused in [
            &br#"{"endpoint":"scopes"}"#[..],
            br#"{"endpoint":"nowhere","code":-1}"#,
            br#"{"fault":"jwks_empty","times":0}"#,
            br#"{"endpoint":"authorize","how":"garbage"}"#,
            b"[]",
        ] {
            assert!(parse(refused).is_err());
        }
    }
}
