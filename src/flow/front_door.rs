//! The standard front door (RFC 6749 section 4.1): a login for a client, and the code it redeems.

use std::time::Duration;

use secrecy::SecretString;
use serde::Serialize;
use uuid::Uuid;

use super::{Caller, Context, Issued, session::SessionError};
use crate::{
    clock::Timestamp,
    domain::authorization::{AuthorizationCode, ClientRequest, IdTokenRequest},
    storage::redeem::Redemption,
};

/// Claims of an ID token of ours (OIDC Core section 2).
#[derive(Serialize)]
struct IdTokenClaims<'a> {
    iss: &'a str,
    sub: Uuid,
    aud: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    sid: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

/// What a redeemed code is worth.
pub struct Redeemed {
    /// The tokens of the session.
    pub issued: Issued,
    /// When `openid` was asked for.
    pub id_token: Option<SecretString>,
}

/// An ID token may be used to sign in elsewhere, so it is short-lived.
const ID_TOKEN_LIFETIME: Duration = Duration::from_mins(10);

impl Context {
    /// The code a client gets for a session that was made for it.
    pub fn authorization_code(&self, issued: &Issued, request: &ClientRequest) -> String {
        let (session_id, at) = (issued.session_id, issued.authenticated_at);
        self.codes.seal_json(&AuthorizationCode::new(session_id, request.clone(), at, self.clock.now()))
    }

    /// Exchanges a code for tokens, once. A second time ends the session: one of the two bearers stole it (section 4.1.2).
    pub async fn redeem(
        &self,
        code: &str,
        client_id: &str,
        redirect_uri: &str,
        code_verifier: &str,
        caller: &Caller,
    ) -> Result<Redeemed, SessionError> {
        let now = self.clock.now();
        let code: AuthorizationCode = self.codes.open_json(code).ok_or(SessionError::Invalid)?;
        let code = code.verify(client_id, redirect_uri, code_verifier, now).ok_or(SessionError::Invalid)?;
        match self.storage.redeem(code.session_id, &code.client_id, &self.limits, caller.trace(now)).await? {
            Redemption::Redeemed { token, session, user } => {
                tracing::info!(event = "code_redeemed", session_id = %session.id, client_id = code.client_id);
                let id_token = match &code.openid {
                    Some(asked) if self.keys.current().jwks().is_some() => {
                        Some(self.id_token(asked, &code.client_id, user.id, session.id)?)
                    }
                    // Under a shared secret nobody but us could check one.
                    _ => None,
                };
                Ok(Redeemed { issued: self.issue(user, &session, &token, false)?, id_token })
            }
            Redemption::Again => {
                self.revocations.insert([code.session_id], now);
                tracing::warn!(event = "code_redeemed_again", session_id = %code.session_id);
                Err(SessionError::Reused)
            }
            Redemption::Gone => Err(SessionError::Invalid),
        }
    }

    fn id_token(
        &self,
        asked: &IdTokenRequest,
        client_id: &str,
        user_id: Uuid,
        session_id: Uuid,
    ) -> Result<SecretString, SessionError> {
        let now = self.clock.now();
        let claims = IdTokenClaims {
            iss: &self.keys.profile().issuer,
            sub: user_id,
            aud: client_id,
            iat: now.secs(),
            exp: (now + ID_TOKEN_LIFETIME).secs(),
            auth_time: asked.authenticated_at.map(Timestamp::secs),
            sid: session_id,
            nonce: asked.nonce.as_deref(),
        };
        Ok(self.keys.current().sign_id_token(&claims)?.into())
    }
}
