//! An identity: provider plus subject. The only thing a user is ever found by.

use super::private_fields::PrivateFields;

/// A provider we can sign people in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProviderKind {
    /// Kakao Login.
    Kakao,
}

impl ProviderKind {
    /// The name in columns, usernames and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kakao => "kakao",
        }
    }

    /// The provider of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        (name == "kakao").then_some(Self::Kakao)
    }
}

/// The provider's id of a person, kept as text: Kakao's ids pass 2^53, and other providers' are no numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject(String);

impl Subject {
    /// A Kakao user number: 1 to 20 digits.
    pub fn kakao(text: &str) -> Option<Self> {
        let plausible = (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        plausible.then(|| Self(text.to_owned()))
    }

    /// A subject that was checked when it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A person as a provider vouches for them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Who vouches.
    pub provider: ProviderKind,
    /// For whom.
    pub subject: Subject,
}

impl Identity {
    /// The username of somebody who came this way: `kakao_<kakao id>`.
    pub fn username(&self) -> String {
        format!("{}_{}", self.provider.as_str(), self.subject.as_str())
    }
}

/// What the provider told of a person. Every field may be missing: people consent to each of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderProfile {
    /// Display name.
    pub nickname: Option<String>,
    /// Address, kept though unverified.
    pub email: Option<String>,
    /// Valid and verified, both.
    pub email_verified: bool,
    /// The provider says that the address they had is another account's by now.
    pub email_is_lost: bool,
    /// https URL.
    pub profile_image: Option<String>,
    /// Fields the operator asked for by `KAKAO_PROFILE_FIELDS`.
    pub private: PrivateFields,
    /// Consent items the app uses and the person has not agreed to.
    pub needs_agreement: Vec<String>,
    /// False when an ID token alone spoke: what is absent then says nothing.
    pub is_whole: bool,
}
