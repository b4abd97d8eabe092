//! Small builders for the responses of every endpoint.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use poem::http::{StatusCode, header};
use poem::{Body, Response};
use serde::Serialize;
use tokio::io::{AsyncRead, ReadBuf};

const KAKAO_JSON: &str = "application/json;charset=UTF-8";
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// JSON as Kakao labels it, never cached.
pub(crate) fn json(status: u16, body: &impl Serialize) -> Response {
    // Everything passed here is made of strings and numbers, which always serialise.
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    raw_json(status, bytes)
}

/// Bytes labelled as JSON, whatever they are.
pub(crate) fn raw_json(status: u16, bytes: Vec<u8>) -> Response {
    Response::builder()
        .status(status_code(status))
        .content_type(KAKAO_JSON)
        .header(header::CACHE_CONTROL, "no-store")
        .body(bytes)
}

/// A page of the mock: no scripts, own stylesheet only, never framed or stored. The referrer stays inside the mock, so that
/// browsers say with a form which site it comes from. There is no `form-action`, because Chromium
/// would apply it to the redirect that follows the form as well.
pub(crate) fn page(status: u16, html: String) -> Response {
    Response::builder()
        .status(status_code(status))
        .content_type("text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, PAGE_POLICY)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::REFERRER_POLICY, "same-origin")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(html)
}

/// Plain text.
pub(crate) fn text(status: u16, body: impl Into<String>) -> Response {
    Response::builder()
        .status(status_code(status))
        .content_type("text/plain; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-store")
        .body(body.into())
}

/// HTTP 302 exactly, which is what Kakao sends.
pub(crate) fn found(location: &str) -> Response {
    Response::builder()
        .status(StatusCode::FOUND)
        .header(header::LOCATION, location)
        .header(header::CACHE_CONTROL, "no-store")
        .finish()
}

/// After a form: the browser asks for another page.
pub(crate) fn see_other(location: &str) -> Response {
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, location)
        .header(header::CACHE_CONTROL, "no-store")
        .finish()
}

/// The HTML a gateway in front of Kakao answers when the service behind it is away.
pub(crate) fn outage(status: u16) -> Response {
    Response::builder()
        .status(status_code(status))
        .content_type("text/html")
        .body(format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"))
}

/// HTML with status 200 where JSON is expected, as a maintenance page would be.
pub(crate) fn garbage() -> Response {
    outage(200)
}

/// An answer whose body fails at the first byte: the server closes the connection without finishing the message.
pub(crate) fn broken_connection() -> Response {
    Response::builder()
        .content_type(KAKAO_JSON)
        .header(header::CONTENT_LENGTH, "1000")
        .body(Body::from_async_read(FailingReader))
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

struct FailingReader;

impl AsyncRead for FailingReader {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
    }
}
