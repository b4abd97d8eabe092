//! Who can sign in.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::consent::Items;

/// A person of the mock.
#[derive(Debug, Clone)]
pub struct Person {
    /// The name to give as `mock_user`: a word such as `full`, or the id of a person made on the spot.
    pub name: Cow<'static, str>,
    /// The user number; the same in every run.
    pub id: i64,
    /// A few Korean words: who this is.
    pub title: &'static str,
    /// One Korean sentence: what is special about the answers.
    pub special: &'static str,
    /// The same in English.
    pub special_en: &'static str,
    pub(crate) nickname: Cow<'static, str>,
    pub(crate) picture: Picture,
    pub(crate) email: Option<Email>,
    pub(crate) optional: Optional,
    /// What this person agrees to hand over when asked.
    pub(crate) consents: Items,
    /// What this person agrees to only when `scope` asks for it.
    pub(crate) on_request: Items,
    pub(crate) under_14: bool,
    /// Kakao restricts the account.
    pub(crate) sanctioned: bool,
    /// Known to the app but not signed up, even when the app links by itself.
    pub(crate) preregistered: bool,
}

/// The picture of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Picture {
    Own,
    Default,
}

/// The e-mail address of an account with its two flags.
#[derive(Debug, Clone)]
pub(crate) struct Email {
    pub(crate) address: Cow<'static, str>,
    pub(crate) valid: bool,
    pub(crate) verified: bool,
}

impl Email {
    /// Both flags together are what makes an address worth anything.
    pub(crate) fn is_trusted(&self) -> bool {
        self.valid && self.verified
    }
}

/// The fields of an account that only some apps may ask for. A value that is not there is left out of every answer.
#[derive(Debug, Clone)]
pub(crate) struct Optional {
    pub(crate) name: Option<Cow<'static, str>>,
    /// `female` or `male`.
    pub(crate) gender: Option<Cow<'static, str>>,
    /// Such as `20~29`.
    pub(crate) age_range: Option<Cow<'static, str>>,
    pub(crate) birthday: Option<Birthday>,
    /// Four digits.
    pub(crate) birthyear: Option<Cow<'static, str>>,
    /// Kakao's shape: country code, a space, the national number.
    pub(crate) phone_number: Option<Cow<'static, str>>,
    pub(crate) ci: Option<Cow<'static, str>>,
    pub(crate) shipping_address: bool,
}

/// A day of the year, of the solar or the lunar calendar.
#[derive(Debug, Clone)]
pub(crate) struct Birthday {
    /// Month and day, four digits.
    pub(crate) mmdd: Cow<'static, str>,
    pub(crate) lunar: bool,
    pub(crate) leap_month: bool,
}

impl Optional {
    const NOTHING: Self = Self {
        name: None,
        gender: None,
        age_range: None,
        birthday: None,
        birthyear: None,
        phone_number: None,
        ci: None,
        shipping_address: false,
    };
}

impl Person {
    /// Finds a person by name, or makes one for a positive number. `None` for anything else.
    pub(crate) fn find(name: &str) -> Option<Self> {
        if let Some(person) = SEEDED.iter().find(|person| person.name == name) {
            return Some(person.clone());
        }
        // `parse` alone would take "+1" as well, and one id would have two names.
        if !name.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        name.parse().ok().filter(|id| *id > 0).map(Self::numbered)
    }

    /// The public part as JSON; the id is a string, as JavaScript cannot hold the larger ones.
    pub(crate) fn listing(&self) -> Value {
        json!({"name": self.name, "id": self.id.to_string(), "title": self.title, "special": self.special})
    }

    /// Whether `text` is this person's name, number, or one of the addresses a login page would take.
    pub(crate) fn answers_to(&self, text: &str) -> bool {
        self.name == text
            || self.email.as_ref().is_some_and(|email| email.address == text)
            || self.optional.phone_number.as_deref() == Some(text)
            || self.id.to_string() == text
    }

    fn numbered(id: i64) -> Self {
        Self {
            name: id.to_string().into(),
            id,
            title: "번호로 만든 사람",
            special: "모두 동의했고 이메일은 번호@example.com입니다.",
            special_en: "Agreed to everything; the e-mail address is NUMBER@example.com.",
            nickname: format!("사용자 {id}").into(),
            email: Some(Email { address: format!("{id}@example.com").into(), valid: true, verified: true }),
            ..FULL
        }
    }
}

const FULL: Person = Person {
    name: Cow::Borrowed("full"),
    id: 4_000_000_001,
    title: "모두 동의",
    special: "닉네임, 프로필 사진, 확인된 이메일이 모두 있습니다.",
    special_en: "Nickname, picture and a verified e-mail address.",
    nickname: Cow::Borrowed("김문지"),
    picture: Picture::Own,
    email: Some(Email { address: Cow::Borrowed("munji@example.com"), valid: true, verified: true }),
    optional: Optional::NOTHING,
    consents: Items::ALL,
    on_request: Items::NONE,
    under_14: false,
    sanctioned: false,
    preregistered: false,
};

/// The people who are always there.
pub(crate) static SEEDED: [Person; 14] = [
    FULL,
    Person {
        name: Cow::Borrowed("nickname-only"),
        id: 4_000_000_002,
        title: "닉네임만 동의",
        special: "사진과 이메일은 동의하지 않았습니다.",
        special_en: "Did not agree to picture and e-mail.",
        nickname: Cow::Borrowed("이닉네임"),
        consents: Items::NICKNAME,
        ..FULL
    },
    Person {
        name: Cow::Borrowed("bare"),
        id: 4_000_000_003,
        title: "아무것도 동의하지 않음",
        special: "회원번호만 있고 kakao_account가 통째로 없습니다.",
        special_en: "Only the number; kakao_account is missing altogether.",
        nickname: Cow::Borrowed("박무명"),
        consents: Items::NONE,
        ..FULL
    },
    Person {
        name: Cow::Borrowed("email-unverified"),
        id: 4_000_000_004,
        title: "확인되지 않은 이메일",
        special: "이메일이 있지만 is_email_verified가 false입니다.",
        special_en: "Has an e-mail address, but is_email_verified is false.",
        nickname: Cow::Borrowed("최미확인"),
        email: Some(Email { address: Cow::Borrowed("unverified@example.com"), valid: true, verified: false }),
        ..FULL
    },
    Person {
        name: Cow::Borrowed("email-invalid"),
        id: 4_000_000_005,
        title: "만료된 이메일",
        special: "is_email_valid가 false이고 주소가 가려져 있습니다.",
        special_en: "is_email_valid is false and the address is masked.",
        nickname: Cow::Borrowed("정만료"),
        email: Some(Email { address: Cow::Borrowed("ka***@kakao.com"), valid: false, verified: true }),
        ..FULL
    },
    Person {
        name: Cow::Borrowed("email-needs-agreement"),
        id: 4_000_000_006,
        title: "이메일 동의 전",
        special: "scope에 account_email이 있을 때만 이메일에 동의합니다.",
        special_en: "Agrees to e-mail only when scope has account_email.",
        nickname: Cow::Borrowed("강동의"),
        email: Some(Email { address: Cow::Borrowed("later@example.com"), valid: true, verified: true }),
        consents: Items::ALL.without(Items::EMAIL),
        on_request: Items::EMAIL,
        ..FULL
    },
    Person {
        name: Cow::Borrowed("big-id"),
        id: 1_376_016_924_429_759_228,
        title: "19자리 회원번호",
        special: "회원번호가 2의 53제곱보다 커서 JavaScript 숫자로는 깨집니다.",
        special_en: "The number is above 2 to the 53rd and breaks as a JavaScript number.",
        nickname: Cow::Borrowed("조큰수"),
        email: Some(Email { address: Cow::Borrowed("big@example.com"), valid: true, verified: true }),
        ..FULL
    },
    Person {
        name: Cow::Borrowed("default-image"),
        id: 4_000_000_007,
        title: "기본 프로필 사진",
        special: "사진 주소가 기본 이미지이고 is_default_image가 true입니다.",
        special_en: "The picture is the default one and is_default_image is true.",
        nickname: Cow::Borrowed("윤기본"),
        picture: Picture::Default,
        email: Some(Email { address: Cow::Borrowed("default@example.com"), valid: true, verified: true }),
        ..FULL
    },
    Person {
        name: Cow::Borrowed("under-14"),
        id: 4_000_000_008,
        title: "만 14세 미만",
        special: "동의해도 access_denied(Not allowed under age 14)로 돌아갑니다.",
        special_en: "Comes back with access_denied (Not allowed under age 14) even after agreeing.",
        nickname: Cow::Borrowed("한어린이"),
        under_14: true,
        ..FULL
    },
    Person {
        name: Cow::Borrowed("all-fields"),
        id: 4_000_000_009,
        title: "모든 항목",
        special: "앱에 설정했다면 이름, 성별, 연령대, 음력 생일, 출생 연도, 전화번호, CI, 배송지도 있습니다.",
        special_en: "Where the app uses them: name, gender, age range, lunar birthday, birth year, telephone, CI, addresses too.",
        nickname: Cow::Borrowed("서모두"),
        email: Some(Email { address: Cow::Borrowed("every@example.com"), valid: true, verified: true }),
        optional: Optional {
            name: Some(Cow::Borrowed("서모두")),
            gender: Some(Cow::Borrowed("female")),
            age_range: Some(Cow::Borrowed("20~29")),
            birthday: Some(Birthday { mmdd: Cow::Borrowed("1130"), lunar: true, leap_month: false }),
            birthyear: Some(Cow::Borrowed("2002")),
            phone_number: Some(Cow::Borrowed("+82 010-1234-5678")),
            ci: Some(Cow::Borrowed("bW9jay1rYWthby1jaS1vZi1ub2JvZHk=")),
            shipping_address: true,
        },
        ..FULL
    },
    Person {
        name: Cow::Borrowed("abroad"),
        id: 4_000_000_010,
        title: "해외 전화번호",
        special: "전화번호가 한국 번호가 아니고 생일은 양력이며 출생 연도가 없습니다.",
        special_en: "The telephone number is not Korean, the birthday solar, the birth year missing.",
        nickname: Cow::Borrowed("Dana"),
        email: Some(Email { address: Cow::Borrowed("abroad@example.com"), valid: true, verified: true }),
        optional: Optional {
            name: Some(Cow::Borrowed("Dana Fox")),
            gender: Some(Cow::Borrowed("male")),
            birthday: Some(Birthday { mmdd: Cow::Borrowed("0229"), lunar: false, leap_month: false }),
            phone_number: Some(Cow::Borrowed("+1 202-555-0143")),
            ..Optional::NOTHING
        },
        ..FULL
    },
    Person {
        name: Cow::Borrowed("preregistered"),
        id: 4_000_000_011,
        title: "연결 전 사용자",
        special: "가입 API를 부르기 전까지 has_signed_up이 false이고 일부 항목만 있습니다.",
        special_en: "has_signed_up is false and items are missing until the sign-up API is called.",
        nickname: Cow::Borrowed("문예비"),
        email: Some(Email { address: Cow::Borrowed("soon@example.com"), valid: true, verified: true }),
        preregistered: true,
        ..FULL
    },
    Person {
        name: Cow::Borrowed("sanctioned"),
        id: 4_000_000_012,
        title: "제재된 계정",
        special: "로그인은 되지만 API가 -4로 답하고, prompt=none은 interaction_required입니다.",
        special_en: "Signs in, but the API answers -4 and prompt=none is interaction_required.",
        nickname: Cow::Borrowed("배제재"),
        email: Some(Email { address: Cow::Borrowed("sanctioned@example.com"), valid: true, verified: true }),
        sanctioned: true,
        ..FULL
    },
    Person {
        name: Cow::Borrowed("no-email"),
        id: 4_000_000_013,
        title: "이메일 없는 계정",
        special: "동의했지만 계정에 이메일이 없어서 has_email이 false입니다.",
        special_en: "Agreed, but the account has no e-mail address: has_email is false.",
        nickname: Cow::Borrowed("노메일"),
        email: None,
        ..FULL
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_positive_number_makes_a_person_and_nothing_else_does() {
        let person = Person::find("1376016924429759229").unwrap();
        assert_eq!(person.id, 1_376_016_924_429_759_229);
        assert_eq!(person.email.unwrap().address, "1376016924429759229@example.com");
        for refused in ["", "0", "-5", "+5", "1.5", "9223372036854775808", "nobody"] {
            assert!(Person::find(refused).is_none(), "{refused}");
        }
    }

    #[test]
    fn names_and_ids_are_unique() {
        for (position, person) in SEEDED.iter().enumerate() {
            for other in &SEEDED[position + 1..] {
                assert_ne!(person.name, other.name);
                assert_ne!(person.id, other.id);
            }
        }
    }
}
