//! Kakao's error codes -> what they mean for a login. Kakao says its texts may change: only codes are read.

use std::time::Duration;

use super::{
    super::{
        ProviderError,
        http::{UpstreamAnswer, UpstreamError},
    },
    wire,
};
use crate::{
    config::is_scope_token,
    error_code::ErrorCode,
    kakao_code::{self, Class},
};

/// The token endpoint's refusal (KOE codes).
pub(super) fn of_token_endpoint(answer: &wire::TokenError) -> ProviderError {
    let code = answer.error_code.as_deref().filter(|code| is_code(code)).map(ToOwned::to_owned);
    match code.as_deref().and_then(kakao_code::of_kauth).map(|entry| entry.class) {
        Some(Class::CodeUsed) => ProviderError::CodeUsed { code },
        Some(Class::Throttled) => ProviderError::Unavailable {
            what: "too many logins of this person",
            code,
            retry_after: Some(Duration::from_mins(1)),
        },
        Some(Class::Transient) => ProviderError::Unavailable { what: "a temporary fault", code, retry_after: None },
        Some(Class::Misconfigured) => ProviderError::Misconfigured { code },
        _ => match answer.error.as_str() {
            "invalid_client" | "unauthorized_client" | "misconfigured" | "unsupported_grant_type" => {
                ProviderError::Misconfigured { code }
            }
            "server_error" | "temporarily_unavailable" => {
                ProviderError::Unavailable { what: "a fault of its own", code, retry_after: None }
            }
            _ => ProviderError::Unacceptable { what: "the token endpoint refused", code },
        },
    }
}

/// No answer at all.
pub(super) fn of_upstream(error: UpstreamError) -> ProviderError {
    let (what, retry_after) = match error {
        UpstreamError::Connection => ("the connection failed", None),
        UpstreamError::Timeout => ("it took too long", None),
        UpstreamError::TooLarge => ("its answer was too large", None),
        UpstreamError::Crowded => ("too many requests wait for it", None),
        UpstreamError::Resting(wait) => ("it failed too often in a row", Some(wait)),
    };
    ProviderError::Unavailable { what, code: None, retry_after }
}

/// Whether the same request may succeed a moment later. Transient faults come as HTTP 400, so the code decides.
pub(super) fn is_transient(answer: &UpstreamAnswer) -> bool {
    if answer.status == http::StatusCode::OK {
        return false;
    }
    match serde_json::from_slice::<wire::ApiError>(&answer.body) {
        Ok(error) => kakao_code::of_kapi(error.code)
            .map_or(answer.status.is_server_error(), |entry| entry.class == Class::Transient),
        Err(_) => answer.status.is_server_error(),
    }
}

/// An error of kapi. Transient faults come as HTTP 400, so the code decides, not the status.
pub(super) fn of_api(answer: &UpstreamAnswer) -> ProviderError {
    let (status, retry_after, body) = (answer.status, answer.retry_after(), &answer.body);
    let is_overloaded = status.is_server_error() || status == http::StatusCode::TOO_MANY_REQUESTS;
    let Ok(answer) = serde_json::from_slice::<wire::ApiError>(body) else {
        return if is_overloaded {
            ProviderError::Unavailable { what: "it answered with an error", code: None, retry_after }
        } else {
            ProviderError::unacceptable("the request was refused")
        };
    };
    let code = Some(answer.code.to_string());
    let entry = kakao_code::of_kapi(answer.code);
    match entry.map(|entry| entry.class) {
        Some(Class::Transient) => ProviderError::Unavailable { what: "a temporary fault", code, retry_after },
        Some(Class::Throttled) => ProviderError::Unavailable { what: "its quota is used up", code, retry_after },
        Some(Class::Misconfigured) => ProviderError::Misconfigured { code },
        Some(Class::PersonRefused) if entry.is_some_and(|entry| entry.our_code == ErrorCode::KakaoUnderAge) => {
            ProviderError::UnderAge { code }
        }
        Some(Class::PersonRefused | Class::NotLinked) => ProviderError::PersonRefused { code },
        Some(Class::ConsentRequired) => {
            ProviderError::ConsentRequired { scopes: scopes(answer.required_scopes.unwrap_or_default()), code }
        }
        // A code nobody has told us of: then the status is all there is.
        None if is_overloaded => ProviderError::Unavailable { what: "it answered with an error", code, retry_after },
        _ => ProviderError::Unacceptable { what: "the request was refused", code },
    }
}

/// Kakao's names of consent items; anything that does not look like one is not repeated.
fn scopes(named: Vec<String>) -> Vec<String> {
    named.into_iter().filter(|scope| is_scope_token(scope)).take(20).collect()
}

/// Whether text is a code we may repeat: nothing else of what Kakao sends is shown or logged.
fn is_code(text: &str) -> bool {
    text.len() <= 10 && text.strip_prefix("KOE").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}
