//! Who is linked to the app: what each person agreed to, and the properties the app saved. Bounded like everything else.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::consent::Items;
use crate::persons::Person;

/// How many linked people are remembered.
const REMEMBERED: usize = 100_000;

/// A person's link to the app. Tokens hold it, so that a withdrawn consent shows at once and nothing is looked up twice.
#[derive(Debug)]
pub(crate) struct Link {
    person: RwLock<Arc<Person>>,
    agreed: AtomicU16,
    signed_up: AtomicBool,
    /// Tokens carry the number they were issued under; raising it ends them all without looking for them.
    generation: AtomicU32,
    gone: AtomicBool,
    /// Unix seconds.
    pub(crate) linked_at: i64,
    details: Mutex<Details>,
}

/// What is rarely asked for.
#[derive(Debug, Default)]
pub(crate) struct Details {
    /// What the app saved with signup or `update_profile`.
    pub(crate) properties: BTreeMap<String, String>,
    /// Service terms by tag: when agreed, and through which door (`KAUTH` or `KAPI`).
    pub(crate) terms: BTreeMap<String, (i64, &'static str)>,
    /// When access tokens and refresh tokens were issued, for the rate limits.
    pub(crate) issued: [VecDeque<i64>; 2],
}

impl Link {
    fn new(person: Arc<Person>, signed_up: bool, now: i64) -> Self {
        Self {
            person: RwLock::new(person),
            agreed: AtomicU16::new(0),
            signed_up: AtomicBool::new(signed_up),
            generation: AtomicU32::new(0),
            gone: AtomicBool::new(false),
            linked_at: now,
            details: Mutex::default(),
        }
    }

    pub(crate) fn person(&self) -> Arc<Person> {
        Arc::clone(&self.person.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The person's account changed at Kakao.
    pub(crate) fn set_person(&self, person: Arc<Person>) {
        *self.person.write().unwrap_or_else(PoisonError::into_inner) = person;
    }

    pub(crate) fn agreed(&self) -> Items {
        Items::from_bits(self.agreed.load(Ordering::Acquire))
    }

    pub(crate) fn agree(&self, items: Items) {
        self.agreed.fetch_or(items.bits(), Ordering::AcqRel);
    }

    pub(crate) fn withdraw(&self, items: Items) {
        self.agreed.fetch_and(!items.bits(), Ordering::AcqRel);
    }

    pub(crate) fn is_signed_up(&self) -> bool {
        self.signed_up.load(Ordering::Acquire)
    }

    /// `false` if that was already so.
    pub(crate) fn sign_up(&self) -> bool {
        !self.signed_up.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn generation(&self) -> u32 {
        self.generation.load(Ordering::Acquire)
    }

    /// Ends every token issued so far.
    pub(crate) fn end_tokens(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether the person unlinked; a later login makes another link.
    pub(crate) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }

    fn end(&self) {
        self.gone.store(true, Ordering::Release);
        self.end_tokens();
    }

    pub(crate) fn details(&self) -> MutexGuard<'_, Details> {
        self.details.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All links by user number.
#[derive(Debug, Default)]
pub(crate) struct Links {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    by_id: BTreeMap<i64, Arc<Link>>,
    /// Numbers by age; may name people who are gone, who are dropped when they come to the front.
    ages: VecDeque<i64>,
}

impl Links {
    pub(crate) fn get(&self, id: i64) -> Option<Arc<Link>> {
        self.lock().by_id.get(&id).cloned()
    }

    /// The link of this person, made if there is none.
    pub(crate) fn get_or_insert(&self, person: &Arc<Person>, signed_up: bool, now: i64) -> Arc<Link> {
        let mut inner = self.lock();
        if let Some(link) = inner.by_id.get(&person.id) {
            return Arc::clone(link);
        }
        let link = Arc::new(Link::new(Arc::clone(person), signed_up, now));
        inner.by_id.insert(person.id, Arc::clone(&link));
        inner.ages.push_back(person.id);
        inner.forget_the_oldest();
        link
    }

    /// Removes the link and ends its tokens; `None` if the person was not linked.
    pub(crate) fn remove(&self, id: i64) -> Option<Arc<Link>> {
        let link = self.lock().by_id.remove(&id)?;
        link.end();
        Some(link)
    }

    /// Up to `limit` numbers from `from` on (itself included), upwards or downwards.
    pub(crate) fn ids(&self, from: Option<i64>, limit: usize, ascending: bool) -> Vec<i64> {
        let inner = self.lock();
        let bound = from.map_or(Bound::Unbounded, Bound::Included);
        if ascending {
            inner.by_id.range((bound, Bound::Unbounded)).map(|(id, _)| *id).take(limit).collect()
        } else {
            inner.by_id.range((Bound::Unbounded, bound)).rev().map(|(id, _)| *id).take(limit).collect()
        }
    }

    /// Everybody who has been linked for `seconds` without signing up.
    pub(crate) fn not_signed_up_for(&self, seconds: i64, now: i64) -> Vec<Arc<Link>> {
        let inner = self.lock();
        let late = |link: &&Arc<Link>| !link.is_signed_up() && now - link.linked_at >= seconds;
        inner.by_id.values().filter(late).cloned().collect()
    }

    pub(crate) fn clear(&self) {
        let mut inner = self.lock();
        inner.by_id.values().for_each(|link| link.end());
        *inner = Inner::default();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn forget_the_oldest(&mut self) {
        while let Some(oldest) = self.ages.front() {
            let full = self.ages.len() > REMEMBERED;
            if !full && self.by_id.contains_key(oldest) {
                break;
            }
            self.by_id.remove(oldest);
            self.ages.pop_front();
        }
    }
}
