//! `/docs`: Swagger UI from poem-openapi's bundled assets, offline, without inline scripts.

use poem::{IntoEndpoint, Response, Route, endpoint::make_sync, get};

use crate::pages;

/// Swagger UI needs styles of its own making; scripts come from files alone.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                   connect-src 'self'; font-src 'self'; base-uri 'none'; object-src 'none'; form-action 'none'; \
                   frame-ancestors 'none'";

/// The routes below `/docs`. `bundled` is the page poem-openapi makes, with script and style inside.
pub fn routes(bundled: &str) -> Route {
    let script = between(bundled, "<script charset=\"UTF-8\">", "</script>");
    let style = between(bundled, "<style charset=\"UTF-8\">", "</style>");
    Route::new()
        .at("/", file("text/html; charset=utf-8", pages::DOCS_HTML))
        .at("/docs.js", file("text/javascript; charset=utf-8", pages::DOCS_JS))
        .at("/docs.css", file("text/css; charset=utf-8", pages::DOCS_CSS))
        .at("/swagger-ui-bundle.js", file("text/javascript; charset=utf-8", script))
        .at("/swagger-ui.css", file("text/css; charset=utf-8", style))
}

/// A static answer, shared by all requests instead of copied for each.
pub fn file(content_type: &'static str, body: impl Into<Vec<u8>>) -> impl IntoEndpoint {
    let body = bytes::Bytes::from(body.into());
    get(make_sync(move |_| {
        Response::builder()
            .content_type(content_type)
            .header("Content-Security-Policy", CSP)
            .header("Cache-Control", "no-cache")
            .body(body.clone())
    }))
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
        let service = poem_openapi::OpenApiService::new((), "t", "0");
        let html = service.swagger_ui_html();
        assert!(between(&html, "<script charset=\"UTF-8\">", "</script>").contains("SwaggerUIBundle"));
        assert!(between(&html, "<style charset=\"UTF-8\">", "</style>").contains(".swagger-ui"));
    }
}
