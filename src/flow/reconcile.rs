//! Comparing our people with Kakao's list of linked people: what a lost webhook or a lost unlink call left behind.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use super::Caller;
use crate::{
    clock::{Clock, Timestamp},
    config::OnUnlink,
    domain::{
        device::Device,
        identity::{Identity, Subject},
    },
    provider::{Provider, ProviderError},
    storage::{Storage, StorageError, leaving::IfBack},
};

/// Kakao allows a hundred pages a minute and app.
const BETWEEN_PAGES: Duration = Duration::from_millis(600);

/// When Kakao says that it was asked too often and not for how long to wait.
const AFTER_TOO_MANY: Duration = Duration::from_mins(1);

/// Pages are asked for again this often before the comparison is given up.
const TRIES: u32 = 5;

/// Identities read at once.
const OUR_PAGE: u64 = 1000;

/// Why a comparison broke off; what was put right before stays so.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The list could not be read.
    #[error("Kakao's list of linked people could not be read")]
    Provider(#[from] ProviderError),
    /// The database.
    #[error("our people could not be read")]
    Storage(#[from] StorageError),
}

/// Where the two sides differ.
#[derive(Debug, Clone, Default)]
pub struct Differences {
    /// People on Kakao's list.
    pub linked: usize,
    /// Our identities of that provider, as far as they could be compared.
    pub known: usize,
    /// We know them, Kakao no longer links them: they unlinked and we were not told.
    pub unlinked: Vec<Identity>,
    /// Kakao links them, we do not know them: they left and the unlink call is still to be made, or never was.
    pub unknown: Vec<Identity>,
}

/// Compares and puts right.
pub struct Reconciliation {
    storage: Storage,
    provider: Arc<dyn Provider>,
    clock: Arc<dyn Clock>,
    policy: OnUnlink,
    /// Whoever signs in from here on may stand on one side only, and is left alone.
    begun_at: Timestamp,
}

impl Reconciliation {
    /// Of our people with those of `provider`, as they are now.
    pub fn new(storage: Storage, provider: Arc<dyn Provider>, clock: Arc<dyn Clock>, policy: OnUnlink) -> Self {
        let begun_at = clock.now();
        Self { storage, provider, clock, policy, begun_at }
    }

    /// Reads both sides and changes nothing. `progress` hears the number of people on Kakao's list so far.
    pub async fn compare(&self, mut progress: impl FnMut(usize)) -> Result<Differences, ReconcileError> {
        let linked = self.linked(&mut progress).await?;
        let ours = self.ours().await?;
        let identity = |subject: &Subject| Identity { provider: self.provider.kind(), subject: subject.clone() };
        let compared = |at: Timestamp| at < self.begun_at;
        Ok(Differences {
            linked: linked.len(),
            known: ours.values().filter(|at| compared(**at)).count(),
            unlinked: ours
                .iter()
                .filter(|(subject, at)| compared(**at) && !linked.contains(*subject))
                .map(|(subject, _)| identity(subject))
                .collect(),
            unknown: linked.iter().filter(|subject| !ours.contains_key(*subject)).map(identity).collect(),
        })
    }

    /// Treats people as the webhook would have.
    pub async fn end_links(&self, identities: &[Identity]) -> Result<(), ReconcileError> {
        let caller = caller();
        for identity in identities {
            let now = self.clock.now();
            let back = IfBack::LeaveAlone;
            self.storage.end_link(identity, self.policy, self.begun_at, back, caller.trace(now)).await?;
        }
        Ok(())
    }

    /// Owes Kakao an unlink of people we do not know; `serve` makes the calls.
    pub async fn unlink_unknown(&self, identities: &[Identity]) -> Result<(), ReconcileError> {
        let now = self.clock.now();
        for some in identities.chunks(500) {
            self.storage.owe_unlinks(some, now).await?;
        }
        Ok(())
    }

    async fn linked(&self, progress: &mut impl FnMut(usize)) -> Result<HashSet<Subject>, ReconcileError> {
        let (mut linked, mut after, mut failures) = (HashSet::new(), None, 0);
        loop {
            match self.provider.linked_subjects(after.as_ref()).await {
                Ok(page) => {
                    failures = 0;
                    after = page.subjects.last().cloned().or(after);
                    let before = linked.len();
                    linked.extend(page.subjects);
                    progress(linked.len());
                    if page.is_last {
                        return Ok(linked);
                    }
                    // It would be followed by itself for ever, and whoever comes behind it would count as unlinked.
                    if linked.len() == before {
                        return Err(ProviderError::unacceptable("the list of linked people does not go on").into());
                    }
                    tokio::time::sleep(BETWEEN_PAGES).await;
                }
                Err(ProviderError::Unavailable { retry_after, code, .. }) if failures < TRIES => {
                    failures += 1;
                    let usual = if code.as_deref() == Some("-10") { AFTER_TOO_MANY } else { BETWEEN_PAGES };
                    tokio::time::sleep(retry_after.unwrap_or(usual)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn ours(&self) -> Result<HashMap<Subject, Timestamp>, ReconcileError> {
        let (mut ours, mut after) = (HashMap::new(), None);
        loop {
            let page = self.storage.identities_after(self.provider.kind(), after.as_ref(), OUR_PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(ours) };
            after = Some(last.clone());
            ours.extend(page);
        }
    }
}

/// The command line acts in nobody's name.
fn caller() -> Caller {
    Caller { device: Device::default(), request_id: "reconcile".to_owned() }
}
