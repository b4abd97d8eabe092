//! "Chrome, Windows" of a user agent: enough to recognise one's own devices, no more is claimed.

use std::net::IpAddr;

/// First match wins: browsers name the ones they descend from, and in-app browsers the one they are in.
const BROWSERS: [(&str, &str); 12] = [
    ("KAKAOTALK", "KakaoTalk"),
    ("NAVER(", "NAVER"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Whale/", "Whale"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
];

/// Browser and system; `None` when neither is known.
pub fn device_name(user_agent: &str) -> Option<String> {
    let find = |marks: &[(&str, &'static str)]| {
        marks.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

/// An address without the part that names one machine: shown to people, over whose shoulder others look.
pub fn network_name(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.*")
        }
        IpAddr::V6(ip) => {
            let [a, b, c, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}::*")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_called_by_their_own_name_and_not_by_their_ancestors() {
        let name = |agent: &str| device_name(agent).unwrap_or_default();
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
        assert_eq!(name(chrome), "Chrome, Windows");
        assert_eq!(name(&format!("{chrome} Edg/142.0")), "Edge, Windows");
        assert_eq!(name(&format!("{chrome} Whale/4.30")), "Whale, Windows");
        assert_eq!(
            name("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148 KAKAOTALK 25.1.0"),
            "KakaoTalk, iPhone"
        );
        assert_eq!(name("curl/8.5.0"), "curl");
        assert_eq!(device_name("something else"), None);
    }

    #[test]
    fn of_an_address_the_network_is_shown() {
        assert_eq!(network_name("203.0.113.7".parse().unwrap()), "203.0.113.*");
        assert_eq!(network_name("2001:db8:1:2::3".parse().unwrap()), "2001:db8:1::*");
    }
}
