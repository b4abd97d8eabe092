//! The outside world: providers that vouch for people.
//!
//! Adding a provider: a folder like `kakao/` that implements [`Provider`], a variant of
//! [`ProviderKind`](crate::domain::identity::ProviderKind), a section in `config/`, a mock, and its line in `app.rs`. The
//! provider tests in `tests/api` then run unchanged against its mock.

pub mod endpoint;
pub mod http;
pub mod id_token;
pub mod jwks;
pub mod kakao;

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::{
    clock::Timestamp,
    domain::{
        identity::{Identity, ProviderKind, ProviderProfile, Subject},
        login_attempt::{LoginAttempt, VerifiedCallback},
        provider_event::EventDelivery,
    },
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

impl AuthorizeOptions {
    /// Whether the front end left everything to us.
    pub fn asks_nothing(&self) -> bool {
        self.prompt.is_none() && self.scope.is_empty() && self.login_hint.is_none() && self.service_terms.is_empty()
    }
}

/// What an authorization code was exchanged for. Lives only until the profile is read; never stored.
pub struct Grant {
    /// The provider's access token.
    pub access_token: SecretString,
    /// Who signed in, when a checked ID token says so.
    pub subject: Option<Subject>,
    /// When they proved who they are, when the ID token says so (`auth_time`).
    pub authenticated_at: Option<Timestamp>,
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

    /// Whom an ID token names that an app got from the provider's SDK. `nonce` must be in it, as it is or hashed.
    async fn identify_id_token(&self, id_token: &SecretString, nonce: &str) -> Result<Person, ProviderError>;

    /// Whom an access token names that an app got from the provider's SDK, provided it was made for our own app.
    async fn identify_access_token(&self, access_token: &SecretString) -> Result<Person, ProviderError>;

    /// Reads the profile of a linked person in the app's own name.
    async fn profile_of(&self, subject: &Subject) -> Result<Person, ProviderError>;

    /// Whether it has the key for calls in the app's own name.
    fn acts_for_the_app(&self) -> bool;

    /// Takes the app off a person's account. Nothing left to take off is success.
    async fn unlink(&self, subject: &Subject) -> Result<(), ProviderError>;

    /// A page of the people linked to the app, in the provider's own order.
    async fn linked_subjects(&self, after: Option<&Subject>) -> Result<LinkedPage, ProviderError>;

    /// Whether a call that claims to be the provider's shows the key only it knows. Takes the same time either way.
    fn is_webhook_key(&self, key: &str) -> bool;

    /// Whether a call is about our app; true when we do not know our own id.
    fn is_our_app(&self, app_id: &str) -> bool;

    /// Checks a security event token and says what it asks of us.
    async fn read_events(&self, token: &str) -> Result<EventDelivery, EventError>;

    /// Where to send a browser that is to be signed out of the provider too; `None` when not configured.
    fn logout_url(&self) -> Option<Url>;
}

/// A page of linked people.
#[derive(Debug, Clone, Default)]
pub struct LinkedPage {
    /// Whom it names.
    pub subjects: Vec<Subject>,
    /// Whether this was the last page.
    pub is_last: bool,
}

/// Why an event delivery was refused; the names of RFC 8935 section 2.4.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Not a SET we understand.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// Signed with a key that is not published.
    #[error("the key is not one of the provider's")]
    InvalidKey,
    /// Another issuer.
    #[error("the issuer is not the provider")]
    InvalidIssuer,
    /// For another app.
    #[error("the audience is not this app")]
    InvalidAudience,
    /// The signature is wrong.
    #[error("the signature is not valid")]
    AuthenticationFailed,
    /// The provider's keys cannot be read: it may be sent again.
    #[error("the provider's keys cannot be read")]
    Unavailable(#[source] ProviderError),
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
    /// The provider will not let this person in: restricted, dormant, not linked.
    #[error("the provider refused the person")]
    PersonRefused {
        /// Kakao's code.
        code: Option<String>,
    },
    /// The app refuses people under 14, and the provider says this is one.
    #[error("the person is under 14")]
    UnderAge {
        /// Kakao's code.
        code: Option<String>,
    },
    /// The person has to agree to more first.
    #[error("the person has not agreed to what is needed")]
    ConsentRequired {
        /// The consent items.
        scopes: Vec<String>,
        /// Kakao's code.
        code: Option<String>,
    },
    /// A token an app brought is not one to sign anybody in with.
    #[error("the token was refused: {what}")]
    TokenRefused {
        /// What is wrong, in our own words.
        what: &'static str,
        /// Kakao's code.
        code: Option<String>,
    },
    /// A setting is missing for what was asked.
    #[error("{0} is not set")]
    NotConfigured(&'static str),
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
            | Self::UnderAge { code }
            | Self::ConsentRequired { code, .. }
            | Self::TokenRefused { code, .. }
            | Self::Unacceptable { code, .. } => code.as_deref(),
            Self::NotConfigured(_) => None,
        }
    }

    pub(crate) const fn unacceptable(what: &'static str) -> Self {
        Self::Unacceptable { what, code: None }
    }

    pub(crate) const fn unavailable(what: &'static str) -> Self {
        Self::Unavailable { what, code: None, retry_after: None }
    }
}
