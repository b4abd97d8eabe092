//! Errors of flows -> faults on the wire. The chain of causes is logged here, once.

use std::error::Error;

use super::problem::Fault;
use crate::{
    domain::{login_attempt::AttemptError, user::NicknameError},
    error_code::ErrorCode,
    flow::{finish::LoginError, login::BeginError, session::SessionError},
    kakao_code,
    provider::ProviderError,
    storage::StorageError,
};

/// Every cause, outermost first. None of our errors repeats its source.
pub fn error_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Some wrap an error and say what it says.
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// The database.
pub fn of_storage(error: &StorageError) -> Fault {
    match error {
        StorageError::Busy(_) | StorageError::QueueFull | StorageError::TooSlow | StorageError::Unavailable(_) => {
            tracing::error!(event = "storage_unavailable", error = error_chain(error));
            Fault::new(ErrorCode::StorageUnavailable)
        }
        StorageError::Refused(_) | StorageError::Impossible(_) => {
            tracing::error!(event = "storage_fault", error = error_chain(error));
            Fault::new(ErrorCode::InternalError)
        }
    }
}

/// Whether the same may go well a moment later.
pub fn may_be_tried_again(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::KakaoUnavailable | ErrorCode::StorageUnavailable | ErrorCode::RequestTimeout)
}

/// A login that could not begin.
pub fn of_begin(error: BeginError) -> Fault {
    let code = match error {
        BeginError::ReturnUrl => ErrorCode::InvalidReturnUrl,
        BeginError::RedirectUri => ErrorCode::InvalidRedirectUri,
        BeginError::CodeChallenge | BeginError::Option(_) => ErrorCode::InvalidRequest,
    };
    Fault::new(code).with_detail(sentence(&error.to_string()))
}

/// A login that could not be finished.
pub fn of_login(error: &LoginError) -> Fault {
    match error {
        LoginError::Attempt(why) => of_attempt(*why),
        LoginError::Nonce => Fault::new(ErrorCode::InvalidNonce),
        LoginError::Provider(why) => of_provider(why),
        LoginError::Storage(why) => of_storage(why),
        LoginError::Broken => {
            tracing::error!(event = "login_broken", error = error_chain(error));
            Fault::new(ErrorCode::InternalError)
        }
    }
}

/// A callback that does not finish its login.
pub fn of_attempt(why: AttemptError) -> Fault {
    let detail = match why {
        AttemptError::Foreign => {
            "No login was begun in this browser with this state: its cookie did not come, or state was changed. \
             Check that the browser uses the host of PUBLIC_URL (localhost and 127.0.0.1 are different hosts)."
        }
        AttemptError::Expired => "The login was begun more than ten minutes ago.",
        AttemptError::WrongVerifier => "code_verifier is missing, malformed, wrong, or was not asked for.",
        AttemptError::WrongIssuer => "The answer came from another issuer than the login went to.",
        AttemptError::Finished => "This login was finished before.",
    };
    tracing::warn!(event = "callback_refused", why = %why);
    Fault::new(ErrorCode::LoginStateInvalid).with_detail(detail)
}

fn of_provider(why: &ProviderError) -> Fault {
    let code = match why {
        ProviderError::CodeUsed { .. } => ErrorCode::KakaoCodeUsed,
        ProviderError::Misconfigured { .. } => ErrorCode::KakaoMisconfigured,
        ProviderError::Unavailable { .. } => ErrorCode::KakaoUnavailable,
        ProviderError::PersonRefused { .. } => ErrorCode::KakaoPersonRefused,
        ProviderError::UnderAge { .. } => ErrorCode::KakaoUnderAge,
        ProviderError::ConsentRequired { .. } => ErrorCode::KakaoConsentRequired,
        ProviderError::TokenRefused { .. } => ErrorCode::KakaoTokenInvalid,
        ProviderError::NotConfigured(_) => ErrorCode::NativeLoginOff,
        ProviderError::Unacceptable { .. } => ErrorCode::KakaoLoginFailed,
    };
    if code == ErrorCode::KakaoMisconfigured {
        tracing::error!(event = "kakao_misconfigured", error = %why, kakao_code = why.code());
    } else {
        tracing::warn!(event = "login_failed_at_kakao", error = %why, kakao_code = why.code());
    }
    let mut fault = Fault::new(code).with_detail(sentence(&why.to_string()));
    fault.kakao_code = why.code().map(ToOwned::to_owned);
    match why {
        ProviderError::Unavailable { retry_after: Some(wait), .. } => fault.retry_after = Some(wait.as_secs().max(1)),
        ProviderError::ConsentRequired { scopes, .. } => fault.required_scopes.clone_from(scopes),
        _ => {}
    }
    fault
}

/// What Kakao's `error` means, once it is clear that this browser began the login. The description is read to tell two
/// meanings of one error apart, and goes no further.
pub fn of_refusal(error: &str, description: Option<&str>) -> Fault {
    let code = match (error, kakao_code::of_redirect(error, description)) {
        (_, Some(entry)) => entry.our_code,
        ("server_error" | "temporarily_unavailable", None) => ErrorCode::KakaoUnavailable,
        _ => ErrorCode::KakaoLoginFailed,
    };
    tracing::info!(event = "login_refused_at_kakao", error = code.as_str());
    Fault::new(code)
}

/// A refresh that was refused.
pub fn of_refresh(error: &SessionError) -> Fault {
    let code = match error {
        SessionError::Invalid | SessionError::TokenExpired | SessionError::Unknown => ErrorCode::InvalidRefreshToken,
        SessionError::Expired => ErrorCode::SessionExpired,
        SessionError::Revoked => ErrorCode::SessionRevoked,
        SessionError::Reused => ErrorCode::RefreshTokenReused,
        SessionError::Storage(why) => return of_storage(why),
        SessionError::Signing(_) => return broken(error),
    };
    Fault::new(code)
}

/// A session that could not be read or ended by its owner.
pub fn of_session(error: &SessionError) -> Fault {
    match error {
        SessionError::Storage(why) => of_storage(why),
        SessionError::Unknown => Fault::new(ErrorCode::SessionNotFound),
        _ => broken(error),
    }
}

/// A nickname that was refused.
pub fn of_nickname(error: NicknameError) -> Fault {
    Fault::new(ErrorCode::InvalidNickname).with_detail(sentence(&error.to_string()))
}

fn broken(error: &SessionError) -> Fault {
    tracing::error!(event = "session_fault", error = error_chain(error));
    Fault::new(ErrorCode::InternalError)
}

/// An error's text as a sentence.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}
