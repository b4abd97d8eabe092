//! What the mock is told at start.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells the time as unix seconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What the mock accepts and how it answers.
#[derive(Clone)]
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

impl Default for MockConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            clients: Vec::new(),
            delay: Duration::ZERO,
            oidc: true,
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
            .finish_non_exhaustive()
    }
}

impl MockConfig {
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
