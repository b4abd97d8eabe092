//! Tokens that prove a form to be our own page's: bound to the session that the page was shown to.

use aws_lc_rs::hmac;
use secrecy::SecretString;
use uuid::Uuid;

use super::secret::{self, Purpose, base64url, from_base64url};

/// Makes and checks form tokens.
pub struct FormTokens(hmac::Key);

impl FormTokens {
    /// Under the master secret.
    pub fn new(master: &SecretString) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &secret::derive(master, Purpose::FormToken)))
    }

    /// The token of forms shown to a session.
    pub fn of(&self, session_id: Uuid) -> String {
        base64url(hmac::sign(&self.0, session_id.as_bytes()))
    }

    /// Whether a form came from a page shown to this session.
    pub fn is_of(&self, token: &str, session_id: Uuid) -> bool {
        from_base64url(token).is_some_and(|tag| hmac::verify(&self.0, session_id.as_bytes(), &tag).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_token_is_good_for_its_session_and_secret_alone() {
        let tokens = FormTokens::new(&SecretString::from("s".repeat(40)));
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(tokens.is_of(&tokens.of(one), one));
        assert!(!tokens.is_of(&tokens.of(one), two) && !tokens.is_of("", one));
        assert!(!FormTokens::new(&SecretString::from("t".repeat(40))).is_of(&tokens.of(one), one));
    }
}
