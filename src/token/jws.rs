//! Compact JWS (RFC 7515) of our own making: a fixed header per key, so that nothing in a foreign header is ever obeyed.

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    TokenError,
    secret::{base64url, from_base64url},
};
use crate::config::AccessAlgorithm;

/// A private key that signs. Parsed once: parsing costs as much as signing.
pub enum SigningKey {
    /// P-256.
    Es256(EcdsaKeyPair),
    /// RSA.
    Rs256(Box<rsa::KeyPair>),
    /// Ed25519.
    EdDsa(Ed25519KeyPair),
    /// A shared secret.
    Hs256(Box<hmac::Key>),
}

/// A key that could not be made, read or used.
#[derive(Debug, thiserror::Error)]
#[error("a signing key cannot be used")]
pub struct KeyError;

impl SigningKey {
    /// The PKCS#8 document of a new key of `algorithm`; `None` for HS256, which has no key of its own.
    pub fn generate(algorithm: AccessAlgorithm) -> Result<Option<Vec<u8>>, KeyError> {
        use aws_lc_rs::encoding::AsDer;
        let pkcs8 = match algorithm {
            AccessAlgorithm::Es256 => EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING)
                .and_then(|key| Ok(key.to_pkcs8v1()?.as_ref().to_vec())),
            AccessAlgorithm::EdDsa => {
                Ed25519KeyPair::generate().and_then(|key| Ok(key.to_pkcs8v1()?.as_ref().to_vec()))
            }
            // 3072 bit: 2048 give only 112 bit of strength (ASVS 11.2.3).
            AccessAlgorithm::Rs256 => {
                rsa::KeyPair::generate(rsa::KeySize::Rsa3072).and_then(|key| Ok(key.as_der()?.as_ref().to_vec()))
            }
            AccessAlgorithm::Hs256 => return Ok(None),
        };
        pkcs8.map(Some).map_err(|_| KeyError)
    }

    /// Reads what [`Self::generate`] made.
    pub fn from_pkcs8(algorithm: AccessAlgorithm, pkcs8: &[u8]) -> Result<Self, KeyError> {
        match algorithm {
            AccessAlgorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map(Self::Es256)
            }
            AccessAlgorithm::Rs256 => rsa::KeyPair::from_pkcs8(pkcs8).map(|key| Self::Rs256(Box::new(key))),
            AccessAlgorithm::EdDsa => Ed25519KeyPair::from_pkcs8(pkcs8).map(Self::EdDsa),
            AccessAlgorithm::Hs256 => return Err(KeyError),
        }
        .map_err(|_| KeyError)
    }

    /// An HMAC key from secret bytes.
    pub fn hs256(secret: &[u8]) -> Self {
        Self::Hs256(Box::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// The required members of the public JWK, in the order RFC 7638 hashes them; `None` for a shared secret, which is never published.
    pub fn public_jwk(&self) -> Option<Value> {
        match self {
            Self::Es256(key) => {
                // Uncompressed point (SEC 1 section 2.3.3): 0x04, x, y.
                let (x, y) = key.public_key().as_ref().get(1..)?.split_at_checked(32)?;
                Some(json!({"crv": "P-256", "kty": "EC", "x": base64url(x), "y": base64url(y)}))
            }
            Self::Rs256(key) => {
                let public = key.public_key();
                let n = base64url(public.modulus().big_endian_without_leading_zero());
                let e = base64url(public.exponent().big_endian_without_leading_zero());
                Some(json!({"e": e, "kty": "RSA", "n": n}))
            }
            Self::EdDsa(key) => {
                Some(json!({"crv": "Ed25519", "kty": "OKP", "x": base64url(key.public_key().as_ref())}))
            }
            Self::Hs256(_) => None,
        }
    }

    /// What checks the signatures of this key.
    pub fn verifying(&self) -> Result<VerifyingKey, KeyError> {
        match self {
            Self::Es256(key) => ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, key.public_key()),
            Self::Rs256(key) => ParsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, key.public_key()),
            Self::EdDsa(key) => ParsedPublicKey::new(&signature::ED25519, key.public_key()),
            Self::Hs256(key) => return Ok(VerifyingKey::Shared(key.clone())),
        }
        .map(VerifyingKey::Public)
        .map_err(|_| KeyError)
    }

    fn sign(&self, message: &[u8]) -> Result<String, KeyError> {
        match self {
            Self::Es256(key) => key.sign(&SystemRandom::new(), message).map(base64url),
            Self::EdDsa(key) => key.try_sign(message).map(base64url),
            Self::Hs256(key) => Ok(base64url(hmac::sign(key, message))),
            Self::Rs256(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map(|()| base64url(signature))
            }
        }
        .map_err(|_| KeyError)
    }
}

/// The encoded JOSE header of a key, with the dot behind it.
pub(super) fn head(algorithm: AccessAlgorithm, typ: &str, kid: Option<&str>) -> String {
    let mut header = json!({"alg": algorithm.as_str(), "typ": typ});
    if let Some(kid) = kid {
        header["kid"] = kid.into();
    }
    format!("{}.", base64url(header.to_string()))
}

/// Signs claims under one key and one header.
pub struct Signer {
    head: String,
    key: SigningKey,
}

impl Signer {
    /// A signer whose tokens carry `alg`, `typ` and, when given, `kid`.
    pub fn new(key: SigningKey, algorithm: AccessAlgorithm, typ: &str, kid: Option<&str>) -> Self {
        Self { head: head(algorithm, typ, kid), key }
    }

    /// The compact serialization of `claims`, signed.
    pub fn sign<C: Serialize>(&self, claims: &C) -> Result<String, KeyError> {
        self.sign_under(&self.head, claims)
    }

    /// The same under another header of this key.
    pub(super) fn sign_under<C: Serialize>(&self, head: &str, claims: &C) -> Result<String, KeyError> {
        let claims = serde_json::to_vec(claims).map_err(|_| KeyError)?;
        let mut token = String::with_capacity(head.len() + claims.len() * 2 + 90);
        token.push_str(head);
        token.push_str(&base64url(claims));
        let signature = self.key.sign(token.as_bytes())?;
        token.push('.');
        token.push_str(&signature);
        Ok(token)
    }
}

/// Checks signatures of one key. Parsed once, as [`SigningKey`].
pub enum VerifyingKey {
    /// Of a key pair.
    Public(ParsedPublicKey),
    /// The shared secret itself.
    Shared(Box<hmac::Key>),
}

impl VerifyingKey {
    /// From secret bytes.
    pub fn hs256(secret: &[u8]) -> Self {
        Self::Shared(Box::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Public(key) => key.verify_sig(message, signature).is_ok(),
            Self::Shared(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

/// Claims that say who issued them, and for whom.
pub trait Addressed {
    /// `iss`.
    fn issuer(&self) -> &str;
    /// `aud`.
    fn audience(&self) -> &str;
}

/// Checks tokens of one key, one issuer, one audience.
pub struct Verifier {
    heads: Vec<String>,
    key: VerifyingKey,
    issuer: String,
    audience: String,
}

impl Verifier {
    /// Accepts exactly the headers that [`Signer`] writes for this key with one of `typs`: RFC 8725 sections 3.1, 3.11.
    pub fn new(
        key: VerifyingKey,
        algorithm: AccessAlgorithm,
        typs: &[&str],
        kid: Option<&str>,
        issuer: &str,
        audience: &str,
    ) -> Self {
        let heads = typs.iter().map(|typ| head(algorithm, typ, kid)).collect();
        Self { heads, key, issuer: issuer.to_owned(), audience: audience.to_owned() }
    }

    /// Whether `token` carries a header of this key. Unknown `crit`, `jku`, `none` and the like all fail here.
    pub fn recognizes(&self, token: &str) -> bool {
        self.heads.iter().any(|head| token.starts_with(head))
    }

    /// Signature, issuer and audience. Time is the caller's.
    pub fn verify<C: DeserializeOwned + Addressed>(&self, token: &str) -> Result<C, TokenError> {
        let payload = self.signed_payload(token).ok_or(TokenError::Invalid)?;
        let claims: C = serde_json::from_slice(&payload).map_err(|_| TokenError::Invalid)?;
        let is_ours = claims.issuer() == self.issuer && claims.audience() == self.audience;
        if is_ours { Ok(claims) } else { Err(TokenError::Invalid) }
    }

    fn signed_payload(&self, token: &str) -> Option<Vec<u8>> {
        if !self.recognizes(token) {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (_, payload) = signed.split_once('.')?;
        self.key.has_signed(signed.as_bytes(), &from_base64url(signature)?).then(|| from_base64url(payload))?
    }
}
