//! The one HTTP client. `endpoint.rs` decides how often and when it asks.

use std::{sync::Arc, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

/// No answer of a provider is larger; the rest of a larger one is not read.
const MAX_BODY: usize = 64 * 1024;

/// Connect time of a healthy provider is a few milliseconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// A person watches an empty page meanwhile.
pub(super) const TOTAL_TIMEOUT: Duration = Duration::from_secs(5);

/// Requests that may wait for one endpoint. At five seconds each this still is 200 a second; more would only be memory. As many
/// connections are kept: whatever is closed above what is kept is opened anew at once while there is that much to ask.
pub(super) const PLACES: usize = 1024;

/// The client for everything upstream: no redirects, no cookies, bounded in time and size.
#[derive(Clone)]
pub struct UpstreamHttp(Arc<OnceCell<reqwest::Client>>);

/// Why there is no usable answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// Refused, reset, TLS failed.
    #[error("the connection failed")]
    Connection,
    /// Over a time limit.
    #[error("the provider took too long")]
    Timeout,
    /// Over 64 KiB.
    #[error("the answer was too large")]
    TooLarge,
    /// Not asked: too many requests wait for this endpoint already.
    #[error("too many requests are waiting for the provider")]
    Crowded,
    /// Not asked: the endpoint failed too often in a row. It will be tried again after this time.
    #[error("the provider is left in peace after failing too often")]
    Resting(Duration),
}

/// In whose name something is asked.
#[derive(Clone, Copy)]
pub enum Credentials<'a> {
    /// Nobody's.
    None,
    /// A person's, by the provider's access token.
    Bearer(&'a SecretString),
    /// The app's own, by Kakao's admin key.
    KakaoAdmin(&'a SecretString),
}

/// A request to a provider.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Absolute URL.
    pub url: &'a str,
    /// In whose name.
    pub credentials: Credentials<'a>,
    /// Sent as a form by POST; without it the request is a GET.
    pub form: Option<&'a [(&'a str, &'a str)]>,
}

/// A complete answer.
pub struct UpstreamAnswer {
    /// HTTP status.
    pub status: http::StatusCode,
    /// Its headers.
    pub headers: http::HeaderMap,
    /// At most 64 KiB.
    pub body: Vec<u8>,
}

impl UpstreamHttp {
    /// Builds the client; `Err` when the system's certificate store cannot be read.
    pub fn new() -> Result<Self, reqwest::Error> {
        Ok(Self(Arc::new(OnceCell::new_with(Some(build()?)))))
    }

    /// A client that is built when it is first needed, or when [`Self::ready`] is asked for: reading some hundred certificates
    /// takes as long as everything else a start does.
    pub fn later() -> Self {
        Self(Arc::default())
    }

    /// Waits until the client is built; `Err` when the system's certificate store cannot be read.
    pub async fn ready(&self) -> Result<(), reqwest::Error> {
        self.client().await.map(|_| ())
    }

    async fn client(&self) -> Result<&reqwest::Client, reqwest::Error> {
        let beside = || async { tokio::task::spawn_blocking(build).await.unwrap_or_else(|_| build()) };
        self.0.get_or_try_init(beside).await
    }

    /// `GET url` in nobody's name.
    pub async fn get(&self, url: &str) -> Result<UpstreamAnswer, UpstreamError> {
        self.ask(Ask { url, credentials: Credentials::None, form: None }).await
    }

    /// Sends a request, once.
    pub async fn ask(&self, ask: Ask<'_>) -> Result<UpstreamAnswer, UpstreamError> {
        let client = self.client().await.map_err(|error| of_reqwest(&error))?;
        let request = match ask.form {
            Some(form) => client.post(ask.url).form(form),
            None => client.get(ask.url),
        };
        let request = request.header(http::header::ACCEPT, "application/json");
        let request = match ask.credentials {
            Credentials::None => request,
            Credentials::Bearer(token) => request.bearer_auth(token.expose_secret()),
            Credentials::KakaoAdmin(key) => {
                request.header(http::header::AUTHORIZATION, format!("KakaoAK {}", key.expose_secret()))
            }
        };
        self.answer(request.build().map_err(|_| UpstreamError::Connection)?).await
    }

    pub(super) async fn answer(&self, request: reqwest::Request) -> Result<UpstreamAnswer, UpstreamError> {
        let client = self.client().await.map_err(|error| of_reqwest(&error))?;
        let mut response = client.execute(request).await.map_err(|error| of_reqwest(&error))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| of_reqwest(&error))? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(UpstreamError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(UpstreamAnswer { status, headers, body })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that builds an HTTP client")]
fn build() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .pool_idle_timeout(Duration::from_secs(55))
        .pool_max_idle_per_host(PLACES)
        .tcp_nodelay(true)
        .http2_adaptive_window(true)
        .referer(false)
        .user_agent(concat!("munjigi/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// reqwest's own error names the URL, whose query may hold what no log should.
fn of_reqwest(error: &reqwest::Error) -> UpstreamError {
    if error.is_timeout() { UpstreamError::Timeout } else { UpstreamError::Connection }
}
