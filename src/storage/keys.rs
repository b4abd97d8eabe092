//! Signing keys, sealed under the master secret (contract 4.4).

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Storage, StorageError, entity::signing_key, insert};
use crate::{
    clock::Timestamp,
    config::AccessAlgorithm,
    token::{keyring::StoredKey, sealed::Sealer},
};

impl Storage {
    /// Every key, oldest first, with the generation the next one must have.
    ///
    /// A key that does not open was sealed under another master secret; that is said instead of passed over.
    pub async fn signing_keys(&self, sealer: &Sealer) -> Result<(Vec<StoredKey>, i64), StorageError> {
        let rows = signing_key::Entity::find().order_by_asc(signing_key::Column::Generation).all(&self.writer).await?;
        let next_generation = rows.last().map_or(1, |row| row.generation + 1);
        let open = |row: signing_key::Model| {
            let pkcs8 = sealer
                .open(row.kid.as_bytes(), &row.sealed_private_key)
                .ok_or(StorageError::Impossible("a signing key sealed under another JWT_SECRET_KEY"))?;
            let algorithm = AccessAlgorithm::from_name(&row.algorithm)
                .ok_or(StorageError::Impossible("a signing key of an unknown algorithm"))?;
            Ok(StoredKey { kid: row.kid, algorithm, pkcs8, activates_at: Timestamp::from_millis(row.activates_at) })
        };
        let keys = rows.into_iter().map(open).collect::<Result<_, StorageError>>()?;
        Ok((keys, next_generation))
    }

    /// Stores a key as `generation`; false when another process stored that generation first.
    pub async fn add_signing_key(
        &self,
        sealer: &Sealer,
        key: &StoredKey,
        generation: i64,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let row = signing_key::ActiveModel {
            kid: Set(key.kid.clone()),
            generation: Set(generation),
            algorithm: Set(key.algorithm.as_str().to_owned()),
            sealed_private_key: Set(sealer.seal(key.kid.as_bytes(), &key.pkcs8)),
            created_at: Set(now.millis()),
            activates_at: Set(key.activates_at.millis()),
        };
        insert::if_new(&self.writer, row, [signing_key::Column::Generation]).await
    }

    /// Deletes a key; false when there is none of this name.
    pub async fn delete_signing_key(&self, kid: &str) -> Result<bool, StorageError> {
        let deleted =
            signing_key::Entity::delete_many().filter(signing_key::Column::Kid.eq(kid)).exec(&self.writer).await?;
        Ok(deleted.rows_affected > 0)
    }
}
