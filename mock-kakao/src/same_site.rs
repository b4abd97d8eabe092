//! Forms of the mock's own pages only. Any site a developer visits could otherwise make the mock send requests.

use poem::Request;
use poem::http::header;

/// Whether a request that changes something comes from the mock's own pages, or from no browser at all.
pub(crate) fn is_ours(request: &Request) -> bool {
    // Only browsers send it, and only for addresses they trust: https and loopback.
    if let Some(site) = request.header("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let (origin, host) = (request.header(header::ORIGIN), request.header(header::HOST));
    origin.is_none_or(|origin| origin.split_once("://").is_some_and(|(_, authority)| Some(authority) == host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_on_another_site_is_told_from_a_script_and_from_our_pages() {
        let ours = |headers: &[(&str, &str)]| {
            let request =
                headers.iter().fold(Request::builder(), |builder, (name, value)| builder.header(*name, *value));
            is_ours(&request.finish())
        };
        let host = ("host", "localhost:8001");
        assert!(ours(&[host]));
        assert!(ours(&[host, ("origin", "http://localhost:8001")]));
        assert!(ours(&[host, ("origin", "null"), ("sec-fetch-site", "same-origin")]));
        assert!(!ours(&[host, ("origin", "http://localhost:3000")]));
        assert!(!ours(&[host, ("origin", "null")]));
        assert!(!ours(&[host, ("origin", "http://localhost:8001"), ("sec-fetch-site", "cross-site")]));
        assert!(!ours(&[host, ("sec-fetch-site", "same-site")]));
    }
}
