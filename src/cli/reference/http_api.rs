//! The page about routes: one line an operation of the OpenAPI document.

use std::fmt::Write as _;

use serde_json::Value;

use super::{MADE_BY, Page, cell, other_language};
use crate::{error_code::Language, http};

/// The page.
pub(super) fn page(language: Language) -> Page {
    let say = |ko, en| language.of((ko, en));
    let mut text = format!("# HTTP API\n\n{}\n\n", other_language(language, "", "http-api.md"));
    text += say(
        "전체 문서는 게이트웨이의 `/docs`(Swagger UI)와 `/openapi.json`에, 저장소에서는 [openapi/munjigi.json](../../../openapi/munjigi.json)에 있습니다. \
         오류는 RFC 9457 problem+json이고 `/oauth` 아래에서는 RFC 6749 JSON입니다. 코드는 [오류 코드](errors/README.md)에 있습니다.",
        "The whole document is at the gateway's `/docs` (Swagger UI) and `/openapi.json`, in the repository at [openapi/munjigi.json](../../../openapi/munjigi.json). \
         Errors are RFC 9457 problem+json, below `/oauth` RFC 6749 JSON; their codes are under [Error codes](errors/README.md).",
    );
    let _ = write!(text, "\n\n{}\n", language.of(MADE_BY));
    let document = http::document();
    for tag in document["tags"].as_array().into_iter().flatten().filter_map(|tag| tag["name"].as_str()) {
        let _ = write!(
            text,
            "\n## {tag}\n\n| {} | {} | {} |\n|---|---|---|\n",
            say("경로", "route"),
            say("하는 일", "does"),
            say("인증", "credential")
        );
        text += &rows(&document, tag, language);
    }
    ("http-api.md".to_owned(), text)
}

fn rows(document: &Value, tag: &str, language: Language) -> String {
    let mut rows = String::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if operation["tags"][0] != tag {
                continue;
            }
            let summary = operation["summary"].as_str().unwrap_or_default();
            let scheme = operation["security"][0].as_object().and_then(|schemes| schemes.keys().next());
            let credential = credential(scheme.map(String::as_str), language);
            let _ = writeln!(rows, "| `{} {path}` | {} | {credential} |", method.to_uppercase(), cell(summary));
        }
    }
    rows
}

fn credential(scheme: Option<&str>, language: Language) -> &'static str {
    language.of(match scheme {
        None => ("", ""),
        Some("AccessToken") => ("액세스 토큰", "access token"),
        Some("ClientCredentials") => ("클라이언트의 secret", "client secret"),
        Some(_) => ("카카오 어드민 키", "Kakao's admin key"),
    })
}
