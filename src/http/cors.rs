//! CORS by an exact list. poem's own middleware refuses every origin it does not list, our own pages included.

use poem::{
    Endpoint, IntoResponse, Middleware, Request, Response,
    http::{HeaderValue, Method, StatusCode, header},
};

/// Which origins may read answers.
#[derive(Debug, Clone)]
pub struct Cors {
    origins: Vec<String>,
}

impl Cors {
    /// Credentials for these origins only; public documents for everybody.
    pub fn new(origins: Vec<String>) -> Self {
        Self { origins }
    }
}

impl<E: Endpoint> Middleware<E> for Cors {
    type Output = CorsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        CorsEndpoint { inner, origins: self.origins.clone() }
    }
}

/// See [`Cors`].
pub struct CorsEndpoint<E> {
    inner: E,
    origins: Vec<String>,
}

enum Policy {
    /// Keys and metadata: anybody, without credentials.
    Public,
    /// The JSON routes: the list, with credentials.
    Listed,
    /// Addresses made for navigation: nobody (RFC 9700: no CORS on authorization endpoints).
    Closed,
}

fn policy(req: &Request) -> Policy {
    let path = req.uri().path();
    let navigation = path == "/api/auth/kakao/login"
        || path == super::authorize::PATH
        || (path == "/api/auth/kakao/callback" && asked_method(req) == Method::GET);
    if path.starts_with("/.well-known/") {
        Policy::Public
    } else if navigation {
        Policy::Closed
    } else if path.starts_with("/api/") || path.starts_with("/oauth/") || path.starts_with("/openapi.") {
        Policy::Listed
    } else {
        Policy::Closed
    }
}

/// The method of the request a preflight asks about, or of the request itself.
fn asked_method(req: &Request) -> Method {
    let asked = req
        .headers()
        .get(header::ACCESS_CONTROL_REQUEST_METHOD)
        .and_then(|value| Method::from_bytes(value.as_bytes()).ok());
    asked.unwrap_or_else(|| req.method().clone())
}

impl<E: Endpoint> Endpoint for CorsEndpoint<E> {
    type Output = Response;

    async fn call(&self, req: Request) -> poem::Result<Response> {
        let origin = req.headers().get(header::ORIGIN).cloned();
        let policy = policy(&req);
        let allowed = match (&policy, &origin) {
            (Policy::Public, Some(_)) => Some(HeaderValue::from_static("*")),
            (Policy::Listed, Some(origin))
                if self.origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) =>
            {
                Some(origin.clone())
            }
            _ => None,
        };
        let is_preflight =
            req.method() == Method::OPTIONS && req.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let mut response = if is_preflight && origin.is_some() {
            preflight(allowed.is_some())
        } else {
            self.inner.call(req).await?.into_response()
        };
        let headers = response.headers_mut();
        if matches!(policy, Policy::Listed) {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(allowed) = allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            headers.insert(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static("Retry-After, WWW-Authenticate, X-Request-Id"),
            );
            if matches!(policy, Policy::Listed) {
                headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            }
        }
        Ok(response)
    }
}

fn preflight(allowed: bool) -> Response {
    let response = Response::builder().status(StatusCode::NO_CONTENT);
    if !allowed {
        return response.finish();
    }
    response
        .header(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PATCH, DELETE")
        .header(header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type, Accept-Language, X-Munjigi-Cookie")
        .header(header::ACCESS_CONTROL_MAX_AGE, "600")
        .finish()
}
