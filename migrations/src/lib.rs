//! The schema of munjigi: one file per change, applied in this order. README.md beside it is the schema on one page.

use sea_orm_migration::{MigrationTrait, MigratorTrait};

mod m20261121_000001_users;
mod m20261121_000002_sessions;
mod m20261121_000003_keys_and_records;
mod m20261121_000004_leaving;
mod m20261121_000005_outbox_subject;
mod m20261121_000006_ended_sessions;
mod m20261121_000007_tokens_of_a_session;
mod portable;

/// Applies and reverts the changes.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_users::Migration),
            Box::new(m20261121_000002_sessions::Migration),
            Box::new(m20261121_000003_keys_and_records::Migration),
            Box::new(m20261121_000004_leaving::Migration),
            Box::new(m20261121_000005_outbox_subject::Migration),
            Box::new(m20261121_000006_ended_sessions::Migration),
            Box::new(m20261121_000007_tokens_of_a_session::Migration),
        ]
    }
}
