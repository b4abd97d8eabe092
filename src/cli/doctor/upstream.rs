//! Kakao's public documents: one request for its keys, one for its metadata. No authorize, no token request.

use std::time::Duration;

use jsonwebtoken::{DecodingKey, jwk::Jwk};
use serde_json::Value;
use time::{Date, Month, PrimitiveDateTime, Time};
use url::Url;

use super::report::Check;
use crate::{
    clock::{Clock, Timestamp},
    config::{Config, KakaoConfig},
    provider::http::{UpstreamAnswer, UpstreamError, UpstreamHttp},
};

/// From here on the clock deserves a look, seconds.
const SUSPICIOUS: i64 = 30;

/// From here on ID tokens are refused: it is the leeway of their check, seconds.
const LEEWAY: i64 = 60;

/// A connection to a healthy provider takes a few milliseconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

pub(super) async fn checks(config: &Config, http: &UpstreamHttp, clock: &dyn Clock) -> Vec<Check> {
    let kakao = &config.kakao;
    let mut checks = Vec::new();
    if kakao.auth_base_url.scheme() == "http" {
        let why = "codes and the client secret travel unencrypted";
        let fix = "fine for a stand-in on this machine, otherwise use https://kauth.kakao.com";
        checks.push(Check::warning("tls", format!("{} is not https", kakao.issuer()), why, fix));
    }
    let url = format!("{}/.well-known/jwks.json", kakao.issuer());
    match http.get(&url).await {
        Ok(answer) => {
            let now = clock.now();
            if kakao.auth_base_url.scheme() == "https" {
                let host = kakao.auth_base_url.host_str().unwrap_or_default();
                checks.push(Check::good("tls", format!("the certificate of {host} is accepted")));
            }
            checks.push(of_jwks(&url, &answer));
            checks.push(of_date(date(&answer), now));
            checks.push(discovery(kakao, http).await);
        }
        Err(error) => checks.push(unreachable(kakao, error).await),
    }
    checks.extend(api(kakao).await);
    checks
}

async fn unreachable(kakao: &KakaoConfig, error: UpstreamError) -> Check {
    let what = format!("the keys of {} cannot be read", kakao.issuer());
    let host = kakao.auth_base_url.host_str().unwrap_or_default();
    let fix = if error == UpstreamError::Connection && connects(&kakao.auth_base_url).await {
        "the host answers, so look at TLS: CA certificates, the clock, a proxy that replaces certificates".to_owned()
    } else {
        format!("check KAKAO_AUTH_BASE_URL, DNS, and that the firewall lets {host} through")
    };
    Check::broken("kakao", what, error, fix)
}

fn of_jwks(url: &str, answer: &UpstreamAnswer) -> Check {
    const FIX: &str = "check KAKAO_AUTH_BASE_URL; a proxy may be answering in Kakao's place";
    if answer.status != http::StatusCode::OK {
        return Check::broken(
            "kakao",
            format!("{url} answers HTTP {}", answer.status.as_u16()),
            "no keys, no login",
            FIX,
        );
    }
    match usable_keys(&answer.body) {
        0 => Check::broken("kakao", format!("{url} has no key that can be used"), "ID tokens cannot be checked", FIX),
        keys => Check::good("kakao", format!("{keys} keys at {url}")),
    }
}

/// RSA keys with a name: ID tokens are RS256 and name theirs.
fn usable_keys(body: &[u8]) -> usize {
    let set: Value = serde_json::from_slice(body).unwrap_or_default();
    let keys = set["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    let usable = |key: &&Value| {
        let jwk = serde_json::from_value::<Jwk>((*key).clone());
        key["kty"] == "RSA" && key["kid"].is_string() && jwk.is_ok_and(|jwk| DecodingKey::from_jwk(&jwk).is_ok())
    };
    keys.iter().filter(usable).count()
}

fn of_date(theirs: Option<Timestamp>, now: Timestamp) -> Check {
    let Some(theirs) = theirs else {
        let fix = "compare it by hand with: date -u";
        return Check::warning("clock", "cannot be compared", "Kakao's answer has no usable Date", fix);
    };
    let ahead = now.secs() - theirs.secs();
    let (off, direction) = (ahead.abs(), if ahead < 0 { "behind" } else { "ahead of" });
    let what = format!("{off} s {direction} Kakao's");
    let fix = "synchronise it, e.g. with chrony or systemd-timesyncd on the host";
    if off > LEEWAY {
        Check::broken("clock", what, "ID tokens and our own JWTs are refused as too old or not yet valid", fix)
    } else if off > SUSPICIOUS {
        Check::warning("clock", what, "ID tokens are refused from 60 s on", fix)
    } else if off <= 2 {
        Check::good("clock", "agrees with Kakao's")
    } else {
        Check::good("clock", what)
    }
}

/// The moment of an answer: its `Date`, and the time it spent in a cache (RFC 9110 section 6.6.1, RFC 9111 section 5.1).
fn date(answer: &UpstreamAnswer) -> Option<Timestamp> {
    let header = |name| answer.headers.get(name)?.to_str().ok();
    let age = header(http::header::AGE).and_then(|age| age.trim().parse().ok()).unwrap_or(0);
    Some(imf_fixdate(header(http::header::DATE)?)? + Duration::from_secs(age))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
fn imf_fixdate(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.trim().split_once(", ")?;
    let [day, month, year, clock, "GMT"] = rest.split(' ').collect::<Vec<_>>()[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)?;
    let month = Month::try_from(u8::try_from(month + 1).ok()?).ok()?;
    let [hour, minute, second] = clock.split(':').collect::<Vec<_>>()[..] else { return None };
    let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    // A leap second is the one after it.
    let second = second.parse::<u8>().ok()?.min(59);
    let time = Time::from_hms(hour.parse().ok()?, minute.parse().ok()?, second).ok()?;
    Some(Timestamp::from_secs(PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp()))
}

/// Logins do not read this document, so whatever is wrong with it is a warning.
async fn discovery(kakao: &KakaoConfig, http: &UpstreamHttp) -> Check {
    let url = format!("{}/.well-known/openid-configuration", kakao.issuer());
    let document = match http.get(&url).await {
        Ok(answer) if answer.status == http::StatusCode::OK => serde_json::from_slice::<Value>(&answer.body).ok(),
        _ => None,
    };
    let Some(document) = document else {
        let why = "whether Kakao changed its endpoints cannot be told";
        return Check::warning(
            "openid",
            format!("{url} cannot be read"),
            why,
            "try again later; logins do not need it",
        );
    };
    let differences = differences(kakao, &document);
    if differences.is_empty() {
        return Check::good("openid", "issuer, endpoints and methods are the expected ones");
    }
    let what = format!("Kakao's metadata differs in {}", differences.join(", "));
    Check::warning("openid", what, "logins may fail there", "check KAKAO_AUTH_BASE_URL, then update munjigi")
}

fn differences(kakao: &KakaoConfig, document: &Value) -> Vec<&'static str> {
    let base = kakao.issuer();
    let is = |name: &str, expected: String| document[name].as_str().is_some_and(|found| found == expected);
    // A list that is not there promises nothing and denies nothing.
    let has = |name: &str, expected: &str| {
        document[name].as_array().is_none_or(|list| list.iter().any(|item| item.as_str() == Some(expected)))
    };
    let expected = [
        ("issuer", is("issuer", base.to_owned())),
        ("authorization_endpoint", is("authorization_endpoint", format!("{base}/oauth/authorize"))),
        ("token_endpoint", is("token_endpoint", format!("{base}/oauth/token"))),
        ("jwks_uri", is("jwks_uri", format!("{base}/.well-known/jwks.json"))),
        ("token_endpoint_auth_methods_supported", has("token_endpoint_auth_methods_supported", "client_secret_post")),
        ("id_token_signing_alg_values_supported", has("id_token_signing_alg_values_supported", "RS256")),
        ("code_challenge_methods_supported", !kakao.pkce || has("code_challenge_methods_supported", "S256")),
    ];
    expected.into_iter().filter(|(_, agrees)| !agrees).map(|(name, _)| name).collect()
}

/// The API host has no public document, so a connection has to do. Behind a forward proxy it may fail although calls work.
async fn api(kakao: &KakaoConfig) -> Option<Check> {
    if kakao.api_base_url.origin() == kakao.auth_base_url.origin() {
        return None;
    }
    let host = kakao.api_base_url.host_str().unwrap_or_default();
    Some(if connects(&kakao.api_base_url).await {
        Check::good("kakao api", format!("{host} takes connections"))
    } else {
        let fix = "check KAKAO_API_BASE_URL and the firewall; behind a forward proxy this may be a false alarm";
        Check::warning("kakao api", format!("{host} takes no connection"), "profiles could not be read", fix)
    })
}

async fn connects(url: &Url) -> bool {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return false };
    let connection = tokio::net::TcpStream::connect(format!("{host}:{port}"));
    matches!(tokio::time::timeout(CONNECT_TIMEOUT, connection).await, Ok(Ok(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read_as_rfc_9110_writes_it() {
        let secs = |text| imf_fixdate(text).map(Timestamp::secs);
        assert_eq!(secs("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(secs("Sat, 31 Dec 2016 23:59:60 GMT"), Some(1_483_228_799));
        for wrong in
            ["", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT"]
        {
            assert_eq!(secs(wrong), None, "{wrong}");
        }
    }
}
