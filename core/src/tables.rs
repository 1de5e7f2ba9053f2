//! Every table of the register, written down once.
//!
//! The list itself is [`for_each_table!`](crate::for_each_table) in `tables/definition.rs`: names, meanings, fields,
//! choices. From it come the typed rows ([`Contact`], [`Visit`], …) and the drafts that make and change them
//! ([`ContactDraft`], …), the keys in the document, the checks, what the command line and a spreadsheet read and write,
//! and the records of the bindings. A new field is one line there.
//!
//! On the way of one tap a table stands twice: a [`Draft`] becomes the values that the document writes, and on every
//! phone the values of a touched row ([`RowState`]) become a typed [`Row`] again. What always holds: a row may lack any
//! field, because strangers' data is merged into it; a value that this version cannot read is left out of the row and
//! stays untouched in the document.

mod definition;
mod draft;
mod field;
mod generate;
mod path;
mod state;
mod value;

pub use field::{FieldError, FieldReason, FieldSpec, Kind, TEXT_MAX};
pub use generate::*;
pub use path::{FieldPath, NotAPath, value_from_json, value_to_json};
pub use state::{Answer, Clash, LIVE, RowState};
pub use value::{Scalar, UnknownTable, Value};

use crate::ids::RowId;

/// What every row type offers whatever its table.
pub trait TableRow: Clone + Default + PartialEq + std::fmt::Debug + 'static {
    /// The table the row lies in.
    const TABLE: Table;

    /// What makes or changes such a row.
    type Draft;

    /// A row that has a name and nothing else.
    fn new(id: RowId) -> Self;

    /// The row's name.
    fn id(&self) -> RowId;

    /// The value of one field; nothing where it is empty or the table has no such field.
    fn get(&self, field: &str) -> Option<Value>;

    /// Fills one field from the document. An unknown field is ignored and a value of the wrong kind reads as none: both
    /// come from a newer version.
    fn put(&mut self, field: &str, value: Option<Value>);
}

/// A change to one row: the fields to set, and the names of those to empty.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// The row.
    pub id: RowId,
    /// Fields to set; the others stay as they are.
    pub set: Draft,
    /// Fields to empty.
    #[serde(default)]
    pub clear: Vec<String>,
}
