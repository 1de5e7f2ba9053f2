//! Commands of the season: visits that repeat, and who comes to them; and what a day of it asks of one steward.

use super::Book;
use crate::context::{Context, Date};
use crate::document::Write;
use crate::error::BookError;
use crate::ids::{Id, RowId};
use crate::register::{SeriesDayState, TodayView};
use crate::tables::{
    AttendanceDraft, AttendanceState, Draft, FieldReason, Patch, Person, Shift, ShiftDraft, ShiftState, Table, Visit,
    VisitDraft,
};

/// What repeating a visit brought.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Repeated {
    /// The visits that were made, by day.
    pub made: Vec<Id<Visit>>,
    /// Visits to come that belong to the series and that its rule no longer gives: somebody has to decide.
    pub left_over: Vec<Id<Visit>>,
}

impl Book {
    /// Lets a visit repeat every so many weeks until a day, and makes the visits of those days; on a visit that repeats
    /// already, or one of its later days, the rule becomes this one. Days on which the calendar says that nobody is at
    /// work are left out, and so are days whose visit somebody removed.
    ///
    /// Doing it again makes nothing twice. Two phones that do it before they have heard of each other make rows that
    /// read as one. A series ends after three years.
    pub fn repeat(
        &mut self,
        ctx: &mut Context<'_>,
        visit: Id<Visit>,
        every_weeks: i64,
        until: Date,
    ) -> Result<Repeated, BookError> {
        let first = self.first_of_series(visit)?;
        let rule = VisitDraft { every_weeks: Some(every_weeks), repeat_until: Some(until), ..VisitDraft::default() };
        let unchanged = (first.every_weeks, first.repeat_until) == (Some(every_weeks), Some(until));
        let rule = Patch { id: first.id.row(), set: rule.into(), clear: Vec::new() };
        rule.check()?;
        let rule = (!unchanged).then(|| Write::of_draft(rule.id, &rule.set));
        self.write_series(ctx, &first, every_weeks, until, rule)
    }

    /// Makes the visits of a series that are still missing: after its first visit was repeated on another phone, or a
    /// holiday was taken out of the calendar.
    pub fn plan_series(&mut self, ctx: &mut Context<'_>, visit: Id<Visit>) -> Result<Repeated, BookError> {
        let first = self.first_of_series(visit)?;
        let (Some(every_weeks), Some(until)) = (first.every_weeks, first.repeat_until) else {
            return Err(FieldReason::Required.of("every_weeks").into());
        };
        self.write_series(ctx, &first, every_weeks, until, None)
    }

    fn first_of_series(&self, visit: Id<Visit>) -> Result<Visit, BookError> {
        let visit = self.register().get(visit).ok_or(BookError::UnknownRow)?;
        let first = match visit.series {
            Some(first) => self.register().get(first).ok_or(BookError::UnknownRow)?,
            None => visit,
        };
        Ok(first.clone())
    }

    /// All visits of a series lie where its first does, so this is one change however many they are.
    fn write_series(
        &mut self,
        ctx: &mut Context<'_>,
        first: &Visit,
        every_weeks: i64,
        until: Date,
        rule: Option<Write>,
    ) -> Result<Repeated, BookError> {
        let days = self.register().series_days(first, every_weeks, until);
        let missing = days.iter().filter(|day| day.state == SeriesDayState::ToMake);
        let drafts: Vec<_> = missing.map(|day| Draft::from(self.register().occurrence(first, day.on))).collect();
        let mut made = Vec::with_capacity(drafts.len());
        let mut writes: Vec<_> = rule.into_iter().collect();
        for draft in &drafts {
            let id = first.id.row().child_of(ctx);
            writes.push(Write::of_draft(id, draft));
            made.push(id.into());
        }
        if !writes.is_empty() {
            self.replica.write(ctx, &writes)?;
        }
        let series = self.register().series(first.id, ctx.now.date_naive());
        Ok(Repeated { made, left_over: series.map(|series| series.left_over).unwrap_or_default() })
    }

    /// Says whether somebody staffs a visit; the user of this device if nobody is named. Whoever was not asked is now
    /// among the staff with this answer.
    pub fn answer_shift(
        &mut self,
        ctx: &mut Context<'_>,
        visit: Id<Visit>,
        person: Option<Id<Person>>,
        state: ShiftState,
        note: Option<&str>,
    ) -> Result<Id<Shift>, BookError> {
        self.must_exist(Table::Visits, visit.into())?;
        let person = person.or(self.replica.local.person()).ok_or(BookError::UnknownRow)?;
        self.must_exist(Table::People, person.into())?;
        let (id, writes) = self.shift_writes(ctx, visit, person, state, note)?;
        self.replica.write(ctx, &writes)?;
        Ok(id.into())
    }

    /// What a person has before them today; the user of this device if nobody is named.
    pub fn today(&self, person: Option<Id<Person>>, today: Date) -> TodayView {
        self.register().today(person.or(self.replica.local.person()), today)
    }

    /// "I can't come": the user of this device no longer staffs the visit. It shows as a gap where nobody else comes.
    pub fn cannot_come(
        &mut self,
        ctx: &mut Context<'_>,
        visit: Id<Visit>,
        note: Option<&str>,
    ) -> Result<Id<Shift>, BookError> {
        self.answer_shift(ctx, visit, None, ShiftState::No, note)
    }

    /// Gives one person's turn at a visit to another, in one step. Who takes it for themselves comes; anybody else is asked.
    /// Two who change turns do this once for each visit.
    pub fn swap_shift(
        &mut self,
        ctx: &mut Context<'_>,
        visit: Id<Visit>,
        from: Id<Person>,
        to: Id<Person>,
    ) -> Result<(), BookError> {
        self.must_exist(Table::Visits, visit.into())?;
        self.must_exist(Table::People, from.into())?;
        self.must_exist(Table::People, to.into())?;
        if from == to {
            return Ok(());
        }
        let comes = self.replica.local.person() == Some(to) || self.register().comes(visit, to);
        let state = if comes { ShiftState::Yes } else { ShiftState::Asked };
        let (_, given) = self.shift_writes(ctx, visit, from, ShiftState::No, None)?;
        let (_, taken) = self.shift_writes(ctx, visit, to, state, None)?;
        self.replica.write(ctx, &[given, taken].concat())
    }

    /// The writes of a draft that says anew what rows of this person at this visit say already, and the row that counts. They go
    /// into those rows: an answer counts over a question in a row of its own, which may have been asked without knowing of
    /// it, and here it is known.
    pub(super) fn answered_before(
        &self,
        ctx: &mut Context<'_>,
        draft: &Draft,
    ) -> Result<Option<(RowId, Vec<Write>)>, BookError> {
        let register = self.register();
        match draft {
            Draft::Shifts(ShiftDraft { visit: Some(visit), person: Some(person), state: Some(state), note })
                if !register.shifts_at(*visit, *person).is_empty() =>
            {
                self.shift_writes(ctx, *visit, *person, *state, note.as_deref()).map(Some)
            }
            Draft::Attendance(AttendanceDraft { visit: Some(visit), contact: Some(contact), state: Some(state) })
                if *state == AttendanceState::Invited =>
            {
                let rows = register.attendances_at(*visit, *contact);
                let declined = rows.last().is_some_and(|row| row.state == Some(AttendanceState::Declined));
                let again = AttendanceDraft { state: Some(*state), ..AttendanceDraft::default() }.into();
                let writes = rows.iter().map(|row| Write::of_draft(row.id.into(), &again)).collect();
                Ok(rows.last().filter(|_| declined).map(|row| (row.id.into(), writes)))
            }
            _ => Ok(None),
        }
    }

    /// The writes that leave this person at this visit with this answer, and the row that counts. All rows of the person say it:
    /// an older answer in one of them would count over a new question in another.
    pub(super) fn shift_writes(
        &self,
        ctx: &mut Context<'_>,
        visit: Id<Visit>,
        person: Id<Person>,
        state: ShiftState,
        note: Option<&str>,
    ) -> Result<(RowId, Vec<Write>), BookError> {
        let rows = self.register().shifts_at(visit, person);
        let known = rows.last().copied();
        let draft = Draft::from(ShiftDraft {
            visit: known.is_none().then_some(visit),
            person: known.is_none().then_some(person),
            state: Some(state),
            note: note.map(str::to_owned),
        });
        if known.is_none() {
            draft.check()?;
        }
        let id = known.map_or_else(|| visit.row().child_of(ctx), RowId::from);
        let others = rows.into_iter().filter(|row| Some(*row) != known);
        let others = others.map(|row| {
            let state = ShiftDraft { state: Some(state), ..ShiftDraft::default() };
            Write::of_draft(row.into(), &state.into())
        });
        let writes = others.chain([Write::of_draft(id, &draft)]).collect();
        Ok((id, writes))
    }
}
