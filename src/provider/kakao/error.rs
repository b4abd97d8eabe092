//! Kakao's error codes -> what they mean for a login. Kakao says its texts may change: only codes are read.

use std::time::Duration;

use super::{super::ProviderError, wire};
use crate::kakao_code::{self, Class};

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

/// An error of kapi. Transient faults come as HTTP 400, so the code decides, not the status.
pub(super) fn of_api(status: http::StatusCode, headers: &http::HeaderMap, body: &[u8]) -> ProviderError {
    let retry_after = headers
        .get(http::header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(|secs: u64| Duration::from_secs(secs.min(3600)));
    let Ok(answer) = serde_json::from_slice::<wire::ApiError>(body) else {
        return if status.is_server_error() || status == http::StatusCode::TOO_MANY_REQUESTS {
            ProviderError::Unavailable { what: "it answered with an error", code: None, retry_after }
        } else {
            ProviderError::unacceptable("the profile was refused")
        };
    };
    let code = Some(answer.code.to_string());
    match kakao_code::of_kapi(answer.code).map(|entry| entry.class) {
        Some(Class::Transient) => ProviderError::Unavailable { what: "a temporary fault", code, retry_after },
        Some(Class::Throttled) => ProviderError::Unavailable { what: "its quota is used up", code, retry_after },
        Some(Class::Misconfigured) => ProviderError::Misconfigured { code },
        Some(Class::PersonRefused | Class::NotLinked) => ProviderError::PersonRefused { code },
        _ => ProviderError::Unacceptable { what: "the profile was refused", code },
    }
}

/// Whether text is a code we may repeat: nothing else of what Kakao sends is shown or logged.
fn is_code(text: &str) -> bool {
    text.len() <= 10 && text.strip_prefix("KOE").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}
