//! Consent: what a person has not agreed to is said, and can be asked for; `talk.rs` is about the browser inside KakaoTalk,
//! `private_fields.rs` about the fields few services need (contract 3, 3.1, 6).

mod private_fields;
mod talk;

use std::time::Duration;

use mock_kakao::{ApiError, Endpoint, Failure, Fault};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Browser, FRONT_END, Pkce, SPA_REDIRECT, World, code_and_state, text};

const CALLBACK: &str = "/api/auth/kakao/callback";

/// A parameter of an address.
fn query(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn nobody_is_here(world: &World) -> bool {
    world.database.count("SELECT COUNT(*) FROM users").await == 0
        && world.database.count("SELECT COUNT(*) FROM sessions").await == 0
}

#[tokio::test]
async fn what_a_person_declined_is_said_with_the_address_that_asks_for_it() {
    let world = World::new().await;
    let cases: [(&str, &[&str]); 4] = [
        ("full", &[]),
        // Kakao says nothing at all of somebody who agreed to nothing.
        ("bare", &[]),
        ("email-needs-agreement", &["account_email"]),
        ("nickname-only", &["profile_image", "account_email"]),
    ];
    for (person, items) in cases {
        let tokens = world.sign_in(person).await;
        let next = (!items.is_empty()).then(|| {
            let scope = encoded(&items.join(","));
            let url = format!("{}/api/auth/kakao/login?scope={scope}", world.gateway.base);
            json!({"type": "consent", "scope": items, "url": url})
        });
        let refreshed = world.browser().refresh(&text(&tokens, "refresh_token")).await.ok().json();
        let read = world.browser().get_as("/api/auth/profile", &text(&tokens, "access_token")).await.ok().json();
        for user in [&tokens["user"], &refreshed["user"], &read] {
            assert_eq!((&user["needs_agreement"], &user["next_action"]), (&json!(items), &json!(next)), "{person}");
        }
    }
}

#[tokio::test]
async fn following_that_address_makes_the_email_appear_at_once() {
    let world = World::new().await;
    let browser = world.browser();
    browser.log_in(&world.kakao, "email-needs-agreement", "").await;
    let before = browser.refresh_cookie().await.ok().json();
    assert_eq!(before["user"]["email"], json!(null));
    let page = encoded(&format!("{FRONT_END}/me"));
    let url = format!("{}&return_to={page}", text(&before["user"]["next_action"], "url"));
    let authorize = browser.get(&url).await;
    assert_eq!(authorize.status, 303);
    assert_eq!(query(&authorize.location(), "scope").unwrap(), "account_email,openid");
    assert_eq!(query(&authorize.location(), "prompt"), None);
    let back = browser.get(&world.kakao.consent(&authorize.location(), "email-needs-agreement").unwrap()).await;
    assert_eq!(back.location(), format!("{FRONT_END}/me"));
    let after = browser.refresh_cookie().await.ok().json();
    let user = &after["user"];
    assert_eq!((&user["email"], &user["email_verified"]), (&json!("later@example.com"), &json!(true)));
    assert_eq!((&user["needs_agreement"], &user["next_action"]), (&json!([]), &json!(null)));
    assert_eq!(user["id"], before["user"]["id"]);
}

#[tokio::test]
async fn a_single_page_app_sees_what_was_agreed_to_in_the_very_next_answer() {
    let world = World::new().await;
    let person = "email-needs-agreement";
    let before = world.sign_in(person).await;
    let scope = before["user"]["next_action"]["scope"][0].as_str().unwrap().to_owned();
    let pkce = Pkce::new();
    let redirect = encoded(SPA_REDIRECT);
    let url =
        format!("/api/auth/kakao/login-url?redirect_uri={redirect}&code_challenge={}&scope={scope}", pkce.challenge);
    let begun = world.browser().get(&url).await.ok().json();
    let (code, state) = code_and_state(&world.kakao.consent(&text(&begun, "login_url"), person).unwrap());
    let body = json!({"code": code, "state": state, "code_verifier": pkce.verifier});
    let read = world.kakao.counts().user_me;
    let after = world.browser().post(CALLBACK, &body).await.ok().json();
    assert_eq!(after["user"]["email"], "later@example.com", "though the profile was read a moment before");
    assert_eq!((&after["user"]["next_action"], world.kakao.counts().user_me), (&json!(null), read + 1));
}

#[tokio::test]
async fn missing_consent_is_told_to_a_front_end_with_the_items_and_the_way_to_them() {
    let world = World::new().await;
    let items = ["account_email", "phone_number"];
    let body = world.browser().callback_body(&world.kakao, "full").await;
    // Whatever does not look like a consent item is not repeated.
    world.kakao.next(Fault::missing_consent(Endpoint::UserMe, &["account_email", "phone_number", "<b>x</b>", ""]));
    let answer = world.browser().post(CALLBACK, &body).await;
    assert_eq!(answer.refusal(), (403, "KAKAO_CONSENT_REQUIRED".into()));
    let problem = answer.json();
    assert_eq!((&problem["required_scopes"], &problem["kakao_code"]), (&json!(items), &json!("-402")));
    assert_eq!((&problem["next_action"]["scope"], &problem["next_action"]["type"]), (&json!(items), &json!("consent")));
    let url = text(&problem["next_action"], "url");
    assert_eq!(query(&url, "scope").unwrap(), "account_email,phone_number");
    let authorize = world.browser().get(&url).await.location();
    assert_eq!(query(&authorize, "scope").unwrap(), "account_email,phone_number,openid");
    assert_eq!((world.kakao.counts().token, world.kakao.counts().user_me), (1, 1), "it is no passing fault");
    assert!(nobody_is_here(&world).await);
}

#[tokio::test]
async fn missing_consent_goes_back_with_the_browser_or_is_a_page_that_asks_for_it() {
    let world = World::new().await;
    let missing = || Fault::missing_consent(Endpoint::UserMe, &["account_email", "gender"]);
    world.kakao.next(missing());
    let back = world.browser().log_in(&world.kakao, "full", &format!("?return_to={}", encoded(FRONT_END))).await;
    let location = back.location();
    assert!(back.status == 303 && location.starts_with(FRONT_END), "{location}");
    assert_eq!(query(&location, "error").unwrap(), "KAKAO_CONSENT_REQUIRED");
    assert_eq!(query(&location, "required_scopes").unwrap(), "account_email,gender");
    assert_eq!(query(&location, "request_id").unwrap(), back.header("x-request-id"));

    let browser = world.browser();
    let callback = world.kakao.consent(&browser.begin("").await, "full").unwrap();
    world.kakao.next(missing());
    let page = browser.send(Method::GET, &callback, &[("accept", "text/html")], None).await;
    assert_eq!(page.status, 403);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.body.contains("/api/auth/kakao/login?scope=account_email%2Cgender\""), "{}", page.body);
    assert!(nobody_is_here(&world).await);
    // A refusal that names nothing has nothing to ask for.
    world.kakao.next(missing());
    let other = world.browser().log_in(&world.kakao, "under-14", &format!("?return_to={}", encoded(FRONT_END))).await;
    assert_eq!(query(&other.location(), "required_scopes"), None);
}

#[tokio::test]
async fn people_under_fourteen_are_told_so_however_kakao_says_it() {
    let world = World::new().await;
    let back = world.browser().log_in(&world.kakao, "under-14", &format!("?return_to={}", encoded(FRONT_END))).await;
    assert_eq!(query(&back.location(), "error").unwrap(), "KAKAO_UNDER_AGE");
    let direct = world.browser().log_in(&world.kakao, "under-14", "").await;
    assert_eq!(direct.refusal(), (403, "KAKAO_UNDER_AGE".into()));
    let denied = Fault::AuthorizeError { error: "access_denied".into(), description: "User denied access".into() };
    world.kakao.next(denied);
    let cancelled = world.browser().log_in(&world.kakao, "full", "").await;
    assert_eq!(cancelled.refusal(), (400, "KAKAO_LOGIN_CANCELLED".into()), "the same error, another meaning");
    assert_eq!(world.kakao.counts().token, 0);

    for status in [None, Some(400), Some(403)] {
        let body = world.browser().callback_body(&world.kakao, "full").await;
        world.kakao.next(Fault::api(Endpoint::UserMe, ApiError { status, ..ApiError::from(-406) }));
        let answer = world.browser().post(CALLBACK, &body).await;
        assert_eq!(answer.refusal(), (403, "KAKAO_UNDER_AGE".into()));
        assert_eq!((&answer.json()["kakao_code"], &answer.json()["action"]), (&json!("-406"), &json!("none")));
    }
    assert!(nobody_is_here(&world).await);
}

#[tokio::test]
async fn options_kakao_does_not_know_are_refused_before_anybody_is_sent_there() {
    let world = World::new().await;
    let many = vec!["item"; 21].join(",");
    let long = ("x".repeat(65), "가".repeat(257));
    let cases = [
        ("prompt", "none,login"),
        ("prompt", "login none"),
        ("prompt", "none,none"),
        ("prompt", "consent"),
        ("prompt", "LOGIN"),
        ("prompt", "login;none"),
        ("scope", "account_email;name"),
        ("scope", "이름"),
        ("scope", "a\"b"),
        ("scope", "a&b"),
        ("scope", &long.0),
        ("scope", &many),
        ("service_terms", "a\nb"),
        ("service_terms", "<b>"),
        ("service_terms", &many),
        ("login_hint", &long.1),
        ("login_hint", "a\nb"),
        ("login_hint", "a\0"),
        ("login_hint", "a\u{85}b"),
    ];
    for route in ["login", "login-url"] {
        for (name, value) in cases {
            let answer = world.browser().get(&format!("/api/auth/kakao/{route}?{name}={}", encoded(value))).await;
            assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()), "{route} {name}={value:?}");
            let expected = format!("{} is not valid.", name[..1].to_uppercase() + &name[1..]);
            assert_eq!(answer.json()["detail"], json!(expected));
            assert!(answer.header("set-cookie").is_empty() && !answer.body.contains("<b>"));
        }
    }
    assert_eq!(world.kakao.counts().authorize, 0);
}

#[tokio::test]
async fn options_kakao_knows_arrive_there_as_kakao_writes_them() {
    let world = World::with(&[("KAKAO_SCOPES", "profile_nickname")]).await;
    let hint = "가".repeat(256);
    let cases = [
        ("prompt", "login", "login"),
        ("prompt", "none", "none"),
        ("prompt", "select_account login", "select_account,login"),
        ("prompt", "login,,create", "login,create"),
        ("scope", "account_email profile_nickname", "profile_nickname,account_email,openid"),
        ("scope", "openid,account_email", "profile_nickname,openid,account_email"),
        ("login_hint", "munji@example.com", "munji@example.com"),
        ("login_hint", &hint, &hint),
        ("login_hint", "a b&c=d#e%20", "a b&c=d#e%20"),
        ("service_terms", "age_14.v1 privacy-2026", "age_14.v1,privacy-2026"),
    ];
    for (name, value, expected) in cases {
        let asked = format!("?{name}={}", encoded(value));
        let redirected = world.browser().begin(&asked).await;
        let begun = world.browser().get(&format!("/api/auth/kakao/login-url{asked}")).await.ok().json();
        for url in [redirected, text(&begun, "login_url")] {
            assert_eq!(query(&url, name).as_deref(), Some(expected), "{name}");
            for other in ["prompt", "login_hint", "service_terms"].iter().filter(|other| **other != name) {
                assert_eq!(query(&url, other), None, "nothing is asked that was not asked for");
            }
        }
    }
    for empty in ["prompt=", "scope=", "login_hint=", "service_terms=", "prompt=,", ""] {
        let url = world.browser().begin(&format!("?{empty}")).await;
        assert_eq!(query(&url, "scope").as_deref(), Some("profile_nickname,openid"), "{empty}");
        assert_eq!((query(&url, "prompt"), query(&url, "login_hint")), (None, None), "{empty}");
    }
}

#[tokio::test]
async fn in_an_app_that_signs_people_up_itself_everybody_is_signed_up_once() {
    for (auto_link, person) in [(false, "full"), (true, "preregistered")] {
        let world = World::with_kakao(&[], |kakao| kakao.auto_link = auto_link).await;
        let first = world.sign_in(person).await;
        assert_eq!((world.kakao.counts().signup, &first["is_new_user"]), (1, &json!(true)), "{person}");
        assert!(first["user"]["nickname"].is_string() && first["user"]["email"].is_string(), "{first}");
        world.advance(Duration::from_hours(48));
        assert_eq!(world.sign_in(person).await["user"]["id"], first["user"]["id"]);
        assert_eq!(world.kakao.counts().signup, 1, "{person}: never again");
    }
    let usual = World::new().await;
    usual.sign_in("full").await;
    assert_eq!(usual.kakao.counts().signup, 0, "Kakao links by itself");
}

#[tokio::test]
async fn somebody_signed_up_already_is_signed_in_and_a_failing_sign_up_makes_no_user() {
    let set_up = |kakao: &mut mock_kakao::MockConfig| kakao.auto_link = false;
    let world = World::with_kakao(&[], set_up).await;
    world.kakao.next(Fault::api(Endpoint::Signup, -102));
    world.sign_in("full").await;
    assert_eq!(world.kakao.counts().signup, 1);

    let failures = [
        (Failure::Error(ApiError::from(-1)), 503, "KAKAO_UNAVAILABLE"),
        (Failure::Error(ApiError::from(-401)), 502, "KAKAO_LOGIN_FAILED"),
        (Failure::Error(ApiError::from(-406)), 403, "KAKAO_UNDER_AGE"),
        (Failure::Error(ApiError::from(-402)), 403, "KAKAO_CONSENT_REQUIRED"),
        (Failure::Status(500), 503, "KAKAO_UNAVAILABLE"),
        (Failure::Reset, 503, "KAKAO_UNAVAILABLE"),
        (Failure::Redirect, 502, "KAKAO_LOGIN_FAILED"),
        (Failure::Huge, 503, "KAKAO_UNAVAILABLE"),
    ];
    for (how, status, code) in failures {
        let name = format!("{how:?}");
        let world = World::with_kakao(&[], set_up).await;
        let body = world.browser().callback_body(&world.kakao, "full").await;
        world.kakao.next(Fault::Endpoint { endpoint: Endpoint::Signup, how });
        assert_eq!(world.browser().post(CALLBACK, &body).await.refusal(), (status, code.into()), "{name}");
        assert_eq!(world.kakao.counts().signup, 1, "{name}: what changes something is not sent twice");
        assert!(nobody_is_here(&world).await, "{name}");
        world.sign_in("full").await;
    }
}

#[tokio::test]
async fn an_address_that_has_become_somebody_elses_is_no_longer_theirs_here() {
    let world = World::new().await;
    let is = async |valid: bool| {
        let person = json!({"name": "mover", "id": 77, "email": {"address": "old@example.com", "valid": valid}});
        let url = format!("{}/__mock/persons", world.kakao.base_url());
        Browser::new(world.kakao.base_url()).post(&url, &person).await.ok();
    };
    is(true).await;
    let before: Value = world.sign_in("mover").await;
    assert_eq!(
        (&before["user"]["email"], &before["user"]["email_verified"]),
        (&json!("old@example.com"), &json!(true))
    );
    is(false).await;
    world.advance(Duration::from_hours(25));
    let after = world.sign_in("mover").await;
    assert_eq!(after["user"]["id"], before["user"]["id"]);
    assert_eq!((&after["user"]["email"], &after["user"]["email_verified"]), (&json!(null), &json!(false)));
}

#[tokio::test]
async fn kakaos_own_logout_is_offered_when_it_is_set_up_and_kakao_accepts_it() {
    let back = "http://localhost:3000/goodbye?from=kakao";
    let set_up = |kakao: &mut mock_kakao::MockConfig| kakao.logout_redirect_uris = vec![back.to_owned()];
    let world = World::with_kakao(&[("KAKAO_LOGOUT_REDIRECT_URI", back)], set_up).await;
    let tokens = world.sign_in("full").await;
    let body = json!({"refresh_token": text(&tokens, "refresh_token")});
    let first = world.browser().post("/api/auth/logout", &body).await.ok().json();
    let url = text(&first, "kakao_logout_url");
    assert!(url.starts_with(&format!("{}/oauth/logout?", world.kakao.base_url())), "{url}");
    assert_eq!(query(&url, "logout_redirect_uri").as_deref(), Some(back));
    let page = Browser::new(world.kakao.base_url()).get(&url).await;
    assert!(matches!(page.status.as_u16(), 200 | 302), "{} {}", page.status, page.body);
    let wrong = url.replace("goodbye", "elsewhere");
    assert_eq!(Browser::new(world.kakao.base_url()).get(&wrong).await.status, 400, "Kakao does look at it");
    // Somebody who is signed out already gets there, too.
    let again = world.browser().post("/api/auth/logout", &json!({})).await.ok().json();
    assert_eq!(text(&again, "kakao_logout_url"), url);
}
