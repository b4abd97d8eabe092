//! What every machine endpoint does before and after its own work: count, wait, fail as told.

use std::future::Future;
use std::time::Duration;

use poem::Response;
use poem::http::{HeaderValue, header};
use serde_json::{Value, json};

use crate::answers;
use crate::errors::kapi_error;
use crate::fault_queue::Queue;
use crate::faults::{ApiError, Endpoint, Failure, Fault};
use crate::state::Mock;

/// Answers a request of `endpoint` by `work`, which gets a fault that only its endpoint understands.
pub(crate) async fn serve<Work>(mock: &Mock, endpoint: Endpoint, work: impl FnOnce(Option<Fault>) -> Work) -> Response
where
    Work: Future<Output = Response>,
{
    mock.faults.count(endpoint);
    mock.delay().await;
    let fault = mock.faults.take(Queue::Of(endpoint));
    let failure = fault.as_ref().and_then(Fault::failure);
    if let Some(answer) = failure.as_ref().and_then(|failure| replaced(mock, failure)) {
        return answer;
    }
    let answer = work(fault.filter(|_| failure.is_none())).await;
    match failure {
        None => answer,
        // In a box, so that the future of every sound request is small.
        Some(failure) => Box::pin(spoiled(answer, failure)).await,
    }
}

/// The answer of a failure that leaves the request uncarried.
fn replaced(mock: &Mock, failure: &Failure) -> Option<Response> {
    Some(match failure {
        Failure::Error(error) => api_error(error),
        Failure::Status(status) => answers::outage(*status),
        Failure::Garbage => answers::garbage(),
        Failure::Huge => answers::raw_json(200, huge()),
        Failure::Redirect => answers::found(&format!("{}/__mock/elsewhere", mock.base_url)),
        _ => return None,
    })
}

/// The error of this number as Kakao's API server answers it.
pub(crate) fn refused(code: i64) -> Response {
    api_error(&ApiError::from(code))
}

fn api_error(error: &ApiError) -> Response {
    let (usual, mut body) = kapi_error(error.code);
    if error.code == -402 && !error.required_scopes.is_empty() {
        body["required_scopes"] = json!(error.required_scopes);
    }
    let status = error.status.unwrap_or(usual);
    let mut response = answers::json(status, &body);
    if status == 401 {
        // Kakao's own sample, unquoted.
        let challenge = HeaderValue::from_static("Bearer error=invalid_token");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

async fn spoiled(mut answer: Response, failure: Failure) -> Response {
    if let Failure::Slow(milliseconds) = failure {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        return answer;
    }
    let body = answer.take_body().into_bytes().await.unwrap_or_default();
    let body = match failure {
        Failure::Reset => return answers::broken_connection(),
        Failure::Truncated => body.slice(..body.len() / 2).into(),
        Failure::UnknownFields => with_unknown_fields(&body),
        _ => Vec::new(),
    };
    answer.set_body(body);
    answer
}

fn with_unknown_fields(body: &[u8]) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(body).unwrap_or_default();
    if let Value::Object(members) = &mut value {
        members.insert("mock_new_member".to_owned(), json!({"deep": [1, null, {"er": "값"}]}));
        members.insert("mock_new_null".to_owned(), Value::Null);
    }
    value.to_string().into_bytes()
}

/// Ten megabytes that are valid JSON, so that only a limit on the size can refuse them.
fn huge() -> Vec<u8> {
    let mut body = br#"{"token_type":"bearer","padding":""#.to_vec();
    body.resize(10_000_000, b'x');
    body.extend_from_slice(br#""}"#);
    body
}
