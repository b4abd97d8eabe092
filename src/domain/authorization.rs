//! The standard front door's half of a login: what a client asked for, and the code it gets (RFC 6749 section 4.1, RFC 7636).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    token::secret::{s256, same},
};

/// How long a code may take from the browser to the token endpoint.
pub const CODE_LIFETIME: Duration = Duration::from_mins(1);

/// An authorization request that passed all checks. Travels sealed in the login attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRequest {
    /// `client_id`.
    #[serde(rename = "c")]
    pub client_id: String,
    /// One of the client's own, to the letter.
    #[serde(rename = "r")]
    pub redirect_uri: String,
    /// Sent back as it came.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// S256.
    #[serde(rename = "h")]
    pub code_challenge: String,
    /// Sent back in the ID token.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Whether an ID token was asked for.
    #[serde(rename = "o", default)]
    pub openid: bool,
}

impl ClientRequest {
    /// The client's address with these parameters, its state and our issuer (RFC 9207) added.
    pub fn answer(&self, issuer: &str, parameters: &[(&str, &str)]) -> String {
        let Ok(mut url) = Url::parse(&self.redirect_uri) else { return self.redirect_uri.clone() };
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(parameters).append_pair("iss", issuer);
            if let Some(state) = &self.state {
                query.append_pair("state", state);
            }
        }
        url.into()
    }
}

/// What stands behind an authorization code. The code is this, sealed; nothing of it is stored. That it works once is up to the
/// session, whose first refresh token is made when the code is redeemed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthorizationCode {
    #[serde(rename = "i")]
    session_id: Uuid,
    #[serde(rename = "q")]
    request: ClientRequest,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    authenticated_at: Option<i64>,
    #[serde(rename = "e")]
    expires_at: i64,
}

/// A code whose bearer proved to be the client that asked.
#[derive(Debug, Clone)]
pub struct VerifiedCode {
    /// The session that waits for it.
    pub session_id: Uuid,
    /// For whom.
    pub client_id: String,
    /// Whether an ID token was asked for, and with which nonce.
    pub openid: Option<IdTokenRequest>,
}

/// An ID token that was asked for.
#[derive(Debug, Clone)]
pub struct IdTokenRequest {
    /// To be repeated in it.
    pub nonce: Option<String>,
    /// When the provider says the person proved who they are; it may keep a browser signed in for weeks.
    pub authenticated_at: Option<Timestamp>,
}

impl AuthorizationCode {
    /// A code for a session made at `now`.
    pub fn new(session_id: Uuid, request: ClientRequest, authenticated_at: Option<Timestamp>, now: Timestamp) -> Self {
        // The state goes back beside the code, not in it.
        let request = ClientRequest { state: None, ..request };
        let authenticated_at = authenticated_at.map(Timestamp::millis);
        Self { session_id, request, authenticated_at, expires_at: (now + CODE_LIFETIME).millis() }
    }

    /// Checks who presents it (RFC 6749 section 4.1.3, RFC 7636 section 4.6); `None` whatever is wrong.
    pub fn verify(
        self,
        client_id: &str,
        redirect_uri: &str,
        code_verifier: &str,
        now: Timestamp,
    ) -> Option<VerifiedCode> {
        let is_good = Timestamp::from_millis(self.expires_at) > now
            && self.request.client_id == client_id
            && self.request.redirect_uri == redirect_uri
            && super::login_attempt::is_code_verifier(code_verifier)
            && same(&self.request.code_challenge, &s256(code_verifier));
        let authenticated_at = self.authenticated_at.map(Timestamp::from_millis);
        let openid = self.request.openid.then_some(IdTokenRequest { nonce: self.request.nonce, authenticated_at });
        is_good.then_some(VerifiedCode { session_id: self.session_id, client_id: self.request.client_id, openid })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const REDIRECT: &str = "https://app.example.com/cb?a=b";

    fn request() -> ClientRequest {
        ClientRequest {
            client_id: "spa".into(),
            redirect_uri: REDIRECT.into(),
            state: Some("x&y".into()),
            code_challenge: s256(VERIFIER),
            nonce: None,
            openid: true,
        }
    }

    #[test]
    fn a_code_is_for_its_client_redirect_uri_verifier_and_minute() {
        let verify = |client: &str, redirect: &str, verifier: &str, now: Timestamp| {
            AuthorizationCode::new(Uuid::nil(), request(), None, NOW).verify(client, redirect, verifier, now).is_some()
        };
        assert!(verify("spa", REDIRECT, VERIFIER, NOW));
        assert!(!verify("other", REDIRECT, VERIFIER, NOW));
        assert!(!verify("spa", "https://app.example.com/cb", VERIFIER, NOW));
        assert!(!verify("spa", REDIRECT, &VERIFIER.replace('d', "e"), NOW));
        assert!(!verify("spa", REDIRECT, "", NOW));
        assert!(!verify("spa", REDIRECT, VERIFIER, NOW + CODE_LIFETIME));
    }

    #[test]
    fn the_answer_keeps_the_query_of_the_redirect_uri() {
        let url = request().answer("https://auth.example.com", &[("code", "c+d")]);
        let expected = "https://app.example.com/cb?a=b&code=c%2Bd&iss=https%3A%2F%2Fauth.example.com&state=x%26y";
        assert_eq!(url, expected);
    }
}
