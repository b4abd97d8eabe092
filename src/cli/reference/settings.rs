//! The page about settings.

use std::fmt::Write as _;

use super::{MADE_BY, Page, cell, other_language};
use crate::{
    config::settings::{SETTINGS, Setting},
    error_code::Language,
};

/// The page.
pub(super) fn page(language: Language) -> Page {
    let say = |ko, en| language.of((ko, en));
    let mut text = format!("# {}\n\n{}\n\n", say("설정", "Settings"), other_language(language, "", "settings.md"));
    text += say(
        "설정은 환경 변수나 `.env`에서 읽습니다. 비밀 값은 `이름_FILE`에 파일 경로를 주어도 됩니다. 문제가 있으면 `munjigi check-config`가 한꺼번에 알려 줍니다.",
        "Settings come from the environment or from `.env`. A secret may also be in a file whose path is in `NAME_FILE`. `munjigi check-config` tells every problem at once.",
    );
    let _ = write!(text, "\n\n{}\n", language.of(MADE_BY));
    for (heading, settings) in SETTINGS {
        let _ = write!(text, "\n## {}\n", language.of(*heading));
        for setting in *settings {
            text += &entry(setting, language);
        }
    }
    ("settings.md".to_owned(), text)
}

fn entry(setting: &Setting, language: Language) -> String {
    let say = |ko, en| language.of((ko, en));
    let default = match setting.default {
        None if setting.is_required() => say("필수", "required").to_owned(),
        None | Some("") => say("기본값 없음", "no default").to_owned(),
        Some(default) => format!("{} `{default}`", say("기본값", "default")),
    };
    let secret = if setting.secret { say(" · 비밀 값", " · secret") } else { "" };
    let name = setting.name;
    format!("\n### {name}\n\n{}\n\n{default}{secret}\n", cell(language.of(setting.about)))
}
