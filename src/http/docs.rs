//! `/docs`: Swagger UI from poem-openapi's bundled assets, offline, without inline scripts.

use std::sync::OnceLock;

use bytes::Bytes;
use poem::{IntoEndpoint, Response, Route, endpoint::make_sync, get};
use poem_openapi::OpenApiService;

use crate::pages;

/// Swagger UI needs styles of its own making; scripts come from files alone.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                   connect-src 'self'; font-src 'self'; base-uri 'none'; object-src 'none'; form-action 'none'; \
                   frame-ancestors 'none'";

/// The routes below `/docs`.
pub fn routes() -> Route {
    Route::new()
        .at("/", file("text/html; charset=utf-8", pages::DOCS_HTML))
        .at("/docs.js", file("text/javascript; charset=utf-8", pages::DOCS_JS))
        .at("/docs.css", file("text/css; charset=utf-8", pages::DOCS_CSS))
        .at("/swagger-ui-bundle.js", made_file("text/javascript; charset=utf-8", || part("script")))
        .at("/swagger-ui.css", made_file("text/css; charset=utf-8", || part("style")))
}

/// A file of the program's.
pub fn file(content_type: &'static str, text: &'static str) -> impl IntoEndpoint {
    answer(content_type, move || Bytes::from_static(text.as_bytes()))
}

/// A file that is made when it is asked for first, and shared from then on: most instances are never asked.
pub fn made_file(content_type: &'static str, make: impl Fn() -> String + Send + Sync + 'static) -> impl IntoEndpoint {
    let body = OnceLock::new();
    answer(content_type, move || body.get_or_init(|| Bytes::from(make())).clone())
}

fn answer(content_type: &'static str, body: impl Fn() -> Bytes + Send + Sync + 'static) -> impl IntoEndpoint {
    get(make_sync(move |_| {
        Response::builder()
            .content_type(content_type)
            .header("Content-Security-Policy", CSP)
            .header("Cache-Control", "no-cache")
            .body(body())
    }))
}

/// What the page poem-openapi makes has inside this element.
fn part(element: &str) -> String {
    let page = OpenApiService::new((), "", "").swagger_ui_html();
    between(&page, &format!("<{element} charset=\"UTF-8\">"), &format!("</{element}>"))
}

fn between(text: &str, start: &str, end: &str) -> String {
    let from = text.find(start).map(|at| at + start.len());
    let rest = from.map(|from| &text[from..]).unwrap_or_default();
    rest.find(end).map(|to| rest[..to].to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_of_poem_openapi_is_taken_apart() {
        assert!(part("script").contains("SwaggerUIBundle"));
        assert!(part("style").contains(".swagger-ui"));
    }
}
