//! The API server's endpoints: what is answered about a person whose token is shown, and unlink.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use poem::http::{HeaderValue, header};
use poem::web::Data;
use poem::{Body, Request, Response, handler};
use serde_json::json;
use url::form_urlencoded;

use crate::answers;
use crate::errors::kapi_error;
use crate::faults::{Endpoint, Fault, Queue};
use crate::profile;
use crate::state::{Mock, Session};

/// The app id in the answer of `/v1/user/access_token_info`, whatever client the token was issued to.
pub const APP_ID: i64 = 1_234_567;

const FORM_LIMIT: usize = 64 * 1024;

type Parameters = HashMap<String, String>;

#[handler]
pub(crate) async fn user_me(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    mock.faults.count(Endpoint::UserMe);
    mock.delay().await;
    let fault = mock.faults.take(Queue::UserMe);
    match fault {
        Some(Fault::UserMeError(code)) => return refused(code),
        Some(Fault::UserMeStatus(status)) => return answers::outage(status),
        Some(Fault::UserMeGarbage) => return answers::garbage(),
        Some(Fault::UserMeSlow(milliseconds)) => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
        _ => {}
    }
    let session = match bearer(mock, request) {
        Ok((_, session)) => session,
        Err(code) => return refused(code),
    };
    let parameters = parameters(request, body).await;
    let Ok(keys) = property_keys(&parameters) else {
        return refused(-2);
    };
    let secure = parameters.get("secure_resource").is_some_and(|value| value == "true");
    let answer = profile::user_me(&session.person, session.agreed, secure, keys.as_deref());
    if fault == Some(Fault::UserMeTruncated) { answers::half_json(&answer) } else { answers::json(200, &answer) }
}

#[handler]
pub(crate) async fn access_token_info(Data(mock): Data<&Arc<Mock>>, request: &Request) -> Response {
    mock.faults.count(Endpoint::AccessTokenInfo);
    mock.delay().await;
    match bearer(mock, request) {
        Ok((_, session)) => answers::json(
            200,
            &json!({"id": session.person.id, "expires_in": session.expires_at - mock.now(), "app_id": APP_ID}),
        ),
        Err(code) => refused(code),
    }
}

#[handler]
pub(crate) async fn userinfo(Data(mock): Data<&Arc<Mock>>, request: &Request) -> Response {
    mock.faults.count(Endpoint::Userinfo);
    mock.delay().await;
    match bearer(mock, request) {
        Ok((_, session)) => answers::json(200, &profile::userinfo(&session.person, session.agreed)),
        Err(code) => refused(code),
    }
}

/// With a token: forgets that token. With the admin key: all tokens of the person.
#[handler]
pub(crate) async fn logout(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    mock.faults.count(Endpoint::Logout);
    mock.delay().await;
    let id = if has_admin_key(request) {
        match target(&parameters(request, body).await) {
            Some(id) => {
                mock.forget_tokens_of(id);
                id
            }
            None => return refused(-2),
        }
    } else {
        match bearer(mock, request) {
            Ok((token, session)) => {
                mock.forget_access_token(token);
                session.person.id
            }
            Err(code) => return refused(code),
        }
    };
    answers::json(200, &json!({"id": id}))
}

/// Withdraws the consent and forgets every token of the person. Sends no webhook, as Kakao does for the app's own call.
#[handler]
pub(crate) async fn unlink(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    mock.faults.count(Endpoint::Unlink);
    mock.delay().await;
    match mock.faults.take(Queue::Unlink) {
        Some(Fault::UnlinkError(code)) => return refused(code),
        Some(Fault::UnlinkStatus(status)) => return answers::outage(status),
        _ => {}
    }
    let id = if has_admin_key(request) {
        match target(&parameters(request, body).await) {
            Some(id) => id,
            None => return refused(-2),
        }
    } else {
        match bearer(mock, request) {
            Ok((_, session)) => session.person.id,
            Err(code) => return refused(code),
        }
    };
    if mock.unlink(id) { answers::json(200, &json!({"id": id})) } else { refused(-101) }
}

fn refused(code: i64) -> Response {
    let (status, body) = kapi_error(code);
    let mut response = answers::json(status, &body);
    if status == 401 {
        // Kakao's own sample, unquoted.
        let challenge = HeaderValue::from_static("Bearer error=invalid_token");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The token shown and what stands behind it, or the number of the error.
fn bearer<'request>(mock: &Mock, request: &'request Request) -> Result<(&'request str, Arc<Session>), i64> {
    let token = request.header(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer ")).ok_or(-401)?;
    mock.by_access_token(token).map(|session| (token, session)).ok_or(-401)
}

/// The mock knows no admin key: any is taken.
fn has_admin_key(request: &Request) -> bool {
    let value = request.header(header::AUTHORIZATION).unwrap_or_default();
    value.strip_prefix("KakaoAK ").is_some_and(|key| !key.trim().is_empty())
}

fn target(parameters: &Parameters) -> Option<i64> {
    parameters.get("target_id_type").filter(|kind| *kind == "user_id")?;
    parameters.get("target_id")?.parse().ok()
}

/// Query and form together; the form wins.
async fn parameters(request: &Request, body: Body) -> Parameters {
    let query = request.uri().query().unwrap_or_default();
    let mut parameters: Parameters = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if let Ok(form) = body.into_bytes_limit(FORM_LIMIT).await {
        parameters.extend(form_urlencoded::parse(&form).into_owned());
    }
    parameters
}

fn property_keys(parameters: &Parameters) -> Result<Option<Vec<String>>, serde_json::Error> {
    parameters.get("property_keys").map(|keys| serde_json::from_str(keys)).transpose()
}
