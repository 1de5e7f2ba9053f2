//! What two people answered differently, for somebody to choose.
//!
//! Answers that people read as one are no conflict: a space more, å as one letter or two, the same telephone or the same
//! moment written in another way.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::Register;
use super::phone::PhoneKey;
use crate::context::Moment;
use crate::ids::{DeviceId, Id, RowId};
use crate::tables::{Answer, Clash, Contact, Kind, LIVE, Table, Value};

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
    /// All fields that wait for somebody to choose, by table and row. Rows that were removed or forgotten, and fields that
    /// this version does not know, are left out.
    pub fn conflicts(&self) -> Vec<ConflictView> {
        self.clashes.keys().flat_map(|(table, id)| self.conflicts_of(*table, *id)).collect()
    }

    pub(super) fn conflicts_of(&self, table: Table, id: RowId) -> Vec<ConflictView> {
        let live = super::rows::for_table!(table, T => self.get(Id::<T>::from(id)).is_some());
        let forgotten = table == Table::Contacts && self.get::<Contact>(id.into()).is_some_and(Contact::is_forgotten);
        let clashes = self.clashes.get(&(table, id)).filter(|_| live && !forgotten).into_iter().flatten();
        let known = clashes.filter(|clash| clash.field == LIVE || table.field(&clash.field).is_some());
        known.filter_map(|clash| self.conflict(table, id, clash)).collect()
    }

    /// Whether several devices answered this field, so that a choice has to be written even where it is what is shown.
    pub(crate) fn is_answered_twice(&self, table: Table, id: RowId, field: &str) -> bool {
        self.clashes.get(&(table, id)).into_iter().flatten().any(|clash| clash.field == field)
    }

    fn conflict(&self, table: Table, id: RowId, clash: &Clash) -> Option<ConflictView> {
        let mut answers: Vec<&Answer> = Vec::new();
        for answer in &clash.answers {
            let known = |known: &&Answer| self.reads_as(table, &clash.field, &known.value, &answer.value);
            if !answers.iter().any(known) {
                answers.push(answer);
            }
        }
        (answers.len() > 1).then(|| ConflictView {
            table,
            id,
            title: self.title(table, id),
            field: clash.field.clone(),
            answers: answers.into_iter().map(|answer| self.answer(table, &clash.field, answer)).collect(),
            kept_edit: clash.field == LIVE,
        })
    }

    /// Whether people read the two answers to a field as one.
    fn reads_as(&self, table: Table, field: &str, one: &Option<Value>, other: &Option<Value>) -> bool {
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

/// The value, unless there is nothing in it: an empty text and an emptied field read as one.
fn written(value: &Option<Value>) -> Option<&Value> {
    value.as_ref().filter(|value| !matches!(value, Value::Text(text) if text.trim().is_empty()))
}
