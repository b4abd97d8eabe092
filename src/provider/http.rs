//! The one HTTP client, and the bridge that lets the oauth2 crate use it.

use std::{future::Future, pin::Pin, time::Duration};

use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};

/// No answer of a provider is larger; the rest of a larger one is not read.
const MAX_BODY: usize = 64 * 1024;

/// Connect time of a healthy provider is a few milliseconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// A person watches an empty page meanwhile.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(5);

/// The client for everything upstream: no redirects, no cookies, bounded in time and size.
#[derive(Clone)]
pub struct UpstreamHttp(reqwest::Client);

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
    #[expect(clippy::disallowed_methods, reason = "this is the one place that builds an HTTP client")]
    pub fn new() -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .pool_idle_timeout(Duration::from_secs(55))
            .pool_max_idle_per_host(32)
            .tcp_nodelay(true)
            .http2_adaptive_window(true)
            .referer(false)
            .user_agent(concat!("munjigi/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self(client))
    }

    /// `GET url`, with a bearer token if given.
    pub async fn get(&self, url: &str, bearer: Option<&str>) -> Result<UpstreamAnswer, UpstreamError> {
        let mut request = self.0.get(url).header(http::header::ACCEPT, "application/json");
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        self.answer(request.build().map_err(|_| UpstreamError::Connection)?).await
    }

    async fn answer(&self, request: reqwest::Request) -> Result<UpstreamAnswer, UpstreamError> {
        let mut response = self.0.execute(request).await.map_err(|error| of_reqwest(&error))?;
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

/// reqwest's own error names the URL, whose query may hold what no log should.
fn of_reqwest(error: &reqwest::Error) -> UpstreamError {
    if error.is_timeout() { UpstreamError::Timeout } else { UpstreamError::Connection }
}

impl<'client> AsyncHttpClient<'client> for UpstreamHttp {
    type Error = UpstreamError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, UpstreamError>> + Send + 'client>>;

    fn call(&'client self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(|_| UpstreamError::Connection)?;
            let answer = self.answer(request).await?;
            let mut response = HttpResponse::new(answer.body);
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            Ok(response)
        })
    }
}
