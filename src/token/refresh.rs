//! Refresh tokens: JWTs under a derived key that is in no JWKS (contract 4.2).
//!
//! Everything in one comes from its row, and HMAC has no randomness: the same row gives the same bytes.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    TokenError,
    jws::{Addressed, Signer, SigningKey, Verifier, VerifyingKey},
    secret::{self, Purpose},
};
use crate::{clock::Timestamp, config::AccessAlgorithm};

/// What a refresh token says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshFacts {
    /// Its name and the key of its row.
    pub jti: Uuid,
    /// The session it belongs to.
    pub session_id: Uuid,
    /// The user of that session.
    pub user_id: Uuid,
    /// Issued at, whole seconds.
    pub issued_at: Timestamp,
    /// Expires at, whole seconds.
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    iat: i64,
    exp: i64,
    jti: Uuid,
    sid: Uuid,
    token_type: RefreshKind,
}

impl Addressed for Claims {
    fn issuer(&self) -> &str {
        &self.iss
    }

    fn audience(&self) -> &str {
        &self.aud
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum RefreshKind {
    #[serde(rename = "refresh")]
    Refresh,
}

/// Writes and reads refresh tokens.
pub struct RefreshTokens {
    signer: Signer,
    verifier: Verifier,
    issuer: String,
    audience: String,
}

/// Distinguishes them from every other JWT (RFC 8725 section 3.11).
const TYP: &str = "refresh+jwt";

impl RefreshTokens {
    /// `audience` is the token endpoint: only there may they be presented.
    pub fn new(master: &SecretString, issuer: &str, audience: &str) -> Self {
        let key = secret::derive(master, Purpose::RefreshToken);
        let algorithm = AccessAlgorithm::Hs256;
        Self {
            signer: Signer::new(SigningKey::hs256(&key), algorithm, TYP, None),
            verifier: Verifier::new(VerifyingKey::hs256(&key), algorithm, &[TYP], None, issuer, audience),
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
        }
    }

    /// The token of a row, always the same bytes.
    pub fn write(&self, facts: &RefreshFacts) -> SecretString {
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: facts.user_id,
            iat: facts.issued_at.secs(),
            exp: facts.expires_at.secs(),
            jti: facts.jti,
            sid: facts.session_id,
            token_type: RefreshKind::Refresh,
        };
        #[expect(clippy::expect_used, reason = "HMAC over a plain struct cannot fail")]
        self.signer.sign(&claims).expect("signs").into()
    }

    /// Checks a presented token without the database. An expired one is told apart, because its session may be too.
    pub fn read(&self, token: &str, now: Timestamp) -> Result<RefreshFacts, TokenError> {
        let claims: Claims = self.verifier.verify(token)?;
        // No leeway: issuer and reader are the same gateway.
        if claims.exp <= now.secs() {
            return Err(TokenError::Expired);
        }
        Ok(RefreshFacts {
            jti: claims.jti,
            session_id: claims.sid,
            user_id: claims.sub,
            issued_at: Timestamp::from_secs(claims.iat),
            expires_at: Timestamp::from_secs(claims.exp),
        })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn facts() -> RefreshFacts {
        let at = Timestamp::from_secs(1_700_000_000);
        RefreshFacts {
            jti: at.new_uuid(),
            session_id: at.new_uuid(),
            user_id: at.new_uuid(),
            issued_at: at,
            expires_at: Timestamp::from_secs(1_700_000_100),
        }
    }

    fn tokens(master: &str) -> RefreshTokens {
        RefreshTokens::new(&SecretString::from(master), "https://a.example", "https://a.example/oauth/token")
    }

    #[test]
    fn a_token_reads_back_and_is_made_again_byte_for_byte() {
        let (tokens, facts) = (tokens("one secret of at least thirty-two bytes"), facts());
        let token = tokens.write(&facts);
        assert_eq!(token.expose_secret(), tokens.write(&facts).expose_secret());
        assert_eq!(tokens.read(token.expose_secret(), facts.issued_at), Ok(facts));
        assert_eq!(tokens.read(token.expose_secret(), facts.expires_at), Err(TokenError::Expired));
    }

    #[test]
    fn a_token_under_another_master_secret_is_refused() {
        let token = tokens("another secret of at least thirty-two bytes").write(&facts());
        let read = tokens("one secret of at least thirty-two bytes").read(token.expose_secret(), facts().issued_at);
        assert_eq!(read, Err(TokenError::Invalid));
    }
}
