//! The outside world: providers that vouch for people.
//!
//! Adding a provider: a folder like `kakao/` that implements [`Provider`], a variant of
//! [`ProviderKind`](crate::domain::identity::ProviderKind), a section in `config/`, a mock, and its line in `app.rs`. The
//! provider tests in `tests/api` then run unchanged against its mock.

pub mod http;
pub mod id_token;
pub mod kakao;

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::domain::{
    identity::{Identity, ProviderKind, ProviderProfile, Subject},
    login_attempt::{LoginAttempt, VerifiedCallback},
};

/// What a front end may ask of the provider's login page. Checked by `flow/login.rs`.
#[derive(Debug, Clone, Default)]
pub struct AuthorizeOptions {
    /// OIDC Core section 3.1.2.1, as far as the provider knows it.
    pub prompt: Option<String>,
    /// Consent items beyond the configured ones.
    pub scope: Vec<String>,
    /// Fills the id box of the provider's page.
    pub login_hint: Option<String>,
    /// Kakao Sync: tags of service terms.
    pub service_terms: Vec<String>,
}

/// What an authorization code was exchanged for. Lives only until the profile is read; never stored.
pub struct Grant {
    /// The provider's access token.
    pub access_token: SecretString,
    /// Who signed in, when a checked ID token says so.
    pub subject: Option<Subject>,
}

/// A person and what the provider told of them.
#[derive(Debug, Clone)]
pub struct Person {
    /// The key.
    pub identity: Identity,
    /// The rest.
    pub profile: ProviderProfile,
}

/// A provider of identities.
#[async_trait::async_trait]
pub trait Provider: Send + Sync {
    /// Which one it is.
    fn kind(&self) -> ProviderKind;

    /// Where to send the browser.
    fn authorize_url(&self, attempt: &LoginAttempt, state: &str, options: &AuthorizeOptions) -> Url;

    /// Exchanges the code, once and never again, and checks the ID token if one came.
    async fn exchange(&self, callback: &VerifiedCallback) -> Result<Grant, ProviderError>;

    /// Reads the profile behind a grant. Its subject must be the ID token's.
    async fn profile(&self, grant: &Grant) -> Result<Person, ProviderError>;
}

/// Why a provider did not vouch. Carries the provider's code and nothing else of what it sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The code is used, expired or unknown.
    #[error("the provider does not know the authorization code")]
    CodeUsed {
        /// Kakao's code.
        code: Option<String>,
    },
    /// The gateway's own credentials or settings were refused.
    #[error("the provider refused the gateway's configuration")]
    Misconfigured {
        /// Kakao's code.
        code: Option<String>,
    },
    /// Not reachable, too slow, overloaded or out of order.
    #[error("the provider is not available: {what}")]
    Unavailable {
        /// What happened, in our own words.
        what: &'static str,
        /// Kakao's code.
        code: Option<String>,
        /// How long to wait.
        retry_after: Option<Duration>,
    },
    /// The provider will not let this person in, e.g. for their age.
    #[error("the provider refused the person")]
    PersonRefused {
        /// Kakao's code.
        code: Option<String>,
    },
    /// The provider answered, but not so that anybody may be signed in.
    #[error("the provider's answer was not acceptable: {what}")]
    Unacceptable {
        /// What is wrong, in our own words.
        what: &'static str,
        /// Kakao's code.
        code: Option<String>,
    },
}

impl ProviderError {
    /// The provider's code, which alone may be shown and logged.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::CodeUsed { code }
            | Self::Misconfigured { code }
            | Self::Unavailable { code, .. }
            | Self::PersonRefused { code }
            | Self::Unacceptable { code, .. } => code.as_deref(),
        }
    }

    pub(crate) const fn unacceptable(what: &'static str) -> Self {
        Self::Unacceptable { what, code: None }
    }

    pub(crate) const fn unavailable(what: &'static str) -> Self {
        Self::Unavailable { what, code: None, retry_after: None }
    }
}
