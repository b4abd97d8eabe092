//! What an error code means, ours or Kakao's: one text for the command line, for `/docs/errors` and for the repository.

use std::borrow::Cow;

use crate::{
    config::settings,
    error_code::{Action, Entry, ErrorCode, Language, Texts},
    kakao_code::{self, KakaoCode, Retry},
};

/// A code of either side.
#[derive(Debug, Clone, Copy)]
pub enum Code {
    /// One the gateway answers with.
    Ours(ErrorCode),
    /// One the gateway, or the visitor, gets from Kakao.
    Kakao(&'static KakaoCode),
}

/// One fact about a code.
#[derive(Debug)]
pub struct Row {
    /// What kind of fact; takes less than ten columns.
    pub label: &'static str,
    /// The fact, in pieces that may become links.
    pub parts: Vec<Part>,
}

/// A piece of a fact.
#[derive(Debug)]
pub enum Part {
    /// Words.
    Text(Cow<'static, str>),
    /// Another code.
    Code(&'static str),
    /// A setting.
    Setting(&'static str),
}

impl Part {
    /// The piece as plain text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Code(name) | Self::Setting(name) => name,
        }
    }
}

impl Row {
    fn text(label: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self { label, parts: vec![Part::Text(text.into())] }
    }

    /// A list, `None` when it is empty.
    fn list(label: &'static str, names: &[&'static str], part: fn(&'static str) -> Part) -> Option<Self> {
        let mut parts = Vec::new();
        for name in names {
            if !parts.is_empty() {
                parts.push(Part::Text(", ".into()));
            }
            parts.push(part(name));
        }
        (!parts.is_empty()).then_some(Self { label, parts })
    }

    /// The fact as plain text.
    pub fn plain(&self) -> String {
        self.parts.iter().map(Part::as_str).collect()
    }
}

/// Every code: Kakao's, then ours. A code of Kakao's with two meanings is there twice.
pub fn all() -> impl Iterator<Item = Code> {
    kakao_code::all().map(Code::Kakao).chain(ErrorCode::ALL.iter().copied().map(Code::Ours))
}

/// The code of this name in any case; several only where one code has several meanings.
pub fn named(name: &str) -> Vec<Code> {
    all().filter(|code| code.name().eq_ignore_ascii_case(name)).collect()
}

/// Our code or else Kakao's wherever it stands in `text`. `Err` holds the names that come nearest.
pub fn find(text: &str) -> Result<Vec<Code>, Vec<&'static str>> {
    let words = || text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = ErrorCode::ALL.iter().copied();
    if let Some(code) = ours.clone().find(|code| words().any(|word| word.eq_ignore_ascii_case(code.as_str()))) {
        return Ok(vec![Code::Ours(code)]);
    }
    let found = kakao_code::find(text).map(|codes| codes.into_iter().map(Code::Kakao).collect());
    found.map_err(|nearest| {
        let typed = text.trim().to_ascii_uppercase().replace([' ', '-'], "_");
        let distance = |code: &ErrorCode| strsim::damerau_levenshtein(&typed, code.as_str());
        let near = ours.filter(|code| distance(code) <= typed.len() / 4).min_by_key(distance);
        near.map(ErrorCode::as_str).into_iter().chain(nearest).collect()
    })
}

impl Code {
    /// Its spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours(code) => code.as_str(),
            Self::Kakao(code) => code.code,
        }
    }

    /// For developers, English: what is fixed about ours, what Kakao sends with its own.
    pub fn heading(self) -> String {
        let code = match self {
            Self::Ours(code) => return code.entry().title.to_owned(),
            Self::Kakao(code) => code,
        };
        let status = if code.upstream.starts_with(|c: char| c.is_ascii_digit()) { "HTTP " } else { "" };
        let description = code.described.map(|part| format!(", error_description={part:?}")).unwrap_or_default();
        format!("{status}{}{description}", code.upstream)
    }

    /// One sentence for lists.
    pub fn summary(self, language: Language) -> &'static str {
        match self {
            Self::Ours(code) => language.of(code.entry().message),
            Self::Kakao(code) => {
                let cause = language.of(code.cause);
                cause.find(". ").map_or(cause, |end| &cause[..=end])
            }
        }
    }

    /// Everything about it, the most useful first.
    pub fn rows(self, language: Language) -> Vec<Row> {
        let mut rows = match self {
            Self::Ours(code) => rows_of_ours(code, language),
            Self::Kakao(code) => rows_of_kakao(code, language),
        };
        rows.extend(Row::list(language.of(("설정", "settings")), &self.settings(), Part::Setting));
        rows
    }

    /// Settings that its texts name or that decide when it comes.
    pub fn settings(self) -> Vec<&'static str> {
        let code = match self {
            Self::Kakao(code) => return code.settings.to_vec(),
            Self::Ours(code) => code,
        };
        let hint = code.entry().hint.1;
        let words: Vec<_> = hint.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        let named = settings::all().map(|setting| setting.name).filter(|name| words.contains(name));
        named.chain(deciding_settings(code).iter().copied()).collect()
    }
}

fn rows_of_ours(code: ErrorCode, language: Language) -> Vec<Row> {
    let label = |ko, en| language.of((ko, en));
    let Entry { message, hint, action, .. } = code.entry();
    let mut rows = vec![
        Row::text(label("메시지", "message"), language.of(*message)),
        Row::text(label("조치", "remedy"), language.of(*hint)),
        Row::text(label("재시도", "retry"), language.of(action_texts(*action))),
        Row { label: label("응답", "answer"), parts: answer(code) },
    ];
    rows.extend(Row::list(label("카카오", "Kakao's"), &codes_behind(code), Part::Code));
    rows
}

fn rows_of_kakao(code: &KakaoCode, language: Language) -> Vec<Row> {
    let label = |ko, en| language.of((ko, en));
    let places: Vec<_> = code.places.iter().map(|place| language.of(place.texts())).collect();
    let mut rows = vec![
        Row::text(label("발생", "where"), places.join(" · ")),
        Row::text(label("원인", "cause"), language.of(code.cause)),
        Row::text(label("조치", "remedy"), language.of(code.remedy)),
    ];
    rows.extend(code.console.map(|texts| Row::text(label("콘솔", "console"), language.of(texts))));
    rows.extend(code.visitor.map(|texts| Row::text(label("사용자", "visitor"), language.of(texts))));
    rows.push(Row::text(label("재시도", "retry"), language.of(code.retry.texts())));
    rows.push(if code.reaches_us() {
        Row { label: label("응답", "answer"), parts: answer(code.our_code) }
    } else {
        let none = label("없음. 카카오가 자기 페이지에 표시합니다.", "none: Kakao shows it on a page of its own");
        Row::text(label("응답", "answer"), none)
    });
    rows
}

/// Status, code and action as they stand in the answer.
fn answer(code: ErrorCode) -> Vec<Part> {
    let Entry { status, action, .. } = code.entry();
    vec![
        Part::Text(format!("HTTP {status} · ").into()),
        Part::Code(code.as_str()),
        Part::Text(format!(" · action={}", action.as_str()).into()),
    ]
}

/// Whether the same request may be sent again, in words.
pub const fn action_texts(action: Action) -> Texts {
    match action {
        Action::Login => ("같은 요청은 소용없고, 다시 로그인해야 합니다.", "Not the same request: log in again."),
        Action::Retry => {
            ("조치대로 한 뒤 같은 요청을 다시 보내면 됩니다.", "Yes: the same request, after what the remedy says.")
        }
        Action::FixConfig => ("설정을 고친 뒤에만 됩니다.", "Only after a setting has been mended."),
        Action::None => Retry::Never.texts(),
    }
}

/// Codes of Kakao's that the gateway answers so.
pub fn codes_behind(code: ErrorCode) -> Vec<&'static str> {
    let mut codes: Vec<_> = kakao_code::all()
        .filter(|entry| entry.our_code == code && entry.reaches_us())
        .map(|entry| entry.code)
        .collect();
    codes.dedup();
    codes
}

const fn deciding_settings(code: ErrorCode) -> &'static [&'static str] {
    match code {
        ErrorCode::RateLimitExceeded => &["RATE_LIMIT_LOGIN_PER_MINUTE", "TRUSTED_PROXIES"],
        ErrorCode::SessionExpired => &["JWT_REFRESH_TOKEN_EXPIRE_DAYS", "SESSION_MAX_DAYS"],
        ErrorCode::TokenExpired => &["JWT_ACCESS_TOKEN_EXPIRE_MINUTES"],
        ErrorCode::RefreshTokenReused => &["REFRESH_REUSE_WINDOW_SECONDS", "REFRESH_RECOVERY_HOURS"],
        ErrorCode::LoginStateInvalid => &["PUBLIC_URL"],
        ErrorCode::InvalidToken => &["JWT_ISSUER", "JWT_AUDIENCE", "JWT_ALGORITHM"],
        ErrorCode::StorageUnavailable => &["DATABASE_URL"],
        ErrorCode::KakaoUnavailable => &["KAKAO_AUTH_BASE_URL", "KAKAO_API_BASE_URL"],
        _ => &[],
    }
}
