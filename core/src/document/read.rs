//! Reading rows again: from the document's registers to a [`RowState`], the last thing that the document does for a tap.

use automerge::{ActorId, Automerge, ChangeHash, ObjId, ReadDoc, ScalarValueRef, Value as DocValue, ValueRef};
use chrono::{DateTime, Utc};

use super::DocumentError;
use crate::context::Moment;
use crate::ids::{DeviceId, RowId};
use crate::tables::{Answer, Clash, LIVE, RowState, Table, Value};

/// One row of a table whose object is known.
pub(super) fn row(doc: &Automerge, table: Table, id: RowId, object: &ObjId) -> Result<RowState, DocumentError> {
    row_as(doc, table, id, object, None)
}

/// The same row as it was at these heads; none if it was not there yet.
pub(super) fn row_at(
    doc: &Automerge,
    table: Table,
    id: RowId,
    object: &ObjId,
    heads: &[ChangeHash],
) -> Result<Option<RowState>, DocumentError> {
    if doc.map_range_at(object, .., heads).next().is_none() {
        return Ok(None);
    }
    row_as(doc, table, id, object, Some(heads)).map(Some)
}

fn row_as(
    doc: &Automerge,
    table: Table,
    id: RowId,
    object: &ObjId,
    heads: Option<&[ChangeHash]>,
) -> Result<RowState, DocumentError> {
    let mut state = RowState { by: author(object), ..RowState::empty(table, id) };
    let mut in_conflict = Vec::new();
    let items = match heads {
        Some(heads) => doc.map_range_at(object, .., heads),
        None => doc.map_range(object, ..),
    };
    for item in items {
        let value = match &item.value {
            ValueRef::Scalar(scalar) => scalar_value(scalar),
            ValueRef::Object(_) => None,
        };
        if item.conflict {
            in_conflict.push(item.key.to_string());
        }
        match value {
            Some(Value::Int(generation)) if item.key == LIVE => state.live = generation > 0,
            Some(value) if item.key != LIVE => state.fields.push((item.key.to_string(), value)),
            _ => {}
        }
    }
    for field in in_conflict {
        clash(doc, object, field, heads, &mut state)?;
    }
    Ok(state)
}

/// The fields of a row that hold a floating-point number, which a newer version wrote and this one does not read.
pub(super) fn numbers(doc: &Automerge, object: &ObjId) -> Vec<(String, f64)> {
    let numbers = doc.map_range(object, ..).filter_map(|item| match &item.value {
        ValueRef::Scalar(ScalarValueRef::F64(number)) => Some((item.key.to_string(), *number)),
        _ => None,
    });
    numbers.collect()
}

/// Looks at all values of a field that several devices wrote at once. The winner comes first.
fn clash(
    doc: &Automerge,
    object: &ObjId,
    field: String,
    heads: Option<&[ChangeHash]>,
    state: &mut RowState,
) -> Result<(), DocumentError> {
    let mut answers: Vec<Answer> = Vec::new();
    let written = match heads {
        Some(heads) => doc.get_all_at(object, field.as_str(), heads)?,
        None => doc.get_all(object, field.as_str())?,
    };
    for (value, op) in written.into_iter().rev() {
        let value = match &value {
            DocValue::Scalar(scalar) => owned_value(scalar),
            DocValue::Object(_) => None,
        };
        let value = match value {
            // Two edits at once are no clash of removal and edit.
            Some(Value::Int(generation)) if field == LIVE => Some(Value::Bool(generation > 0)),
            value => value,
        };
        let (device, at) = origin(doc, &op);
        if !answers.iter().any(|answer| answer.value == value) {
            answers.push(Answer { value, device, at });
        }
    }
    if field == LIVE {
        state.live = answers.iter().any(|answer| answer.value == Some(Value::Bool(true)));
        answers.sort_by_key(|answer| answer.value != Some(Value::Bool(true)));
    }
    if answers.len() > 1 {
        state.clashes.push(Clash { field, answers });
    }
    Ok(())
}

/// Who removed a row, and when by that device's clock; none if nobody has.
pub(super) fn removal(doc: &Automerge, object: &ObjId) -> Result<Option<(DeviceId, Moment)>, DocumentError> {
    let Some((DocValue::Scalar(value), op)) = doc.get(object, LIVE)? else { return Ok(None) };
    Ok(matches!(owned_value(&value), Some(Value::Int(0))).then(|| origin(doc, &op)))
}

/// Who wrote an operation, and when by that device's clock.
fn origin(doc: &Automerge, op: &ObjId) -> (DeviceId, Moment) {
    let millis = doc
        .hash_for_opid(op)
        .and_then(|hash| doc.get_change_meta_by_hash(&hash).map(|meta| meta.timestamp))
        .unwrap_or(0);
    let at = DateTime::<Utc>::from_timestamp_millis(millis).unwrap_or(DateTime::UNIX_EPOCH);
    (author(op).unwrap_or_else(|| RowId::default().into()), at.fixed_offset())
}

/// The device that an operation's actor belongs to: its first sixteen bytes.
fn author(op: &ObjId) -> Option<DeviceId> {
    match op {
        ObjId::Root => None,
        ObjId::Id(_, actor, _) => device_of(actor),
    }
}

fn device_of(actor: &ActorId) -> Option<DeviceId> {
    match actor.to_bytes().len() {
        20 => actor.to_bytes().first_chunk::<16>().map(|bytes| RowId::from_bytes(*bytes).into()),
        _ => None,
    }
}

fn scalar_value(scalar: &ScalarValueRef<'_>) -> Option<Value> {
    match scalar {
        ScalarValueRef::Str(text) => Some(Value::Text(text.to_string())),
        ScalarValueRef::Int(number) => Some(Value::Int(*number)),
        ScalarValueRef::Boolean(yes) => Some(Value::Bool(*yes)),
        _ => None,
    }
}

fn owned_value(scalar: &automerge::ScalarValue) -> Option<Value> {
    match scalar {
        automerge::ScalarValue::Str(text) => Some(Value::Text(text.to_string())),
        automerge::ScalarValue::Int(number) => Some(Value::Int(*number)),
        automerge::ScalarValue::Boolean(yes) => Some(Value::Bool(*yes)),
        _ => None,
    }
}
