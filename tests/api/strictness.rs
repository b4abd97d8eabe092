//! What is documented is what is accepted: types, limits and nulls of bodies.

use serde_json::{Value, json};

use crate::support::{World, code_and_state, text};

#[tokio::test]
async fn a_text_is_a_text_and_not_a_number_or_a_truth() {
    let world = World::new().await;
    let token = format!("Bearer {}", text(&world.sign_in("full").await, "access_token"));
    for nickname in [json!(false), json!(123), json!(1.5), json!([]), json!({})] {
        let headers = [("content-type", "application/json"), ("authorization", token.as_str())];
        let body = Some(json!({"nickname": nickname}).to_string());
        let answer = world.browser().send(reqwest::Method::PATCH, "/api/auth/profile", &headers, body).await;
        assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()), "{nickname}");
    }
    for body in [json!({"refresh_token": 123}), json!(null), json!([]), json!("x"), json!(1)] {
        let answer = world.browser().post("/api/auth/refresh", &body).await;
        assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()), "{body}");
    }
    assert_eq!(world.browser().post("/api/auth/refresh", &json!({"refresh_token": null})).await.status, 204);
}

#[tokio::test]
async fn limits_hold_for_forms_as_for_json() {
    let world = World::new().await;
    let long = "x".repeat(9000);
    for (path, form) in [
        ("/oauth/revoke", vec![("token", long.as_str())]),
        ("/oauth/token", vec![("grant_type", "refresh_token"), ("refresh_token", long.as_str())]),
        ("/oauth/token", vec![("grant_type", "refresh_token"), ("client_secret", "x"), ("refresh_token", "x")]),
        (
            "/oauth/token",
            vec![("grant_type", "refresh_token"), ("grant_type", "refresh_token"), ("refresh_token", "x")],
        ),
        ("/oauth/introspect", vec![]),
    ] {
        let answer = world.browser().post_form(path, &form, &[]).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (400, &json!("invalid_request")), "{path}");
    }
}

#[tokio::test]
async fn every_member_of_an_answer_is_documented_with_its_null() {
    let world = World::new().await;
    let document = world.browser().get("/openapi.json").await.json();
    let tokens = world.sign_in("bare").await;
    let sessions = world.browser().get_as("/api/auth/sessions", &text(&tokens, "access_token")).await.json();
    let documented = |schema: &str, value: &Value| {
        let schema = &document["components"]["schemas"][schema];
        for (name, member) in value.as_object().unwrap() {
            let described = &schema["properties"][name];
            assert!(described.is_object(), "{name} is not documented");
            assert!(!member.is_null() || described["nullable"] == true, "{name} may be null");
        }
        for name in schema["required"].as_array().unwrap() {
            assert!(value.get(name.as_str().unwrap()).is_some(), "{name} is promised");
        }
    };
    documented("Profile", &tokens["user"]);
    documented("DeviceSession", &sessions[0]);
    documented("TokenResponse", &tokens);
    assert!(document["info"].get("summary").is_none(), "OpenAPI 3.0 has none");
}

#[tokio::test]
async fn a_refusal_of_kakao_is_checked_like_a_code() {
    let world = World::new().await;
    let browser = world.browser();
    let (_, state) = code_and_state(&browser.begin("").await);
    let callback = format!("/api/auth/kakao/callback?error=access_denied&state={state}");
    let mixed_up = browser.get(&format!("{callback}&iss=https%3A%2F%2Fevil.example")).await;
    assert_eq!(mixed_up.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    assert_eq!(browser.get(&callback).await.refusal(), (400, "KAKAO_LOGIN_CANCELLED".into()));
    world.advance(std::time::Duration::from_mins(10));
    assert_eq!(browser.get(&callback).await.refusal(), (400, "LOGIN_STATE_INVALID".into()));
}
