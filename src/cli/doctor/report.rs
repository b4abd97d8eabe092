//! Findings, as text and as JSON.

use std::fmt::{Display, Write as _};

use serde_json::{Value, json};

use super::register::Register;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Good,
    Warning,
    Broken,
}

impl Level {
    const fn sign(self) -> char {
        match self {
            Self::Good => '✓',
            Self::Warning => '!',
            Self::Broken => '✗',
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Broken => "broken",
        }
    }
}

/// One finding: what it is about, what was found, and unless all is well why that matters and what to do.
#[derive(Debug, Clone)]
pub(super) struct Check {
    about: &'static str,
    pub(super) level: Level,
    what: String,
    why: String,
    fix: String,
}

impl Check {
    pub(super) fn good(about: &'static str, what: impl Display) -> Self {
        Self { about, level: Level::Good, what: what.to_string(), why: String::new(), fix: String::new() }
    }

    pub(super) fn warning(about: &'static str, what: impl Display, why: impl Display, fix: impl Display) -> Self {
        Self::finding(Level::Warning, about, what, why, fix)
    }

    pub(super) fn broken(about: &'static str, what: impl Display, why: impl Display, fix: impl Display) -> Self {
        Self::finding(Level::Broken, about, what, why, fix)
    }

    pub(super) fn finding(
        level: Level,
        about: &'static str,
        what: impl Display,
        why: impl Display,
        fix: impl Display,
    ) -> Self {
        Self { about, level, what: what.to_string(), why: why.to_string(), fix: fix.to_string() }
    }
}

/// Everything found, and what to enter at Kakao.
#[derive(Default)]
pub(super) struct Report {
    checks: Vec<Check>,
    pub(super) register: Option<Register>,
}

impl Report {
    pub(super) fn add(&mut self, checks: Vec<Check>) {
        self.checks.extend(checks);
    }

    fn count(&self, level: Level) -> usize {
        self.checks.iter().filter(|check| check.level == level).count()
    }

    /// How many checks failed.
    pub(super) fn broken(&self) -> usize {
        self.count(Level::Broken)
    }

    /// A line for each check: what · why · what to do.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for Check { about, level, what, why, fix } in &self.checks {
            let _ = write!(text, "{} {about:<12} {what}", level.sign());
            for part in [why, fix].into_iter().filter(|part| !part.is_empty()) {
                let _ = write!(text, " · {part}");
            }
            text.push('\n');
        }
        if let Some(register) = &self.register {
            let _ = write!(text, "\n{}\n", register.text());
        }
        let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let (broken, warnings) = (count(self.broken(), "problem"), count(self.count(Level::Warning), "warning"));
        text + &format!("{broken}, {warnings}\n")
    }

    /// The same for machines.
    pub(super) fn json(&self) -> Value {
        let optional = |text: &String| if text.is_empty() { Value::Null } else { json!(text) };
        let check = |check: &Check| {
            json!({
                "check": check.about,
                "level": check.level.as_str(),
                "what": check.what,
                "why": optional(&check.why),
                "fix": optional(&check.fix),
            })
        };
        json!({
            "checks": self.checks.iter().map(check).collect::<Vec<_>>(),
            "problems": self.broken(),
            "warnings": self.count(Level::Warning),
            "register": self.register.as_ref().map(Register::json),
        })
    }
}
