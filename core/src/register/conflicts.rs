//! What two people answered differently, for somebody to choose.
//!
//! Answers that people read as one are no conflict: a space more, å as one letter or two, the same telephone or the same
//! moment written in another way. Nor is that a field was emptied while another filled it: within an epoch what was filled in
//! holds, and nothing tells of the other ([`write_row`](crate::document)).

use std::collections::BTreeSet;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::Register;
use super::phone::PhoneKey;
use super::rows::Stored;
use crate::context::Moment;
use crate::ids::{DeviceId, Id, RowId};
use crate::tables::{Answer, Clash, Contact, FieldPath, KeptAnswer, Kind, LIVE, Table, Value, value_from_json};

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
    /// The value itself; none where a new epoch met a field that was emptied. Within an epoch emptying gives way to a change made
    /// meanwhile and is no answer.
    pub value: Option<Value>,
    /// The value as it is read: the name of the row that a link points at.
    pub shown: String,
    /// The device that wrote it; none where the book was founded anew since and nobody can tell.
    pub device: Option<DeviceId>,
    /// What its owner calls the device.
    pub device_label: Option<String>,
    /// Whose it is.
    pub person_name: Option<String>,
    /// When, by that device's clock; none where the book was founded anew since and nobody can tell.
    pub at: Option<Moment>,
}

/// An answer that waits beside what a row shows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Waiting {
    /// The row and the field; [`LIVE`] where a removal met an edit.
    pub(crate) path: FieldPath,
    pub(crate) value: Option<Value>,
    /// What the row shows.
    pub(crate) shown: Option<Value>,
    /// What the row showed when an epoch kept the answer aside.
    pub(crate) showed: Option<Value>,
    /// Who wrote the answer and when, where that is known.
    pub(crate) signed: Option<(DeviceId, Moment)>,
}

impl Register {
    /// The answers that wait beside what rows show that were not removed, known fields or not: those of this epoch, then those that
    /// one kept aside.
    pub(crate) fn waiting(&self) -> Vec<Waiting> {
        let of_epoch = self.clashes.iter().flat_map(|((table, id), clashes)| {
            clashes.iter().flat_map(|clash| {
                let path = FieldPath { table: *table, id: *id, field: clash.field.clone() };
                let signed =
                    |answer: &Answer| (path.clone(), answer.value.clone(), None, Some((answer.device, answer.at)));
                clash.answers.iter().skip(1).map(signed).collect::<Vec<_>>()
            })
        });
        let kept = self.all::<KeptAnswer>().filter(|kept| !kept.is_signature()).filter_map(|kept| {
            let read = |json: &Option<String>| json.as_deref().and_then(value_from_json);
            Some((path_of(kept)?, read(&kept.mine), read(&kept.base), kept.device.zip(kept.at)))
        });
        let all = of_epoch.chain(kept).filter(|(path, ..)| self.row(path.table, path.id).is_some());
        let all = all.map(|(path, value, showed, signed)| {
            let shown = self.shown_value(path.table, path.id, &path.field);
            Waiting { path, value, shown, showed, signed }
        });
        all.collect()
    }

    /// All fields that wait for somebody to choose, by table and row. Rows that were removed or forgotten, and fields that
    /// this version does not know, are left out.
    pub fn conflicts(&self) -> Vec<ConflictView> {
        let kept = self.all::<KeptAnswer>().filter_map(path_of).map(|path| (path.table, path.id));
        let rows: BTreeSet<_> = self.clashes.keys().copied().chain(kept).collect();
        rows.into_iter().flat_map(|(table, id)| self.conflicts_of(table, id)).collect()
    }

    pub(super) fn conflicts_of(&self, table: Table, id: RowId) -> Vec<ConflictView> {
        let live = super::rows::for_table!(table, T => self.get(Id::<T>::from(id)).is_some());
        let forgotten = table == Table::Contacts && self.get::<Contact>(id.into()).is_some_and(Contact::is_forgotten);
        if live && !forgotten { self.answers_held(table, id) } else { Vec::new() }
    }

    /// The same also of a row that was removed or forgotten: every answer to a question of which there are several.
    pub(super) fn answers_held(&self, table: Table, id: RowId) -> Vec<ConflictView> {
        let clashes = self.clashes.get(&(table, id)).into_iter().flatten();
        let known = clashes.filter(|clash| is_known(table, &clash.field));
        let mut conflicts: Vec<_> = known.filter_map(|clash| self.conflict(table, id, clash)).collect();
        self.add_kept_answers(table, id, &mut conflicts);
        conflicts
    }

    /// Adds the answers that an epoch kept aside for this row, where the field does not show them by now.
    fn add_kept_answers(&self, table: Table, id: RowId, conflicts: &mut Vec<ConflictView>) {
        let answers = self.kept_about(table, id).filter(|(_, kept)| !kept.is_signature());
        for (field, kept) in answers.filter(|(field, _)| is_known(table, field)) {
            let at = conflicts.iter().position(|conflict| conflict.field == field);
            let before = at.and_then(|at| conflicts.get_mut(at));
            let view = self.answer(table, &field, kept_value(kept), kept.device.zip(kept.at));
            match before {
                Some(conflict)
                    if conflict.answers.iter().any(|a| self.reads_as(table, &field, &a.value, &view.value)) => {}
                Some(conflict) => conflict.answers.push(view),
                None => {
                    let shown = self.shown_value(table, id, &field);
                    if !self.reads_as(table, &field, &shown, &view.value) {
                        let signed = self.signature(table, id, &field, &shown);
                        let shown = self.answer(table, &field, shown, signed);
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

    /// Who gave the answer that a field shows beside those that were kept aside, and when, where that was kept too.
    fn signature(&self, table: Table, id: RowId, field: &str, shown: &Option<Value>) -> Option<(DeviceId, Moment)> {
        let mut kept = self.kept_about(table, id).filter(|(of, kept)| of == field && kept.is_signature());
        let (_, kept) = kept.find(|(_, kept)| kept_value(kept) == *shown)?;
        kept.device.zip(kept.at)
    }

    /// The rows of the answers that were kept aside for a field: whoever settles it removes them.
    pub fn kept_answers(&self, table: Table, id: RowId, field: &str) -> Vec<RowId> {
        self.kept_about(table, id).filter(|(of, _)| of == field).map(|(_, kept)| kept.id.row()).collect()
    }

    fn shown_value(&self, table: Table, id: RowId, field: &str) -> Option<Value> {
        super::rows::for_table!(table, T => self.value_held::<T>(id, field))
    }

    /// What a row says, removed or not.
    fn value_held<T: Stored>(&self, id: RowId, field: &str) -> Option<Value> {
        let held = self.rows.held::<T>(id.into())?;
        if field == LIVE { Some(Value::Bool(held.live)) } else { held.row.get(field) }
    }

    /// Whether several devices answered this field, so that a choice has to be written even where it is what is shown.
    pub(crate) fn is_answered_twice(&self, table: Table, id: RowId, field: &str) -> bool {
        self.clashes.get(&(table, id)).into_iter().flatten().any(|clash| clash.field == field)
            || self.kept_about(table, id).any(|(of, kept)| of == field && !kept.is_signature())
    }

    fn conflict(&self, table: Table, id: RowId, clash: &Clash) -> Option<ConflictView> {
        let mut answers: Vec<&Answer> = Vec::new();
        for answer in &clash.answers {
            let known = |known: &&Answer| self.reads_as(table, &clash.field, &known.value, &answer.value);
            if !answers.iter().any(known) {
                answers.push(answer);
            }
        }
        let view = |a: &Answer| self.answer(table, &clash.field, a.value.clone(), Some((a.device, a.at)));
        let views: Vec<_> = answers.into_iter().map(view).collect();
        (views.len() > 1).then(|| self.conflict_of(table, id, clash.field.clone(), views))
    }

    fn conflict_of(&self, table: Table, id: RowId, field: String, answers: Vec<AnswerView>) -> ConflictView {
        let kept_edit = field == LIVE;
        ConflictView { table, id, title: self.title(table, id), field, answers, kept_edit }
    }

    /// Whether people read the two answers to a field as one.
    pub(super) fn reads_as(&self, table: Table, field: &str, one: &Option<Value>, other: &Option<Value>) -> bool {
        let (one, other) = match (written(one), written(other)) {
            (Some(Value::Text(one)), Some(Value::Text(other))) => (one, other),
            (one, other) => return one == other,
        };
        match table.field(field).map(|spec| spec.kind) {
            Some(Kind::Moment) => {
                let moment = |text: &str| Moment::parse_from_rfc3339(text).ok();
                one == other || (moment(one).is_some() && moment(one) == moment(other))
            }
            Some(Kind::Text) if field.ends_with("phone") => self.same_numbers(one, other),
            Some(Kind::Text) if field == "email" => one.trim().to_lowercase() == other.trim().to_lowercase(),
            Some(Kind::Text) => one.trim().nfc().eq(other.trim().nfc()),
            _ => one == other,
        }
    }

    /// Whether two cells hold the same telephone numbers and nothing else.
    fn same_numbers(&self, one: &str, other: &str) -> bool {
        let numbers = |cell: &str| {
            let keys = PhoneKey::all(cell, self.country());
            (!keys.is_empty() && !cell.chars().any(char::is_alphabetic)).then_some(keys)
        };
        one.trim() == other.trim() || (numbers(one).is_some() && numbers(one) == numbers(other))
    }

    /// An answer with who gave it and when, where somebody can tell.
    fn answer(
        &self,
        table: Table,
        field: &str,
        value: Option<Value>,
        signed: Option<(DeviceId, Moment)>,
    ) -> AnswerView {
        let device = signed.and_then(|(device, _)| self.rows.held(device)).map(|held| &held.row);
        let person = device.and_then(|device| device.person).and_then(|id| self.person_name(id));
        AnswerView {
            shown: value.as_ref().map(|value| self.shown(table, field, value)).unwrap_or_default(),
            value,
            device: signed.map(|(device, _)| device),
            device_label: device.and_then(|device| device.label.clone()),
            person_name: person,
            at: signed.map(|(_, at)| at),
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

fn path_of(kept: &KeptAnswer) -> Option<FieldPath> {
    kept.path.as_deref()?.parse().ok()
}

fn kept_value(kept: &KeptAnswer) -> Option<Value> {
    kept.mine.as_deref().and_then(value_from_json)
}

/// Rows of a newer version may have fields that nobody could be asked about here.
fn is_known(table: Table, field: &str) -> bool {
    field == LIVE || table.field(field).is_some()
}

/// The value, unless there is nothing in it: an empty text and an emptied field read as one.
fn written(value: &Option<Value>) -> Option<&Value> {
    value.as_ref().filter(|value| !matches!(value, Value::Text(text) if text.trim().is_empty()))
}
