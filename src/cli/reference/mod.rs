//! `munjigi reference`: the pages of the documentation that are made from the program's own tables, in both languages.

mod commands;
mod errors;
mod http_api;
mod settings;

use std::{fs, io, path::PathBuf};

use super::{Failure, Outcome};
use crate::error_code::{Language, Texts};

/// Where to write.
#[derive(clap::Args)]
pub(super) struct Options {
    /// The folder of the documentation, which holds ko and en
    dir: PathBuf,
}

/// A page: its path below the folder of a language, and its text.
type Page = (String, String);

#[expect(clippy::needless_pass_by_value, reason = "every command takes its options the same way")]
pub(super) fn run(options: Options) -> Outcome {
    for language in [Language::Korean, Language::English] {
        let folder = options.dir.join(language.tag()).join("reference");
        write(&folder, language).map_err(|error| {
            Failure::new(format!("cannot write {}", folder.display()), error, "name another folder")
        })?;
    }
    Ok(())
}

fn write(folder: &std::path::Path, language: Language) -> io::Result<()> {
    let errors = folder.join("errors");
    fs::create_dir_all(&errors)?;
    // Pages of codes that are gone.
    for entry in fs::read_dir(&errors)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            fs::remove_file(path)?;
        }
    }
    let mut pages = errors::pages(language);
    pages.push(settings::page(language));
    pages.push(commands::page(language));
    pages.push(http_api::page(language));
    pages.into_iter().try_for_each(|(path, text)| fs::write(folder.join(path), text))
}

/// The link to the same page in the other language, which stands below every heading. `up` leads to `reference`.
fn other_language(language: Language, up: &str, path: &str) -> String {
    match language {
        Language::Korean => format!("[English]({up}../../en/reference/{path})"),
        Language::English => format!("[한국어]({up}../../ko/reference/{path})"),
    }
}

/// Said on every page, so that nobody mends the wrong file.
const MADE_BY: Texts = (
    "이 문서는 `munjigi reference docs`가 만듭니다. 고칠 곳은 프로그램의 표입니다.",
    "Made by `munjigi reference docs`: what is to be changed is the program's table.",
);

/// Text as it stands in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

/// A setting as a link; `up` leads to the folder of the page about settings.
fn setting(name: &str, up: &str) -> String {
    // NAME_FILE is the same setting.
    let known = crate::config::settings::find(name).map_or(name.trim_end_matches("_FILE"), |setting| setting.name);
    format!("[`{name}`]({up}settings.md#{})", known.to_ascii_lowercase())
}
