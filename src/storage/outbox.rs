//! Calls still owed to a provider. A row is written in the transaction that makes the call owed, and goes when it was made:
//! a process that dies in between leaves the row behind.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use super::{Storage, StorageError, deadlock, entity::outbox, users};
use crate::{
    clock::Timestamp,
    domain::identity::{Identity, ProviderKind, Subject},
};

/// What is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwedKind {
    /// Take the app off the person's account.
    Unlink,
    /// Read the person's profile again.
    Profile,
}

impl OwedKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Unlink, Self::Profile];

    /// The name in logs; stored behind the provider's.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unlink => "unlink",
            Self::Profile => "profile",
        }
    }

    fn stored(self, provider: ProviderKind) -> String {
        format!("{}_{}", provider.as_str(), self.as_str())
    }
}

/// A call that is owed.
#[derive(Debug, Clone)]
pub struct Owed {
    /// Its row.
    pub id: Uuid,
    /// What.
    pub kind: OwedKind,
    /// About whom.
    pub identity: Identity,
    /// How often it was tried before.
    pub attempts: u32,
    due_at: i64,
}

impl Storage {
    /// Calls that are due, the oldest first.
    pub async fn owed_calls(
        &self,
        kinds: &[OwedKind],
        now: Timestamp,
        at_most: u64,
    ) -> Result<Vec<Owed>, StorageError> {
        let kinds = kinds.iter().map(|kind| kind.stored(ProviderKind::Kakao));
        let rows = outbox::Entity::find()
            .filter(outbox::Column::Kind.is_in(kinds))
            .filter(outbox::Column::DueAt.lte(now.millis()))
            .order_by_asc(outbox::Column::DueAt)
            .limit(at_most)
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().filter_map(to_owed).collect())
    }

    /// Takes a call for this process until `until`: after that another may try it. False when another has it already.
    pub async fn claim(&self, owed: &Owed, until: Timestamp) -> Result<bool, StorageError> {
        let changed = outbox::Entity::update_many()
            .set(outbox::ActiveModel { due_at: Set(until.millis()), ..Default::default() })
            .col_expr(outbox::Column::Attempts, Expr::col(outbox::Column::Attempts).add(1))
            .filter(outbox::Column::Id.eq(owed.id))
            .filter(outbox::Column::DueAt.eq(owed.due_at))
            .exec(&self.writer)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// The call was made, or is not needed any more.
    pub async fn settle(&self, owed: &Owed) -> Result<(), StorageError> {
        outbox::Entity::delete_by_id(owed.id).exec(&self.writer).await?;
        Ok(())
    }

    /// The call failed and is to be tried again at `due_at`.
    pub async fn postpone(&self, owed: &Owed, due_at: Timestamp) -> Result<(), StorageError> {
        outbox::Entity::update_many()
            .set(outbox::ActiveModel { due_at: Set(due_at.millis()), ..Default::default() })
            .filter(outbox::Column::Id.eq(owed.id))
            .exec(&self.writer)
            .await?;
        Ok(())
    }

    /// How many calls of a kind are owed.
    pub async fn count_owed(&self, kind: OwedKind) -> Result<u64, StorageError> {
        let kind = kind.stored(ProviderKind::Kakao);
        Ok(outbox::Entity::find().filter(outbox::Column::Kind.eq(kind)).count(&self.reader).await?)
    }

    /// Owes unlink calls for people the provider has linked and we do not know; not of those we know by now.
    pub async fn owe_unlinks(&self, identities: &[Identity], now: Timestamp) -> Result<(), StorageError> {
        deadlock::retried(|| self.try_owe_unlinks(identities, now)).await
    }

    async fn try_owe_unlinks(&self, identities: &[Identity], now: Timestamp) -> Result<(), StorageError> {
        let tx = self.begin().await?;
        for identity in identities {
            if users::find_identity(&tx, identity).await?.is_some() {
                continue;
            }
            owe(&tx, OwedKind::Unlink, identity, now).await?;
        }
        Ok(tx.commit().await?)
    }
}

fn to_owed(row: outbox::Model) -> Option<Owed> {
    let (provider, kind) = row.kind.split_once('_')?;
    let kind = OwedKind::ALL.into_iter().find(|known| known.as_str() == kind)?;
    let identity = Identity { provider: ProviderKind::from_name(provider)?, subject: Subject::stored(row.subject) };
    let attempts = u32::try_from(row.attempts).unwrap_or(0);
    Some(Owed { id: row.id, kind, identity, attempts, due_at: row.due_at })
}

/// Owes a call, once however often it is asked for.
pub(super) async fn owe(
    db: &impl ConnectionTrait,
    kind: OwedKind,
    identity: &Identity,
    now: Timestamp,
) -> Result<(), StorageError> {
    forget(db, kind, identity).await?;
    let row = outbox::ActiveModel {
        id: Set(now.new_uuid()),
        kind: Set(kind.stored(identity.provider)),
        subject: Set(identity.subject.as_str().to_owned()),
        attempts: Set(0),
        due_at: Set(now.millis()),
        created_at: Set(now.millis()),
    };
    outbox::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Owes a call no longer.
pub(super) async fn forget(db: &impl ConnectionTrait, kind: OwedKind, identity: &Identity) -> Result<(), StorageError> {
    outbox::Entity::delete_many()
        .filter(outbox::Column::Kind.eq(kind.stored(identity.provider)))
        .filter(outbox::Column::Subject.eq(identity.subject.as_str()))
        .exec(db)
        .await?;
    Ok(())
}
