//! `return_to`: where the browser goes after a login. Checked after parsing as browsers parse (WHATWG URL).

use serde::{Deserialize, Serialize};
use url::{Origin, Url};

/// Sealed beside everything else it must fit into a cookie of 4096 bytes.
const MAX_LENGTH: usize = 2048;

/// An address the browser may be sent to. Written as the parser understood it, so that no second parser can differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnUrl(Url);

impl ReturnUrl {
    /// A path on `base`, or a URL whose origin is one of `allowed`. `None` for everything else.
    pub fn parse(raw: &str, base: &Url, allowed: &[Origin]) -> Option<Self> {
        // Browsers drop tabs and line breaks and read `\` as `/`; nobody needs them here, so they are simply refused.
        if raw.len() > MAX_LENGTH || raw.chars().any(|c| c.is_control() || c == '\\' || c.is_whitespace()) {
            return None;
        }
        let url = base.join(raw).ok()?;
        // The parser writes a character as up to twelve: the limit, a cookie's, is on what is stored.
        let safe = url.as_str().len() <= MAX_LENGTH
            && matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && (url.origin() == base.origin() || allowed.contains(&url.origin()));
        safe.then_some(Self(url))
    }

    /// The address itself, for a login that succeeded.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address of a login that failed: `error` and `request_id` added, and `required_scopes` when consent was missing.
    pub fn with_error(&self, code: &str, request_id: &str, required_scopes: &[String]) -> String {
        let mut url = self.0.clone();
        url.query_pairs_mut().append_pair("error", code).append_pair("request_id", request_id);
        if !required_scopes.is_empty() {
            url.query_pairs_mut().append_pair("required_scopes", &required_scopes.join(","));
        }
        url.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(raw: &str) -> Option<String> {
        let base = Url::parse("https://auth.example.com").unwrap();
        let allowed = [base.origin(), Url::parse("https://app.example.com").unwrap().origin()];
        ReturnUrl::parse(raw, &base, &allowed).map(|url| url.as_str().to_owned())
    }

    #[test]
    fn paths_stay_on_the_gateway_and_listed_origins_are_allowed() {
        assert_eq!(parse("/a?b=c#d").unwrap(), "https://auth.example.com/a?b=c#d");
        assert_eq!(parse("https://app.example.com/x").unwrap(), "https://app.example.com/x");
        assert_eq!(parse("https://APP.example.com:443").unwrap(), "https://app.example.com/");
        assert_eq!(parse("https:h").unwrap(), "https://auth.example.com/h", "a relative path, as browsers read it");
    }

    #[test]
    fn nothing_leads_to_a_foreign_host() {
        let evil = [
            "//evil.com",
            "///evil.com",
            "/\\evil.com",
            "\\\\evil.com",
            "/\t/evil.com",
            "/\n/evil.com",
            "http:evil.com",
            "https://app.example.com@evil.com",
            "https://evil.com#@app.example.com",
            "https://app.example.com.evil.com",
            "https://app.example.com.",
            "https://app.example.com:444",
            "http://app.example.com",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://app。example.com.evil.com",
            "https://user@app.example.com/",
            "ftp://app.example.com",
            " https://evil.com",
            "https://evil.com\0",
            "https://xn--pp-mia.example.com",
        ];
        for raw in evil {
            let url = parse(raw);
            assert!(url.is_none(), "{raw:?} became {url:?}");
        }
    }

    #[test]
    fn a_failure_adds_code_and_request_id_and_keeps_the_rest() {
        let base = Url::parse("https://auth.example.com").unwrap();
        let url = ReturnUrl::parse("/a?b=c#d", &base, &[]).unwrap();
        assert_eq!(url.with_error("X", "1\r\n2", &[]), "https://auth.example.com/a?b=c&error=X&request_id=1%0D%0A2#d");
    }
}
