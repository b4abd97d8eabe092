//! Redirects by 303.

use poem::{IntoResponse, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse,
    registry::{MetaHeader, MetaResponse, MetaResponses, Registry},
    types::Type,
};

use super::cookies;

/// 303 See Other: never 307, which would carry a body along (RFC 9700 section 4.12).
pub struct SeeOther {
    /// Where to.
    pub location: String,
    /// Set on the way.
    pub cookies: Vec<String>,
}

impl IntoResponse for SeeOther {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(StatusCode::SEE_OTHER).header("Location", self.location).finish();
        cookies::add(&mut response, self.cookies);
        response
    }
}

impl ApiResponse for SeeOther {
    fn meta() -> MetaResponses {
        let header = |name: &str, description: &str| MetaHeader {
            name: name.to_owned(),
            description: Some(description.to_owned()),
            required: true,
            deprecated: false,
            schema: String::schema_ref(),
        };
        let response = MetaResponse {
            description: "The browser goes on to the address in `Location`.",
            status: Some(303),
            status_range: None,
            content: Vec::new(),
            headers: vec![
                header("Location", "Where to"),
                MetaHeader { required: false, ..header("Set-Cookie", "The sealed login, or the refresh token") },
            ],
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(_registry: &mut Registry) {}
}
