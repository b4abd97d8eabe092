//! Answers read by position. Found by name, the thirty columns of a refresh take longer than all the rest of reading them.

use sea_orm::{DbErr, QueryResult, TryGetable};

use crate::storage::entity::{identity, session, user};

/// A row, read from left to right.
pub(super) struct Cells<'a> {
    row: &'a QueryResult,
    read: usize,
}

impl<'a> Cells<'a> {
    pub(super) fn of(row: &'a QueryResult) -> Self {
        Self { row, read: 0 }
    }

    /// The next column.
    pub(super) fn one<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        self.read += 1;
        self.row.try_get_by_index(self.read - 1)
    }

    /// The next columns, which were selected by [`columns`].
    pub(super) fn all<M: InOrder>(&mut self) -> Result<M, DbErr> {
        M::read(self)
    }

    /// The same of a `LEFT JOIN`, whose columns are the last of a row.
    pub(super) fn identity(&mut self) -> Result<Option<identity::Model>, DbErr> {
        let provider: Option<String> = self.row.try_get_by_index(self.read)?;
        provider.map(|_| self.all()).transpose()
    }
}

/// A row of a table.
pub(super) trait InOrder: Sized {
    const COLUMNS: &'static [&'static str];

    fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr>;
}

/// Every column of a table, which is called `table` here. (SQLite has no `table.*` in `RETURNING`.)
pub(super) fn columns<M: InOrder>(table: &str) -> String {
    let names = M::COLUMNS.iter().map(|column| format!("{table}.{column}"));
    names.collect::<Vec<_>>().join(", ")
}

/// The fields in the order in which they are selected and read: one list for both.
macro_rules! in_order {
    ($table:ident: $($column:ident)*) => {
        impl InOrder for $table::Model {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),*];

            fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
                Ok(Self { $($column: cells.one()?),* })
            }
        }
    };
}

in_order!(user: id username nickname nickname_is_own email email_verified profile_image created_at updated_at sealed_private
    left_at remove_at);

in_order!(identity: provider subject user_id profile_read_at created_at last_login_at needs_agreement);

in_order!(session: id user_id client_id ip user_agent created_at last_used_at expires_at ends_at revoked_at revoked_because
    attempt_hash code_hash first_token first_login remove_at);
