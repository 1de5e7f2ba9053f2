//! The lists that the register was fed from: how fresh each is, and who answers for it.

use serde::Serialize;

use super::Register;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Import, ImportSource, ListDirection, Person};

/// The newest list of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ListSourceView {
    /// Whose list it is.
    pub source: ImportSource,
    /// The import; none where no list of this source was ever taken in.
    pub import: Option<Id<Import>>,
    /// The day it was taken in.
    pub on: Option<Date>,
    /// Days since then.
    pub days: Option<i64>,
    /// Who took it in, and answers for it.
    pub by: Option<Id<Person>>,
    /// That person's name.
    pub by_name: Option<String>,
    /// How many rows it had.
    pub rows: Option<i64>,
    /// The day its comparison with the other lists was signed off.
    pub signed_off_on: Option<Date>,
}

impl Register {
    /// The lists that were taken in, without those that were taken out.
    pub(crate) fn lists_in(&self) -> impl Iterator<Item = &Import> {
        self.all::<Import>().filter(|list| list.direction != Some(ListDirection::Out))
    }

    /// Every source of lists, with the newest that was taken in and not taken back.
    pub fn list_sources(&self, today: Date) -> Vec<ListSourceView> {
        let view = |source: &ImportSource| {
            let of_source = |import: &&Import| import.source == Some(*source) && import.undone != Some(true);
            let newest = self.lists_in().filter(of_source).max_by_key(|import| (import.at, import.id));
            let on = newest.and_then(|import| import.at).map(|at| at.date_naive());
            let by = newest.and_then(|import| import.by);
            ListSourceView {
                source: *source,
                import: newest.map(|import| import.id),
                on,
                days: on.map(|on| (today - on).num_days()),
                by,
                by_name: by.and_then(|by| self.person_name(by)),
                rows: newest.and_then(|import| import.rows),
                signed_off_on: newest.and_then(|import| import.signed_off).map(|at| at.date_naive()),
            }
        };
        ImportSource::ALL.iter().map(view).collect()
    }
}
