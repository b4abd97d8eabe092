//! Checks of the authorize request, cancel, `prompt=none`, people made by number.

use crate::http::send;
use crate::support::{CLIENT, REDIRECT, authorize_path, location, part, query, start, start_with, text};

#[tokio::test]
async fn faults_of_the_app_show_a_page_without_a_redirect() {
    let kakao = start().await;
    for (status, code, changed) in [
        (401, "KOE101", ("client_id", "unknown")),
        (401, "KOE101", ("client_id", "")),
        (400, "KOE006", ("redirect_uri", "http://localhost:8000/elsewhere")),
        (400, "KOE207", ("redirect_uri", "")),
        (400, "KOE201", ("response_type", "id_token")),
        (400, "KOE202", ("response_type", "token")),
        (400, "KOE207", ("response_type", "")),
        (400, "KOE205", ("scope", "profile_nickname,friends")),
        (400, "KOE204", ("prompt", "consent")),
        (400, "KOE204", ("prompt", "none,login")),
        (400, "KOE204", ("code_challenge_method", "plain")),
        (400, "KOE204", ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")),
    ] {
        let answer = kakao.get(&authorize_path(&[changed, ("mock_user", "full")])).await;
        assert_eq!(answer.status, status, "{changed:?}");
        assert_eq!(answer.header("location"), None);
        assert!(answer.text().contains(code), "{changed:?}");
    }
}

#[tokio::test]
async fn without_registered_clients_any_app_and_http_address_is_accepted() {
    let kakao = start_with(|config| config.clients.clear()).await;
    let back = kakao.agree("full", &[("client_id", "any"), ("redirect_uri", "https://app.example/cb?x=1")]).await;
    assert!(back.as_str().starts_with("https://app.example/cb?x=1&code="));
    for refused in ["javascript:alert(1)", "/relative", "https://app.example/#fragment"] {
        let answer = kakao.get(&authorize_path(&[("redirect_uri", refused), ("mock_user", "full")])).await;
        assert!(answer.text().contains("KOE006"), "{refused}");
    }
}

#[tokio::test]
async fn cancelling_redirects_with_kakaos_own_words() {
    let kakao = start().await;
    let answer = kakao.get(&authorize_path(&[("mock_user", "full"), ("mock_deny", "1")])).await;
    let expected = format!("{REDIRECT}?error=access_denied&error_description=User%20denied%20access&state=s%20t%2F1");
    assert_eq!(answer.status, 302);
    assert_eq!(answer.header("location"), Some(expected.as_str()));
}

#[tokio::test]
async fn somebody_under_14_is_sent_back() {
    let kakao = start().await;
    let back = kakao.agree("under-14", &[]).await;
    assert_eq!(query(&back, "error_description").as_deref(), Some("Not allowed under age 14"));
}

#[tokio::test]
async fn a_number_makes_a_person_with_that_id() {
    let kakao = start().await;
    let tokens = kakao.login("9223372036854775807", &[]).await;
    let claims = part(text(&tokens, "id_token"), 1);
    assert_eq!(claims["sub"], "9223372036854775807");
    assert_eq!(claims["email"], "9223372036854775807@example.com");
    for refused in ["9223372036854775808", "-1", "0", "nobody"] {
        let answer = kakao.get(&authorize_path(&[("mock_user", refused)])).await;
        assert_eq!(answer.status, 400, "{refused}");
        assert!(answer.text().contains("없는 사람입니다"), "{refused}");
    }
}

#[tokio::test]
async fn prompt_none_needs_a_login_and_then_an_earlier_consent() {
    let kakao = start().await;
    let silent = ("prompt", "none");
    let nobody = location(&kakao.get(&authorize_path(&[silent])).await);
    assert_eq!(query(&nobody, "error").as_deref(), Some("login_required"));
    assert_eq!(query(&nobody, "state").as_deref(), Some("s t/1"));
    assert_eq!(query(&kakao.agree("full", &[silent]).await, "error").as_deref(), Some("consent_required"));
    kakao.code("full", &[]).await;
    assert!(query(&kakao.agree("full", &[silent]).await, "code").is_some());
}

#[tokio::test]
async fn prompt_none_knows_the_person_from_the_browsers_cookie() {
    let kakao = start().await;
    let first = kakao.get(&authorize_path(&[("mock_user", "big-id")])).await;
    let cookie = first.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let path = authorize_path(&[("prompt", "none")]);
    let answer = send(kakao.mock.addr(), "GET", &path, &format!("Cookie: a=b; {cookie}\r\n"), "").await.unwrap();
    assert!(query(&location(&answer), "code").is_some());
}

#[tokio::test]
async fn consent_follows_an_authorize_url_without_http() {
    let kakao = start().await;
    let url = format!("{}{}", kakao.mock.base_url(), authorize_path(&[]));
    let location = kakao.mock.consent(&url, "full").unwrap();
    let code = query(&url::Url::parse(&location).unwrap(), "code").unwrap();
    assert_eq!(kakao.exchange(&code, &[]).await.status, 200);
    assert_eq!(kakao.mock.consent(&url.replace(CLIENT, "unknown"), "full"), Err("KOE101".to_owned()));
    assert!(kakao.mock.consent(&url, "nobody").is_err());
    assert!(kakao.mock.consent("no url", "full").is_err());
}
