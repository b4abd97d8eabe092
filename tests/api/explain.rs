//! `munjigi explain`: every code of Kakao's and ours, offline, in both languages (contract 1).

use std::collections::HashSet;

use munjigi::{
    error_code::{ErrorCode, Texts},
    kakao_code::{self, KakaoCode},
};
use serde_json::{Value, json};

use crate::support::binary::{Binary, Ran};

fn explain(arguments: &[&str]) -> Ran {
    Binary::new().run(&[&["explain"], arguments].concat(), &[])
}

/// What a command that succeeds prints.
#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let ran = explain(arguments);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    ran.stdout
}

fn has_hangul(text: &str) -> bool {
    text.chars().any(|c| ('가'..='힣').contains(&c))
}

/// Lines are broken to fit, so blanks and line ends are the same.
#[track_caller]
fn assert_says(text: &str, expected: &str) {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat(text).contains(&flat(expected)), "{expected:?} is missing in\n{text}");
}

/// Columns on a terminal, where Hangul takes two.
fn columns(line: &str) -> usize {
    line.chars().map(|c| if ('가'..='힣').contains(&c) { 2 } else { 1 }).sum()
}

#[test]
fn a_code_of_kakaos_is_explained_in_korean_and_english() {
    let text = printed(&["KOE320"]);
    for expected in [
        "KOE320",
        "HTTP 400 invalid_grant",
        "인가 코드가 이미 사용되었거나 만료되었습니다.",
        "React StrictMode",
        "The authorization code was used before or has expired.",
        "처음부터 다시 로그인하세요.",
        "Start the login again.",
        "HTTP 400 · KAKAO_CODE_USED · action=login",
        "같은 요청은 소용없고",
        "Not the same request",
    ] {
        assert_says(&text, expected);
    }
    let redirect_uri = printed(&["koe006"]);
    assert_says(&redirect_uri, "[앱] > [플랫폼 키] > [REST API 키] > [리다이렉트 URI]");
    assert_says(&redirect_uri, "KAKAO_REDIRECT_URI, KAKAO_EXTRA_REDIRECT_URIS, PUBLIC_URL");
    assert_says(&redirect_uri, "none: Kakao shows it on a page of its own");
}

#[test]
fn one_language_is_printed_when_one_is_asked_for() {
    for code in ["KOE010", "-402", "login_required", "RATE_LIMIT_EXCEEDED"] {
        let (korean, english) = (printed(&[code, "--lang", "ko"]), printed(&[code, "--lang", "en"]));
        assert!(has_hangul(&korean) && !korean.contains("cause"), "{korean}");
        assert!(!has_hangul(&english), "{english}");
    }
    assert_says(&printed(&["-402", "--lang", "en"]), "Log in again and agree to what is asked for.");
}

#[test]
fn a_code_of_ours_is_explained_in_any_case_with_the_codes_of_kakaos_behind_it() {
    for typed in ["INVALID_REFRESH_TOKEN", "invalid_refresh_token", "  Invalid_Refresh_Token "] {
        let text = printed(&[typed]);
        assert_says(&text, "유효하지 않은 리프레시 토큰입니다.");
        assert_says(&text, "HTTP 400 · INVALID_REFRESH_TOKEN · action=login");
    }
    let misconfigured = printed(&["KAKAO_MISCONFIGURED", "--lang", "en"]);
    for expected in ["KOE010", "KOE101", "-12", "KAKAO_CLIENT_ID, KAKAO_CLIENT_SECRET"] {
        assert_says(&misconfigured, expected);
    }
    assert!(!misconfigured.contains("KOE006"), "the gateway never hears of it: {misconfigured}");
    assert_says(&printed(&["RATE_LIMIT_EXCEEDED"]), "RATE_LIMIT_LOGIN_PER_MINUTE, TRUSTED_PROXIES");
}

#[test]
fn a_pasted_message_will_do() {
    for (pasted, code) in [
        (r#"{"error":"invalid_grant","error_description":"...","error_code":"KOE303"}"#, "KOE303"),
        (r#"{"msg":"this access token does not exist","code":-401}"#, "-401"),
        ("-401", "-401"),
        ("/cb?error=access_denied&error_description=Not allowed under age 14", "access_denied"),
        (r#"{"status":429,"error":"RATE_LIMIT_EXCEEDED","kakao_code":null}"#, "RATE_LIMIT_EXCEEDED"),
    ] {
        assert!(printed(&[pasted]).starts_with(&format!("{code}   ")), "{pasted}");
    }
    let denied = printed(&["access_denied", "--lang", "en"]);
    assert_eq!(denied.lines().filter(|line| line.starts_with("access_denied")).count(), 2, "both meanings: {denied}");
    assert_says(&denied, "KAKAO_LOGIN_CANCELLED");
    assert_says(&denied, "KAKAO_UNDER_AGE");
}

#[test]
fn an_unknown_code_says_so_with_what_was_probably_meant() {
    for (typed, suggestion) in [
        ("KOE302", "KOE320"),
        ("401", "-401"),
        ("KAKAO_CODE_USE", "KAKAO_CODE_USED"),
        ("access-denied", "access_denied"),
    ] {
        let ran = explain(&[typed]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{typed}");
        assert!(ran.stderr.contains(&format!("{typed:?} is no code")), "{}", ran.stderr);
        assert!(ran.stderr.contains(suggestion) && ran.stderr.contains("munjigi explain --all"), "{}", ran.stderr);
        assert_eq!(ran.stderr.trim().matches(" · ").count(), 2, "what, why, what to do: {}", ran.stderr);
    }
    let nothing_near = explain(&["hello"]);
    assert!(nothing_near.code == Some(1) && !nothing_near.stderr.contains("did you mean"), "{}", nothing_near.stderr);
    let long = explain(&[&format!("something {} canary-4711", "x".repeat(60))]);
    assert!(!long.stderr.contains("canary"), "what is pasted may end in a secret: {}", long.stderr);

    let some = explain(&["KOE320", "nonsense", "-1"]);
    assert_eq!(some.code, Some(1));
    assert!(some.stdout.contains("KOE320") && some.stdout.contains("-1   HTTP 400"), "{}", some.stdout);
    assert_eq!(some.stderr.lines().count(), 1, "{}", some.stderr);
}

#[test]
fn the_list_has_every_code_on_a_line_of_its_own() {
    let expected: Vec<_> =
        kakao_code::all().map(|entry| entry.code).chain(ErrorCode::ALL.iter().map(|code| code.as_str())).collect();
    for language in ["ko", "en"] {
        let list = printed(&["--all", "--lang", language]);
        let codes: Vec<_> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(codes, expected);
        for line in list.lines() {
            assert!(line.split_whitespace().nth(1).is_some(), "{line}");
        }
    }
    assert!(!has_hangul(&printed(&["--all", "--lang", "en"])));
}

#[test]
fn nothing_is_wider_than_a_terminal_of_eighty_columns() {
    let mut arguments: Vec<_> = kakao_code::all().map(|entry| entry.code).collect();
    arguments.extend(ErrorCode::ALL.iter().map(|code| code.as_str()));
    let everything = printed(&arguments);
    for line in everything.lines().chain(printed(&["--all"]).lines()) {
        let heading = !line.starts_with(' ') && line.contains("   ");
        assert!(columns(line) <= 80 || heading, "{} columns: {line}", columns(line));
        assert_eq!(line.trim_end(), line);
    }
}

#[test]
fn json_has_everything_of_every_code() {
    let all: Vec<Value> = serde_json::from_str(&printed(&["--all", "--format", "json"])).unwrap();
    let of_kind = |kind: &str| all.iter().filter(|entry| entry["kind"] == kind).collect::<Vec<_>>();
    let texts = |(ko, en): Texts| json!({"ko": ko, "en": en});

    let kakao = of_kind("kakao");
    let table: Vec<&KakaoCode> = kakao_code::all().collect();
    assert_eq!(kakao.len(), table.len());
    for (value, entry) in kakao.into_iter().zip(table) {
        assert_eq!((&value["code"], &value["class"]), (&json!(entry.code), &json!(entry.class.as_str())));
        assert_eq!((&value["cause"], &value["remedy"]), (&texts(entry.cause), &texts(entry.remedy)));
        assert_eq!(value["visitor"], entry.visitor.map_or(Value::Null, texts));
        assert_eq!(value["console"], entry.console.map_or(Value::Null, texts));
        assert_eq!(value["settings"], json!(entry.settings));
        let answer = if entry.reaches_us() { json!(entry.our_code.as_str()) } else { Value::Null };
        assert_eq!(value["answer"]["error"], answer, "{}", entry.code);
    }

    let ours = of_kind("munjigi");
    let names: HashSet<_> = ours.iter().map(|entry| entry["code"].as_str().unwrap()).collect();
    assert_eq!(names, ErrorCode::ALL.iter().map(|code| code.as_str()).collect());
    for (value, code) in ours.into_iter().zip(ErrorCode::ALL) {
        let entry = code.entry();
        assert_eq!((&value["message"], &value["remedy"]), (&texts(entry.message), &texts(entry.hint)));
        assert_eq!((&value["answer"]["status"], &value["title"]), (&json!(entry.status), &json!(entry.title)));
    }

    let one: Vec<Value> = serde_json::from_str(&printed(&["-10", "--format", "json"])).unwrap();
    assert_eq!((one.len(), &one[0]["code"], &one[0]["retry"]["can_help"]), (1, &json!("-10"), &json!(true)));
}

#[test]
fn explaining_needs_no_setting_and_touches_nothing() {
    let binary = Binary::new();
    let ran = binary.run(&["explain", "KOE101"], &[("JWT_ALGORITHM", "nonsense"), ("DATABASE_URL", "nonsense")]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(std::fs::read_dir(binary.path("")).unwrap().count(), 0, "nothing was made");
    assert_eq!(explain(&[]).code, Some(2), "no code and no --all");
}
