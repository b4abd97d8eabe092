//! `munjigi explain`: what a code of Kakao's or of ours means, offline.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    Failure, Outcome,
    layout::{COLUMNS, cut, entry, padded, width},
};
use crate::{
    error_code::{Entry, ErrorCode, Language, Texts},
    explain::{self, Code},
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
    lang: Option<Lang>,
    /// text, or json (always in both languages)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Lang {
    Ko,
    En,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its options the same way")]
pub(super) fn run(options: Options) -> Outcome {
    let lang = options.lang.map(|lang| match lang {
        Lang::Ko => Language::Korean,
        Lang::En => Language::English,
    });
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    if options.all {
        found.extend(explain::all());
    }
    for text in &options.codes {
        match explain::find(text) {
            Ok(codes) => found.extend(codes),
            Err(nearest) => unknown.push(not_known(text, &nearest)),
        }
    }
    match options.format {
        Format::Json if !found.is_empty() => println!("{:#}", found.iter().copied().map(as_json).collect::<Value>()),
        Format::Text if options.all => print!("{}", listing(&found, lang.unwrap_or(Language::Korean))),
        Format::Text => print!("{}", pages(&found, lang)),
        Format::Json => {}
    }
    if unknown.is_empty() { Ok(()) } else { Err(Failure { text: unknown.join("\n"), code: 1 }) }
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

fn pages(codes: &[Code], lang: Option<Language>) -> String {
    let pages: Vec<_> = codes.iter().map(|code| page(*code, lang)).collect();
    pages.join("\n")
}

/// One code in `lang`, or in both languages.
fn page(code: Code, lang: Option<Language>) -> String {
    let mut text = format!("{}   {}\n", code.name(), code.heading());
    for language in lang.map_or(vec![Language::Korean, Language::English], |lang| vec![lang]) {
        text.push('\n');
        for row in code.rows(language) {
            text += &entry(2, row.label, 10, &row.plain());
        }
    }
    text
}

/// Every code on a line of its own: code, the first sentence about it.
fn listing(codes: &[Code], language: Language) -> String {
    let mut text = String::new();
    for code in codes {
        let name = padded(code.name(), 28);
        let _ = writeln!(text, "{name}{}", cut(code.summary(language), COLUMNS - width(&name)));
    }
    text
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
        Code::Ours(ours) => json!({
            "kind": "munjigi",
            "code": ours.as_str(),
            "title": ours.entry().title,
            "answer": answer(ours),
            "message": texts(ours.entry().message),
            "remedy": texts(ours.entry().hint),
            "retry": texts(explain::action_texts(ours.entry().action)),
            "kakao_codes": explain::codes_behind(ours),
            "settings": code.settings(),
        }),
    }
}
