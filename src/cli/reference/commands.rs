//! The page about the command line: what `--help` prints.

use std::fmt::Write as _;

use clap::CommandFactory;

use super::{MADE_BY, Page, other_language};
use crate::error_code::Language;

/// The page.
pub(super) fn page(language: Language) -> Page {
    let say = |ko, en| language.of((ko, en));
    let mut text = format!("# {}\n\n{}\n\n", say("명령", "Commands"), other_language(language, "", "cli.md"));
    text += say(
        "결과는 표준 출력에, 설명과 오류는 표준 오류에 나옵니다. 아래는 각 명령이 `--help`에 출력하는 내용 그대로입니다.",
        "Results go to standard output, commentary and errors to standard error. Below is what each command prints for `--help`.",
    );
    let _ = write!(text, "\n\n{}\n", language.of(MADE_BY));
    let mut root = crate::cli::Options::command();
    root.build();
    for command in root.get_subcommands_mut() {
        describe(command, "munjigi", 2, &mut text);
    }
    ("cli.md".to_owned(), text)
}

fn describe(command: &mut clap::Command, parent: &str, level: usize, text: &mut String) {
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    let name = format!("{parent} {}", command.get_name());
    let help = command.render_help().to_string();
    let _ = write!(text, "\n{} {name}\n\n```text\n{}\n```\n", "#".repeat(level), help.trim_end());
    for below in command.get_subcommands_mut() {
        describe(below, &name, level + 1, text);
    }
}
