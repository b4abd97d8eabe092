//! Tag `session`: refresh, verify, logout, devices (contract 3, 4).

use std::sync::Arc;

use poem::{Request, web::Data};
use poem_openapi::{ApiResponse, Enum, Object, OpenApi, param::Path, payload::Json};
use uuid::Uuid;

use super::{
    Shared, Tag, auth,
    auth::FirstParty,
    body::Body,
    context::FromCaller,
    faults,
    problem::{Codes, Fault, Problem},
    token_answer::{TokenResponse, refresh_cookie},
};
use crate::{
    domain::session::{FIRST_PARTY_CLIENT, Session},
    error_code::ErrorCode,
    flow::session::{LogoutScope, SessionError},
};

/// Codes of a refresh.
pub struct RefreshCodes;

impl Codes for RefreshCodes {
    const CODES: &'static [ErrorCode] = &[
        ErrorCode::InvalidRequest,
        ErrorCode::InvalidRefreshToken,
        ErrorCode::RefreshTokenReused,
        ErrorCode::SessionExpired,
        ErrorCode::SessionRevoked,
        ErrorCode::CsrfRefused,
        ErrorCode::InternalError,
        ErrorCode::StorageUnavailable,
    ];
}

/// Codes of operations that ask for an access token.
pub struct SignedInCodes;

impl Codes for SignedInCodes {
    const CODES: &'static [ErrorCode] = &[
        ErrorCode::InvalidRequest,
        ErrorCode::Unauthenticated,
        ErrorCode::InvalidToken,
        ErrorCode::TokenExpired,
        ErrorCode::SessionRevoked,
        ErrorCode::SessionExpired,
        ErrorCode::SessionNotFound,
        ErrorCode::ClientNotAllowed,
        ErrorCode::InternalError,
        ErrorCode::StorageUnavailable,
    ];
}

/// Codes of verify.
pub struct VerifyCodes;

impl Codes for VerifyCodes {
    const CODES: &'static [ErrorCode] = &[
        ErrorCode::InvalidRequest,
        ErrorCode::InvalidToken,
        ErrorCode::TokenExpired,
        ErrorCode::SessionRevoked,
        ErrorCode::SessionExpired,
    ];
}

/// Codes of logout.
pub struct LogoutCodes;

impl Codes for LogoutCodes {
    const CODES: &'static [ErrorCode] = &[
        ErrorCode::InvalidRequest,
        ErrorCode::CsrfRefused,
        ErrorCode::ClientNotAllowed,
        ErrorCode::InternalError,
        ErrorCode::StorageUnavailable,
    ];
}

/// The refresh token, unless the cookie carries it.
#[derive(Object)]
#[oai(example)]
struct RefreshRequest {
    /// The refresh token received last.
    #[oai(validator(max_length = 4096))]
    refresh_token: Option<String>,
}

impl poem_openapi::types::Example for RefreshRequest {
    fn example() -> Self {
        Self { refresh_token: Some("eyJhbGciOiJIUzI1NiIs…".into()) }
    }
}

#[derive(ApiResponse)]
#[expect(clippy::large_enum_variant, reason = "made once and answered at once")]
enum RefreshAnswer {
    /// New tokens. The cookie carries the refresh token when a cookie brought it.
    #[oai(status = 200)]
    Tokens(Json<TokenResponse>, #[oai(header = "Set-Cookie")] Option<String>),
    /// Called with neither a token nor a cookie: nobody is signed in.
    #[oai(status = 204)]
    Nobody,
}

/// A token to check.
#[derive(Object)]
#[oai(example)]
struct VerifyRequest {
    /// An access token.
    #[oai(validator(max_length = 8192))]
    token: String,
}

impl poem_openapi::types::Example for VerifyRequest {
    fn example() -> Self {
        Self { token: "eyJhbGciOiJFUzI1NiIs…".into() }
    }
}

/// `{}`
#[derive(Object)]
struct Empty {}

/// Signed out here.
#[derive(Object)]
struct SignedOut {
    /// Kakao's own logout, which ends the login at Kakao too: go there by `location.assign` if your visitors share a computer.
    /// Kakao sends them back to KAKAO_LOGOUT_REDIRECT_URI; null when that is not set.
    kakao_logout_url: Option<String>,
}

/// What to end.
#[derive(Object)]
#[oai(example, skip_serializing_if_is_none)]
struct LogoutRequest {
    /// Default `this`.
    scope: Option<Scope>,
    /// Instead of a bearer token or the cookie.
    #[oai(validator(max_length = 4096))]
    refresh_token: Option<String>,
}

impl poem_openapi::types::Example for LogoutRequest {
    fn example() -> Self {
        Self { scope: Some(Scope::This), refresh_token: None }
    }
}

/// Sessions a logout ends.
#[derive(Enum, Clone, Copy)]
#[oai(rename_all = "lowercase", rename = "LogoutScope")]
enum Scope {
    /// This session.
    This,
    /// All others of the user.
    Others,
    /// Every session of the user.
    All,
}

#[derive(ApiResponse)]
enum LogoutAnswer {
    /// Signed out, or was not signed in.
    #[oai(status = 200)]
    Done(Json<SignedOut>, #[oai(header = "Set-Cookie")] Option<String>),
}

#[derive(ApiResponse)]
enum EndAnswer {
    /// Ended.
    #[oai(status = 204)]
    Done,
}

/// A session: one login on one device.
#[derive(Object)]
#[oai(example)]
struct DeviceSession {
    /// `sid` of its tokens.
    id: String,
    /// Whether this request belongs to it.
    current: bool,
    /// Browser or app at the login.
    user_agent: Option<String>,
    /// Address at the login.
    ip: Option<String>,
    /// RFC 3339, UTC.
    created_at: String,
    /// RFC 3339, UTC.
    last_used_at: String,
    /// When it ends if not used again.
    expires_at: String,
    /// When it ends in any case.
    ends_at: String,
}

impl DeviceSession {
    fn of(session: &Session, current: Uuid) -> Self {
        Self {
            id: session.id.to_string(),
            current: session.id == current,
            user_agent: session.user_agent.clone(),
            ip: session.ip.map(|ip| ip.to_string()),
            created_at: session.created_at.rfc3339(),
            last_used_at: session.last_used_at.rfc3339(),
            expires_at: session.expires_at.rfc3339(),
            ends_at: session.ends_at.rfc3339(),
        }
    }
}

impl poem_openapi::types::Example for DeviceSession {
    fn example() -> Self {
        Self {
            id: "019aa2f0-7c01-7d10-8a52-6a3f0e2b7c11".into(),
            current: true,
            user_agent: Some("Mozilla/5.0 (Linux; Android 16) Chrome/142".into()),
            ip: Some("203.0.113.7".into()),
            created_at: "2026-11-21T03:50:00.123Z".into(),
            last_used_at: "2026-11-21T04:05:00.456Z".into(),
            expires_at: "2026-11-28T04:05:00Z".into(),
            ends_at: "2027-02-19T03:50:00Z".into(),
        }
    }
}

/// The session routes.
pub struct SessionApi;

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Session")]
impl SessionApi {
    /// Refresh the tokens
    ///
    /// Rotates the refresh token. The same token again within 30 seconds gets the same successor, so tabs, retries and double
    /// clicks are safe; later it ends the session, unless the successor was never used.
    #[oai(path = "/refresh", method = "post", operation_id = "refresh")]
    async fn refresh(
        &self,
        shared: Data<&Arc<Shared>>,
        body: Body<Option<RefreshRequest>>,
        req: &Request,
        caller: FromCaller,
    ) -> Result<RefreshAnswer, Problem<RefreshCodes>> {
        let from_body = body.0.and_then(|body| body.refresh_token).filter(|token| !token.is_empty());
        let cookie = shared.cookies.refresh_token(req).filter(|_| from_body.is_none());
        let from_cookie = cookie.is_some();
        let Some(token) = from_body.or(cookie) else { return Ok(RefreshAnswer::Nobody) };
        if from_cookie && !auth::cookie_may_count(&shared, req.headers()) {
            return Err(ErrorCode::CsrfRefused.into());
        }
        let refuse = |error: SessionError| {
            let mut fault = faults::of_refresh(&error);
            // A dead cookie would be sent, and refused, for ever.
            fault.clear_refresh_cookie = from_cookie && fault.status().is_client_error();
            fault
        };
        let facts = shared.context.read_refresh_token(&token).map_err(refuse)?;
        let issued = shared.context.rotate(&facts, &caller.0).await.map_err(refuse)?;
        // A token that came in a cookie is never answered in a body.
        let cookie_mode = from_cookie || auth::cookie_mode(req.headers());
        let cookie = cookie_mode.then(|| refresh_cookie(&shared, &issued));
        Ok(RefreshAnswer::Tokens(Json(TokenResponse::of(issued, cookie_mode, &shared.config.server)), cookie))
    }

    /// Check an access token
    ///
    /// For back ends without a JWT library. A refresh token is not valid here.
    #[oai(path = "/verify", method = "post", operation_id = "verify")]
    async fn verify(
        &self,
        shared: Data<&Arc<Shared>>,
        body: Body<VerifyRequest>,
    ) -> Result<Json<Empty>, Problem<VerifyCodes>> {
        match shared.context.authenticate(&body.0.token) {
            Ok(_) => Ok(Json(Empty {})),
            Err(error) => Err(auth::of_access(&error).into()),
        }
    }

    /// Sign out
    ///
    /// Takes a bearer token, a refresh token or the cookie. Signing out twice is no error.
    #[oai(path = "/logout", method = "post", operation_id = "logout")]
    async fn logout(
        &self,
        shared: Data<&Arc<Shared>>,
        body: Body<Option<LogoutRequest>>,
        req: &Request,
        caller: FromCaller,
    ) -> Result<LogoutAnswer, Problem<LogoutCodes>> {
        let (scope, from_body) = body.0.map_or((None, None), |body| (body.scope, body.refresh_token));
        let scope = match scope {
            None | Some(Scope::This) => LogoutScope::This,
            Some(Scope::Others) => LogoutScope::Others,
            Some(Scope::All) => LogoutScope::All,
        };
        let who = who(&shared, req, from_body)?;
        if let Some((user_id, session_id)) = who {
            // A client of OAUTH_CLIENTS signs itself out, and nobody else.
            if scope != LogoutScope::This && !is_first_party(&shared, session_id).await? {
                return Err(ErrorCode::ClientNotAllowed.into());
            }
            let ended = shared.context.sign_out(user_id, session_id, scope, &caller.0).await;
            ended.map_err(|error| faults::of_session(&error))?;
        }
        let had_cookie = shared.cookies.refresh_token(req).is_some();
        let cookie = (had_cookie && scope != LogoutScope::Others).then(|| shared.cookies.clear_refresh());
        let kakao_logout_url = shared.logins.provider_logout_url().map(Into::into);
        Ok(LogoutAnswer::Done(Json(SignedOut { kakao_logout_url }), cookie))
    }

    /// List the sessions of the user
    #[oai(path = "/sessions", method = "get", operation_id = "listSessions")]
    async fn sessions(
        &self,
        shared: Data<&Arc<Shared>>,
        signed_in: FirstParty,
    ) -> Result<Json<Vec<DeviceSession>>, Problem<SignedInCodes>> {
        let (user_id, current) = (signed_in.0.user_id(), signed_in.0.session_id());
        let sessions = shared.context.sessions(user_id).await.map_err(|error| faults::of_session(&error))?;
        Ok(Json(sessions.iter().map(|session| DeviceSession::of(session, current)).collect()))
    }

    /// End a session of the user
    #[oai(path = "/sessions/:id", method = "delete", operation_id = "endSession")]
    async fn end(
        &self,
        shared: Data<&Arc<Shared>>,
        signed_in: FirstParty,
        /// From the list.
        id: Path<Uuid>,
        caller: FromCaller,
    ) -> Result<EndAnswer, Problem<SignedInCodes>> {
        let ended = shared.context.end_session(signed_in.0.user_id(), id.0, &caller.0).await;
        ended.map(|()| EndAnswer::Done).map_err(|error| faults::of_session(&error).into())
    }
}

/// Whose session a logout is about: by bearer token, refresh token or cookie, in this order. A credential that is no good
/// any more is as good as signed out.
fn who(shared: &Arc<Shared>, req: &Request, from_body: Option<String>) -> Result<Option<(Uuid, Uuid)>, Fault> {
    if let Ok(Some(token)) = auth::bearer(req.headers())
        && let Ok(principal) = shared.context.authenticate(token)
    {
        return Ok(Some((principal.user_id(), principal.session_id())));
    }
    let by_refresh = |token: &str| {
        let facts = shared.context.read_refresh_token(token).ok()?;
        Some((facts.user_id, facts.session_id))
    };
    if let Some(token) = from_body {
        return Ok(by_refresh(&token));
    }
    match shared.cookies.refresh_token(req) {
        Some(_) if !auth::cookie_may_count(shared, req.headers()) => Err(Fault::new(ErrorCode::CsrfRefused)),
        Some(token) => Ok(by_refresh(&token)),
        None => Ok(None),
    }
}

async fn is_first_party(shared: &Shared, session_id: Uuid) -> Result<bool, Fault> {
    let session = shared.context.session(session_id).await.map_err(|error| faults::of_session(&error))?;
    Ok(session.is_none_or(|session| session.client_id == FIRST_PARTY_CLIENT))
}
