//! RSA keys. The first ones are files of this crate, so that a run can be repeated and a start does not wait a hundred
//! milliseconds for each; they are parsed once per process and shared by every mock in it.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// How many keys are published from the start, as at Kakao.
const PUBLISHED_AT_START: usize = 2;

/// See `keys/README.md`: public and worthless.
const FILES: [&[u8]; 4] = [
    include_bytes!("../keys/signing-1.pk8"),
    include_bytes!("../keys/signing-2.pk8"),
    include_bytes!("../keys/signing-3.pk8"),
    include_bytes!("../keys/signing-4.pk8"),
];

/// Keys by position: the files first, then keys made when a mock rotates more often than there are files.
static POOL: Mutex<Vec<Arc<SigningKey>>> = Mutex::new(Vec::new());

/// A key that no mock publishes.
static FOREIGN: LazyLock<Arc<SigningKey>> =
    LazyLock::new(|| Arc::new(SigningKey::from_file(include_bytes!("../keys/foreign.pk8"))));

/// An RSA key of 2048 bits, parsed once.
pub(crate) struct SigningKey {
    pair: KeyPair,
    kid: String,
}

impl SigningKey {
    fn generate() -> Self {
        Self::new(KeyPair::generate(KeySize::Rsa2048).expect("the system gives random bytes and memory"))
    }

    fn from_file(pkcs8: &[u8]) -> Self {
        Self::new(KeyPair::from_pkcs8(pkcs8).expect("the files of this crate are RSA keys"))
    }

    fn new(pair: KeyPair) -> Self {
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

    /// HS256 over `message` with something public as the secret: what an attacker does who hopes that the verifier takes the
    /// algorithm from the token.
    pub(crate) fn sign_confused(secret: &[u8], message: &[u8]) -> Vec<u8> {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
    }

    pub(crate) fn public_der(&self) -> Result<Vec<u8>, Unspecified> {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der()?;
        Ok(der.as_ref().to_vec())
    }

    pub(crate) fn public_pem(&self) -> Result<String, Unspecified> {
        let text = STANDARD.encode(self.public_der()?);
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for line in text.as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        pem.push_str("-----END PUBLIC KEY-----\n");
        Ok(pem)
    }

    /// Whether this key signed `message` with RS256.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public_key().as_ref());
        key.verify(message, signature).is_ok()
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
    pub(crate) fn new() -> Self {
        Self { published: RwLock::new(Self::at_start()) }
    }

    /// Only the keys of the start are published again, and the last of them signs.
    pub(crate) fn reset(&self) {
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Self::at_start();
    }

    fn at_start() -> Vec<Arc<SigningKey>> {
        (0..PUBLISHED_AT_START).map(pooled).collect()
    }

    /// A new key signs from now on; all earlier ones stay published.
    pub(crate) fn rotate(&self) {
        let position = self.published.read().unwrap_or_else(PoisonError::into_inner).len();
        // Making a key takes long; nobody waits for it meanwhile.
        let next = pooled(position);
        self.published.write().unwrap_or_else(PoisonError::into_inner).push(next);
    }

    /// The key that signs now.
    pub(crate) fn signing(&self) -> Arc<SigningKey> {
        let published = self.published.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&published[published.len() - 1])
    }

    /// The published key of this `kid`.
    pub(crate) fn published(&self, kid: &str) -> Option<Arc<SigningKey>> {
        let published = self.published.read().unwrap_or_else(PoisonError::into_inner);
        published.iter().find(|key| key.kid() == kid).cloned()
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

    /// The same keys, each under a `kid` that no token names.
    pub(crate) fn jwks_renamed(&self) -> Value {
        let mut document = self.jwks();
        for key in document["keys"].as_array_mut().into_iter().flatten() {
            key["kid"] = json!(format!("not-{}", key["kid"].as_str().unwrap_or_default()));
        }
        document
    }
}

fn pooled(position: usize) -> Arc<SigningKey> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    while pool.len() <= position {
        let key = FILES.get(pool.len()).map_or_else(SigningKey::generate, |file| SigningKey::from_file(file));
        pool.push(Arc::new(key));
    }
    Arc::clone(&pool[position])
}
