//! The consent page and the control endpoints.

use serde_json::json;
use url::form_urlencoded;

use crate::support::{Kakao, authorize_path, location, query, start, text};

/// Sends the consent form for a sound authorize request.
async fn submit(kakao: &Kakao, fields: &[(&str, &str)]) -> crate::http::Answer {
    let path = authorize_path(&[]);
    let (_, authorize_query) = path.split_once('?').expect("a query");
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("query", authorize_query).extend_pairs(fields);
    kakao.post("/__mock/consent", &form.finish()).await
}

#[tokio::test]
async fn the_consent_page_is_a_locked_down_page_that_is_not_kakao() {
    let kakao = start().await;
    let answer = kakao.get(&authorize_path(&[("state", "\"><script>alert(1)</script>")])).await;
    assert_eq!(answer.status, 200);
    let policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    assert_eq!(answer.header("content-security-policy"), Some(policy));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let page = answer.text();
    assert!(page.contains("실제 카카오 아님") && page.contains("lang=\"ko\""));
    assert!(!page.contains("<script"));
    for person in kakao.mock.persons() {
        assert!(page.contains(&format!("value=\"{}\"", person.name)), "{}", person.name);
    }
}

#[tokio::test]
async fn the_form_agrees_for_the_chosen_person_and_items() {
    let kakao = start().await;
    let answer = submit(&kakao, &[("person", "full"), ("profile_image", "on"), ("decision", "agree")]).await;
    let back = location(&answer);
    assert_eq!(query(&back, "state").as_deref(), Some("s t/1"));
    let tokens = kakao.exchange(&query(&back, "code").unwrap(), &[]).await.json();
    assert_eq!(text(&tokens, "scope"), "profile_image profile_nickname openid");
}

#[tokio::test]
async fn the_form_cancels() {
    let kakao = start().await;
    let back = location(&submit(&kakao, &[("person", "full"), ("decision", "deny")]).await);
    assert_eq!(query(&back, "error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn the_form_is_checked_again() {
    let kakao = start().await;
    let edited = kakao.post("/__mock/consent", "query=client_id%3Dunknown&person=full&decision=agree").await;
    assert_eq!(edited.status, 401);
    assert!(edited.text().contains("KOE101"));
    assert_eq!(submit(&kakao, &[("decision", "agree")]).await.status, 400);
    assert_eq!(submit(&kakao, &[("person", "full"), ("fault", "KOE999")]).await.status, 400);
}

#[tokio::test]
async fn fault_buttons_stop_here_or_fail_the_token_call() {
    let kakao = start().await;
    let shown = submit(&kakao, &[("person", "full"), ("fault", "KOE006")]).await;
    assert_eq!((shown.status, shown.header("location")), (400, None));
    let back = location(&submit(&kakao, &[("person", "full"), ("fault", "KOE303")]).await);
    let code = query(&back, "code").unwrap();
    assert_eq!(text(&kakao.exchange(&code, &[]).await.json(), "error_code"), "KOE303");
    assert_eq!(kakao.exchange(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn the_first_page_says_what_to_set() {
    let kakao = start().await;
    let page = kakao.get("/").await.text();
    assert!(page.contains(&format!("KAKAO_AUTH_BASE_URL={}", kakao.mock.base_url())));
    assert!(kakao.get("/__mock/style.css").await.text().contains("focus-visible"));
    let missing = kakao.get("/nothing").await;
    assert_eq!((missing.status, missing.header("content-type").unwrap().starts_with("text/plain")), (404, true));
}

#[tokio::test]
async fn people_counters_and_rotation_can_be_asked_for() {
    let kakao = start().await;
    let persons = kakao.get("/__mock/persons").await.json();
    assert_eq!(persons["persons"][0]["name"], "full");
    assert_eq!(persons["persons"][0]["id"], "4000000001");
    kakao.login("full", &[]).await;
    assert_eq!(kakao.post("/__mock/rotate", "").await.status, 204);
    assert_eq!(kakao.get("/.well-known/jwks.json").await.json()["keys"].as_array().unwrap().len(), 3);
    let counts = kakao.get("/__mock/counts").await.json();
    assert_eq!((&counts["authorize"], &counts["token"], &counts["jwks"]), (&json!(1), &json!(1), &json!(1)));
}

#[tokio::test]
async fn discovery_names_this_mock_as_the_issuer() {
    let kakao = start().await;
    let document = kakao.get("/.well-known/openid-configuration").await.json();
    let base = kakao.mock.base_url();
    assert_eq!(document["issuer"], base);
    assert_eq!(document["jwks_uri"], format!("{base}/.well-known/jwks.json"));
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
}

#[tokio::test]
async fn dropping_the_mock_frees_its_port() {
    let kakao = start().await;
    let addr = kakao.mock.addr();
    drop(kakao);
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(addr).await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the port is still open");
}
