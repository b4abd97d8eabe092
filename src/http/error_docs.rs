//! `/docs/errors`: what each code means. The `type` of a problem leads here (RFC 9457 section 3.1.1).

use std::sync::Arc;

use askama::Template;
use poem::{
    Response, Route, get, handler,
    http::StatusCode,
    web::{Data, Path},
};

use super::{
    Shared,
    context::{Language, RequestContext},
    page,
};
use crate::{
    config::ServerConfig,
    explain::{self, Code, Part, Row},
    pages::{CodeLine, CodeMeaning, CodePage, CodePart, CodeRow, CodesPage},
};

/// Of an unknown code no more than this is repeated.
const SHOWN: usize = 40;

/// Adds the pages to the routes below `/docs`.
pub fn add_routes(routes: Route) -> Route {
    routes.at("/errors", get(list)).at("/errors/:code", get(one))
}

/// The page of a code, as others name it.
pub fn url(server: &ServerConfig, code: &str) -> String {
    server.url(&path(code))
}

/// The same on this host.
pub fn path(code: &str) -> String {
    format!("/docs/errors/{code}")
}

#[handler]
#[expect(clippy::needless_pass_by_value, reason = "extractors are passed by value")]
fn list(shared: Data<&Arc<Shared>>, context: RequestContext) -> Response {
    listing(None, explain::all(), &shared, &context)
}

#[handler]
#[expect(clippy::needless_pass_by_value, reason = "extractors are passed by value")]
fn one(Path(name): Path<String>, shared: Data<&Arc<Shared>>, context: RequestContext) -> Response {
    let codes = explain::named(&name);
    let Some(first) = codes.first() else {
        let nearest = explain::find(&name).unwrap_or_else(|names| names.into_iter().flat_map(explain::named).collect());
        let mut response = listing(Some(&name), nearest.into_iter(), &shared, &context);
        response.set_status(StatusCode::NOT_FOUND);
        return response;
    };
    let language = context.language;
    let meanings = codes.iter().map(|code| CodeMeaning {
        heading: code.heading(),
        rows: code.rows(language).into_iter().map(code_row).collect(),
    });
    let page = CodePage {
        lang: language.tag(),
        english: language == Language::English,
        code: first.name(),
        summary: first.summary(language),
        of_kakao: matches!(first, Code::Kakao(_)),
        meanings: meanings.collect(),
    };
    page::html(page.render(), &shared, &context)
}

/// All codes, or those that come near one that does not exist.
fn listing(
    unknown: Option<&str>,
    codes: impl Iterator<Item = Code>,
    shared: &Shared,
    context: &RequestContext,
) -> Response {
    let language = context.language;
    let line = |code: Code| CodeLine { code: code.name(), path: path(code.name()), summary: code.summary(language) };
    let (ours, kakaos): (Vec<_>, Vec<_>) = codes.partition(|code| matches!(code, Code::Ours(_)));
    let page = CodesPage {
        lang: language.tag(),
        english: language == Language::English,
        unknown: unknown.map(|name| name.chars().take(SHOWN).collect()),
        ours: ours.into_iter().map(line).collect(),
        kakaos: kakaos.into_iter().map(line).collect(),
    };
    page::html(page.render(), shared, context)
}

fn code_row(row: Row) -> CodeRow {
    let part = |part: Part| match part {
        Part::Text(text) => CodePart { text: text.into_owned(), is_code: false, path: None },
        Part::Code(name) => CodePart { text: name.to_owned(), is_code: true, path: Some(path(name)) },
        Part::Setting(name) => CodePart { text: name.to_owned(), is_code: true, path: None },
    };
    CodeRow { label: row.label, parts: row.parts.into_iter().map(part).collect() }
}
