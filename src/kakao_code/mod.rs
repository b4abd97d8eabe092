//! Every error code of Kakao Login in one table: the gateway classifies by it, `munjigi explain` prints it.
//!
//! Kakao says its descriptions may change, so a code alone decides; the one exception is `access_denied`, whose two meanings
//! only the description tells apart. What Kakao writes is never repeated: all texts here are our own.

mod find;
mod kapi;
mod koe;
mod redirect;

pub use find::{find, is_known_code};

use crate::error_code::{ErrorCode, Texts};

/// What a code means to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The authorization code is used, expired or unknown.
    CodeUsed,
    /// A setting, here or in Kakao's console.
    Misconfigured,
    /// Too many requests.
    Throttled,
    /// A fault of Kakao's that passes.
    Transient,
    /// Kakao does not let this person in.
    PersonRefused,
    /// The person has to agree to an item first.
    ConsentRequired,
    /// The person is not linked to the app.
    NotLinked,
    /// The person is linked already: what was asked for is done.
    AlreadyLinked,
    /// The key or token of the request is not valid.
    TokenInvalid,
    /// The request itself was wrong; requests are ours.
    OurFault,
    /// The person pressed cancel.
    Cancelled,
    /// Kakao has to ask the person something, and `prompt=none` forbade it.
    Interaction,
    /// Belongs to calls the gateway does not make.
    NotApplicable,
}

impl Class {
    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CodeUsed => "code_used",
            Self::Misconfigured => "misconfigured",
            Self::Throttled => "throttled",
            Self::Transient => "transient",
            Self::PersonRefused => "person_refused",
            Self::ConsentRequired => "consent_required",
            Self::NotLinked => "not_linked",
            Self::AlreadyLinked => "already_linked",
            Self::TokenInvalid => "token_invalid",
            Self::OurFault => "our_fault",
            Self::Cancelled => "cancelled",
            Self::Interaction => "interaction",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// Where a code occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On a page of Kakao's; the browser is not sent back.
    Page,
    /// In the redirect back to `redirect_uri`.
    Redirect,
    /// At the token endpoint.
    Token,
    /// At the check of ID tokens that Kakao offers for debugging.
    TokenInfo,
    /// At the logout page.
    Logout,
    /// At the API host.
    Api,
}

impl Place {
    /// For people.
    pub const fn texts(self) -> Texts {
        match self {
            Self::Page => ("GET /oauth/authorize (카카오 오류 페이지)", "GET /oauth/authorize (Kakao's error page)"),
            Self::Redirect => ("GET /oauth/authorize (리다이렉트)", "GET /oauth/authorize (redirect back)"),
            Self::Token => ("POST /oauth/token", "POST /oauth/token"),
            Self::TokenInfo => ("POST /oauth/tokeninfo", "POST /oauth/tokeninfo"),
            Self::Logout => ("GET /oauth/logout (카카오 오류 페이지)", "GET /oauth/logout (Kakao's error page)"),
            Self::Api => ("kapi.kakao.com", "kapi.kakao.com"),
        }
    }

    /// Whether the gateway hears of it. A code on Kakao's own page is seen by the visitor alone.
    pub const fn reaches_us(self) -> bool {
        matches!(self, Self::Redirect | Self::Token | Self::Api)
    }
}

/// Whether asking again can help, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same answer comes again.
    Never,
    /// Not the same request, but a new login.
    NewLogin,
    /// In a few seconds.
    Soon,
    /// When the person's login quota has room again.
    LoginQuota,
    /// When the app's quota has room again.
    AppQuota,
    /// Once the cause is mended.
    AfterFix,
    /// Once the person has done something at Kakao.
    AfterPerson,
}

impl Retry {
    /// Whether asking again helps although nobody mended anything.
    pub const fn can_help(self) -> bool {
        matches!(self, Self::NewLogin | Self::Soon | Self::LoginQuota | Self::AppQuota)
    }

    /// For people.
    pub const fn texts(self) -> Texts {
        match self {
            Self::Never => {
                ("소용없습니다. 같은 요청에는 같은 응답이 옵니다.", "No: the same request gets the same answer.")
            }
            Self::NewLogin => (
                "같은 요청은 소용없고, 로그인을 처음부터 다시 하면 됩니다.",
                "Not the same request: start a new login instead.",
            ),
            Self::Soon => (
                "몇 초 뒤에 다시 시도하면 됩니다. 단, 인가 코드 교환은 반복하지 말고 새로 로그인해야 합니다.",
                "Yes, a few seconds later. Never repeat the exchange of a code though: start a new login.",
            ),
            Self::LoginQuota => (
                "기다린 뒤에 됩니다. 한도는 사용자마다 10분과 60분 단위로 계산됩니다.",
                "Yes, after a wait: the quota is counted per person over 10 and over 60 minutes.",
            ),
            Self::AppQuota => {
                ("쿼터가 초기화되거나 늘어난 뒤에 됩니다.", "Yes, once the quota begins anew or has been raised.")
            }
            Self::AfterFix => ("원인을 고친 뒤에만 됩니다.", "Only after the cause has been mended."),
            Self::AfterPerson => {
                ("사용자가 카카오에서 필요한 절차를 마친 뒤에 됩니다.", "Once the person has done their part at Kakao.")
            }
        }
    }
}

/// One code of Kakao's.
#[derive(Debug)]
pub struct KakaoCode {
    /// As users type it: `KOE320`, `-402`, `access_denied`.
    pub code: &'static str,
    /// Tells two meanings of one code apart: a part of the `error_description`.
    pub described: Option<&'static str>,
    /// What it means to the gateway.
    pub class: Class,
    /// Where it occurs.
    pub places: &'static [Place],
    /// HTTP status and `error` it comes with.
    pub upstream: &'static str,
    /// What the gateway answers when it hears of it.
    pub our_code: ErrorCode,
    /// Whether asking again can help.
    pub retry: Retry,
    /// Settings that have to do with it.
    pub settings: &'static [&'static str],
    /// Why it happens. The first sentence stands alone in lists.
    pub cause: Texts,
    /// What the developer or operator does about it.
    pub remedy: Texts,
    /// What the person at the screen can do; `None`: nothing, or they never see it.
    pub visitor: Option<Texts>,
    /// Where to look in Kakao's developer console, as it is since December 2025.
    pub console: Option<Texts>,
}

impl KakaoCode {
    /// Whether the gateway hears of this code, or only the visitor, on Kakao's page.
    pub fn reaches_us(&self) -> bool {
        self.places.iter().any(|place| place.reaches_us())
    }
}

/// Every code, grouped by where it comes from.
pub fn all() -> impl Iterator<Item = &'static KakaoCode> {
    koe::CODES.iter().chain(redirect::CODES).chain(kapi::CODES)
}

/// The entry of a code that is spelled exactly so. `access_denied` without its description is the cancellation.
pub fn get(code: &str) -> Option<&'static KakaoCode> {
    all().find(|entry| entry.code == code)
}

/// The entry of an `error_code` of kauth.
pub fn of_kauth(code: &str) -> Option<&'static KakaoCode> {
    koe::CODES.iter().find(|entry| entry.code == code)
}

/// The entry of a `code` of kapi.
pub fn of_kapi(code: i64) -> Option<&'static KakaoCode> {
    let code = code.to_string();
    kapi::CODES.iter().find(|entry| entry.code == code)
}

/// The entry of an `error` in the redirect back. The description decides only where one code has two meanings.
pub fn of_redirect(error: &str, description: Option<&str>) -> Option<&'static KakaoCode> {
    let mut entries = redirect::CODES.iter().filter(|entry| entry.code == error);
    let first = entries.next()?;
    let description = description.unwrap_or_default().to_ascii_lowercase();
    Some(entries.find(|entry| entry.is_described_by(&description)).unwrap_or(first))
}

impl KakaoCode {
    /// Whether `text`, in lower case, contains what tells this meaning apart.
    fn is_described_by(&self, text: &str) -> bool {
        self.described.is_some_and(|part| text.contains(&part.to_ascii_lowercase()))
    }
}

/// Rows of the table. Texts are (Korean, English).
macro_rules! kakao_codes {
    ($($code:literal $(: $described:literal)? $class:ident [$($place:ident)*] $upstream:literal
        $our_code:ident $retry:ident [$($setting:literal)*]
        cause $cause:tt
        remedy $remedy:tt
        $(visitor $visitor:tt)?
        $(console $console:tt)?;)*) => {
        pub(super) const CODES: &[KakaoCode] = &[$(KakaoCode {
            code: $code,
            described: optional!($($described)?),
            class: Class::$class,
            places: &[$(Place::$place),*],
            upstream: $upstream,
            our_code: ErrorCode::$our_code,
            retry: Retry::$retry,
            settings: &[$($setting),*],
            cause: $cause,
            remedy: $remedy,
            visitor: optional!($($visitor)?),
            console: optional!($($console)?),
        },)*];
    };
}

macro_rules! optional {
    () => {
        None
    };
    ($value:tt) => {
        Some($value)
    };
}

use {kakao_codes, optional};

/// For a person who can do nothing about a setting.
const TELL_OPERATOR: Texts = (
    "계정 문제가 아닙니다. 서비스 운영자에게 이 코드를 알려 주세요.",
    "Nothing is wrong with your account. Tell whoever runs the service this code.",
);

/// For a person whose login failed for a passing reason.
const LATER: Texts = ("잠시 후 다시 로그인하세요.", "Log in again in a moment.");

/// For a person whose login has to begin anew.
const AGAIN: Texts = ("처음부터 다시 로그인하세요.", "Start the login again.");

/// Keys of the app.
const CONSOLE_REST_KEY: Texts = ("[앱] > [플랫폼 키] > [REST API 키]", "[App] > [Platform key] > [REST API key]");

/// Redirect URIs, which belong to a key since December 2025.
const CONSOLE_REDIRECT: Texts = (
    "[앱] > [플랫폼 키] > [REST API 키] > [리다이렉트 URI]",
    "[App] > [Platform key] > [REST API key] > [Redirect URI]",
);

/// Consent items.
const CONSOLE_CONSENT: Texts = ("[카카오 로그인] > [동의항목]", "[Kakao Login] > [Consent items]");

#[cfg(test)]
mod tests;
