//! Kakao's limits, as far as they are known: tokens per person, and calls of `/v1/user/ids` per app.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::links::Link;

/// At most `calls` within `seconds`.
#[derive(Clone, Copy)]
struct Limit {
    calls: usize,
    seconds: i64,
}

const ACCESS_TOKENS: Limit = Limit { calls: 20, seconds: 600 };
const REFRESH_TOKENS: Limit = Limit { calls: 30, seconds: 3600 };
const IDS: Limit = Limit { calls: 100, seconds: 60 };

/// Switched off unless the configuration says otherwise: a test suite signs one person in more often than anybody does.
pub(crate) struct Limits {
    enforced: bool,
    ids: Mutex<VecDeque<i64>>,
}

impl Limits {
    pub(crate) fn new(enforced: bool) -> Self {
        Self { enforced, ids: Mutex::default() }
    }

    /// Counts the tokens about to be issued; `false` if one of them is too many.
    pub(crate) fn admits_tokens(&self, link: &Link, with_refresh_token: bool, now: i64) -> bool {
        if !self.enforced {
            return true;
        }
        let mut details = link.details();
        let [access, refresh] = &mut details.issued;
        if !ACCESS_TOKENS.has_room(access, now) || (with_refresh_token && !REFRESH_TOKENS.has_room(refresh, now)) {
            return false;
        }
        access.push_back(now);
        if with_refresh_token {
            refresh.push_back(now);
        }
        true
    }

    /// Counts a call of `/v1/user/ids`; `false` if it is one too many.
    pub(crate) fn admits_ids(&self, now: i64) -> bool {
        if !self.enforced {
            return true;
        }
        let mut calls = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let admitted = IDS.has_room(&mut calls, now);
        if admitted {
            calls.push_back(now);
        }
        admitted
    }

    pub(crate) fn reset(&self) {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Limit {
    /// Forgets calls that are long past; no queue grows beyond `calls`.
    fn has_room(self, calls: &mut VecDeque<i64>, now: i64) -> bool {
        while calls.front().is_some_and(|at| now - at >= self.seconds) {
            calls.pop_front();
        }
        calls.len() < self.calls
    }
}
