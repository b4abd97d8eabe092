//! What a presented refresh token means: the rules of rotation (contract 4.3), as one pure decision.

use uuid::Uuid;

use crate::{clock::Timestamp, config::SessionLimits};

/// A refresh token that was not rotated, and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presented {
    /// When it expires.
    pub expires_at: Timestamp,
    /// When its session ends at the latest.
    pub session_ends_at: Timestamp,
    /// Whether its session was revoked.
    pub session_revoked: bool,
    /// Its replacement, once it was rotated.
    pub consumed: Option<Consumed>,
}

/// A token that was rotated before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consumed {
    /// When: the one anchor of both windows.
    pub at: Timestamp,
    /// The token it was replaced by.
    pub successor: Uuid,
    /// When that one expires.
    pub successor_expires_at: Timestamp,
    /// Whether that one was ever presented, and thereby rotated itself.
    pub successor_presented: bool,
}

/// What to do with a token that the conditional statement did not rotate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing stood in the way after all: a race was lost and should be run again.
    Retry,
    /// Answer the successor again: two tabs, a double click, a retry.
    Replay(Uuid),
    /// Answer the successor again, long after: its answer was lost. Audited.
    Recover(Uuid),
    /// Somebody uses a token that was replaced: revoke the session.
    Reused,
    /// Past a limit.
    Expired,
    /// The session was ended.
    Revoked,
}

/// Judges `token` at `now`.
pub fn judge(token: &Presented, limits: &SessionLimits, now: Timestamp) -> Verdict {
    if token.session_revoked {
        return Verdict::Revoked;
    }
    if token.session_ends_at <= now || token.expires_at <= now {
        return Verdict::Expired;
    }
    let Some(consumed) = token.consumed else { return Verdict::Retry };
    if consumed.successor_expires_at <= now {
        return Verdict::Expired;
    }
    if now < consumed.at + limits.reuse_window {
        return Verdict::Replay(consumed.successor);
    }
    if !consumed.successor_presented && now < consumed.at + limits.recovery {
        return Verdict::Recover(consumed.successor);
    }
    Verdict::Reused
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMITS: SessionLimits = SessionLimits {
        idle: Duration::from_hours(168),
        absolute: Duration::from_hours(2160),
        reuse_window: Duration::from_secs(30),
        recovery: Duration::from_hours(24),
    };
    const SUCCESSOR: Uuid = Uuid::nil();

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn consumed_at_zero(successor_presented: bool) -> Presented {
        let consumed =
            Consumed { at: at(0), successor: SUCCESSOR, successor_expires_at: at(600_000), successor_presented };
        let limits = (at(600_000), at(7_000_000));
        Presented { expires_at: limits.0, session_ends_at: limits.1, session_revoked: false, consumed: Some(consumed) }
    }

    #[test]
    fn inside_the_window_the_successor_is_answered_again_even_when_it_was_presented() {
        for presented in [false, true] {
            assert_eq!(judge(&consumed_at_zero(presented), &LIMITS, at(29)), Verdict::Replay(SUCCESSOR));
        }
    }

    #[test]
    fn after_the_window_only_an_unpresented_successor_is_answered_and_only_for_a_day() {
        assert_eq!(judge(&consumed_at_zero(false), &LIMITS, at(30)), Verdict::Recover(SUCCESSOR));
        assert_eq!(judge(&consumed_at_zero(false), &LIMITS, at(86_399)), Verdict::Recover(SUCCESSOR));
        assert_eq!(judge(&consumed_at_zero(false), &LIMITS, at(86_400)), Verdict::Reused);
        assert_eq!(judge(&consumed_at_zero(true), &LIMITS, at(30)), Verdict::Reused);
    }

    #[test]
    fn limits_and_revocation_come_before_everything() {
        let mut token = consumed_at_zero(false);
        assert_eq!(judge(&token, &LIMITS, at(600_000)), Verdict::Expired);
        token.session_revoked = true;
        assert_eq!(judge(&token, &LIMITS, at(1)), Verdict::Revoked);
    }
}
