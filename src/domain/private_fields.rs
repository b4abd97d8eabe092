//! Personal fields a service rarely needs: kept only when the operator asks for them, and sealed at rest.

use serde::{Deserialize, Serialize};

use crate::config::PrivateField;

/// Gender as the provider has it on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Gender {
    /// The name in JSON, as OIDC Core section 5.1 has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

/// A birthday without its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Birthday {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// By the lunar calendar: then month and day are not those of the solar one.
    pub is_lunar: bool,
}

impl Birthday {
    /// `MMDD`, as Kakao writes it.
    pub fn parse(text: &str, is_lunar: bool) -> Option<Self> {
        if text.len() != 4 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (month, day) = (text[..2].parse().ok()?, text[2..].parse().ok()?);
        ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(Self { month, day, is_lunar })
    }

    /// `MM-DD`.
    pub fn month_and_day(self) -> String {
        format!("{:02}-{:02}", self.month, self.day)
    }
}

/// What the operator asked for and the person agreed to. Stored sealed, as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PrivateFields {
    /// Legal name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Gender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// `20~29`, as Kakao writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_range: Option<String>,
    /// Month and day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthday: Option<Birthday>,
    /// Year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthyear: Option<u16>,
    /// E.164: a plus sign and at most 15 digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
}

impl PrivateFields {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes a field away.
    pub fn forget(&mut self, field: PrivateField) {
        match field {
            PrivateField::Name => self.name = None,
            PrivateField::Gender => self.gender = None,
            PrivateField::AgeRange => self.age_range = None,
            PrivateField::Birthday => self.birthday = None,
            PrivateField::Birthyear => self.birthyear = None,
            PrivateField::PhoneNumber => self.phone_number = None,
        }
    }

    /// Keeps only these.
    #[must_use]
    pub fn only(mut self, fields: &[PrivateField]) -> Self {
        for field in PrivateField::ALL {
            if !fields.contains(&field) {
                self.forget(field);
            }
        }
        self
    }
}

/// [`PrivateFields`] as the database has them: readable by this gateway alone, and opened only to be shown to their owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedFields(pub Vec<u8>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birthday_is_a_day_of_some_calendar() {
        assert_eq!(Birthday::parse("1130", false).unwrap().month_and_day(), "11-30");
        assert!(Birthday::parse("0230", true).is_some(), "lunar months have up to 30 days");
        for wrong in ["", "1", "1332", "0001", "11-30", "일일"] {
            assert_eq!(Birthday::parse(wrong, false), None, "{wrong}");
        }
    }

    #[test]
    fn nothing_is_kept_that_was_not_asked_for() {
        let told = PrivateFields { name: Some("김문지".into()), birthyear: Some(2002), ..PrivateFields::default() };
        assert!(told.clone().only(&[]).is_empty());
        assert_eq!(told.only(&[PrivateField::Birthyear]).name, None);
    }
}
