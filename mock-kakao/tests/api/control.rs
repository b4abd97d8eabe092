//! The control routes: added people, faults, time, reset, seed, limits, the document.

use mock_kakao::{ApiError, Endpoint, Fault, KoeCode};
use serde_json::{Value, json};

use crate::http::send;
use crate::support::{CLIENT, Kakao, SECRET, START, bearer, part, start, start_with, text};

async fn add(kakao: &Kakao, person: &Value) -> Value {
    kakao.post("/__mock/persons", &person.to_string()).await.json()
}

#[tokio::test]
async fn a_test_suite_adds_its_own_person() {
    let kakao = start().await;
    let listing =
        add(&kakao, &json!({"name": "ci-1", "nickname": "자동", "consents": ["profile_nickname", "account_email"]}))
            .await;
    assert_eq!((&listing["name"], &listing["id"]), (&json!("ci-1"), &json!("5000000001")));
    let me = kakao.user_me("ci-1", "").await;
    assert_eq!((&me["id"], &me["kakao_account"]["profile"]["nickname"]), (&json!(5_000_000_001_i64), &json!("자동")));
    assert_eq!(me["kakao_account"]["email"], "ci-1@example.com");
    assert!(kakao.get("/__mock/persons").await.text().contains("ci-1"));
    assert_eq!(
        add(&kakao, &json!({"name": "ci-2", "id": "9007199254740993", "no_email": true})).await["id"],
        "9007199254740993"
    );
    assert_eq!(kakao.user_me("ci-2", "").await["kakao_account"]["has_email"], false);
}

#[tokio::test]
async fn changing_an_added_person_changes_what_is_answered_about_them() {
    let kakao = start().await;
    add(&kakao, &json!({"name": "ci", "nickname": "전"})).await;
    let token = bearer(&kakao, "ci").await;
    add(&kakao, &json!({"name": "ci", "nickname": "후"})).await;
    let me = kakao.authorized("GET", "/v2/user/me", &token, "").await.json();
    assert_eq!((&me["kakao_account"]["profile"]["nickname"], &me["id"]), (&json!("후"), &json!(5_000_000_001_i64)));
}

#[tokio::test]
async fn a_person_that_makes_no_sense_is_refused() {
    let kakao = start().await;
    for (person, reason) in [
        (json!({}), "name"),
        (json!({"name": "12345"}), "not a number"),
        (json!({"name": "a;b"}), "name"),
        (json!({"name": "x", "id": 0}), "id"),
        (json!({"name": "x", "id": 4_000_000_001_i64}), "always there"),
        (json!({"name": "x", "consents": ["phone"]}), "phone"),
        (json!({"name": "x", "nick": "y"}), "nick"),
    ] {
        let error = add(&kakao, &person).await["error"].as_str().unwrap().to_owned();
        assert!(error.contains(reason), "{person}: {error}");
    }
}

#[tokio::test]
async fn an_account_without_an_address_has_none_anywhere() {
    let kakao = start().await;
    let tokens = kakao.login("no-email", &[]).await;
    assert_eq!(part(text(&tokens, "id_token"), 1).get("email"), None);
    let account = kakao.user_me("no-email", "").await["kakao_account"].clone();
    assert_eq!((&account["has_email"], &account["email_needs_agreement"]), (&json!(false), &json!(false)));
    assert_eq!(account.get("email"), None);
}

#[tokio::test]
async fn waiting_faults_are_listed_with_all_kinds_and_can_be_cleared() {
    let kakao = start().await;
    kakao.mock.next_times(Fault::TokenError(KoeCode::Koe237), 5);
    kakao.mock.next(Fault::api(Endpoint::Scopes, ApiError::from(-402)));
    let list = kakao.get("/__mock/faults").await.json();
    assert_eq!(
        list["pending"],
        json!([
            {"fault": "token_error", "value": "KOE237", "times": 5},
            {"fault": "endpoint", "value": {"endpoint": "scopes", "how": {"error": {"code": -402}}}, "times": 1},
        ])
    );
    assert!(list["kinds"]["faults"].as_array().unwrap().len() > 30);
    assert_eq!(send(kakao.mock.addr(), "DELETE", "/__mock/faults", "", "").await.unwrap().status, 204);
    assert_eq!(kakao.get("/__mock/faults").await.json()["pending"], json!([]));
    kakao.login("full", &[]).await;
}

#[tokio::test]
async fn every_example_of_the_list_is_accepted() {
    let kakao = start().await;
    for kind in kakao.get("/__mock/faults").await.json()["kinds"]["faults"].as_array().unwrap() {
        let answer = kakao.post("/__mock/next", &kind["example"].to_string()).await;
        assert_eq!((answer.status, &answer.json()["queued"]), (200, &kind["example"]));
    }
}

#[tokio::test]
async fn two_runs_with_one_seed_are_the_same_bytes() {
    let run = async |seed| {
        let kakao = start_with(|config| {
            config.seed = Some(seed);
            config.public_url = Some("http://kakao.test".to_owned());
        })
        .await;
        let code = kakao.code("full", &[("nonce", "n")]).await;
        let tokens = kakao.exchange(&code, &[]).await.text();
        let set = kakao.mock.set_claims(CLIENT, "77", "https://example.com/event").to_string();
        (code, tokens, set, kakao.get("/.well-known/jwks.json").await.text())
    };
    let first = run(7).await;
    assert_eq!(first, run(7).await);
    let other = run(8).await;
    assert!(first.0 != other.0 && first.1 != other.1 && first.2 != other.2);
}

#[tokio::test]
async fn reset_puts_everything_back_to_the_start() {
    let kakao = start_with(|config| config.seed = Some(1)).await;
    let code = kakao.code("full", &[]).await;
    let token = bearer(&kakao, "full").await;
    add(&kakao, &json!({"name": "ci"})).await;
    kakao.mock.next(Fault::JwksEmpty);
    kakao.post("/__mock/rotate", "").await;
    kakao.mock.advance(60);
    assert_eq!(kakao.post("/__mock/reset", "").await.status, 204);
    assert_eq!(kakao.get("/__mock/counts").await.json()["token"], 0);
    assert_eq!(kakao.get("/.well-known/jwks.json").await.json()["keys"].as_array().unwrap().len(), 2);
    assert_eq!(kakao.authorized("GET", "/v2/user/me", &token, "").await.status, 401);
    assert!(!kakao.get("/__mock/persons").await.text().contains("\"ci\""));
    assert_eq!(kakao.code("full", &[]).await, code);
    let tokens = kakao.exchange(&code, &[]).await.json();
    assert_eq!(part(text(&tokens, "id_token"), 1)["iat"], START);
}

#[tokio::test]
async fn the_clock_moves_expiry_and_refuses_nonsense() {
    let kakao = start().await;
    let token = bearer(&kakao, "full").await;
    let moved = kakao.post("/__mock/clock", r#"{"advance_seconds":21599}"#).await.json();
    assert_eq!(moved["now"], START + 21_599);
    assert_eq!(kakao.authorized("GET", "/v2/user/me", &token, "").await.status, 401);
    for refused in ["{}", "[]", r#"{"advance_seconds":"1"}"#, r#"{"advance_seconds":9223372036854775807}"#] {
        assert_eq!(kakao.post("/__mock/clock", refused).await.status, 400, "{refused}");
    }
}

#[tokio::test]
async fn one_person_gets_twenty_access_tokens_in_ten_minutes() {
    let kakao = start_with(|config| config.rate_limits = true).await;
    for _ in 0..20 {
        kakao.login("full", &[]).await;
    }
    let code = kakao.code("full", &[]).await;
    let refused = kakao.exchange(&code, &[]).await;
    assert_eq!((refused.status, text(&refused.json(), "error_code")), (429, "KOE237"));
    kakao.login("big-id", &[]).await;
    kakao.advance(600);
    kakao.login("full", &[]).await;
}

#[tokio::test]
async fn one_person_gets_thirty_refresh_tokens_in_an_hour() {
    let kakao = start_with(|config| config.rate_limits = true).await;
    let mut last = Value::Null;
    for _ in 0..30 {
        last = kakao.login("full", &[]).await;
        kakao.advance(100);
    }
    kakao.advance(100);
    let code = kakao.code("full", &[]).await;
    assert_eq!(text(&kakao.exchange(&code, &[]).await.json(), "error_code"), "KOE237");
    let refresh = text(&last, "refresh_token");
    let form = format!("grant_type=refresh_token&client_id={CLIENT}&client_secret={SECRET}&refresh_token={refresh}");
    assert_eq!(kakao.post("/oauth/token", &form).await.status, 200);
}

#[tokio::test]
async fn the_list_of_numbers_is_limited_to_a_hundred_a_minute() {
    let kakao = start_with(|config| config.rate_limits = true).await;
    let ids = async || kakao.authorized("GET", "/v1/user/ids", "KakaoAK key", "").await;
    for _ in 0..100 {
        assert_eq!(ids().await.status, 200);
    }
    let refused = ids().await;
    assert_eq!((refused.status, refused.json()), (429, json!({"msg": "API limit has been exceeded.", "code": -10})));
    kakao.advance(60);
    assert_eq!(ids().await.status, 200);
}

#[tokio::test]
async fn keys_are_rotated_beyond_those_that_are_files() {
    let kakao = start().await;
    for _ in 0..3 {
        assert_eq!(kakao.post("/__mock/rotate", "").await.status, 204);
    }
    let keys = kakao.get("/.well-known/jwks.json").await.json()["keys"].clone();
    let kids: std::collections::BTreeSet<_> =
        keys.as_array().unwrap().iter().map(|key| text(key, "kid").to_owned()).collect();
    assert_eq!(kids.len(), 5);
}

#[tokio::test]
async fn the_document_is_served() {
    let kakao = start().await;
    let document = kakao.get("/__mock/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"].get("/v2/user/me").is_some());
}
