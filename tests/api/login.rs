//! The redirect flow: a login is finished in the browser that began it, once (contract 3.1).

use std::time::Duration;

use crate::support::{Browser, FRONT_END, START, World, claims, code_and_state, text};

#[tokio::test]
async fn a_person_signs_in_and_lands_where_they_came_from_with_a_refresh_cookie() {
    let world = World::new().await;
    let browser = world.browser();
    let answer = browser.log_in(&world.kakao, "full", &format!("?return_to={FRONT_END}/welcome?a=b")).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("{FRONT_END}/welcome?a=b")));
    let cookie = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap())
        .find(|c| c.starts_with("munjigi_rt="));
    let attributes = cookie.unwrap().split_once(';').unwrap().1;
    assert_eq!(attributes, " Path=/; HttpOnly; SameSite=Strict; Max-Age=604800");

    let tokens = browser.refresh_cookie().await.ok().json();
    assert!(tokens.get("refresh_token").is_none(), "a token that came in a cookie is never answered in a body");
    let profile = browser.get_as("/api/auth/profile", &text(&tokens, "access_token")).await.ok().json();
    assert_eq!(profile["nickname"], "김문지");
    assert_eq!(profile["is_social_user"], true);
    assert_eq!(profile["social_provider"], "kakao");
}

#[tokio::test]
async fn the_login_goes_to_kakao_with_state_nonce_and_pkce_and_without_scopes() {
    let world = World::new().await;
    let url =
        url::Url::parse(&world.browser().begin("?prompt=login&login_hint=a%40b.c&service_terms=t1,t2").await).unwrap();
    let query: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!((query["state"].len(), query["nonce"].len(), query["code_challenge"].len()), (43, 43, 43));
    assert_eq!(
        (query["prompt"].as_str(), query["login_hint"].as_str(), query["service_terms"].as_str()),
        ("login", "a@b.c", "t1,t2")
    );
    assert!(!query.contains_key("scope"), "the console decides");
    let scoped = url::Url::parse(&world.browser().begin("?scope=account_email,gender").await).unwrap();
    let scope = scoped.query_pairs().find(|(name, _)| name == "scope").unwrap().1.into_owned();
    assert_eq!(scope, "account_email,gender,openid", "without openid Kakao would send no ID token");
}

#[tokio::test]
async fn a_callback_without_state_or_with_a_made_up_one_is_refused_before_kakao_is_asked() {
    let world = World::new().await;
    for query in ["?code=x", "?code=x&state=", "?code=x&state=made-up", "?code=x&state=%00%0d%0a", ""] {
        let answer = world.browser().get(&format!("/api/auth/kakao/callback{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.body);
    }
    assert_eq!(world.kakao.counts().token, 0);
}

#[tokio::test]
async fn a_callback_in_a_foreign_browser_is_refused_and_signs_nobody_in() {
    let world = World::new().await;
    let (attacker, victim) = (world.browser(), world.browser());
    let callback = world.kakao.consent(&attacker.begin("").await, "full").unwrap();
    let answer = victim.get(&callback).await;
    assert_eq!(answer.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    // Also when the victim has begun a login of their own.
    victim.begin("").await;
    assert_eq!(victim.get(&callback).await.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    assert!(victim.cookie("munjigi_rt").is_none());
    assert_eq!(world.kakao.counts().token, 0);
    assert_eq!(world.database.count("SELECT COUNT(*) FROM users").await, 0);
}

#[tokio::test]
async fn a_cookie_renamed_to_another_state_does_not_fit() {
    let world = World::new().await;
    let browser = world.browser();
    let one = world.kakao.consent(&browser.begin("").await, "full").unwrap();
    let sealed = browser.cookie(&browser.cookie_names()[0]).unwrap();
    let other = world.browser();
    let (_, state) = code_and_state(&one);
    other.set_cookie("munjigi_login_another-state", &sealed);
    let forged = one.replace(&state, "another-state");
    assert_eq!(other.get(&forged).await.refusal(), (400, "LOGIN_STATE_INVALID".into()));
}

#[tokio::test]
async fn a_login_takes_ten_minutes_at_most() {
    let world = World::new().await;
    let browser = world.browser();
    let late = world.kakao.consent(&browser.begin("").await, "full").unwrap();
    world.advance(Duration::from_mins(10));
    assert_eq!(browser.get(&late).await.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    assert_eq!(world.kakao.counts().token, 0);
}

#[tokio::test]
async fn code_and_state_of_two_logins_cannot_be_swapped() {
    let world = World::new().await;
    let browser = world.browser();
    let one = world.kakao.consent(&browser.begin("").await, "full").unwrap();
    let two = world.kakao.consent(&browser.begin("").await, "nickname-only").unwrap();
    let ((code_one, state_one), (code_two, state_two)) = (code_and_state(&one), code_and_state(&two));
    for (code, state) in [(code_one, state_two), (code_two, state_one)] {
        let answer = browser.get(&format!("/api/auth/kakao/callback?code={code}&state={state}")).await;
        assert!(answer.status.is_client_error() || answer.status.is_server_error(), "{}", answer.status);
        assert!(browser.cookie("munjigi_rt").is_none());
    }
    assert_eq!(world.database.count("SELECT COUNT(*) FROM sessions").await, 0);
}

#[tokio::test]
async fn a_reload_of_the_callback_gets_the_same_session_for_a_minute_and_nothing_after() {
    let world = World::new().await;
    let browser = world.browser();
    let callback = world.kakao.consent(&browser.begin("").await, "full").unwrap();
    browser.get(&callback).await;
    let first = browser.cookie("munjigi_rt").unwrap();
    world.advance(Duration::from_secs(59));
    assert_eq!(browser.get(&callback).await.status, 303);
    assert_eq!(browser.cookie("munjigi_rt").unwrap(), first);
    world.advance(Duration::from_secs(1));
    assert_eq!(browser.get(&callback).await.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    assert_eq!(world.kakao.counts().token, 1, "the code was exchanged once");
}

#[tokio::test]
async fn a_finished_state_with_another_code_is_refused() {
    let world = World::new().await;
    let browser = world.browser();
    let authorize = browser.begin("").await;
    let first = world.kakao.consent(&authorize, "full").unwrap();
    let second = world.kakao.consent(&authorize, "full").unwrap();
    assert_eq!(browser.get(&first).await.status, 303);
    assert_eq!(browser.get(&second).await.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    assert_eq!(world.database.count("SELECT COUNT(*) FROM sessions").await, 1);
}

#[tokio::test]
async fn cancelling_returns_with_a_code_of_ours_and_nothing_of_kakaos() {
    let world = World::new().await;
    let browser = world.browser();
    let authorize = browser.begin(&format!("?return_to={FRONT_END}/back")).await;
    let (_, state) = code_and_state(&authorize);
    let query = format!("error=access_denied&error_description=User%20denied%20access&state={state}");
    let answer = browser.get(&format!("/api/auth/kakao/callback?{query}")).await;
    let location = answer.location();
    assert_eq!(answer.status, 303);
    assert!(location.starts_with(&format!("{FRONT_END}/back?error=KAKAO_LOGIN_CANCELLED&request_id=")), "{location}");
    assert!(!location.contains("denied"));
    // Without a place to return to the error is the answer itself, and a page for browsers.
    let stateless = browser.get("/api/auth/kakao/callback?error=access_denied&state=x").await;
    assert_eq!(stateless.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    let url = "/api/auth/kakao/callback?error=access_denied&state=x";
    let page = browser.send(reqwest::Method::GET, url, &[("accept", "text/html")], None).await;
    assert!(page.header("content-type").starts_with("text/html") && page.body.contains("LOGIN_STATE_INVALID"));
}

#[tokio::test]
async fn an_issuer_that_arrives_must_be_the_one_the_login_went_to() {
    let world = World::new().await;
    let browser = world.browser();
    let callback = world.kakao.consent(&browser.begin("").await, "full").unwrap();
    let mixed_up = format!("{callback}&iss=https%3A%2F%2Fevil.example");
    assert_eq!(browser.get(&mixed_up).await.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    assert_eq!(world.kakao.counts().token, 0);
    let right: String = url::form_urlencoded::byte_serialize(world.kakao.base_url().as_bytes()).collect();
    assert_eq!(browser.get(&format!("{callback}&iss={right}")).await.status, 303);
}

#[tokio::test]
async fn a_login_returns_only_to_allowed_places() {
    let world = World::new().await;
    for return_to in
        ["//evil.example", "https://evil.example", "/%5Cevil.example", "javascript:alert(1)", "http://localhost:3001"]
    {
        let answer = world.browser().get(&format!("/api/auth/kakao/login?return_to={return_to}")).await;
        assert_eq!(answer.refusal(), (400, "INVALID_RETURN_URL".into()), "{return_to}");
    }
    let answer = world.browser().log_in(&world.kakao, "full", "?return_to=/docs").await;
    assert_eq!(answer.location(), format!("{}/docs", world.gateway.base));
    let answer = world.browser().log_in(&world.kakao, "full", "").await;
    assert_eq!(answer.location(), format!("{}/", world.gateway.base));
    assert_eq!(world.browser().get("/").await.location(), "/account", "and not at a 404");
}

#[tokio::test]
async fn opening_the_login_with_fetch_says_what_to_do_instead() {
    let world = World::new().await;
    let headers = [("sec-fetch-mode", "cors"), ("sec-fetch-site", "same-site")];
    let answer = world.browser().send(reqwest::Method::GET, "/api/auth/kakao/login", &headers, None).await;
    assert_eq!(answer.refusal(), (400, "USE_NAVIGATION".into()));
}

#[tokio::test]
async fn several_logins_run_in_parallel_and_old_ones_do_not_pile_up() {
    let world = World::new().await;
    let browser = world.browser();
    let first = world.kakao.consent(&browser.begin("").await, "full").unwrap();
    let second = world.kakao.consent(&browser.begin("").await, "nickname-only").unwrap();
    assert_eq!(
        (browser.get(&second).await.status, browser.get(&first).await.status),
        (303.try_into().unwrap(), 303.try_into().unwrap())
    );
    for _ in 0..20 {
        world.advance(Duration::from_secs(1));
        browser.begin("").await;
    }
    let attempts = browser.cookie_names().into_iter().filter(|name| name.starts_with("munjigi_login_")).count();
    assert!(attempts <= 8, "{attempts}");
}

#[tokio::test]
async fn a_new_login_in_the_same_browser_ends_the_old_session() {
    let world = World::new().await;
    let browser = world.browser();
    browser.log_in(&world.kakao, "full", "").await;
    let old = browser.cookie("munjigi_rt").unwrap();
    browser.log_in(&world.kakao, "full", "").await;
    assert_ne!(browser.cookie("munjigi_rt").unwrap(), old);
    assert_eq!(Browser::new(&world.gateway.base).refresh(&old).await.refusal(), (401, "SESSION_REVOKED".into()));
    assert_eq!(browser.refresh_cookie().await.status, 200);
}

#[tokio::test]
async fn a_returning_person_is_signed_in_from_the_id_token_alone_until_the_profile_is_old() {
    let world = World::new().await;
    let first = world.sign_in("full").await;
    assert_eq!((first["is_new_user"].as_bool(), world.kakao.counts().user_me), (Some(true), 1));
    world.advance(Duration::from_mins(1));
    let second = world.sign_in("full").await;
    assert_eq!(second["is_new_user"], false);
    assert_eq!(second["user"]["id"], first["user"]["id"]);
    assert_eq!(second["user"]["nickname"], "김문지");
    // The profile is read after the answer, and before the next one when it is older than a day.
    let read_again = format!("SELECT COUNT(*) FROM identities WHERE profile_read_at = {}", START.millis() + 60_000);
    while world.database.count(&read_again).await == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.kakao.counts().user_me, 2);
    world.advance(Duration::from_hours(24));
    world.kakao.next_times(mock_kakao::Fault::UserMeStatus(500), 2);
    let body = world.browser().callback_body(&world.kakao, "full").await;
    let refused = world.browser().post("/api/auth/kakao/callback", &body).await;
    assert_eq!(refused.refusal(), (503, "KAKAO_UNAVAILABLE".into()), "the profile is needed again");
}

#[tokio::test]
async fn an_access_token_says_who_for_whom_and_until_when_and_nothing_personal() {
    let world = World::new().await;
    let tokens = world.sign_in("full").await;
    let claims = claims(&text(&tokens, "access_token"));
    assert_eq!(claims["iss"], "https://auth.example.com");
    assert_eq!(claims["aud"], "munjigi");
    assert_eq!(claims["sub"], tokens["user"]["id"]);
    assert_eq!(claims["user_id"], tokens["user"]["id"]);
    assert_eq!((claims["token_type"].as_str(), claims["client_id"].as_str()), (Some("access"), Some("munjigi")));
    assert_eq!((claims["iat"].as_i64(), claims["exp"].as_i64()), (Some(START.secs()), Some(START.secs() + 900)));
    let names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "client_id", "exp", "iat", "iss", "jti", "sid", "sub", "token_type", "user_id"]);
    assert_eq!((tokens["token_type"].as_str(), tokens["expires_in"].as_i64()), (Some("Bearer"), Some(900)));
}
