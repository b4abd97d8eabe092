//! The shapes in which a person is described: user/me, OIDC userinfo, and the profile claims of an ID token.

use serde_json::{Map, Value, json};

use crate::persons::{Consents, Person, Picture};

/// Every account was connected at the same moment, so that answers compare equal between runs.
const CONNECTED_AT: &str = "2026-01-02T03:04:05Z";

/// The answer of user/me. `secure` asks for https picture URLs; `keys` limits what is answered, as `property_keys` does.
pub(crate) fn user_me(person: &Person, agreed: Consents, secure: bool, keys: Option<&[String]>) -> Value {
    let mut answer = json!({"id": person.id});
    if agreed == Consents::NONE {
        return answer;
    }
    answer["connected_at"] = json!(CONNECTED_AT);
    let wanted = |key: &str| keys.is_none_or(|keys| keys.iter().any(|wanted| covers(wanted, key)));

    let mut legacy = Map::new();
    let mut account = Map::new();
    if wanted("kakao_account.profile") {
        account.extend(profile(person, agreed, secure));
    }
    if wanted("kakao_account.email") {
        account.extend(email(person, agreed));
    }
    if agreed.nickname && wanted("properties.nickname") {
        legacy.insert("nickname".to_owned(), json!(person.nickname));
    }
    if agreed.image && wanted("properties.profile_image") {
        legacy.insert("profile_image".to_owned(), json!(picture_url(person, Size::Full, secure)));
    }
    if agreed.image && wanted("properties.thumbnail_image") {
        legacy.insert("thumbnail_image".to_owned(), json!(picture_url(person, Size::Thumbnail, secure)));
    }
    if !legacy.is_empty() {
        answer["properties"] = Value::Object(legacy);
    }
    if !account.is_empty() {
        answer["kakao_account"] = Value::Object(account);
    }
    answer
}

/// The answer of the OIDC userinfo endpoint.
pub(crate) fn userinfo(person: &Person, agreed: Consents) -> Value {
    let mut answer = claims(person, agreed);
    answer.insert("sub".to_owned(), json!(person.id.to_string()));
    if agreed.nickname {
        answer.insert("name".to_owned(), json!(person.nickname));
    }
    if agreed.email {
        answer.insert("email".to_owned(), json!(person.email.address));
        answer.insert("email_verified".to_owned(), json!(trusted_email(person)));
    }
    Value::Object(answer)
}

/// `nickname`, `picture` and `email` of an ID token, as far as agreed. The picture is the thumbnail with an http URL, and
/// the address is there only if both flags are true, as at Kakao.
pub(crate) fn claims(person: &Person, agreed: Consents) -> Map<String, Value> {
    let mut claims = Map::new();
    if agreed.nickname {
        claims.insert("nickname".to_owned(), json!(person.nickname));
    }
    if agreed.image {
        claims.insert("picture".to_owned(), json!(picture_url(person, Size::Thumbnail, false)));
    }
    if agreed.email && trusted_email(person) {
        claims.insert("email".to_owned(), json!(person.email.address));
    }
    claims
}

/// Whether the asked-for key covers `key`: equal, or a prefix that ends in a dot.
fn covers(asked: &str, key: &str) -> bool {
    asked == key || (asked.ends_with('.') && key.starts_with(asked))
}

fn profile(person: &Person, agreed: Consents, secure: bool) -> Map<String, Value> {
    let mut profile = Map::new();
    if agreed.nickname {
        profile.insert("nickname".to_owned(), json!(person.nickname));
        profile.insert("is_default_nickname".to_owned(), json!(false));
    }
    if agreed.image {
        profile.insert("thumbnail_image_url".to_owned(), json!(picture_url(person, Size::Thumbnail, secure)));
        profile.insert("profile_image_url".to_owned(), json!(picture_url(person, Size::Full, secure)));
        profile.insert("is_default_image".to_owned(), json!(person.picture == Picture::Default));
    }
    let mut account = Map::new();
    account.insert("profile_nickname_needs_agreement".to_owned(), json!(!agreed.nickname));
    account.insert("profile_image_needs_agreement".to_owned(), json!(!agreed.image));
    if !profile.is_empty() {
        account.insert("profile".to_owned(), Value::Object(profile));
    }
    account
}

fn email(person: &Person, agreed: Consents) -> Map<String, Value> {
    let mut account = Map::new();
    account.insert("has_email".to_owned(), json!(true));
    account.insert("email_needs_agreement".to_owned(), json!(!agreed.email));
    if agreed.email {
        account.insert("is_email_valid".to_owned(), json!(person.email.valid));
        account.insert("is_email_verified".to_owned(), json!(person.email.verified));
        account.insert("email".to_owned(), json!(person.email.address));
    }
    account
}

fn trusted_email(person: &Person) -> bool {
    person.email.valid && person.email.verified
}

#[derive(Clone, Copy)]
enum Size {
    Thumbnail,
    Full,
}

/// A URL on Kakao's picture host, since clients allow only that host; there is no file behind the own ones.
fn picture_url(person: &Person, size: Size, secure: bool) -> String {
    let scheme = if secure { "https" } else { "http" };
    let pixels = match size {
        Size::Thumbnail => "110x110",
        Size::Full => "640x640",
    };
    match person.picture {
        Picture::Own => format!("{scheme}://k.kakaocdn.net/dn/mock/{}/img_{pixels}.jpg", person.id),
        Picture::Default => format!(
            "{scheme}://img1.kakaocdn.net/thumb/R{pixels}.q70/?fname={scheme}://t1.kakaocdn.net/account_images/default_profile.jpeg"
        ),
    }
}
