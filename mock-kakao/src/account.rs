//! `/__mock/account`: what a person sees in Kakao's own settings, and what Kakao tells the app afterwards.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use poem::web::Data;
use poem::{Body, Request, Response, handler};
use url::form_urlencoded;

use crate::answers;
use crate::consent::Items;
use crate::pages::{render, sign_in, signed_in};
use crate::persons::Person;
use crate::sender::Delivery;
use crate::state::Mock;
use crate::times::rfc3339;
use crate::webhooks;

const FORM_LIMIT: usize = 64 * 1024;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'page> {
    person: Option<&'page Person>,
    persons: Vec<Arc<Person>>,
    app_id: i64,
    /// When the person was linked to the app; empty if not.
    linked_at: String,
    items: Vec<ItemRow>,
    /// What was just done, if anything.
    done: Option<Done>,
}

/// A consent item of the linked app.
struct ItemRow {
    id: &'static str,
    name: &'static str,
    agreed: bool,
    required: bool,
}

/// The outcome of a button.
struct Done {
    text: &'static str,
    sent: Vec<Delivery>,
}

#[handler]
pub(crate) fn show(Data(mock): Data<&Arc<Mock>>, request: &Request) -> Response {
    let person = signed_in(request).and_then(|name| mock.person(name));
    page(mock, person.as_deref(), None)
}

/// A button of the page. A script may name the person: `action=unlink&person=full`.
#[handler]
pub(crate) async fn act(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    let Ok(body) = body.into_bytes_limit(FORM_LIMIT).await else {
        return answers::text(413, "form too large");
    };
    let form: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let value = |name: &str| form.get(name).map(String::as_str);
    if value("action") == Some("sign-out") {
        return sign_in(answers::see_other("/__mock/account"), "");
    }
    let Some(person) = value("person").or(signed_in(request)).and_then(|name| mock.person(name)) else {
        return answers::text(400, "person: nobody is signed in and nobody of that name exists");
    };
    let id = person.id;
    let done = match value("action") {
        Some("sign-in") => return sign_in(answers::see_other("/__mock/account"), &person.name),
        Some("withdraw") => withdraw(mock, id, value("item").unwrap_or_default()).await,
        Some("unlink") => unlink(mock, id, "UNLINK_FROM_APPS", "연결을 끊었습니다.").await,
        Some("delete") => unlink(mock, id, "ACCOUNT_DELETE", "카카오계정을 없앴습니다.").await,
        _ => Err("action: sign-in, sign-out, withdraw, unlink or delete"),
    };
    match done {
        Ok(done) => page(mock, Some(&person), Some(done)),
        Err(error) => answers::text(400, error),
    }
}

async fn withdraw(mock: &Mock, id: i64, item: &str) -> Result<Done, &'static str> {
    let link = mock.links.get(id).ok_or("this person is not linked")?;
    let items = Items::named(item).ok_or("item: no such consent item")?;
    if !link.agreed().has(items) || mock.items.required.has(items) {
        return Err("item: not agreed to, or required");
    }
    link.withdraw(items);
    let sent = webhooks::scopes_withdrawn(mock, id, &items.ids()).await;
    Ok(Done { text: "동의를 철회했습니다.", sent })
}

/// Kakao has finished before it tells the app.
async fn unlink(mock: &Mock, id: i64, referrer: &str, text: &'static str) -> Result<Done, &'static str> {
    mock.links.remove(id).ok_or("this person is not linked")?;
    Ok(Done { text, sent: webhooks::unlinked(mock, id, referrer).await })
}

fn page(mock: &Mock, person: Option<&Person>, done: Option<Done>) -> Response {
    let link = person.and_then(|person| mock.links.get(person.id));
    let shown = link.as_ref().map_or(Items::NONE, |link| mock.items.configured.or(link.agreed()));
    let agreed = link.as_ref().map_or(Items::NONE, |link| link.agreed());
    let row = |item: &crate::consent::Item| ItemRow {
        id: item.id,
        name: item.name,
        agreed: agreed.has(item.set()),
        required: mock.items.required.has(item.set()),
    };
    let page = AccountPage {
        person,
        persons: mock.listed(),
        app_id: mock.config.app_id,
        linked_at: link.as_ref().map_or_else(String::new, |link| rfc3339(link.linked_at)),
        items: shown.list().map(row).collect(),
        done,
    };
    render(200, &page)
}
