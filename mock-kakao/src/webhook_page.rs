//! `/__mock/webhooks`: a form for each webhook, and what receivers answered.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use poem::web::Data;
use poem::{Body, Response, handler};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::answers;
use crate::pages::render;
use crate::sender::{Delivery, Kind};
use crate::sets::EVENTS;
use crate::state::Mock;
use crate::times::rfc3339;
use crate::webhooks::{self, REFERRERS, SET_DEFECTS, UNLINK_DEFECTS};

const FORM_LIMIT: usize = 64 * 1024;

#[derive(Template)]
#[template(path = "webhooks.html")]
struct WebhooksPage<'page> {
    error: Option<&'page str>,
    unlink_url: &'page str,
    status_url: &'page str,
    referrers: [&'static str; 5],
    unlink_defects: [&'static str; 7],
    events: Vec<&'static str>,
    set_defects: [&'static str; 18],
    deliveries: Vec<Delivery>,
}

impl WebhooksPage<'_> {
    fn name(delivery: &Delivery) -> &'static str {
        match delivery.kind {
            Kind::Unlink => "연결 해제",
            Kind::AccountStatus => "계정 상태",
        }
    }

    fn moment(delivery: &Delivery) -> String {
        rfc3339(delivery.at)
    }
}

#[handler]
pub(crate) fn show(Data(mock): Data<&Arc<Mock>>) -> Response {
    page(mock, 200, None)
}

/// One of the two forms. Fields left empty are as if they were not there.
#[handler]
pub(crate) async fn send(Data(mock): Data<&Arc<Mock>>, body: Body) -> Response {
    let Ok(body) = body.into_bytes_limit(FORM_LIMIT).await else {
        return answers::text(413, "form too large");
    };
    let form: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    match deliver(mock, form).await {
        Ok(()) => answers::see_other("/__mock/webhooks#log"),
        Err(error) => page(mock, 400, Some(&error)),
    }
}

async fn deliver(mock: &Mock, mut form: HashMap<String, String>) -> Result<(), String> {
    form.retain(|_, value| !value.trim().is_empty());
    let kind = form.remove("kind").unwrap_or_default();
    let notice = Value::Object(members(form));
    let unreadable = |error: serde_json::Error| error.to_string();
    match kind.as_str() {
        "unlink" => webhooks::send_unlink(mock, serde_json::from_value(notice).map_err(unreadable)?).await?,
        "account-status" => webhooks::send_status(mock, serde_json::from_value(notice).map_err(unreadable)?).await?,
        _ => return Err("kind: unlink or account-status".to_owned()),
    };
    Ok(())
}

/// The form as the JSON the routes for scripts take.
fn members(mut form: HashMap<String, String>) -> Map<String, Value> {
    let mut members = Map::new();
    if let Some(second) = form.remove("second_event") {
        let first = form.remove("event").unwrap_or_default();
        members.insert("events".to_owned(), json!([first, second]));
    }
    if let Some(scope) = form.remove("scope") {
        let scope: Vec<_> = scope.split([',', ' ']).filter(|item| !item.is_empty()).collect();
        members.insert("scope".to_owned(), json!(scope));
    }
    members.extend(form.into_iter().map(|(name, value)| (name, json!(value.trim()))));
    members
}

fn page(mock: &Mock, status: u16, error: Option<&str>) -> Response {
    let page = WebhooksPage {
        error,
        unlink_url: mock.config.unlink_webhook.as_ref().map_or("", |webhook| &webhook.url),
        status_url: mock.config.status_webhook.as_deref().unwrap_or_default(),
        referrers: REFERRERS,
        unlink_defects: UNLINK_DEFECTS,
        events: EVENTS.iter().map(|(_, name)| *name).collect(),
        set_defects: SET_DEFECTS,
        deliveries: mock.sender.deliveries(),
    };
    render(status, &page)
}
