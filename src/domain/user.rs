//! A user: ours, whatever provider they came from.

use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::{identity::Identity, private_fields::SealedFields};
use crate::clock::Timestamp;

/// A user as profile and token answers show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Our id, a UUIDv7; stable for ever, never given to anybody else.
    pub id: Uuid,
    /// `kakao_<kakao id>` for people who came from Kakao.
    pub username: String,
    /// How they are shown; their own choice wins over the provider's.
    pub nickname: Option<String>,
    /// Optional everywhere; never used to find or link a user.
    pub email: Option<String>,
    /// Whether the provider says the address is valid and verified.
    pub email_verified: bool,
    /// https URL of the picture.
    pub profile_image: Option<String>,
    /// How they sign in; `None` for a user without any identity.
    pub identity: Option<Identity>,
    /// What the operator asked for beyond the above.
    pub private: Option<SealedFields>,
    /// Consent items the app uses and the person has not agreed to.
    pub needs_agreement: Vec<String>,
    /// When the first login was.
    pub created_at: Timestamp,
    /// When anything above changed.
    pub updated_at: Timestamp,
}

/// A nickname a user chose: NFC, no control characters, 1 to 30 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nickname(String);

/// Why a nickname was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NicknameError {
    /// Nothing but white space.
    #[error("a nickname needs at least one visible character")]
    Empty,
    /// More than 30 characters or 120 bytes.
    #[error("a nickname has at most 30 characters and 120 bytes")]
    TooLong,
    /// Line breaks, direction overrides and the like.
    #[error("a nickname has no control or formatting characters")]
    Control,
}

impl Nickname {
    /// Normalizes and checks.
    pub fn parse(text: &str) -> Result<Self, NicknameError> {
        let text: String = text.trim().nfc().collect();
        if text.is_empty() {
            return Err(NicknameError::Empty);
        }
        if text.chars().any(|c| c.is_control() || is_formatting(c)) {
            return Err(NicknameError::Control);
        }
        if text.chars().count() > 30 || text.len() > 120 {
            return Err(NicknameError::TooLong);
        }
        Ok(Self(text))
    }

    /// The normalized text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Invisible characters that change how the text around them looks; the joiners of emoji and scripts stay allowed.
fn is_formatting(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decomposed_hangul_becomes_the_same_nickname() {
        assert_eq!(Nickname::parse(" \u{1112}\u{1161}\u{11ab} ").unwrap().as_str(), "한");
    }

    #[test]
    fn limits_count_characters_and_bytes() {
        assert!(Nickname::parse(&"가".repeat(30)).is_ok());
        assert_eq!(Nickname::parse(&"가".repeat(31)), Err(NicknameError::TooLong));
        assert!(Nickname::parse(&"😀".repeat(30)).is_ok());
        assert_eq!(Nickname::parse("  "), Err(NicknameError::Empty));
        assert_eq!(Nickname::parse("a\u{202E}b"), Err(NicknameError::Control));
        assert_eq!(Nickname::parse("a\nb"), Err(NicknameError::Control));
    }
}
