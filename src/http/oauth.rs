//! Tag `oauth`: the standard front door (RFC 6749, 7009, 7662, OIDC Core section 5.3), form bodies and RFC 6749 errors.

use std::sync::Arc;

use poem::{Request, http::StatusCode, web::Data};
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Shared, Tag,
    auth::SignedIn,
    body::FormBody,
    context::FromCaller,
    faults,
    oauth_client::{self, Client},
    oauth_error::{OAuthError, of_flow},
};
use crate::{
    domain::session::FIRST_PARTY_CLIENT,
    flow::{Caller, Issued, session::SessionError},
};

/// RFC 6749 sections 4.1.3 and 6.
#[derive(Object)]
#[oai(rename = "OAuthTokenRequest")]
struct TokenRequest {
    /// `authorization_code` or `refresh_token`.
    #[oai(validator(max_length = 64))]
    grant_type: String,
    /// For `authorization_code`.
    #[oai(validator(max_length = 8192))]
    code: Option<String>,
    /// For `authorization_code`: as it was sent to the authorization endpoint.
    #[oai(validator(max_length = 2048))]
    redirect_uri: Option<String>,
    /// For `authorization_code`: of the challenge sent to the authorization endpoint.
    #[oai(validator(max_length = 128))]
    code_verifier: Option<String>,
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
    /// With a code, when `openid` was asked for.
    #[oai(skip_serializing_if_is_none)]
    id_token: Option<String>,
    /// Beside `id_token`: the one scope that means something here.
    #[oai(skip_serializing_if_is_none)]
    scope: Option<String>,
}

impl TokenBody {
    fn of(issued: &Issued, id_token: Option<&SecretString>) -> TokenAnswer {
        let body = Self {
            access_token: issued.access_token.expose_secret().to_owned(),
            token_type: "Bearer".to_owned(),
            expires_in: issued.expires_in,
            refresh_token: issued.refresh_token.expose_secret().to_owned(),
            id_token: id_token.map(|token| token.expose_secret().to_owned()),
            scope: id_token.map(|_| "openid".to_owned()),
        };
        TokenAnswer::Tokens(Json(body), "no-cache".to_owned())
    }
}

#[derive(ApiResponse)]
enum TokenAnswer {
    /// New tokens.
    #[oai(status = 200)]
    Tokens(Json<TokenBody>, #[oai(header = "Pragma")] String),
}

/// RFC 7009 section 2.1, RFC 7662 section 2.1.
#[derive(Object)]
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
    /// Takes a code of `GET /oauth/authorize`, once, and refresh tokens; rotation as at `POST /api/auth/refresh`.
    #[oai(path = "/token", method = "post", operation_id = "oauthToken")]
    async fn token(
        &self,
        shared: Data<&Arc<Shared>>,
        form: FormBody<TokenRequest>,
        req: &Request,
        caller: FromCaller,
    ) -> Result<TokenAnswer, OAuthError> {
        let form = form.0;
        let client = oauth_client::of_request(&shared, req, form.client_id.as_deref(), form.client_secret.as_deref())?;
        match form.grant_type.as_str() {
            "authorization_code" => return redeem(&shared, form, client, &caller.0).await,
            "refresh_token" => {}
            _ => {
                let description = "Only authorization_code and refresh_token are supported here.";
                return Err(OAuthError::bad("unsupported_grant_type", description));
            }
        }
        let token = form.refresh_token.filter(|token| !token.is_empty());
        let token = token.ok_or(OAuthError::bad("invalid_request", "refresh_token is missing."))?;
        let context = &shared.context;
        let facts = context.read_refresh_token(&token).map_err(|error| of_flow(&faults::of_refresh(&error)))?;
        let client_id = client.map_or_else(|| FIRST_PARTY_CLIENT.to_owned(), |client| client.id);
        let issued = context.rotate_for(&client_id, &facts, &caller.0).await;
        let issued = issued.map_err(|error| of_flow(&faults::of_refresh(&error)))?;
        Ok(TokenBody::of(&issued, None))
    }

    /// Revoke a token (RFC 7009)
    ///
    /// Either kind ends its whole session.
    #[oai(path = "/revoke", method = "post", operation_id = "oauthRevoke")]
    async fn revoke(
        &self,
        shared: Data<&Arc<Shared>>,
        form: FormBody<TokenQuestion>,
        req: &Request,
        caller: FromCaller,
    ) -> Result<RevokeAnswer, OAuthError> {
        let form = form.0;
        let client = oauth_client::of_request(&shared, req, form.client_id.as_deref(), form.client_secret.as_deref())?;
        let context = &shared.context;
        let whose = match (context.read_refresh_token(&form.token), context.authenticate(&form.token)) {
            (Ok(facts), _) => Some((facts.user_id, facts.session_id)),
            (_, Ok(principal)) => Some((principal.user_id(), principal.session_id())),
            _ => None,
        };
        // An unknown token is as good as revoked (section 2.2).
        let Some((user_id, session_id)) = whose else { return Ok(RevokeAnswer::Done) };
        let fault = |error| of_flow(&faults::of_session(&error));
        // Section 2.1: a client revokes its own tokens. Who names none is one of our own front ends.
        let client_id = client.map_or_else(|| FIRST_PARTY_CLIENT.to_owned(), |client| client.id);
        let session = context.session(session_id).await.map_err(fault)?;
        if session.is_some_and(|session| session.client_id != client_id) {
            return Err(OAuthError::bad("unauthorized_client", "The token was issued to another client."));
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
        _credentials: oauth_client::ClientCredentials,
        shared: Data<&Arc<Shared>>,
        form: FormBody<TokenQuestion>,
        req: &Request,
    ) -> Result<Json<Introspection>, OAuthError> {
        let form = form.0;
        let client = oauth_client::of_request(&shared, req, form.client_id.as_deref(), form.client_secret.as_deref())?;
        if !client.is_some_and(|client| client.authenticated) {
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
            client_id: Some(claims.client_id.clone()),
            token_type: Some("Bearer".to_owned()),
            iss: Some(claims.iss.clone()),
            aud: Some(claims.aud.clone()),
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

/// RFC 6749 section 4.1.3.
async fn redeem(
    shared: &Arc<Shared>,
    form: TokenRequest,
    client: Option<Client>,
    caller: &Caller,
) -> Result<TokenAnswer, OAuthError> {
    let missing = |name: &'static str| OAuthError::bad("invalid_request", name);
    let client = client.ok_or(missing("client_id is missing."))?;
    // RFC 6749 section 3.2: without a value is without.
    let said = |value: Option<String>| value.filter(|value| !value.is_empty());
    let code = said(form.code).ok_or(missing("code is missing."))?;
    let redirect_uri = said(form.redirect_uri).ok_or(missing("redirect_uri is missing."))?;
    let verifier = said(form.code_verifier).ok_or(missing("code_verifier is missing."))?;
    let redeemed = shared.context.redeem(&code, &client.id, &redirect_uri, &verifier, caller).await;
    let redeemed = redeemed.map_err(|error| match error {
        SessionError::Invalid | SessionError::Reused => {
            OAuthError::bad("invalid_grant", "The code is not valid, has expired or was used before.")
        }
        error => of_flow(&faults::of_refresh(&error)),
    })?;
    Ok(TokenBody::of(&redeemed.issued, redeemed.id_token.as_ref()))
}
