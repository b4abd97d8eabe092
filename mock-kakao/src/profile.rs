//! The shapes in which a person is described: user/me, OIDC userinfo, and the profile claims of an ID token.

use serde_json::{Map, Value, json};

use crate::consent::{AppItems, Items};
use crate::links::Link;
use crate::persons::{Person, Picture};
use crate::times::rfc3339;

/// What is asked of user/me.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// https picture URLs.
    pub(crate) secure: bool,
    /// Limits what is answered.
    pub(crate) keys: Option<Vec<String>>,
}

impl Wanted {
    /// Whether the member `name` of `group` is asked for.
    fn includes(&self, group: &str, name: &str) -> bool {
        self.keys.as_ref().is_none_or(|keys| {
            let key = format!("{group}.{name}");
            keys.iter().any(|asked| covers(asked, &key))
        })
    }
}

/// The answer of user/me. `says_signed_up` is for apps that sign people up themselves.
pub(crate) fn user_me(link: &Link, items: AppItems, says_signed_up: bool, wanted: &Wanted) -> Value {
    let person = &*link.person();
    let agreed = link.agreed().and(items.configured);
    let mut answer = json!({"id": person.id});
    let signed_up = link.is_signed_up();
    if says_signed_up || person.preregistered || !signed_up {
        answer["has_signed_up"] = json!(signed_up);
    }
    if agreed.is_empty() {
        return answer;
    }
    answer["connected_at"] = json!(rfc3339(link.linked_at));
    let mut account = Map::new();
    if wanted.includes("kakao_account", "profile") {
        account.extend(profile(person, agreed, items.configured, wanted.secure));
    }
    if wanted.includes("kakao_account", "email") && items.configured.has(Items::EMAIL) {
        account.extend(email(person, agreed));
    }
    // A preregistered person shows the profile and the e-mail only.
    if signed_up {
        account.extend(optional(person, agreed, items.configured, wanted));
        let properties = properties(link, agreed, wanted);
        if !properties.is_empty() {
            answer["properties"] = Value::Object(properties);
        }
    }
    if !account.is_empty() {
        answer["kakao_account"] = Value::Object(account);
    }
    answer
}

/// The answer of the OIDC userinfo endpoint.
pub(crate) fn userinfo(link: &Link, items: AppItems) -> Value {
    let person = &*link.person();
    let agreed = link.agreed().and(items.configured);
    let mut answer = claims(person, agreed);
    let mut put = |name: &str, value: Value| answer.insert(name.to_owned(), value);
    put("sub", json!(person.id.to_string()));
    if let Some(email) = person.email.as_ref().filter(|_| agreed.has(Items::EMAIL)) {
        put("email", json!(email.address));
        put("email_verified", json!(email.is_trusted()));
    }
    let optional = &person.optional;
    if let Some(name) = optional.name.as_ref().filter(|_| agreed.has(Items::NAME)) {
        put("name", json!(name));
    }
    // Upper case in Kakao's sample, lower case in its table.
    if let Some(gender) = optional.gender.as_ref().filter(|_| agreed.has(Items::GENDER)) {
        put("gender", json!(gender.to_uppercase()));
    }
    if let Some(number) = optional.phone_number.as_ref().filter(|_| agreed.has(Items::PHONE_NUMBER)) {
        put("phone_number", json!(number));
        put("phone_number_verified", json!(true));
    }
    if let Some(date) = birthdate(person, agreed) {
        put("birthdate", json!(date));
    }
    Value::Object(answer)
}

/// `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`, depending on what was agreed to (OpenID Connect Core, section 5.1).
fn birthdate(person: &Person, agreed: Items) -> Option<String> {
    let year = person.optional.birthyear.as_deref().filter(|_| agreed.has(Items::BIRTHYEAR));
    let day = person.optional.birthday.as_ref().filter(|_| agreed.has(Items::BIRTHDAY));
    let day = day.and_then(|day| day.mmdd.split_at_checked(2));
    match (year, day) {
        (year, Some((month, day))) => Some(format!("{}-{month}-{day}", year.unwrap_or("0000"))),
        (Some(year), None) => Some(year.to_owned()),
        (None, None) => None,
    }
}

/// `nickname`, `picture` and `email` of an ID token, as far as agreed. The picture is the thumbnail with an http URL, and
/// the address is there only if both flags are true, as at Kakao.
pub(crate) fn claims(person: &Person, agreed: Items) -> Map<String, Value> {
    let mut claims = Map::new();
    if agreed.has(Items::NICKNAME) {
        claims.insert("nickname".to_owned(), json!(person.nickname));
    }
    if agreed.has(Items::IMAGE) {
        claims.insert("picture".to_owned(), json!(picture_url(person, Size::Thumbnail, false)));
    }
    let email = person.email.as_ref().filter(|email| agreed.has(Items::EMAIL) && email.is_trusted());
    if let Some(email) = email {
        claims.insert("email".to_owned(), json!(email.address));
    }
    claims
}

/// The deprecated copies of the profile, and what the app saved itself.
fn properties(link: &Link, agreed: Items, wanted: &Wanted) -> Map<String, Value> {
    let person = &*link.person();
    let mut properties = Map::new();
    let mut put = |name: &str, value: Value| {
        if wanted.includes("properties", name) {
            properties.insert(name.to_owned(), value);
        }
    };
    if agreed.has(Items::NICKNAME) {
        put("nickname", json!(person.nickname));
    }
    if agreed.has(Items::IMAGE) {
        put("profile_image", json!(picture_url(person, Size::Full, wanted.secure)));
        put("thumbnail_image", json!(picture_url(person, Size::Thumbnail, wanted.secure)));
    }
    for (name, value) in &link.details().properties {
        put(name, json!(value));
    }
    properties
}

/// The fields that only some apps may ask for. A value the person does not have is simply left out.
fn optional(person: &Person, agreed: Items, configured: Items, wanted: &Wanted) -> Map<String, Value> {
    let own = &person.optional;
    let mut account = Map::new();
    let mut put = |item: Items, name: &str, value: Option<Value>| {
        if !configured.has(item) || !wanted.includes("kakao_account", name) {
            return;
        }
        if !matches!(name, "name" | "ci") {
            account.insert(format!("has_{name}"), json!(value.is_some()));
        }
        account.insert(format!("{name}_needs_agreement"), json!(!agreed.has(item)));
        if let Some(value) = value.filter(|_| agreed.has(item)) {
            account.insert(name.to_owned(), value);
        }
    };
    put(Items::NAME, "name", own.name.as_ref().map(|name| json!(name)));
    put(Items::AGE_RANGE, "age_range", own.age_range.as_ref().map(|range| json!(range)));
    put(Items::BIRTHYEAR, "birthyear", own.birthyear.as_ref().map(|year| json!(year)));
    put(Items::BIRTHDAY, "birthday", own.birthday.as_ref().map(|day| json!(day.mmdd)));
    put(Items::GENDER, "gender", own.gender.as_ref().map(|gender| json!(gender)));
    put(Items::PHONE_NUMBER, "phone_number", own.phone_number.as_ref().map(|number| json!(number)));
    put(Items::CI, "ci", own.ci.as_ref().map(|ci| json!(ci)));
    if let Some(day) = own.birthday.as_ref().filter(|_| account.contains_key("birthday")) {
        account.insert("birthday_type".to_owned(), json!(if day.lunar { "LUNAR" } else { "SOLAR" }));
        account.insert("is_leap_month".to_owned(), json!(day.leap_month));
    }
    if account.contains_key("ci") {
        account.insert("ci_authenticated_at".to_owned(), json!("2019-03-11T11:25:22Z"));
    }
    account
}

/// Whether the asked-for key covers `key`: equal, or a prefix that ends in a dot.
fn covers(asked: &str, key: &str) -> bool {
    asked == key || (asked.ends_with('.') && key.starts_with(asked))
}

fn profile(person: &Person, agreed: Items, configured: Items, secure: bool) -> Map<String, Value> {
    let mut profile = Map::new();
    if agreed.has(Items::NICKNAME) {
        profile.insert("nickname".to_owned(), json!(person.nickname));
        profile.insert("is_default_nickname".to_owned(), json!(false));
    }
    if agreed.has(Items::IMAGE) {
        profile.insert("thumbnail_image_url".to_owned(), json!(picture_url(person, Size::Thumbnail, secure)));
        profile.insert("profile_image_url".to_owned(), json!(picture_url(person, Size::Full, secure)));
        profile.insert("is_default_image".to_owned(), json!(person.picture == Picture::Default));
    }
    let mut account = Map::new();
    for (item, flag) in
        [(Items::NICKNAME, "profile_nickname_needs_agreement"), (Items::IMAGE, "profile_image_needs_agreement")]
    {
        if configured.has(item) {
            account.insert(flag.to_owned(), json!(!agreed.has(item)));
        }
    }
    if !profile.is_empty() {
        account.insert("profile".to_owned(), Value::Object(profile));
    }
    account
}

fn email(person: &Person, agreed: Items) -> Map<String, Value> {
    let mut account = Map::new();
    account.insert("has_email".to_owned(), json!(person.email.is_some()));
    account.insert("email_needs_agreement".to_owned(), json!(!agreed.has(Items::EMAIL)));
    if let Some(email) = person.email.as_ref().filter(|_| agreed.has(Items::EMAIL)) {
        account.insert("is_email_valid".to_owned(), json!(email.valid));
        account.insert("is_email_verified".to_owned(), json!(email.verified));
        account.insert("email".to_owned(), json!(email.address));
    }
    account
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
