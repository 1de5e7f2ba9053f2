//! What two people answered differently, for somebody to choose.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Register;
use crate::context::Moment;
use crate::ids::{DeviceId, RowId};
use crate::tables::{Answer, Clash, FieldPath, KeptAnswer, Kind, LIVE, Table, Value, value_from_json};

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
    /// When, by that device's clock; none where the book was founded anew since and nobody can tell.
    pub at: Option<Moment>,
}

impl Register {
    /// All fields that wait for somebody to choose, by table and row. Rows that were removed, and fields that this version
    /// does not know, are left out.
    pub fn conflicts(&self) -> Vec<ConflictView> {
        let kept = self.all::<KeptAnswer>().filter_map(path_of).map(|path| (path.table, path.id));
        let rows: BTreeSet<_> = self.clashes.keys().copied().chain(kept).collect();
        rows.into_iter().flat_map(|(table, id)| self.conflicts_of(table, id)).collect()
    }

    pub(super) fn conflicts_of(&self, table: Table, id: RowId) -> Vec<ConflictView> {
        let live = super::rows::for_table!(table, T => self.get(crate::ids::Id::<T>::from(id)).is_some());
        let clashes = self.clashes.get(&(table, id)).filter(|_| live).into_iter().flatten();
        let known = clashes.filter(|clash| is_known(table, &clash.field));
        let mut conflicts: Vec<_> = known.map(|clash| self.conflict(table, id, clash)).collect();
        if live {
            self.add_kept_answers(table, id, &mut conflicts);
        }
        conflicts
    }

    /// Adds the answers that an epoch kept aside for this row, where the field does not show them by now.
    fn add_kept_answers(&self, table: Table, id: RowId, conflicts: &mut Vec<ConflictView>) {
        for (field, kept) in self.kept_about(table, id).filter(|(field, _)| is_known(table, field)) {
            let value = kept.mine.as_deref().and_then(value_from_json);
            let at = conflicts.iter().position(|conflict| conflict.field == field);
            let before = at.and_then(|at| conflicts.get_mut(at));
            let device = kept.device.unwrap_or_default();
            let view = AnswerView { at: kept.at, ..self.unsigned_answer(table, &field, value, device) };
            match before {
                Some(conflict) if conflict.answers.iter().any(|answer| answer.value == view.value) => {}
                Some(conflict) => conflict.answers.push(view),
                None => {
                    let shown = self.shown_value(table, id, &field);
                    if shown != view.value {
                        let shown = self.unsigned_answer(table, &field, shown, DeviceId::default());
                        conflicts.push(self.conflict_of(table, id, field, vec![shown, view]));
                    }
                }
            }
        }
    }

    /// The answers that were kept aside for a row, each with its field.
    fn kept_about(&self, table: Table, id: RowId) -> impl Iterator<Item = (String, &KeptAnswer)> {
        let rows = self.indexes.pointing::<KeptAnswer>(id).filter_map(|id| self.get(id));
        rows.filter_map(move |kept| {
            let path = path_of(kept).filter(|path| (path.table, path.id) == (table, id))?;
            Some((path.field, kept))
        })
    }

    /// The rows of the answers that were kept aside for a field: whoever settles it removes them.
    pub fn kept_answers(&self, table: Table, id: RowId, field: &str) -> Vec<RowId> {
        self.kept_about(table, id).filter(|(of, _)| of == field).map(|(_, kept)| kept.id.row()).collect()
    }

    fn shown_value(&self, table: Table, id: RowId, field: &str) -> Option<Value> {
        match field {
            LIVE => Some(Value::Bool(true)),
            field => self.row(table, id).and_then(|row| row.get(field)),
        }
    }

    /// An answer of which nobody can tell when it was written.
    fn unsigned_answer(&self, table: Table, field: &str, value: Option<Value>, device: DeviceId) -> AnswerView {
        let answer = Answer { value, device, at: Moment::default() };
        AnswerView { at: None, ..self.answer(table, field, &answer) }
    }

    fn conflict(&self, table: Table, id: RowId, clash: &Clash) -> ConflictView {
        let answers = clash.answers.iter().map(|answer| self.answer(table, &clash.field, answer)).collect();
        self.conflict_of(table, id, clash.field.clone(), answers)
    }

    fn conflict_of(&self, table: Table, id: RowId, field: String, answers: Vec<AnswerView>) -> ConflictView {
        let kept_edit = field == LIVE;
        ConflictView { table, id, title: self.title(table, id), field, answers, kept_edit }
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
            at: Some(answer.at),
        }
    }

    /// The value as people read it.
    pub(super) fn shown(&self, table: Table, field: &str, value: &Value) -> String {
        match (table.field(field).map(|spec| spec.kind), value) {
            (Some(Kind::Link(target)), Value::Text(id)) => match id.parse() {
                Ok(id) => self.title(target, id),
                Err(_) => String::new(),
            },
            _ => value.to_string(),
        }
    }
}

fn path_of(kept: &KeptAnswer) -> Option<FieldPath> {
    kept.path.as_deref()?.parse().ok()
}

/// Rows of a newer version may have fields that nobody could be asked about here.
fn is_known(table: Table, field: &str) -> bool {
    field == LIVE || table.field(field).is_some()
}
