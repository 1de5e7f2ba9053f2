//! What a [`Write`] does to its row, operation by operation.
//!
//! The operations go to an [`Edit`]: an automerge transaction, which carries each out at once, or a
//! [spelling](super::spell), which carries many out together. Both make the same change of the same writes, byte for byte.

use std::collections::BTreeMap;

use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjId, ObjType, ReadDoc, ScalarValue, Value as DocValue};

use super::change::Container;
use super::{DocumentError, Step, Write};
use crate::tables::{LIVE, Value};

/// Something that reads rows and takes operations on them.
pub(super) trait Edit {
    /// The row of this name in a table; none if there is none.
    fn row(&self, table: &ObjId, name: &str) -> Result<Option<ObjId>, AutomergeError>;
    /// Makes a row of this name in a table.
    fn make_row(&mut self, table: &ObjId, name: &str) -> Result<ObjId, AutomergeError>;
    /// The answers that a field shows, the one that leads last.
    fn answers(&mut self, row: &ObjId, field: &str) -> Result<Vec<ScalarValue>, AutomergeError>;
    /// Puts a value in the place of every answer. A value that is the only answer makes no operation, and one that leads
    /// deletes the others.
    fn put(&mut self, row: &ObjId, field: &str, value: ScalarValue) -> Result<(), AutomergeError>;
    /// Deletes every answer of a field that has one. It leaves nothing that could clash: what another writes at the same time
    /// holds. The rules let no known field hold a null in its place.
    fn delete(&mut self, row: &ObjId, field: &str) -> Result<(), AutomergeError>;
    /// How many operations the change has so far.
    fn len(&self) -> usize;
}

impl Edit for Transaction<'_> {
    fn row(&self, table: &ObjId, name: &str) -> Result<Option<ObjId>, AutomergeError> {
        Ok(match self.get(table, name)? {
            Some((DocValue::Object(ObjType::Map), row)) => Some(row),
            _ => None,
        })
    }

    fn make_row(&mut self, table: &ObjId, name: &str) -> Result<ObjId, AutomergeError> {
        self.put_object(table, name, ObjType::Map)
    }

    fn answers(&mut self, row: &ObjId, field: &str) -> Result<Vec<ScalarValue>, AutomergeError> {
        let scalar = |(value, _): (DocValue<'_>, ObjId)| value.as_scalar().cloned();
        Ok(self.get_all(row, field)?.into_iter().filter_map(scalar).collect())
    }

    fn put(&mut self, row: &ObjId, field: &str, value: ScalarValue) -> Result<(), AutomergeError> {
        Transactable::put(self, row, field, value)
    }

    fn delete(&mut self, row: &ObjId, field: &str) -> Result<(), AutomergeError> {
        Transactable::delete(self, row, field)
    }

    fn len(&self) -> usize {
        self.pending_ops()
    }
}

/// Writes one row.
pub(super) fn write_row(
    edit: &mut impl Edit,
    tables: &BTreeMap<Container, ObjId>,
    write: &Write,
) -> Result<(), DocumentError> {
    let table = tables.get(&Container::Table(write.table)).ok_or(DocumentError::Damaged)?;
    let name = write.id.to_string();
    let (row, generation) = match edit.row(table, &name)? {
        Some(row) => {
            let generation = newest_generation(edit, &row)?;
            (row, generation)
        }
        None => (edit.make_row(table, &name)?, 0),
    };
    match &write.step {
        Step::Remove => {
            // Where a clash is led by this very value, only the other answers would be deleted, and the rules let nobody
            // delete `live`: a value of its own goes between.
            if edit.answers(&row, LIVE)?.len() > 1 {
                edit.put(&row, LIVE, (generation.max(0) + 1).into())?;
            }
            edit.put(&row, LIVE, 0.into())?;
        }
        Step::Settle(answer) => {
            if let Some((field, value)) = answer {
                // Deleting first makes the new value one of its own, which replaces all that were answered.
                say(edit, &row, field, None)?;
                say(edit, &row, field, value.as_ref())?;
            }
            edit.put(&row, LIVE, (generation.max(0) + 1).into())?;
        }
        Step::Put(fields) => {
            let before = edit.len();
            for (field, value) in fields {
                say(edit, &row, field, value.as_ref())?;
            }
            // An edit that changes nothing leaves no trace.
            if generation <= 0 || edit.len() > before {
                edit.put(&row, LIVE, (generation.max(0) + 1).into())?;
            }
        }
    }
    Ok(())
}

fn say(edit: &mut impl Edit, row: &ObjId, field: &str, value: Option<&Value>) -> Result<(), AutomergeError> {
    match value {
        Some(value) => edit.put(row, field, scalar(value)),
        None if !edit.answers(row, field)?.is_empty() => edit.delete(row, field),
        None => Ok(()),
    }
}

fn newest_generation(edit: &mut impl Edit, row: &ObjId) -> Result<i64, AutomergeError> {
    Ok(edit.answers(row, LIVE)?.iter().filter_map(ScalarValue::as_i64).max().unwrap_or(0))
}

/// A value as automerge holds it.
pub(super) fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Text(text) => ScalarValue::Str(text.as_str().into()),
        Value::Int(number) => ScalarValue::Int(*number),
        Value::Bool(yes) => ScalarValue::Boolean(*yes),
    }
}
