//! Queued faults, and how often each endpoint was called.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Value, json};

use crate::faults::{Endpoint, Fault};

/// How often each endpoint was called since the start, faults included. `authorize` counts calls of
/// [`MockKakao::consent`](crate::MockKakao::consent) too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// `GET /oauth/authorize`
    pub authorize: u64,
    /// `POST /oauth/token`
    pub token: u64,
    /// `/v2/user/me`
    pub user_me: u64,
    /// `GET /.well-known/jwks.json`
    pub jwks: u64,
    /// `GET /.well-known/openid-configuration`
    pub discovery: u64,
    /// `GET /v1/user/access_token_info`
    pub access_token_info: u64,
    /// `GET /v1/oidc/userinfo`
    pub userinfo: u64,
    /// `POST /v1/user/logout`
    pub logout: u64,
    /// `POST /v1/user/unlink`
    pub unlink: u64,
    /// `POST /v1/user/signup`
    pub signup: u64,
    /// `POST /v1/user/update_profile`
    pub update_profile: u64,
    /// `GET /v1/user/ids`
    pub user_ids: u64,
    /// `GET /v2/app/users`
    pub app_users: u64,
    /// `GET /v2/user/scopes`
    pub scopes: u64,
    /// `POST /v2/user/revoke/scopes`
    pub revoke_scopes: u64,
    /// `GET /v2/user/service_terms`
    pub service_terms: u64,
    /// `POST /v2/user/revoke/service_terms`
    pub revoke_service_terms: u64,
    /// `POST /v2/user/upgrade/service_terms`
    pub upgrade_service_terms: u64,
    /// `GET /v1/user/shipping_address`
    pub shipping_address: u64,
    /// `POST /oauth/tokeninfo`
    pub tokeninfo: u64,
}

/// Where a fault waits. ID token faults wait apart from those of the token endpoint, for an answer that succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Queue {
    Of(Endpoint),
    IdToken,
}

impl Queue {
    fn position(self) -> usize {
        match self {
            Self::Of(endpoint) => endpoint as usize,
            Self::IdToken => Endpoint::COUNT,
        }
    }
}

/// A fault and for how many more requests it holds.
#[derive(Debug)]
struct Pending {
    fault: Fault,
    times: u32,
}

/// Queued faults, first in first out per queue, and the counters.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    queues: [Mutex<VecDeque<Pending>>; Endpoint::COUNT + 1],
    counters: [AtomicU64; Endpoint::COUNT],
}

impl Faults {
    /// Queues a fault for the next `times` requests to the endpoint it belongs to.
    pub(crate) fn push(&self, fault: Fault, times: u32) {
        let queue = &self.queues[fault.queue().position()];
        queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(Pending { fault, times });
    }

    /// The fault whose turn it is, if any.
    pub(crate) fn take(&self, queue: Queue) -> Option<Fault> {
        let mut pending = self.queues[queue.position()].lock().unwrap_or_else(PoisonError::into_inner);
        let first = pending.front_mut()?;
        if first.times > 1 {
            first.times -= 1;
            return Some(first.fault.clone());
        }
        pending.pop_front().map(|first| first.fault)
    }

    /// What waits, in the order of the queues, as `POST /__mock/next` takes it.
    pub(crate) fn pending(&self) -> Vec<Value> {
        let mut list = Vec::new();
        for queue in &self.queues {
            for pending in queue.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                let mut value = json!(pending.fault);
                value["times"] = json!(pending.times);
                list.push(value);
            }
        }
        list
    }

    /// No fault waits any more.
    pub(crate) fn clear(&self) {
        for queue in &self.queues {
            queue.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// No fault waits and nothing was called.
    pub(crate) fn reset(&self) {
        self.clear();
        for counter in &self.counters {
            counter.store(0, Ordering::Relaxed);
        }
    }

    /// Counts a call.
    pub(crate) fn count(&self, endpoint: Endpoint) {
        self.counters[endpoint as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// The counters as they are now.
    pub(crate) fn counts(&self) -> Counts {
        let read = |endpoint: Endpoint| self.counters[endpoint as usize].load(Ordering::Relaxed);
        Counts {
            authorize: read(Endpoint::Authorize),
            token: read(Endpoint::Token),
            user_me: read(Endpoint::UserMe),
            jwks: read(Endpoint::Jwks),
            discovery: read(Endpoint::Discovery),
            access_token_info: read(Endpoint::AccessTokenInfo),
            userinfo: read(Endpoint::Userinfo),
            logout: read(Endpoint::Logout),
            unlink: read(Endpoint::Unlink),
            signup: read(Endpoint::Signup),
            update_profile: read(Endpoint::UpdateProfile),
            user_ids: read(Endpoint::UserIds),
            app_users: read(Endpoint::AppUsers),
            scopes: read(Endpoint::Scopes),
            revoke_scopes: read(Endpoint::RevokeScopes),
            service_terms: read(Endpoint::ServiceTerms),
            revoke_service_terms: read(Endpoint::RevokeServiceTerms),
            upgrade_service_terms: read(Endpoint::UpgradeServiceTerms),
            shipping_address: read(Endpoint::ShippingAddress),
            tokeninfo: read(Endpoint::Tokeninfo),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_endpoint_has_its_own_queue_in_order() {
        let faults = Faults::default();
        faults.push(Fault::TokenStatus(502), 1);
        faults.push(Fault::UserMeError(-1), 1);
        faults.push(Fault::TokenGarbage, 1);
        let token = || faults.take(Queue::Of(Endpoint::Token));
        assert_eq!([token(), token(), token()], [Some(Fault::TokenStatus(502)), Some(Fault::TokenGarbage), None]);
        assert_eq!(faults.take(Queue::Of(Endpoint::UserMe)), Some(Fault::UserMeError(-1)));
    }

    #[test]
    fn a_fault_holds_as_often_as_it_was_told() {
        let faults = Faults::default();
        faults.push(Fault::JwksEmpty, 2);
        let take = || faults.take(Queue::Of(Endpoint::Jwks));
        assert_eq!([take(), take(), take()], [Some(Fault::JwksEmpty), Some(Fault::JwksEmpty), None]);
    }
}
