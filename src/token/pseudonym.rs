//! Names for what must be told apart but not told: an address in a shared cache, for one.

use aws_lc_rs::hmac;
use secrecy::SecretString;

use super::secret::{self, Purpose, base64url};

/// Makes pseudonyms.
pub struct Pseudonyms(hmac::Key);

impl Pseudonyms {
    /// Under the master secret: nobody without it can try out all addresses.
    pub fn new(master: &SecretString) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &secret::derive(master, Purpose::Pseudonym)))
    }

    /// The same for the same text, on every replica.
    pub fn of(&self, text: &str) -> String {
        base64url(&hmac::sign(&self.0, text.as_bytes()).as_ref()[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_the_same_again_and_another_for_another_text_or_secret() {
        let [one, two] = ["s", "t"].map(|letter| Pseudonyms::new(&SecretString::from(letter.repeat(40))));
        assert_eq!(one.of("192.0.2.1"), one.of("192.0.2.1"));
        assert_ne!(one.of("192.0.2.1"), one.of("192.0.2.2"));
        assert_ne!(one.of("192.0.2.1"), two.of("192.0.2.1"));
    }
}
