//! The rows themselves: one map for each table of the definition, which writes this file's second half.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::{DeviceId, Id, RowId};
use crate::tables::*;

/// One row as the read model keeps it. A removed row is kept too: it can be shown crossed out, and restored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held<T> {
    pub(super) row: T,
    pub(super) live: bool,
    /// The device that made it.
    pub(super) by: Option<DeviceId>,
}

/// The rows of one table in the order of their ids.
pub(super) type Rows<T> = BTreeMap<RowId, Held<T>>;

/// A row type that the read model keeps: every type of the definition, and no other.
pub trait Stored: TableRow {
    #[doc(hidden)]
    fn rows(all: &AllRows) -> &Rows<Self>;

    #[doc(hidden)]
    fn rows_mut(all: &mut AllRows) -> &mut Rows<Self>;

    /// Tells of the contacts and visits that this row points at, so that it can be found from their side.
    #[doc(hidden)]
    fn points_at(&self, tell: &mut dyn FnMut(RowId));
}

impl AllRows {
    /// The row as it is kept, removed or not.
    pub(super) fn held<T: Stored>(&self, id: Id<T>) -> Option<&Held<T>> {
        T::rows(self).get(&id.row())
    }

    /// The row, unless it was removed.
    pub(super) fn live<T: Stored>(&self, id: Id<T>) -> Option<&T> {
        self.held(id).filter(|held| held.live).map(|held| &held.row)
    }

    /// The rows of a table that were not removed, by id.
    pub(super) fn all<T: Stored>(&self) -> impl Iterator<Item = &T> {
        T::rows(self).values().filter(|held| held.live).map(|held| &held.row)
    }
}

/// A map of rows travels as the list of its rows, which know their own ids.
mod as_list {
    use super::*;

    pub(super) fn serialize<T: Stored + Serialize, S: Serializer>(rows: &Rows<T>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(rows.values())
    }

    pub(super) fn deserialize<'de, T: Stored + Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Rows<T>, D::Error> {
        let list = Vec::<Held<T>>::deserialize(from)?;
        Ok(list.into_iter().map(|held| (held.row.id(), held)).collect())
    }
}

macro_rules! point {
    ($row:ident $field:ident $tell:ident parent (Contact)) => { point!($row $field $tell) };
    ($row:ident $field:ident $tell:ident link (Contact)) => { point!($row $field $tell) };
    ($row:ident $field:ident $tell:ident parent (Visit)) => { point!($row $field $tell) };
    ($row:ident $field:ident $tell:ident link (Visit)) => { point!($row $field $tell) };
    ($row:ident $field:ident $tell:ident) => { if let Some(id) = $row.$field { $tell(id.row()) } };
    ($($other:tt)+) => {};
}

macro_rules! define_rows {
    (
        choices { $($choices:tt)+ }
        tables { $(
            $(#[doc = $table_doc:literal])+
            $table:ident $Table:ident $Row:ident $Draft:ident { $(
                $(#[doc = $field_doc:literal])+
                $field:ident: $need:ident $kind:ident $(( $($of:tt)+ ))?,
            )+ }
        )+ }
    ) => {
        /// The rows of all tables.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        pub struct AllRows {
            $( #[serde(with = "as_list")] $table: Rows<$Row>, )+
        }

        $(
            impl Stored for $Row {
                fn rows(all: &AllRows) -> &Rows<Self> {
                    &all.$table
                }

                fn rows_mut(all: &mut AllRows) -> &mut Rows<Self> {
                    &mut all.$table
                }

                fn points_at(&self, tell: &mut dyn FnMut(RowId)) {
                    let (row, _) = (self, &tell);
                    $( point!(row $field tell $kind $(($($of)+))?); )+
                    let _ = row;
                }
            }
        )+

        /// Calls `$act::<Row type>($arg…)` for the type of a table that is known by value only.
        macro_rules! for_table {
            ($name:expr, $Type:ident => $act:expr) => {
                match $name { $( $crate::tables::Table::$Table => { type $Type = $crate::tables::$Row; $act } )+ }
            };
        }
    };
}

crate::for_each_table!(define_rows);
pub(super) use for_table;
