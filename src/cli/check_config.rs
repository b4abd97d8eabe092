//! `munjigi check-config`: every problem at once, offline.

use std::fmt::Write as _;

use super::{Failure, Outcome};
use crate::config::{Config, Env, Problem, settings};

/// What to print.
#[derive(clap::Args)]
pub(super) struct Options {
    /// Print a commented .env with every setting instead
    #[arg(long)]
    example: bool,
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its options the same way")]
pub(super) fn run(options: Options) -> Outcome {
    if options.example {
        print!("{}", settings::env_example());
        return Ok(());
    }
    let env = Env::read();
    let warnings = Config::warnings(&env);
    match Config::from_env(&env) {
        Ok(_) => {
            print!("{}{}", report(&[], &warnings), listing(&env));
            Ok(())
        }
        Err(problems) => {
            print!("{}", listing(&env));
            Err(Failure::config(report(&problems, &warnings).trim_end().to_owned()))
        }
    }
}

/// Problems, warnings and their count.
pub(super) fn report(problems: &[Problem], warnings: &[String]) -> String {
    let mut text = String::new();
    for problem in problems {
        let _ = writeln!(text, "✗ {problem}");
    }
    for warning in warnings {
        let _ = writeln!(text, "! {warning}");
    }
    let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let _ = writeln!(text, "{}, {}", count(problems.len(), "problem"), count(warnings.len(), "warning"));
    text
}

/// Every setting with its value and origin; secrets by length alone.
fn listing(env: &Env) -> String {
    let mut text = String::new();
    for setting in settings::all() {
        let file_name = format!("{}_FILE", setting.name);
        let (value, origin) = match (env.get(setting.name), env.get(&file_name)) {
            (Some(value), _) if setting.secret => {
                (format!("set ({} characters)", value.text.trim().chars().count()), value.origin.to_string())
            }
            (Some(value), _) => (value.text.trim().to_owned(), value.origin.to_string()),
            (None, Some(file)) if setting.secret => ("set".to_owned(), format!("{file_name} {}", file.text.trim())),
            (None, _) => (setting.default.unwrap_or("not set").to_owned(), "default".to_owned()),
        };
        let _ = writeln!(text, "  {:<34} {value:<44} {origin}", setting.name);
    }
    text
}
