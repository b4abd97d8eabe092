//! The login server beside authorize and token: keys, metadata, tokeninfo, and logout with the Kakao account.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::web::Data;
use poem::{Body, Request, Response, handler};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::answers;
use crate::errors::KoeCode;
use crate::faults::{Endpoint, Fault};
use crate::serve::serve;
use crate::state::Mock;

const FORM_LIMIT: usize = 64 * 1024;

#[handler]
pub(crate) async fn jwks(Data(mock): Data<&Arc<Mock>>) -> Response {
    serve(mock, Endpoint::Jwks, |fault| async move {
        match fault {
            Some(Fault::JwksEmpty) => answers::json(200, &json!({"keys": []})),
            Some(Fault::JwksUnknownKid) => answers::json(200, &mock.keys.jwks_renamed()),
            _ => answers::json(200, &mock.keys.jwks()),
        }
    })
    .await
}

#[handler]
pub(crate) async fn discovery(Data(mock): Data<&Arc<Mock>>) -> Response {
    serve(mock, Endpoint::Discovery, |_| async { answers::json(200, &metadata(&mock.base_url)) }).await
}

fn metadata(base: &str) -> Value {
    json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/oauth/authorize"),
        "token_endpoint": format!("{base}/oauth/token"),
        "userinfo_endpoint": format!("{base}/v1/oidc/userinfo"),
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "request_uri_parameter_supported": false,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["iss", "aud", "sub", "auth_time", "exp", "iat", "nonce", "nickname", "picture", "email"],
    })
}

/// What a receiver of account-status webhooks reads. Kakao writes the delivery method as one text, not as a list.
#[handler]
pub(crate) fn event_metadata(Data(mock): Data<&Arc<Mock>>) -> Response {
    let base = &mock.base_url;
    answers::json(
        200,
        &json!({
            "issuer": base,
            "jwks_uri": format!("{base}/.well-known/jwks.json"),
            "delivery_methods_supported": "https://schemas.openid.net/secevent/risc/delivery-method/push",
        }),
    )
}

/// The claims of an ID token this mock issued and that has not expired.
#[handler]
pub(crate) async fn tokeninfo(Data(mock): Data<&Arc<Mock>>, body: Body) -> Response {
    serve(mock, Endpoint::Tokeninfo, |_| async {
        let Ok(body) = body.into_bytes_limit(FORM_LIMIT).await else {
            return answers::text(413, "form too large");
        };
        let token = form_urlencoded::parse(&body).find(|(name, _)| name == "id_token").map(|(_, value)| value);
        if let Some(claims) = token.and_then(|token| verified(mock, &token)) {
            return answers::json(200, &claims);
        }
        let error = KoeCode::Koe400.token_error("id_token");
        answers::json(error.status, &error.body())
    })
    .await
}

fn verified(mock: &Mock, token: &str) -> Option<Value> {
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Value = serde_json::from_slice(&decoded(header)?).ok()?;
    let claims: Value = serde_json::from_slice(&decoded(claims)?).ok()?;
    let key = mock.keys.published(header["kid"].as_str()?)?;
    let sound = header["alg"] == "RS256"
        && claims["iss"] == mock.base_url.as_str()
        && claims["exp"].as_i64()? > mock.now()
        && key.verifies(signed.as_bytes(), &decoded(signature)?);
    sound.then_some(claims)
}

/// A sound request to log out at Kakao as well.
pub(crate) struct LogoutRequest {
    pub(crate) client_id: String,
    redirect_uri: String,
    state: Option<String>,
}

impl LogoutRequest {
    pub(crate) fn parse(mock: &Mock, query: &str) -> Result<Self, KoeCode> {
        let mut parameters: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut take = |name: &str| parameters.remove(name).filter(|value| !value.is_empty());
        let client_id = take("client_id").ok_or(KoeCode::Koe101)?;
        let clients = &mock.config.clients;
        if !clients.is_empty() && clients.iter().all(|client| client.client_id != client_id) {
            return Err(KoeCode::Koe101);
        }
        let redirect_uri = take("logout_redirect_uri").ok_or(KoeCode::Koe207)?;
        let registered = &mock.config.logout_redirect_uris;
        let known = registered.is_empty() || registered.contains(&redirect_uri);
        if !known || !crate::authorize::is_redirectable(&redirect_uri) {
            return Err(KoeCode::Koe007);
        }
        Ok(Self { client_id, redirect_uri, state: take("state") })
    }

    /// Where the browser goes afterwards.
    pub(crate) fn location(&self) -> String {
        let state = self.state.as_deref().map(|state| ("state", state));
        crate::authorize::with_parameters(&self.redirect_uri, state)
    }
}

/// The query of a request, undecoded.
pub(crate) fn query(request: &Request) -> &str {
    request.uri().query().unwrap_or_default()
}
