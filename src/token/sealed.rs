//! Sealed values (AEAD): readable and writable by this gateway alone.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::SecretString;
use serde::{Serialize, de::DeserializeOwned};

use super::secret::{self, Purpose, base64url, from_base64url};

/// Seals values of one purpose: AES-256-GCM-SIV (RFC 8452) with a random nonce in front.
///
/// SIV, because a busy gateway seals more often than random 96-bit nonces are safe for under plain GCM (2^32).
pub struct Sealer {
    key: LessSafeKey,
}

impl Sealer {
    /// The sealer of `purpose` under the master secret.
    pub fn new(master: &SecretString, purpose: Purpose) -> Self {
        #[expect(clippy::expect_used, reason = "the key has the algorithm's length by its type")]
        let key = UnboundKey::new(&AES_256_GCM_SIV, &secret::derive(master, purpose)).expect("32 bytes");
        Self { key: LessSafeKey::new(key) }
    }

    /// Seals bytes. `context` is not hidden but must be the same when opening.
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = secret::random();
        let mut sealed = plain.to_vec();
        #[expect(clippy::expect_used, reason = "fails only beyond 64 GiB of plain text")]
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
            .expect("seals");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what [`Self::seal`] made in the same context; `None` for everything else.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let mut body = body.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let length = self.key.open_in_place(nonce, Aad::from(context), &mut body).ok()?.len();
        body.truncate(length);
        Some(body)
    }

    /// Seals a value as base64url text, for cookies and `state`.
    pub fn seal_json<T: Serialize>(&self, value: &T) -> String {
        #[expect(clippy::expect_used, reason = "only our own plain structs are sealed")]
        let plain = serde_json::to_vec(value).expect("serializes");
        base64url(self.seal(b"", &plain))
    }

    /// Opens what [`Self::seal_json`] made.
    pub fn open_json<T: DeserializeOwned>(&self, text: &str) -> Option<T> {
        serde_json::from_slice(&self.open(b"", &from_base64url(text)?)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(purpose: Purpose) -> Sealer {
        Sealer::new(&SecretString::from("s".repeat(40)), purpose)
    }

    #[test]
    fn what_is_sealed_opens_for_the_same_purpose_and_context_only() {
        let cookie = sealer(Purpose::AttemptCookie);
        let sealed = cookie.seal(b"kid-1", b"secret");
        assert_eq!(cookie.open(b"kid-1", &sealed).unwrap(), b"secret");
        assert!(cookie.open(b"kid-2", &sealed).is_none());
        assert!(sealer(Purpose::AttemptState).open(b"kid-1", &sealed).is_none());
        assert_ne!(sealed, cookie.seal(b"kid-1", b"secret"), "a fresh nonce every time");
    }

    #[test]
    fn one_changed_bit_anywhere_is_noticed() {
        let states = sealer(Purpose::AttemptState);
        let sealed = states.seal(b"", b"state");
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(states.open(b"", &changed).is_none(), "byte {index}");
        }
        assert!(states.open(b"", b"short").is_none());
        assert!(states.open_json::<String>("not base64url!").is_none());
    }
}
