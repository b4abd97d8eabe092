//! The outermost middleware: request id, deadline, headers of every answer, and the one place where errors are rendered.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use poem::{
    Endpoint, IntoResponse, Middleware, Request, Response,
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
};
use tracing::Instrument;

use super::{
    Shared, account, authorize,
    context::{Language, RequestContext},
    cookies, oauth_error, page,
    problem::Fault,
    set_error,
};
use crate::error_code::ErrorCode;

/// A login may wait for three upstream answers of five seconds each; nothing takes longer.
const DEADLINE: Duration = Duration::from_secs(20);

/// See the module.
pub struct Answer(pub Arc<Shared>);

impl<E: Endpoint> Middleware<E> for Answer {
    type Output = AnswerEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        AnswerEndpoint { inner, shared: Arc::clone(&self.0) }
    }
}

/// See the module.
pub struct AnswerEndpoint<E> {
    inner: E,
    shared: Arc<Shared>,
}

/// What rendering needs of a request that is gone by then.
struct Asked {
    path: String,
    method: Method,
    wants_page: bool,
}

impl<E: Endpoint> Endpoint for AnswerEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut req: Request) -> poem::Result<Response> {
        let shared = &self.shared;
        let started = shared.context.clock.now();
        // Finer than the clock, and where nobody reads it not even that.
        let since = shared.requests.as_ref().map(|_| Instant::now());
        let context = RequestContext::of(&req, &shared.config.server.trusted_proxies, started);
        let asked = Asked {
            path: Some(req.uri().path().trim_end_matches('/'))
                .filter(|path| !path.is_empty())
                .unwrap_or("/")
                .to_owned(),
            method: req.method().clone(),
            wants_page: accepts_html(req.headers()),
        };
        // Of the highest level: a warning says which request it is about even where only warnings are written.
        let span = tracing::error_span!("request", request_id = context.request_id);
        req.set_data(context.clone());
        let run = async {
            let mut response = match tokio::time::timeout(DEADLINE, self.inner.call(req)).await {
                Ok(Ok(response)) => response.into_response(),
                Ok(Err(error)) => error.into_response(),
                Err(_) => Fault::new(ErrorCode::RequestTimeout).into_response(),
            };
            if let Some(fault) = response.extensions_mut().remove::<Fault>() {
                let kept = std::mem::take(response.headers_mut());
                response = render(&fault, shared, &context, &asked);
                keep_cors_and_cookies(&kept, response.headers_mut());
            }
            finish_headers(shared, &context, &mut response);
            if let (Some(requests), Some(since)) = (&shared.requests, since) {
                requests.note(&asked.method, &asked.path, response.status(), since.elapsed());
            }
            log(&asked, &response, shared.context.clock.now().since(started));
            response
        };
        Ok(run.instrument(span).await)
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}

fn render(fault: &Fault, shared: &Shared, context: &RequestContext, asked: &Asked) -> Response {
    let is_page = asked.wants_page
        && (matches!(asked.method, Method::GET | Method::HEAD) || asked.path.starts_with(account::PATH))
        && !asked.path.starts_with("/.well-known");
    // The authorization endpoint is opened by people, the others by programs.
    let is_oauth = asked.path.starts_with("/oauth/") && asked.path != authorize::PATH;
    let mut response = if asked.path == set_error::PATH {
        set_error::SetError::of_fault(fault).into_response()
    } else if is_oauth {
        oauth_error::of_fault(fault).into_response()
    } else if is_page {
        page::error(fault, shared, context)
    } else {
        fault.to_problem(context, &shared.config.server)
    };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: Option<String>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    };
    if !is_oauth || asked.path == "/oauth/userinfo" {
        set(header::WWW_AUTHENTICATE, fault.challenge());
    }
    set(header::RETRY_AFTER, fault.retry_after.map(|secs| secs.to_string()));
    set(header::ALLOW, fault.allow.clone());
    if fault.clear_refresh_cookie {
        cookies::add(&mut response, [shared.cookies.clear_refresh()]);
    }
    response
}

/// A rendered error replaces the answer, but not what other middleware added to it.
fn keep_cors_and_cookies(from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        if name.as_str().starts_with("access-control-") || name == header::VARY || name == header::SET_COOKIE {
            to.append(name, value.clone());
        }
    }
}

fn finish_headers(shared: &Shared, context: &RequestContext, response: &mut Response) {
    const CSP: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let is_english = context.language == Language::English;
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    // Only documents that say so may be kept: everything else may hold a token or a person.
    default(header::CACHE_CONTROL, "no-store");
    default(header::CONTENT_SECURITY_POLICY, CSP);
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::X_FRAME_OPTIONS, "DENY");
    default(header::REFERRER_POLICY, "no-referrer");
    default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    default(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if shared.config.server.secure_cookies() {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if headers.contains_key(header::CONTENT_LANGUAGE) || is_english {
        headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
    }
    if let Ok(id) = HeaderValue::from_str(&context.request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}

/// One line a request. The query stays out: it may hold a code.
fn log(asked: &Asked, response: &Response, took: Duration) {
    let (method, path, status) = (asked.method.as_str(), asked.path.as_str(), response.status().as_u16());
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match path {
        "/livez" | "/readyz" | "/api/health" => tracing::debug!(event = "request", method, path, status, ms),
        _ => tracing::info!(event = "request", method, path, status, ms),
    }
}
