//! A provider's signing keys, cached, and the signature of what it signs with them (RFC 7515, RFC 7517).

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::sync::Mutex;
use tracing::Instrument;

use super::{
    ProviderError,
    endpoint::Endpoint,
    http::{Ask, Credentials},
};
use crate::{
    clock::{Clock, Timestamp},
    token::secret::from_base64url,
};

/// Kakao warns that reading its keys too often may be blocked, and rotates them rarely.
const FRESH_FOR: Duration = Duration::from_hours(1);

/// Between two downloads, whatever arrives: forged key ids must not become requests to the provider.
const COOL_DOWN: Duration = Duration::from_secs(30);

/// Why something signed cannot be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JwsError {
    /// The header is malformed, or names another algorithm or type.
    Header(&'static str),
    /// No published key has this name.
    UnknownKey,
    /// The signature or the shape of the claims is wrong.
    Signature,
    /// The keys cannot be read at the moment.
    Unavailable(ProviderError),
}

/// RFC 7519 section 4.1.3: one string, or several.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Audience {
    /// All of them.
    pub fn values(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

struct Cached {
    /// By name. Parsed once, not for each signature.
    keys: Vec<(String, Arc<ParsedPublicKey>)>,
    read_at: Timestamp,
}

/// The keys of one issuer.
pub struct KeySet(Arc<Source>);

struct Source {
    url: String,
    endpoint: Endpoint,
    clock: Arc<dyn Clock>,
    cache: ArcSwapOption<Cached>,
    /// When a download was last tried, and with what result. Its lock makes downloads single-flight.
    last_try: Mutex<Option<(Timestamp, bool)>>,
}

impl KeySet {
    /// Keys published at `url`; none is read before the first use.
    pub fn new(url: String, endpoint: Endpoint, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Source { url, endpoint, clock, cache: ArcSwapOption::empty(), last_try: Mutex::new(None) }))
    }

    /// The claims of a compact JWS signed RS256 with one of the keys. `typ`, when given, must stand in the header
    /// (RFC 8725 section 3.11).
    pub async fn verify<C: DeserializeOwned>(&self, token: &str, typ: Option<&str>) -> Result<C, JwsError> {
        let kid = key_id(token, typ)?;
        let key = self.0.key(&kid).await?;
        let claims = signed_part(token, &key).ok_or(JwsError::Signature)?;
        // Time, issuer and audience are checked by the callers, each with a refusal of its own.
        serde_json::from_slice(&claims).map_err(|_| JwsError::Signature)
    }
}

/// What a compact JWS (RFC 7515 section 3.1) carries, if this key signed it.
fn signed_part(token: &str, key: &ParsedPublicKey) -> Option<Vec<u8>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (_, payload) = signed.split_once('.')?;
    key.verify_sig(signed.as_bytes(), &from_base64url(signature)?).ok()?;
    from_base64url(payload)
}

impl Source {
    /// The key of this name: from the cache, or from one download if the cache is old or does not know it.
    async fn key(self: &Arc<Self>, kid: &str) -> Result<Arc<ParsedPublicKey>, JwsError> {
        let now = self.clock.now();
        let is_fresh = |cached: &Cached| now.since(cached.read_at) < FRESH_FOR;
        if let Some(key) =
            self.cache.load().as_deref().filter(|cached| is_fresh(cached)).and_then(|cached| find(cached, kid))
        {
            return Ok(key);
        }
        // To its end, whoever stops waiting: a download that broke off would leave everybody without keys for the cool-down.
        let source = Arc::clone(self);
        let download = tokio::spawn(async move { source.download(now).await }.in_current_span());
        let downloaded = download.await.unwrap_or(Err(ProviderError::unavailable("reading its keys broke off")));
        // An old key set that knows the key is better than none: the provider's outage is not ours.
        match (self.cache.load().as_deref().and_then(|cached| find(cached, kid)), downloaded) {
            (Some(key), _) => Ok(key),
            (None, Ok(())) => Err(JwsError::UnknownKey),
            (None, Err(error)) => Err(JwsError::Unavailable(error)),
        }
    }

    async fn download(&self, now: Timestamp) -> Result<(), ProviderError> {
        let mut last_try = self.last_try.lock().await;
        match *last_try {
            // A clock that was set back does not make the pause longer.
            Some((at, succeeded)) if at <= now && now.since(at) < COOL_DOWN => {
                // A key that is not known may be one that could not be read.
                let failed = ProviderError::unavailable("its keys could not be read a moment ago");
                return if succeeded { Ok(()) } else { Err(failed) };
            }
            _ => *last_try = Some((now, false)),
        }
        let ask = Ask { url: &self.url, credentials: Credentials::None, form: None };
        let unavailable = |_| ProviderError::unavailable("its keys cannot be read");
        let answer = self.endpoint.ask(ask).await.map_err(unavailable)?;
        if answer.status != http::StatusCode::OK {
            return Err(ProviderError::unavailable("its keys cannot be read"));
        }
        let keys = parse_keys(&answer.body).ok_or(ProviderError::unavailable("its keys are not a JWK set"))?;
        tracing::debug!(event = "jwks_read", keys = keys.len());
        self.cache.store(Some(Arc::new(Cached { keys, read_at: now })));
        *last_try = Some((now, true));
        Ok(())
    }
}

/// Keys we cannot use are passed over, not fatal (RFC 7517 section 5).
fn parse_keys(body: &[u8]) -> Option<Vec<(String, Arc<ParsedPublicKey>)>> {
    let set: serde_json::Value = serde_json::from_slice(body).ok()?;
    let known: Vec<_> = set.get("keys")?.as_array()?.iter().filter_map(|key| Jwk::deserialize(key).ok()).collect();
    (!known.is_empty()).then(|| known.into_iter().filter_map(parse_key).collect())
}

/// RFC 7518 section 6.3.1.
fn parse_key(jwk: Jwk) -> Option<(String, Arc<ParsedPublicKey>)> {
    let AlgorithmParameters::RSA(rsa) = &jwk.algorithm else { return None };
    let (n, e) = (from_base64url(&rsa.n)?, from_base64url(&rsa.e)?);
    let key = RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok()?;
    Some((jwk.common.key_id?, Arc::new(key)))
}

fn find(cached: &Cached, kid: &str) -> Option<Arc<ParsedPublicKey>> {
    cached.keys.iter().find(|(name, _)| name == kid).map(|(_, key)| Arc::clone(key))
}

/// Reads the header only to choose a key; the algorithm is ours, not the token's (RFC 8725 section 3.1).
fn key_id(token: &str, typ: Option<&str>) -> Result<String, JwsError> {
    let head = token.split('.').next().and_then(from_base64url);
    let header: Header =
        head.and_then(|head| serde_json::from_slice(&head).ok()).ok_or(JwsError::Header("the header is malformed"))?;
    if header.alg != "RS256" {
        return Err(JwsError::Header("it is not signed RS256"));
    }
    if header.crit.is_some() {
        return Err(JwsError::Header("it has an unknown critical header"));
    }
    // RFC 7515 section 4.1.9: compared without regard to case, and `application/` may be left out.
    let essence = |text: &str| text.to_ascii_lowercase().trim_start_matches("application/").to_owned();
    if typ.is_some_and(|typ| header.typ.as_deref().map(essence) != Some(essence(typ))) {
        return Err(JwsError::Header("it is of another type"));
    }
    header.kid.ok_or(JwsError::Header("it names no key"))
}
