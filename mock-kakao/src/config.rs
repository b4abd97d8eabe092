//! What the mock is told at start.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::consent::{Ask, ConsentItem};

/// The app id when the configuration names no other.
pub const APP_ID: i64 = 1_234_567;

/// The admin key webhooks carry when the configuration names none.
pub const ADMIN_KEY: &str = "mock-admin-key";

/// Tells the time as unix seconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What the mock accepts and how it answers.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "switches of an app's console, each on its own")]
pub struct MockConfig {
    /// Where to listen. Port 0 takes any free port.
    pub listen: SocketAddr,
    /// The base URL browsers reach the mock under, without a trailing slash; it is also the OIDC issuer. Without it:
    /// `http://localhost:<port>` when listening on loopback or on all addresses, otherwise `http://<address>:<port>`.
    pub public_url: Option<String>,
    /// The apps that are known. Empty: any client id, secret and redirect URI is accepted.
    pub clients: Vec<MockClient>,
    /// Added to every answer of a machine endpoint (token, user/me, JWKS, discovery and the like).
    pub delay: Duration,
    /// Whether ID tokens are issued.
    pub oidc: bool,
    /// The app's number, whatever client a token was issued to.
    pub app_id: i64,
    /// The app's admin keys; the first is the primary one, which webhooks carry. Empty: any key is accepted, and webhooks
    /// carry [`ADMIN_KEY`].
    pub admin_keys: Vec<String>,
    /// The consent items the app is configured for. `openid` may always be asked for.
    pub consent_items: Vec<ConsentItem>,
    /// Whether a login links the person at once. Otherwise the app signs people up with `/v1/user/signup`, and user/me says
    /// `has_signed_up`.
    pub auto_link: bool,
    /// Whether a browser that signed in before passes at once, as at Kakao. Otherwise the page asks every time who it is,
    /// and again only for consent that is missing.
    pub stay_signed_in: bool,
    /// Whether the app refuses people under 14.
    pub refuse_under_14: bool,
    /// The service terms of the app (Kakao Sync); usually none.
    pub service_terms: Vec<ServiceTerm>,
    /// Where `/oauth/logout` may lead back to. Empty: anywhere.
    pub logout_redirect_uris: Vec<String>,
    /// The keys of the user properties the app defined. Empty: any.
    pub user_properties: Vec<String>,
    /// Seconds an authorization code may be used.
    pub code_lifetime: i64,
    /// Whether Kakao's limits apply: tokens per person, and calls of `/v1/user/ids`.
    pub rate_limits: bool,
    /// Where the unlink webhook goes; without it none is sent.
    pub unlink_webhook: Option<UnlinkWebhook>,
    /// The URL account-status events (SETs) are pushed to; without it none is sent.
    pub status_webhook: Option<String>,
    /// How often a SET is sent in all when the answer is neither 202 nor 400; 1 to 10.
    pub set_attempts: u32,
    /// How long the sender waits before the second attempt; before each further one twice as long.
    pub set_backoff: Duration,
    /// With a seed, codes, tokens and identifiers are the same in every run that asks the same in the same order.
    pub seed: Option<u64>,
    /// The only source of time: expiry of codes and tokens, and the times inside ID tokens.
    pub clock: Clock,
}

/// An app registered with the mock.
#[derive(Debug, Clone)]
pub struct MockClient {
    /// The REST API key.
    pub client_id: String,
    /// The client secret; `None` when it is switched off, then any value or none is accepted.
    pub client_secret: Option<String>,
    /// Registered redirect URIs, compared byte for byte. Empty: any.
    pub redirect_uris: Vec<String>,
}

/// A service term of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTerm {
    /// The tag given in the console.
    pub tag: String,
    /// Whether nobody can be linked without agreeing to it.
    pub required: bool,
}

/// Where Kakao reports that somebody unlinked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlinkWebhook {
    /// The receiver.
    pub url: String,
    /// How the fields are sent.
    pub method: UnlinkMethod,
}

/// How the fields of an unlink webhook are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnlinkMethod {
    /// `GET` with a query.
    Get,
    /// `POST` with a form.
    #[default]
    Form,
    /// `POST` with JSON.
    Json,
}

impl Default for MockConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            clients: Vec::new(),
            delay: Duration::ZERO,
            oidc: true,
            app_id: APP_ID,
            admin_keys: Vec::new(),
            consent_items: vec![
                ConsentItem::new("profile_nickname", Ask::Required),
                ConsentItem::new("profile_image", Ask::Optional),
                ConsentItem::new("account_email", Ask::Optional),
            ],
            auto_link: true,
            stay_signed_in: false,
            refuse_under_14: true,
            service_terms: Vec::new(),
            logout_redirect_uris: Vec::new(),
            user_properties: Vec::new(),
            code_lifetime: 600,
            rate_limits: false,
            unlink_webhook: None,
            status_webhook: None,
            set_attempts: 3,
            set_backoff: Duration::from_millis(200),
            seed: None,
            clock: Arc::new(system_clock),
        }
    }
}

impl fmt::Debug for MockConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MockConfig")
            .field("listen", &self.listen)
            .field("public_url", &self.public_url)
            .field("clients", &self.clients)
            .field("delay", &self.delay)
            .field("oidc", &self.oidc)
            .field("app_id", &self.app_id)
            .field("consent_items", &self.consent_items)
            .finish_non_exhaustive()
    }
}

impl MockConfig {
    /// The key webhooks carry.
    pub(crate) fn primary_admin_key(&self) -> &str {
        self.admin_keys.first().map_or(ADMIN_KEY, String::as_str)
    }

    /// The base URL for the address that was really bound.
    pub(crate) fn base_url(&self, bound: SocketAddr) -> String {
        if let Some(url) = &self.public_url {
            return url.trim_end_matches('/').to_owned();
        }
        if bound.ip().is_loopback() || bound.ip().is_unspecified() {
            format!("http://localhost:{}", bound.port())
        } else {
            format!("http://{bound}")
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the default clock of a crate that takes every other time from it")]
fn system_clock() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}
