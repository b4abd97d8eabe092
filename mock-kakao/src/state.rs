//! What the mock remembers: authorization codes, tokens and links. All are bounded in number, the oldest go first, so that a
//! load test with millions of logins does not grow without limit.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::config::MockConfig;
use crate::consent::{AppItems, Items};
use crate::fault_queue::Faults;
use crate::keys::KeySet;
use crate::limits::Limits;
use crate::links::{Link, Links};
use crate::persons::{Person, SEEDED};
use crate::random::Random;
use crate::sender::Sender;

/// Seconds an access token and an ID token live, the figure REST clients really see.
pub(crate) const ACCESS_LIFETIME: i64 = 21_599;
/// Seconds a refresh token lives.
pub(crate) const REFRESH_LIFETIME: i64 = 5_183_999;
/// Seconds somebody may stay preregistered.
pub(crate) const SIGN_UP_WITHIN: i64 = 24 * 3600;

/// How many codes, and how many tokens of each kind, are remembered. A load test uses a code within seconds; with all maps
/// full the process takes about 100 MB.
const REMEMBERED: usize = 100_000;

/// Everything behind the endpoints of one mock.
pub(crate) struct Mock {
    pub(crate) config: MockConfig,
    /// Without a trailing slash; also the issuer.
    pub(crate) base_url: String,
    pub(crate) items: AppItems,
    pub(crate) keys: KeySet,
    pub(crate) faults: Faults,
    pub(crate) limits: Limits,
    pub(crate) links: Links,
    pub(crate) random: Random,
    /// Seconds added to the configured clock.
    offset: AtomicI64,
    /// People added to those who are always there.
    added: RwLock<Vec<Arc<Person>>>,
    pub(crate) sender: Sender,
    /// The `jti` of the newest SET, for one that repeats it.
    last_jti: Mutex<Option<String>>,
    /// The app that was last agreed to, for SETs while any app is accepted.
    last_client_id: Mutex<Option<String>>,
    codes: Mutex<Bounded<String, Grant>>,
    access: Mutex<Bounded<String, Arc<Session>>>,
    refresh: Mutex<Bounded<String, Arc<Session>>>,
}

/// What somebody consented to, waiting behind an authorization code.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) link: Arc<Link>,
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
    pub(crate) link: Arc<Link>,
    /// The link's generation when the token was issued.
    pub(crate) generation: u32,
    pub(crate) openid: bool,
    /// Unix seconds of the login.
    pub(crate) authenticated_at: i64,
    /// Unix seconds.
    pub(crate) expires_at: i64,
}

impl Mock {
    /// The error names a consent item that does not exist.
    pub(crate) fn new(config: MockConfig, base_url: String) -> Result<Self, String> {
        Ok(Self {
            items: AppItems::new(&config.consent_items)?,
            random: Random::new(config.seed),
            limits: Limits::new(config.rate_limits),
            config,
            base_url,
            keys: KeySet::new(),
            faults: Faults::default(),
            links: Links::default(),
            offset: AtomicI64::new(0),
            added: RwLock::default(),
            sender: Sender::default(),
            last_jti: Mutex::default(),
            last_client_id: Mutex::default(),
            codes: Mutex::default(),
            access: Mutex::default(),
            refresh: Mutex::default(),
        })
    }

    /// Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        (self.config.clock)() + self.offset.load(Ordering::Relaxed)
    }

    /// Moves the mock's time against the configured clock.
    pub(crate) fn advance(&self, seconds: i64) {
        self.offset.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Everything is as it was at the start.
    pub(crate) fn reset(&self) {
        self.faults.reset();
        self.keys.reset();
        self.limits.reset();
        self.links.clear();
        self.random.reset();
        self.sender.reset();
        *lock(&self.last_jti) = None;
        *lock(&self.last_client_id) = None;
        self.offset.store(0, Ordering::Relaxed);
        self.added.write().unwrap_or_else(PoisonError::into_inner).clear();
        *lock(&self.codes) = Bounded::default();
        *lock(&self.access) = Bounded::default();
        *lock(&self.refresh) = Bounded::default();
    }

    /// Waits for as long as the configuration says every machine endpoint takes.
    pub(crate) async fn delay(&self) {
        if !self.config.delay.is_zero() {
            tokio::time::sleep(self.config.delay).await;
        }
    }

    /// Finds a person by name, those added first, or makes one for a positive number.
    pub(crate) fn person(&self, name: &str) -> Option<Arc<Person>> {
        let added = self.added().into_iter().find(|person| person.name == name || person.id.to_string() == name);
        added.or_else(|| Person::find(name).map(Arc::new))
    }

    /// Everybody a page can offer: those who are always there, then those added.
    pub(crate) fn listed(&self) -> Vec<Arc<Person>> {
        let added = self.added();
        let hidden = |person: &Person| added.iter().any(|other| other.name == person.name);
        let seeded = SEEDED.iter().filter(|person| !hidden(person)).cloned().map(Arc::new);
        seeded.chain(added.iter().cloned()).collect()
    }

    /// Adds a person, in the place of one of the same name or number.
    pub(crate) fn add_person(&self, person: Person) -> Arc<Person> {
        let person = Arc::new(person);
        let mut added = self.added.write().unwrap_or_else(PoisonError::into_inner);
        added.retain(|other| other.name != person.name && other.id != person.id);
        added.push(Arc::clone(&person));
        drop(added);
        if let Some(link) = self.links.get(person.id) {
            link.set_person(Arc::clone(&person));
        }
        person
    }

    fn added(&self) -> Vec<Arc<Person>> {
        self.added.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers a grant and gives the code for it.
    pub(crate) fn grant(&self, grant: Grant) -> String {
        let code = self.random.opaque();
        if self.config.clients.is_empty() {
            *lock(&self.last_client_id) = Some(grant.client_id.clone());
        }
        lock(&self.codes).insert(code.clone(), grant);
        code
    }

    /// Takes the grant behind a code, once; `None` if it is unknown, used or expired, or the person unlinked since.
    pub(crate) fn redeem(&self, code: &str) -> Option<Grant> {
        let grant = lock(&self.codes).remove(code)?;
        let usable = self.now() < grant.granted_at + self.config.code_lifetime && !grant.link.is_gone();
        usable.then_some(grant)
    }

    pub(crate) fn new_access_token(&self, session: Session) -> String {
        let token = self.random.opaque();
        lock(&self.access).insert(token.clone(), Arc::new(session));
        token
    }

    pub(crate) fn new_refresh_token(&self, session: Session) -> String {
        let token = self.random.opaque();
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

    /// The link of a person who agrees to `items` beside what was agreed to before.
    pub(crate) fn link(&self, person: &Arc<Person>, items: Items) -> Arc<Link> {
        let signed_up = self.config.auto_link && !person.preregistered;
        let link = self.links.get_or_insert(person, signed_up, self.now());
        link.agree(items);
        link
    }

    pub(crate) fn last_jti(&self) -> Option<String> {
        lock(&self.last_jti).clone()
    }

    pub(crate) fn set_last_jti(&self, jti: &str) {
        *lock(&self.last_jti) = Some(jti.to_owned());
    }

    pub(crate) fn last_client_id(&self) -> Option<String> {
        lock(&self.last_client_id).clone()
    }

    fn living(&self, sessions: &Mutex<Bounded<String, Arc<Session>>>, token: &str) -> Option<Arc<Session>> {
        let session = lock(sessions).get(token).cloned()?;
        let now = self.now();
        let living = now < session.expires_at
            && session.generation == session.link.generation()
            && (session.link.is_signed_up() || now - session.link.linked_at < SIGN_UP_WITHIN);
        living.then_some(session)
    }
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
