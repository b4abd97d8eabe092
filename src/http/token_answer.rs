//! What a login and a refresh answer with, and the profile in it.

use poem_openapi::Object;
use secrecy::ExposeSecret;

use crate::{domain::user::User, flow::Issued};

/// A user's profile.
#[derive(Debug, Clone, Object)]
#[oai(example)]
#[expect(clippy::struct_field_names, reason = "names on the wire")]
pub struct Profile {
    /// Our id of the user, a UUIDv7.
    pub id: String,
    /// `kakao_<kakao id>`.
    pub username: String,
    /// Absent (null) when the person did not consent to it.
    pub email: Option<String>,
    /// True only if Kakao says the address is valid and verified.
    pub email_verified: bool,
    /// The user's own choice, else Kakao's.
    pub nickname: Option<String>,
    /// https URL.
    pub profile_image: Option<String>,
    /// Whether the user came through a provider.
    pub is_social_user: bool,
    /// `kakao`.
    pub social_provider: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

impl From<User> for Profile {
    fn from(user: User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username,
            email: user.email,
            email_verified: user.email_verified,
            nickname: user.nickname,
            profile_image: user.profile_image,
            is_social_user: user.social_provider.is_some(),
            social_provider: user.social_provider.map(|provider| provider.as_str().to_owned()),
            created_at: user.created_at.rfc3339(),
            updated_at: user.updated_at.rfc3339(),
        }
    }
}

impl poem_openapi::types::Example for Profile {
    fn example() -> Self {
        Self {
            id: "019aa2f0-7c00-7b1e-9c6d-0f2d6a1c9e55".into(),
            username: "kakao_1376016924429759228".into(),
            email: Some("minji@example.com".into()),
            email_verified: true,
            nickname: Some("김문지".into()),
            profile_image: Some("https://k.kakaocdn.net/dn/profile/img_640x640.jpg".into()),
            is_social_user: true,
            social_provider: Some("kakao".into()),
            created_at: "2026-11-21T03:50:00.123Z".into(),
            updated_at: "2026-11-21T03:50:00.123Z".into(),
        }
    }
}

/// Tokens of a session (RFC 6749 section 5.1, and who it is).
#[derive(Clone, Object)]
#[oai(example)]
pub struct TokenResponse {
    /// JWT for APIs, in `Authorization: Bearer`.
    pub access_token: String,
    /// JWT for `POST /api/auth/refresh`. Absent in cookie mode: it is in an HttpOnly cookie then.
    #[oai(skip_serializing_if_is_none)]
    pub refresh_token: Option<String>,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    pub expires_in: u64,
    /// Whether this login was the user's first.
    pub is_new_user: bool,
    /// Who signed in.
    pub user: Profile,
}

impl TokenResponse {
    /// The answer; in cookie mode without the refresh token.
    pub fn of(issued: Issued, cookie_mode: bool) -> Self {
        let refresh_token = (!cookie_mode).then(|| issued.refresh_token.expose_secret().to_owned());
        Self {
            access_token: issued.access_token.expose_secret().to_owned(),
            refresh_token,
            token_type: "Bearer".to_owned(),
            expires_in: issued.expires_in,
            is_new_user: issued.is_new_user,
            user: issued.user.into(),
        }
    }
}

impl poem_openapi::types::Example for TokenResponse {
    fn example() -> Self {
        Self {
            access_token: "eyJhbGciOiJFUzI1NiIs…".into(),
            refresh_token: Some("eyJhbGciOiJIUzI1NiIs…".into()),
            token_type: "Bearer".into(),
            expires_in: 900,
            is_new_user: false,
            user: Profile::example(),
        }
    }
}
