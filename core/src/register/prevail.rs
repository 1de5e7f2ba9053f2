//! Answers that hold whatever else was written at the same time.
//!
//! For most fields the document's choice among concurrent answers is as good as any, and people settle the rest. For a
//! few it is not: who asked to be left alone must not be called because somebody else saved a form in the same hour.
//! Here such an answer is put first, in the row and in the clash, which stays on the list of conflicts with all its
//! answers.

use super::rows::Stored;
use crate::context::Moment;
use crate::ids::DeviceId;
use crate::tables::{Answer, AttendanceState, Clash, RowState, Scalar, Table, Value, VisitState};

/// Lets the stronger answers hold in a row that was just read.
pub(super) fn settle<T: Stored>(row: &mut T, clashes: &mut [Clash]) {
    for clash in clashes {
        let Some(strongest) = strongest(T::TABLE, clash) else { continue };
        if let Some(upto) = clash.answers.get_mut(..=strongest) {
            upto.rotate_right(1);
        }
        row.put(&clash.field, clash.answers.first().and_then(|answer| answer.value.clone()));
    }
}

/// A row with the stronger answers in place, and nothing waiting: as every phone shows it.
pub(crate) fn settled(mut state: RowState) -> RowState {
    for clash in std::mem::take(&mut state.clashes) {
        let Some(answer) = strongest(state.table, &clash).and_then(|at| clash.answers.into_iter().nth(at)) else {
            continue;
        };
        state.fields.retain(|(name, _)| *name != clash.field);
        state.fields.extend(answer.value.map(|value| (clash.field.clone(), value)));
    }
    state
}

/// Which of the answers is stronger than the others, if the field has such answers: no contact over contact, withdrawn
/// over given, done over anything, having been there over having been invited. Of several moments the first holds.
fn strongest(table: Table, clash: &Clash) -> Option<usize> {
    let said = |value: Value| clash.answers.iter().position(|answer| answer.value.as_ref() == Some(&value));
    match (table, clash.field.as_str()) {
        (Table::Contacts, "do_not_contact") => said(Value::Bool(true)),
        (Table::Consents, "withdrawn_at") | (Table::FollowUps, "done_at") => first_moment(clash),
        (Table::Visits, "state") => said(VisitState::Done.to_value()),
        (Table::Attendance, "state") => said(AttendanceState::Attended.to_value()),
        _ => None,
    }
}

/// Does this answer hold over that one whatever was written when? Asked where two epochs meet and no clash of the document
/// can tell.
pub(crate) fn is_stronger(table: Table, field: &str, one: &Option<Value>, other: &Option<Value>) -> bool {
    let answer =
        |value: &Option<Value>| Answer { value: value.clone(), device: DeviceId::default(), at: Moment::default() };
    let clash = Clash { field: field.to_owned(), answers: vec![answer(other), answer(one)] };
    strongest(table, &clash) == Some(1)
}

fn first_moment(clash: &Clash) -> Option<usize> {
    let moments = clash.answers.iter().enumerate();
    let moments = moments.filter_map(|(at, answer)| Some((Moment::from_value(answer.value.clone()?)?, at)));
    moments.min().map(|(_, at)| at)
}
