//! The token endpoint: client checks, single use, expiry, refresh.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::Answer;
use crate::support::{CLIENT, Kakao, SECRET, part, start, text};

const DAY: i64 = 24 * 3600;

fn assert_error(answer: &Answer, status: u16, error: &str, code: &str) {
    let body = answer.json();
    assert_eq!((answer.status, text(&body, "error"), text(&body, "error_code")), (status, error, code));
}

async fn refresh(kakao: &Kakao, token: &str) -> Answer {
    let form = format!("grant_type=refresh_token&client_id={CLIENT}&client_secret={SECRET}&refresh_token={token}");
    kakao.post("/oauth/token", &form).await
}

#[tokio::test]
async fn a_code_works_once() {
    let kakao = start().await;
    let code = kakao.code("full", &[]).await;
    assert_eq!(kakao.exchange(&code, &[]).await.status, 200);
    let again = kakao.exchange(&code, &[]).await;
    assert_error(&again, 400, "invalid_grant", "KOE320");
    assert_eq!(text(&again.json(), "error_description"), format!("authorization code not found for code={code}"));
}

#[tokio::test]
async fn a_code_lives_ten_minutes() {
    let kakao = start().await;
    let (early, late) = (kakao.code("full", &[]).await, kakao.code("full", &[]).await);
    kakao.advance(599);
    assert_eq!(kakao.exchange(&early, &[]).await.status, 200);
    kakao.advance(1);
    assert_error(&kakao.exchange(&late, &[]).await, 400, "invalid_grant", "KOE320");
}

#[tokio::test]
async fn basic_authentication_is_not_seen() {
    let kakao = start().await;
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}")));
    let answer = kakao.authorized("POST", "/oauth/token", &basic, "grant_type=authorization_code&code=x").await;
    assert_error(&answer, 401, "invalid_client", "KOE101");
    assert_eq!(text(&answer.json(), "error_description"), "Not exist client_id [null]");
}

#[tokio::test]
async fn the_client_is_checked_before_the_code_is_touched() {
    let kakao = start().await;
    let code = kakao.code("full", &[]).await;
    let unknown = kakao.exchange(&code, &[("client_id", "other"), ("client_secret", SECRET)]).await;
    assert_error(&unknown, 401, "invalid_client", "KOE101");
    assert_error(&kakao.exchange(&code, &[("client_secret", "wrong")]).await, 401, "invalid_client", "KOE010");
    assert_error(&kakao.exchange(&code, &[("client_secret", "")]).await, 401, "invalid_client", "KOE010");
    assert_error(&kakao.exchange(&code, &[("grant_type", "")]).await, 400, "unsupported_grant_type", "KOE310");
    assert_eq!(kakao.exchange(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn another_redirect_uri_is_refused_and_uses_the_code_up() {
    let kakao = start().await;
    let code = kakao.code("full", &[]).await;
    let other = kakao.exchange(&code, &[("redirect_uri", "http://localhost:8000/")]).await;
    assert_error(&other, 400, "invalid_grant", "KOE303");
    assert_error(&kakao.exchange(&code, &[]).await, 400, "invalid_grant", "KOE320");
}

#[tokio::test]
async fn refreshing_keeps_the_refresh_token_until_a_month_is_left() {
    let kakao = start().await;
    let tokens = kakao.login("full", &[("nonce", "n")]).await;
    let first = text(&tokens, "refresh_token");

    kakao.advance(29 * DAY);
    let answer = refresh(&kakao, first).await.json();
    assert_eq!(answer.get("refresh_token"), None);
    assert_eq!(answer.get("scope"), None);
    let claims = part(text(&answer, "id_token"), 1);
    assert_eq!(claims.get("nonce"), None);
    assert_eq!(claims["iat"].as_i64().unwrap() - claims["auth_time"].as_i64().unwrap(), 29 * DAY);

    kakao.advance(2 * DAY);
    let answer = refresh(&kakao, first).await.json();
    assert_eq!(answer["refresh_token_expires_in"], 5_183_999);
    assert_error(&refresh(&kakao, first).await, 400, "invalid_grant", "KOE322");
    let second = text(&answer, "refresh_token");
    kakao.advance(60 * DAY);
    assert_error(&refresh(&kakao, second).await, 400, "invalid_grant", "KOE322");
    assert_error(&refresh(&kakao, "").await, 400, "invalid_grant", "KOE319");
}

#[tokio::test]
async fn habits_of_published_clients_are_put_up_with() {
    let kakao = start().await;
    let code = kakao.code("full", &[]).await;
    let form = format!("grant_type=authorization_code&client_id={CLIENT}&client_secret={SECRET}&code={code}");
    let tokens = kakao.post("/oauth/token", &form).await;
    assert_eq!(tokens.status, 200, "without redirect_uri");
    let token = tokens.json();
    let token = text(&token, "access_token");
    assert_eq!(kakao.get(&format!("/v2/user/me?secure_resource=true&access_token={token}")).await.status, 200);
    assert_eq!(kakao.get("/v2/user/me?access_token=made-up").await.status, 401);
}
