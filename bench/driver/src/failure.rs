//! What can go wrong with an operation. Counted by kind: a fast wrong answer is a failure.

use std::{fmt, io};

#[derive(Debug)]
pub enum Failure {
    /// Another status than the right one.
    Status(u16),
    /// The right status, and something else in the answer than there must be.
    Wrong(&'static str),
    Transport(io::ErrorKind),
    Timeout,
    Closed,
}

impl Failure {
    pub fn wrong(what: &'static str) -> Self {
        Self::Wrong(what)
    }

    #[expect(clippy::needless_pass_by_value, reason = "for map_err")]
    pub fn transport(error: io::Error) -> Self {
        Self::Transport(error.kind())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "status {status}"),
            Self::Wrong(what) => write!(f, "wrong answer: {what}"),
            Self::Transport(kind) => write!(f, "connection: {kind}"),
            Self::Timeout => f.write_str("no answer in 30 s"),
            Self::Closed => f.write_str("connection: closed"),
        }
    }
}
