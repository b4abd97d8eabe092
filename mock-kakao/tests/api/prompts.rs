//! Who is asked what: consent kept per person, `prompt`, `login_hint`, logout with the account, tokeninfo, event metadata.

use mock_kakao::{Ask, ConsentItem, Fault, IdTokenFault};
use serde_json::json;
use url::form_urlencoded;

use crate::http::{Answer, send};
use crate::support::{CLIENT, Kakao, authorize_path, location, query, start, start_with, text};

/// An authorize request of a browser in which `person` is signed in at the mock.
async fn as_person(kakao: &Kakao, person: &str, more: &[(&str, &str)]) -> Answer {
    let cookie = format!("Cookie: mock_kakao_person={person}\r\n");
    send(kakao.mock.addr(), "GET", &authorize_path(more), &cookie, "").await.expect("an answer")
}

/// Browsers stay signed in, and the app asks for the telephone number during use.
async fn with_phone() -> Kakao {
    start_with(|config| {
        config.stay_signed_in = true;
        config.consent_items.push(ConsentItem::new("phone_number", Ask::OnRequest));
    })
    .await
}

#[tokio::test]
async fn the_first_login_asks_and_later_ones_pass_at_once() {
    let kakao = start_with(|config| config.stay_signed_in = true).await;
    let first = as_person(&kakao, "full", &[]).await;
    assert_eq!(first.status, 200);
    for item in ["profile_nickname", "profile_image", "account_email"] {
        assert!(first.text().contains(item), "{item}");
    }
    kakao.login("full", &[]).await;
    assert!(query(&location(&as_person(&kakao, "full", &[]).await), "code").is_some());
    for prompt in ["login", "select_account", "login,select_account", "create"] {
        assert_eq!(as_person(&kakao, "full", &[("prompt", prompt)]).await.status, 200, "{prompt}");
    }
}

#[tokio::test]
async fn without_staying_signed_in_the_page_asks_every_time_who_it_is() {
    let kakao = start().await;
    kakao.login("big-id", &[]).await;
    let page = as_person(&kakao, "big-id", &[]).await;
    assert!(page.status == 200 && page.text().contains("value=\"big-id\" required checked"), "{}", page.text());
}

#[tokio::test]
async fn a_linked_person_is_asked_only_for_what_is_missing() {
    let kakao = with_phone().await;
    kakao.login("all-fields", &[]).await;
    let page = as_person(&kakao, "all-fields", &[("scope", "openid,phone_number,account_email")]).await;
    assert_eq!(page.status, 200);
    let page = page.text();
    assert!(page.contains("추가 동의") && page.contains("name=\"phone_number\""), "{page}");
    assert!(!page.contains("name=\"account_email\"") && !page.contains("type=\"radio\""));

    let asked = authorize_path(&[("scope", "openid,phone_number")]);
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("query", asked.split_once('?').unwrap().1).append_pair("person", "all-fields");
    form.append_pair("phone_number", "on").append_pair("decision", "agree");
    let back = location(&kakao.post("/__mock/consent", &form.finish()).await);
    let tokens = kakao.exchange(&query(&back, "code").unwrap(), &[]).await.json();
    assert_eq!(text(&tokens, "scope"), "account_email profile_image profile_nickname phone_number openid");
    assert!(query(&location(&as_person(&kakao, "all-fields", &[("scope", "phone_number")]).await), "code").is_some());
}

#[tokio::test]
async fn what_was_unticked_once_stays_so_until_asked_for() {
    let kakao = start().await;
    let path = authorize_path(&[]);
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("query", path.split_once('?').unwrap().1).append_pair("person", "full");
    form.append_pair("decision", "agree");
    location(&kakao.post("/__mock/consent", &form.finish()).await);
    assert_eq!(text(&kakao.login("full", &[]).await, "scope"), "profile_nickname openid");
    let asked = kakao.login("full", &[("scope", "openid account_email")]).await;
    assert_eq!(text(&asked, "scope"), "account_email profile_nickname openid");
}

#[tokio::test]
async fn prompt_none_says_what_would_have_to_be_asked() {
    let kakao = with_phone().await;
    let none = ("prompt", "none");
    let error = async |answer: Answer| query(&location(&answer), "error");
    assert_eq!(error(kakao.get(&authorize_path(&[none])).await).await.as_deref(), Some("login_required"));
    assert_eq!(error(as_person(&kakao, "full", &[none]).await).await.as_deref(), Some("consent_required"));
    kakao.login("full", &[]).await;
    assert_eq!(error(as_person(&kakao, "full", &[none]).await).await, None);
    let more = [none, ("scope", "phone_number")];
    assert_eq!(error(as_person(&kakao, "full", &more).await).await.as_deref(), Some("consent_required"));
    kakao.login("sanctioned", &[]).await;
    assert_eq!(error(as_person(&kakao, "sanctioned", &[none]).await).await.as_deref(), Some("interaction_required"));
}

#[tokio::test]
async fn a_login_hint_fills_the_page_in() {
    let kakao = start().await;
    let page = async |hint: &str| kakao.get(&authorize_path(&[("login_hint", hint)])).await.text();
    let checked = |name: &str| format!("value=\"{name}\" required checked");
    assert!(page("big@example.com").await.contains(&checked("big-id")));
    assert!(page("4000000007").await.contains(&checked("default-image")));
    assert!(page("+82 010-1234-5678").await.contains(&checked("all-fields")));
    let unknown = page("someone@else.example").await;
    assert!(unknown.contains(&checked("")) && unknown.contains("value=\"someone@else.example\""));
}

#[tokio::test]
async fn the_page_takes_a_number_or_an_address_typed_in() {
    let kakao = start().await;
    let path = authorize_path(&[]);
    let submit = async |account: &str| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("query", path.split_once('?').unwrap().1).append_pair("person", "");
        form.append_pair("account", account).append_pair("decision", "agree");
        kakao.post("/__mock/consent", &form.finish()).await
    };
    for (account, id) in [("424242", 424_242), ("big@example.com", 1_376_016_924_429_759_228_i64)] {
        let code = query(&location(&submit(account).await), "code").unwrap();
        let tokens = kakao.exchange(&code, &[]).await.json();
        let bearer = format!("Bearer {}", text(&tokens, "access_token"));
        assert_eq!(kakao.authorized("GET", "/v2/user/me", &bearer, "").await.json()["id"], id);
    }
    assert_eq!(submit("who@ever.example").await.status, 400);
}

#[tokio::test]
async fn prompt_create_offers_a_new_account() {
    let kakao = start_with(|config| config.seed = Some(3)).await;
    let page = kakao.get(&authorize_path(&[("prompt", "create")])).await.text();
    assert!(page.contains("새 계정") && page.contains("required checked"), "{page}");
}

#[tokio::test]
async fn an_app_can_accept_people_under_14() {
    let kakao = start_with(|config| config.refuse_under_14 = false).await;
    assert_eq!(kakao.user_me("under-14", "").await["id"], 4_000_000_008_i64);
}

#[tokio::test]
async fn a_code_lives_as_long_as_configured_and_dies_with_the_link() {
    let kakao = start_with(|config| config.code_lifetime = 5).await;
    let code = kakao.code("full", &[]).await;
    kakao.advance(5);
    assert_eq!(kakao.exchange(&code, &[]).await.status, 400);
    let code = kakao.code("full", &[]).await;
    kakao.mock.forget_links();
    assert_eq!(kakao.exchange(&code, &[]).await.status, 400);
}

#[tokio::test]
async fn the_admin_key_logs_out_every_token_and_must_be_a_known_one() {
    let kakao = start_with(|config| config.admin_keys = vec!["known".to_owned()]).await;
    let (first, second) = (crate::support::bearer(&kakao, "77").await, crate::support::bearer(&kakao, "77").await);
    let form = "target_id_type=user_id&target_id=77";
    assert_eq!(kakao.authorized("POST", "/v1/user/logout", "KakaoAK unknown", form).await.json()["code"], -401);
    assert_eq!(kakao.authorized("POST", "/v1/user/logout", "KakaoAK known", form).await.json(), json!({"id": 77}));
    for token in [first, second] {
        assert_eq!(kakao.authorized("GET", "/v2/user/me", &token, "").await.status, 401);
    }
    let again = crate::support::bearer(&kakao, "77").await;
    assert_eq!(kakao.authorized("GET", "/v2/user/me", &again, "").await.status, 200);
}

#[tokio::test]
async fn logging_out_with_the_account_asks_and_leads_back() {
    let kakao = start_with(|config| config.logout_redirect_uris = vec!["http://localhost:8000/bye".to_owned()]).await;
    let path = |uri: &str| format!("/oauth/logout?client_id={CLIENT}&logout_redirect_uri={uri}&state=a%20b");
    let page = kakao.get(&path("http://localhost:8000/bye")).await;
    assert!(page.status == 200 && page.text().contains("카카오계정과 함께 로그아웃"));
    let unregistered = kakao.get(&path("http://localhost:8000/other")).await;
    assert!(unregistered.status == 400 && unregistered.text().contains("KOE007"));
    let unknown = kakao.get("/oauth/logout?client_id=unknown&logout_redirect_uri=http://localhost:8000/bye").await;
    assert!(unknown.text().contains("KOE101"));

    let submit = async |scope: &str| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let sound = path("http://localhost:8000/bye");
        form.append_pair("query", sound.split_once('?').unwrap().1).append_pair("scope", scope);
        kakao.post("/__mock/logout", &form.finish()).await
    };
    let account = submit("account").await;
    assert_eq!((account.status, account.header("location")), (302, Some("http://localhost:8000/bye?state=a%20b")));
    assert!(account.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(submit("service").await.header("set-cookie"), None);
    assert!(kakao.post("/__mock/logout", "query=client_id%3Dx").await.text().contains("KOE101"));
}

#[tokio::test]
async fn tokeninfo_reads_a_sound_id_token_only() {
    let kakao = start().await;
    let info = async |token: &str| kakao.post("/oauth/tokeninfo", &format!("id_token={token}")).await;
    let tokens = kakao.login("full", &[("nonce", "n")]).await;
    let sound = text(&tokens, "id_token");
    let claims = info(sound).await.json();
    assert_eq!((&claims["sub"], &claims["nonce"]), (&json!("4000000001"), &json!("n")));
    for fault in [IdTokenFault::AlgNone, IdTokenFault::Hs256, IdTokenFault::ForeignKey, IdTokenFault::BadSignature] {
        kakao.mock.next(Fault::IdToken(fault));
        let spoiled = kakao.login("full", &[]).await;
        assert_eq!(text(&info(text(&spoiled, "id_token")).await.json(), "error_code"), "KOE400", "{fault:?}");
    }
    kakao.advance(21_599);
    let expired = info(sound).await;
    assert_eq!((expired.status, text(&expired.json(), "error")), (400, "invalid_token"));
    assert_eq!(info("").await.status, 400);
}

#[tokio::test]
async fn event_metadata_is_under_both_names() {
    let kakao = start().await;
    for name in ["ssf", "sse"] {
        let document = kakao.get(&format!("/.well-known/{name}-configuration")).await.json();
        assert_eq!(document["issuer"], kakao.mock.base_url());
        assert!(text(&document, "jwks_uri").ends_with("/.well-known/jwks.json"));
        assert!(document["delivery_methods_supported"].is_string());
    }
}

#[tokio::test]
async fn the_account_page_shows_what_a_person_gave_away() {
    let kakao = start().await;
    assert!(kakao.get("/__mock/account").await.text().contains("누구입니까"));
    let signed_in = kakao.post("/__mock/account", "action=sign-in&person=full").await;
    let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let page = async || {
        let header = format!("Cookie: {cookie}\r\n");
        send(kakao.mock.addr(), "GET", "/__mock/account", &header, "").await.unwrap().text()
    };
    assert!(page().await.contains("연결되어 있지 않습니다"));
    kakao.login("full", &[]).await;
    let linked = page().await;
    assert!(linked.contains("연결 끊기") && linked.contains("value=\"account_email\""), "{linked}");
    assert!(!linked.contains("value=\"profile_nickname\""));
    assert!(kakao.post("/__mock/account", "action=sign-out").await.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(kakao.post("/__mock/account", "action=unlink").await.status, 400);
    assert_eq!(kakao.post("/__mock/account", "action=dance&person=full").await.status, 400);
}
