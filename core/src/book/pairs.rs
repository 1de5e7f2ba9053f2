//! What a row says only as a whole: nothing ends before it begins, and a contact tells of somebody. It is asked of what a user
//! writes here; rows that come from others or from a list stay as they are.

use crate::context::{Date, Moment};
use crate::tables::{ContactDraft, Draft, FieldError, FieldReason, Patch, Row, Scalar, Table, Value};

/// The fields with which the rows of a table begin and end.
const PAIRS: [(Table, &str, &str); 4] = [
    (Table::Visits, "starts_at", "ends_at"),
    (Table::Campaigns, "starts_on", "ends_on"),
    (Table::Goals, "starts_on", "ends_on"),
    (Table::Calendar, "on", "until"),
];

/// Whether a new row of this makes sense as a whole.
pub(super) fn check_new(draft: &Draft) -> Result<(), FieldError> {
    if let Draft::Contacts(contact) = draft {
        must_tell_of_somebody(contact)?;
    }
    let writes = draft.writes();
    let value = |field: &str| writes.iter().find(|(name, _)| *name == field).map(|(_, value)| value.clone());
    must_end_after(draft.table(), value, value)
}

/// Whether a row still makes sense as a whole when it is changed like this. What the change leaves alone is not asked about.
pub(super) fn check_change(row: &Row, patch: &Patch) -> Result<(), FieldError> {
    let writes = patch.set.writes();
    let set = |field: &str| writes.iter().find(|(name, _)| *name == field).map(|(_, value)| value.clone());
    let is_emptied = |field: &str| patch.clear.iter().any(|name| name == field);
    let stays = |field: &str| row.get(field).filter(|_| !is_emptied(field));
    must_end_after(row.table(), set, |field| set(field).or_else(|| stays(field)))
}

/// The change with the end of a visit whose start alone is moved: it lasts as long as before.
pub(super) fn with_its_end(row: &Row, patch: &Patch) -> Patch {
    let mut patch = patch.clone();
    if let (Row::Visits(visit), Draft::Visits(set)) = (row, &mut patch.set)
        && set.ends_at.is_none()
        && !patch.clear.iter().any(|name| name == "ends_at")
        && let (Some(from), Some(until), Some(to)) = (visit.starts_at, visit.ends_at, set.starts_at)
        && until >= from
    {
        set.ends_at = to.checked_add_signed(until - from);
    }
    patch
}

/// Refuses an end before its beginning, where either is `written`.
fn must_end_after(
    table: Table,
    written: impl Fn(&str) -> Option<Value>,
    value: impl Fn(&str) -> Option<Value>,
) -> Result<(), FieldError> {
    let of_table = PAIRS.into_iter().filter(|(of, ..)| *of == table);
    for (_, begins, ends) in of_table {
        let is_written = written(begins).is_some() || written(ends).is_some();
        if is_written && value(ends).zip(value(begins)).is_some_and(|(end, begin)| is_before(&end, &begin)) {
            return Err(FieldReason::EndsBeforeItBegins.of(ends));
        }
    }
    Ok(())
}

fn is_before(one: &Value, other: &Value) -> bool {
    fn both<T: Scalar>(one: &Value, other: &Value) -> Option<(T, T)> {
        T::from_value(one.clone()).zip(T::from_value(other.clone()))
    }
    let moments = both::<Moment>(one, other).map(|(one, other)| one < other);
    moments.or_else(|| both::<Date>(one, other).map(|(one, other)| one < other)).unwrap_or(false)
}

/// A name, a number, an address, or words that tell who it is.
fn must_tell_of_somebody(contact: &ContactDraft) -> Result<(), FieldError> {
    let ContactDraft { given_name, family_name, phone, email, department, job, note, .. } = contact;
    let told = [given_name, family_name, phone, email, department, job, note];
    if told.into_iter().flatten().any(|text| !text.trim().is_empty()) {
        return Ok(());
    }
    Err(FieldReason::Required.of("given_name"))
}
