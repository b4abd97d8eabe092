//! `munjigi explain`: what a code of Kakao's or of ours means, offline.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    Failure, Outcome,
    layout::{COLUMNS, cut, entry, padded, width},
};
use crate::{
    config::settings,
    error_code::{Action, Entry, ErrorCode, Texts},
    kakao_code::{self, KakaoCode, Retry},
};

/// What to explain, and how.
#[derive(clap::Args)]
pub(super) struct Options {
    /// Codes of Kakao's or ours: KOE320, -401, access_denied, INVALID_REFRESH_TOKEN; a pasted error message will do
    #[arg(value_name = "CODE", required_unless_present = "all", allow_negative_numbers = true)]
    codes: Vec<String>,
    /// Every code instead, one line each
    #[arg(long, conflicts_with = "codes")]
    all: bool,
    /// One language only; without it both
    #[arg(long, value_enum)]
    lang: Option<Language>,
    /// text, or json (always in both languages)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Language {
    Ko,
    En,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

/// A code of either side.
#[derive(Clone, Copy)]
enum Code {
    Ours(ErrorCode),
    Kakao(&'static KakaoCode),
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its options the same way")]
pub(super) fn run(options: Options) -> Outcome {
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    if options.all {
        found.extend(every_code());
    }
    for text in &options.codes {
        match find(text) {
            Ok(codes) => found.extend(codes),
            Err(nearest) => unknown.push(not_known(text, &nearest)),
        }
    }
    match options.format {
        Format::Json if !found.is_empty() => println!("{:#}", found.iter().copied().map(as_json).collect::<Value>()),
        Format::Text if options.all => print!("{}", listing(&found, options.lang)),
        Format::Text => print!("{}", pages(&found, options.lang)),
        Format::Json => {}
    }
    if unknown.is_empty() { Ok(()) } else { Err(Failure { text: unknown.join("\n"), code: 1 }) }
}

fn every_code() -> impl Iterator<Item = Code> {
    kakao_code::all().map(Code::Kakao).chain(ErrorCode::ALL.iter().copied().map(Code::Ours))
}

/// Our codes by their exact spelling in any case, else Kakao's wherever they stand in `text`.
fn find(text: &str) -> Result<Vec<Code>, Vec<&'static str>> {
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

fn not_known(text: &str, nearest: &[&str]) -> String {
    // Only the beginning: what is pasted may hold a secret further on.
    let what = format!("{:?} is no code", cut(text.trim(), 40));
    let is_status = text.trim().parse::<u16>().is_ok_and(|number| (100..600).contains(&number));
    let why = if is_status {
        "an HTTP status fits many causes; the code is in the body of the answer"
    } else {
        "neither Kakao nor munjigi has one that is spelled so"
    };
    let fix = "list all with: munjigi explain --all";
    match nearest {
        [] => format!("{what} · {why} · {fix}"),
        nearest => format!("{what} · {why} · did you mean {}? {fix}", nearest.join(", ")),
    }
}

/// The texts of `--lang`, or both.
fn languages(lang: Option<Language>) -> &'static [Language] {
    match lang {
        Some(Language::Ko) => &[Language::Ko],
        Some(Language::En) => &[Language::En],
        None => &[Language::Ko, Language::En],
    }
}

fn of(language: Language, texts: Texts) -> &'static str {
    match language {
        Language::Ko => texts.0,
        Language::En => texts.1,
    }
}

fn pages(codes: &[Code], lang: Option<Language>) -> String {
    let pages: Vec<_> = codes.iter().map(|code| page(*code, lang)).collect();
    pages.join("\n")
}

fn page(code: Code, lang: Option<Language>) -> String {
    let mut text = match code {
        Code::Kakao(code) => format!("{}   {}\n", code.code, upstream(code)),
        Code::Ours(code) => format!("{code}   {}\n", code.entry().title),
    };
    for language in languages(lang) {
        text.push('\n');
        for (label, value) in rows(code, *language) {
            text += &entry(2, label, 10, &value);
        }
    }
    text
}

/// What Kakao sends with the code.
fn upstream(code: &KakaoCode) -> String {
    let status = if code.upstream.starts_with(|c: char| c.is_ascii_digit()) { "HTTP " } else { "" };
    let description = code.described.map(|part| format!(", error_description={part:?}")).unwrap_or_default();
    format!("{status}{}{description}", code.upstream)
}

/// Labels and texts of one code in one language. Labels take less than ten columns.
fn rows(code: Code, language: Language) -> Vec<(&'static str, String)> {
    let label = |ko, en| of(language, (ko, en));
    let mut rows = Vec::new();
    match code {
        Code::Kakao(code) => {
            let places: Vec<_> = code.places.iter().map(|place| of(language, place.texts())).collect();
            rows.push((label("발생", "where"), places.join(" · ")));
            rows.push((label("원인", "cause"), of(language, code.cause).to_owned()));
            rows.push((label("조치", "remedy"), of(language, code.remedy).to_owned()));
            rows.extend(code.console.map(|texts| (label("콘솔", "console"), of(language, texts).to_owned())));
            rows.extend(code.visitor.map(|texts| (label("사용자", "visitor"), of(language, texts).to_owned())));
            rows.push((label("재시도", "retry"), of(language, code.retry.texts()).to_owned()));
            let answer = if code.reaches_us() {
                answer(code.our_code)
            } else {
                label("없음. 카카오가 자기 페이지에 표시합니다.", "none: Kakao shows it on a page of its own")
                    .to_owned()
            };
            rows.push((label("응답", "answer"), answer));
        }
        Code::Ours(code) => {
            let Entry { message, hint, action, .. } = code.entry();
            rows.push((label("메시지", "message"), of(language, *message).to_owned()));
            rows.push((label("조치", "remedy"), of(language, *hint).to_owned()));
            rows.push((label("재시도", "retry"), of(language, action_texts(*action)).to_owned()));
            rows.push((label("응답", "answer"), answer(code)));
            let theirs = codes_behind(code);
            if !theirs.is_empty() {
                rows.push((label("카카오", "Kakao's"), theirs.join(", ")));
            }
        }
    }
    let settings = related_settings(code);
    if !settings.is_empty() {
        rows.push((label("설정", "settings"), settings.join(", ")));
    }
    rows
}

/// Status, code and action as they stand in the answer.
fn answer(code: ErrorCode) -> String {
    let Entry { status, action, .. } = code.entry();
    format!("HTTP {status} · {code} · action={}", action.as_str())
}

const fn action_texts(action: Action) -> Texts {
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
fn codes_behind(code: ErrorCode) -> Vec<&'static str> {
    let mut codes: Vec<_> = kakao_code::all()
        .filter(|entry| entry.our_code == code && entry.reaches_us())
        .map(|entry| entry.code)
        .collect();
    codes.dedup();
    codes
}

/// Settings that a code's texts name or that decide when it comes.
fn related_settings(code: Code) -> Vec<&'static str> {
    let code = match code {
        Code::Kakao(code) => return code.settings.to_vec(),
        Code::Ours(code) => code,
    };
    let deciding: &[&str] = match code {
        ErrorCode::RateLimitExceeded => &["RATE_LIMIT_LOGIN_PER_MINUTE", "TRUSTED_PROXIES"],
        ErrorCode::SessionExpired => &["JWT_REFRESH_TOKEN_EXPIRE_DAYS", "SESSION_MAX_DAYS"],
        ErrorCode::TokenExpired => &["JWT_ACCESS_TOKEN_EXPIRE_MINUTES"],
        ErrorCode::RefreshTokenReused => &["REFRESH_REUSE_WINDOW_SECONDS", "REFRESH_RECOVERY_HOURS"],
        ErrorCode::LoginStateInvalid => &["PUBLIC_URL"],
        ErrorCode::InvalidToken => &["JWT_ISSUER", "JWT_AUDIENCE", "JWT_ALGORITHM"],
        ErrorCode::StorageUnavailable => &["DATABASE_URL"],
        ErrorCode::KakaoUnavailable => &["KAKAO_AUTH_BASE_URL", "KAKAO_API_BASE_URL"],
        _ => &[],
    };
    let hint = code.entry().hint.1;
    let words: Vec<_> = hint.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let named = settings::all().map(|setting| setting.name).filter(|name| words.contains(name));
    named.chain(deciding.iter().copied()).collect()
}

/// Every code on a line of its own: code, the answer of ours, the first sentence of the cause.
fn listing(codes: &[Code], lang: Option<Language>) -> String {
    let language = lang.unwrap_or(Language::Ko);
    let mut text = String::new();
    for code in codes {
        let (name, about) = match code {
            Code::Kakao(code) => (code.code, first_sentence(of(language, code.cause))),
            Code::Ours(code) => (code.as_str(), of(language, code.entry().message)),
        };
        let name = padded(name, 28);
        let _ = writeln!(text, "{name}{}", cut(about, COLUMNS - width(&name)));
    }
    text
}

fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

fn as_json(code: Code) -> Value {
    let texts = |(ko, en): Texts| json!({"ko": ko, "en": en});
    let answer = |code: ErrorCode| {
        let Entry { status, action, .. } = code.entry();
        json!({"error": code.as_str(), "status": status, "action": action.as_str()})
    };
    match code {
        Code::Kakao(entry) => json!({
            "kind": "kakao",
            "code": entry.code,
            "description": entry.described,
            "class": entry.class.as_str(),
            "upstream": entry.upstream,
            "places": entry.places.iter().map(|place| texts(place.texts())).collect::<Vec<_>>(),
            "answer": entry.reaches_us().then(|| answer(entry.our_code)),
            "cause": texts(entry.cause),
            "remedy": texts(entry.remedy),
            "visitor": entry.visitor.map(texts),
            "console": entry.console.map(texts),
            "retry": {"can_help": entry.retry.can_help(), "texts": texts(entry.retry.texts())},
            "settings": entry.settings,
        }),
        Code::Ours(code) => json!({
            "kind": "munjigi",
            "code": code.as_str(),
            "title": code.entry().title,
            "answer": answer(code),
            "message": texts(code.entry().message),
            "remedy": texts(code.entry().hint),
            "retry": texts(action_texts(code.entry().action)),
            "kakao_codes": codes_behind(code),
            "settings": related_settings(Code::Ours(code)),
        }),
    }
}
