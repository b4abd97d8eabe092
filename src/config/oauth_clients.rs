//! Clients of the standard front door, from `OAUTH_CLIENTS`.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use url::Url;

use super::{Reader, server};

/// One client (RFC 6749 section 2). With a secret it is confidential and may introspect.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuthClient {
    /// `client_id`.
    pub id: String,
    /// Exact redirect URIs.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// `client_secret`.
    pub secret: Option<SecretString>,
}

/// The client sessions made through our own routes belong to; no other may have its name.
pub const FIRST_PARTY_CLIENT: &str = "munjigi";

/// RFC 6749 section 3.1.2, RFC 8252 sections 7.1 to 7.3: absolute, no fragment, no way to be read on the way.
fn is_redirect_uri(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let fits = text.len() <= 512 && url.fragment().is_none() && !text.chars().any(char::is_whitespace);
    fits && match url.scheme() {
        "https" => url.host().is_some(),
        "http" => server::is_loopback(&url),
        // A scheme of an app's own is a domain name backwards; `javascript:` and the like have no dot.
        scheme => scheme.contains('.'),
    }
}

pub(super) fn read(reader: &mut Reader<'_>, production: bool, audience: &str) -> Vec<OAuthClient> {
    const EXPECTED: &str = r#"JSON such as [{"id":"api","secret":"…"}]"#;
    let clients =
        reader.parse("OAUTH_CLIENTS", Vec::new(), EXPECTED, |text| serde_json::from_str::<Vec<OAuthClient>>(text).ok());
    for (index, client) in clients.iter().enumerate() {
        if clients[..index].iter().any(|earlier| earlier.id == client.id) {
            reader.problem(
                "OAUTH_CLIENTS",
                format!("names client {:?} twice", client.id),
                "one of them would be ignored",
                "keep one",
            );
        }
        let shortest = if production { 16 } else { 1 };
        if client.secret.as_ref().is_some_and(|secret| secret.expose_secret().len() < shortest) {
            reader.problem(
                "OAUTH_CLIENTS",
                format!("client {:?} has an empty or short secret", client.id),
                "whoever guesses it may introspect tokens in its name",
                "use openssl rand -base64 32, or leave the secret out for a public client",
            );
        }
        if client.id == audience && !client.redirect_uris.is_empty() {
            reader.problem(
                "OAUTH_CLIENTS",
                format!("client {:?} is named like JWT_AUDIENCE", client.id),
                "its ID tokens would pass for access tokens",
                "choose another id, or another JWT_AUDIENCE",
            );
        }
        if client.id == FIRST_PARTY_CLIENT {
            reader.problem(
                "OAUTH_CLIENTS",
                format!("names a client {FIRST_PARTY_CLIENT:?}"),
                "sessions of the gateway's own routes belong to a client of that name",
                "choose another id",
            );
        }
        if let Some(uri) = client.redirect_uris.iter().find(|uri| !is_redirect_uri(uri)) {
            reader.problem(
                "OAUTH_CLIENTS",
                format!("client {:?} has the redirect URI {uri:?}", client.id),
                "codes go there: it must be absolute, without a fragment, and https unless it is on loopback or an app's own scheme",
                "use https://…, http://localhost…, http://127.0.0.1… or com.example.app:/…",
            );
        }
        if client.id.is_empty() || client.id.contains(|c: char| c.is_control() || c == ':') {
            // RFC 7617: a user-id with a colon cannot be sent by HTTP Basic.
            let why = "it is sent by HTTP Basic, which splits at the colon";
            reader.problem(
                "OAUTH_CLIENTS",
                "has an id that is empty or contains a colon",
                why,
                "use letters, digits and dashes",
            );
        }
    }
    clients
}
