//! Reads settings one by one and remembers every problem, so that they are reported at once.

use std::fmt::{self, Display};

use secrecy::SecretString;

use super::{
    env::{Env, Origin, Value},
    settings,
};

/// What is wrong with one setting: what happened, why it matters, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Name of the variable.
    pub name: String,
    /// Where its value came from; `None` when it is not set.
    pub origin: Option<Origin>,
    /// What is wrong. Never contains a secret's value.
    pub what: String,
    /// Why that is refused.
    pub why: String,
    /// What to do about it.
    pub fix: String,
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.what)?;
        if let Some(origin) = &self.origin {
            write!(f, "    [{origin}]")?;
        }
        write!(f, "\n    why  {}\n    fix  {}", self.why, self.fix)
    }
}

/// Takes values out of an [`Env`] and collects problems.
pub struct Reader<'a> {
    env: &'a Env,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(env: &'a Env) -> Self {
        Self { env, problems: Vec::new() }
    }

    /// Notes a problem with the setting `name`.
    pub fn problem(&mut self, name: &str, what: impl Display, why: impl Display, fix: impl Display) {
        let origin = self.env.get(name).map(|value| value.origin.clone());
        let (what, why, fix) = (without_credentials(&what.to_string()), why.to_string(), fix.to_string());
        self.problems.push(Problem { name: name.to_owned(), origin, what, why, fix });
    }

    /// The text of a setting, trimmed; from `NAME_FILE` when the setting is a secret and says so.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let said = self.env.get(name).cloned();
        let file_name = format!("{name}_FILE");
        let file =
            settings::find(name).filter(|setting| setting.secret).and_then(|_| self.env.get(&file_name).cloned());
        match (said, file) {
            (Some(_), Some(_)) => {
                let fix = format!("keep one of {name} and {file_name}");
                self.problem(&file_name, format!("and {name} are both set"), "one of them would be ignored", fix);
                None
            }
            (Some(value), None) => Some(value.text.trim().to_owned()),
            (None, Some(path)) => self.read_file(&file_name, &path),
            (None, None) => None,
        }
    }

    fn read_file(&mut self, file_name: &str, path: &Value) -> Option<String> {
        match std::fs::read_to_string(path.text.trim()) {
            Ok(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Ok(_) => {
                self.problem(
                    file_name,
                    "names an empty file",
                    "the secret is missing",
                    "write the secret into the file",
                );
                None
            }
            Err(error) => {
                let what = format!("names a file that cannot be read ({})", error.kind());
                self.problem(file_name, what, "the secret is missing", "check the path and who may read it");
                None
            }
        }
    }

    /// A secret that must be there.
    pub fn required_secret(&mut self, name: &str, why: &str, fix: &str) -> SecretString {
        let text = self.text(name);
        if text.is_none() && !self.problems.iter().any(|problem| problem.name.starts_with(name)) {
            self.problem(name, "is not set", why, fix);
        }
        text.unwrap_or_default().into()
    }

    /// A secret that may be missing.
    pub fn secret(&mut self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    /// A parsed setting, or its default; a value that does not parse is a problem.
    pub fn parse<T>(&mut self, name: &str, default: T, expected: &str, parse: impl Fn(&str) -> Option<T>) -> T {
        let Some(text) = self.text(name) else { return default };
        parse(&text).unwrap_or_else(|| {
            let shown = if settings::find(name).is_some_and(|setting| setting.secret) { "…" } else { text.as_str() };
            self.problem(
                name,
                format!("= {shown:?} is not {expected}"),
                "its meaning would be a guess",
                format!("use {expected}"),
            );
            default
        })
    }

    /// A whole number within bounds.
    pub fn number(&mut self, name: &str, default: u64, bounds: std::ops::RangeInclusive<u64>) -> u64 {
        let expected = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        self.parse(name, default, &expected, |text| text.parse().ok().filter(|number| bounds.contains(number)))
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        self.parse(name, default, "true or false", |text| match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        })
    }

    /// A comma-separated list, each item parsed; every bad item is a problem of its own.
    pub fn list<T>(&mut self, name: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let text = self.text(name).unwrap_or_default();
        let mut items = Vec::new();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            match parse(item) {
                Some(parsed) => items.push(parsed),
                None => self.problem(
                    name,
                    format!("contains {item:?}, which is not {expected}"),
                    "it would never match",
                    format!("use {expected}"),
                ),
            }
        }
        items
    }
}

/// A message that quotes a URL does not quote the password in it.
fn without_credentials(text: &str) -> String {
    let Some((before, after)) = text.split_once("//") else { return text.to_owned() };
    let authority = after.find(['/', '"', ' ']).unwrap_or(after.len());
    match after[..authority].rfind('@') {
        Some(at) => format!("{before}//…{}", &after[at..]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_credentials;

    #[test]
    fn credentials_in_a_quoted_url_are_left_out() {
        assert_eq!(without_credentials("= \"https://u:p@h/x\" is no"), "= \"https://…@h/x\" is no");
        assert_eq!(without_credentials("= \"https://a@b:c@h\" is no"), "= \"https://…@h\" is no");
        assert_eq!(without_credentials("= \"https://h/@x\""), "= \"https://h/@x\"");
        assert_eq!(without_credentials("plain"), "plain");
    }
}
