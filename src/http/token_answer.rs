//! What a login and a refresh answer with, and the profile in it.

use poem::http::HeaderMap;
use poem_openapi::{ApiResponse, Object, payload::Json};
use secrecy::ExposeSecret;

use super::{Shared, auth, next_action::NextAction};
use crate::{
    config::ServerConfig,
    domain::{
        private_fields::{Birthday, PrivateFields},
        user::User,
    },
    flow::Issued,
};

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
    /// Kakao's consent items that the app uses and the person has not agreed to, as of the last reading of the profile.
    pub needs_agreement: Vec<String>,
    /// What may be offered to the person; null when there is nothing.
    pub next_action: Option<NextAction>,
    /// Fields of KAKAO_PROFILE_FIELDS the person agreed to. Only in answers of `/api/auth/profile`; null elsewhere and when off.
    pub private_fields: Option<PrivateProfile>,
}

/// Personal fields beyond the usual ones; each null when the person did not agree to it or the operator did not ask for it.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub struct PrivateProfile {
    /// Legal name.
    pub name: Option<String>,
    /// `female` or `male`.
    pub gender: Option<String>,
    /// `20~29`, as Kakao writes it.
    pub age_range: Option<String>,
    /// `MM-DD`.
    pub birthday: Option<String>,
    /// `solar` or `lunar`: the calendar of `birthday`.
    pub birthday_type: Option<String>,
    /// Year.
    pub birthyear: Option<u16>,
    /// E.164, such as `+821012345678`.
    pub phone_number: Option<String>,
}

impl From<PrivateFields> for PrivateProfile {
    fn from(fields: PrivateFields) -> Self {
        let calendar = |birthday: Birthday| if birthday.is_lunar { "lunar" } else { "solar" };
        Self {
            name: fields.name,
            gender: fields.gender.map(|gender| gender.as_str().to_owned()),
            age_range: fields.age_range,
            birthday: fields.birthday.map(Birthday::month_and_day),
            birthday_type: fields.birthday.map(|birthday| calendar(birthday).to_owned()),
            birthyear: fields.birthyear,
            phone_number: fields.phone_number,
        }
    }
}

impl poem_openapi::types::Example for PrivateProfile {
    fn example() -> Self {
        Self {
            name: Some("김문지".into()),
            gender: Some("female".into()),
            age_range: Some("20~29".into()),
            birthday: Some("11-30".into()),
            birthday_type: Some("solar".into()),
            birthyear: Some(2002),
            phone_number: Some("+821012345678".into()),
        }
    }
}

impl Profile {
    /// The profile without private fields.
    pub fn of(user: User, server: &ServerConfig) -> Self {
        let next_action = NextAction::consent(&user.needs_agreement, server);
        Self {
            id: user.id.to_string(),
            username: user.username,
            email: user.email,
            email_verified: user.email_verified,
            nickname: user.nickname,
            profile_image: user.profile_image,
            is_social_user: user.identity.is_some(),
            social_provider: user.identity.map(|identity| identity.provider.as_str().to_owned()),
            created_at: user.created_at.rfc3339(),
            updated_at: user.updated_at.rfc3339(),
            needs_agreement: user.needs_agreement,
            next_action,
            private_fields: None,
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
            needs_agreement: Vec::new(),
            next_action: None,
            private_fields: None,
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
    pub fn of(issued: Issued, cookie_mode: bool, server: &ServerConfig) -> Self {
        let refresh_token = (!cookie_mode).then(|| issued.refresh_token.expose_secret().to_owned());
        Self {
            access_token: issued.access_token.expose_secret().to_owned(),
            refresh_token,
            token_type: "Bearer".to_owned(),
            expires_in: issued.expires_in,
            is_new_user: issued.is_new_user,
            user: Profile::of(issued.user, server),
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

/// A login that ended well, by whichever way it came.
#[derive(ApiResponse)]
pub enum SignedInAnswer {
    /// Signed in. The cookie carries the refresh token in cookie mode.
    #[oai(status = 200)]
    Tokens(Json<TokenResponse>, #[oai(header = "Set-Cookie")] Option<String>),
}

impl SignedInAnswer {
    /// In the mode the request asks for.
    pub fn of(issued: Issued, shared: &Shared, headers: &HeaderMap) -> Self {
        let cookie_mode = auth::cookie_mode(headers);
        let cookie = cookie_mode.then(|| refresh_cookie(shared, &issued));
        Self::Tokens(Json(TokenResponse::of(issued, cookie_mode, &shared.config.server)), cookie)
    }
}

/// The refresh token as a cookie.
pub fn refresh_cookie(shared: &Shared, issued: &Issued) -> String {
    shared.cookies.set_refresh(issued.refresh_token.expose_secret(), issued.refresh_lifetime)
}
