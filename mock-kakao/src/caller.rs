//! Who calls the API server, about whom, and with which parameters.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use poem::http::{Method, header};
use poem::{Body, Request, Response};
use serde_json::Value;
use url::form_urlencoded;

use crate::answers;
use crate::faults::Endpoint;
use crate::links::Link;
use crate::serve::{refused, serve};
use crate::state::{Mock, Session};

const FORM_LIMIT: usize = 64 * 1024;

/// Parameters of query and form together.
pub(crate) type Parameters = HashMap<String, String>;

/// Answers a call of the API server; the error is the number of one of Kakao's API errors.
pub(crate) async fn respond(
    mock: &Mock,
    endpoint: Endpoint,
    work: impl Future<Output = Result<Value, i64>>,
) -> Response {
    serve(mock, endpoint, |_| async {
        match work.await {
            Ok(answer) => answers::json(200, &answer),
            Err(code) => refused(code),
        }
    })
    .await
}

/// Who shows which credentials.
pub(crate) enum Caller<'request> {
    /// `Bearer`: the person whose token it is.
    Person { token: &'request str, session: Arc<Session> },
    /// `KakaoAK`: the app, with one of its admin keys.
    App,
}

/// The caller, or the number of the error.
pub(crate) fn caller<'request>(mock: &Mock, request: &'request Request) -> Result<Caller<'request>, i64> {
    let value = request.header(header::AUTHORIZATION).unwrap_or_default();
    if let Some(key) = value.strip_prefix("KakaoAK ") {
        let keys = &mock.config.admin_keys;
        let known = if keys.is_empty() { !key.trim().is_empty() } else { keys.iter().any(|known| known == key) };
        return if known { Ok(Caller::App) } else { Err(-401) };
    }
    // Old clients put it into the query, and Kakao still takes it there.
    let in_query = || request.uri().query()?.split('&').find_map(|pair| pair.strip_prefix("access_token="));
    let token =
        value.strip_prefix("Bearer ").or_else(|| if value.is_empty() { in_query() } else { None }).ok_or(-401)?;
    let session = mock.by_access_token(token).ok_or(-401)?;
    Ok(Caller::Person { token, session })
}

/// The session of a call that takes a token only. Kakao restricts a sanctioned account.
pub(crate) fn bearer(mock: &Mock, request: &Request) -> Result<Arc<Session>, i64> {
    match caller(mock, request)? {
        Caller::Person { session, .. } if session.link.person().sanctioned => Err(-4),
        Caller::Person { session, .. } => Ok(session),
        Caller::App => Err(-401),
    }
}

/// A call that takes the admin key only.
pub(crate) fn app(mock: &Mock, request: &Request) -> Result<(), i64> {
    match caller(mock, request)? {
        Caller::App => Ok(()),
        Caller::Person { .. } => Err(-401),
    }
}

/// The link a call is about: that of the token, or of the `target_id` that comes with an admin key.
pub(crate) fn subject(mock: &Mock, request: &Request, parameters: &Parameters) -> Result<Arc<Link>, i64> {
    match caller(mock, request)? {
        Caller::Person { session, .. } if session.link.person().sanctioned => Err(-4),
        Caller::Person { session, .. } => Ok(Arc::clone(&session.link)),
        Caller::App => mock.links.get(target(parameters)?).ok_or(-101),
    }
}

/// The person an admin key call is about.
pub(crate) fn target(parameters: &Parameters) -> Result<i64, i64> {
    let is_user = parameters.get("target_id_type").is_some_and(|kind| kind == "user_id");
    let id = parameters.get("target_id").filter(|_| is_user).and_then(|id| id.parse().ok());
    id.ok_or(-2)
}

/// Query and form together; the form wins.
pub(crate) async fn parameters(request: &Request, body: Body) -> Parameters {
    let query = request.uri().query().unwrap_or_default();
    let mut parameters: Parameters = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if request.method() == Method::GET {
        return parameters;
    }
    // In a box: poem reads with a large buffer inside the future.
    if let Ok(form) = Box::pin(body.into_bytes_limit(FORM_LIMIT)).await {
        parameters.extend(form_urlencoded::parse(&form).into_owned());
    }
    parameters
}

/// A parameter that is a JSON array of texts, such as `property_keys` or `scopes`.
pub(crate) fn text_list(parameters: &Parameters, name: &str) -> Result<Option<Vec<String>>, i64> {
    parameters.get(name).map(|list| serde_json::from_str(list).map_err(|_| -2)).transpose()
}
