//! Where codes, tokens and identifiers come from: the system, or a seed when a run is to be repeated.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A source of texts that nobody can guess, or that everybody can who knows the seed.
pub(crate) enum Random {
    System,
    /// HMAC-SHA-256 of a counter. No lock: requests at the same time get different numbers, in the order they come.
    Seeded {
        key: Box<hmac::Key>,
        counter: AtomicU64,
    },
}

impl Random {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        seed.map_or(Self::System, |seed| Self::Seeded {
            key: Box::new(hmac::Key::new(hmac::HMAC_SHA256, &seed.to_be_bytes())),
            counter: AtomicU64::new(0),
        })
    }

    /// The sequence of a seed begins again.
    pub(crate) fn reset(&self) {
        if let Self::Seeded { counter, .. } = self {
            counter.store(0, Ordering::Relaxed);
        }
    }

    /// A text without meaning, of 43 characters that are safe in URLs and headers.
    pub(crate) fn opaque(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// The number of an account that nobody has yet.
    pub(crate) fn account_number(&self) -> i64 {
        let [first, second, third, fourth, ..] = self.bytes();
        6_000_000_000 + i64::from(u32::from_be_bytes([first, second, third, fourth]) % 1_000_000_000)
    }

    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        match self {
            Self::System => aws_lc_rs::rand::fill(&mut bytes).expect("the system gives random bytes"),
            Self::Seeded { key, counter } => {
                let number = counter.fetch_add(1, Ordering::Relaxed);
                bytes.copy_from_slice(hmac::sign(key, &number.to_be_bytes()).as_ref());
            }
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_sequence_and_the_system_never_does() {
        let (one, same, other) = (Random::new(Some(7)), Random::new(Some(7)), Random::new(Some(8)));
        let first = one.opaque();
        assert_eq!((first.len(), &first), (43, &same.opaque()));
        assert_ne!(first, other.opaque());
        assert_ne!(first, one.opaque());
        one.reset();
        assert_eq!(first, one.opaque());
        let system = Random::new(None);
        assert_ne!(system.opaque(), system.opaque());
    }
}
