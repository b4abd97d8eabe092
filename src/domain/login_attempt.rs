//! A login between its two halves: begun in a browser, to be finished in the same one (contract 3.1).

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{authorization::ClientRequest, return_url::ReturnUrl};
use crate::{
    clock::Timestamp,
    token::secret::{random_text, s256, same, sha256},
};

/// How long a person may stay at the provider. Kakao's own codes live as long.
pub const ATTEMPT_LIFETIME: Duration = Duration::from_mins(10);

/// How the browser that began will prove itself.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq)]
pub enum Binding {
    /// It holds the sealed attempt in a cookie.
    #[serde(rename = "c")]
    Cookie,
    /// It knows the `code_verifier` of this S256 challenge (RFC 7636); the sealed attempt travels in `state`.
    #[serde(rename = "v")]
    Verifier(String),
}

/// Everything the second half needs. Lives only sealed, in a cookie or in `state`. Has no `Debug`: it holds secrets.
#[derive(Clone, Serialize, Deserialize)]
pub struct LoginAttempt {
    /// Random name of the attempt; the `state` itself when a cookie carries the seal.
    #[serde(rename = "i")]
    pub id: String,
    /// Sent to the provider, expected in its ID token.
    #[serde(rename = "n")]
    pub nonce: String,
    /// Our own PKCE towards the provider.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub provider_verifier: Option<String>,
    /// Where the provider sends the code; must be repeated when it is exchanged.
    #[serde(rename = "u")]
    pub redirect_uri: String,
    /// Where the browser goes in the end; `None` in the SPA flow.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<ReturnUrl>,
    /// How the browser proves itself.
    #[serde(rename = "b")]
    pub binding: Binding,
    /// The session this browser was signed in with when it began: it does not survive the new login (ASVS 7.2.4).
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Uuid>,
    /// The client of the standard front door the login is for.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientRequest>,
    /// It asks for further consent: what the person agrees to is to be seen at once.
    #[serde(rename = "m", default, skip_serializing_if = "std::ops::Not::not")]
    pub asks_more: bool,
    /// The gateway itself asked for `prompt=none`: should that not do, it begins again and asks.
    #[serde(rename = "q", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_silent_try: bool,
    /// Unix milliseconds.
    #[serde(rename = "e")]
    expires_at: i64,
}

impl LoginAttempt {
    /// A new attempt with fresh random values.
    pub fn begin(
        redirect_uri: String,
        return_to: Option<ReturnUrl>,
        binding: Binding,
        provider_pkce: bool,
        now: Timestamp,
    ) -> Self {
        Self {
            id: random_text(),
            nonce: random_text(),
            provider_verifier: provider_pkce.then(random_text),
            redirect_uri,
            return_to,
            binding,
            replaces: None,
            client: None,
            asks_more: false,
            is_silent_try: false,
            expires_at: (now + ATTEMPT_LIFETIME).millis(),
        }
    }

    /// When it can no longer be finished.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_millis(self.expires_at)
    }

    /// Checks a callback against the attempt it claims to finish. The one constructor of [`VerifiedCallback`].
    pub fn verify(self, params: CallbackParams, now: Timestamp) -> Result<VerifiedCallback, AttemptError> {
        let verifier = params.code_verifier.as_ref().map(ExposeSecret::expose_secret);
        self.check_browser(&params.state, verifier, now)?;
        let proof = verifier.unwrap_or_default();
        let code_hash = sha256(format!("{}\n{}\n{proof}", params.code.expose_secret(), self.id).as_bytes());
        Ok(VerifiedCallback { attempt_hash: sha256(self.id.as_bytes()), code_hash, code: params.code, attempt: self })
    }

    /// Checks that the browser that began is the one that came back, in time.
    ///
    /// The sealed attempt was found by `state`, either in a cookie of that name (then holding it is the proof) or in `state`
    /// itself (then the verifier is).
    pub fn check_browser(&self, state: &str, verifier: Option<&str>, now: Timestamp) -> Result<(), AttemptError> {
        if self.expires_at() <= now {
            return Err(AttemptError::Expired);
        }
        let proven = match (&self.binding, verifier) {
            (Binding::Cookie, None) if !same(&self.id, state) => return Err(AttemptError::Foreign),
            (Binding::Cookie, None) => true,
            // A verifier for a login begun without a challenge is a downgrade (RFC 9700 section 2.1.1).
            (Binding::Cookie, Some(_)) | (Binding::Verifier(_), None) => false,
            (Binding::Verifier(challenge), Some(verifier)) => {
                is_code_verifier(verifier) && same(challenge, &s256(verifier))
            }
        };
        if proven { Ok(()) } else { Err(AttemptError::WrongVerifier) }
    }
}

/// `code_verifier` as RFC 7636 section 4.1 spells it: 43 to 128 unreserved characters.
pub fn is_code_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// An S256 `code_challenge`: 43 characters of base64url.
pub fn is_code_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// What came back, unchecked.
pub struct CallbackParams {
    /// As sent back by the provider.
    pub state: String,
    /// The authorization code.
    pub code: SecretString,
    /// From a front end that began with a challenge.
    pub code_verifier: Option<SecretString>,
}

/// A callback that came from the browser that began. Only [`LoginAttempt::verify`] makes one.
pub struct VerifiedCallback {
    attempt_hash: [u8; 32],
    code_hash: [u8; 32],
    code: SecretString,
    attempt: LoginAttempt,
}

impl VerifiedCallback {
    /// SHA-256 of the attempt's name: one attempt is finished once.
    pub fn attempt_hash(&self) -> [u8; 32] {
        self.attempt_hash
    }

    /// SHA-256 of code, attempt and binding: the same three again get the same answer (contract 3.1.3).
    pub fn code_hash(&self) -> [u8; 32] {
        self.code_hash
    }

    /// The authorization code, to be exchanged once.
    pub fn code(&self) -> &SecretString {
        &self.code
    }

    /// What was sealed when the login began.
    pub fn attempt(&self) -> &LoginAttempt {
        &self.attempt
    }
}

/// Why a callback does not finish the attempt it names. All of them are `LOGIN_STATE_INVALID` outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttemptError {
    /// No sealed attempt came with this state: another browser, a lost cookie, or a made-up state.
    #[error("no login was begun in this browser with this state")]
    Foreign,
    /// The person took longer than [`ATTEMPT_LIFETIME`].
    #[error("the login took too long")]
    Expired,
    /// `code_verifier` missing, malformed, wrong or not asked for.
    #[error("the code_verifier does not fit the login")]
    WrongVerifier,
    /// RFC 9207: the answer came from another issuer than the login went to.
    #[error("the answer came from another issuer")]
    WrongIssuer,
    /// The attempt was finished before, with another code or long ago.
    #[error("this login was finished before")]
    Finished,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn attempt(binding: Binding) -> LoginAttempt {
        LoginAttempt::begin("https://a.example/cb".into(), None, binding, true, NOW)
    }

    fn params(state: &str, verifier: Option<&str>) -> CallbackParams {
        CallbackParams { state: state.into(), code: "c".into(), code_verifier: verifier.map(Into::into) }
    }

    fn refusal(attempt: LoginAttempt, params: CallbackParams, now: Timestamp) -> Option<AttemptError> {
        attempt.verify(params, now).err()
    }

    #[test]
    fn the_cookie_proves_the_browser_for_its_own_state_and_ten_minutes() {
        let begun = attempt(Binding::Cookie);
        assert!(begun.clone().verify(params(&begun.id, None), NOW).is_ok());
        assert_eq!(refusal(begun.clone(), params("other", None), NOW), Some(AttemptError::Foreign));
        let id = begun.id.clone();
        assert_eq!(refusal(begun, params(&id, None), NOW + ATTEMPT_LIFETIME), Some(AttemptError::Expired));
    }

    #[test]
    fn a_verifier_is_required_exactly_when_a_challenge_was_given() {
        let with_challenge = attempt(Binding::Verifier(s256(VERIFIER)));
        assert!(with_challenge.clone().verify(params("", Some(VERIFIER)), NOW).is_ok());
        let wrong = VERIFIER.replace('d', "e");
        assert_eq!(refusal(with_challenge.clone(), params("", Some(&wrong)), NOW), Some(AttemptError::WrongVerifier));
        assert_eq!(refusal(with_challenge, params("", None), NOW), Some(AttemptError::WrongVerifier));
        let without = attempt(Binding::Cookie);
        let id = without.id.clone();
        assert_eq!(refusal(without, params(&id, Some(VERIFIER)), NOW), Some(AttemptError::WrongVerifier));
    }

    #[test]
    fn two_attempts_share_nothing() {
        let (one, two) = (attempt(Binding::Cookie), attempt(Binding::Cookie));
        assert!(one.id != two.id && one.nonce != two.nonce && one.provider_verifier != two.provider_verifier);
    }
}
