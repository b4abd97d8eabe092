//! Consent items, signup, service terms, and the lists for the app itself.

use mock_kakao::{Ask, ConsentItem, ServiceTerm};
use serde_json::{Value, json};

use crate::support::{Kakao, bearer, start, start_with, text};

const FORM: &str = "target_id_type=user_id&target_id=";

/// An app that may ask for everything.
async fn biz_app() -> Kakao {
    let extra = ["name", "gender", "age_range", "birthday", "birthyear", "phone_number", "shipping_address"];
    start_with(|config| config.consent_items.extend(extra.map(|id| ConsentItem::new(id, Ask::Optional)))).await
}

async fn scopes(kakao: &Kakao, bearer: &str, query: &str) -> Value {
    kakao.authorized("GET", &format!("/v2/user/scopes{query}"), bearer, "").await.json()
}

#[tokio::test]
async fn the_state_of_every_item_can_be_asked_for() {
    let kakao = start().await;
    let token = bearer(&kakao, "nickname-only").await;
    let all = scopes(&kakao, &token, "").await;
    assert_eq!(all["id"], 4_000_000_002_i64);
    let email = json!({
        "id": "account_email", "display_name": "카카오계정(이메일)", "type": "PRIVACY", "using": true, "agreed": false
    });
    assert_eq!(all["scopes"][0], email);
    let nickname = scopes(&kakao, &token, "?scopes=[%22profile_nickname%22]").await;
    assert_eq!(nickname["scopes"].as_array().unwrap().len(), 1);
    assert_eq!(nickname["scopes"][0]["revocable"], false);
    assert_eq!(scopes(&kakao, &token, "?scopes=[%22phone_number%22]").await["code"], -2);
    assert_eq!(scopes(&kakao, &token, "?scopes=account_email").await["code"], -2);
}

#[tokio::test]
async fn a_withdrawn_item_is_gone_at_once_and_can_be_asked_for_again() {
    let kakao = start().await;
    let token = bearer(&kakao, "full").await;
    let revoke = async |items: &str| {
        kakao.authorized("POST", "/v2/user/revoke/scopes", &token, &format!("scopes={items}")).await
    };
    let answer = revoke(r#"["account_email"]"#).await.json();
    assert_eq!(answer["scopes"][0]["agreed"], false);
    let me = kakao.authorized("GET", "/v2/user/me", &token, "").await.json();
    assert_eq!(me["kakao_account"]["email_needs_agreement"], true);
    assert_eq!(me["kakao_account"].get("email"), None);
    let later = kakao.login("full", &[]).await;
    assert_eq!(text(&later, "scope"), "profile_image profile_nickname openid");
    let asked = kakao.login("full", &[("scope", "openid,account_email")]).await;
    assert_eq!(text(&asked, "scope"), "account_email profile_image profile_nickname openid");

    let required = revoke(r#"["profile_nickname"]"#).await;
    assert_eq!((required.status, &required.json()["code"]), (403, &json!(-3)));
    let unknown = revoke(r#"["no_such_item"]"#).await;
    assert_eq!((unknown.status, &unknown.json()["code"]), (400, &json!(-2)));
    let by_admin = format!("{FORM}4000000001&scopes=[\"profile_image\"]");
    let answer = kakao.authorized("POST", "/v2/user/revoke/scopes", "KakaoAK key", &by_admin).await.json();
    assert_eq!(answer["scopes"][0]["agreed"], false);
}

#[tokio::test]
async fn optional_fields_are_there_when_the_app_may_ask_and_the_person_has_them() {
    let kakao = biz_app().await;
    let account = kakao.user_me("all-fields", "").await["kakao_account"].clone();
    for (name, value) in [
        ("name", "서모두"),
        ("gender", "female"),
        ("age_range", "20~29"),
        ("birthday", "1130"),
        ("birthday_type", "LUNAR"),
        ("birthyear", "2002"),
        ("phone_number", "+82 010-1234-5678"),
    ] {
        assert_eq!(account[name], value, "{name}");
    }
    assert_eq!(account["phone_number_needs_agreement"], false);
    let abroad = kakao.user_me("abroad", "").await["kakao_account"].clone();
    assert_eq!((&abroad["phone_number"], &abroad["birthday_type"]), (&json!("+1 202-555-0143"), &json!("SOLAR")));
    assert_eq!((abroad.get("birthyear"), &abroad["has_birthyear"]), (None, &json!(false)));
    let unconsented = kakao.user_me("nickname-only", "").await["kakao_account"].clone();
    assert_eq!((&unconsented["name_needs_agreement"], unconsented.get("name")), (&json!(true), None));
    let other_app = start().await.user_me("all-fields", "").await["kakao_account"].clone();
    assert_eq!(other_app.get("phone_number_needs_agreement"), None);
}

#[tokio::test]
async fn property_keys_name_optional_fields_too() {
    let kakao = biz_app().await;
    let me = kakao.user_me("all-fields", "?property_keys=[%22kakao_account.birthday%22]").await;
    let account = me["kakao_account"].as_object().unwrap();
    let keys: Vec<_> = account.keys().map(String::as_str).collect();
    assert_eq!(keys, ["birthday", "birthday_needs_agreement", "birthday_type", "has_birthday", "is_leap_month"]);
}

#[tokio::test]
async fn userinfo_writes_the_birth_date_as_far_as_it_is_known() {
    let kakao = biz_app().await;
    let info = async |person: &str| {
        let token = bearer(&kakao, person).await;
        kakao.authorized("GET", "/v1/oidc/userinfo", &token, "").await.json()
    };
    let all = info("all-fields").await;
    assert_eq!((&all["birthdate"], &all["gender"]), (&json!("2002-11-30"), &json!("FEMALE")));
    assert_eq!((&all["phone_number"], &all["phone_number_verified"]), (&json!("+82 010-1234-5678"), &json!(true)));
    assert_eq!((&all["name"], &all["nickname"]), (&json!("서모두"), &json!("서모두")));
    assert_eq!(info("abroad").await["birthdate"], "0000-02-29");
    let year_only =
        start_with(|config| config.consent_items = vec![ConsentItem::new("birthyear", Ask::Required)]).await;
    let token = bearer(&year_only, "all-fields").await;
    assert_eq!(year_only.authorized("GET", "/v1/oidc/userinfo", &token, "").await.json()["birthdate"], "2002");
}

#[tokio::test]
async fn an_item_asked_for_during_use_is_not_part_of_the_first_consent() {
    let item = ConsentItem::new("phone_number", Ask::OnRequest);
    let kakao = start_with(|config| config.consent_items.push(item)).await;
    let first = kakao.user_me("all-fields", "").await["kakao_account"].clone();
    assert_eq!((&first["phone_number_needs_agreement"], first.get("phone_number")), (&json!(true), None));
    kakao.login("all-fields", &[("scope", "phone_number")]).await;
    let later = kakao.user_me("all-fields", "").await["kakao_account"].clone();
    assert_eq!(
        (&later["phone_number_needs_agreement"], &later["phone_number"]),
        (&json!(false), &json!("+82 010-1234-5678"))
    );
}

#[tokio::test]
async fn an_unknown_consent_item_stops_the_start() {
    let config =
        mock_kakao::MockConfig { consent_items: vec![ConsentItem::new("phone", Ask::Required)], ..Default::default() };
    let error = mock_kakao::MockKakao::start(config).await.err().expect("a refusal");
    assert!(error.to_string().contains("phone_number"), "{error}");
}

#[tokio::test]
async fn people_sign_up_once_where_the_app_links_them_itself() {
    let kakao = start_with(|config| config.auto_link = false).await;
    let token = bearer(&kakao, "full").await;
    let me = async || kakao.authorized("GET", "/v2/user/me", &token, "").await.json();
    assert_eq!((&me().await["has_signed_up"], me().await.get("properties")), (&json!(false), None));
    let signup = async || kakao.authorized("POST", "/v1/user/signup", &token, "properties={\"team\":\"a\"}").await;
    assert_eq!(signup().await.json(), json!({"id": 4_000_000_001_i64}));
    let again = signup().await;
    assert_eq!((again.status, &again.json()["code"]), (400, &json!(-102)));
    assert_eq!((&me().await["has_signed_up"], &me().await["properties"]["team"]), (&json!(true), &json!("a")));
}

#[tokio::test]
async fn the_preregistered_person_signs_up_even_if_others_are_linked_by_themselves() {
    let kakao = start().await;
    let token = bearer(&kakao, "preregistered").await;
    let me = async || kakao.authorized("GET", "/v2/user/me", &token, "").await.json();
    assert_eq!(me().await["has_signed_up"], false);
    assert_eq!(kakao.authorized("POST", "/v1/user/signup", &token, "").await.status, 200);
    assert_eq!(me().await["has_signed_up"], true);
    let linked = bearer(&kakao, "full").await;
    assert_eq!(kakao.authorized("POST", "/v1/user/signup", &linked, "").await.json()["code"], -102);
    assert_eq!(kakao.user_me("full", "").await.get("has_signed_up"), None);
}

#[tokio::test]
async fn properties_are_saved_and_unknown_ones_refused() {
    let kakao = start_with(|config| config.user_properties = vec!["team".to_owned()]).await;
    let token = bearer(&kakao, "full").await;
    let save = async |form: &str| kakao.authorized("POST", "/v1/user/update_profile", &token, form).await.json();
    assert_eq!(save("properties={\"team\":\"b\"}").await, json!({"id": 4_000_000_001_i64}));
    assert_eq!(kakao.user_me("full", "").await["properties"]["team"], "b");
    assert_eq!(save("properties={\"other\":\"b\"}").await["code"], -201);
    assert_eq!(save("").await["code"], -2);
    assert_eq!(save("properties=[]").await["code"], -2);
}

#[tokio::test]
async fn the_numbers_of_linked_people_come_in_pages() {
    let kakao = start().await;
    for id in ["30", "10", "20", "50", "40"] {
        kakao.login(id, &[]).await;
    }
    let ids =
        async |query: &str| kakao.authorized("GET", &format!("/v1/user/ids?{query}"), "KakaoAK key", "").await.json();
    let base = kakao.mock.base_url();
    let first = ids("limit=2").await;
    assert_eq!((&first["elements"], &first["before_url"]), (&json!([10, 20]), &Value::Null));
    assert_eq!(first["after_url"], format!("{base}/v1/user/ids?limit=2&order=asc&from_id=30"));
    let second = ids("limit=2&order=asc&from_id=30").await;
    assert_eq!(second["elements"], json!([30, 40]));
    assert_eq!(second["before_url"], format!("{base}/v1/user/ids?limit=2&order=asc&from_id=10"));
    let last = ids("limit=2&from_id=50").await;
    assert_eq!((&last["elements"], &last["after_url"]), (&json!([50]), &Value::Null));
    assert_eq!(ids("order=desc&from_id=30").await["elements"], json!([30, 20, 10]));
    assert_eq!(ids("from_id=-9223372036854775808&limit=1").await["elements"], json!([10]));
    assert_eq!(ids("from_id=9223372036854775807&order=desc&limit=1").await["elements"], json!([50]));
    for refused in ["limit=0", "limit=101", "order=up", "from_id=x"] {
        assert_eq!(ids(refused).await["code"], -2, "{refused}");
    }
    let token = bearer(&kakao, "full").await;
    assert_eq!(kakao.authorized("GET", "/v1/user/ids", &token, "").await.json()["code"], -401);
}

#[tokio::test]
async fn many_people_are_read_at_once_with_the_admin_key() {
    let kakao = start_with(|config| config.admin_keys = vec!["primary".to_owned(), "other".to_owned()]).await;
    kakao.login("77", &[]).await;
    kakao.login("full", &[]).await;
    let users = async |key: &str, ids: &str| {
        let path = format!("/v2/app/users?target_id_type=user_id&target_ids={ids}");
        kakao.authorized("GET", &path, key, "").await.json()
    };
    let list = users("KakaoAK other", "[77,78,4000000001]").await;
    assert_eq!(
        list.as_array().unwrap().iter().map(|person| &person["id"]).collect::<Vec<_>>(),
        [77, 4_000_000_001_i64]
    );
    assert_eq!(users("KakaoAK wrong", "[77]").await["code"], -401);
    assert_eq!(users("KakaoAK primary", "77").await["code"], -2);
}

#[tokio::test]
async fn the_admin_key_reads_what_a_token_reads() {
    let kakao = start().await;
    kakao.login("77", &[]).await;
    let path = format!("/v2/user/me?{FORM}77");
    let me = kakao.authorized("GET", &path, "KakaoAK key", "").await.json();
    assert_eq!(me["kakao_account"]["email"], "77@example.com");
    assert_eq!(kakao.authorized("GET", "/v2/user/me", "KakaoAK key", "").await.json()["code"], -2);
    let stranger = format!("/v2/user/me?{FORM}78");
    assert_eq!(kakao.authorized("GET", &stranger, "KakaoAK key", "").await.json()["code"], -101);
}

#[tokio::test]
async fn a_sanctioned_account_signs_in_but_its_token_is_refused() {
    let kakao = start().await;
    let token = bearer(&kakao, "sanctioned").await;
    for path in ["/v2/user/me", "/v1/user/access_token_info", "/v1/oidc/userinfo", "/v2/user/scopes"] {
        let answer = kakao.authorized("GET", path, &token, "").await;
        assert_eq!((answer.status, &answer.json()["code"]), (403, &json!(-4)), "{path}");
    }
    let back = kakao.agree("sanctioned", &[("prompt", "none")]).await;
    assert_eq!(crate::support::query(&back, "error").as_deref(), Some("interaction_required"));
}

#[tokio::test]
async fn service_terms_are_agreed_to_read_revoked_and_upgraded() {
    let term = |tag: &str, required| ServiceTerm { tag: tag.to_owned(), required };
    let kakao = start_with(|config| config.service_terms = vec![term("base", true), term("news", false)]).await;
    let tokens = kakao.login("full", &[("service_terms", "base")]).await;
    let token = format!("Bearer {}", text(&tokens, "access_token"));
    let call = async |method: &str, path: &str| kakao.authorized(method, path, &token, "").await.json();
    let agreed = call("GET", "/v2/user/service_terms").await;
    assert_eq!(agreed["service_terms"][0]["agreed_by"], "KAUTH");
    assert_eq!(agreed["service_terms"].as_array().unwrap().len(), 1);
    let all = call("GET", "/v2/user/service_terms?result=app_service_terms").await;
    assert_eq!(all["service_terms"][1], json!({"tag": "news", "required": false, "agreed": false, "revocable": true}));
    let upgraded = call("POST", "/v2/user/upgrade/service_terms?tags=news").await;
    assert_eq!(upgraded["agreed_service_terms"][0]["agreed_by"], "KAPI");
    let revoked = call("POST", "/v2/user/revoke/service_terms?tags=news").await;
    assert_eq!(revoked["revoked_service_terms"], json!([{"tag": "news", "agreed": false}]));
    assert_eq!(call("POST", "/v2/user/revoke/service_terms?tags=base").await["code"], -3);
    assert_eq!(call("POST", "/v2/user/upgrade/service_terms?tags=unknown").await["code"], -2);
}

#[tokio::test]
async fn shipping_addresses_need_consent_and_come_default_first() {
    let kakao = biz_app().await;
    let ask = async |person: &str, query: &str| {
        let token = bearer(&kakao, person).await;
        kakao.authorized("GET", &format!("/v1/user/shipping_address{query}"), &token, "").await.json()
    };
    let all = ask("all-fields", "").await;
    assert_eq!(
        (&all["user_id"], &all["shipping_addresses_needs_agreement"]),
        (&json!(4_000_000_009_i64), &json!(false))
    );
    assert_eq!(all["shipping_addresses"][0]["is_default"], true);
    assert_eq!(ask("all-fields", "?address_id=57").await["shipping_addresses"].as_array().unwrap().len(), 1);
    assert_eq!(ask("all-fields", "?page_size=1").await["code"], -2);
    let without = ask("nickname-only", "").await;
    assert_eq!(without, json!({"user_id": 4_000_000_002_i64, "shipping_addresses_needs_agreement": true}));
}
