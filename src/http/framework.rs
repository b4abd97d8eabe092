//! What the framework rejects, turned into faults before any other middleware sees it.

use std::sync::{Arc, LazyLock};

use poem::{Endpoint, IntoResponse, Middleware, Request, Response, http::StatusCode};

use super::{openapi::Routes, problem::Fault};
use crate::error_code::ErrorCode;

/// See the module. Knows the methods of each path, for `Allow`.
pub struct Rejections(pub Arc<LazyLock<Routes>>);

impl<E: Endpoint> Middleware<E> for Rejections {
    type Output = RejectionsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        RejectionsEndpoint { inner, routes: Arc::clone(&self.0) }
    }
}

/// See the module.
pub struct RejectionsEndpoint<E> {
    inner: E,
    routes: Arc<LazyLock<Routes>>,
}

impl<E: Endpoint> Endpoint for RejectionsEndpoint<E> {
    type Output = Response;

    async fn call(&self, req: Request) -> poem::Result<Response> {
        // A reference count, not a copy: it is needed for a 405 alone.
        let uri = req.uri().clone();
        match self.inner.call(req).await {
            Ok(response) => Ok(response.into_response()),
            Err(error) => Ok(of_framework(error, &self.routes, uri.path())),
        }
    }
}

/// What the framework rejects, in our form. Its own texts may quote the request, so only their kind is used.
fn of_framework(error: poem::Error, routes: &LazyLock<Routes>, path: &str) -> Response {
    use poem_openapi::error::{ContentTypeError, ParseParamError, ParsePathError, ParseRequestPayloadError};
    if error.is_from_response() {
        return error.into_response();
    }
    let fault = if let Some(param) = error.downcast_ref::<ParseParamError>() {
        Fault::new(ErrorCode::InvalidRequest)
            .with_detail(format!("The parameter {} is missing or malformed.", param.name))
    } else if let Some(path) = error.downcast_ref::<ParsePathError>() {
        Fault::new(ErrorCode::InvalidRequest).with_detail(format!("The path parameter {} is malformed.", path.name))
    } else if error.is::<ParseRequestPayloadError>() {
        Fault::new(ErrorCode::InvalidRequest).with_detail("The body is not what the API documentation describes.")
    } else if error.is::<ContentTypeError>() {
        Fault::new(ErrorCode::UnsupportedMediaType)
    } else {
        match error.status() {
            StatusCode::NOT_FOUND => Fault::new(ErrorCode::NotFound),
            StatusCode::METHOD_NOT_ALLOWED => {
                let mut fault = Fault::new(ErrorCode::MethodNotAllowed);
                fault.allow = Some(routes.allowed_methods(path));
                fault
            }
            StatusCode::PAYLOAD_TOO_LARGE => Fault::new(ErrorCode::PayloadTooLarge),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Fault::new(ErrorCode::UnsupportedMediaType),
            status if status.is_client_error() => Fault::new(ErrorCode::InvalidRequest),
            status => {
                tracing::error!(event = "framework_error", status = status.as_u16());
                Fault::new(ErrorCode::InternalError)
            }
        }
    };
    fault.into_response()
}
