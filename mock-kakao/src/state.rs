//! What the mock remembers: authorization codes and tokens. Both are bounded in number, the oldest go first, so that a load
//! test with millions of logins does not grow without limit.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::config::MockConfig;
use crate::faults::Faults;
use crate::keys::KeySet;
use crate::persons::{Consents, Person};

/// Seconds an authorization code may be used.
pub(crate) const CODE_LIFETIME: i64 = 600;
/// Seconds an access token and an ID token live, the figure REST clients really see.
pub(crate) const ACCESS_LIFETIME: i64 = 21_599;
/// Seconds a refresh token lives.
pub(crate) const REFRESH_LIFETIME: i64 = 5_183_999;

/// How many codes, and how many tokens of each kind, are remembered. A load test uses a code within seconds; with all maps
/// full the process takes about 100 MB.
const REMEMBERED: usize = 100_000;

/// Everything behind the endpoints of one mock.
pub(crate) struct Mock {
    pub(crate) config: MockConfig,
    /// Without a trailing slash; also the issuer.
    pub(crate) base_url: String,
    pub(crate) keys: KeySet,
    pub(crate) faults: Faults,
    codes: Mutex<Bounded<String, Grant>>,
    access: Mutex<Bounded<String, Arc<Session>>>,
    refresh: Mutex<Bounded<String, Arc<Session>>>,
    linked: Mutex<Bounded<i64, ()>>,
}

/// What somebody consented to, waiting behind an authorization code.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) person: Arc<Person>,
    pub(crate) agreed: Consents,
    /// Whether an ID token belongs to this login.
    pub(crate) openid: bool,
    pub(crate) nonce: Option<String>,
    /// PKCE, S256.
    pub(crate) code_challenge: Option<String>,
    /// Unix seconds.
    pub(crate) granted_at: i64,
}

/// What stands behind an access or refresh token.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) client_id: String,
    pub(crate) person: Arc<Person>,
    pub(crate) agreed: Consents,
    pub(crate) openid: bool,
    /// Unix seconds of the login.
    pub(crate) authenticated_at: i64,
    /// Unix seconds.
    pub(crate) expires_at: i64,
}

impl Mock {
    pub(crate) fn new(config: MockConfig, base_url: String) -> Self {
        Self {
            config,
            base_url,
            keys: KeySet::new(),
            faults: Faults::default(),
            codes: Mutex::default(),
            access: Mutex::default(),
            refresh: Mutex::default(),
            linked: Mutex::default(),
        }
    }

    /// Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        (self.config.clock)()
    }

    /// Waits for as long as the configuration says every machine endpoint takes.
    pub(crate) async fn delay(&self) {
        if !self.config.delay.is_zero() {
            tokio::time::sleep(self.config.delay).await;
        }
    }

    /// Remembers a grant and gives the code for it.
    pub(crate) fn grant(&self, grant: Grant) -> String {
        let code = opaque();
        self.link(grant.person.id);
        lock(&self.codes).insert(code.clone(), grant);
        code
    }

    /// Takes the grant behind a code, once; `None` if it is unknown, used or expired.
    pub(crate) fn redeem(&self, code: &str) -> Option<Grant> {
        let grant = lock(&self.codes).remove(code)?;
        (self.now() < grant.granted_at + CODE_LIFETIME).then_some(grant)
    }

    pub(crate) fn new_access_token(&self, session: Session) -> String {
        let token = opaque();
        lock(&self.access).insert(token.clone(), Arc::new(session));
        token
    }

    pub(crate) fn new_refresh_token(&self, session: Session) -> String {
        let token = opaque();
        lock(&self.refresh).insert(token.clone(), Arc::new(session));
        token
    }

    /// The living session behind an access token.
    pub(crate) fn by_access_token(&self, token: &str) -> Option<Arc<Session>> {
        self.living(&self.access, token)
    }

    /// The living session behind a refresh token.
    pub(crate) fn by_refresh_token(&self, token: &str) -> Option<Arc<Session>> {
        self.living(&self.refresh, token)
    }

    pub(crate) fn forget_access_token(&self, token: &str) {
        lock(&self.access).remove(token);
    }

    pub(crate) fn forget_refresh_token(&self, token: &str) {
        lock(&self.refresh).remove(token);
    }

    /// Forgets every token of a person.
    pub(crate) fn forget_tokens_of(&self, id: i64) {
        lock(&self.access).retain(|session| session.person.id != id);
        lock(&self.refresh).retain(|session| session.person.id != id);
    }

    /// Remembers that the person consented.
    pub(crate) fn link(&self, id: i64) {
        lock(&self.linked).insert(id, ());
    }

    /// Whether the person consented before and was not unlinked since.
    pub(crate) fn is_linked(&self, id: i64) -> bool {
        lock(&self.linked).get(&id).is_some()
    }

    /// Withdraws the consent and forgets all tokens; `false` if the person was not linked.
    pub(crate) fn unlink(&self, id: i64) -> bool {
        self.forget_tokens_of(id);
        lock(&self.linked).remove(&id).is_some()
    }

    fn living(&self, sessions: &Mutex<Bounded<String, Arc<Session>>>, token: &str) -> Option<Arc<Session>> {
        let session = lock(sessions).get(token).cloned()?;
        (self.now() < session.expires_at).then_some(session)
    }
}

/// A random text without meaning, of 43 characters that are safe in URLs and headers.
fn opaque() -> String {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A map that forgets its oldest entry when it is full.
struct Bounded<K, V> {
    entries: HashMap<K, V>,
    /// Keys by age. May name keys that were removed, which are dropped when they come to the front.
    ages: VecDeque<K>,
}

impl<K, V> Default for Bounded<K, V> {
    fn default() -> Self {
        Self { entries: HashMap::new(), ages: VecDeque::new() }
    }
}

impl<K: Clone + Eq + Hash, V> Bounded<K, V> {
    fn insert(&mut self, key: K, value: V) {
        if self.entries.insert(key.clone(), value).is_none() {
            self.ages.push_back(key);
        }
        while let Some(oldest) = self.ages.front() {
            let full = self.ages.len() > REMEMBERED;
            if !full && self.entries.contains_key(oldest) {
                break;
            }
            self.entries.remove(oldest);
            self.ages.pop_front();
        }
    }

    fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key)
    }

    fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.entries.remove(key)
    }

    fn retain(&mut self, keep: impl Fn(&V) -> bool) {
        self.entries.retain(|_, value| keep(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entry_goes_when_the_map_is_full() {
        let mut map = Bounded::default();
        for key in 0..=REMEMBERED {
            map.insert(key, ());
        }
        assert!(map.get(&0).is_none());
        assert!(map.get(&1).is_some());
        assert_eq!(map.entries.len(), REMEMBERED);
    }

    #[test]
    fn entries_used_in_order_leave_nothing_behind() {
        let mut map = Bounded::default();
        for key in 0..1000 {
            map.insert(key, ());
            map.remove(&key);
        }
        assert!(map.entries.is_empty());
        assert!(map.ages.len() <= 1);
    }
}
