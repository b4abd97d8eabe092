//! ID tokens of a provider: its keys, cached, and the checks of OIDC Core section 3.1.3.7.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::{ProviderError, http::UpstreamHttp};
use crate::{
    clock::{Clock, Timestamp},
    domain::identity::Subject,
    token::secret::{from_base64url, same},
};

/// Kakao warns that reading its keys too often may be blocked, and rotates them rarely.
const FRESH_FOR: Duration = Duration::from_hours(1);

/// Between two downloads, whatever arrives: forged key ids must not become requests to the provider.
const COOL_DOWN: Duration = Duration::from_secs(30);

/// Clocks of the provider and this machine may differ by this much, seconds.
const LEEWAY_SECS: i64 = 60;

/// What is expected of one ID token.
pub struct Expected<'a> {
    /// `aud`: our client id.
    pub audience: &'a str,
    /// `nonce`: the one sealed in the attempt.
    pub nonce: &'a str,
}

#[derive(Clone, Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    sub: String,
    iat: i64,
    exp: i64,
    nonce: Option<String>,
}

/// RFC 7519 section 4.1.3: one string, or several.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

struct Cached {
    keys: JwkSet,
    read_at: Timestamp,
}

/// Checks ID tokens of one issuer.
pub struct IdTokens {
    issuer: String,
    jwks_url: String,
    http: UpstreamHttp,
    clock: Arc<dyn Clock>,
    cache: ArcSwapOption<Cached>,
    /// When a download was last tried. Its lock makes downloads single-flight.
    last_try: Mutex<Option<Timestamp>>,
}

impl IdTokens {
    /// For an issuer whose keys are at `jwks_url`.
    pub fn new(issuer: String, jwks_url: String, http: UpstreamHttp, clock: Arc<dyn Clock>) -> Self {
        Self { issuer, jwks_url, http, clock, cache: ArcSwapOption::empty(), last_try: Mutex::new(None) }
    }

    /// Checks a token, signature first, and returns whom it is about.
    pub async fn check(&self, token: &str, expected: &Expected<'_>) -> Result<Subject, ProviderError> {
        let kid = key_id(token)?;
        let key = self.key(&kid).await?;
        let claims = verify_signature(token, &key)?;
        self.check_claims(&claims, expected)?;
        Subject::kakao(&claims.sub).ok_or(ProviderError::unacceptable("ID token: sub is no user number"))
    }

    fn check_claims(&self, claims: &Claims, expected: &Expected<'_>) -> Result<(), ProviderError> {
        let refuse = |what| Err(ProviderError::unacceptable(what));
        if claims.iss != self.issuer {
            return refuse("ID token: wrong issuer");
        }
        let for_us = match &claims.aud {
            Audience::One(audience) => audience == expected.audience,
            // A token for others too is not for us alone (OIDC Core 3.1.3.7 rule 3).
            Audience::Several(audiences) => matches!(audiences.as_slice(), [audience] if audience == expected.audience),
        };
        if !for_us {
            return refuse("ID token: wrong audience");
        }
        let now = self.clock.now().secs();
        if claims.exp.saturating_add(LEEWAY_SECS) <= now {
            return refuse("ID token: expired");
        }
        if claims.iat > now.saturating_add(LEEWAY_SECS) {
            return refuse("ID token: issued in the future");
        }
        match &claims.nonce {
            Some(nonce) if same(nonce, expected.nonce) => Ok(()),
            _ => refuse("ID token: wrong nonce"),
        }
    }

    /// The key of this name: from the cache, or from one download if the cache is old or does not know it.
    async fn key(&self, kid: &str) -> Result<DecodingKey, ProviderError> {
        let now = self.clock.now();
        let is_fresh = |cached: &Cached| now.since(cached.read_at) < FRESH_FOR;
        if let Some(key) =
            self.cache.load().as_deref().filter(|cached| is_fresh(cached)).and_then(|cached| find(cached, kid))
        {
            return Ok(key);
        }
        let downloaded = self.download(now).await;
        // An old key set that knows the key is better than none: the provider's outage is not ours.
        match (self.cache.load().as_deref().and_then(|cached| find(cached, kid)), downloaded) {
            (Some(key), _) => Ok(key),
            (None, Ok(())) => Err(ProviderError::unacceptable("ID token: unknown key")),
            (None, Err(error)) => Err(error),
        }
    }

    async fn download(&self, now: Timestamp) -> Result<(), ProviderError> {
        let mut last_try = self.last_try.lock().await;
        if last_try.is_some_and(|at| now.since(at) < COOL_DOWN) {
            return match self.cache.load().as_deref() {
                Some(_) => Ok(()),
                None => Err(ProviderError::unavailable("its keys could not be read a moment ago")),
            };
        }
        *last_try = Some(now);
        let unavailable = |_| ProviderError::unavailable("its keys cannot be read");
        let answer = self.http.get(&self.jwks_url, None).await.map_err(unavailable)?;
        if answer.status != http::StatusCode::OK {
            return Err(ProviderError::unavailable("its keys cannot be read"));
        }
        let keys = parse_keys(&answer.body).ok_or(ProviderError::unavailable("its keys are not a JWK set"))?;
        tracing::debug!(event = "jwks_read", keys = keys.keys.len());
        self.cache.store(Some(Arc::new(Cached { keys, read_at: now })));
        Ok(())
    }
}

/// Keys we cannot use are passed over, not fatal (RFC 7517 section 5).
fn parse_keys(body: &[u8]) -> Option<JwkSet> {
    let set: serde_json::Value = serde_json::from_slice(body).ok()?;
    let usable = |key: &serde_json::Value| serde_json::from_value(key.clone()).ok();
    let keys: Vec<_> = set.get("keys")?.as_array()?.iter().filter_map(usable).collect();
    (!keys.is_empty()).then_some(JwkSet { keys })
}

fn find(cached: &Cached, kid: &str) -> Option<DecodingKey> {
    let jwk = cached.keys.find(kid)?;
    matches!(jwk.algorithm, jsonwebtoken::jwk::AlgorithmParameters::RSA(_)).then(|| DecodingKey::from_jwk(jwk).ok())?
}

/// Reads the header only to choose a key; the algorithm is ours, not the token's (RFC 8725 section 3.1).
fn key_id(token: &str) -> Result<String, ProviderError> {
    let refuse = ProviderError::unacceptable;
    let head = token.split('.').next().and_then(from_base64url);
    let header: Header =
        head.and_then(|head| serde_json::from_slice(&head).ok()).ok_or(refuse("ID token: malformed header"))?;
    if header.alg != "RS256" {
        return Err(refuse("ID token: not RS256"));
    }
    if header.crit.is_some() {
        return Err(refuse("ID token: unknown critical header"));
    }
    header.kid.ok_or(refuse("ID token: no key id"))
}

fn verify_signature(token: &str, key: &DecodingKey) -> Result<Claims, ProviderError> {
    let mut validation = Validation::new(Algorithm::RS256);
    // Time, issuer and audience are checked above, each with a refusal of its own.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    jsonwebtoken::decode::<Claims>(token, key, &validation)
        .map(|data| data.claims)
        .map_err(|_| ProviderError::unacceptable("ID token: signature or claims invalid"))
}
