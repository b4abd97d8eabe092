//! Who is calling, as far as the network tells.

use std::net::IpAddr;

/// The browser or app behind a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Client address: the peer, or what a trusted proxy says.
    pub ip: Option<IpAddr>,
    /// `User-Agent`, cut to 256 characters.
    pub user_agent: Option<String>,
}
