//! Who is calling, as far as the network tells.

use std::net::IpAddr;

/// The browser or app behind a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// Client address: the peer, or what a trusted proxy says.
    pub ip: Option<IpAddr>,
    /// `User-Agent`, cut to 256 characters.
    pub user_agent: Option<String>,
}

impl Device {
    /// Whether this is the browser inside KakaoTalk, whose user is signed in at Kakao already.
    pub fn is_inside_talk(&self) -> bool {
        self.user_agent.as_deref().is_some_and(|agent| agent.contains("KAKAOTALK"))
    }
}
