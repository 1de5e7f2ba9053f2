//! What two people answered differently, for somebody to choose.

use serde::Serialize;

use super::Register;
use crate::context::Moment;
use crate::ids::{DeviceId, RowId};
use crate::tables::{Answer, Clash, Kind, LIVE, Table, Value};

/// One field with several answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ConflictView {
    /// The table.
    pub table: Table,
    /// The row.
    pub id: RowId,
    /// What the row is called.
    pub title: String,
    /// The field; `live` where a removal met an edit.
    pub field: String,
    /// The answers; the one that holds until somebody chooses comes first.
    pub answers: Vec<AnswerView>,
    /// Somebody removed the row while another changed it, and it was kept.
    pub kept_edit: bool,
}

/// One of several answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AnswerView {
    /// The value itself; none where the field was emptied.
    pub value: Option<Value>,
    /// The value as it is read: the name of the row that a link points at.
    pub shown: String,
    /// The device that wrote it.
    pub device: DeviceId,
    /// What its owner calls the device.
    pub device_label: Option<String>,
    /// Whose it is.
    pub person_name: Option<String>,
    /// When, by that device's clock.
    pub at: Moment,
}

impl Register {
    /// All fields that wait for somebody to choose, by table and row. Rows that were removed, and fields that this version
    /// does not know, are left out.
    pub fn conflicts(&self) -> Vec<ConflictView> {
        self.clashes.keys().flat_map(|(table, id)| self.conflicts_of(*table, *id)).collect()
    }

    pub(super) fn conflicts_of(&self, table: Table, id: RowId) -> Vec<ConflictView> {
        let live = super::rows::for_table!(table, T => self.get(crate::ids::Id::<T>::from(id)).is_some());
        let clashes = self.clashes.get(&(table, id)).filter(|_| live).into_iter().flatten();
        let known = clashes.filter(|clash| clash.field == LIVE || table.field(&clash.field).is_some());
        known.map(|clash| self.conflict(table, id, clash)).collect()
    }

    fn conflict(&self, table: Table, id: RowId, clash: &Clash) -> ConflictView {
        ConflictView {
            table,
            id,
            title: self.title(table, id),
            field: clash.field.clone(),
            answers: clash.answers.iter().map(|answer| self.answer(table, &clash.field, answer)).collect(),
            kept_edit: clash.field == LIVE,
        }
    }

    fn answer(&self, table: Table, field: &str, answer: &Answer) -> AnswerView {
        let device = self.rows.held(answer.device).map(|held| &held.row);
        let person = device.and_then(|device| device.person).and_then(|id| self.person_name(id));
        AnswerView {
            value: answer.value.clone(),
            shown: answer.value.as_ref().map(|value| self.shown(table, field, value)).unwrap_or_default(),
            device: answer.device,
            device_label: device.and_then(|device| device.label.clone()),
            person_name: person,
            at: answer.at,
        }
    }

    /// The value as people read it.
    pub(crate) fn shown(&self, table: Table, field: &str, value: &Value) -> String {
        match (table.field(field).map(|spec| spec.kind), value) {
            (Some(Kind::Link(target)), Value::Text(id)) => match id.parse() {
                Ok(id) => self.title(target, id),
                Err(_) => String::new(),
            },
            _ => value.to_string(),
        }
    }
}
