//! The keys of access tokens: who signs now, who is still believed, what the JWKS says (contract 4.4).

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    LEEWAY_SECS, TokenError,
    access::AccessClaims,
    jws::{self, KeyError, Signer, SigningKey, Verifier, VerifyingKey},
    secret::{base64url, sha256},
    verified::VerifiedTokens,
};
use crate::{clock::Timestamp, config::AccessAlgorithm};

/// A new key is published this long before it signs: verifiers refuse a `kid` they have not seen for up to minutes.
pub const PUBLISH_AHEAD: Duration = Duration::from_mins(10);

/// A key as it is stored, its private part opened.
pub struct StoredKey {
    /// Its name: the JWK thumbprint (RFC 7638).
    pub kid: String,
    /// Its algorithm.
    pub algorithm: AccessAlgorithm,
    /// PKCS#8.
    pub pkcs8: Vec<u8>,
    /// From when on it signs.
    pub activates_at: Timestamp,
}

/// Where a key stands at one moment. Derived from times alone: nothing has to be switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, not signing yet.
    Pending,
    /// Signs.
    Active,
    /// Signs no more, still believed until this moment.
    Retiring(Timestamp),
    /// Believed no more.
    Gone,
}

/// The state of every key at `now`; `keys` is a list of (algorithm, activates_at) in any order.
///
/// Active is the newest activated key of the configured algorithm. Every other activated key retires from the moment its
/// successor took over.
pub fn states(
    keys: &[(AccessAlgorithm, Timestamp)],
    algorithm: AccessAlgorithm,
    access_lifetime: Duration,
    now: Timestamp,
) -> Vec<KeyState> {
    let active = (0..keys.len())
        .filter(|&index| keys[index].0 == algorithm && keys[index].1 <= now)
        .max_by_key(|&index| keys[index].1);
    let state = |index: usize| {
        let (_, activates_at) = keys[index];
        if Some(index) == active {
            return KeyState::Active;
        }
        if activates_at > now {
            return KeyState::Pending;
        }
        let later = keys.iter().map(|(_, at)| *at).filter(|at| *at > activates_at && *at <= now).min();
        let believed_until = later.unwrap_or(now) + access_lifetime + leeway();
        if believed_until > now { KeyState::Retiring(believed_until) } else { KeyState::Gone }
    };
    (0..keys.len()).map(state).collect()
}

const fn leeway() -> Duration {
    Duration::from_secs(LEEWAY_SECS.unsigned_abs())
}

/// The `kid` of a public JWK: its RFC 7638 thumbprint.
pub fn thumbprint(public: &Value) -> String {
    // `SigningKey::public_jwk` writes exactly the required members in the order section 3.3 asks for.
    base64url(sha256(public.to_string().as_bytes()))
}

/// Issuer, audience and header of the tokens of this gateway.
#[derive(Debug, Clone)]
pub struct AccessProfile {
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
    /// `typ`.
    pub typ: String,
    /// What signs.
    pub algorithm: AccessAlgorithm,
    /// How long tokens live.
    pub lifetime: Duration,
}

/// All usable keys at one moment. Replaced as a whole when the keys change.
pub struct Keyring {
    signer: Signer,
    id_token_head: String,
    active_kid: Option<String>,
    verifiers: Vec<Verifier>,
    jwks: Option<Value>,
    verified: Arc<VerifiedTokens>,
}

impl Keyring {
    /// The ring of a shared secret (`JWT_ALGORITHM=HS256`): no JWKS.
    pub fn shared_secret(profile: &AccessProfile, secret: &[u8]) -> Self {
        let key = VerifyingKey::hs256(secret);
        let verifier = verifier(profile, key, AccessAlgorithm::Hs256, None);
        let signer = Signer::new(SigningKey::hs256(secret), AccessAlgorithm::Hs256, &profile.typ, None);
        let id_token_head = jws::head(AccessAlgorithm::Hs256, "JWT", None);
        Self {
            signer,
            id_token_head,
            active_kid: None,
            verifiers: vec![verifier],
            jwks: None,
            verified: Arc::default(),
        }
    }

    /// The ring of stored keys at `now`. `Err` when none may sign.
    pub fn of_keys(profile: &AccessProfile, keys: &[StoredKey], now: Timestamp) -> Result<Self, KeyError> {
        let times: Vec<_> = keys.iter().map(|key| (key.algorithm, key.activates_at)).collect();
        let states = states(&times, profile.algorithm, profile.lifetime, now);
        let mut active = None;
        let (mut verifiers, mut published) = (Vec::new(), Vec::new());
        for (key, state) in keys.iter().zip(states).filter(|(_, state)| *state != KeyState::Gone) {
            let signing = SigningKey::from_pkcs8(key.algorithm, &key.pkcs8)?;
            let mut jwk = signing.public_jwk().ok_or(KeyError)?;
            jwk["kid"] = key.kid.as_str().into();
            jwk["use"] = "sig".into();
            jwk["alg"] = key.algorithm.as_str().into();
            verifiers.push(verifier(profile, signing.verifying()?, key.algorithm, Some(&key.kid)));
            published.push(jwk);
            if state == KeyState::Active {
                let signer = Signer::new(signing, key.algorithm, &profile.typ, Some(&key.kid));
                active = Some((signer, key.kid.clone()));
            }
        }
        let (signer, kid) = active.ok_or(KeyError)?;
        let id_token_head = jws::head(profile.algorithm, "JWT", Some(&kid));
        let jwks = Some(json!({ "keys": published }));
        Ok(Self { signer, id_token_head, active_kid: Some(kid), verifiers, jwks, verified: Arc::default() })
    }

    /// Takes over which tokens were verified before, if they were verified by the very keys of this ring.
    #[must_use]
    pub fn following(mut self, earlier: &Self) -> Self {
        if self.jwks == earlier.jwks {
            self.verified = Arc::clone(&earlier.verified);
        }
        self
    }

    /// Signs an access token.
    pub fn sign(&self, claims: &AccessClaims) -> Result<String, KeyError> {
        self.signer.sign(claims)
    }

    /// Signs an ID token: by the same key, whatever `JWT_TYP` says of access tokens.
    pub fn sign_id_token(&self, claims: &impl Serialize) -> Result<String, KeyError> {
        self.signer.sign_under(&self.id_token_head, claims)
    }

    /// Checks an access token; whether its session still lives is another question.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Arc<AccessClaims>, TokenError> {
        if let Some(claims) = self.verified.get(token) {
            let checked = claims.check_time(now).map(|()| Arc::clone(&claims));
            if checked.is_err() {
                self.verified.forget(token);
            }
            return checked;
        }
        let verifier = self.verifiers.iter().find(|verifier| verifier.recognizes(token)).ok_or(TokenError::Invalid)?;
        let claims = Arc::new(verifier.verify::<AccessClaims>(token)?);
        claims.check_time(now)?;
        self.verified.insert(token, Arc::clone(&claims), now);
        Ok(claims)
    }

    /// Forgets a token whose session was ended.
    pub fn forget(&self, token: &str) {
        self.verified.forget(token);
    }

    /// The JWK set (RFC 7517 section 5); `None` under a shared secret.
    pub fn jwks(&self) -> Option<&Value> {
        self.jwks.as_ref()
    }

    /// The `kid` that signs now.
    pub fn active_kid(&self) -> Option<&str> {
        self.active_kid.as_deref()
    }
}

fn verifier(profile: &AccessProfile, key: VerifyingKey, algorithm: AccessAlgorithm, kid: Option<&str>) -> Verifier {
    // Both spellings, so that changing JWT_TYP invalidates no token that lives.
    Verifier::new(key, algorithm, &["JWT", "at+jwt"], kid, &profile.issuer, &profile.audience)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::from_mins(15);
    const ES: AccessAlgorithm = AccessAlgorithm::Es256;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    #[test]
    fn a_key_is_pending_then_active_then_retiring_then_gone() {
        let keys = [(ES, at(0)), (ES, at(1000))];
        let seen = |now| states(&keys, ES, LIFETIME, at(now));
        assert_eq!(seen(500), [KeyState::Active, KeyState::Pending]);
        assert_eq!(seen(1000), [KeyState::Retiring(at(1930)), KeyState::Active]);
        assert_eq!(seen(1929), [KeyState::Retiring(at(1930)), KeyState::Active]);
        assert_eq!(seen(1930), [KeyState::Gone, KeyState::Active]);
    }

    #[test]
    fn a_key_of_another_algorithm_retires_when_the_algorithm_changes() {
        let keys = [(ES, at(0)), (AccessAlgorithm::EdDsa, at(1000))];
        assert_eq!(states(&keys, AccessAlgorithm::EdDsa, LIFETIME, at(1001))[0], KeyState::Retiring(at(1930)));
    }

    #[test]
    fn the_thumbprint_follows_rfc_7638_section_3_1() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs\
                 tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let jwk = json!({"e": "AQAB", "kty": "RSA", "n": n});
        assert_eq!(thumbprint(&jwk), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }
}
