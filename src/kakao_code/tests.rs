//! The table is complete, readable, and means what the gateway always took it to mean.

use std::collections::HashSet;

use super::*;
use crate::config::settings;

/// What Kakao documents, and what was observed, by where it comes from; written down by hand.
const TOKEN: &[&str] =
    &["KOE009", "KOE010", "KOE101", "KOE237", "KOE303", "KOE310", "KOE319", "KOE320", "KOE322", "KOE400"];
const PAGES: &[&str] = &[
    "KOE001", "KOE002", "KOE003", "KOE004", "KOE005", "KOE006", "KOE007", "KOE008", "KOE023", "KOE101", "KOE102",
    "KOE201", "KOE202", "KOE203", "KOE204", "KOE205", "KOE207",
];
const REDIRECTS: &[&str] = &[
    "access_denied",
    "login_required",
    "consent_required",
    "interaction_required",
    "server_error",
    "temporarily_unavailable",
];
const API: &[i64] = &[
    -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12, -101, -102, -103, -201, -301, -401, -402, -405, -406, -501,
    -502, -504, -530, -531, -532, -602, -606, -911, -603, -903, -9798,
];

fn is_hangul(text: &str) -> bool {
    text.chars().any(|c| ('가'..='힣').contains(&c))
}

fn class(code: &str) -> Class {
    get(code).unwrap_or_else(|| panic!("{code} is missing")).class
}

#[test]
fn every_code_that_kakao_has_is_in_the_table_and_no_other() {
    let api: Vec<_> = API.iter().map(ToString::to_string).collect();
    let known: HashSet<_> =
        [TOKEN, PAGES, REDIRECTS].concat().into_iter().chain(api.iter().map(String::as_str)).collect();
    let table: HashSet<_> = all().map(|entry| entry.code).collect();
    assert_eq!(table, known);
    for code in TOKEN.iter().chain(PAGES) {
        assert!(of_kauth(code).is_some(), "{code}");
    }
    for code in API {
        assert!(of_kapi(*code).is_some(), "{code}");
    }
    assert!(of_kapi(401).is_none() && of_kauth("-401").is_none() && of_redirect("KOE320", None).is_none());
}

#[test]
fn no_meaning_is_in_the_table_twice() {
    let mut seen = HashSet::new();
    for entry in all() {
        assert!(seen.insert((entry.code, entry.described)), "{} {:?}", entry.code, entry.described);
    }
}

#[test]
fn every_text_is_there_in_both_languages() {
    for entry in all() {
        let always = [entry.cause, entry.remedy, entry.retry.texts()];
        for (korean, english) in always.into_iter().chain(entry.visitor).chain(entry.console) {
            assert!(is_hangul(korean), "{}: {korean}", entry.code);
            assert!(!english.is_empty() && !is_hangul(english), "{}: {english}", entry.code);
            for text in [korean, english] {
                assert_eq!(text, text.trim(), "{}", entry.code);
            }
        }
        for (korean, english) in [entry.cause, entry.remedy].into_iter().chain(entry.visitor) {
            assert!(korean.ends_with(['.', ')']) && english.ends_with(['.', ')']), "{}: sentences end", entry.code);
        }
        for place in entry.places {
            assert!(!place.texts().0.is_empty() && !is_hangul(place.texts().1));
        }
        assert!(!entry.places.is_empty() && !entry.upstream.is_empty() && entry.upstream.is_ascii(), "{}", entry.code);
    }
}

#[test]
fn a_visitor_who_sees_a_code_is_told_what_to_do() {
    for entry in all().filter(|entry| !matches!(entry.class, Class::NotApplicable | Class::AlreadyLinked)) {
        let silent = entry.code == "-201";
        assert_eq!(entry.visitor.is_none(), silent, "{}", entry.code);
    }
}

#[test]
fn every_setting_that_is_named_exists() {
    for entry in all() {
        for name in entry.settings {
            let stem = name.strip_suffix("_FILE").unwrap_or(name);
            assert!(settings::find(stem).is_some(), "{}: {name}", entry.code);
        }
    }
}

#[test]
fn a_class_always_has_the_same_answer_of_ours() {
    for entry in all() {
        let expected: &[ErrorCode] = match entry.class {
            Class::CodeUsed => &[ErrorCode::KakaoCodeUsed],
            Class::Misconfigured => &[ErrorCode::KakaoMisconfigured],
            Class::Throttled | Class::Transient => &[ErrorCode::KakaoUnavailable],
            Class::PersonRefused => &[ErrorCode::KakaoPersonRefused, ErrorCode::KakaoUnderAge],
            Class::NotLinked => &[ErrorCode::KakaoPersonRefused],
            Class::ConsentRequired => &[ErrorCode::KakaoConsentRequired],
            Class::Cancelled => &[ErrorCode::KakaoLoginCancelled],
            Class::Interaction => &[ErrorCode::KakaoInteractionRequired],
            Class::AlreadyLinked | Class::TokenInvalid | Class::OurFault | Class::NotApplicable => {
                &[ErrorCode::KakaoLoginFailed]
            }
        };
        assert!(expected.contains(&entry.our_code), "{}", entry.code);
    }
}

#[test]
fn codes_mean_what_the_gateway_always_took_them_to_mean() {
    assert_eq!(class("KOE320"), Class::CodeUsed);
    assert_eq!(class("KOE237"), Class::Throttled);
    for code in ["KOE003", "-1", "-7", "-603", "-9798", "server_error", "temporarily_unavailable"] {
        assert_eq!(class(code), Class::Transient, "{code}");
    }
    for code in [
        "KOE004", "KOE006", "KOE008", "KOE009", "KOE010", "KOE101", "KOE205", "KOE303", "KOE310", "-3", "-5", "-6",
        "-9", "-11", "-12", "-301", "-903",
    ] {
        assert_eq!(class(code), Class::Misconfigured, "{code}");
    }
    assert_eq!(class("-10"), Class::Throttled);
    for code in ["-4", "-103", "-405", "-406"] {
        assert_eq!(class(code), Class::PersonRefused, "{code}");
    }
    for (code, expected) in [
        ("-101", Class::NotLinked),
        ("-102", Class::AlreadyLinked),
        ("-401", Class::TokenInvalid),
        ("-402", Class::ConsentRequired),
        ("-2", Class::OurFault),
        ("-8", Class::OurFault),
        ("-201", Class::OurFault),
        ("access_denied", Class::Cancelled),
        ("login_required", Class::Interaction),
        ("consent_required", Class::Interaction),
        ("interaction_required", Class::Interaction),
    ] {
        assert_eq!(class(code), expected, "{code}");
    }
}

#[test]
fn a_redirect_is_read_with_its_description() {
    let cancelled = of_redirect("access_denied", Some("User denied access")).unwrap();
    let young = of_redirect("access_denied", Some("not allowed under age 14.")).unwrap();
    assert_eq!((cancelled.class, young.class), (Class::Cancelled, Class::PersonRefused));
    assert_eq!(young.our_code, ErrorCode::KakaoUnderAge);
    assert_eq!(of_redirect("access_denied", None).unwrap().class, Class::Cancelled);
    assert_eq!(of_redirect("access_denied", Some("another text")).unwrap().class, Class::Cancelled);
    assert_eq!(of_kapi(-406).unwrap().our_code, ErrorCode::KakaoUnderAge);
}

#[test]
fn only_what_comes_back_to_the_gateway_reaches_it() {
    for (code, reaches) in [("KOE006", false), ("KOE101", true), ("KOE007", false), ("-402", true), ("KOE320", true)] {
        assert_eq!(get(code).unwrap().reaches_us(), reaches, "{code}");
    }
}
