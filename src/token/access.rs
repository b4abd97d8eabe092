//! Access tokens: JWTs any back end verifies by JWKS (contract 4.1; RFC 7519, and RFC 9068 when `typ` is `at+jwt`).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{LEEWAY_SECS, TokenError, jws::Addressed};
use crate::clock::Timestamp;

/// Claims of an access token. Times are NumericDates; ids are strings, since 11 of 22 verifiers refuse a numeric `sub`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Who issued it: `JWT_ISSUER`.
    pub iss: String,
    /// For whom: `JWT_AUDIENCE`.
    pub aud: String,
    /// The user's id.
    pub sub: Uuid,
    /// Issued at.
    pub iat: i64,
    /// Expires at.
    pub exp: i64,
    /// Name of this token.
    pub jti: Uuid,
    /// The session it belongs to.
    pub sid: Uuid,
    /// The client the session was made for (RFC 9068 section 2.2).
    pub client_id: String,
    /// Always `access`: SimpleJWT refuses anything else.
    pub token_type: AccessKind,
    /// `sub` again, under the name SimpleJWT reads.
    pub user_id: Uuid,
    /// `JWT_EXTRA_CLAIMS=username`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// `JWT_EXTRA_CLAIMS=nickname`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// `JWT_EXTRA_CLAIMS=email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Beside `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
}

/// The one value `token_type` may have here; a refresh token does not even parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessKind {
    /// `"access"`.
    #[serde(rename = "access")]
    Access,
}

impl Addressed for AccessClaims {
    fn issuer(&self) -> &str {
        &self.iss
    }

    fn audience(&self) -> &str {
        &self.aud
    }
}

impl AccessClaims {
    /// Checks the times of claims whose signature, issuer and audience were checked before.
    pub(super) fn check_time(&self, now: Timestamp) -> Result<(), TokenError> {
        if self.exp.saturating_add(LEEWAY_SECS) <= now.secs() {
            return Err(TokenError::Expired);
        }
        if self.iat > now.secs().saturating_add(LEEWAY_SECS) {
            return Err(TokenError::Invalid);
        }
        Ok(())
    }
}
