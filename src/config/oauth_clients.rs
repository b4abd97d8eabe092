//! Clients of the standard front door, from `OAUTH_CLIENTS`.

use secrecy::SecretString;
use serde::Deserialize;

use super::Reader;

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

pub(super) fn read(reader: &mut Reader<'_>) -> Vec<OAuthClient> {
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
