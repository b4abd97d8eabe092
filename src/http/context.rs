//! What is known of a request before any handler: its id, its language, who calls.

use std::net::IpAddr;

use ipnet::IpNet;
use poem::{FromRequest, Request, RequestBody, http::header};

pub use crate::error_code::Language;
use crate::{
    clock::Timestamp,
    domain::device::Device,
    flow::Caller,
    token::secret::{base64url, random},
};

impl Language {
    /// The better one by `Accept-Language` (RFC 9110 section 12.5.4); Korean when in doubt.
    pub fn preferred(accept_language: Option<&str>) -> Self {
        let weight = |wanted: &str| {
            accept_language.unwrap_or_default().split(',').find_map(|item| {
                let (range, parameters) = item.trim().split_once(';').unwrap_or((item.trim(), ""));
                let primary = range.split('-').next().unwrap_or_default();
                let quality = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
                primary.eq_ignore_ascii_case(wanted).then_some(quality)
            })
        };
        match (weight("ko"), weight("en")) {
            (None, Some(english)) if english > 0.0 => Self::English,
            (Some(korean), Some(english)) if english > korean => Self::English,
            _ => Self::Korean,
        }
    }
}

/// Set by the outermost middleware, read by everything behind it.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// Random; in the answer, in every log line, in audit rows.
    pub request_id: String,
    /// For texts.
    pub language: Language,
    /// Who calls.
    pub device: Device,
}

impl RequestContext {
    /// Reads a request's context.
    pub fn of(req: &Request, trusted_proxies: &[IpNet], now: Timestamp) -> Self {
        let text = |name: header::HeaderName| req.headers().get(name).and_then(|value| value.to_str().ok());
        let user_agent =
            text(header::USER_AGENT).map(|text| text.chars().filter(|c| !c.is_control()).take(256).collect());
        // Sorts by time in logs, and cannot be guessed from another one.
        let request_id = format!("{:x}-{}", now.millis(), base64url(random::<9>()));
        // The switch of the pages, which works without JavaScript, before the browser's own wish.
        let asked = req.uri().query().unwrap_or_default();
        let language = match url::form_urlencoded::parse(asked.as_bytes()).find(|(name, _)| name == "lang") {
            Some((_, tag)) if tag == "ko" => Language::Korean,
            Some((_, tag)) if tag == "en" => Language::English,
            _ => Language::preferred(text(header::ACCEPT_LANGUAGE)),
        };
        let forwarded = req.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let peer = req.remote_addr().as_socket_addr().map(std::net::SocketAddr::ip);
        let ip = peer.map(|peer| client_ip(peer, forwarded, trusted_proxies));
        Self { request_id, language, device: Device { ip, user_agent } }
    }
}

/// The peer, or, when the peer is a trusted proxy, the rightmost address of `X-Forwarded-For` that is none.
fn client_ip<'a>(peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    let mut client = peer.to_canonical();
    for hop in forwarded.rev().flat_map(|value| value.rsplit(',')) {
        if !is_trusted(&client) {
            break;
        }
        // An unreadable hop was not written by our proxy: everything left of it is hearsay.
        let Some(ip) = parse_hop(hop.trim()) else { break };
        client = ip;
    }
    client
}

/// Some proxies add the port.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let ip = text.parse::<IpAddr>().ok().or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|addr| addr.ip()))?;
    Some(ip.to_canonical())
}

/// The [`Caller`] of a request, for handlers.
pub struct FromCaller(pub Caller);

impl<'a> FromRequest<'a> for FromCaller {
    async fn from_request(req: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let context = RequestContext::from_request_without_body(req).await?;
        Ok(Self(Caller { device: context.device, request_id: context.request_id }))
    }
}

impl<'a> FromRequest<'a> for RequestContext {
    async fn from_request(req: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        req.extensions()
            .get::<Self>()
            .cloned()
            .ok_or_else(|| poem::Error::from_status(poem::http::StatusCode::INTERNAL_SERVER_ERROR))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_unless_english_is_preferred() {
        let preferred = |header| Language::preferred(Some(header));
        assert_eq!(Language::preferred(None), Language::Korean);
        assert_eq!(preferred("ko-KR,ko;q=0.9,en-US;q=0.8"), Language::Korean);
        assert_eq!(preferred("en-US,en;q=0.9,ko;q=0.8"), Language::English);
        assert_eq!(preferred("en"), Language::English);
        assert_eq!(preferred("fr, *;q=0.1"), Language::Korean);
        assert_eq!(preferred("en;q=0"), Language::Korean);
    }

    fn ip_of(peer: &str, forwarded: &str) -> String {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let headers = [forwarded];
        client_ip(peer.parse().unwrap(), headers.into_iter(), &trusted).to_string()
    }

    #[test]
    fn forwarded_addresses_count_only_from_trusted_proxies_and_from_the_right() {
        assert_eq!(ip_of("192.0.2.1", "198.51.100.7"), "192.0.2.1");
        assert_eq!(ip_of("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2"), "198.51.100.7");
        assert_eq!(ip_of("10.0.0.1", "198.51.100.7:5000"), "198.51.100.7");
        assert_eq!(ip_of("10.0.0.1", "203.0.113.9, garbage"), "10.0.0.1");
    }
}
