//! The environment as it was said: process variables, `.env` and `NAME_FILE`, each value with its origin.
//!
//! The only file that reads the environment. What the values mean is decided in the sections beside it.

use std::{collections::BTreeMap, fmt, path::Path};

/// Where a value came from, for messages: a setting that is wrong must be found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A variable of the process.
    Process,
    /// A line of the `.env` file.
    DotEnv {
        /// Line number, from 1.
        line: usize,
    },
    /// The file that `NAME_FILE` names.
    File {
        /// The path as it was given.
        path: String,
    },
    /// Set by `munjigi demo` itself.
    Demo,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process => write!(f, "environment"),
            Self::DotEnv { line } => write!(f, ".env:{line}"),
            Self::File { path } => write!(f, "{path}"),
            Self::Demo => write!(f, "demo"),
        }
    }
}

/// One value and its origin. Has no `Debug`: it may be a secret.
#[derive(Clone)]
pub struct Value {
    /// The text, untrimmed.
    pub text: String,
    /// Where it came from.
    pub origin: Origin,
}

/// All variables. Process variables win over `.env`, as dotenvy does.
#[derive(Clone, Default)]
pub struct Env {
    values: BTreeMap<String, Value>,
    /// What could not be read at all, e.g. a `.env` with a broken line.
    pub(crate) unreadable: Vec<String>,
}

impl Env {
    /// Reads the process and `./.env`.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn read() -> Self {
        let mut env = Self::default();
        env.add_dotenv(Path::new(".env"));
        for (name, text) in std::env::vars_os() {
            // A variable that is not Unicode cannot be one of ours.
            if let (Ok(name), Ok(text)) = (name.into_string(), text.into_string()) {
                env.values.insert(name, Value { text, origin: Origin::Process });
            }
        }
        env
    }

    /// An environment of exactly these variables, for tests and `demo`.
    pub fn from_pairs<N: Into<String>, T: Into<String>>(pairs: impl IntoIterator<Item = (N, T)>) -> Self {
        let values = pairs
            .into_iter()
            .map(|(name, text)| (name.into(), Value { text: text.into(), origin: Origin::Process }))
            .collect();
        Self { values, unreadable: Vec::new() }
    }

    /// Sets a value whatever was said, as `demo` does.
    pub fn set(&mut self, name: &str, text: impl Into<String>) {
        self.values.remove(&format!("{name}_FILE"));
        self.values.insert(name.to_owned(), Value { text: text.into(), origin: Origin::Demo });
    }

    /// Sets a value that was not said.
    pub fn set_if_absent(&mut self, name: &str, text: impl Into<String>) {
        if self.get(name).is_none() && self.get(&format!("{name}_FILE")).is_none() {
            self.values.insert(name.to_owned(), Value { text: text.into(), origin: Origin::Demo });
        }
    }

    /// The value of `name`. An empty one counts as not set, as in every compose file.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.text.trim().is_empty())
    }

    /// Every name that is set, with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    fn add_dotenv(&mut self, path: &Path) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.unreadable.push(format!("{} cannot be read: {}", path.display(), error.kind())),
        };
        for entry in dotenvy::from_read_iter(text.as_bytes()) {
            match entry {
                Ok((name, value)) => {
                    let line = line_of(&text, &name);
                    self.values.insert(name, Value { text: value, origin: Origin::DotEnv { line } });
                }
                // dotenvy's message repeats the line, which may hold a secret.
                Err(_) => self.unreadable.push(format!("{} has a line that is not NAME=value", path.display())),
            }
        }
    }
}

/// dotenvy does not tell line numbers; the last assignment of a name is the one that counts.
fn line_of(text: &str, name: &str) -> usize {
    let assigns = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    text.lines().enumerate().filter(|(_, line)| assigns(line)).last().map_or(0, |(index, _)| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_setting_is_found_again() {
        let text = "# A=0\nexport A = 1\nAB=2\nB=3\n";
        assert_eq!((line_of(text, "A"), line_of(text, "AB"), line_of(text, "B")), (2, 3, 4));
    }

    #[test]
    fn an_empty_value_counts_as_not_set() {
        let env = Env::from_pairs([("A", " "), ("B", "b")]);
        assert!(env.get("A").is_none());
        assert_eq!(env.get("B").unwrap().text, "b");
    }
}
