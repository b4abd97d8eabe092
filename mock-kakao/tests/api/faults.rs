//! Each kind of fault goes wrong as described, and once.

use std::time::{Duration, Instant};

use mock_kakao::{ApiError, Endpoint, Failure, Fault, IdTokenFault, KoeCode};
use serde_json::{Value, json};

use crate::http::send;
use crate::support::{CLIENT, REDIRECT, SECRET, START, authorize_path, location, part, query, start, start_with, text};

#[tokio::test]
async fn a_token_error_comes_once_with_kakaos_status() {
    let kakao = start().await;
    for (code, status) in [
        (KoeCode::Koe009, 400),
        (KoeCode::Koe010, 401),
        (KoeCode::Koe101, 401),
        (KoeCode::Koe237, 429),
        (KoeCode::Koe303, 400),
        (KoeCode::Koe310, 400),
        (KoeCode::Koe319, 400),
        (KoeCode::Koe320, 400),
        (KoeCode::Koe322, 400),
    ] {
        kakao.mock.next(Fault::TokenError(code));
        let authorization_code = kakao.code("full", &[]).await;
        let answer = kakao.exchange(&authorization_code, &[]).await;
        assert_eq!(answer.status, status);
        assert_eq!(text(&answer.json(), "error_code"), code.as_str());
        assert_eq!(kakao.exchange(&authorization_code, &[]).await.status, 200);
    }
}

#[tokio::test]
async fn replaced_token_answers_leave_the_code_usable() {
    let kakao = start().await;
    let code = kakao.code("full", &[]).await;
    for fault in [Fault::TokenStatus(502), Fault::TokenGarbage, Fault::TokenHuge, Fault::TokenRedirect] {
        kakao.mock.next(fault);
    }
    let outage = kakao.exchange(&code, &[]).await;
    assert_eq!((outage.status, outage.header("content-type")), (502, Some("text/html")));
    let garbage = kakao.exchange(&code, &[]).await;
    assert_eq!((garbage.status, garbage.header("content-type")), (200, Some("text/html")));
    assert!(kakao.exchange(&code, &[]).await.body.len() > 10_000_000);
    assert_eq!(kakao.exchange(&code, &[]).await.status, 302);
    assert_eq!(kakao.exchange(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn spoiled_token_answers_use_the_code_up() {
    let kakao = start().await;
    let code = kakao.code("full", &[]).await;
    kakao.mock.next(Fault::TokenTruncated);
    let truncated = kakao.exchange(&code, &[]).await;
    assert_eq!(truncated.status, 200);
    assert!(serde_json::from_slice::<Value>(&truncated.body).is_err());
    assert_eq!(text(&kakao.exchange(&code, &[]).await.json(), "error_code"), "KOE320");

    let code = kakao.code("full", &[]).await;
    kakao.mock.next(Fault::TokenEmpty);
    let empty = kakao.exchange(&code, &[]).await;
    assert_eq!((empty.status, empty.body.len()), (200, 0));
    assert_eq!(text(&kakao.exchange(&code, &[]).await.json(), "error_code"), "KOE320");
    kakao.mock.next(Fault::TokenUnknownFields);
    let more = kakao.login("full", &[]).await;
    assert!(more.get("mock_new_member").is_some() && more.get("access_token").is_some());

    let code = kakao.code("full", &[]).await;
    kakao.mock.next(Fault::TokenReset);
    let form = format!(
        "grant_type=authorization_code&client_id={CLIENT}&client_secret={SECRET}&redirect_uri={REDIRECT}&code={code}"
    );
    assert!(send(kakao.mock.addr(), "POST", "/oauth/token", "", &form).await.is_err());
    assert_eq!(text(&kakao.exchange(&code, &[]).await.json(), "error_code"), "KOE320");
}

#[tokio::test]
async fn slow_answers_take_their_time_once() {
    let kakao = start().await;
    let code = kakao.code("full", &[]).await;
    kakao.mock.next(Fault::TokenSlow(150));
    kakao.mock.next(Fault::JwksSlow(150));
    let began = Instant::now();
    assert_eq!(kakao.exchange(&code, &[]).await.status, 200);
    assert_eq!(kakao.get("/.well-known/jwks.json").await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn the_fixed_delay_is_added_to_machine_endpoints() {
    let kakao = start_with(|config| config.delay = Duration::from_millis(100)).await;
    let began = Instant::now();
    kakao.get("/.well-known/jwks.json").await;
    assert!(began.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn claims_of_the_next_id_token_are_changed() {
    let kakao = start().await;
    let claims = async |fault| {
        kakao.mock.next(Fault::IdToken(fault));
        let tokens = kakao.login("full", &[("nonce", "sent")]).await;
        part(text(&tokens, "id_token"), 1)
    };
    assert_eq!(claims(IdTokenFault::WrongNonce).await["nonce"], "another-nonce");
    assert_eq!(claims(IdTokenFault::NoNonce).await.get("nonce"), None);
    assert_eq!(claims(IdTokenFault::Expired).await["exp"], START - 3600);
    assert_eq!(claims(IdTokenFault::FutureIat).await["iat"], START + 3600);
    assert_eq!(claims(IdTokenFault::NoIat).await.get("iat"), None);
    assert_eq!(claims(IdTokenFault::NoSub).await.get("sub"), None);
    assert_ne!(claims(IdTokenFault::OtherSubject).await["sub"], "4000000001");
    kakao.mock.next(Fault::IdToken(IdTokenFault::Missing));
    assert_eq!(kakao.login("full", &[]).await.get("id_token"), None);
    assert!(kakao.login("full", &[]).await.get("id_token").is_some());
}

#[tokio::test]
async fn an_id_token_fault_waits_for_an_answer_that_succeeds() {
    let kakao = start().await;
    kakao.mock.next(Fault::IdToken(IdTokenFault::Missing));
    assert_eq!(kakao.exchange("unknown", &[]).await.status, 400);
    assert_eq!(kakao.login("full", &[]).await.get("id_token"), None);
}

#[tokio::test]
async fn user_me_faults_have_kakaos_status_and_body() {
    let kakao = start().await;
    let tokens = kakao.login("full", &[]).await;
    let bearer = format!("Bearer {}", text(&tokens, "access_token"));
    let me = async || kakao.authorized("GET", "/v2/user/me", &bearer, "").await;
    for (code, status) in
        [(-1, 400), (-2, 400), (-10, 429), (-401, 401), (-402, 403), (-406, 401), (-603, 400), (-9798, 503)]
    {
        kakao.mock.next(Fault::UserMeError(code));
        let answer = me().await;
        assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)));
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
        assert_eq!(answer.json().get("required_scopes").is_some(), code == -402);
    }
    kakao.mock.next(Fault::UserMeStatus(500));
    kakao.mock.next(Fault::UserMeGarbage);
    kakao.mock.next(Fault::UserMeTruncated);
    assert_eq!(me().await.status, 500);
    assert_eq!(me().await.header("content-type"), Some("text/html"));
    assert!(serde_json::from_slice::<Value>(&me().await.body).is_err());
    assert_eq!(me().await.json()["id"], 4_000_000_001_i64);
}

#[tokio::test]
async fn every_kapi_endpoint_answers_every_error() {
    let kakao = start().await;
    let bearer = format!("Bearer {}", text(&kakao.login("full", &[]).await, "access_token"));
    for (endpoint, method, path) in [
        (Endpoint::UserMe, "GET", "/v2/user/me"),
        (Endpoint::AccessTokenInfo, "GET", "/v1/user/access_token_info"),
        (Endpoint::Userinfo, "GET", "/v1/oidc/userinfo"),
        (Endpoint::Logout, "POST", "/v1/user/logout"),
        (Endpoint::Unlink, "POST", "/v1/user/unlink"),
        (Endpoint::Signup, "POST", "/v1/user/signup"),
        (Endpoint::UpdateProfile, "POST", "/v1/user/update_profile"),
        (Endpoint::UserIds, "GET", "/v1/user/ids"),
        (Endpoint::AppUsers, "GET", "/v2/app/users"),
        (Endpoint::Scopes, "GET", "/v2/user/scopes"),
        (Endpoint::RevokeScopes, "POST", "/v2/user/revoke/scopes"),
        (Endpoint::ServiceTerms, "GET", "/v2/user/service_terms"),
        (Endpoint::RevokeServiceTerms, "POST", "/v2/user/revoke/service_terms"),
        (Endpoint::UpgradeServiceTerms, "POST", "/v2/user/upgrade/service_terms"),
        (Endpoint::ShippingAddress, "GET", "/v1/user/shipping_address"),
    ] {
        for (code, status) in [
            (-1, 400),
            (-2, 400),
            (-3, 403),
            (-4, 403),
            (-5, 403),
            (-6, 403),
            (-7, 400),
            (-8, 400),
            (-9, 400),
            (-10, 429),
            (-12, 403),
            (-101, 400),
            (-103, 400),
            (-401, 401),
            (-402, 403),
            (-406, 401),
            (-603, 400),
            (-9798, 503),
        ] {
            kakao.mock.next(Fault::api(endpoint, code));
            let answer = kakao.authorized(method, path, &bearer, "").await;
            assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)), "{path}");
        }
    }
    assert_eq!(kakao.authorized("GET", "/v2/user/me", &bearer, "").await.status, 200);
}

#[tokio::test]
async fn an_api_error_can_name_scopes_a_status_and_a_wait() {
    let kakao = start().await;
    let bearer = format!("Bearer {}", text(&kakao.login("full", &[]).await, "access_token"));
    let ask = async || kakao.authorized("GET", "/v2/user/scopes", &bearer, "").await;
    kakao.mock.next(Fault::missing_consent(Endpoint::Scopes, &["phone_number", "name"]));
    assert_eq!(ask().await.json()["required_scopes"], json!(["phone_number", "name"]));
    let quota = ApiError { status: Some(400), retry_after: Some(30), ..ApiError::from(-10) };
    kakao.mock.next_times(Fault::api(Endpoint::Scopes, quota), 2);
    for _ in 0..2 {
        let answer = ask().await;
        assert_eq!((answer.status, answer.header("retry-after")), (400, Some("30")));
    }
    assert_eq!(ask().await.status, 200);
    let over_http = r#"{"endpoint":"scopes","code":-402,"required_scopes":["name"],"times":1}"#;
    assert_eq!(kakao.post("/__mock/next", over_http).await.status, 200);
    assert_eq!(ask().await.json()["required_scopes"], json!(["name"]));
}

#[tokio::test]
async fn any_endpoint_can_fail_like_a_network_does() {
    let kakao = start().await;
    let bearer = format!("Bearer {}", text(&kakao.login("full", &[]).await, "access_token"));
    let path = "/v1/user/access_token_info";
    let how = |how| kakao.mock.next(Fault::Endpoint { endpoint: Endpoint::AccessTokenInfo, how });
    let ask = async || kakao.authorized("GET", path, &bearer, "").await;
    how(Failure::Status(502));
    how(Failure::Garbage);
    how(Failure::Huge);
    how(Failure::Redirect);
    how(Failure::Truncated);
    how(Failure::Empty);
    how(Failure::UnknownFields);
    how(Failure::Reset);
    assert_eq!(ask().await.status, 502);
    assert_eq!(ask().await.header("content-type"), Some("text/html"));
    assert!(ask().await.body.len() > 10_000_000);
    assert_eq!(ask().await.status, 302);
    assert!(serde_json::from_slice::<Value>(&ask().await.body).is_err());
    let empty = ask().await;
    assert_eq!((empty.status, empty.body.len()), (200, 0));
    let unknown = ask().await.json();
    assert_eq!((&unknown["app_id"], unknown.get("mock_new_member").is_some()), (&json!(1_234_567), true));
    let header = format!("Authorization: {bearer}\r\n");
    assert!(send(kakao.mock.addr(), "GET", path, &header, "").await.is_err());
    assert_eq!(ask().await.status, 200);
}

#[tokio::test]
async fn key_set_faults_come_in_order() {
    let kakao = start().await;
    kakao.mock.next(Fault::JwksStatus(503));
    kakao.mock.next(Fault::JwksEmpty);
    kakao.mock.next(Fault::JwksUnknownKid);
    kakao.mock.next(Fault::JwksGarbage);
    let keys = async || kakao.get("/.well-known/jwks.json").await;
    assert_eq!(keys().await.status, 503);
    assert_eq!(keys().await.json(), json!({"keys": []}));
    assert!(keys().await.json()["keys"][0]["kid"].as_str().unwrap().starts_with("not-"));
    assert_eq!(keys().await.header("content-type"), Some("text/html"));
    let published = keys().await.json()["keys"].as_array().unwrap().clone();
    assert_eq!(published.len(), 2);
    for key in published {
        assert_eq!(
            (&key["kty"], &key["alg"], &key["use"], &key["e"]),
            (&json!("RSA"), &json!("RS256"), &json!("sig"), &json!("AQAB"))
        );
    }
    assert_eq!(kakao.mock.counts().jwks, 5);
}

#[tokio::test]
async fn authorize_faults_are_redirected_or_shown() {
    let kakao = start().await;
    let post = async |body: &str| kakao.post("/__mock/next", body).await.status;
    assert_eq!(post(r#"{"error":"KOE205"}"#).await, 200);
    let error = r#"{"fault":"authorize_error","value":{"error":"server_error","description":"a & b"}}"#;
    assert_eq!(post(error).await, 200);
    assert_eq!(post(r#"{"fault":"no_such_fault"}"#).await, 400);
    assert_eq!(post("not json").await, 400);

    let path = authorize_path(&[("mock_user", "full")]);
    assert!(kakao.get(&path).await.text().contains("KOE205"));
    let back = location(&kakao.get(&path).await);
    assert_eq!(query(&back, "error_description").as_deref(), Some("a & b"));
    assert!(query(&location(&kakao.get(&path).await), "code").is_some());
}

#[tokio::test]
async fn every_page_code_shows_its_page_and_both_denials_come_back() {
    let kakao = start().await;
    let path = authorize_path(&[("mock_user", "full")]);
    for code in [
        "KOE001", "KOE002", "KOE003", "KOE004", "KOE005", "KOE006", "KOE007", "KOE008", "KOE023", "KOE101", "KOE102",
        "KOE201", "KOE202", "KOE203", "KOE204", "KOE205", "KOE207",
    ] {
        kakao.post("/__mock/next", &json!({"error": code}).to_string()).await;
        let page = kakao.get(&path).await;
        assert!(page.status >= 400 && page.text().contains(code), "{code}");
        assert_eq!(page.header("location"), None);
    }
    for description in ["User denied access", "Not allowed under age 14"] {
        let (error, description) = ("access_denied".to_owned(), description.to_owned());
        kakao.mock.next(Fault::AuthorizeError { error, description: description.clone() });
        let back = location(&kakao.get(&path).await);
        assert_eq!(query(&back, "error_description"), Some(description));
    }
}

#[tokio::test]
async fn the_login_servers_other_endpoints_fail_as_told_too() {
    let kakao = start().await;
    for (endpoint, method, path) in [
        ("token", "POST", "/oauth/token"),
        ("tokeninfo", "POST", "/oauth/tokeninfo"),
        ("jwks", "GET", "/.well-known/jwks.json"),
        ("discovery", "GET", "/.well-known/openid-configuration"),
    ] {
        let fault = json!({"endpoint": endpoint, "how": {"status": 503}, "times": 2});
        assert_eq!(kakao.post("/__mock/next", &fault.to_string()).await.status, 200);
        let ask = async || send(kakao.mock.addr(), method, path, "", "").await.unwrap().status;
        assert_eq!((ask().await, ask().await), (503, 503), "{path}");
        assert_ne!(ask().await, 503, "{path}");
    }
}

#[tokio::test]
async fn unlink_can_fail_and_is_then_still_owed() {
    let kakao = start().await;
    kakao.login("77", &[]).await;
    kakao.mock.next(Fault::UnlinkStatus(500));
    kakao.mock.next(Fault::UnlinkError(-1));
    let form = "target_id_type=user_id&target_id=77";
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(kakao.authorized("POST", "/v1/user/unlink", "KakaoAK admin", form).await.status);
    }
    assert_eq!(statuses, [500, 400, 200]);
}
