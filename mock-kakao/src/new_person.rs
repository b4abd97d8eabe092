//! A person as `POST /__mock/persons` describes one.

use serde::Deserialize;

use crate::consent::Items;
use crate::persons::{Birthday, Email, Optional, Person, Picture, SEEDED};
use crate::state::Mock;

/// Only `name` is needed; the rest is as with the person `full`, without optional fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "members of a JSON object, each on its own")]
pub(crate) struct NewPerson {
    name: String,
    /// A number, or a text, since JavaScript cannot hold the larger ones.
    id: Option<Id>,
    nickname: Option<String>,
    #[serde(default)]
    default_image: bool,
    /// `<name>@example.com` if missing.
    email: Option<NewEmail>,
    /// An account without an address.
    #[serde(default)]
    no_email: bool,
    real_name: Option<String>,
    gender: Option<String>,
    age_range: Option<String>,
    birthday: Option<NewBirthday>,
    birthyear: Option<String>,
    phone_number: Option<String>,
    ci: Option<String>,
    #[serde(default)]
    shipping_address: bool,
    /// Everything if missing.
    consents: Option<Vec<String>>,
    #[serde(default)]
    on_request: Vec<String>,
    #[serde(default)]
    under_14: bool,
    #[serde(default)]
    sanctioned: bool,
    #[serde(default)]
    preregistered: bool,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Id {
    Number(i64),
    Text(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewEmail {
    address: String,
    #[serde(default = "yes")]
    valid: bool,
    #[serde(default = "yes")]
    verified: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBirthday {
    mmdd: String,
    #[serde(default)]
    lunar: bool,
    #[serde(default)]
    leap_month: bool,
}

impl NewPerson {
    /// The error is for the developer who sent it.
    pub(crate) fn into_person(self, mock: &Mock) -> Result<Person, String> {
        // The name goes into URLs and a cookie, and must not be taken for a number.
        let well_formed = |name: &str| {
            (1..=64).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
                && name.bytes().any(|byte| !byte.is_ascii_digit())
        };
        if !well_formed(&self.name) {
            return Err("name: up to 64 letters, digits, - and _, and not a number".to_owned());
        }
        let usual = || NewEmail { address: format!("{}@example.com", self.name), valid: true, verified: true };
        let email = (!self.no_email).then(|| self.email.unwrap_or_else(usual));
        Ok(Person {
            id: number(mock, &self.name, self.id)?,
            title: "추가한 사람",
            special: "이 프로세스에만 있습니다.",
            special_en: "Exists in this process only.",
            nickname: self.nickname.unwrap_or_else(|| self.name.clone()).into(),
            picture: if self.default_image { Picture::Default } else { Picture::Own },
            email: email.map(|email| Email {
                address: email.address.into(),
                valid: email.valid,
                verified: email.verified,
            }),
            optional: Optional {
                name: self.real_name.map(Into::into),
                gender: self.gender.map(Into::into),
                age_range: self.age_range.map(Into::into),
                birthday: self.birthday.map(|day| Birthday {
                    mmdd: day.mmdd.into(),
                    lunar: day.lunar,
                    leap_month: day.leap_month,
                }),
                birthyear: self.birthyear.map(Into::into),
                phone_number: self.phone_number.map(Into::into),
                ci: self.ci.map(Into::into),
                shipping_address: self.shipping_address,
            },
            consents: self.consents.map_or(Ok(Items::ALL), |ids| items(&ids))?,
            on_request: items(&self.on_request)?,
            under_14: self.under_14,
            sanctioned: self.sanctioned,
            preregistered: self.preregistered,
            name: self.name.into(),
        })
    }
}

/// The number asked for, else that of the person of this name, else the next free one.
fn number(mock: &Mock, name: &str, id: Option<Id>) -> Result<i64, String> {
    let known = mock.listed();
    let number = match id {
        Some(Id::Number(number)) => Some(number),
        Some(Id::Text(text)) => Some(text.parse().map_err(|_| format!("id: {text} is no number"))?),
        None => known.iter().find(|person| person.name == name).map(|person| person.id),
    };
    if let Some(number) = number {
        let taken = SEEDED.iter().any(|person| person.id == number && person.name != name);
        return match number {
            ..1 => Err("id: from 1".to_owned()),
            _ if taken => Err(format!("id: {number} is the number of somebody who is always there")),
            _ => Ok(number),
        };
    }
    let highest = known.iter().map(|person| person.id).filter(|id| (5_000_000_000..6_000_000_000).contains(id)).max();
    Ok(highest.unwrap_or(5_000_000_000) + 1)
}

fn items(ids: &[String]) -> Result<Items, String> {
    let item = |id: &String| Items::named(id).ok_or_else(|| format!("{id}: no such consent item"));
    ids.iter().try_fold(Items::NONE, |all, id| Ok(all.or(item(id)?)))
}

fn yes() -> bool {
    true
}
