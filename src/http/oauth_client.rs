//! Who calls `/oauth`: the authenticated or named client of a request (RFC 6749 section 2.3).

use base64::{Engine, engine::general_purpose::STANDARD};
use poem::{Request, RequestBody};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, registry::Registry};
use secrecy::ExposeSecret;

use super::{Shared, auth, oauth_error::OAuthError};
use crate::{domain::session::FIRST_PARTY_CLIENT, token::secret::same};

/// Says in the OpenAPI document that an operation asks for client credentials. They may also come in the form, so the check is
/// [`of_request`]'s.
pub struct ClientCredentials;

impl<'a> ApiExtractor<'a> for ClientCredentials {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let about = "Id and secret of a client of OAUTH_CLIENTS (RFC 6749 section 2.3.1).";
        registry.create_security_scheme(SCHEME, auth::http_scheme("basic", about, None));
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(
        _req: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self)
    }
}

/// Name of the security scheme in the OpenAPI document.
const SCHEME: &str = "ClientCredentials";

/// A client that named itself.
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// Whether it proved itself with a secret.
    pub authenticated: bool,
}

/// The client of a request; `None` for our own front ends, which name none. A secret must be right when one is configured.
pub fn of_request(
    shared: &Shared,
    req: &Request,
    id: Option<&str>,
    secret: Option<&str>,
) -> Result<Option<Client>, OAuthError> {
    // A parameter without a value is as good as absent (RFC 6749 section 3.2).
    let (id, secret) = (id.filter(|id| !id.is_empty()), secret.filter(|secret| !secret.is_empty()));
    let basic = basic_credentials(req)?;
    if basic.is_some() && secret.is_some() {
        return Err(OAuthError::bad("invalid_request", "The client authenticated in two ways at once."));
    }
    let (id, secret) = match (basic, id) {
        (Some((basic_id, _)), Some(id)) if id != basic_id => return Err(OAuthError::invalid_client()),
        (Some((id, secret)), _) => (id, Some(secret)),
        (None, Some(id)) => (id.to_owned(), secret.map(ToOwned::to_owned)),
        (None, None) if secret.is_some() => return Err(OAuthError::bad("invalid_request", "client_id is missing.")),
        (None, None) => return Ok(None),
    };
    if id == FIRST_PARTY_CLIENT && secret.is_none() {
        return Ok(Some(Client { id, authenticated: false }));
    }
    let known = shared.config.oauth_clients.iter().find(|client| client.id == id);
    let expected = &known.ok_or(OAuthError::invalid_client())?.secret;
    match (expected, secret) {
        (Some(expected), Some(given)) if same(expected.expose_secret(), &given) => {
            Ok(Some(Client { id, authenticated: true }))
        }
        (None, None) => Ok(Some(Client { id, authenticated: false })),
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
