//! Kakao's fields as types: texts, telephone numbers, birthdays.

use super::wire::Account;
use crate::{
    config::PrivateField,
    domain::private_fields::{Birthday, Gender, PrivateFields},
};

/// What the account tells, of the fields that were asked for.
pub(super) fn read_private(account: &Account, fields: &[PrivateField]) -> PrivateFields {
    if fields.is_empty() {
        return PrivateFields::default();
    }
    let is_lunar = account.birthday_type.as_deref() == Some("LUNAR");
    let text = |field: &Option<String>, limit| field.as_deref().and_then(|text| printable(text, limit));
    PrivateFields {
        name: text(&account.name, 100),
        gender: account.gender.as_deref().and_then(gender),
        age_range: text(&account.age_range, 10),
        birthday: account.birthday.as_deref().and_then(|text| Birthday::parse(text, is_lunar)),
        birthyear: account.birthyear.as_deref().and_then(|text| text.parse().ok()),
        phone_number: account.phone_number.as_deref().and_then(e164),
    }
    .only(fields)
}

/// Text without control characters, cut to `limit` characters; `None` when nothing is left.
pub(super) fn printable(text: &str, limit: usize) -> Option<String> {
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(limit).collect();
    (!text.is_empty()).then_some(text)
}

/// Kakao's documents disagree on the case.
fn gender(text: &str) -> Option<Gender> {
    match text.to_ascii_lowercase().as_str() {
        "female" => Some(Gender::Female),
        "male" => Some(Gender::Male),
        _ => None,
    }
}

/// `+82 010-1234-5678` -> `+821012345678`. A number without its country could be anybody's.
fn e164(text: &str) -> Option<String> {
    let number = text.trim();
    let is_international = number.starts_with('+') && phonelib::is_valid_phone_number(number);
    phonelib::normalize_phone_number(number).filter(|_| is_international)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_numbers_become_e164_or_nothing() {
        assert_eq!(e164("+82 010-1234-5678").as_deref(), Some("+821012345678"));
        assert_eq!(e164("+82 10-1234-5678").as_deref(), Some("+821012345678"));
        assert_eq!(e164("+39 06 698 12345").as_deref(), Some("+390669812345"), "a zero that belongs to the number");
        assert_eq!(e164("+1 650-253-0000").as_deref(), Some("+16502530000"));
        for wrong in ["", "+82", "+999 12", "010-1234-5678", "call me"] {
            assert_eq!(e164(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn genders_are_read_in_either_case() {
        assert_eq!(
            [gender("female"), gender("MALE"), gender("other")],
            [Some(Gender::Female), Some(Gender::Male), None]
        );
    }
}
