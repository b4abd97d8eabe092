//! Credentials on the wire: the bearer token, and the rule that makes a cookie one.

use std::sync::Arc;

use poem::{
    Request, RequestBody,
    http::{HeaderMap, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use super::{Shared, problem::Fault};
use crate::{
    error_code::ErrorCode,
    flow::session::{Principal, SessionError},
};

/// Name of the security scheme in the OpenAPI document.
const SCHEME: &str = "AccessToken";

/// A request with a valid access token whose session lives.
pub struct SignedIn(pub Principal);

impl<'a> ApiExtractor<'a> for SignedIn {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let about = "An access token of this gateway (RFC 6750).";
        registry.create_security_scheme(SCHEME, http_scheme("bearer", about, Some("JWT")));
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(
        req: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let shared = req.data::<Arc<Shared>>().ok_or_else(|| Fault::new(ErrorCode::InternalError))?;
        let token = bearer(req.headers())?.ok_or_else(|| Fault::new(ErrorCode::Unauthenticated))?;
        let principal = shared.context.authenticate(token).map_err(|error| of_access(&error))?;
        Ok(Self(principal))
    }
}

/// The same, from one of our own front ends: not a client of `OAUTH_CLIENTS`, whose users let it know who they are and no more.
pub struct FirstParty(pub Principal);

impl<'a> ApiExtractor<'a> for FirstParty {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        SignedIn::register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        SignedIn::security_schemes()
    }

    async fn from_request(
        req: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let SignedIn(principal) = SignedIn::from_request(req, body, options).await?;
        if principal.is_first_party() {
            Ok(Self(principal))
        } else {
            Err(Fault::new(ErrorCode::ClientNotAllowed).into())
        }
    }
}

/// An HTTP authentication scheme as the OpenAPI document describes it.
pub fn http_scheme(
    scheme: &'static str,
    about: &'static str,
    bearer_format: Option<&'static str>,
) -> MetaSecurityScheme {
    MetaSecurityScheme {
        ty: "http",
        description: Some(about),
        name: None,
        key_in: None,
        scheme: Some(scheme),
        bearer_format,
        flows: None,
        openid_connect_url: None,
    }
}

/// The bearer token of a request, if any. More than one, or one that is no token, is malformed (RFC 6750 section 3.1).
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Fault> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let malformed = || Fault::new(ErrorCode::InvalidRequest).with_detail("The Authorization header is malformed.");
    if values.next().is_some() {
        return Err(malformed());
    }
    let text = value.to_str().map_err(|_| malformed())?.trim();
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let token = token.trim();
    let is_token68 =
        !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    if is_token68 { Ok(Some(token)) } else { Err(malformed()) }
}

/// What a refused access token is answered with.
pub fn of_access(error: &SessionError) -> Fault {
    Fault::new(match error {
        SessionError::TokenExpired => ErrorCode::TokenExpired,
        SessionError::Revoked => ErrorCode::SessionRevoked,
        SessionError::Expired => ErrorCode::SessionExpired,
        _ => ErrorCode::InvalidToken,
    })
}

/// Whether a page's script asks with fetch where a browser was to go itself. Programs without a browser name the mode too, but no
/// site: they may go on.
pub fn is_fetch_of_a_page(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-mode").is_some_and(|mode| mode == "cors") && headers.contains_key("sec-fetch-site")
}

/// Whether a front end asked for cookie mode: the refresh token in a cookie, never in a body.
pub fn cookie_mode(headers: &HeaderMap) -> bool {
    headers.get("x-munjigi-cookie").is_some_and(|value| value == "1")
}

/// Whether an origin may call with cookies: our own, or a listed one.
fn may_call(shared: &Shared, origin: &str) -> bool {
    is_own(shared, origin) || shared.config.server.cors_origins.iter().any(|allowed| allowed == origin)
}

fn is_own(shared: &Shared, origin: &str) -> bool {
    shared.config.server.public_url.origin().ascii_serialization() == origin
}

/// Whether a refresh cookie may count as a credential: the header no cross-site form can send, or our own origin; never from
/// an origin that may not call us. Fetch Metadata decides where a browser sends it without an origin.
pub fn cookie_may_count(shared: &Shared, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("origin"), text("sec-fetch-site")) {
        (Some(origin), _) if !may_call(shared, origin) => false,
        (None, Some("cross-site")) => false,
        (Some(origin), _) if is_own(shared, origin) => true,
        (None, Some("same-origin")) => true,
        _ => cookie_mode(headers),
    }
}

/// Whether a form comes from a page of our own. Browsers say where a form comes from, and a form needs no other program.
pub fn is_from_own_page(shared: &Shared, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), Some(origin)) => site == "same-origin" && (is_own(shared, origin) || origin == "null"),
        (Some(site), None) => site == "same-origin",
        // Browsers leave the site out over plain http.
        (None, origin) => origin.is_some_and(|origin| is_own(shared, origin)),
    }
}

/// Whether an attempt cookie may finish a login posted by a front end. The code and state beside it cannot be forged, so
/// only a browser that names a foreign origin is refused.
pub fn attempt_cookie_may_count(shared: &Shared, headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    origin.is_none_or(|origin| may_call(shared, origin))
}
