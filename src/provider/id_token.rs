//! ID tokens of a provider: the checks of OIDC Core section 3.1.3.7.

use serde::Deserialize;

use super::{
    ProviderError,
    jwks::{Audience, JwsError, KeySet},
};
use crate::{
    clock::Timestamp,
    domain::identity::Subject,
    token::secret::{base64url, same, sha256},
};

/// Clocks of the provider and this machine may differ by this much, seconds.
pub(super) const LEEWAY_SECS: i64 = 60;

/// What is expected of one ID token.
pub struct Expected<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// `aud` must be exactly one of these: our client id, or the keys of our apps.
    pub audiences: &'a [String],
    /// `nonce`.
    pub nonce: ExpectedNonce<'a>,
}

/// How the nonce has to appear.
#[derive(Clone, Copy)]
pub enum ExpectedNonce<'a> {
    /// As it was sent.
    Exactly(&'a str),
    /// As it was sent, or its SHA-256: some apps hand the SDK only a hash, and keep the nonce itself for us.
    MaybeHashed(&'a str),
}

/// What an ID token says of a person. The address stands in it only while valid and verified.
#[derive(Clone, Deserialize)]
pub struct IdTokenClaims {
    iss: String,
    aud: Audience,
    sub: String,
    iat: i64,
    exp: i64,
    nonce: Option<String>,
    /// When the person proved who they are.
    pub auth_time: Option<i64>,
    /// Display name.
    pub nickname: Option<String>,
    /// URL of the picture.
    pub picture: Option<String>,
    /// Address.
    pub email: Option<String>,
}

/// Checks a token, signature first, and returns whom it is about.
pub async fn check(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<(Subject, IdTokenClaims), ProviderError> {
    let claims: IdTokenClaims = keys.verify(token, None).await.map_err(of_jws)?;
    check_claims(&claims, expected, now)?;
    let subject = Subject::kakao(&claims.sub).ok_or(ProviderError::unacceptable("ID token: sub is no user number"))?;
    Ok((subject, claims))
}

fn of_jws(error: JwsError) -> ProviderError {
    match error {
        JwsError::Header(_) => ProviderError::unacceptable("ID token: malformed, or not RS256 with a key id"),
        JwsError::UnknownKey => ProviderError::unacceptable("ID token: unknown key"),
        JwsError::Signature => ProviderError::unacceptable("ID token: signature or claims invalid"),
        JwsError::Unavailable(error) => error,
    }
}

fn check_claims(claims: &IdTokenClaims, expected: &Expected<'_>, now: Timestamp) -> Result<(), ProviderError> {
    let refuse = |what| Err(ProviderError::unacceptable(what));
    if claims.iss != expected.issuer {
        return refuse("ID token: wrong issuer");
    }
    // A token for others too is not for us alone (OIDC Core 3.1.3.7 rule 3).
    if !matches!(claims.aud.values(), [audience] if expected.audiences.contains(audience)) {
        return refuse("ID token: wrong audience");
    }
    let now = now.secs();
    if claims.exp.saturating_add(LEEWAY_SECS) <= now {
        return refuse("ID token: expired");
    }
    if claims.iat > now.saturating_add(LEEWAY_SECS) {
        return refuse("ID token: issued in the future");
    }
    match &claims.nonce {
        Some(nonce) if expected.nonce.fits(nonce) => Ok(()),
        _ => refuse("ID token: wrong nonce"),
    }
}

impl ExpectedNonce<'_> {
    fn fits(self, claim: &str) -> bool {
        match self {
            Self::Exactly(nonce) => same(claim, nonce),
            Self::MaybeHashed(nonce) => {
                let digest = sha256(nonce.as_bytes());
                let hex = digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
                same(claim, nonce) || same(claim, &hex) || same(claim, &base64url(digest))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hashed_nonce_counts_only_where_apps_hash_it() {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let base64 = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";
        for claim in ["abc", hex, base64] {
            assert!(ExpectedNonce::MaybeHashed("abc").fits(claim), "{claim}");
            assert_eq!(ExpectedNonce::Exactly("abc").fits(claim), claim == "abc");
        }
        assert!(!ExpectedNonce::MaybeHashed("abc").fits("abd"));
    }
}
