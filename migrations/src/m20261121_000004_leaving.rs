//! People who leave, what they agreed to, private fields, and deliveries of events already seen.

use sea_orm_migration::{
    prelude::{DbErr, DeriveIden, DeriveMigrationName, Index, MigrationTrait, SchemaManager, Table},
    schema::{big_integer, big_integer_null, binary_len, blob_null, text},
    sea_orm,
};

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
        let mut sealed = blob_null(Users::SealedPrivate);
        let mut left_at = big_integer_null(Users::LeftAt);
        let mut remove_at = big_integer_null(Users::RemoveAt);
        // One statement a column: SQLite takes no more.
        for column in [&mut sealed, &mut left_at, &mut remove_at] {
            manager.alter_table(Table::alter().table(Users::Table).add_column(column).to_owned()).await?;
        }
        let by_removal = Index::create().name("users_remove_at").table(Users::Table).col(Users::RemoveAt).to_owned();
        manager.create_index(by_removal).await?;

        let mut needs = text(Identities::NeedsAgreement);
        let alter = Table::alter().table(Identities::Table).add_column(needs.default("")).to_owned();
        manager.alter_table(alter).await?;

        // The primary key decides which of several deliveries of one event has its effect.
        let seen = Table::create()
            .table(SeenEvents::Table)
            .col(binary_len(SeenEvents::Id, 32).primary_key())
            .col(big_integer(SeenEvents::SeenAt))
            .to_owned();
        manager.create_table(seen).await?;
        let by_time =
            Index::create().name("seen_events_seen_at").table(SeenEvents::Table).col(SeenEvents::SeenAt).to_owned();
        manager.create_index(by_time).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(SeenEvents::Table).to_owned()).await?;
        let drop = |column: Identities| Table::alter().table(Identities::Table).drop_column(column).to_owned();
        manager.alter_table(drop(Identities::NeedsAgreement)).await?;
        manager.drop_index(Index::drop().name("users_remove_at").table(Users::Table).to_owned()).await?;
        for column in [Users::RemoveAt, Users::LeftAt, Users::SealedPrivate] {
            manager.alter_table(Table::alter().table(Users::Table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
