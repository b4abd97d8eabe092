//! Keys derived from the master secret, one per purpose (RFC 5869), and random values.

use aws_lc_rs::{
    constant_time, digest, hkdf,
    rand::{SecureRandom, SystemRandom},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

/// base64url without padding, as every JOSE format writes it (RFC 7515 section 2).
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Strict inverse of [`base64url`]: padding, line breaks and stray bits are refused.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// What a derived key is for. The label separates the keys: no two purposes share one.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// MAC of refresh tokens; in no JWKS.
    RefreshToken,
    /// Seal of login attempts in cookies.
    AttemptCookie,
    /// Seal of login attempts inside `state`.
    AttemptState,
    /// Seal of private signing keys in the database.
    SigningKey,
    /// Seal of nonces for native apps.
    NativeNonce,
    /// Seal of private profile fields in the database.
    PrivateFields,
    /// Seal of authorization codes.
    AuthorizationCode,
    /// MAC of form tokens.
    FormToken,
    /// Names of clients in a shared cache.
    Pseudonym,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::RefreshToken => b"munjigi/v1/refresh-token",
            Self::AttemptCookie => b"munjigi/v1/attempt-cookie",
            Self::AttemptState => b"munjigi/v1/attempt-state",
            Self::SigningKey => b"munjigi/v1/signing-key",
            Self::NativeNonce => b"munjigi/v1/native-nonce",
            Self::PrivateFields => b"munjigi/v1/private-fields",
            Self::AuthorizationCode => b"munjigi/v1/authorization-code",
            Self::FormToken => b"munjigi/v1/form-token",
            Self::Pseudonym => b"munjigi/v1/pseudonym",
        }
    }
}

/// The 256-bit key of `purpose` under the master secret.
pub(super) fn derive(master: &SecretString, purpose: Purpose) -> [u8; 32] {
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"munjigi");
    let mut key = [0; 32];
    #[expect(clippy::expect_used, reason = "HKDF-SHA256 yields up to 8160 bytes; 32 cannot fail")]
    salt.extract(master.expose_secret().as_bytes())
        .expand(&[purpose.label()], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key))
        .expect("32 bytes");
    key
}

/// `N` bytes from the operating system's generator.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "without randomness nothing may go on")]
    SystemRandom::new().fill(&mut bytes).expect("the system's random generator works");
    bytes
}

/// 256 random bits as 43 characters: a state, a nonce or a code verifier (RFC 7636 section 4.1).
pub fn random_text() -> String {
    base64url(random::<32>())
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// S256 of RFC 7636 section 4.2: base64url(SHA-256(verifier)).
pub fn s256(verifier: &str) -> String {
    base64url(sha256(verifier.as_bytes()))
}

/// Compares in a time that does not tell where they differ.
pub fn same(left: &str, right: &str) -> bool {
    // Their digests are of one length.
    constant_time::verify_slices_are_equal(&sha256(left.as_bytes()), &sha256(right.as_bytes())).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s256_follows_rfc_7636_appendix_b() {
        assert_eq!(s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn every_purpose_has_a_key_of_its_own() {
        let master = SecretString::from("m".repeat(32));
        let purposes = [
            Purpose::RefreshToken,
            Purpose::AttemptCookie,
            Purpose::AttemptState,
            Purpose::SigningKey,
            Purpose::NativeNonce,
            Purpose::PrivateFields,
            Purpose::AuthorizationCode,
            Purpose::FormToken,
            Purpose::Pseudonym,
        ];
        let keys: std::collections::HashSet<_> = purposes.map(|purpose| derive(&master, purpose)).into_iter().collect();
        assert_eq!(keys.len(), purposes.len());
        assert_eq!(derive(&master, Purpose::SigningKey), derive(&master, Purpose::SigningKey));
    }

    #[test]
    fn same_compares_the_whole_text() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abd") && !same("abc", "abcd") && !same("", "a"));
    }
}
