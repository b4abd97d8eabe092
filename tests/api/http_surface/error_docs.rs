//! The pages about error codes: where the `type` of a problem leads.

use munjigi::{
    error_code::ErrorCode,
    explain,
    kakao_code::{self, KakaoCode},
};

use super::send;
use crate::support::{Answer, World, text};

const ENGLISH: [(&str, &str); 2] = [("accept", "text/html"), ("accept-language", "en")];

/// As askama writes it into a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&#38;").replace('"', "&#34;").replace('\'', "&#39;").replace('<', "&#60;").replace('>', "&#62;")
}

#[track_caller]
fn assert_page(answer: &Answer, status: u16, language: &str) {
    assert_eq!((answer.status.as_u16(), answer.header("content-type").as_str()), (status, "text/html; charset=utf-8"));
    assert_eq!(answer.header("content-language"), language);
    assert!(answer.body.contains(&format!("<html lang=\"{language}\">")), "{}", answer.body);
    assert!(!answer.body.contains("<script") && !answer.body.contains(" style="), "{}", answer.body);
    assert!(!answer.header("content-security-policy").contains("unsafe"), "{:?}", answer.headers);
}

#[tokio::test]
async fn the_type_of_a_problem_is_a_page_about_its_code() {
    let world = World::new().await;
    let problem = send(&world, "GET", "/api/protected", &[]).await.json();
    let path = text(&problem, "type").strip_prefix(&world.gateway.base).map(ToOwned::to_owned);
    assert_eq!(path.as_deref(), Some("/docs/errors/UNAUTHENTICATED"), "{problem}");
    let page = send(&world, "GET", &path.unwrap(), &ENGLISH).await;
    assert_page(&page, 200, "en");
    let entry = ErrorCode::Unauthenticated.entry();
    for fact in [entry.title, entry.message.1, entry.hint.1, "HTTP 401 · ", "action=login"] {
        assert!(page.body.contains(fact), "{fact} is missing in {}", page.body);
    }
}

#[tokio::test]
async fn behind_a_proxy_the_type_names_the_public_address() {
    let world = World::with(&[("PUBLIC_URL", "https://auth.example.com")]).await;
    let problem = send(&world, "GET", "/nothing", &[]).await.json();
    assert_eq!(problem["type"], "https://auth.example.com/docs/errors/NOT_FOUND");
}

#[tokio::test]
async fn every_code_of_either_side_has_a_page_in_both_languages_that_says_what_explain_says() {
    let world = World::new().await;
    for code in explain::all() {
        let path = format!("/docs/errors/{}", code.name());
        for (language, other) in [("ko", "en"), ("en", "ko")] {
            let page = send(&world, "GET", &format!("{path}?lang={language}"), &[("accept-language", other)]).await;
            assert_page(&page, 200, language);
            assert!(page.body.contains(&escaped(&code.heading())), "{path}: {}", page.body);
            let asked = if language == "ko" {
                munjigi::error_code::Language::Korean
            } else {
                munjigi::error_code::Language::English
            };
            for row in code.rows(asked) {
                for part in &row.parts {
                    assert!(page.body.contains(&escaped(part.as_str())), "{path}: {part:?} is missing");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_code_with_two_meanings_has_one_page_with_both() {
    let world = World::new().await;
    let page = send(&world, "GET", "/docs/errors/access_denied", &ENGLISH).await;
    let meanings: Vec<&KakaoCode> = kakao_code::all().filter(|entry| entry.code == "access_denied").collect();
    assert_eq!(meanings.len(), 2);
    for entry in meanings {
        assert!(page.body.contains(&escaped(entry.cause.1)), "{}", page.body);
    }
}

#[tokio::test]
async fn codes_lead_to_each_other_and_the_list_to_all_of_them() {
    let world = World::new().await;
    let page = send(&world, "GET", "/docs/errors/koe320", &ENGLISH).await;
    assert!(page.body.contains("href=\"/docs/errors/KAKAO_CODE_USED?lang=en\""), "in any case: {}", page.body);
    let ours = send(&world, "GET", "/docs/errors/KAKAO_CODE_USED", &ENGLISH).await;
    assert!(ours.body.contains("href=\"/docs/errors/KOE320?lang=en\""), "{}", ours.body);
    for path in ["/docs/errors", "/docs/errors/"] {
        let list = send(&world, "GET", path, &[]).await;
        assert_page(&list, 200, "ko");
        for code in explain::all() {
            let link = format!("href=\"/docs/errors/{}?lang=ko\"", code.name());
            assert!(list.body.contains(&link), "{link} is not in {path}");
        }
    }
}

#[tokio::test]
async fn an_unknown_code_is_a_404_that_names_the_nearest_and_repeats_nothing_dangerous() {
    let world = World::new().await;
    for (typed, nearest) in [("KOE302", "KOE320"), ("KAKAO_CODE_USE", "KAKAO_CODE_USED"), ("401", "-401")] {
        let page = send(&world, "GET", &format!("/docs/errors/{typed}"), &ENGLISH).await;
        assert_page(&page, 404, "en");
        assert!(page.body.contains(&format!("href=\"/docs/errors/{nearest}?lang=en\"")), "{typed}: {}", page.body);
        assert!(page.body.contains("href=\"/docs/errors?lang=en\""), "{}", page.body);
    }
    let strange = send(&world, "GET", "/docs/errors/%3Cscript%3Ealert(1)%3C%2Fscript%3E", &ENGLISH).await;
    assert_page(&strange, 404, "en");
    assert!(!strange.body.contains("Did you mean"), "{}", strange.body);
    let long = send(&world, "GET", &format!("/docs/errors/{}", "x".repeat(500)), &ENGLISH).await;
    assert!(long.status == 404 && !long.body.contains(&"x".repeat(50)), "{}", long.body);
}

#[tokio::test]
async fn the_error_page_leads_to_the_page_about_its_code() {
    let world = World::new().await;
    let page = send(&world, "GET", "/nothing", &ENGLISH).await;
    assert_page(&page, 404, "en");
    assert!(page.body.contains("href=\"/docs/errors/NOT_FOUND?lang=en\""), "{}", page.body);
}
