//! Reads that many requests make at the same moment, in one statement: what was asked while the last answer was on its way is
//! the next question. A single request waits for nobody.

use std::{collections::HashMap, future::Future, hash::Hash, sync::Arc};

use sea_orm::DatabaseConnection;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    StorageError,
    entity::{identity, session, user},
    writer::people,
};
use crate::domain::identity::Identity;

/// Keys of one statement.
const BATCH: usize = 64;

/// Readers that may wait; the next is told to come again.
const WAITING: usize = 1024;

/// A user with their identity.
pub(super) type Person = (user::Model, Option<identity::Model>);

type Question<K, V> = (K, oneshot::Sender<Result<Option<V>, StorageError>>);

/// The way to one kind of read.
struct Lookup<K, V>(mpsc::Sender<Question<K, V>>);

impl<K, V> Clone for Lookup<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Clone + Eq + Hash + Send + 'static, V: Clone + Send + 'static> Lookup<K, V> {
    /// `load` reads the rows of up to 64 keys, no two of them equal.
    fn start<F: Future<Output = Result<HashMap<K, V>, StorageError>> + Send>(
        load: impl Fn(Vec<K>) -> F + Send + 'static,
    ) -> Self {
        let (sender, mut questions) = mpsc::channel::<Question<K, V>>(WAITING);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(BATCH);
            while questions.recv_many(&mut batch, BATCH).await > 0 {
                let mut keys: Vec<K> = Vec::with_capacity(batch.len());
                for (key, _) in &batch {
                    if !keys.contains(key) {
                        keys.push(key.clone());
                    }
                }
                let found = load(keys).await;
                for (key, reply) in batch.drain(..) {
                    let answer = found.as_ref().map(|found| found.get(&key).cloned()).map_err(Clone::clone);
                    // A closed receiver is a client that went away.
                    let _ = reply.send(answer);
                }
            }
        });
        Self(sender)
    }

    async fn get(&self, key: K) -> Result<Option<V>, StorageError> {
        let (reply, answer) = oneshot::channel();
        self.0.try_send((key, reply)).map_err(|_| StorageError::QueueFull)?;
        answer.await.unwrap_or(Err(StorageError::Impossible("a read was dropped")))
    }
}

/// The reads of every login and of every look at a profile.
#[derive(Clone)]
pub(super) struct Lookups {
    users: Lookup<Uuid, Arc<Person>>,
    identities: Lookup<Identity, identity::Model>,
    finished: Lookup<[u8; 32], session::Model>,
}

impl Lookups {
    pub(super) fn start(reader: &DatabaseConnection) -> Self {
        let (for_users, for_identities, for_finished) = (reader.clone(), reader.clone(), reader.clone());
        Self {
            users: Lookup::start(move |ids| {
                let db = for_users.clone();
                async move {
                    let people = people::read_users(&db, ids.into_iter()).await?;
                    Ok(people.into_iter().map(|(id, person)| (id, Arc::new(person))).collect())
                }
            }),
            identities: Lookup::start(move |identities| {
                let db = for_identities.clone();
                async move { people::read_identities(&db, identities).await }
            }),
            finished: Lookup::start(move |attempts| {
                let db = for_finished.clone();
                async move { people::read_finished(&db, attempts).await }
            }),
        }
    }

    pub(super) async fn user(&self, id: Uuid) -> Result<Option<Person>, StorageError> {
        Ok(self.users.get(id).await?.map(Arc::unwrap_or_clone))
    }

    pub(super) async fn identity(&self, identity: &Identity) -> Result<Option<identity::Model>, StorageError> {
        self.identities.get(identity.clone()).await
    }

    /// The session that finished a login attempt.
    pub(super) async fn finished(&self, attempt_hash: &[u8; 32]) -> Result<Option<session::Model>, StorageError> {
        self.finished.get(*attempt_hash).await
    }
}
