//! Errors of `/oauth`: RFC 6749 section 5.2.

use poem::{IntoResponse, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse, Object,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{ToJSON, Type},
};

use super::problem::Fault;

/// RFC 6749 section 5.2.
#[derive(Debug, Clone, Object)]
#[oai(rename = "OAuthError")]
pub struct OAuthErrorBody {
    /// `invalid_request`, `invalid_client`, `invalid_grant`, `unauthorized_client`, `unsupported_grant_type`, …
    error: String,
    /// For developers, printable ASCII.
    #[oai(skip_serializing_if_is_none)]
    error_description: Option<String>,
}

/// An error of these routes.
pub struct OAuthError {
    pub(super) status: StatusCode,
    pub(super) error: &'static str,
    pub(super) description: Option<&'static str>,
}

impl OAuthError {
    /// 400 with this code.
    pub const fn bad(error: &'static str, description: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description: Some(description) }
    }

    /// 401 `invalid_client`.
    pub const fn invalid_client() -> Self {
        Self { status: StatusCode::UNAUTHORIZED, error: "invalid_client", description: None }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body =
            OAuthErrorBody { error: self.error.to_owned(), error_description: self.description.map(ToOwned::to_owned) };
        let mut response = Response::builder()
            .status(self.status)
            .content_type("application/json")
            .header("Pragma", "no-cache")
            .body(body.to_json_string());
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(poem::http::header::RETRY_AFTER, poem::http::HeaderValue::from_static("1"));
        }
        if self.error == "invalid_client" {
            let basic = poem::http::HeaderValue::from_static("Basic realm=\"munjigi\"");
            response.headers_mut().insert(poem::http::header::WWW_AUTHENTICATE, basic);
        }
        if self.error == "invalid_token" {
            let bearer = poem::http::HeaderValue::from_static("Bearer error=\"invalid_token\"");
            response.headers_mut().insert(poem::http::header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}

impl From<OAuthError> for poem::Error {
    fn from(error: OAuthError) -> Self {
        Self::from_response(error.into_response())
    }
}

impl ApiResponse for OAuthError {
    fn meta() -> MetaResponses {
        let response = |status, description| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType { content_type: "application/json", schema: OAuthErrorBody::schema_ref() }],
            headers: Vec::new(),
        };
        let responses = vec![
            response(400, "RFC 6749 section 5.2."),
            response(401, "The client or the token is not valid."),
            response(500, "`server_error`"),
            response(503, "`temporarily_unavailable`; the same request may be sent again."),
        ];
        MetaResponses { responses }
    }

    fn register(registry: &mut Registry) {
        OAuthErrorBody::register(registry);
    }
}

/// The RFC 6749 form of a fault that was not made here: the framework's, or a refused bearer token's.
pub fn of_fault(fault: &Fault) -> OAuthError {
    let error = match fault.status() {
        StatusCode::UNAUTHORIZED => "invalid_token",
        StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        StatusCode::INTERNAL_SERVER_ERROR => "server_error",
        _ => "invalid_request",
    };
    OAuthError { status: fault.status(), error, description: Some(fault.code.entry().title) }
}

/// A flow's fault as these routes say it: what is wrong with a refresh token is wrong with the grant.
pub fn of_flow(fault: &Fault) -> OAuthError {
    if fault.status().is_server_error() {
        of_fault(fault)
    } else {
        OAuthError::bad("invalid_grant", fault.code.entry().title)
    }
}
