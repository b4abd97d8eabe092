//! The account page's words.

use poem::{
    Response,
    http::{HeaderValue, header},
};
use uuid::Uuid;

use super::{
    Shared,
    context::{Language, RequestContext},
    device_name::{device_name, network_name},
    next_action::NextAction,
    page, profile,
};
use crate::{
    clock::Timestamp,
    domain::{private_fields::PrivateFields, session::Session, user::User},
    error_code::Texts,
    pages::{AccountPage, DeviceRow, SignedOutPage},
};

/// What is shown.
pub struct Shown {
    /// Who.
    pub user: User,
    /// Their living sessions.
    pub sessions: Vec<Session>,
    /// The one this page is shown to.
    pub session_id: Uuid,
    /// Whether it is fresh enough to leave.
    pub may_leave: bool,
    /// Of its forms.
    pub form_token: String,
}

/// What a form did, by the name in the address.
fn done_text(done: &str) -> Option<Texts> {
    Some(match done {
        "one" => ("그 기기에서 로그아웃했습니다.", "That device is signed out."),
        "others" => ("다른 기기에서 모두 로그아웃했습니다.", "All other devices are signed out."),
        "this" => ("로그아웃했습니다.", "You are signed out."),
        "all" => ("모든 기기에서 로그아웃했습니다.", "You are signed out everywhere."),
        "left" => ("탈퇴했습니다. 개인정보를 지웠습니다.", "You have left. Your personal data is erased."),
        "not-confirmed" => (
            "탈퇴하지 않았습니다. 다시 로그인한 뒤 5분 안에 확인 문구를 입력하세요.",
            "You have not left. Sign in again and type the word within five minutes.",
        ),
        _ => return None,
    })
}

/// The page of somebody who is signed in.
pub fn account(shared: &Shared, context: &RequestContext, shown: &Shown, done: Option<&str>) -> Response {
    let (user, language) = (&shown.user, context.language);
    let consent = NextAction::consent(&user.needs_agreement, &shared.config.server);
    let again_url =
        format!("/api/auth/kakao/login?prompt=login&return_to=%2Faccount%3Flang%3D{}%23leave", language.tag());
    let first = user.nickname.as_deref().unwrap_or(&user.username).chars().next();
    let view = AccountPage {
        lang: language.tag(),
        english: language == Language::English,
        done: done.and_then(done_text).map(|texts| language.of(texts)),
        form_token: &shown.form_token,
        nickname: user.nickname.as_deref(),
        initial: first.map(|letter| letter.to_uppercase().to_string()).unwrap_or_default(),
        picture: user.profile_image.as_deref(),
        email: user.email.as_deref(),
        email_verified: user.email_verified,
        identity: user
            .identity
            .as_ref()
            .map(|identity| format!("{} ({})", language.of(("카카오", "Kakao")), identity.subject.as_str())),
        user_id: user.id.to_string(),
        since: date(user.created_at),
        private_rows: private_rows(profile::private_of(shared, user), language),
        needs_agreement: user.needs_agreement.join(", "),
        consent_url: consent.map(|consent| format!("{}&return_to=%2Faccount", consent.url)),
        devices: shown.sessions.iter().map(|session| row(session, shown.session_id, language)).collect(),
        may_leave: shown.may_leave,
        again_url: &again_url,
    };
    let mut page = page::html(askama::Template::render(&view), shared, context);
    // Without a referrer browsers send forms with `Origin: null`.
    page.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    page
}

/// The page of somebody who is not signed in, or whose cookie is still on its way.
pub fn signed_out(shared: &Shared, context: &RequestContext, on_its_way: bool, done: Option<&str>) -> Response {
    let view = SignedOutPage {
        lang: context.language.tag(),
        english: context.language == Language::English,
        on_its_way,
        done: done.and_then(done_text).map(|texts| context.language.of(texts)),
        kakao_logout_url: shared.logins.provider_logout_url().map(Into::into),
    };
    page::html(askama::Template::render(&view), shared, context)
}

fn row(session: &Session, current: Uuid, language: Language) -> DeviceRow {
    let unknown = || language.of(("알 수 없는 기기", "Unknown device")).to_owned();
    DeviceRow {
        id: session.id.to_string(),
        name: session.user_agent.as_deref().and_then(device_name).unwrap_or_else(unknown),
        current: session.id == current,
        ip: session.ip.map(network_name),
        first_seen: date(session.created_at),
        last_seen: minute(session.last_used_at),
    }
}

fn private_rows(fields: PrivateFields, language: Language) -> Vec<(&'static str, String)> {
    let rows = [
        (("이름", "Name"), fields.name),
        (("성별", "Gender"), fields.gender.map(|gender| gender.as_str().to_owned())),
        (("연령대", "Age range"), fields.age_range),
        (("생일", "Birthday"), fields.birthday.map(crate::domain::private_fields::Birthday::month_and_day)),
        (("출생 연도", "Year of birth"), fields.birthyear.map(|year| year.to_string())),
        (("전화번호", "Telephone"), fields.phone_number),
    ];
    rows.into_iter().filter_map(|(term, value)| Some((language.of(term), value?))).collect()
}

/// `2026-11-21`, UTC.
fn date(at: Timestamp) -> String {
    at.rfc3339().chars().take(10).collect()
}

/// `2026-11-21 03:50 UTC`.
fn minute(at: Timestamp) -> String {
    format!("{} UTC", at.rfc3339().chars().take(16).collect::<String>().replace('T', " "))
}
