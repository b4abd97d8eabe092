//! `POST /oauth/token`: both grants, and the faults of the endpoint.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::web::Data;
use poem::{Body, Response, handler};
use serde::Serialize;
use url::form_urlencoded;

use crate::answers;
use crate::errors::{KoeCode, TokenError};
use crate::fault_queue::Queue;
use crate::faults::{Endpoint, Fault, IdTokenFault};
use crate::id_token;
use crate::serve::serve;
use crate::state::{ACCESS_LIFETIME, Grant, Mock, REFRESH_LIFETIME, Session};

/// Larger forms are refused; the longest honest one is under 2 KiB.
const FORM_LIMIT: usize = 64 * 1024;

/// A new refresh token is given only when the old one has less than this left, in seconds.
const ROTATE_BELOW: i64 = 30 * 24 * 3600;

/// A successful answer of the token endpoint.
#[derive(Debug, Serialize)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id_token: Option<String>,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_expires_in: Option<i64>,
}

type Form = HashMap<String, String>;

#[handler]
pub(crate) async fn post_token(Data(mock): Data<&Arc<Mock>>, body: Body) -> Response {
    serve(mock, Endpoint::Token, |fault| answer(mock, body, fault)).await
}

async fn answer(mock: &Mock, body: Body, fault: Option<Fault>) -> Response {
    let Ok(body) = body.into_bytes_limit(FORM_LIMIT).await else {
        return answers::text(413, "form too large");
    };
    let form: Form = form_urlencoded::parse(&body).into_owned().collect();
    let outcome = match fault {
        Some(Fault::TokenError(code)) => Err(queued_error(code, &form)),
        _ => exchange(mock, &form),
    };
    match outcome {
        Ok(tokens) => answers::json(200, &tokens),
        Err(error) => answers::json(error.status, &error.body()),
    }
}

/// A fault leaves the request uncarried, but its description repeats what was sent, as Kakao's does.
fn queued_error(code: KoeCode, form: &Form) -> TokenError {
    let subject = if code == KoeCode::Koe101 { "client_id" } else { "code" };
    code.token_error(form.get(subject).map_or("null", String::as_str))
}

fn exchange(mock: &Mock, form: &Form) -> Result<Tokens, TokenError> {
    let client_id = check_client(mock, form)?;
    match form.get("grant_type").map(String::as_str) {
        Some("authorization_code") => by_code(mock, form, client_id),
        Some("refresh_token") => by_refresh_token(mock, form, client_id),
        other => Err(KoeCode::Koe310.token_error(other.unwrap_or("null"))),
    }
}

/// Only what stands in the form counts (`client_secret_post`): with HTTP Basic no client id is seen, as at Kakao.
fn check_client<'form>(mock: &Mock, form: &'form Form) -> Result<&'form str, TokenError> {
    let Some(client_id) = form.get("client_id").filter(|id| !id.is_empty()) else {
        return Err(KoeCode::Koe101.token_error("null"));
    };
    if mock.config.clients.is_empty() {
        return Ok(client_id);
    }
    let client = mock
        .config
        .clients
        .iter()
        .find(|client| client.client_id == *client_id)
        .ok_or_else(|| KoeCode::Koe101.token_error(client_id))?;
    match &client.client_secret {
        Some(secret) if form.get("client_secret") != Some(secret) => Err(KoeCode::Koe010.token_error(client_id)),
        _ => Ok(client_id),
    }
}

/// The code is taken first and checked afterwards: any attempt with it uses it up, also one that fails.
fn by_code(mock: &Mock, form: &Form, client_id: &str) -> Result<Tokens, TokenError> {
    let code = form.get("code").map_or("null", String::as_str);
    let not_found = || KoeCode::Koe320.token_error(code);
    let grant = mock.redeem(code).ok_or_else(not_found)?;
    if grant.client_id != client_id {
        return Err(not_found());
    }
    // Documented as required, but clients that leave it out are known to work with Kakao: only another one is refused.
    if form.get("redirect_uri").is_some_and(|uri| *uri != grant.redirect_uri) {
        return Err(KoeCode::Koe303.token_error(code));
    }
    check_verifier(&grant, form)?;
    if !mock.limits.admits_tokens(&grant.link, true, mock.now()) {
        return Err(KoeCode::Koe237.token_error(code));
    }
    Ok(issue(mock, &grant))
}

/// RFC 7636 section 4.6. A verifier without a challenge is ignored.
fn check_verifier(grant: &Grant, form: &Form) -> Result<(), TokenError> {
    let Some(challenge) = &grant.code_challenge else {
        return Ok(());
    };
    let verifier = form.get("code_verifier").ok_or_else(TokenError::pkce)?;
    let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
    if URL_SAFE_NO_PAD.encode(hash) == *challenge { Ok(()) } else { Err(TokenError::pkce()) }
}

/// Tokens for a grant, without any further check. Takes the queued ID token fault, if there is one.
pub(crate) fn issue(mock: &Mock, grant: &Grant) -> Tokens {
    let session = |expires_at| Session {
        client_id: grant.client_id.clone(),
        link: Arc::clone(&grant.link),
        generation: grant.link.generation(),
        openid: grant.openid,
        authenticated_at: grant.granted_at,
        expires_at,
    };
    let now = mock.now();
    let access = session(now + ACCESS_LIFETIME);
    let mut scopes = grant.link.agreed().and(mock.items.configured).ids();
    if grant.openid {
        scopes.push("openid");
    }
    Tokens {
        token_type: "bearer",
        id_token: issue_id_token(mock, &access, grant.nonce.as_deref()),
        access_token: mock.new_access_token(access),
        refresh_token: Some(mock.new_refresh_token(session(now + REFRESH_LIFETIME))),
        expires_in: ACCESS_LIFETIME,
        scope: (!scopes.is_empty()).then(|| scopes.join(" ")),
        refresh_token_expires_in: Some(REFRESH_LIFETIME),
    }
}

/// The new ID token carries no nonce (OpenID Connect Core, section 12.2).
fn by_refresh_token(mock: &Mock, form: &Form, client_id: &str) -> Result<Tokens, TokenError> {
    let presented = form.get("refresh_token").filter(|token| !token.is_empty());
    let presented = presented.ok_or_else(|| KoeCode::Koe319.token_error("null"))?;
    let old = mock
        .by_refresh_token(presented)
        .filter(|session| session.client_id == client_id)
        .ok_or_else(|| KoeCode::Koe322.token_error("null"))?;
    let now = mock.now();
    let session = |expires_at| Session {
        client_id: old.client_id.clone(),
        link: Arc::clone(&old.link),
        generation: old.generation,
        openid: old.openid,
        authenticated_at: old.authenticated_at,
        expires_at,
    };
    let rotate = old.expires_at - now < ROTATE_BELOW;
    if !mock.limits.admits_tokens(&old.link, rotate, now) {
        return Err(KoeCode::Koe237.token_error("null"));
    }
    let access = session(now + ACCESS_LIFETIME);
    let tokens = Tokens {
        token_type: "bearer",
        id_token: issue_id_token(mock, &access, None),
        access_token: mock.new_access_token(access),
        refresh_token: rotate.then(|| mock.new_refresh_token(session(now + REFRESH_LIFETIME))),
        expires_in: ACCESS_LIFETIME,
        scope: None,
        refresh_token_expires_in: rotate.then_some(REFRESH_LIFETIME),
    };
    if rotate {
        mock.forget_refresh_token(presented);
    }
    Ok(tokens)
}

fn issue_id_token(mock: &Mock, session: &Session, nonce: Option<&str>) -> Option<String> {
    if !session.openid {
        return None;
    }
    id_token::issue(mock, session, nonce, next_fault(mock))
}

fn next_fault(mock: &Mock) -> Option<IdTokenFault> {
    match mock.faults.take(Queue::IdToken) {
        Some(Fault::IdToken(fault)) => Some(fault),
        _ => None,
    }
}
