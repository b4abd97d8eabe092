//! The OpenAPI document: committed, complete, and true of the running server.

use std::collections::{BTreeMap, BTreeSet};

use munjigi::{error_code::ErrorCode, http};
use reqwest::Method;
use serde_json::Value;

use crate::support::World;

fn committed(name: &str) -> String {
    std::fs::read_to_string(format!("{}/openapi/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// `METHOD /path` and the operation.
fn operations(document: &Value) -> BTreeMap<String, Value> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(|(method, operation)| (format!("{} {path}", method.to_uppercase()), operation.clone())).collect()
    };
    paths.iter().flat_map::<Vec<_>, _>(of_path).collect()
}

fn public_operations() -> Vec<String> {
    let text = committed("public-operations.txt");
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(ToOwned::to_owned).collect()
}

#[test]
fn the_committed_document_is_the_one_the_program_prints() {
    let printed = http::openapi::json_text(&http::document());
    assert!(printed == committed("munjigi.json"), "mend it with: cargo run -- openapi > openapi/munjigi.json");
}

#[test]
fn what_anybody_may_call_is_what_was_decided() {
    let listed = public_operations();
    assert!(listed.is_sorted(), "openapi/public-operations.txt is sorted, so that additions show");
    let operations = operations(&http::document());
    let open = |operation: &Value| operation["security"].as_array().is_none_or(Vec::is_empty);
    let found: Vec<_> =
        operations.iter().filter(|(_, operation)| open(operation)).map(|(name, _)| name.clone()).collect();
    assert_eq!(found, listed, "found without `security`, and listed in openapi/public-operations.txt");
}

#[test]
fn every_operation_is_named_explained_and_says_how_it_fails() {
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&http::document()) {
        let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{name} has no operationId"));
        assert!(ids.insert(id.to_owned()), "{id} names two operations");
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name} has no summary");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name} has one tag");
        let responses = operation["responses"].as_object().unwrap();
        for status in ["400", "500"] {
            assert!(responses.contains_key(status), "{name} does not document {status}");
        }
        assert!(responses.keys().any(|status| status.starts_with(['2', '3'])), "{name} never succeeds");
        let documents = |status: &str| responses.contains_key(status);
        assert!(operation.get("security").is_none() || documents("401"), "{name} does not document 401");
        // The event receiver calls all of it an invalid request (RFC 8935); Kakao's unlink call is read in whatever form.
        let one_type = operation.get("requestBody").is_some() && !name.contains(" /api/webhooks/");
        assert!(!one_type || documents("415"), "{name} does not document 415");
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
            let is_plain =
                (name.contains(" /oauth/") && !name.ends_with("/authorize")) || name.ends_with("/account-status");
            let expected = if is_plain { "application/json" } else { "application/problem+json" };
            assert!(response["content"].get(expected).is_some(), "{name}: {status} is not {expected}");
        }
    }
}

#[test]
fn every_code_is_in_the_document_and_no_other() {
    let document = http::document();
    let listed: BTreeSet<_> = document["components"]["schemas"]["Problem"]["properties"]["error"]["enum"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap().to_owned())
        .collect();
    let known: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    assert_eq!(listed, known);
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = http::document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads out of the document"));
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    for (name, operation) in operations(&document) {
        for requirement in operation["security"].as_array().into_iter().flatten() {
            assert!(requirement.as_object().unwrap().keys().all(|scheme| schemes.contains_key(scheme)), "{name}");
        }
    }
}

#[tokio::test]
async fn the_server_asks_for_credentials_exactly_where_the_document_says() {
    let world = World::new().await;
    let public = public_operations();
    for (name, operation) in operations(&http::document()) {
        let (method, path) = name.split_once(' ').unwrap();
        let path = path.replace("{id}", "019aa2f0-7c00-7b1e-9c6d-0f2d6a1c9e55");
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let form = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"];
        let (content_type, body) = match operation.get("requestBody") {
            Some(body) if body["content"].get("application/secevent+jwt").is_some() => {
                ("application/secevent+jwt", Some("x".to_owned()))
            }
            Some(_) if form.is_object() => ("application/x-www-form-urlencoded", Some("token=x".to_owned())),
            Some(_) => ("application/json", Some("{}".to_owned())),
            None => ("text/plain", None),
        };
        let answer = world.browser().send(method, &path, &[("content-type", content_type)], body).await;
        assert!(answer.status != 404 && answer.status != 405, "{name} is documented and answers {}", answer.status);
        let challenge = answer.header("www-authenticate");
        let schemes = ["Bearer", "Basic", "KakaoAK"];
        let asks_for_more = answer.status == 401 && schemes.iter().any(|scheme| challenge.starts_with(scheme));
        assert_eq!(asks_for_more, !public.contains(&name), "{name} answers {}", answer.status);
        let documented = operation["responses"].get(answer.status.as_str()).is_some();
        assert!(documented, "{name} answers {}, which is not documented", answer.status);
    }
}
