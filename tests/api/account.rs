//! The account page, as a browser without JavaScript uses it.

use std::time::Duration;

use reqwest::Method;

use crate::support::{Answer, Browser, World, claims, text};

const KOREAN: (&str, &str) = ("accept-language", "ko-KR,ko;q=0.9");
const HTML: (&str, &str) = ("accept", "text/html");

async fn page(browser: &Browser, more: &[(&str, &str)]) -> Answer {
    let headers = [&[HTML, KOREAN], more].concat();
    browser.send(Method::GET, "/account", &headers, None).await
}

/// The form token of the page.
fn form_token(page: &Answer) -> String {
    let at = page.body.find("name=\"form_token\" value=\"").expect("a form") + 25;
    page.body[at..].split('"').next().unwrap().to_owned()
}

/// Sends a form as the page's own browser would, from `origin`.
async fn submit(browser: &Browser, path: &str, origin: &str, form: &[(&str, &str)]) -> Answer {
    browser.post_form(path, form, &[HTML, ("origin", origin)]).await
}

async fn signed_in(world: &World) -> Browser {
    let browser = world.browser();
    browser.log_in(&world.kakao, "full", "").await;
    browser
}

#[tokio::test]
async fn somebody_signed_in_sees_their_profile_and_devices_and_somebody_else_a_login() {
    let world = World::new().await;
    let stranger = page(&world.browser(), &[]).await;
    assert_eq!(stranger.status, 200);
    assert!(
        stranger.body.contains("로그인되어 있지 않습니다") && stranger.body.contains("카카오 로그인"),
        "{}",
        stranger.body
    );
    let browser = signed_in(&world).await;
    let own = page(&browser, &[("user-agent", "Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36")]).await;
    for part in ["김문지", "munji@example.com", "확인됨", "4000000001", "이 기기", "내 데이터 내려받기"]
    {
        assert!(own.body.contains(part), "{part} is missing in {}", own.body);
    }
    assert_eq!(own.header("cache-control"), "no-store");
    let policy = own.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    let english = browser.send(Method::GET, "/account?lang=en", &[HTML], None).await;
    assert!(english.body.contains("Devices signed in") && english.body.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn a_browser_that_comes_straight_from_kakao_is_sent_on_by_our_own_page() {
    let world = World::new().await;
    // The Strict cookie does not come along with a navigation that another site began.
    let arriving = page(&world.browser(), &[("sec-fetch-site", "cross-site")]).await;
    assert!(arriving.body.contains("http-equiv=\"refresh\" content=\"0;url=/account?lang=ko\""), "{}", arriving.body);
    assert!(!page(&world.browser(), &[]).await.body.contains("http-equiv=\"refresh\""), "once, not for ever");
}

#[tokio::test]
async fn devices_are_signed_out_one_by_one_all_others_or_all() {
    let world = World::new().await;
    let (browser, second, third) = (signed_in(&world).await, signed_in(&world).await, signed_in(&world).await);
    let origin = world.gateway.base.as_str();
    let shown = page(&browser, &[]).await;
    let token = form_token(&shown);
    let refreshed = second.refresh_cookie().await.ok().json();
    let second_session = text(&claims(&text(&refreshed, "access_token")), "sid");
    let end = |what: String| {
        let (browser, token) = (&browser, token.clone());
        async move { submit(browser, "/account/sessions?lang=ko", origin, &[("form_token", &token), ("end", &what)]).await }
    };
    let answer = end(second_session).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/account?done=one&lang=ko".into()));
    assert_eq!(second.refresh_cookie().await.status, 401);
    assert_eq!(end("others".into()).await.location(), "/account?done=others&lang=ko");
    assert_eq!(third.refresh_cookie().await.status, 401);
    let message = browser.send(Method::GET, "/account?done=others", &[HTML, KOREAN], None).await;
    assert!(message.body.contains("다른 기기에서 모두 로그아웃했습니다."), "{}", message.body);
    assert_eq!(end("all".into()).await.location(), "/account?done=all&lang=ko");
    assert_eq!(browser.cookie("munjigi_rt"), None);
    assert!(page(&browser, &[]).await.body.contains("로그인되어 있지 않습니다"));
}

#[tokio::test]
async fn a_form_counts_only_from_our_own_page_in_the_browser_it_was_shown_to() {
    let world = World::new().await;
    let (browser, other) = (signed_in(&world).await, signed_in(&world).await);
    let origin = world.gateway.base.clone();
    let (token, foreign) = (form_token(&page(&browser, &[]).await), form_token(&page(&other, &[]).await));
    let all = ("end", "all");
    for (origin, form, why) in [
        ("https://evil.example.com", vec![("form_token", token.as_str()), all], "another site"),
        ("null", vec![("form_token", token.as_str()), all], "nobody"),
        (origin.as_str(), vec![all], "no token"),
        (origin.as_str(), vec![("form_token", foreign.as_str()), all], "the token of another session"),
    ] {
        let answer = submit(&browser, "/account/sessions", origin, &form).await;
        assert_eq!(answer.status, 403, "{why}");
        assert!(answer.body.contains("CSRF_REFUSED") && answer.body.starts_with("<!doctype html>"), "{why}");
    }
    // As browsers send it where a page gives no referrer: the site decides.
    let fetched = |site: &'static str| {
        let form = [("form_token", token.as_str()), ("end", "others")];
        let (browser, headers) = (&browser, [HTML, ("origin", "null"), ("sec-fetch-site", site)]);
        async move { browser.post_form("/account/sessions", &form, &headers).await.status.as_u16() }
    };
    assert_eq!((fetched("cross-site").await, fetched("same-site").await), (403, 403));
    assert_eq!(fetched("same-origin").await, 303);
    let silent = browser.post_form("/account/leave", &[("form_token", &token), ("confirmation", "leave")], &[]).await;
    assert_eq!(silent.refusal(), (403, "CSRF_REFUSED".into()), "no origin at all");
    assert_eq!(browser.refresh_cookie().await.status, 200);
    let nobody = submit(&world.browser(), "/account/sessions", &origin, &[("form_token", &token), all]).await;
    assert_eq!(nobody.status, 401);
}

#[tokio::test]
async fn leaving_wants_a_fresh_login_and_a_typed_word() {
    let world = World::new().await;
    let origin = world.gateway.base.clone();
    let browser = signed_in(&world).await;
    let shown = page(&browser, &[]).await;
    assert!(shown.body.contains("name=\"confirmation\""));
    let leave = |word: &'static str, token: String| {
        let (browser, origin) = (&browser, origin.as_str());
        async move {
            submit(browser, "/account/leave?lang=en", origin, &[("form_token", &token), ("confirmation", word)]).await
        }
    };
    assert_eq!(leave("yes", form_token(&shown)).await.location(), "/account?done=not-confirmed&lang=en");
    world.advance(Duration::from_mins(6));
    let later = page(&browser, &[]).await;
    assert!(!later.body.contains("name=\"confirmation\"") && later.body.contains("prompt=login"), "{}", later.body);
    assert_eq!(leave("탈퇴", form_token(&later)).await.location(), "/account?done=not-confirmed&lang=en");
    assert_eq!(world.database.count("SELECT COUNT(*) FROM users WHERE left_at IS NULL").await, 1);

    browser.log_in(&world.kakao, "full", "?prompt=login&return_to=/account").await;
    let fresh = page(&browser, &[]).await;
    let answer = leave(" 탈퇴 ", form_token(&fresh)).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/account?done=left&lang=en".into()));
    assert_eq!(browser.cookie("munjigi_rt"), None);
    assert_eq!(world.database.count("SELECT COUNT(*) FROM users WHERE left_at IS NULL").await, 0);
}

#[tokio::test]
async fn the_data_comes_as_a_file_to_its_owner_alone() {
    let world = World::new().await;
    let browser = signed_in(&world).await;
    let file = browser.get("/account/data.json").await.ok();
    assert!(file.header("content-disposition").starts_with("attachment;"), "{}", file.header("content-disposition"));
    let data = file.json();
    assert_eq!(
        (text(&data, "email"), text(&data, "username")),
        ("munji@example.com".into(), "kakao_4000000001".into())
    );
    assert_eq!(data["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(world.browser().get("/account/data.json").await.refusal(), (401, "UNAUTHENTICATED".into()));
}
