//! Access tokens whose signature was checked before: checking ES256 again costs more than the rest of a request.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{access::AccessClaims, secret::sha256};
use crate::clock::Timestamp;

/// Locks to choose from, so that threads seldom meet.
const SHARDS: usize = 16;

/// Tokens of one shard; all shards together hold about 16,000, some 8 MB.
const MOST: usize = 1024;

type Shard = HashMap<[u8; 32], Arc<AccessClaims>>;

/// Claims by the SHA-256 of the token they came in. Bounded; only tokens that verified get in, so nobody can fill it with rubbish.
#[derive(Default)]
pub(super) struct VerifiedTokens {
    shards: [Mutex<Shard>; SHARDS],
}

impl VerifiedTokens {
    /// The claims of a token that was verified before. Their times have to be checked again.
    pub(super) fn get(&self, token: &str) -> Option<Arc<AccessClaims>> {
        let key = sha256(token.as_bytes());
        self.shard(&key).get(&key).cloned()
    }

    /// Remembers a token that was verified at `now`.
    pub(super) fn insert(&self, token: &str, claims: Arc<AccessClaims>, now: Timestamp) {
        let key = sha256(token.as_bytes());
        let mut shard = self.shard(&key);
        if shard.len() >= MOST {
            shard.retain(|_, claims| claims.exp > now.secs());
        }
        // All of them alive: one goes, whichever, to be verified again when it comes.
        if shard.len() >= MOST
            && let Some(some) = shard.keys().next().copied()
        {
            shard.remove(&some);
        }
        shard.insert(key, claims);
    }

    /// Forgets a token that is of no use any more.
    pub(super) fn forget(&self, token: &str) {
        let key = sha256(token.as_bytes());
        self.shard(&key).remove(&key);
    }

    fn shard(&self, key: &[u8; 32]) -> MutexGuard<'_, Shard> {
        self.shards[usize::from(key[0]) % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::token::access::AccessKind;

    fn claims(exp: i64) -> Arc<AccessClaims> {
        Arc::new(AccessClaims {
            iss: "issuer".into(),
            aud: "munjigi".into(),
            sub: Uuid::nil(),
            iat: 0,
            exp,
            jti: Uuid::nil(),
            sid: Uuid::nil(),
            client_id: "munjigi".into(),
            token_type: AccessKind::Access,
            user_id: Uuid::nil(),
            username: None,
            nickname: None,
            email: None,
            email_verified: None,
        })
    }

    fn size(tokens: &VerifiedTokens) -> usize {
        tokens.shards.iter().map(|shard| shard.lock().unwrap().len()).sum()
    }

    #[test]
    fn it_never_grows_past_its_bound_and_keeps_the_newest() {
        let tokens = VerifiedTokens::default();
        let now = Timestamp::from_secs(100);
        for number in 0..40_000 {
            tokens.insert(&number.to_string(), claims(1000), now);
            assert!(tokens.get(&number.to_string()).is_some());
        }
        assert!(size(&tokens) <= SHARDS * MOST, "{}", size(&tokens));
    }

    #[test]
    fn expired_tokens_make_room_first() {
        let tokens = VerifiedTokens::default();
        for number in 0..40_000 {
            tokens.insert(&format!("old {number}"), claims(1000), Timestamp::from_secs(100));
        }
        let now = Timestamp::from_secs(1000);
        for number in 0..1000 {
            tokens.insert(&format!("new {number}"), claims(2000), now);
        }
        assert!((0..1000).all(|number| tokens.get(&format!("new {number}")).is_some()));
        tokens.forget("new 7");
        assert!(tokens.get("new 7").is_none() && tokens.get("new 8").is_some());
    }
}
