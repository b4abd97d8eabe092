//! What webhooks say, what receivers answer, and when webhooks are sent by themselves.

use std::time::Duration;

use mock_kakao::{UnlinkMethod, UnlinkWebhook};
use serde_json::{Value, json};

use crate::http::send;
use crate::receiver::Receiver;
use crate::support::{CLIENT, Kakao, START, bearer, part, start, start_with};

async fn post(kakao: &Kakao, webhook: &str, body: &Value) -> Value {
    kakao.post(&format!("/__mock/webhooks/{webhook}"), &body.to_string()).await.json()
}

/// A mock that sends both webhooks to these receivers, and does not wait between attempts.
async fn subscribed(unlink: &Receiver, status: &Receiver) -> Kakao {
    let (unlink, status) = (unlink.url(), status.url());
    start_with(|config| {
        config.unlink_webhook = Some(UnlinkWebhook { url: unlink, method: UnlinkMethod::Form });
        config.status_webhook = Some(status);
        config.admin_keys = vec!["primary".to_owned(), "second".to_owned()];
        config.set_backoff = Duration::ZERO;
    })
    .await
}

#[tokio::test]
async fn the_unlink_webhook_is_sent_in_all_three_forms() {
    let receiver = Receiver::start(&[("200 OK\r\nContent-Type: text/plain", "fine")]).await;
    let kakao = subscribed(&receiver, &receiver).await;
    for method in ["get", "form", "json"] {
        let answer = post(&kakao, "unlink", &json!({"method": method, "user": "77"})).await;
        assert_eq!((&answer["status"], &answer["as_expected"]), (&json!(200), &json!(true)), "{method}");
        assert_eq!((&answer["body"], &answer["content_type"]), (&json!("fine"), &json!("text/plain")));
        assert_eq!((&answer["within_3_seconds"], answer["latency_ms"].is_u64()), (&json!(true), true));
    }
    let sent = receiver.received();
    for request in &sent {
        assert_eq!(request.header("authorization"), Some("KakaoAK primary"));
    }
    let fields = "app_id=1234567&user_id=77&referrer_type=UNLINK_FROM_APPS";
    assert!(sent[0].head.starts_with(&format!("GET /hook?{fields} HTTP/1.1")), "{}", sent[0].head);
    assert_eq!(sent[1].body, fields);
    assert!(sent[1].header("content-type").unwrap().starts_with("application/x-www-form-urlencoded"));
    let members: Value = serde_json::from_str(&sent[2].body).unwrap();
    assert_eq!(members, json!({"app_id": "1234567", "user_id": "77", "referrer_type": "UNLINK_FROM_APPS"}));
}

#[tokio::test]
async fn an_unlink_webhook_can_be_wrong_in_every_way() {
    let receiver = Receiver::start(&[("401 Unauthorized", "")]).await;
    let kakao = subscribed(&receiver, &receiver).await;
    for defect in ["wrong_key", "no_key", "wrong_app_id", "no_app_id", "no_user_id", "no_referrer_type", "oversized"] {
        let answer = post(&kakao, "unlink", &json!({"defect": defect})).await;
        assert_eq!((&answer["status"], &answer["as_expected"]), (&json!(401), &json!(false)), "{defect}");
        assert!(answer["summary"].as_str().unwrap().contains(defect));
    }
    let sent = receiver.received();
    assert_eq!(sent[0].header("authorization"), Some("KakaoAK not-the-admin-key"));
    assert_eq!(sent[1].header("authorization"), None);
    assert!(sent[2].body.contains("app_id=1234568"));
    assert!(!sent[3].body.contains("app_id"));
    assert!(!sent[4].body.contains("user_id"));
    assert!(!sent[5].body.contains("referrer_type"));
    assert!(sent[6].body.len() > 100_000);
}

#[tokio::test]
async fn a_set_is_pushed_with_the_event_and_its_members() {
    let receiver = Receiver::start(&[("202 Accepted", "")]).await;
    let kakao = subscribed(&receiver, &receiver).await;
    let notice = json!({"user": "77", "event": "user-scope-withdraw", "scope": ["account_email"], "jti": "chosen"});
    let answer = post(&kakao, "account-status", &notice).await;
    assert_eq!((&answer["status"], &answer["as_expected"]), (&json!(202), &json!(true)));
    let request = receiver.received().remove(0);
    assert_eq!(request.header("content-type"), Some("application/secevent+jwt"));
    let claims = part(&request.body, 1);
    assert_eq!((&claims["aud"], &claims["sub"], &claims["jti"]), (&json!(CLIENT), &json!("77"), &json!("chosen")));
    let event = "https://schemas.openid.net/secevent/oauth/event-type/user-scope-withdraw";
    assert_eq!(claims["events"][event]["scope"], json!(["account_email"]));

    let several = json!({"events": ["account-purged", "user-profile-changed", "https://example.com/other"]});
    post(&kakao, "account-status", &several).await;
    let claims = part(&receiver.received()[1].body, 1);
    let uris: Vec<_> = claims["events"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        uris,
        [
            "https://example.com/other",
            "https://schemas.kakao.com/platevent/kakao/event-type/user-profile-changed",
            "https://schemas.openid.net/secevent/risc/event-type/account-purged",
        ]
    );
}

#[tokio::test]
async fn a_set_can_be_wrong_in_every_way() {
    let refusal = r#"{"err":"invalid_request","description":"no"}"#;
    let receiver = Receiver::start(&[("400 Bad Request\r\nContent-Type: application/json", refusal)]).await;
    let kakao = subscribed(&receiver, &receiver).await;
    let push = async |defect: &str| {
        let answer = post(&kakao, "account-status", &json!({"defect": defect})).await;
        assert_eq!((&answer["status"], &answer["as_expected"]), (&json!(400), &json!(true)), "{defect}: {answer}");
        receiver.received().pop().unwrap()
    };
    let kid = part(&push("bad_signature").await.body, 0)["kid"].clone();
    assert_eq!(part(&push("foreign_key").await.body, 0)["kid"], kid);
    assert_ne!(part(&push("unknown_kid").await.body, 0)["kid"], kid);
    assert_eq!(part(&push("no_kid").await.body, 0).get("kid"), None);
    assert_eq!(part(&push("bad_typ").await.body, 0)["typ"], "JWT");
    assert_eq!(part(&push("no_typ").await.body, 0).get("typ"), None);
    assert!(push("alg_none").await.body.ends_with('.'));
    assert_eq!(part(&push("hs256").await.body, 0)["alg"], "HS256");
    assert_ne!(part(&push("wrong_aud").await.body, 1)["aud"], CLIENT);
    assert_ne!(part(&push("wrong_iss").await.body, 1)["iss"], kakao.mock.base_url());
    assert!(part(&push("old_iat").await.body, 1)["iat"].as_i64().unwrap() < START);
    assert!(part(&push("future_iat").await.body, 1)["iat"].as_i64().unwrap() > START);
    assert_eq!(part(&push("no_jti").await.body, 1).get("jti"), None);
    assert_eq!(part(&push("no_events").await.body, 1).get("events"), None);
    let used = part(&receiver.received().pop().unwrap().body, 1)["jti"].clone();
    assert_eq!(part(&push("duplicate_jti").await.body, 1)["jti"], used);
    assert!(push("oversized").await.body.len() > 100_000);
    assert_eq!(push("wrong_content_type").await.header("content-type"), Some("application/json"));
    assert_eq!(push("not_a_token").await.body, "not.a.token");
}

#[tokio::test]
async fn a_set_is_tried_again_until_the_answer_is_final() {
    let receiver =
        Receiver::start(&[("500 Oops", "first"), ("302 Found\r\nLocation: /other", ""), ("202 Accepted", "")]).await;
    let kakao = subscribed(&receiver, &receiver).await;
    let answer = post(&kakao, "account-status", &json!({})).await;
    assert_eq!((&answer["status"], &answer["attempt"]), (&json!(202), &json!(3)));
    let sent = receiver.received();
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|request| request.body == sent[0].body));

    let down = Receiver::start(&[("503 Down", "")]).await;
    let answer = post(&kakao, "account-status", &json!({"url": down.url(), "attempts": 2})).await;
    assert_eq!(
        (&answer["status"], &answer["attempt"], &answer["as_expected"]),
        (&json!(503), &json!(2), &json!(false))
    );
    let log = kakao.get("/__mock/webhooks/log").await.json();
    let statuses: Vec<_> =
        log["deliveries"].as_array().unwrap().iter().map(|delivery| delivery["status"].clone()).collect();
    assert_eq!(statuses, [503, 503, 202, 302, 500]);
    assert_eq!(kakao.mock.deliveries(), log["deliveries"]);
}

#[tokio::test]
async fn an_answer_kakao_does_not_expect_is_called_that() {
    let receiver = Receiver::start(&[("400 Bad Request", "not json")]).await;
    let kakao = subscribed(&receiver, &receiver).await;
    assert_eq!(post(&kakao, "account-status", &json!({})).await["as_expected"], false);
    let accepted = Receiver::start(&[("202 Accepted", "")]).await;
    assert_eq!(post(&kakao, "unlink", &json!({"url": accepted.url()})).await["as_expected"], false);
}

#[tokio::test]
async fn only_the_first_two_kilobytes_of_an_answer_are_kept() {
    let receiver = Receiver::start(&[("200 OK", &"y".repeat(10_000))]).await;
    let kakao = subscribed(&receiver, &receiver).await;
    assert_eq!(post(&kakao, "unlink", &json!({})).await["body"], "y".repeat(2048));
}

#[tokio::test]
async fn a_receiver_that_is_away_or_silent_is_reported() {
    let kakao = start().await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let answer = post(&kakao, "unlink", &json!({"url": url})).await;
    assert_eq!((&answer["status"], &answer["within_3_seconds"]), (&Value::Null, &json!(false)));
    assert!(answer["error"].is_string());
    let silent = Receiver::start(&[]).await;
    let answer = post(&kakao, "unlink", &json!({"url": silent.url()})).await;
    assert_eq!((&answer["error"], &answer["as_expected"]), (&json!("no answer within 3 seconds"), &json!(false)));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_a_reason() {
    let kakao = start().await;
    for (webhook, body, reason) in [
        ("unlink", json!({}), "url"),
        ("unlink", json!({"url": "file:///etc/passwd"}), "url"),
        ("unlink", json!({"url": "http://127.0.0.1:1", "user": "nobody"}), "nobody"),
        ("unlink", json!({"url": "http://127.0.0.1:1", "defect": "unheard_of"}), "unheard_of"),
        ("account-status", json!({"url": "http://127.0.0.1:1", "defect": "duplicate_jti"}), "duplicate_jti"),
        ("account-status", json!({"url": "http://127.0.0.1:1", "attempts": 0}), "attempts"),
        ("account-status", json!({"url": "http://127.0.0.1:1", "attempts": 11}), "attempts"),
        ("account-status", json!({"link": "x"}), "link"),
    ] {
        let error = post(&kakao, webhook, &body).await["error"].as_str().unwrap().to_owned();
        assert!(error.contains(reason), "{body}: {error}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_cannot_make_the_mock_send_anything() {
    let receiver = Receiver::start(&[("200 OK", "")]).await;
    let kakao = subscribed(&receiver, &receiver).await;
    for (path, body) in [
        ("/__mock/webhooks/unlink", "{}"),
        ("/__mock/webhooks/account-status", "{}"),
        ("/__mock/webhooks", "kind=unlink"),
        ("/__mock/account", "action=unlink&person=full"),
        ("/__mock/next", r#"{"error":"KOE320"}"#),
        ("/__mock/reset", ""),
    ] {
        for headers in ["Sec-Fetch-Site: cross-site\r\n", "Origin: http://evil.example\r\n", "Origin: null\r\n"] {
            let answer = send(kakao.mock.addr(), "POST", path, headers, body).await.unwrap();
            assert_eq!(answer.status, 403, "{path} {headers}");
        }
    }
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn the_page_has_both_forms_and_shows_the_answers() {
    let receiver = Receiver::start(&[("200 OK", "<b>bold</b>"), ("202 Accepted", "")]).await;
    let kakao = subscribed(&receiver, &receiver).await;
    let page = kakao.get("/__mock/webhooks").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains(&format!("value=\"{}\"", receiver.url())) && page.text().contains("아직 없습니다"));
    let sent =
        kakao.post("/__mock/webhooks", "kind=unlink&url=&user=full&referrer_type=ACCOUNT_DELETE&method=&defect=").await;
    assert_eq!((sent.status, sent.header("location")), (303, Some("/__mock/webhooks#log")));
    let form = "kind=account-status&user=77&event=account-purged&second_event=user-unlinked&scope=name%2C+gender";
    assert_eq!(kakao.post("/__mock/webhooks", form).await.status, 303);
    let claims = part(&receiver.received()[1].body, 1);
    assert_eq!(claims["events"].as_object().unwrap().len(), 2);
    assert_eq!(
        claims["events"]["https://schemas.openid.net/secevent/risc/event-type/account-purged"]["scope"],
        json!(["name", "gender"])
    );
    let page = kakao.get("/__mock/webhooks").await.text();
    assert!(page.contains("ACCOUNT_DELETE 4000000001") && page.contains("<strong>202</strong>"), "{page}");
    assert!(!page.contains("<b>bold") && page.contains("bold"));
    let refused = kakao.post("/__mock/webhooks", "kind=unlink&user=nobody").await;
    assert!(refused.status == 400 && refused.text().contains("nobody"));
}

#[tokio::test]
async fn unlinking_in_kakaos_settings_tells_the_app_by_both_webhooks() {
    for (action, referrer) in [("unlink", "UNLINK_FROM_APPS"), ("delete", "ACCOUNT_DELETE")] {
        let unlink = Receiver::start(&[("200 OK", "")]).await;
        let status = Receiver::start(&[("202 Accepted", "")]).await;
        let kakao = subscribed(&unlink, &status).await;
        let token = bearer(&kakao, "full").await;
        let page = kakao.post("/__mock/account", &format!("action={action}&person=full")).await;
        assert!(page.status == 200 && page.text().contains("카카오가 기대하는 응답"), "{}", page.text());
        assert_eq!(unlink.received()[0].body, format!("app_id=1234567&user_id=4000000001&referrer_type={referrer}"));
        let claims = part(&status.received()[0].body, 1);
        let event = "https://schemas.openid.net/secevent/oauth/event-type/user-unlinked";
        assert_eq!(claims["events"][event]["reason"], referrer);
        assert_eq!(kakao.authorized("GET", "/v2/user/me", &token, "").await.status, 401);
        assert_eq!(kakao.post("/__mock/account", &format!("action={action}&person=full")).await.status, 400);
    }
}

#[tokio::test]
async fn withdrawing_an_item_in_kakaos_settings_tells_the_app() {
    let unlink = Receiver::start(&[("200 OK", "")]).await;
    let status = Receiver::start(&[("202 Accepted", "")]).await;
    let kakao = subscribed(&unlink, &status).await;
    kakao.login("full", &[]).await;
    assert_eq!(kakao.post("/__mock/account", "action=withdraw&person=full&item=account_email").await.status, 200);
    let claims = part(&status.received()[0].body, 1);
    let event = "https://schemas.openid.net/secevent/oauth/event-type/user-scope-withdraw";
    assert_eq!(claims["events"][event]["scope"], json!(["account_email"]));
    assert!(unlink.received().is_empty());
    for refused in ["account_email", "profile_nickname", "unknown"] {
        let form = format!("action=withdraw&person=full&item={refused}");
        assert_eq!(kakao.post("/__mock/account", &form).await.status, 400, "{refused}");
    }
}

#[tokio::test]
async fn the_apps_own_unlink_sends_nothing() {
    let receiver = Receiver::start(&[("200 OK", "")]).await;
    let kakao = subscribed(&receiver, &receiver).await;
    let token = bearer(&kakao, "full").await;
    assert_eq!(kakao.authorized("POST", "/v1/user/unlink", &token, "").await.status, 200);
    assert!(receiver.received().is_empty());
    assert_eq!(kakao.mock.deliveries(), json!([]));
}

#[tokio::test]
async fn whoever_does_not_sign_up_within_a_day_is_unlinked_and_reported() {
    let receiver = Receiver::start(&[("200 OK", "")]).await;
    let kakao = subscribed(&receiver, &receiver).await;
    let token = bearer(&kakao, "preregistered").await;
    let clock =
        async |seconds: i64| kakao.post("/__mock/clock", &json!({"advance_seconds": seconds}).to_string()).await.json();
    assert_eq!(clock(3600).await, json!({"now": START + 3600, "unlinked": []}));
    assert_eq!(clock(86_400).await["unlinked"], json!([4_000_000_011_i64]));
    assert!(receiver.received()[0].body.ends_with("referrer_type=INCOMPLETE_SIGN_UP"));
    assert_eq!(kakao.authorized("GET", "/v2/user/me", &token, "").await.status, 401);
}
