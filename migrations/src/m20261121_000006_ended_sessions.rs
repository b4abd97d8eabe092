//! When a session may be removed is noted when its last refresh token goes. Until now it was found by `expires_at`, whose index had
//! to follow each refresh; and the index of ended sessions had an entry for each that is not.

use sea_orm_migration::{
    prelude::{DbErr, DeriveIden, DeriveMigrationName, MigrationTrait, SchemaManager},
    schema::big_integer_null,
    sea_orm::{self, ConnectionTrait},
};

use crate::portable;

/// See the module.
#[derive(DeriveMigrationName, Debug)]
pub struct Migration;

#[derive(DeriveIden, Clone, Copy)]
enum Sessions {
    Table,
    ExpiresAt,
    RevokedAt,
    RemoveAt,
}

/// Sessions without a refresh token have ended, but for those whose code is redeemed at this moment, which clears it again. A
/// month, in milliseconds.
const NOTE: &str = "UPDATE sessions SET remove_at = expires_at + 2592000000 \
    WHERE NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE refresh_tokens.session_id = sessions.id)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::add_column(manager, Sessions::Table, big_integer_null(Sessions::RemoveAt)).await?;
        manager.get_connection().execute_unprepared(NOTE).await?;
        portable::create_sparse_index(manager, "sessions_remove_at", Sessions::Table, Sessions::RemoveAt).await?;
        portable::drop_index(manager, "sessions_expires_at", Sessions::Table).await?;
        portable::drop_index(manager, "sessions_revoked_at", Sessions::Table).await?;
        portable::create_sparse_index(manager, "sessions_revoked_at", Sessions::Table, Sessions::RevokedAt).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::drop_index(manager, "sessions_revoked_at", Sessions::Table).await?;
        portable::create_index(manager, "sessions_revoked_at", Sessions::Table, Sessions::RevokedAt).await?;
        portable::create_index(manager, "sessions_expires_at", Sessions::Table, Sessions::ExpiresAt).await?;
        portable::drop_index(manager, "sessions_remove_at", Sessions::Table).await?;
        portable::drop_column(manager, Sessions::Table, Sessions::RemoveAt).await
    }
}
