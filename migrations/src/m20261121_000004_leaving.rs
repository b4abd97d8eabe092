//! People who leave, what they agreed to, private fields, and deliveries of events already seen.

use sea_orm_migration::{
    prelude::{DbErr, DeriveIden, DeriveMigrationName, Expr, MigrationTrait, SchemaManager, Table},
    schema::{big_integer, big_integer_null, binary_len, blob_null, text},
    sea_orm,
};

use crate::portable;

/// See the module.
#[derive(DeriveMigrationName, Debug)]
pub struct Migration;

#[derive(DeriveIden)]
enum Users {
    Table,
    SealedPrivate,
    LeftAt,
    RemoveAt,
}

#[derive(DeriveIden)]
enum Identities {
    Table,
    NeedsAgreement,
}

#[derive(DeriveIden)]
enum SeenEvents {
    Table,
    Id,
    SeenAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sealed = blob_null(Users::SealedPrivate);
        for column in [sealed, big_integer_null(Users::LeftAt), big_integer_null(Users::RemoveAt)] {
            portable::add_column(manager, Users::Table, column).await?;
        }
        portable::create_index(manager, "users_remove_at", Users::Table, Users::RemoveAt).await?;

        let mut needs = text(Identities::NeedsAgreement);
        if portable::is_mysql(manager) {
            // A long text has no constant for a default there, only an expression.
            needs.default(Expr::cust("('')"));
        } else {
            needs.default("");
        }
        portable::add_column(manager, Identities::Table, needs).await?;

        // The primary key decides which of several deliveries of one event has its effect.
        let seen = Table::create()
            .table(SeenEvents::Table)
            .col(binary_len(SeenEvents::Id, 32).primary_key())
            .col(big_integer(SeenEvents::SeenAt))
            .to_owned();
        portable::create_table(manager, seen).await?;
        portable::create_index(manager, "seen_events_seen_at", SeenEvents::Table, SeenEvents::SeenAt).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        portable::drop_table(manager, SeenEvents::Table).await?;
        portable::drop_column(manager, Identities::Table, Identities::NeedsAgreement).await?;
        portable::drop_index(manager, "users_remove_at", Users::Table).await?;
        for column in [Users::RemoveAt, Users::LeftAt, Users::SealedPrivate] {
            portable::drop_column(manager, Users::Table, column).await?;
        }
        Ok(())
    }
}
