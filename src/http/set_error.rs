//! Errors of the account-status webhook: RFC 8935 section 2.3.

use poem::{IntoResponse, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse, Object,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{ToJSON, Type},
};

use super::problem::Fault;
use crate::{error_code::ErrorCode, provider::EventError};

/// The path whose errors look like this.
pub const PATH: &str = "/api/webhooks/kakao/account-status";

/// RFC 8935 section 2.3.
#[derive(Debug, Clone, Object)]
#[oai(rename = "SetError")]
pub struct SetErrorBody {
    /// `invalid_request`, `invalid_key`, `invalid_issuer`, `invalid_audience`, `authentication_failed` or `access_denied`.
    err: String,
    /// For developers.
    description: String,
}

/// A delivery that was not taken.
pub struct SetError {
    status: StatusCode,
    err: &'static str,
    description: String,
}

impl SetError {
    /// A delivery that will never be taken.
    pub fn refused(error: &EventError) -> Self {
        let err = match error {
            EventError::InvalidRequest(_) => "invalid_request",
            EventError::InvalidKey => "invalid_key",
            EventError::InvalidIssuer => "invalid_issuer",
            EventError::InvalidAudience => "invalid_audience",
            EventError::AuthenticationFailed => "authentication_failed",
            EventError::Unavailable(_) => return Self::unavailable(),
        };
        Self { status: StatusCode::BAD_REQUEST, err, description: error.to_string() }
    }

    /// A delivery that may be taken when it comes again.
    pub fn unavailable() -> Self {
        let description = ErrorCode::StorageUnavailable.entry().title.to_owned();
        Self { status: StatusCode::SERVICE_UNAVAILABLE, err: "invalid_request", description }
    }

    /// What was refused before anybody looked at the token. To the transmitter all of it is an invalid request.
    pub fn of_fault(fault: &Fault) -> Self {
        let kept = fault.status().is_server_error() || fault.status() == StatusCode::METHOD_NOT_ALLOWED;
        let status = if kept { fault.status() } else { StatusCode::BAD_REQUEST };
        Self { status, err: "invalid_request", description: fault.code.entry().title.to_owned() }
    }
}

impl IntoResponse for SetError {
    fn into_response(self) -> Response {
        let body = SetErrorBody { err: self.err.to_owned(), description: self.description };
        let response = Response::builder().status(self.status).content_type("application/json");
        let response = match self.status {
            StatusCode::SERVICE_UNAVAILABLE => response.header("Retry-After", "5"),
            _ => response,
        };
        response.header("Content-Language", "en").body(body.to_json_string())
    }
}

impl From<SetError> for poem::Error {
    fn from(error: SetError) -> Self {
        Self::from_response(error.into_response())
    }
}

impl ApiResponse for SetError {
    fn meta() -> MetaResponses {
        let response = |status, description| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType { content_type: "application/json", schema: SetErrorBody::schema_ref() }],
            headers: Vec::new(),
        };
        let responses = vec![
            response(400, "Refused; sending the same again will not help."),
            response(503, "Not stored, or the keys cannot be read; the same may be sent again."),
        ];
        MetaResponses { responses }
    }

    fn register(registry: &mut Registry) {
        SetErrorBody::register(registry);
    }
}
