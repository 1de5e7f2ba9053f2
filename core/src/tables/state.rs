//! What the document says of one row: the message from the document to the read model, for own and foreign changes alike.

use super::{Table, Value};
use crate::context::Moment;
use crate::ids::{DeviceId, RowId};

/// The key in the document beside a row's fields: 1 at the creation, one more with every edit, 0 by a removal. A removal
/// that meets an edit leaves both values, and the larger wins: an enable-wins flag.
pub const LIVE: &str = "live";

/// One row as the document has it now, with what was written concurrently.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RowState {
    /// The table it lies in.
    pub table: Table,
    /// Its name.
    pub id: RowId,
    /// False once removed; a removal that met an edit reads as true.
    pub live: bool,
    /// The fields that have a value, those of a newer version among them.
    pub fields: Vec<(String, Value)>,
    /// The fields for which several answers were written concurrently.
    pub clashes: Vec<Clash>,
    /// The device that made the row.
    pub by: Option<DeviceId>,
}

impl RowState {
    /// A row in which nothing is written yet.
    pub(crate) fn empty(table: Table, id: RowId) -> Self {
        Self { table, id, live: false, fields: Vec::new(), clashes: Vec::new(), by: None }
    }
}

/// One field, several answers: nobody had seen the other's when writing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Clash {
    /// The field, or [`LIVE`] where a removal met an edit and the edit was kept.
    pub field: String,
    /// Two or more distinct values; the one that the row shows comes first.
    pub answers: Vec<Answer>,
}

/// One of several concurrent values of a field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Answer {
    /// What was written; none where a new epoch met a field that was emptied, or what it holds is not read here.
    pub value: Option<Value>,
    /// The device that wrote it.
    pub device: DeviceId,
    /// When, by that device's clock.
    pub at: Moment,
}
