//! Signing keys, the audit trail, and calls still owed to providers.

use sea_orm_migration::{
    prelude::{DbErr, DeriveIden, DeriveMigrationName, MigrationTrait, SchemaManager, Table},
    schema::{big_integer, blob, integer, string_len, string_len_null, uuid, uuid_null},
    sea_orm,
};

use crate::portable;

/// See the module.
#[derive(DeriveMigrationName, Debug)]
pub struct Migration;

#[derive(DeriveIden)]
enum SigningKeys {
    Table,
    Kid,
    Generation,
    Algorithm,
    SealedPrivateKey,
    CreatedAt,
    ActivatesAt,
}

#[derive(DeriveIden)]
enum AuditEvents {
    Table,
    Id,
    At,
    Event,
    UserId,
    SessionId,
    Ip,
    RequestId,
}

#[derive(DeriveIden)]
enum Outbox {
    Table,
    Id,
    Kind,
    Subject,
    Attempts,
    DueAt,
    CreatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys = Table::create()
            .table(SigningKeys::Table)
            .col(string_len(SigningKeys::Kid, 64).primary_key())
            // Unique, so that of several replicas making the next key at once exactly one succeeds.
            .col(big_integer(SigningKeys::Generation).unique_key())
            .col(string_len(SigningKeys::Algorithm, 16))
            .col(blob(SigningKeys::SealedPrivateKey))
            .col(big_integer(SigningKeys::CreatedAt))
            .col(big_integer(SigningKeys::ActivatesAt))
            .to_owned();
        portable::create_table(manager, keys).await?;

        // No foreign keys: the trail outlives the people and sessions it tells of.
        let audit = Table::create()
            .table(AuditEvents::Table)
            .col(uuid(AuditEvents::Id).primary_key())
            .col(big_integer(AuditEvents::At))
            .col(string_len(AuditEvents::Event, 64))
            .col(uuid_null(AuditEvents::UserId))
            .col(uuid_null(AuditEvents::SessionId))
            .col(string_len_null(AuditEvents::Ip, 45))
            .col(string_len_null(AuditEvents::RequestId, 64))
            .to_owned();
        portable::create_table(manager, audit).await?;
        portable::create_index(manager, "audit_events_at", AuditEvents::Table, AuditEvents::At).await?;
        portable::create_index(manager, "audit_events_user_id", AuditEvents::Table, AuditEvents::UserId).await?;

        let outbox = Table::create()
            .table(Outbox::Table)
            .col(uuid(Outbox::Id).primary_key())
            .col(string_len(Outbox::Kind, 32))
            .col(string_len(Outbox::Subject, 255))
            .col(integer(Outbox::Attempts).default(0))
            .col(big_integer(Outbox::DueAt))
            .col(big_integer(Outbox::CreatedAt))
            .to_owned();
        portable::create_table(manager, outbox).await?;
        portable::create_index(manager, "outbox_due_at", Outbox::Table, Outbox::DueAt).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::drop_table(manager, Outbox::Table).await?;
        portable::drop_table(manager, AuditEvents::Table).await?;
        portable::drop_table(manager, SigningKeys::Table).await
    }
}
