//! The page at `/`, in `munjigi demo` only.

use std::sync::Arc;

use poem::{Response, Route, get, handler, web::Data};

use super::{Shared, context::RequestContext, docs, page};
use crate::pages;

/// Adds the page, its style and its script.
pub fn add_routes(routes: Route) -> Route {
    routes
        .at("/", get(home))
        .at("/assets/demo.css", docs::file("text/css; charset=utf-8", pages::DEMO_CSS))
        .at("/assets/demo.js", docs::file("text/javascript; charset=utf-8", pages::DEMO_JS))
}

#[handler]
#[expect(clippy::needless_pass_by_value, reason = "extractors are passed by value")]
fn home(shared: Data<&Arc<Shared>>, context: RequestContext) -> Response {
    page::demo(shared.0, &context)
}
