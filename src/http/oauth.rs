//! Tag `oauth`: the standard front door (RFC 6749, 7009, 7662, OIDC Core section 5.3), form bodies and RFC 6749 errors.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use poem::{IntoResponse, Request, Response, http::StatusCode, web::Data};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    payload::{Form, Json},
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::Type,
};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::{Shared, Tag, auth::SignedIn, context::FromCaller, faults, problem::Fault};
use crate::{config::OAuthClient, error_code::ErrorCode, token::secret::same};

/// RFC 6749 section 5.2.
#[derive(Debug, Clone, Object, serde::Serialize)]
#[oai(rename = "OAuthError")]
pub struct OAuthErrorBody {
    /// `invalid_request`, `invalid_client`, `invalid_grant`, `unauthorized_client`, `unsupported_grant_type`, …
    error: String,
    /// For developers, printable ASCII.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<String>,
}

/// The RFC 6749 form of a fault that was not made here: the framework's, or a refused bearer token's.
pub fn render(fault: &Fault) -> Response {
    let error = match fault.status() {
        StatusCode::UNAUTHORIZED => "invalid_token",
        StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        StatusCode::INTERNAL_SERVER_ERROR => "server_error",
        _ => "invalid_request",
    };
    OAuthError { status: fault.status(), error, description: Some(fault.code.entry().title) }.into_response()
}

/// An error of these routes.
pub struct OAuthError {
    status: StatusCode,
    error: &'static str,
    description: Option<&'static str>,
}

impl OAuthError {
    const fn bad(error: &'static str, description: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description: Some(description) }
    }

    const fn invalid_client() -> Self {
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
            .body(serde_json::to_string(&body).unwrap_or_default());
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(poem::http::header::RETRY_AFTER, poem::http::HeaderValue::from_static("1"));
        }
        if self.error == "invalid_client" {
            let basic = poem::http::HeaderValue::from_static("Basic realm=\"munjigi\"");
            response.headers_mut().insert(poem::http::header::WWW_AUTHENTICATE, basic);
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

/// RFC 6749 sections 4.1.3 and 6.
#[derive(Object, Deserialize)]
#[oai(rename = "OAuthTokenRequest")]
struct TokenRequest {
    /// `refresh_token`.
    #[oai(validator(max_length = 64))]
    grant_type: String,
    /// For `refresh_token`.
    #[oai(validator(max_length = 4096))]
    refresh_token: Option<String>,
    /// May be left out.
    #[oai(validator(max_length = 256))]
    client_id: Option<String>,
    /// Of a confidential client that does not use HTTP Basic.
    #[oai(validator(max_length = 256))]
    client_secret: Option<String>,
    /// Ignored: sessions have no scopes.
    #[oai(validator(max_length = 1024))]
    scope: Option<String>,
}

/// RFC 6749 section 5.1.
#[derive(Object)]
#[oai(rename = "OAuthTokenResponse")]
struct TokenBody {
    /// JWT.
    access_token: String,
    /// Always `Bearer`.
    token_type: String,
    /// Seconds.
    expires_in: u64,
    /// Replaces the one that was presented.
    refresh_token: String,
}

#[derive(ApiResponse)]
enum TokenAnswer {
    /// New tokens.
    #[oai(status = 200)]
    Tokens(Json<TokenBody>, #[oai(header = "Pragma")] String),
}

/// RFC 7009 section 2.1, RFC 7662 section 2.1.
#[derive(Object, Deserialize)]
#[oai(rename = "OAuthTokenQuestion")]
struct TokenQuestion {
    /// The token.
    #[oai(validator(max_length = 8192))]
    token: String,
    /// `access_token` or `refresh_token`.
    #[oai(validator(max_length = 64))]
    token_type_hint: Option<String>,
    /// May be left out.
    #[oai(validator(max_length = 256))]
    client_id: Option<String>,
    /// Of a confidential client that does not use HTTP Basic.
    #[oai(validator(max_length = 256))]
    client_secret: Option<String>,
}

#[derive(ApiResponse)]
enum RevokeAnswer {
    /// Revoked, or was not valid anyway.
    #[oai(status = 200)]
    Done,
}

/// RFC 7662 section 2.2.
#[derive(Object, Default)]
#[oai(skip_serializing_if_is_none)]
struct Introspection {
    /// Whether the token is valid now; nothing else is told of one that is not.
    active: bool,
    /// The client it was issued for.
    client_id: Option<String>,
    /// `Bearer` for access tokens.
    token_type: Option<String>,
    /// `iss`.
    iss: Option<String>,
    /// `aud`.
    aud: Option<String>,
    /// The user.
    sub: Option<String>,
    /// Seconds since 1970.
    exp: Option<i64>,
    /// Seconds since 1970.
    iat: Option<i64>,
    /// Its name.
    jti: Option<String>,
    /// Its session.
    sid: Option<String>,
}

/// OIDC Core section 5.1.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct UserInfo {
    /// Our id of the user.
    sub: String,
    /// Display name.
    name: Option<String>,
    /// Display name.
    nickname: Option<String>,
    /// `kakao_<kakao id>`.
    preferred_username: String,
    /// https URL.
    picture: Option<String>,
    /// When there is one.
    email: Option<String>,
    /// Beside `email`.
    email_verified: Option<bool>,
    /// Seconds since 1970.
    updated_at: i64,
}

/// The OAuth routes.
pub struct OAuthApi;

#[OpenApi(prefix_path = "/oauth", tag = "Tag::OAuth")]
impl OAuthApi {
    /// Token endpoint
    ///
    /// Takes the grant `refresh_token`; rotation as at `POST /api/auth/refresh`.
    #[oai(path = "/token", method = "post", operation_id = "oauthToken")]
    async fn token(
        &self,
        shared: Data<&Arc<Shared>>,
        form: Form<TokenRequest>,
        req: &Request,
        caller: FromCaller,
    ) -> Result<TokenAnswer, OAuthError> {
        let form = form.0;
        let client = client(&shared, req, form.client_id.as_deref(), form.client_secret.as_deref())?;
        if form.grant_type != "refresh_token" {
            return Err(OAuthError::bad("unsupported_grant_type", "Only refresh_token is supported here."));
        }
        let token = form.refresh_token.filter(|token| !token.is_empty());
        let token = token.ok_or(OAuthError::bad("invalid_request", "refresh_token is missing."))?;
        let context = &shared.context;
        let facts = context.read_refresh_token(&token).map_err(|error| of_flow(&faults::of_refresh(&error)))?;
        if let Some(client) = client {
            let session =
                context.session(facts.session_id).await.map_err(|error| of_flow(&faults::of_session(&error)))?;
            if session.is_some_and(|session| session.client_id != client) {
                return Err(OAuthError::bad("invalid_grant", "The refresh token was issued to another client."));
            }
        }
        let issued = context.rotate(&facts, &caller.0).await.map_err(|error| of_flow(&faults::of_refresh(&error)))?;
        let body = TokenBody {
            access_token: issued.access_token.expose_secret().to_owned(),
            token_type: "Bearer".to_owned(),
            expires_in: issued.expires_in,
            refresh_token: issued.refresh_token.expose_secret().to_owned(),
        };
        Ok(TokenAnswer::Tokens(Json(body), "no-cache".to_owned()))
    }

    /// Revoke a token (RFC 7009)
    ///
    /// Either kind ends its whole session.
    #[oai(path = "/revoke", method = "post", operation_id = "oauthRevoke")]
    async fn revoke(
        &self,
        shared: Data<&Arc<Shared>>,
        form: Form<TokenQuestion>,
        req: &Request,
        caller: FromCaller,
    ) -> Result<RevokeAnswer, OAuthError> {
        let form = form.0;
        let client = client(&shared, req, form.client_id.as_deref(), form.client_secret.as_deref())?;
        let context = &shared.context;
        let whose = match (context.read_refresh_token(&form.token), context.authenticate(&form.token)) {
            (Ok(facts), _) => Some((facts.user_id, facts.session_id)),
            (_, Ok(principal)) => Some((principal.user_id(), principal.session_id())),
            _ => None,
        };
        // An unknown token is as good as revoked (section 2.2).
        let Some((user_id, session_id)) = whose else { return Ok(RevokeAnswer::Done) };
        let fault = |error| of_flow(&faults::of_session(&error));
        if let Some(client) = client {
            let session = context.session(session_id).await.map_err(fault)?;
            if session.is_some_and(|session| session.client_id != client) {
                return Err(OAuthError::bad("unauthorized_client", "The token was issued to another client."));
            }
        }
        context.revoke_session(user_id, session_id, &caller.0).await.map_err(fault)?;
        Ok(RevokeAnswer::Done)
    }

    /// Ask about a token (RFC 7662)
    ///
    /// For clients of OAUTH_CLIENTS that have a secret. Refresh tokens are told about only with `token_type_hint=refresh_token`,
    /// so that nobody takes one for an access token.
    #[oai(path = "/introspect", method = "post", operation_id = "oauthIntrospect")]
    async fn introspect(
        &self,
        shared: Data<&Arc<Shared>>,
        form: Form<TokenQuestion>,
        req: &Request,
    ) -> Result<Json<Introspection>, OAuthError> {
        let form = form.0;
        let client = client(&shared, req, form.client_id.as_deref(), form.client_secret.as_deref())?;
        if client.is_none_or(|id| config_client(&shared, &id).is_none_or(|client| client.secret.is_none())) {
            return Err(OAuthError::invalid_client());
        }
        let context = &shared.context;
        if form.token_type_hint.as_deref() == Some("refresh_token") {
            let Ok(facts) = context.read_refresh_token(&form.token) else { return Ok(Json(Introspection::default())) };
            let live =
                context.refresh_token_is_live(&facts).await.map_err(|error| of_flow(&faults::of_session(&error)))?;
            return Ok(Json(live.map_or_else(Introspection::default, |session| Introspection {
                active: true,
                client_id: Some(session.client_id),
                sub: Some(facts.user_id.to_string()),
                exp: Some(facts.expires_at.secs()),
                iat: Some(facts.issued_at.secs()),
                jti: Some(facts.jti.to_string()),
                sid: Some(facts.session_id.to_string()),
                ..Introspection::default()
            })));
        }
        let Ok(principal) = context.authenticate(&form.token) else { return Ok(Json(Introspection::default())) };
        let claims = principal.claims;
        Ok(Json(Introspection {
            active: true,
            client_id: Some(claims.client_id),
            token_type: Some("Bearer".to_owned()),
            iss: Some(claims.iss),
            aud: Some(claims.aud),
            sub: Some(claims.sub.to_string()),
            exp: Some(claims.exp),
            iat: Some(claims.iat),
            jti: Some(claims.jti.to_string()),
            sid: Some(claims.sid.to_string()),
        }))
    }

    /// Claims about the user (OIDC Core section 5.3)
    #[oai(path = "/userinfo", method = "get", operation_id = "oauthUserinfo")]
    async fn userinfo(&self, shared: Data<&Arc<Shared>>, signed_in: SignedIn) -> Result<Json<UserInfo>, OAuthError> {
        let user = shared.context.profile(signed_in.0.user_id()).await;
        let user = user.map_err(|error| of_flow(&faults::of_storage(&error)))?;
        let user =
            user.ok_or(OAuthError { status: StatusCode::UNAUTHORIZED, error: "invalid_token", description: None })?;
        Ok(Json(UserInfo {
            sub: user.id.to_string(),
            name: user.nickname.clone(),
            nickname: user.nickname,
            preferred_username: user.username,
            picture: user.profile_image,
            email_verified: user.email.is_some().then_some(user.email_verified),
            email: user.email,
            updated_at: user.updated_at.secs(),
        }))
    }
}

fn config_client<'a>(shared: &'a Shared, id: &str) -> Option<&'a OAuthClient> {
    shared.config.oauth_clients.iter().find(|client| client.id == id)
}

/// The authenticated or named client of a request (RFC 6749 section 2.3), `None` for our own front ends, which name none.
fn client(
    shared: &Arc<Shared>,
    req: &Request,
    id: Option<&str>,
    secret: Option<&str>,
) -> Result<Option<String>, OAuthError> {
    let basic = basic_credentials(req)?;
    if basic.is_some() && secret.is_some() {
        return Err(OAuthError::bad("invalid_request", "The client authenticated in two ways at once."));
    }
    let (id, secret) = match basic {
        Some((basic_id, _)) if id.is_some_and(|id| id != basic_id) => return Err(OAuthError::invalid_client()),
        Some((id, secret)) => (id, Some(secret)),
        None => match id {
            Some(id) => (id.to_owned(), secret.map(ToOwned::to_owned)),
            None => return Ok(None),
        },
    };
    if id == crate::domain::session::FIRST_PARTY_CLIENT && secret.is_none() {
        return Ok(Some(id));
    }
    let client = config_client(shared, &id).ok_or(OAuthError::invalid_client())?;
    match (&client.secret, secret) {
        (Some(expected), Some(given)) if same(expected.expose_secret(), given.as_str()) => Ok(Some(id)),
        (None, None) => Ok(Some(id)),
        _ => Err(OAuthError::invalid_client()),
    }
}

/// HTTP Basic with form-encoded parts (RFC 6749 section 2.3.1).
fn basic_credentials(req: &Request) -> Result<Option<(String, String)>, OAuthError> {
    let Some(value) = req.headers().get("authorization") else { return Ok(None) };
    let Some((scheme, rest)) = value.to_str().ok().and_then(|text| text.split_once(' ')) else {
        return Err(OAuthError::invalid_client());
    };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(OAuthError::invalid_client());
    }
    let decoded = STANDARD.decode(rest.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = decoded.as_deref().and_then(|text| text.split_once(':')).ok_or(OAuthError::invalid_client())?;
    let plain = |text: &str| {
        url::form_urlencoded::parse(format!("x={text}").as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    Ok(plain(pair.0).zip(plain(pair.1)))
}

/// A flow's fault as these routes say it: what is wrong with a refresh token is wrong with the grant.
fn of_flow(fault: &Fault) -> OAuthError {
    let description = Some(fault.code.entry().title);
    match fault.code {
        ErrorCode::StorageUnavailable => {
            OAuthError { status: StatusCode::SERVICE_UNAVAILABLE, error: "temporarily_unavailable", description }
        }
        ErrorCode::InternalError => {
            OAuthError { status: StatusCode::INTERNAL_SERVER_ERROR, error: "server_error", description }
        }
        _ => OAuthError { status: StatusCode::BAD_REQUEST, error: "invalid_grant", description },
    }
}
