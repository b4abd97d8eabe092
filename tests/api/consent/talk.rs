//! The browser inside KakaoTalk: its user is signed in at Kakao already, so the first try asks nothing.

use mock_kakao::Fault;
use reqwest::Method;

use super::{encoded, query};
use crate::support::{Answer, Browser, FRONT_END, World, code_and_state};

const TALK: &str = "Mozilla/5.0 (Linux; Android 16; SM-S938N; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 \
                    Chrome/142.0.7444.102 Mobile Safari/537.36;KAKAOTALK 2610100";
const CHROME: &str =
    "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36";

async fn get_as(browser: &Browser, agent: &str, url: &str) -> Answer {
    browser.send(Method::GET, url, &[("user-agent", agent)], None).await
}

/// Begins in KakaoTalk; where the browser is sent.
async fn begin(browser: &Browser, asked: &str) -> String {
    let answer = get_as(browser, TALK, &format!("/api/auth/kakao/login{asked}")).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location()
}

fn refusal(error: &str) -> Fault {
    Fault::AuthorizeError { error: error.into(), description: "of no interest".into() }
}

#[tokio::test]
async fn inside_kakaotalk_the_first_try_asks_nothing_unless_something_was_asked_for() {
    let world = World::new().await;
    let page = encoded(&format!("{FRONT_END}/"));
    for asked in [String::new(), format!("?return_to={page}")] {
        assert_eq!(query(&begin(&world.browser(), &asked).await, "prompt").as_deref(), Some("none"));
    }
    let asked = [
        ("?prompt=login", Some("login")),
        ("?prompt=select_account", Some("select_account")),
        ("?scope=account_email", None),
        ("?login_hint=a@b.c", None),
        ("?service_terms=privacy", None),
    ];
    for (asked, prompt) in asked {
        let url = begin(&world.browser(), asked).await;
        assert_eq!(query(&url, "prompt").as_deref(), prompt, "{asked}");
    }
    let elsewhere = get_as(&world.browser(), CHROME, "/api/auth/kakao/login").await.location();
    assert_eq!(query(&elsewhere, "prompt"), None);
    let begun = get_as(&world.browser(), TALK, "/api/auth/kakao/login-url").await.ok().json();
    let url = begun["login_url"].as_str().unwrap();
    assert_eq!(query(url, "prompt"), None, "a front end that fetches the address decides itself");

    let off = World::with(&[("KAKAO_TALK_AUTO_LOGIN", "false")]).await;
    assert_eq!(query(&begin(&off.browser(), "").await, "prompt"), None);
}

#[tokio::test]
async fn somebody_who_is_linked_is_signed_in_without_a_question() {
    let world = World::new().await;
    world.sign_in("full").await;
    let browser = world.browser();
    let page = format!("{FRONT_END}/inside");
    let callback = world.kakao.consent(&begin(&browser, &format!("?return_to={}", encoded(&page))).await, "full");
    let back = get_as(&browser, TALK, &callback.unwrap()).await;
    assert_eq!((back.status.as_u16(), back.location()), (303, page));
    assert_eq!(browser.refresh_cookie().await.ok().json()["user"]["nickname"], "김문지");
}

#[tokio::test]
async fn somebody_kakao_has_to_ask_is_asked_and_ends_where_they_wanted() {
    let world = World::new().await;
    let page = format!("{FRONT_END}/inside?a=b");
    for (round, error) in ["consent_required", "login_required", "interaction_required"].into_iter().enumerate() {
        let browser = world.browser();
        let silent = begin(&browser, &format!("?return_to={}", encoded(&page))).await;
        world.kakao.next(refusal(error));
        let person = (100 + round).to_string();
        let refused = world.kakao.consent(&silent, &person).unwrap();
        let again = get_as(&browser, TALK, &refused).await;
        let aloud = again.location();
        assert_eq!(again.status, 303, "{error}");
        assert!(aloud.starts_with(&format!("{}/oauth/authorize?", world.kakao.base_url())), "{error}: {aloud}");
        assert_eq!(query(&aloud, "prompt"), None, "{error}");
        for fresh in ["state", "nonce", "code_challenge"] {
            assert_ne!(query(&aloud, fresh).unwrap(), query(&silent, fresh).unwrap(), "{error}: {fresh}");
        }
        let cookies: Vec<_> = browser.cookie_names();
        assert_eq!(cookies, [format!("munjigi_login_{}", query(&aloud, "state").unwrap())], "{error}");
        assert_eq!(again.header("cache-control"), "no-store");
        let back = get_as(&browser, TALK, &world.kakao.consent(&aloud, &person).unwrap()).await;
        assert_eq!((back.status.as_u16(), back.location()), (303, page.clone()), "{error}");
        browser.refresh_cookie().await.ok();
        assert_eq!(get_as(&browser, TALK, &refused).await.status, 400, "{error}: the silent try is over");
    }
}

#[tokio::test]
async fn somebody_new_is_asked_by_kakao_itself() {
    let world = World::new().await;
    let browser = world.browser();
    let refused = world.kakao.consent(&begin(&browser, "").await, "full").unwrap();
    assert!(refused.contains("error=consent_required"), "{refused}");
    let aloud = get_as(&browser, TALK, &refused).await.location();
    let back = get_as(&browser, TALK, &world.kakao.consent(&aloud, "full").unwrap()).await;
    assert_eq!(back.location(), format!("{}/", world.gateway.base));
    assert_eq!(browser.refresh_cookie().await.ok().json()["user"]["nickname"], "김문지");
}

#[tokio::test]
async fn the_second_refusal_is_final() {
    let world = World::new().await;
    let browser = world.browser();
    let silent = begin(&browser, &format!("?return_to={}", encoded(FRONT_END))).await;
    let refused = world.kakao.consent(&silent, "full").unwrap();
    let aloud = get_as(&browser, TALK, &refused).await.location();
    world.kakao.next(refusal("consent_required"));
    let refused = world.kakao.consent(&aloud, "full").unwrap();
    let back = get_as(&browser, TALK, &refused).await.location();
    assert!(back.starts_with(FRONT_END), "{back}");
    assert_eq!(query(&back, "error").as_deref(), Some("KAKAO_INTERACTION_REQUIRED"));
}

#[tokio::test]
async fn a_no_is_a_no_and_a_question_the_front_end_asked_is_answered_to_it() {
    let world = World::new().await;
    let to_front_end = format!("?return_to={}", encoded(FRONT_END));
    let cases = [
        ("access_denied", "", "KAKAO_LOGIN_CANCELLED"),
        ("server_error", "", "KAKAO_UNAVAILABLE"),
        ("invalid_scope", "", "KAKAO_LOGIN_FAILED"),
        ("consent_required", "&prompt=none", "KAKAO_INTERACTION_REQUIRED"),
        ("login_required", "&prompt=none", "KAKAO_INTERACTION_REQUIRED"),
    ];
    for (error, asked, code) in cases {
        let browser = world.browser();
        let url = begin(&browser, &format!("{to_front_end}{asked}")).await;
        assert_eq!(query(&url, "prompt").as_deref(), Some("none"));
        world.kakao.next(refusal(error));
        let back = get_as(&browser, TALK, &world.kakao.consent(&url, "full").unwrap()).await.location();
        assert!(back.starts_with(FRONT_END), "{error}: {back}");
        assert_eq!(query(&back, "error").as_deref(), Some(code), "{error}");
    }
}

#[tokio::test]
async fn another_browser_or_another_issuer_begins_nothing_again() {
    let world = World::new().await;
    let browser = world.browser();
    let refused = world.kakao.consent(&begin(&browser, "").await, "full").unwrap();
    assert_eq!(get_as(&world.browser(), TALK, &refused).await.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    let foreign = get_as(&browser, TALK, &format!("{refused}&iss=https%3A%2F%2Fevil.example")).await;
    assert_eq!(foreign.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    let (_, state) = code_and_state(&refused);
    let none = get_as(&browser, TALK, &refused.replace(&state, "made-up")).await;
    assert_eq!(none.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    world.advance(std::time::Duration::from_mins(10));
    let late = get_as(&browser, TALK, &refused).await;
    assert_eq!(late.refusal(), (400, "LOGIN_STATE_INVALID".into()));
}

#[tokio::test]
async fn the_session_a_browser_had_ends_with_its_new_login_all_the_same() {
    let world = World::new().await;
    let browser = world.browser();
    browser.log_in(&world.kakao, "nickname-only", "").await;
    let old = browser.cookie("munjigi_rt").unwrap();
    let refused = world.kakao.consent(&begin(&browser, "").await, "full").unwrap();
    let aloud = get_as(&browser, TALK, &refused).await.location();
    // The refresh cookie is `Strict`: it does not come along on the way back from Kakao.
    let cookie = browser.cookie("munjigi_rt").unwrap();
    assert_eq!(cookie, old);
    get_as(&browser, TALK, &world.kakao.consent(&aloud, "full").unwrap()).await;
    assert_eq!(world.browser().refresh(&old).await.refusal(), (401, "SESSION_REVOKED".into()));
    assert_eq!(browser.refresh_cookie().await.ok().json()["user"]["nickname"], "김문지");
}
