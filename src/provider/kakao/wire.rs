//! What Kakao's answers look like. None of these structs leaves this folder.

use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use super::fields::{printable, read_private};
use crate::{
    config::PrivateField,
    domain::identity::{ProviderProfile, Subject},
};

/// Fields of the token answer beyond RFC 6749.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ExtraTokenFields {
    pub(super) id_token: Option<SecretString>,
}

impl Serialize for ExtraTokenFields {
    /// The oauth2 crate asks for it; tokens of the provider are never written anywhere.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

impl oauth2::ExtraTokenFields for ExtraTokenFields {}

/// `{"error", "error_description", "error_code"}`. The description may quote the authorization code, so it is not even read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TokenError {
    pub(super) error: String,
    pub(super) error_code: Option<String>,
}

impl oauth2::ErrorResponse for TokenError {}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error_code.as_deref().unwrap_or("token error"))
    }
}

/// Error body of kapi.
#[derive(Debug, Deserialize)]
pub(super) struct ApiError {
    pub(super) code: i64,
    /// With -402: the consent items that are missing.
    #[serde(default)]
    pub(super) required_scopes: Option<Vec<String>>,
}

/// `/v1/user/access_token_info`.
#[derive(Debug, Deserialize)]
pub(super) struct TokenInfo {
    id: Option<Id>,
    pub(super) app_id: Option<i64>,
}

impl TokenInfo {
    pub(super) fn subject(&self) -> Option<Subject> {
        self.id.as_ref()?.subject()
    }
}

/// `/v1/user/ids`.
#[derive(Debug, Deserialize)]
pub(super) struct UserIds {
    elements: Vec<Id>,
    after_url: Option<String>,
}

impl UserIds {
    /// Whom the page names, and whether another follows. The URL itself is not followed: we know where the list is.
    pub(super) fn read(self) -> Option<(Vec<Subject>, bool)> {
        let subjects = self.elements.iter().map(Id::subject).collect::<Option<Vec<_>>>()?;
        Some((subjects, self.after_url.is_none()))
    }
}

/// `/v2/user/me`: everything but the id may be missing.
#[derive(Debug, Deserialize)]
pub(super) struct UserMe {
    id: Option<Id>,
    /// Only in apps that link people by an explicit call: false before it.
    has_signed_up: Option<bool>,
    kakao_account: Option<Account>,
}

/// An int64; some stand-ins send text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Id {
    Number(u64),
    Text(String),
}

impl Id {
    fn subject(&self) -> Option<Subject> {
        match self {
            Self::Number(number) => Subject::kakao(&number.to_string()),
            Self::Text(text) => Subject::kakao(text),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Account {
    profile: Option<Profile>,
    email: Option<String>,
    is_email_valid: Option<bool>,
    is_email_verified: Option<bool>,
    pub(super) name: Option<String>,
    pub(super) gender: Option<String>,
    pub(super) age_range: Option<String>,
    #[serde(deserialize_with = "text_or_number")]
    pub(super) birthday: Option<String>,
    pub(super) birthday_type: Option<String>,
    #[serde(deserialize_with = "text_or_number")]
    pub(super) birthyear: Option<String>,
    pub(super) phone_number: Option<String>,
    profile_nickname_needs_agreement: Option<bool>,
    profile_image_needs_agreement: Option<bool>,
    email_needs_agreement: Option<bool>,
    name_needs_agreement: Option<bool>,
    gender_needs_agreement: Option<bool>,
    age_range_needs_agreement: Option<bool>,
    birthday_needs_agreement: Option<bool>,
    birthyear_needs_agreement: Option<bool>,
    phone_number_needs_agreement: Option<bool>,
}

/// Documented as text; as a number it says the same, and anything else nothing. Nobody is kept out over it.
fn text_or_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

impl Account {
    /// The consent items Kakao says are still to be agreed to, by the names that ask for them.
    fn needs_agreement(&self) -> Vec<String> {
        [
            ("profile_nickname", self.profile_nickname_needs_agreement),
            ("profile_image", self.profile_image_needs_agreement),
            ("account_email", self.email_needs_agreement),
            ("name", self.name_needs_agreement),
            ("gender", self.gender_needs_agreement),
            ("age_range", self.age_range_needs_agreement),
            ("birthday", self.birthday_needs_agreement),
            ("birthyear", self.birthyear_needs_agreement),
            ("phone_number", self.phone_number_needs_agreement),
        ]
        .into_iter()
        .filter(|(_, needed)| *needed == Some(true))
        .map(|(item, _)| item.to_owned())
        .collect()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Profile {
    nickname: Option<String>,
    profile_image_url: Option<String>,
}

impl UserMe {
    pub(super) fn subject(&self) -> Option<Subject> {
        self.id.as_ref()?.subject()
    }

    /// Whether the person is only registered in advance: the app has to say that they are its user now.
    pub(super) fn is_preregistered(&self) -> bool {
        self.has_signed_up == Some(false)
    }

    /// The profile; of the private fields only those that were asked for.
    pub(super) fn into_profile(self, fields: &[PrivateField]) -> ProviderProfile {
        let account = self.kakao_account.unwrap_or_default();
        let private = read_private(&account, fields);
        let needs_agreement = account.needs_agreement();
        let profile = account.profile.unwrap_or_default();
        let email_valid = account.is_email_valid == Some(true);
        ProviderProfile {
            nickname: profile.nickname.and_then(|nickname| printable(&nickname, 100)),
            // An invalid address has since been taken by somebody else and may come masked: it is nobody's.
            email: account.email.filter(|_| email_valid).and_then(|email| printable(&email, 254)),
            email_verified: email_valid && account.is_email_verified == Some(true),
            email_is_lost: account.is_email_valid == Some(false),
            profile_image: profile.profile_image_url.and_then(|url| https(&url)),
            private,
            needs_agreement,
            is_whole: true,
        }
    }
}

/// Kakao's picture servers speak https whatever the URL says; an http picture would be blocked as mixed content.
pub(super) fn https(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok().filter(|url| url.host().is_some() && text.len() <= 2048)?;
    if url.scheme() == "http" {
        url.set_scheme("https").ok()?;
    }
    (url.scheme() == "https").then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(account: &str) -> ProviderProfile {
        serde_json::from_str::<UserMe>(&format!(r#"{{"id":1,"kakao_account":{account}}}"#)).unwrap().into_profile(&[])
    }

    #[test]
    fn an_email_counts_only_while_valid_and_is_verified_only_with_both_flags() {
        let email = |valid: bool, verified: bool| {
            let account = format!(r#"{{"email":"a@b.c","is_email_valid":{valid},"is_email_verified":{verified}}}"#);
            let profile = profile(&account);
            (profile.email.is_some(), profile.email_verified)
        };
        assert_eq!([email(true, true), email(true, false)], [(true, true), (true, false)]);
        assert_eq!([email(false, true), email(false, false)], [(false, false), (false, false)]);
    }

    #[test]
    fn ids_keep_every_digit_and_strange_ones_are_refused() {
        let subject = |id: &str| serde_json::from_str::<UserMe>(&format!(r#"{{"id":{id}}}"#)).ok()?.subject();
        assert_eq!(subject("1376016924429759228").unwrap().as_str(), "1376016924429759228");
        assert_eq!(subject("9007199254740993").unwrap().as_str(), "9007199254740993");
        assert_eq!(subject("\"42\"").unwrap().as_str(), "42");
        assert!(
            subject("null").is_none()
                && subject("-1").is_none()
                && subject("\"a\"").is_none()
                && subject("1.5").is_none()
        );
    }

    #[test]
    fn pictures_are_https_or_nothing() {
        let image = |url: &str| profile(&format!(r#"{{"profile":{{"profile_image_url":"{url}"}}}}"#)).profile_image;
        assert_eq!(image("http://k.kakaocdn.net/a.jpg").unwrap(), "https://k.kakaocdn.net/a.jpg");
        assert!(image("javascript:alert(1)").is_none() && image("").is_none());
    }
}
