//! RSA keys: made once per process and shared by every mock in it, because tests start hundreds of mocks and a key takes
//! about a hundred milliseconds.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// How many keys are published from the start, as at Kakao.
const PUBLISHED_AT_START: usize = 2;

/// Keys by position, longer with every rotation that no mock of this process needed before.
static POOL: Mutex<Vec<Arc<SigningKey>>> = Mutex::new(Vec::new());

/// A key that no mock publishes.
static FOREIGN: LazyLock<Arc<SigningKey>> = LazyLock::new(|| Arc::new(SigningKey::generate()));

/// An RSA key of 2048 bits, parsed once.
pub(crate) struct SigningKey {
    pair: KeyPair,
    kid: String,
}

impl SigningKey {
    fn generate() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("the system gives random bytes and memory");
        let modulus = pair.public_key().modulus().big_endian_without_leading_zero().to_vec();
        let hash = digest::digest(&digest::SHA256, &modulus);
        let kid = hash.as_ref()[..16].iter().fold(String::new(), |mut kid, byte| {
            // Writing to a string cannot fail.
            let _ = write!(kid, "{byte:02x}");
            kid
        });
        Self { pair, kid }
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// RS256 over `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)?;
        Ok(signature)
    }

    /// HS256 over `message` with the PEM text of the public key as the secret: what an attacker does who hopes that the
    /// verifier takes the algorithm from the token.
    pub(crate) fn sign_confused(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, self.public_pem()?.as_bytes());
        Ok(hmac::sign(&secret, message).as_ref().to_vec())
    }

    fn public_pem(&self) -> Result<String, Unspecified> {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der()?;
        let text = STANDARD.encode(der.as_ref());
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for line in text.as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        pem.push_str("-----END PUBLIC KEY-----\n");
        Ok(pem)
    }

    fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        json!({
            "kid": self.kid,
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        })
    }
}

/// The keys one mock publishes; the last is the one it signs with.
pub(crate) struct KeySet {
    published: RwLock<Vec<Arc<SigningKey>>>,
}

impl KeySet {
    /// Takes the first keys of the process, making them if this is the first mock. Blocks for as long as that takes.
    pub(crate) fn new() -> Self {
        let published = (0..PUBLISHED_AT_START).map(pooled).collect();
        Self { published: RwLock::new(published) }
    }

    /// A new key signs from now on; all earlier ones stay published.
    pub(crate) fn rotate(&self) {
        let mut published = self.published.write().unwrap_or_else(PoisonError::into_inner);
        let next = pooled(published.len());
        published.push(next);
    }

    /// The key that signs now.
    pub(crate) fn signing(&self) -> Arc<SigningKey> {
        let published = self.published.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&published[published.len() - 1])
    }

    /// A key of the right kind that is not published.
    pub(crate) fn foreign() -> Arc<SigningKey> {
        Arc::clone(&FOREIGN)
    }

    /// The JWKS document, newest key first.
    pub(crate) fn jwks(&self) -> Value {
        let published = self.published.read().unwrap_or_else(PoisonError::into_inner);
        json!({"keys": published.iter().rev().map(|key| key.jwk()).collect::<Vec<_>>()})
    }
}

fn pooled(position: usize) -> Arc<SigningKey> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    while pool.len() <= position {
        pool.push(Arc::new(SigningKey::generate()));
    }
    Arc::clone(&pool[position])
}
